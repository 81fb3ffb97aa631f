import Columnar
import SparkErrors

/// Rounding at a decimal place.
enum Rounding: Sendable {
    case halfUp, halfEven, ceiling, floor

    /// At a scale, which may be negative: the digits of the rounded value, of scale `max(scale, 0)`.
    func apply(_ digits: Int128, from: Int, to scale: Int) -> Int128 {
        guard scale < from else { return digits }
        let drop = from - scale
        // Beyond 38 digits nothing is left, or one unit of the place.
        guard drop <= 38 else { return (self == .ceiling && digits > 0) || (self == .floor && digits < 0) ? 0 : 0 }
        let unit = Decimals.powers[drop]
        let (quotient, remainder) = digits.quotientAndRemainder(dividingBy: unit)
        let rounded: Int128
        switch self {
        case .halfUp: rounded = remainder.magnitude >= unit.magnitude - remainder.magnitude ? quotient + (digits < 0 ? -1 : 1) : quotient
        case .halfEven:
            let rest = unit.magnitude - remainder.magnitude
            let away = remainder.magnitude > rest || (remainder.magnitude == rest && quotient % 2 != 0)
            rounded = away ? quotient + (digits < 0 ? -1 : 1) : quotient
        case .ceiling: rounded = remainder > 0 ? quotient + 1 : quotient
        case .floor: rounded = remainder < 0 ? quotient - 1 : quotient
        }
        guard scale < 0 else { return rounded }
        return rounded.multipliedReportingOverflow(by: Decimals.powers[min(-scale, 38)]).partialValue
    }

    /// By the shortest digits, as Java's BigDecimal of a double is read.
    func apply(_ value: Double, to scale: Int) -> Double {
        guard value.isFinite, value != 0 else { return value }
        let (digits, exponent) = NumberText.decompose(value.description)
        // 0.digits × 10^exponent has digits.count - exponent places behind the point.
        let places = digits.count - exponent
        if places <= scale { return value }
        let keep = exponent + scale
        if keep < 0 { return value.sign == .minus ? -0.0 : 0 }
        guard var whole = Int128(String(decoding: digits.prefix(keep), as: UTF8.self)) ?? (keep == 0 ? 0 : nil) else { return value }
        let rest = digits[keep...]
        let half = rest.first.map { $0 > 53 || ($0 == 53 && rest.dropFirst().contains { $0 != 48 }) } ?? false
        let tie = rest.first == 53 && !rest.dropFirst().contains { $0 != 48 }
        if half || (tie && (self == .halfUp || whole % 2 != 0)) { whole += 1 }
        return Double("\(value.sign == .minus ? "-" : "")\(whole)e\(-scale)") ?? value
    }
}

extension DecimalType {
    /// The type of a decimal rounded at a scale.
    func rounded(at place: Int) -> DecimalType {
        let integerDigits = precision - scale + 1
        if place < 0 { return DecimalType(min(Swift.max(integerDigits, -place + 1), 38), 0) }
        let newScale = Swift.min(scale, place)
        return DecimalType(Swift.min(integerDigits + newScale, 38), newScale)
    }
}

extension ScalarFunction {
    /// The constant number of places; nil if it is NULL.
    private static func place(_ call: Call, _ context: EvaluationContext) throws(SQLError) -> Int? {
        guard call.count == 2 else { return 0 }
        guard Coercion.implicitCast(call.arguments[1].type, to: .exact(.int)) != nil else { throw call.unexpectedType(1, "\"INT\"") }
        guard case .integer(let place) = try call.constant(1, "scale", .int, context) else { return nil }
        return Int(place)
    }

    private static func decimals(
        _ call: Call, _ type: DecimalType, _ place: Int?, _ rounding: Rounding, ansi: Bool
    ) -> BoundScalar {
        let result = type.rounded(at: place ?? 0)
        let types: [DataType] = [.decimal(type)] + (call.count == 2 ? [.int] : [])
        return BoundScalar(types, returns: .decimal(result), nullable: true) { (arguments, rowCount, _) throws(SQLError) in
            guard let place else { return .nulls(.decimal(result), count: rowCount) }
            return try Rows.map(arguments[0], to: .decimal(result)) { (digits: Int128) throws(SQLError) -> Int128? in
                let rounded = rounding.apply(digits, from: type.scale, to: Swift.min(place, type.scale))
                if Decimals.fits(rounded, precision: result.precision) { return rounded }
                if ansi { throw .decimalOutOfRange(NumberText.text(unscaled: rounded, scale: result.scale), result) }
                return nil
            }
        }
    }

