import Columnar
import SparkErrors

/// The conversions of Java's `Formatter` that values of SQL can take.
struct JavaFormat {
    private enum Piece {
        case text(String)
        case specifier(Specifier)
    }

    private struct Specifier {
        var source = ""
        var index: Int?
        var flags: Set<Character> = []
        var width: Int?
        var precision: Int?
        var conversion: Character = "s"
    }

    private var pieces: [Piece] = []

    init(_ format: String) throws(SQLError) {
        var literal = ""
        var rest = Array(format)[...]
        while let character = rest.popFirst() {
            guard character == "%" else {
                literal.append(character)
                continue
            }
            var specifier = Specifier()
            var digits = ""
            var source = "%"
            func number() -> String {
                var text = ""
                while let next = rest.first, next.isASCII, next.isNumber {
                    text.append(next)
                    rest.removeFirst()
                }
                source += text
                return text
            }
            if let first = rest.first, ("1"..."9").contains(first) {
                digits = number()
                if rest.first == "$" {
                    rest.removeFirst()
                    source += "$"
                    specifier.index = Int(digits)
                    digits = ""
                }
            }
            if digits.isEmpty {
                while let flag = rest.first, "-#+ 0,(<".contains(flag) {
                    guard specifier.flags.insert(flag).inserted else { throw Self.fault("Flags = '\(flag)'") }
                    source.append(flag)
                    rest.removeFirst()
                }
                digits = number()
                // `%0$s`: Java counts from 1.
                if digits.isEmpty, specifier.flags == ["0"], rest.first == "$" {
                    throw SQLError(
                        .invalidParameterValueZeroIndex, ["parameter": "`strfmt`", "functionName": "`format_string`"], phase: .analysis)
                }
            }
            if !digits.isEmpty { specifier.width = Int(digits) }
            if rest.first == "." {
                rest.removeFirst()
                source += "."
                specifier.precision = Int(number())
                if specifier.precision == nil { throw Self.fault("Illegal format precision") }
            }
            guard let conversion = rest.popFirst() else { throw Self.fault("Conversion = '%'") }
            source.append(conversion)
            guard "bBhHsScCdoxXeEfgGaA%n".contains(conversion) else { throw Self.fault("Conversion = '\(conversion)'") }
            if let width = specifier.width, width > 1 << 20 { throw .tooLong(1 << 20) }
            if let precision = specifier.precision, precision > 1 << 16 { throw .tooLong(1 << 16) }
            try Self.check(specifier, conversion, source)
            specifier.conversion = conversion
            specifier.source = source
            pieces.append(.text(literal))
            literal = ""
            pieces.append(.specifier(specifier))
        }
        pieces.append(.text(literal))
    }

    /// Java's own exceptions, which Spark gives no condition.
    private static func fault(_ message: String) -> SQLError { .invalidArgument("strfmt", of: "format_string", message) }

    /// What Java refuses of a specifier before it sees a value.
    private static func check(_ specifier: Specifier, _ conversion: Character, _ source: String) throws(SQLError) {
        let flags = specifier.flags
        if specifier.width == nil, flags.contains("-") || (flags.contains("0") && conversion != "n") { throw fault(source) }
        if flags.isSuperset(of: ["-", "0"]) || flags.isSuperset(of: ["+", " "]) {
            throw fault("Flags = '\(flags.sorted().map { String($0) }.joined())'")
        }
        let refused: String
        switch conversion.lowercased() {
        case "b", "h", "s": refused = "+ 0,("
        case "c": refused = "#+ 0,("
        case "d": refused = "#"
        case "o", "x": refused = ","
        case "e": refused = ","
        case "g": refused = "#"
        case "a": refused = "(,"
        case "%": refused = "#+ 0,("
        default: refused = ""
        }
        if let flag = refused.first(where: flags.contains) { throw fault("Conversion = \(conversion), Flags = \(flag)") }
        if let precision = specifier.precision, "cdoxXn%".contains(conversion.lowercased()) { throw fault("\(precision)") }
        if conversion == "n", let width = specifier.width { throw fault("\(width)") }
    }

