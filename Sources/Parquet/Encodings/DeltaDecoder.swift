import Columnar

/// The encodings of differences: DELTA_BINARY_PACKED, DELTA_LENGTH_BYTE_ARRAY, DELTA_BYTE_ARRAY. Source: parquet-format's Encodings.md.
enum DeltaDecoder {
    /// As many integers as the data say, which may be no more than `limit`. Sums wrap, as writers' do.
    static func integers<T: FixedWidthInteger & SignedInteger & BitwiseCopyable>(
        _ cursor: inout ByteCursor, limit: Int, as type: T.Type
    ) throws(ParquetError) -> [T] {
        let blockSize = try cursor.varint()
        let miniblocks = try cursor.varint()
        let total = try cursor.varint()
        let first = zigzag(try cursor.varint())
        guard blockSize > 0, blockSize <= 1 << 20, miniblocks > 0, miniblocks <= blockSize, blockSize % miniblocks == 0,
            (blockSize / miniblocks) % 8 == 0
        else { throw .malformed("blocks of \(blockSize) differences in \(miniblocks) parts") }
        guard total <= UInt64(limit) else { throw .malformed("more differences than values") }
        let count = Int(total)
        guard count > 0 else { return [] }
        let perMiniblock = Int(blockSize / miniblocks)
        var values: [T] = []
        values.reserveCapacity(count)
        var last = T(truncatingIfNeeded: first)
        values.append(last)
        while values.count < count {
            let least = T(truncatingIfNeeded: zigzag(try cursor.varint()))
            let widths = try cursor.take(Int(miniblocks))
            for position in widths where values.count < count {
                let width = Int(cursor.bytes[position])
                guard width <= T.bitWidth else { throw .malformed("differences of \(width) bits") }
                let wanted = min(perMiniblock, count - values.count)
                // The last part may be cut off behind the values that count.
                let full = perMiniblock * width / 8
                guard (wanted * width + 7) / 8 <= cursor.remaining else { throw .malformed("a page ends too early") }
                let range = try cursor.take(min(full, cursor.remaining))
                last = append(cursor.bytes, range, width: width, count: wanted, least, last, to: &values)
            }
        }
        return values
    }

    private static func append<T: FixedWidthInteger & BitwiseCopyable>(
        _ bytes: [UInt8], _ range: Range<Int>, width: Int, count: Int, _ least: T, _ start: T, to values: inout [T]
    ) -> T {
        var last = start
        if width == 0 {
            for _ in 0..<count {
                last &+= least
                values.append(last)
            }
            return last
        }
        let mask = width == 64 ? UInt64.max : (1 << UInt64(width)) - 1
        bytes.withUnsafeBytes { bytes in
            var bit = range.lowerBound * 8
            for _ in 0..<count {
                let at = bit >> 3
                let shift = UInt64(bit & 7)
                var word: UInt64 = 0
                if at + 9 <= bytes.count {
                    word = UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: at, as: UInt64.self)) >> shift
                    if shift > 0 { word |= UInt64(bytes[at + 8]) << (64 - shift) }
                } else {
                    for index in stride(from: min(9, bytes.count - at) - 1, through: 0, by: -1) {
                        let place = index * 8 - Int(shift)
                        word |= place >= 0 ? UInt64(bytes[at + index]) << UInt64(place) : UInt64(bytes[at + index]) >> UInt64(-place)
                    }
                }
                last = last &+ least &+ T(truncatingIfNeeded: word & mask)
                values.append(last)
                bit += width
            }
        }
        return last
    }

    private static func zigzag(_ raw: UInt64) -> Int64 { Int64(bitPattern: raw >> 1) ^ -Int64(bitPattern: raw & 1) }

    /// Byte strings behind the list of their lengths.
    static func strings(
        _ cursor: inout ByteCursor, count: Int, byteLimit: Int, _ offsets: inout [Int32], _ bytes: inout [UInt8]
    ) throws(ParquetError) {
        let lengths = try integers(&cursor, limit: count, as: Int32.self)
        guard lengths.count == count else { throw .malformed("a page ends too early") }
        var total = bytes.count
        for length in lengths {
            guard length >= 0 else { throw .malformed("a string of negative length") }
            total += Int(length)
            guard total <= byteLimit else { throw .tooLarge("the strings of a column chunk") }
            offsets.append(Int32(truncatingIfNeeded: total))
        }
        bytes.append(contentsOf: cursor.bytes[try cursor.take(total - bytes.count)])
    }

    /// Byte strings of which each begins with a part of the one before.
    static func prefixedStrings(
        _ cursor: inout ByteCursor, count: Int, byteLimit: Int, _ offsets: inout [Int32], _ bytes: inout [UInt8]
    ) throws(ParquetError) {
        let prefixes = try integers(&cursor, limit: count, as: Int32.self)
        guard prefixes.count == count else { throw .malformed("a page ends too early") }
        var suffixOffsets: [Int32] = [0]
        var suffixes: [UInt8] = []
        try strings(&cursor, count: count, byteLimit: byteLimit, &suffixOffsets, &suffixes)
        var previous = bytes.count..<bytes.count
        for index in 0..<count {
            let prefix = Int(prefixes[index])
            guard prefix >= 0, prefix <= previous.count else { throw .malformed("a string that shares more than its predecessor has") }
            let suffix = Int(suffixOffsets[index])..<Int(suffixOffsets[index + 1])
            let start = bytes.count
            guard start + prefix + suffix.count <= byteLimit else { throw .tooLarge("the strings of a column chunk") }
            if prefix > 0 { bytes.append(contentsOf: Array(bytes[previous.lowerBound..<previous.lowerBound + prefix])) }
            bytes.append(contentsOf: suffixes[suffix])
            previous = start..<bytes.count
            offsets.append(Int32(truncatingIfNeeded: bytes.count))
        }
    }
}
