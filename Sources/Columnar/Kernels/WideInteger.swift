/// An unsigned integer of 512 bits: room for 38 digits raised by 77 powers of ten, the widest intermediate of decimal arithmetic.
struct WideInteger {
    /// Least significant first.
    var limbs: (UInt128, UInt128, UInt128, UInt128)

    init(_ value: UInt128) { limbs = (value, 0, 0, 0) }

    init(_ a: UInt128, times b: UInt128) {
        let product = a.multipliedFullWidth(by: b)
        limbs = (product.low, product.high, 0, 0)
    }

    /// The value, if 128 bits hold it.
    var narrow: UInt128? { limbs.1 | limbs.2 | limbs.3 == 0 ? limbs.0 : nil }

    /// What exceeds 512 bits is lost: callers' factors do not reach it.
    mutating func multiply(by factor: UInt128) {
        var carry: UInt128 = 0
        func step(_ limb: UInt128) -> UInt128 {
            let product = limb.multipliedFullWidth(by: factor)
            let (low, overflow) = product.low.addingReportingOverflow(carry)
            carry = product.high &+ (overflow ? 1 : 0)
            return low
        }
        limbs.0 = step(limbs.0)
        limbs.1 = step(limbs.1)
        limbs.2 = step(limbs.2)
        limbs.3 = step(limbs.3)
    }

    /// Divides, and gives the remainder; `divisor` must not be zero.
    mutating func divide(by divisor: UInt128) -> UInt128 {
        var rest: UInt128 = 0
        func step(_ limb: UInt128) -> UInt128 {
            if rest == 0 {
                let (quotient, remainder) = limb.quotientAndRemainder(dividingBy: divisor)
                rest = remainder
                return quotient
            }
            // rest < divisor always, as this division asks for.
            let (quotient, remainder) = divisor.dividingFullWidth((rest, limb))
            rest = remainder
            return quotient
        }
        limbs.3 = step(limbs.3)
        limbs.2 = step(limbs.2)
        limbs.1 = step(limbs.1)
        limbs.0 = step(limbs.0)
        return rest
    }

    mutating func add(_ other: WideInteger) {
        var carry: UInt128 = 0
        func step(_ a: UInt128, _ b: UInt128) -> UInt128 {
            let (first, overflow) = a.addingReportingOverflow(b)
            let (second, again) = first.addingReportingOverflow(carry)
            carry = overflow || again ? 1 : 0
            return second
        }
        limbs.0 = step(limbs.0, other.limbs.0)
        limbs.1 = step(limbs.1, other.limbs.1)
        limbs.2 = step(limbs.2, other.limbs.2)
        limbs.3 = step(limbs.3, other.limbs.3)
    }

    /// `other` must not be greater.
    mutating func subtract(_ other: WideInteger) {
        var borrow: UInt128 = 0
        func step(_ a: UInt128, _ b: UInt128) -> UInt128 {
            let (first, overflow) = a.subtractingReportingOverflow(b)
            let (second, again) = first.subtractingReportingOverflow(borrow)
            borrow = overflow || again ? 1 : 0
            return second
        }
        limbs.0 = step(limbs.0, other.limbs.0)
        limbs.1 = step(limbs.1, other.limbs.1)
        limbs.2 = step(limbs.2, other.limbs.2)
        limbs.3 = step(limbs.3, other.limbs.3)
    }

    static func < (left: WideInteger, right: WideInteger) -> Bool {
        if left.limbs.3 != right.limbs.3 { return left.limbs.3 < right.limbs.3 }
        if left.limbs.2 != right.limbs.2 { return left.limbs.2 < right.limbs.2 }
        if left.limbs.1 != right.limbs.1 { return left.limbs.1 < right.limbs.1 }
        return left.limbs.0 < right.limbs.0
    }

    /// Multiplies by a power of ten; exponents beyond the room are cut.
    mutating func scaleUp(_ exponent: Int) {
        var rest = exponent
        while rest > 0 {
            let step = min(rest, DecimalMath.maxExponent)
            multiply(by: DecimalMath.unsignedPower(step))
            rest -= step
        }
    }

    /// Divides by a power of ten, half away from zero.
    mutating func scaleDownHalfUp(_ exponent: Int) {
        guard exponent > 0 else { return }
        var rest = exponent - 1
        while rest > 0 {
            let step = min(rest, DecimalMath.maxExponent)
            _ = divide(by: DecimalMath.unsignedPower(step))
            rest -= step
        }
        if divide(by: 10) >= 5 { add(WideInteger(1)) }
    }
}
