import Columnar

/// What functions need of decimals' unscaled digits beyond `DecimalMath`.
enum Decimals {
    /// 10^0…10^38.
    static var powers: [Int128] { DecimalMath.powers }

    static let max38: Int128 = DecimalMath.greatest(precision: 38)

    static func fits(_ digits: Int128, precision: Int) -> Bool { DecimalMath.fits(digits, precision: precision) }

    /// At another scale, rounded half up; nil beyond 38 digits.
    static func rescale(_ digits: Int128, from: Int, to: Int) -> Int128? { DecimalMath.rescale(digits, from: from, to: DecimalType(38, to)) }

    static func rescale(_ digits: Int128, from: Int, to type: DecimalType) -> Int128? { DecimalMath.rescale(digits, from: from, to: type) }

    /// The double nearest to digits / 10^scale.
    static func double(_ digits: Int128, scale: Int) -> Double {
        // Exact for what both operands hold exactly; else by the digits' text, which rounds once.
        if digits.magnitude <= 1 << 53, scale <= 22 { return Double(digits) / Double(powers[scale]) }
        return Double(NumberText.text(unscaled: digits, scale: scale)) ?? .nan
    }

    /// The shortest digits of a floating number, at a scale; nil if it is no number or too large.
    static func from(_ text: String, negative: Bool, scale: Int) -> Int128? {
        let (digits, exponent) = NumberText.decompose(text)
        return NumberParser.decimal(digits: digits, exponent: exponent - digits.count, negative: negative, scale: scale)
    }
}
