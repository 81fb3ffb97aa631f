/// A number as decimal digits, exactly: digits × 10^-scale.
struct ExactDigits {
    var negative: Bool
    /// 0…9, most significant first; at least one more than `scale`.
    var digits: [UInt8]
    var scale: Int

    init(unscaled: Int128, scale: Int) {
        negative = unscaled < 0
        digits = String(unscaled.magnitude).utf8.map { $0 - 48 }
        self.scale = max(scale, 0)
        pad()
    }

    /// Every digit of a binary number; nil if it is not finite.
    init?(_ value: Double) {
        guard value.isFinite else { return nil }
        negative = value.sign == .minus
        let significand = value == 0 ? 0 : value.significandBitPattern | (value.isNormal ? 1 << 52 : 0)
        let exponent = value.isNormal ? Int(value.exponent) - 52 : -1074
        // Powers of two, or for fractions of five beside a power of ten.
        var limbs: [UInt32] = []
        var rest = significand
        while rest > 0 {
            limbs.append(UInt32(rest % 1_000_000_000))
            rest /= 1_000_000_000
        }
        func multiply(_ factor: UInt64) {
            var carry: UInt64 = 0
            for index in limbs.indices {
                let product = UInt64(limbs[index]) * factor + carry
                limbs[index] = UInt32(product % 1_000_000_000)
                carry = product / 1_000_000_000
            }
            while carry > 0 {
                limbs.append(UInt32(carry % 1_000_000_000))
                carry /= 1_000_000_000
            }
        }
        for _ in 0..<exponent.magnitude { multiply(exponent > 0 ? 2 : 5) }
        scale = exponent < 0 ? -exponent : 0
        var text = ""
        for (index, limb) in limbs.reversed().enumerated() {
            let part = String(limb)
            text += index == 0 ? part : String(repeating: "0", count: 9 - part.utf8.count) + part
        }
        digits = text.utf8.map { $0 - 48 }
        while scale > 0, digits.last == 0 {
            digits.removeLast()
            scale -= 1
        }
        pad()
    }

    private mutating func pad() {
        if digits.count <= scale { digits.insert(contentsOf: [UInt8](repeating: 0, count: scale + 1 - digits.count), at: 0) }
    }

    var isZero: Bool { digits.allSatisfy { $0 == 0 } }

    /// Digits before the point, without zeros in front.
    var whole: ArraySlice<UInt8> { digits[..<(digits.count - scale)].drop { $0 == 0 } }
    var fraction: ArraySlice<UInt8> { digits[(digits.count - scale)...] }

    /// To so many places, halves to the even neighbour; zeros are added.
    mutating func round(to places: Int) {
        if scale <= places {
            digits.append(contentsOf: [UInt8](repeating: 0, count: places - scale))
            scale = places
            return
        }
        let cut = digits.count - (scale - places)
        let rest = digits[cut...]
        let up = rest[cut] > 5 || (rest[cut] == 5 && (rest.dropFirst().contains { $0 != 0 } || (cut > 0 && digits[cut - 1] % 2 == 1)))
        digits.removeSubrange(cut...)
        scale = places
        guard up else { return }
        var index = digits.count - 1
        while index >= 0 {
            if digits[index] < 9 {
                digits[index] += 1
                return
            }
            digits[index] = 0
            index -= 1
        }
        digits.insert(1, at: 0)
    }

    mutating func shift(by places: Int) {
        if places <= scale {
            scale -= places
        } else {
            digits.append(contentsOf: [UInt8](repeating: 0, count: places - scale))
            scale = 0
        }
    }
}
