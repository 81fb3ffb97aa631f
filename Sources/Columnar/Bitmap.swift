/// A fixed sequence of bits, least significant first within each 64-bit word; the layout of Arrow's validity bitmaps. Bits behind `count` are zero.
package struct Bitmap: Sendable, Equatable {
    package let words: [UInt64]
    package let count: Int

    /// `words` must hold at least `count` bits; surplus bits are cleared.
    package init(words: consuming [UInt64], count: Int) {
        let needed = (count + 63) / 64
        precondition(words.count >= needed)
        if words.count > needed { words.removeLast(words.count - needed) }
        if count % 64 != 0 { words[needed - 1] &= (1 << UInt64(count % 64)) - 1 }
        self.words = words
        self.count = count
    }

    package init(repeating bit: Bool, count: Int) {
        self.init(words: [UInt64](repeating: bit ? .max : 0, count: (count + 63) / 64), count: count)
    }

    package init(_ bits: [Bool]) {
        self = bits.withUnsafeBufferPointer { bits in Kernel.bitmap(count: bits.count) { bits[$0] } }
    }

    package init(_ bits: some Sequence<Bool>) {
        var builder = BitmapBuilder()
        for bit in bits { builder.append(bit) }
        self = builder.finish()
    }

    package subscript(_ index: Int) -> Bool {
        precondition(index >= 0 && index < count)
        return words[index >> 6] >> UInt64(index & 63) & 1 == 1
    }

    package var onesCount: Int { words.reduce(0) { $0 + $1.nonzeroBitCount } }
    package var allOnes: Bool { onesCount == count }

    package static func & (left: Bitmap, right: Bitmap) -> Bitmap { combine(left, right, &) }
    package static func | (left: Bitmap, right: Bitmap) -> Bitmap { combine(left, right, |) }
    package static prefix func ~ (bitmap: Bitmap) -> Bitmap { Bitmap(words: bitmap.words.map { ~$0 }, count: bitmap.count) }

    package func andNot(_ other: Bitmap) -> Bitmap { Self.combine(self, other) { $0 & ~$1 } }

    private static func combine(_ left: Bitmap, _ right: Bitmap, _ operation: (UInt64, UInt64) -> UInt64) -> Bitmap {
        precondition(left.count == right.count)
        var words = left.words
        for index in words.indices { words[index] = operation(words[index], right.words[index]) }
        return Bitmap(words: words, count: left.count)
    }

    /// The positions of the ones, ascending.
    package func indices() -> [Int32] {
        [Int32](unsafeUninitializedCapacity: onesCount) { buffer, filled in
            for (wordIndex, word) in words.enumerated() {
                var rest = word
                while rest != 0 {
                    buffer[filled] = Int32(truncatingIfNeeded: wordIndex << 6 + rest.trailingZeroBitCount)
                    filled += 1
                    rest &= rest - 1
                }
            }
        }
    }

    package func slice(_ range: Range<Int>) -> Bitmap {
        precondition(range.lowerBound >= 0 && range.upperBound <= count)
        let shift = UInt64(range.lowerBound & 63)
        let first = range.lowerBound >> 6
        let needed = (range.count + 63) / 64
        var result = [UInt64](repeating: 0, count: needed)
        for index in 0..<needed {
            var word = words[first + index] >> shift
            if shift != 0, first + index + 1 < words.count { word |= words[first + index + 1] << (64 - shift) }
            result[index] = word
        }
        return Bitmap(words: result, count: range.count)
    }
}

/// Collects bits one by one.
package struct BitmapBuilder: Sendable {
    private var words: [UInt64] = []
    package private(set) var count = 0
    package private(set) var zeros = 0

    package init() {}

    package mutating func reserve(_ bits: Int) { words.reserveCapacity((bits + 63) / 64) }

    package mutating func append(_ bit: Bool) {
        if count & 63 == 0 { words.append(0) }
        if bit { words[count >> 6] |= 1 << UInt64(count & 63) } else { zeros += 1 }
        count += 1
    }

    package mutating func append(repeating bit: Bool, count added: Int) {
        var rest = added
        while rest > 0, count & 63 != 0 {
            append(bit)
            rest -= 1
        }
        while rest >= 64 {
            words.append(bit ? .max : 0)
            count += 64
            if !bit { zeros += 64 }
            rest -= 64
        }
        for _ in 0..<max(rest, 0) { append(bit) }
    }

    /// The lowest `added` (0…64) bits of a word.
    package mutating func append(bits: UInt64, count added: Int) {
        precondition((0...64).contains(added))
        if added == 0 { return }
        let bits = added == 64 ? bits : bits & ((1 << UInt64(added)) - 1)
        let shift = count & 63
        if shift == 0 {
            words.append(bits)
        } else {
            words[count >> 6] |= bits << UInt64(shift)
            if shift + added > 64 { words.append(bits >> UInt64(64 - shift)) }
        }
        count += added
        zeros += added - bits.nonzeroBitCount
    }

    package consuming func finish() -> Bitmap { Bitmap(words: words, count: count) }

    /// As a validity bitmap: nil if there was no zero.
    package consuming func finishValidity() -> Bitmap? { zeros == 0 ? nil : Bitmap(words: words, count: count) }
}
