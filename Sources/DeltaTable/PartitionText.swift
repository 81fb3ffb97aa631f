package import Columnar

/// Partition columns' values as text. Source: Delta's PROTOCOL.md, "Partition Value Serialization".
package enum PartitionText {
    package static func isSupported(_ type: DataType) -> Bool {
        switch type {
        case .boolean, .byte, .short, .int, .long, .float, .double, .decimal, .string, .char, .varchar, .binary, .date, .timestamp,
            .timestampNTZ:
            true
        default: false
        }
    }

    /// nil for null. The empty string has no text of its own and becomes null, as with every writer of the format.
    package static func text(of value: Value, _ type: DataType) -> String? {
        switch (value, type) {
        case (.null, _): nil
        case (.integer(let day), .date): Civil.dateText(day)
        case (.integer(let micros), .timestamp): Civil.timestampText(micros, separator: "T", fractionDigits: 6) + "Z"
        case (.integer(let micros), .timestampNTZ):
            Civil.timestampText(micros, separator: " ", fractionDigits: micros % 1_000_000 == 0 ? 0 : 6)
        case (.integer(let number), _): String(number)
        case (.decimal(let unscaled), .decimal(let decimal)): DecimalText.text(unscaled, scale: decimal.scale)
        case (.boolean(let bit), _): bit ? "true" : "false"
        case (.float(let number), _): floatingText(Double(number), number.description)
        case (.double(let number), _): floatingText(number, number.description)
        case (.string(let text), _): text.isEmpty ? nil : text
        case (.binary(let bytes), _):
            bytes.isEmpty ? nil : String(String.UnicodeScalarView(bytes.map { Unicode.Scalar($0) }))
        default: nil
        }
    }

    /// nil if the text is no value of the type.
    package static func value(of text: String?, _ type: DataType) -> Value? {
        guard let text, !text.isEmpty else { return .null }
        switch type {
        case .boolean:
            switch text.lowercased() {
            case "true": return .boolean(true)
            case "false": return .boolean(false)
            default: return nil
            }
        case .byte: return Int8(text).map { .integer(Int64($0)) }
        case .short: return Int16(text).map { .integer(Int64($0)) }
        case .int: return Int32(text).map { .integer(Int64($0)) }
        case .long: return Int64(text).map { .integer($0) }
        case .float: return floating(text).map { .float(Float($0)) }
        case .double: return floating(text).map { .double($0) }
        case .decimal(let decimal): return DecimalText.unscaled(text, decimal).map { .decimal($0) }
        case .string, .char, .varchar: return .string(text)
        case .binary:
            // One character a byte.
            let bytes = text.unicodeScalars.compactMap { UInt8(exactly: $0.value) }
            return bytes.count == text.unicodeScalars.count ? .binary(bytes) : nil
        case .date: return Civil.parseDate(text).flatMap { Int32(exactly: $0) }.map { .integer(Int64($0)) }
        case .timestamp, .timestampNTZ: return Civil.parseTimestamp(text).map { .integer($0) }
        default: return nil
        }
    }

    private static func floatingText(_ number: Double, _ description: String) -> String {
        number.isNaN ? "NaN" : number.isInfinite ? (number < 0 ? "-Infinity" : "Infinity") : description
    }

    private static func floating(_ text: String) -> Double? {
        switch text {
        case "NaN": .nan
        case "Infinity": .infinity
        case "-Infinity": -.infinity
        default: Double(text)
        }
    }
}

/// Decimals as plain digits with a point.
enum DecimalText {
    static func text(_ unscaled: Int128, scale: Int) -> String {
        guard scale > 0 else { return String(unscaled) }
        var digits = String(unscaled.magnitude)
        if digits.count <= scale { digits = String(repeating: "0", count: scale + 1 - digits.count) + digits }
        return (unscaled < 0 ? "-" : "") + digits.dropLast(scale) + "." + digits.suffix(scale)
    }

    /// The unscaled value at the type's scale; nil if it does not fit exactly. Accepts an exponent.
    static func unscaled(_ text: String, _ type: DecimalType) -> Int128? {
        var mantissa = text[...]
        var exponent = 0
        if let mark = text.firstIndex(where: { $0 == "e" || $0 == "E" }) {
            guard let parsed = Int(text[text.index(after: mark)...]), (-400...400).contains(parsed) else { return nil }
            exponent = parsed
            mantissa = text[..<mark]
        }
        let negative = mantissa.hasPrefix("-")
        if negative || mantissa.hasPrefix("+") { mantissa = mantissa.dropFirst() }
        let parts = mantissa.split(separator: ".", maxSplits: 1, omittingEmptySubsequences: false)
        var digits = String(parts.first ?? "")
        if parts.count == 2 {
            digits += parts[1]
            exponent -= parts[1].count
        }
        guard !digits.isEmpty, digits.utf8.allSatisfy({ $0 &- UInt8(ascii: "0") < 10 }) else { return nil }
        var shift = exponent + type.scale
        while shift < 0, digits.count > 1, digits.hasSuffix("0") {
            digits.removeLast()
            shift += 1
        }
        let significant = digits.drop { $0 == "0" }
        guard !significant.isEmpty else { return 0 }
        guard shift >= 0, significant.count + shift <= type.precision,
            let value = Int128(significant + String(repeating: "0", count: shift))
        else { return nil }
        return negative ? -value : value
    }
}
