/// Arithmetic of single decimals: unscaled digits with a scale. Results are exact, then rounded half up (away from zero at the half) to the
/// result's scale, as Spark's are; nil where the result has more digits than its type.
package enum DecimalMath {
    static let maxExponent = 38

    /// 10^0 … 10^38.
    package static let powers: [Int128] = {
        var result: [Int128] = [1]
        for _ in 0..<maxExponent { result.append(result[result.count - 1] * 10) }
        return result
    }()

    static func unsignedPower(_ exponent: Int) -> UInt128 { powers[exponent].magnitude }

    /// The greatest unscaled value of that many digits (1…38).
    package static func greatest(precision: Int) -> Int128 { powers[min(max(precision, 0), maxExponent)] - 1 }

    package static func fits(_ value: Int128, precision: Int) -> Bool {
        value.magnitude <= greatest(precision: precision).magnitude
    }

    /// The value under another scale, rounded half up; nil if it has more than `to.precision` digits then.
    package static func rescale(_ value: Int128, from scale: Int, to: DecimalType) -> Int128? {
        let change = to.scale - scale
        if change == 0 { return fits(value, precision: to.precision) ? value : nil }
        if change > 0, change <= maxExponent {
            let (scaled, overflow) = value.multipliedReportingOverflow(by: powers[change])
            return !overflow && fits(scaled, precision: to.precision) ? scaled : nil
        }
        if change < 0, change >= -maxExponent {
            let rounded = divideHalfUp(value, powers[-change])
            return fits(rounded, precision: to.precision) ? rounded : nil
        }
        return change > 0 ? (value == 0 ? 0 : nil) : 0
    }

    package static func add(_ a: Int128, _ aScale: Int, _ b: Int128, _ bScale: Int, to: DecimalType) -> Int128? {
        let scale = max(aScale, bScale)
        let (x, overflowX) = a.multipliedReportingOverflow(by: powers[scale - aScale])
        let (y, overflowY) = b.multipliedReportingOverflow(by: powers[scale - bScale])
        let (sum, overflow) = x.addingReportingOverflow(y)
        if !(overflowX || overflowY || overflow) { return rescale(sum, from: scale, to: to) }
        var wideA = WideInteger(a.magnitude, times: unsignedPower(scale - aScale))
        var wideB = WideInteger(b.magnitude, times: unsignedPower(scale - bScale))
        if (a < 0) == (b < 0) {
            wideA.add(wideB)
            return round(wideA, negative: a < 0, from: scale, to: to)
        }
        if wideA < wideB {
            wideB.subtract(wideA)
            return round(wideB, negative: b < 0, from: scale, to: to)
        }
        wideA.subtract(wideB)
        return round(wideA, negative: a < 0, from: scale, to: to)
    }

    package static func subtract(_ a: Int128, _ aScale: Int, _ b: Int128, _ bScale: Int, to: DecimalType) -> Int128? {
        add(a, aScale, 0 &- b, bScale, to: to)
    }

    package static func multiply(_ a: Int128, _ aScale: Int, _ b: Int128, _ bScale: Int, to: DecimalType) -> Int128? {
        let (product, overflow) = a.multipliedReportingOverflow(by: b)
        if !overflow { return rescale(product, from: aScale + bScale, to: to) }
        return round(WideInteger(a.magnitude, times: b.magnitude), negative: (a < 0) != (b < 0), from: aScale + bScale, to: to)
    }

    /// `b` must not be zero.
    package static func divide(_ a: Int128, _ aScale: Int, _ b: Int128, _ bScale: Int, to: DecimalType) -> Int128? {
        guard b != 0 else { return nil }
        // a / b at the result's scale is a · 10^raise / b.
        let raise = to.scale - aScale + bScale
        if (0...maxExponent).contains(raise) {
            let (numerator, overflow) = a.multipliedReportingOverflow(by: powers[raise])
            if !overflow {
                let quotient = divideHalfUp(numerator, b)
                return fits(quotient, precision: to.precision) ? quotient : nil
            }
        }
        var wide = WideInteger(a.magnitude)
        var divisor = b.magnitude
        if raise >= 0 {
            wide.scaleUp(raise)
        } else {
            let (raised, overflow) = divisor.multipliedReportingOverflow(by: unsignedPower(min(-raise, maxExponent)))
            // A divisor beyond 128 bits is more than twice any dividend of 38 digits.
            if overflow { return 0 }
            divisor = raised
        }
        let rest = wide.divide(by: divisor)
        if rest >= divisor - rest { wide.add(WideInteger(1)) }
        return signed(wide, negative: (a < 0) != (b < 0), precision: to.precision)
    }

    /// The quotient cut to a whole number, of scale 0; `b` must not be zero.
    package static func integralDivide(_ a: Int128, _ aScale: Int, _ b: Int128, _ bScale: Int, precision: Int) -> Int128? {
        guard b != 0 else { return nil }
        let raise = bScale - aScale
        var wide = WideInteger(a.magnitude)
        var divisor = b.magnitude
        if raise >= 0 {
            wide.scaleUp(raise)
        } else {
            let (raised, overflow) = divisor.multipliedReportingOverflow(by: unsignedPower(min(-raise, maxExponent)))
            if overflow { return 0 }
            divisor = raised
        }
        _ = wide.divide(by: divisor)
        return signed(wide, negative: (a < 0) != (b < 0), precision: precision)
    }

    /// With the sign of the dividend; `b` must not be zero.
    package static func remainder(_ a: Int128, _ aScale: Int, _ b: Int128, _ bScale: Int, to: DecimalType) -> Int128? {
        guard b != 0 else { return nil }
        let scale = max(aScale, bScale)
        let (divisor, overflow) = b.magnitude.multipliedReportingOverflow(by: unsignedPower(scale - bScale))
        // Then the dividend, whose scale is the greater, is less than the divisor.
        if overflow { return rescale(a, from: aScale, to: to) }
        var wide = WideInteger(a.magnitude, times: unsignedPower(scale - aScale))
        let rest = wide.divide(by: divisor)
        return round(WideInteger(rest), negative: a < 0, from: scale, to: to)
    }

    /// The remainder, with the divisor added if it is negative, and the remainder of that.
    package static func positiveModulus(_ a: Int128, _ aScale: Int, _ b: Int128, _ bScale: Int, to: DecimalType) -> Int128? {
        guard b != 0 else { return nil }
        let scale = max(aScale, bScale)
        let (divisor, overflow) = b.multipliedReportingOverflow(by: powers[scale - bScale])
        if overflow {
            // |b| exceeds 128 bits at this scale, and a is less than it: a + b, at b's scale or finer, is given by the sum.
            return a < 0 ? (b > 0 ? add(a, aScale, b, bScale, to: to) : rescale(a, from: aScale, to: to)) : rescale(a, from: aScale, to: to)
        }
        var wide = WideInteger(a.magnitude, times: unsignedPower(scale - aScale))
        let magnitude = wide.divide(by: divisor.magnitude)
        // Less than the divisor, which 128 bits hold with its sign.
        let rest = a < 0 ? 0 &- Int128(truncatingIfNeeded: magnitude) : Int128(truncatingIfNeeded: magnitude)
        guard rest < 0 else { return rescale(rest, from: scale, to: to) }
        let (sum, sumOverflow) = rest.addingReportingOverflow(divisor)
        if sumOverflow { return rescale(rest, from: scale, to: to) }
        return rescale(sum.remainderReportingOverflow(dividingBy: divisor).partialValue, from: scale, to: to)
    }

    /// Half away from zero; the divisor must not be zero.
    static func divideHalfUp(_ value: Int128, _ divisor: Int128) -> Int128 {
        let (a, b) = (value.magnitude, divisor.magnitude)
        var quotient: UInt128
        let rest: UInt128
        if let a = UInt64(exactly: a), let b = UInt64(exactly: b) {
            let (q, r) = a.quotientAndRemainder(dividingBy: b)
            (quotient, rest) = (UInt128(q), UInt128(r))
        } else {
            (quotient, rest) = a.quotientAndRemainder(dividingBy: b)
        }
        if rest >= b - rest { quotient += 1 }
        let result = Int128(truncatingIfNeeded: quotient)
        return (value < 0) != (divisor < 0) ? 0 &- result : result
    }

    private static func round(_ value: WideInteger, negative: Bool, from scale: Int, to: DecimalType) -> Int128? {
        var value = value
        if to.scale < scale { value.scaleDownHalfUp(scale - to.scale) } else { value.scaleUp(to.scale - scale) }
        return signed(value, negative: negative, precision: to.precision)
    }

    private static func signed(_ value: WideInteger, negative: Bool, precision: Int) -> Int128? {
        guard let magnitude = value.narrow, magnitude <= greatest(precision: precision).magnitude else { return nil }
        let result = Int128(truncatingIfNeeded: magnitude)
        return negative ? 0 &- result : result
    }
}
