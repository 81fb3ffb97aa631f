/// Numbers from text, as CAST reads them. Blanks and control characters around are passed over.
package enum NumberParser {
    /// Digits with an optional sign; nil if malformed or beyond Int64. A fraction is allowed, and dropped, if `allowFraction`.
    package static func integer(_ text: ArraySlice<UInt8>, allowFraction: Bool = false) -> Int64? {
        var bytes = trimmed(text)
        guard let first = bytes.first else { return nil }
        let negative = first == UInt8(ascii: "-")
        if negative || first == UInt8(ascii: "+") { bytes = bytes.dropFirst() }
        if bytes.isEmpty { return nil }
        var value: Int64 = 0
        var digits = 0
        while let byte = bytes.first, byte >= 48, byte <= 57 {
            let (scaled, overflow) = value.multipliedReportingOverflow(by: 10)
            let (next, over) = scaled.subtractingReportingOverflow(Int64(byte - 48))
            if overflow || over { return nil }
            value = next
            digits += 1
            bytes = bytes.dropFirst()
        }
        if !bytes.isEmpty {
            guard allowFraction, bytes.first == UInt8(ascii: ".") else { return nil }
            guard bytes.dropFirst().allSatisfy({ $0 >= 48 && $0 <= 57 }) else { return nil }
        } else if digits == 0 {
            return nil
        }
        if negative { return value }
        return value == .min ? nil : -value
    }

    /// Java's `Double.parseDouble`, and the names of infinity and NaN without regard to case.
    package static func double(_ text: ArraySlice<UInt8>) -> Double? {
        let bytes = trimmed(text)
        if bytes.isEmpty { return nil }
        if let special = special(bytes) { return special }
        guard let digits = numeral(bytes) else { return nil }
        return Double(digits)
    }

    package static func float(_ text: ArraySlice<UInt8>) -> Float? {
        let bytes = trimmed(text)
        if bytes.isEmpty { return nil }
        if let special = special(bytes) { return Float(special) }
        guard let digits = numeral(bytes) else { return nil }
        return Float(digits)
    }

    private static func special(_ bytes: ArraySlice<UInt8>) -> Double? {
        switch String(decoding: bytes, as: UTF8.self).lowercased() {
        case "inf", "+inf", "infinity", "+infinity": .infinity
        case "-inf", "-infinity": -.infinity
        case "nan", "+nan", "-nan": .nan
        default: nil
        }
    }

    /// A decimal or hexadecimal numeral in a form that Swift reads; Java's type suffix is cut off.
    private static func numeral(_ bytes: ArraySlice<UInt8>) -> String? {
        var body = bytes
        let suffixes: [UInt8] = [UInt8(ascii: "d"), UInt8(ascii: "D"), UInt8(ascii: "f"), UInt8(ascii: "F")]
        let unsigned = body.drop { $0 == UInt8(ascii: "+") || $0 == UInt8(ascii: "-") }
        let isHex = unsigned.starts(with: [48, UInt8(ascii: "x")]) || unsigned.starts(with: [48, UInt8(ascii: "X")])
        if isHex {
            guard body.contains(where: { $0 == UInt8(ascii: "p") || $0 == UInt8(ascii: "P") }) else { return nil }
            if let last = body.last, suffixes.contains(last) { body = body.dropLast() }
            return String(decoding: body, as: UTF8.self)
        }
        if let last = body.last, suffixes.contains(last) { body = body.dropLast() }
        guard let parts = parts(body) else { return nil }
        let fraction = parts.fraction.isEmpty ? "0" : String(decoding: parts.fraction, as: UTF8.self)
        let whole = parts.whole.isEmpty ? "0" : String(decoding: parts.whole, as: UTF8.self)
        return "\(parts.negative ? "-" : "")\(whole).\(fraction)e\(parts.exponent)"
    }

    struct Parts {
        var negative: Bool
        var whole: ArraySlice<UInt8>
        var fraction: ArraySlice<UInt8>
        var exponent: Int
    }

    /// `[+-]digits[.digits][(e|E)[+-]digits]` with a digit on at least one side of the point. Exponents are kept within ±1 000 000.
    static func parts(_ bytes: ArraySlice<UInt8>) -> Parts? {
        var rest = bytes
        var negative = false
        if let first = rest.first, first == UInt8(ascii: "-") || first == UInt8(ascii: "+") {
            negative = first == UInt8(ascii: "-")
            rest = rest.dropFirst()
        }
        func isDigit(_ byte: UInt8) -> Bool { byte >= 48 && byte <= 57 }
        let whole = rest.prefix(while: isDigit)
        rest = rest[whole.endIndex...]
        var fraction: ArraySlice<UInt8> = []
        if rest.first == UInt8(ascii: ".") {
            fraction = rest.dropFirst().prefix(while: isDigit)
            rest = rest[fraction.endIndex...]
        }
        if whole.isEmpty, fraction.isEmpty { return nil }
        var exponent = 0
        if let mark = rest.first {
            guard mark == UInt8(ascii: "e") || mark == UInt8(ascii: "E") else { return nil }
            rest = rest.dropFirst()
            var minus = false
            if let first = rest.first, first == UInt8(ascii: "-") || first == UInt8(ascii: "+") {
                minus = first == UInt8(ascii: "-")
                rest = rest.dropFirst()
            }
            guard !rest.isEmpty, rest.allSatisfy(isDigit) else { return nil }
            for digit in rest { exponent = min(exponent * 10 + Int(digit - 48), 1_000_000) }
            if minus { exponent = -exponent }
        }
        return Parts(negative: negative, whole: whole, fraction: fraction, exponent: exponent)
    }

    /// A decimal numeral rounded half up to `scale`; nil if malformed. `.some(nil)` is a number too large for 38 digits.
    package static func decimal(_ text: ArraySlice<UInt8>, scale: Int) -> Int128?? {
        guard let parts = parts(trimmed(text)) else { return nil }
        return .some(
            decimal(
                digits: Array(parts.whole) + Array(parts.fraction), exponent: parts.exponent - parts.fraction.count, negative: parts.negative,
                scale: scale))
    }

    /// digits × 10^exponent at a scale, rounded half up; nil beyond 38 digits.
    static func decimal(digits: [UInt8], exponent: Int, negative: Bool, scale: Int) -> Int128? {
        let significant = digits.drop { $0 == 48 }
        if significant.isEmpty { return 0 }
        // Digits to keep, counted from the first significant one.
        let keep = significant.count + exponent + scale
        if keep < 0 { return 0 }
        if keep > DecimalType38.maxDigits + 1 { return nil }
        var value: Int128 = 0
        var position = significant.startIndex
        for _ in 0..<keep {
            let digit: Int128 = position < significant.endIndex ? Int128(significant[position] - 48) : 0
            position += 1
            let (scaled, overflow) = value.multipliedReportingOverflow(by: 10)
            if overflow { return nil }
            let (sum, over) = scaled.addingReportingOverflow(digit)
            if over { return nil }
            value = sum
        }
        if position < significant.endIndex, significant[position] >= 53 {
            let (sum, over) = value.addingReportingOverflow(1)
            if over { return nil }
            value = sum
        }
        if value > Decimals.max38 { return nil }
        return negative ? -value : value
    }

    private enum DecimalType38 { static let maxDigits = 38 }

    static func trimmed(_ text: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
        var bytes = text
        while let first = bytes.first, DateTimeText.isBlank(first) { bytes = bytes.dropFirst() }
        while let last = bytes.last, DateTimeText.isBlank(last) { bytes = bytes.dropLast() }
        return bytes
    }

    /// `true`, `t`, `yes`, `y`, `1` and their opposites, without regard to case.
    package static func boolean(_ text: ArraySlice<UInt8>) -> Bool? {
        let bytes = trimmed(text)
        if bytes.count > 5 { return nil }
        switch String(decoding: bytes, as: UTF8.self).lowercased() {
        case "t", "true", "y", "yes", "1": return true
        case "f", "false", "n", "no", "0": return false
        default: return nil
        }
    }
}