    func text(_ values: [Value], _ types: [DataType], _ context: EvaluationContext) throws(SQLError) -> String {
        var result = ""
        var next = 0
        var last = -1
        for piece in pieces {
            switch piece {
            case .text(let text): result += text
            case .specifier(let specifier):
                if specifier.conversion == "n" {
                    result += "\n"
                    continue
                }
                if specifier.conversion == "%" {
                    result += padded("%", specifier)
                    continue
                }
                var index = next
                if let given = specifier.index {
                    index = given - 1
                } else if specifier.flags.contains("<") {
                    index = last
                } else {
                    next += 1
                }
                guard values.indices.contains(index) else { throw Self.fault("Format specifier '\(specifier.source)'") }
                last = index
                result += try self.text(specifier, values[index], types[index], context)
            }
        }
        return result
    }

    private func padded(_ text: String, _ specifier: Specifier) -> String {
        guard let width = specifier.width, text.count < width else { return text }
        let blanks = String(repeating: " ", count: width - text.count)
        return specifier.flags.contains("-") ? text + blanks : blanks + text
    }

    private func text(_ specifier: Specifier, _ value: Value, _ type: DataType, _ context: EvaluationContext) throws(SQLError) -> String {
        let conversion = specifier.conversion.lowercased()
        var text: String
        switch (conversion, value) {
        case ("b", .boolean(let bit)): text = bit ? "true" : "false"
        case ("b", _): text = value.isNull ? "false" : "true"
        case (_, .null): text = "null"
        case ("s", _):
            // Dates and the like go in as the numbers that they are stored as.
            if case .integer(let number) = value { text = String(number) } else { text = Cast.text(of: value, type, context) }
        case ("h", _):
            let column = Column(type, of: [value])
            let hash: Int32 =
                if case .integer(let number) = value { Int32(truncatingIfNeeded: number ^ (type == .long ? number >> 32 : 0)) } else {
                    Murmur3.hash(column, 0, 42)
                }
            text = String(UInt32(bitPattern: hash), radix: 16)
        case ("c", .integer(let code)):
            guard let scalar = UInt32(exactly: code).flatMap({ Unicode.Scalar($0) }) else {
                throw Self.fault("Code point = 0x\(String(code, radix: 16))")
            }
            text = String(Character(scalar))
        case ("d", .integer(let number)): return integer(String(number.magnitude), negative: number < 0, specifier)
        case ("x", .integer(let number)), ("o", .integer(let number)):
            let radix = conversion == "x" ? 16 : 8
            let bits: UInt64 =
                switch type {
                case .long, .timestamp, .timestampNTZ, .dayTimeInterval: UInt64(bitPattern: number)
                case .byte: UInt64(UInt8(truncatingIfNeeded: number))
                case .short: UInt64(UInt16(truncatingIfNeeded: number))
                default: UInt64(UInt32(truncatingIfNeeded: number))
                }
            text = (specifier.flags.contains("#") ? (radix == 16 ? "0x" : "0") : "") + String(bits, radix: radix)
            if specifier.flags.contains("0"), let width = specifier.width { text = String(repeating: "0", count: max(0, width - text.count)) + text }
        case ("f", .double), ("f", .float), ("f", .decimal), ("e", .double), ("e", .float), ("e", .decimal), ("g", .double), ("g", .float),
            ("g", .decimal):
            return floating(specifier, value, type)
        default: throw Self.fault("\(specifier.conversion) != \(Self.javaClass(type))")
        }
        if let precision = specifier.precision, "sbh".contains(conversion) { text = String(text.prefix(precision)) }
        if specifier.conversion.isUppercase { text = text.uppercased() }
        return padded(text, specifier)
    }

    private static func javaClass(_ type: DataType) -> String {
        switch type {
        case .boolean: "java.lang.Boolean"
        case .byte: "java.lang.Byte"
        case .short: "java.lang.Short"
        case .int, .date, .yearMonthInterval: "java.lang.Integer"
        case .long, .timestamp, .timestampNTZ, .dayTimeInterval: "java.lang.Long"
        case .float: "java.lang.Float"
        case .double: "java.lang.Double"
        case .decimal: "org.apache.spark.sql.types.Decimal"
        default: "org.apache.spark.unsafe.types.UTF8String"
        }
    }

