/// Spark's order of a layout's values: of floating numbers NaN equals NaN and is the greatest, and -0.0 equals 0.0.
protocol TotalOrder {
    static func same(_ left: Self, _ right: Self) -> Bool
    static func less(_ left: Self, _ right: Self) -> Bool
}

extension TotalOrder where Self: Comparable {
    @inline(__always) static func same(_ left: Self, _ right: Self) -> Bool { left == right }
    @inline(__always) static func less(_ left: Self, _ right: Self) -> Bool { left < right }
}

extension TotalOrder where Self: FloatingPoint {
    @inline(__always) static func same(_ left: Self, _ right: Self) -> Bool { left == right || (left != left && right != right) }
    // `left >= right` does not hold if either is NaN; then left is less exactly if it is not the NaN.
    @inline(__always) static func less(_ left: Self, _ right: Self) -> Bool { !(left >= right) && left == left }
}

extension Int8: TotalOrder {}
extension Int16: TotalOrder {}
extension Int32: TotalOrder {}
extension Int64: TotalOrder {}
extension Int128: TotalOrder {}
extension Float: TotalOrder {}
extension Double: TotalOrder {}

extension TotalOrder {
    @inline(__always) static func order(_ left: Self, _ right: Self) -> Int { less(left, right) ? -1 : same(left, right) ? 0 : 1 }
}

/// A run of bytes in memory, compared as unsigned.
struct ByteSpan {
    let start: UnsafeRawPointer
    let count: Int

    @inline(__always)
    static func == (left: ByteSpan, right: ByteSpan) -> Bool {
        guard left.count == right.count else { return false }
        var at = 0
        while at + 8 <= left.count {
            if left.start.loadUnaligned(fromByteOffset: at, as: UInt64.self)
                != right.start.loadUnaligned(fromByteOffset: at, as: UInt64.self)
            {
                return false
            }
            at += 8
        }
        while at < left.count {
            if left.start.load(fromByteOffset: at, as: UInt8.self) != right.start.load(fromByteOffset: at, as: UInt8.self) { return false }
            at += 1
        }
        return true
    }

    @inline(__always)
    static func order(_ left: ByteSpan, _ right: ByteSpan) -> Int {
        let common = min(left.count, right.count)
        var at = 0
        while at + 8 <= common {
            let a = left.start.loadUnaligned(fromByteOffset: at, as: UInt64.self)
            let b = right.start.loadUnaligned(fromByteOffset: at, as: UInt64.self)
            if a != b { return UInt64(bigEndian: a) < UInt64(bigEndian: b) ? -1 : 1 }
            at += 8
        }
        while at < common {
            let a = left.start.load(fromByteOffset: at, as: UInt8.self)
            let b = right.start.load(fromByteOffset: at, as: UInt8.self)
            if a != b { return a < b ? -1 : 1 }
            at += 1
        }
        return left.count < right.count ? -1 : left.count == right.count ? 0 : 1
    }
}

extension ByteSpan {
    /// A string of up to seven bytes as a number of its own: the bytes, and their count in the highest byte. Memory up to `end` may be read.
    @inline(__always)
    func word(before end: UnsafeRawPointer) -> UInt64 {
        let length = UInt64(truncatingIfNeeded: count) << 56
        if end - start >= 8 {
            let mask: UInt64 = (1 << UInt64(truncatingIfNeeded: count &* 8)) &- 1
            return UInt64(littleEndian: start.loadUnaligned(as: UInt64.self)) & mask | length
        }
        var word = length
        for at in 0..<count { word |= UInt64(start.load(fromByteOffset: at, as: UInt8.self)) << UInt64(8 * at) }
        return word
    }
}

extension ByteSpan {
    /// The first eight bytes as a number that compares as they do, with zeros for those that are missing. Memory up to `end` may be read.
    @inline(__always)
    func prefix(before end: UnsafeRawPointer) -> UInt64 {
        if end - start >= 8 {
            let word = UInt64(bigEndian: start.loadUnaligned(as: UInt64.self))
            return count >= 8 ? word : count == 0 ? 0 : word & (.max &<< UInt64(truncatingIfNeeded: 64 &- 8 &* count))
        }
        var word: UInt64 = 0
        for at in 0..<min(count, 8) { word |= UInt64(start.load(fromByteOffset: at, as: UInt8.self)) << UInt64(56 - 8 * at) }
        return word
    }
}

/// Offsets and bytes of a byte string column, while both are held in place.
struct ByteSpans {
    let offsets: UnsafeBufferPointer<Int32>
    let bytes: UnsafeRawPointer
    /// Behind the last byte of the array.
    let end: UnsafeRawPointer

    @inline(__always)
    subscript(_ index: Int) -> ByteSpan {
        let start = Int(offsets[index])
        return ByteSpan(start: bytes + start, count: Int(offsets[index + 1]) - start)
    }
}

extension BytesArray {
    @inline(__always)
    func withSpans<R>(_ body: (ByteSpans) -> R) -> R {
        offsets.withUnsafeBufferPointer { offsets in
            bytes.withUnsafeBytes { bytes in
                // An empty array may have no address; then no value has a byte, and any pointer does.
                let start = bytes.baseAddress ?? UnsafeRawPointer(offsets.baseAddress.unsafelyUnwrapped)
                return body(ByteSpans(offsets: offsets, bytes: start, end: start + bytes.count))
            }
        }
    }

    /// Each value in lower case: what UTF8_LCASE compares.
    func lowercased() -> BytesArray {
        if !bytes.contains(where: { $0 >= 0x80 }) {
            return BytesArray(
                offsets: offsets, bytes: bytes.map { (0x41...0x5A).contains($0) ? $0 | 0x20 : $0 }, validity: validity)
        }
        var builder = BytesBuilder(capacity: count)
        for index in 0..<count {
            if validity?[index] ?? true { builder.append(Collation.folded(string(at: index))) } else { builder.appendNull() }
        }
        return builder.finish()
    }
}

extension Column {
    /// The column with strings brought to the form that their collation compares; the bytes of two equal values are then the same.
    package func collated() -> Column {
        switch type {
        case .string(.utf8LCase):
            guard case .bytes(let array) = values else { return self }
            return Column(type, .bytes(array.lowercased()))
        case .array, .map:
            guard case .list(let array) = values, array.child.type.hasCollation else { return self }
            return Column(type, .list(ListArray(offsets: array.offsets, child: array.child.collated(), validity: array.validity)))
        case .structure:
            guard case .structure(let array) = values, array.children.contains(where: \.type.hasCollation) else { return self }
            return Column(
                type, .structure(StructArray(children: array.children.map { $0.collated() }, validity: array.validity, count: array.count)))
        default: return self
        }
    }
}