    private static func round(_ name: String, _ rounding: Rounding, usage: String, examples: [Example]) -> ScalarFunction {
        ScalarFunction(
            name, group: .math, since: "1.5.0", usage: usage, examples: examples,
            syntax: .custom { name, arguments in "\(name)(\((arguments.count == 1 ? arguments + ["0"] : arguments).joined(separator: ", ")))" }
        ) { (call, context) throws(SQLError) in
            try call.checkCount(1...2)
            let given = call.arguments[0].type
            let type: DataType = given.isNumeric ? given : .double
            guard Coercion.implicitCast(given, to: .numeric) != nil else { throw call.unexpectedType(0, "\"NUMERIC\"") }
            let place = try place(call, context)
            if case .decimal(let decimal) = type { return decimals(call, decimal, place, rounding, ansi: context.ansi) }
            let ansi = context.ansi
            let types = [type] + (call.count == 2 ? [DataType.int] : [])
            return BoundScalar(types, returns: type, nullable: call.anyNullable || place == nil) { (arguments, rowCount, _) throws(SQLError) in
                guard let place else { return .nulls(type, count: rowCount) }
                func integers<T: PlainCell & FixedWidthInteger>(_: T.Type) throws(SQLError) -> Column {
                    if place >= 0 { return arguments[0] }
                    return try Rows.map(arguments[0], to: type) { (value: T) throws(SQLError) -> T? in
                        let rounded = rounding.apply(Int128(value), from: 0, to: Swift.max(place, -38))
                        if let exact = T(exactly: rounded) { return exact }
                        if ansi { throw .arithmeticOverflow("Overflow") }
                        return T(truncatingIfNeeded: rounded)
                    }
                }
                switch type {
                case .byte: return try integers(Int8.self)
                case .short: return try integers(Int16.self)
                case .int: return try integers(Int32.self)
                case .long: return try integers(Int64.self)
                case .float:
                    return try Rows.map(arguments[0], to: type) { (value: Float) throws(SQLError) -> Float? in
                        guard value.isFinite else { return value }
                        return Float(rounding.apply(Double(value.description) ?? Double(value), to: place))
                    }
                default:
                    return try Rows.map(arguments[0], to: type) { (value: Double) throws(SQLError) -> Double? in rounding.apply(value, to: place) }
                }
            }
        }
    }

    static let round = round(
        "round", .halfUp, usage: "round(expr[, d]) - expr rounded at d places, halves away from zero.",
        examples: [
            Example("round(2.5)", "3"), Example("round(-2.5)", "-3"), Example("round(2.5D)", "3.0"), Example("round(25, -1)", "30"),
            Example("round(1234.567, 2)", "1234.57"), Example("round(1.005D, 2)", "1.01"), Example("round(1234.567, -2)", "1200"),
        ])
    static let bround = round(
        "bround", .halfEven, usage: "bround(expr[, d]) - expr rounded at d places, halves to the even neighbour.",
        examples: [Example("bround(2.5)", "2"), Example("bround(3.5)", "4"), Example("bround(25, -1)", "20"), Example("bround(-1.25D, 1)", "-1.2")])

    private static func whole(_ name: String, aliases: [String], _ rounding: Rounding, usage: String, examples: [Example]) -> ScalarFunction {
        ScalarFunction(
            name, aliases: aliases, group: .math, since: "1.4.0", usage: usage, examples: examples,
            syntax: .custom { name, arguments in
                arguments.count == 1
                    ? "\(name == "ceiling" ? name : name.uppercased())(\(arguments[0]))"
                    : "\(name)(\(arguments.joined(separator: ", ")))"
            }
        ) { (call, context) throws(SQLError) in
            try call.checkCount(1...2)
            let given = call.arguments[0].type
            let text = "(\"DOUBLE\" or \"DECIMAL\" or \"BIGINT\")"
            if call.count == 2 {
                guard Coercion.implicitCast(given, to: .decimal) != nil else { throw call.unexpectedType(0, "\"DECIMAL\"") }
                let type = DecimalType.holding(given) ?? .systemDefault
                return decimals(call, type, try place(call, context), rounding, ansi: context.ansi)
            }
            if case .decimal(let type) = given {
                let result = DecimalType.bounded(type.precision - type.scale + 1, 0)
                return BoundScalar([given], returns: .decimal(result), nullable: true) { (arguments, _, _) throws(SQLError) in
                    try Rows.map(arguments[0], to: .decimal(result)) { (digits: Int128) throws(SQLError) -> Int128? in
                        rounding.apply(digits, from: type.scale, to: 0)
                    }
                }
            }
            if given.isInteger {
                return BoundScalar([.long], returns: .long, nullable: call.anyNullable) { (arguments, _, _) throws(SQLError) in arguments[0] }
            }
            guard given.isNumeric || given.isString || given == .void else { throw call.unexpectedType(0, text) }
            return BoundScalar([.double], returns: .long, nullable: call.anyNullable) { (arguments, _, _) throws(SQLError) in
                try Rows.map(arguments[0], to: .long) { (value: Double) throws(SQLError) -> Int64? in
                    if value.isNaN { return 0 }
                    let whole = value.rounded(rounding == .ceiling ? .up : .down)
                    return Int64(exactly: whole) ?? (whole < 0 ? .min : .max)
                }
            }
        }
    }

    static let ceil = whole(
        "ceil", aliases: ["ceiling"], .ceiling,
        usage: "ceil(expr[, scale]) - The least whole number, or decimal of that scale, that is not less than expr.",
        examples: [
            Example("ceil(-0.1)", "0"), Example("ceil(5)", "5"), Example("ceil(3.1411, 3)", "3.142"), Example("ceiling(1.5D)", "2"),
            Example("ceil(3.1411, -1)", "10"),
        ])
    static let floor = whole(
        "floor", aliases: [], .floor,
        usage: "floor(expr[, scale]) - The greatest whole number, or decimal of that scale, that is not greater than expr.",
        examples: [Example("floor(-0.1)", "-1"), Example("floor(5)", "5"), Example("floor(3.1411, 3)", "3.141"), Example("floor(-2.5D)", "-3")])
}

let roundingFunctions: [ScalarFunction] = [.round, .bround, .ceil, .floor]