    /// Digits with sign, separators and padding.
    private func integer(_ digits: String, negative: Bool, _ specifier: Specifier, fraction: String = "") -> String {
        let flags = specifier.flags
        var whole = digits
        if flags.contains(",") {
            let reversed = Array(whole.reversed())
            whole = String(reversed.enumerated().flatMap { $0 > 0 && $0 % 3 == 0 ? [",", $1] : [$1] }.reversed())
        }
        var prefix = ""
        var suffix = ""
        if negative {
            if flags.contains("(") { (prefix, suffix) = ("(", ")") } else { prefix = "-" }
        } else if flags.contains("+") {
            prefix = "+"
        } else if flags.contains(" ") {
            prefix = " "
        }
        if flags.contains("0"), let width = specifier.width {
            let count = prefix.count + whole.count + fraction.count + suffix.count
            whole = String(repeating: "0", count: max(0, width - count)) + whole
        }
        return padded(prefix + whole + fraction + suffix, specifier)
    }

    private func floating(_ specifier: Specifier, _ value: Value, _ type: DataType) -> String {
        var digits: ExactDigits
        switch value {
        case .decimal(let unscaled):
            let scale = if case .decimal(let decimal) = type { decimal.scale } else { 0 }
            digits = ExactDigits(unscaled: unscaled, scale: scale)
        case .double(let number):
            guard number.isFinite else { return padded(NumberText.text(number), specifier) }
            digits = Self.shortest(number)
        case .float(let number):
            guard number.isFinite else { return padded(NumberText.text(number), specifier) }
            digits = Self.shortest(Double(number.description) ?? Double(number))
        default: return ""
        }
        let precision = specifier.precision ?? 6
        let conversion = specifier.conversion.lowercased()
        let lead = digits.digits.firstIndex { $0 != 0 }
        let exponent = lead.map { digits.digits.count - digits.scale - 1 - $0 } ?? 0
        if conversion == "f" || (conversion == "g" && exponent >= -4 && exponent < max(precision, 1)) {
            let places = conversion == "f" ? precision : max(0, max(precision, 1) - 1 - exponent)
            Self.roundHalfUp(&digits, places)
            let whole = digits.whole.isEmpty ? "0" : digits.whole.map { String($0) }.joined()
            let fraction = digits.fraction.isEmpty ? "" : "." + digits.fraction.map { String($0) }.joined()
            return integer(whole, negative: digits.negative, specifier, fraction: fraction)
        }
        let places = conversion == "g" ? max(precision, 1) - 1 : precision
        var mantissa = digits
        mantissa.scale = max(0, digits.digits.count - 1 - (lead ?? 0))
        Self.roundHalfUp(&mantissa, places)
        var power = exponent
        if mantissa.whole.count > 1 {
            power += 1
            mantissa.scale += 1
            Self.roundHalfUp(&mantissa, places)
        }
        let whole = mantissa.whole.isEmpty ? "0" : mantissa.whole.map { String($0) }.joined()
        let fraction = mantissa.fraction.isEmpty ? "" : "." + mantissa.fraction.map { String($0) }.joined()
        let tail = "e\(power < 0 ? "-" : "+")\(ZoneOffset.twoDigits(Int(power.magnitude)))"
        let text = integer(whole, negative: digits.negative, specifier, fraction: fraction + tail)
        return specifier.conversion.isUppercase ? text.uppercased() : text
    }

    /// By the digits that `Double.toString` shows, as Java's Formatter rounds.
    private static func shortest(_ value: Double) -> ExactDigits {
        let (digits, exponent) = NumberText.decompose(value.description)
        var number = ExactDigits(unscaled: 0, scale: 0)
        number.negative = value.sign == .minus
        let plain = digits.isEmpty ? [0] : digits.map { $0 - 48 }
        if exponent >= plain.count {
            number.digits = plain + [UInt8](repeating: 0, count: exponent - plain.count)
            number.scale = 0
        } else {
            number.digits = [UInt8](repeating: 0, count: max(0, 1 - exponent)) + plain
            number.scale = plain.count - exponent
        }
        return number
    }

    private static func roundHalfUp(_ number: inout ExactDigits, _ places: Int) {
        // A tie is lifted a little, so that half-even goes up.
        if number.scale > places {
            let cut = number.digits.count - (number.scale - places)
            if number.digits[cut] == 5 { number.digits.append(1); number.scale += 1 }
        }
        number.round(to: places)
    }
}
