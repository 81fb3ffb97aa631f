import Columnar
import SparkErrors
import SparkFunctions
import SparkSyntax

extension ExpressionResolver {
    func constant(_ literal: SparkSyntax.Literal, _ span: SourceSpan?) throws(SQLError) -> Constant {
        switch literal {
        case .null: return Constant(.null, .void, isLiteral: true)
        case .boolean(let bit): return Constant(.boolean(bit), .boolean, isLiteral: true)
        case .tinyint(let number): return Constant(.integer(Int64(number)), .byte, isLiteral: true)
        case .smallint(let number): return Constant(.integer(Int64(number)), .short, isLiteral: true)
        case .int(let number): return Constant(.integer(Int64(number)), .int, isLiteral: true)
        case .bigint(let number): return Constant(.integer(number), .long, isLiteral: true)
        case .decimal(let decimal):
            guard let digits = Int128(decimal.digits) else { throw .unsupported("the number \(decimal.digits)", at: span) }
            let unscaled = decimal.isNegative ? -digits : digits
            let type = DecimalType(max(1, min(38, decimal.precision)), decimal.scale)
            return Constant(.decimal(unscaled), .decimal(type), text: Self.decimalText(unscaled, scale: decimal.scale), isLiteral: true)
        case .float(let number): return Constant(.float(number), .float, text: NumberText.text(number), isLiteral: true)
        case .double(let number): return Constant(.double(number), .double, text: NumberText.text(number), isLiteral: true)
        case .string(let text): return Constant(.string(text), .text, isLiteral: true)
        case .binary(let bytes):
            return Constant(.binary(bytes), .binary, text: "X'\(Self.hex(bytes))'", isLiteral: true)
        case .typed(let kind, let text): return try typedConstant(kind, text, span)
        case .interval(.yearMonth(let months, let from, let to)):
            guard let range = YearMonthRange(from, to) else { throw .unsupported("this INTERVAL literal", at: span) }
            return literalConstant(.integer(Int64(months)), .yearMonthInterval(range))
        case .interval(.dayTime(let micros, let from, let to)):
            guard let range = DayTimeRange(from, to) else { throw .unsupported("this INTERVAL literal", at: span) }
            return literalConstant(.integer(micros), .dayTimeInterval(range))
        }
    }

    /// As Java's `BigDecimal` prints it: with an exponent for numbers below 10^-6.
    private static func decimalText(_ unscaled: Int128, scale: Int) -> String {
        let digits = String(unscaled.magnitude)
        let exponent = digits.utf8.count - 1 - scale
        guard exponent < -6 else { return NumberText.text(unscaled: unscaled, scale: scale) }
        let fraction = digits.dropFirst()
        return (unscaled < 0 ? "-" : "") + digits.prefix(1) + (fraction.isEmpty ? "" : ".\(fraction)") + "E\(exponent)"
    }

    private static func hex(_ bytes: [UInt8]) -> String {
        let digits = Array("0123456789ABCDEF")
        var text = ""
        for byte in bytes {
            text.append(digits[Int(byte >> 4)])
            text.append(digits[Int(byte & 15)])
        }
        return text
    }

    /// Printed as its type's literals are written.
    func literalConstant(_ value: Value, _ type: DataType) -> Constant {
        let text = Cast.text(of: value, type, context)
        let shown =
            switch type {
            case .date: "DATE '\(text)'"
            case .timestamp: "TIMESTAMP '\(text)'"
            case .timestampNTZ: "TIMESTAMP_NTZ '\(text)'"
            default: text
            }
        return Constant(value, type, text: shown, isLiteral: true)
    }

    private func typedConstant(_ kind: TypedLiteralKind, _ text: String, _ span: SourceSpan?) throws(SQLError) -> Constant {
        func parsed(_ value: Int64?, _ type: DataType) throws(SQLError) -> Constant {
            guard let value else {
                throw SQLError(
                    .invalidTypedLiteral, ["valueType": "\"\(kind.rawValue)\"", "value": SQLQuote.string(text)], at: span, phase: .execution)
            }
            return literalConstant(.integer(value), type)
        }
        switch kind {
        case .date:
            if let day = specialDay(text) { return literalConstant(.integer(day), .date) }
            return try parsed(DateTimeText.parseDate(text.utf8).map(Int64.init), .date)
        case .timestamp, .timestampLTZ:
            if text.lowercased() == "now" { return literalConstant(.integer(context.nowMicros), .timestamp) }
            if text.lowercased() == "epoch" { return literalConstant(.integer(0), .timestamp) }
            if let day = specialDay(text) {
                return literalConstant(.integer(context.timeZone.utc(fromLocal: day * 86_400_000_000)), .timestamp)
            }
            return try parsed(DateTimeText.parseTimestamp(text.utf8, in: context.timeZone, now: context.nowMicros), .timestamp)
        case .timestampNTZ:
            if text.lowercased() == "now" { return literalConstant(.integer(context.timeZone.local(fromUTC: context.nowMicros)), .timestampNTZ) }
            if let day = specialDay(text) { return literalConstant(.integer(day * 86_400_000_000), .timestampNTZ) }
            return try parsed(DateTimeText.parseTimestampNTZ(text.utf8), .timestampNTZ)
        case .time: throw SQLError(.unsupportedTimeType, at: span)
        }
    }

    /// Days since 1970 of `today` and its kin.
    private func specialDay(_ text: String) -> Int64? {
        let local = context.timeZone.local(fromUTC: context.nowMicros)
        let (days, rest) = local.quotientAndRemainder(dividingBy: 86_400_000_000)
        let today = rest < 0 ? days - 1 : days
        switch text.lowercased() {
        case "epoch": return 0
        case "now", "today": return today
        case "yesterday": return today - 1
        case "tomorrow": return today + 1
        default: return nil
        }
    }

    func parameter(_ name: String, _ span: SourceSpan?) throws(SQLError) -> ResolvedExpression {
        guard let value = analyzer.parameters.named[name] else {
            throw SQLError(.unboundSqlParameter, ["name": name], at: span)
        }
        return .constant(literal(parameterConstant(value)))
    }

    func parameter(_ index: Int, _ span: SourceSpan?) throws(SQLError) -> ResolvedExpression {
        guard analyzer.parameters.positional.indices.contains(index) else {
            throw SQLError(.unboundSqlParameter, ["name": "_\(index)"], at: span)
        }
        return .constant(literal(parameterConstant(analyzer.parameters.positional[index])))
    }

    private func parameterConstant(_ value: TypedValue) -> Constant {
        if case .void = value.type { return Constant(.null, .void, isLiteral: true) }
        if value.value.isNull { return Constant(.null, value.type, isLiteral: true) }
        return literalConstant(value.value, value.type)
    }
}

extension YearMonthRange {
    init?(_ from: IntervalUnit, _ to: IntervalUnit) {
        guard let start = Self.unit(from), let end = Self.unit(to) else { return nil }
        self.init(start, end)
    }

    private static func unit(_ unit: IntervalUnit) -> Unit? {
        switch unit {
        case .year: .year
        case .month: .month
        case .day, .hour, .minute, .second: nil
        }
    }
}

extension DayTimeRange {
    init?(_ from: IntervalUnit, _ to: IntervalUnit) {
        guard let start = Self.unit(from), let end = Self.unit(to) else { return nil }
        self.init(start, end)
    }

    private static func unit(_ unit: IntervalUnit) -> Unit? {
        switch unit {
        case .day: .day
        case .hour: .hour
        case .minute: .minute
        case .second: .second
        case .year, .month: nil
        }
    }
}
