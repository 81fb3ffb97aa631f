/// Numbers as Java, and so Spark, writes them.
package enum NumberText {
    /// `Double.toString`: shortest digits that read back the same; a point always; E notation from 1E7 and below 1E-3.
    package static func text(_ value: Double) -> String {
        if value.isNaN { return "NaN" }
        if value.isInfinite { return value < 0 ? "-Infinity" : "Infinity" }
        return javaForm(value.description, isZero: value == 0, isNegative: value.sign == .minus)
    }

    package static func text(_ value: Float) -> String {
        if value.isNaN { return "NaN" }
        if value.isInfinite { return value < 0 ? "-Infinity" : "Infinity" }
        return javaForm(value.description, isZero: value == 0, isNegative: value.sign == .minus)
    }

    private static func javaForm(_ description: String, isZero: Bool, isNegative: Bool) -> String {
        let sign = isNegative ? "-" : ""
        if isZero { return sign + "0.0" }
        let (digits, exponent) = decompose(description)
        // The value is 0.d1d2… × 10^exponent.
        if exponent > -3, exponent <= 7 {
            if exponent <= 0 { return sign + "0." + String(repeating: "0", count: -exponent) + text(digits) }
            if digits.count <= exponent { return sign + text(digits) + String(repeating: "0", count: exponent - digits.count) + ".0" }
            return sign + text(digits[..<exponent]) + "." + text(digits[exponent...])
        }
        let fraction = digits.count > 1 ? text(digits[1...]) : "0"
        return "\(sign)\(text(digits[..<1])).\(fraction)E\(exponent - 1)"
    }

    private static func text(_ digits: some Sequence<UInt8>) -> String { String(decoding: Array(digits), as: UTF8.self) }

    /// The significant digits of a number's text (ASCII, without zeros at either end) and the exponent for which it is 0.digits × 10^exponent.
    static func decompose(_ text: String) -> (digits: [UInt8], exponent: Int) {
        var digits: [UInt8] = []
        var exponent = 0
        var seenPoint = false
        var bytes = Array(text.utf8)[...]
        if bytes.first == UInt8(ascii: "-") { bytes.removeFirst() }
        while let byte = bytes.popFirst() {
            switch byte {
            case UInt8(ascii: "."): seenPoint = true
            case UInt8(ascii: "e"), UInt8(ascii: "E"):
                exponent += Int(String(decoding: bytes, as: UTF8.self)) ?? 0
                bytes = []
            default:
                if digits.isEmpty, byte == UInt8(ascii: "0") {
                    if seenPoint { exponent -= 1 }
                } else {
                    digits.append(byte)
                    if !seenPoint { exponent += 1 }
                }
            }
        }
        while digits.last == UInt8(ascii: "0") { digits.removeLast() }
        return (digits, exponent)
    }

    /// A decimal in plain notation: `-0.050`.
    package static func text(unscaled: Int128, scale: Int) -> String {
        let digits = String(unscaled.magnitude)
        let sign = unscaled < 0 ? "-" : ""
        if scale <= 0 { return sign + digits }
        if digits.utf8.count > scale {
            let point = digits.utf8.index(digits.startIndex, offsetBy: digits.utf8.count - scale)
            return sign + digits[..<point] + "." + digits[point...]
        }
        return sign + "0." + String(repeating: "0", count: scale - digits.utf8.count) + digits
    }
}
