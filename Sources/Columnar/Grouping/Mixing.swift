/// The mixing behind all hash tables and `Kernel.hash`: a multiplication to 128 bits, folded.
enum Mixing {
    static let seed: UInt64 = 0x9E37_79B9_7F4A_7C15
    static let null: UInt64 = 0xD6E8_FEB8_6659_FD93
    private static let factor: UInt64 = 0xA076_1D64_78BD_642F

    @inline(__always)
    static func fold(_ hash: UInt64, _ word: UInt64) -> UInt64 {
        let product = (hash ^ word).multipliedFullWidth(by: factor)
        // The added word keeps the hash alive where the product is zero.
        return (product.high ^ product.low) &+ word
    }

    @inline(__always)
    static func hash(_ span: ByteSpan) -> UInt64 {
        var hash = seed ^ UInt64(truncatingIfNeeded: span.count)
        let count = span.count
        if count >= 8 {
            var at = 0
            while at + 8 < count {
                hash = fold(hash, span.start.loadUnaligned(fromByteOffset: at, as: UInt64.self))
                at += 8
            }
            return fold(hash, span.start.loadUnaligned(fromByteOffset: count - 8, as: UInt64.self))
        }
        if count >= 4 {
            let first = span.start.loadUnaligned(fromByteOffset: 0, as: UInt32.self)
            let last = span.start.loadUnaligned(fromByteOffset: count - 4, as: UInt32.self)
            return fold(hash, UInt64(first) << 32 | UInt64(last))
        }
        if count > 0 {
            let first = span.start.load(fromByteOffset: 0, as: UInt8.self)
            let middle = span.start.load(fromByteOffset: count >> 1, as: UInt8.self)
            let last = span.start.load(fromByteOffset: count - 1, as: UInt8.self)
            return fold(hash, UInt64(first) << 16 | UInt64(middle) << 8 | UInt64(last))
        }
        return fold(hash, 0)
    }

    /// The bits of a number, the same for both zeros and for all that are not numbers.
    @inline(__always)
    static func canonical(_ value: Double) -> UInt64 { value == 0 ? 0 : value != value ? Double.nan.bitPattern : value.bitPattern }

    @inline(__always)
    static func canonical(_ value: Float) -> UInt32 { value == 0 ? 0 : value != value ? Float.nan.bitPattern : value.bitPattern }
}

extension Kernel {
    /// A hash of each row over all columns. Equal rows have equal hashes, in the sense of grouping (nulls alike, NaN = NaN, -0.0 = 0.0, strings
    /// by their collation), and integers of any width hash alike. Not any of Spark's hash functions, and not stable between versions.
    package static func hash(_ columns: [Column], count: Int) -> [UInt64] {
        var hashes = [UInt64](repeating: Mixing.seed, count: count)
        for column in columns {
            precondition(column.count == count)
            combine(column.collated(), into: &hashes)
        }
        return hashes
    }

    private static func combine(_ column: Column, into hashes: inout [UInt64]) {
        let validity = column.validity
        switch column.values {
        case .void: combine(nil, into: &hashes) { _ in Mixing.null }
        case .boolean(let array): combine(validity, into: &hashes) { array.values[$0] ? 1 : 0 }
        case .int8(let array): integers(array, into: &hashes)
        case .int16(let array): integers(array, into: &hashes)
        case .int32(let array): integers(array, into: &hashes)
        case .int64(let array): integers(array, into: &hashes)
        case .int128(let array): integers(array, into: &hashes)
        case .float(let array): combine(validity, into: &hashes) { UInt64(Mixing.canonical(array.values[$0])) }
        case .double(let array): combine(validity, into: &hashes) { Mixing.canonical(array.values[$0]) }
        case .bytes(let array): array.withSpans { spans in combine(validity, into: &hashes) { Mixing.hash(spans[$0]) } }
        case .list, .structure:
            KeyBytes.encode(column).withSpans { spans in combine(validity, into: &hashes) { Mixing.hash(spans[$0]) } }
        }
    }

    private static func integers<T: FixedWidthInteger>(_ array: PrimitiveArray<T>, into hashes: inout [UInt64]) {
        array.values.withUnsafeBufferPointer { values in
            combine(array.validity, into: &hashes) { row in
                let value = values[row]
                guard T.bitWidth > 64 else { return UInt64(truncatingIfNeeded: value) }
                let high = UInt64(truncatingIfNeeded: value >> 64)
                // The high half is folded in only where it says something, so that wide and narrow layouts of a value agree.
                let low = UInt64(truncatingIfNeeded: value)
                return high == UInt64(truncatingIfNeeded: Int64(truncatingIfNeeded: low) >> 63) ? low : Mixing.fold(high, low)
            }
        }
    }

    @inline(__always)
    private static func combine(_ validity: Bitmap?, into hashes: inout [UInt64], _ word: (Int) -> UInt64) {
        hashes.withUnsafeMutableBufferPointer { hashes in
            if let validity {
                for row in 0..<hashes.count { hashes[row] = Mixing.fold(hashes[row], validity[row] ? word(row) : Mixing.null) }
            } else {
                for row in 0..<hashes.count { hashes[row] = Mixing.fold(hashes[row], word(row)) }
            }
        }
    }
}
