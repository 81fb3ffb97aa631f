import Columnar

/// Exact sums and products of decimals beyond 38 digits, for the messages that must show them.
enum DecimalDigits {
    /// In plain notation, rounded to 39 digits as Spark computes.
    static func text(_ operation: ArithmeticOperation, _ a: Int128, _ aScale: Int, _ b: Int128, _ bScale: Int) -> String {
        let scale: Int
        var digits: [UInt8]
        var negative: Bool
        switch operation {
        case .multiply:
            scale = aScale + bScale
            digits = product(of: a.magnitude, b.magnitude)
            negative = (a < 0) != (b < 0)
        case .add, .subtract:
            scale = max(aScale, bScale)
            let x = self.digits(a.magnitude) + [UInt8](repeating: 0, count: scale - aScale)
            let y = self.digits(b.magnitude) + [UInt8](repeating: 0, count: scale - bScale)
            let bNegative = operation == .add ? b < 0 : b > 0
            negative = a < 0
            if (a < 0) == bNegative {
                digits = sum(x, y)
            } else if precedes(x, y) {
                digits = difference(y, x)
                negative = bNegative
            } else {
                digits = difference(x, y)
            }
        case .divide, .remainder, .integralDivide:
            let quotient = Decimals.double(a, scale: aScale) / Decimals.double(b, scale: bScale)
            return NumberParser.plainText(Array(quotient.description.utf8)[...])
        }
        return plain(digits, scale: scale, negative: negative)
    }

    private static func digits(_ value: UInt128) -> [UInt8] { String(value).utf8.map { $0 - 48 } }

    private static func trimmed(_ digits: [UInt8]) -> ArraySlice<UInt8> { digits.drop { $0 == 0 } }

    private static func precedes(_ x: [UInt8], _ y: [UInt8]) -> Bool {
        let (x, y) = (trimmed(x), trimmed(y))
        return x.count != y.count ? x.count < y.count : x.lexicographicallyPrecedes(y)
    }

    private static func sum(_ x: [UInt8], _ y: [UInt8]) -> [UInt8] {
        var result: [UInt8] = []
        var carry: UInt8 = 0
        for offset in 0..<max(x.count, y.count) + 1 {
            let total = carry + (offset < x.count ? x[x.count - 1 - offset] : 0) + (offset < y.count ? y[y.count - 1 - offset] : 0)
            result.append(total % 10)
            carry = total / 10
        }
        return result.reversed()
    }

    /// `x` is not less than `y`.
    private static func difference(_ x: [UInt8], _ y: [UInt8]) -> [UInt8] {
        var result: [UInt8] = []
        var borrow = 0
        for offset in 0..<max(x.count, y.count) {
            var total = (offset < x.count ? Int(x[x.count - 1 - offset]) : 0) - (offset < y.count ? Int(y[y.count - 1 - offset]) : 0) - borrow
            borrow = total < 0 ? 1 : 0
            if total < 0 { total += 10 }
            result.append(UInt8(truncatingIfNeeded: total))
        }
        return result.reversed()
    }

    private static func product(of a: UInt128, _ b: UInt128) -> [UInt8] {
        let (x, y) = (digits(a), digits(b))
        var cells = [Int](repeating: 0, count: x.count + y.count)
        for (i, p) in x.enumerated() { for (j, q) in y.enumerated() { cells[i + j + 1] += Int(p) * Int(q) } }
        for index in cells.indices.reversed() where index > 0 {
            cells[index - 1] += cells[index] / 10
            cells[index] %= 10
        }
        return cells.map { UInt8(truncatingIfNeeded: $0) }
    }

    private static func plain(_ digits: [UInt8], scale: Int, negative: Bool) -> String {
        var kept = Array(trimmed(digits))
        var scale = scale
        if kept.count > 39 {
            let surplus = kept.count - 39
            let roundsUp = kept[39] >= 5
            kept.removeLast(surplus)
            if roundsUp { kept = Array(trimmed(sum(kept, [1]))) }
            scale -= surplus
        }
        if scale < 0 {
            kept += [UInt8](repeating: 0, count: -scale)
            scale = 0
        }
        while kept.count <= scale { kept.insert(0, at: 0) }
        let text = String(decoding: kept.map { $0 + 48 }, as: UTF8.self)
        let point = text.utf8.index(text.startIndex, offsetBy: kept.count - scale)
        return (negative ? "-" : "") + text[..<point] + (scale > 0 ? "." + text[point...] : "")
    }
}
