import Columnar

/// The hybrid of run lengths and bit packing, in which levels, dictionary indices and booleans are written.
enum RunLength {
    /// Appends `count` values of `width` bits, which the element must hold; runs beyond the count are cut off, as writers fill up the last
    /// group of eight.
    static func decode<T: FixedWidthInteger & UnsignedInteger & BitwiseCopyable>(
        _ cursor: inout ByteCursor, width: Int, count: Int, into values: inout [T]
    ) throws(ParquetError) {
        guard (0...T.bitWidth).contains(width) else { throw .malformed("values of \(width) bits") }
        var failure: ParquetError?
        let decoded = [T](unsafeUninitializedCapacity: count) { target, filled in
            do throws(ParquetError) {
                try decode(&cursor, width: width, into: UnsafeMutableBufferPointer(rebasing: target[0..<count]))
                filled = count
            } catch {
                failure = error
            }
        }
        if let failure { throw failure }
        if values.isEmpty { values = decoded } else { values += decoded }
    }

    /// Fills all of `target`, or throws.
    private static func decode<T: FixedWidthInteger & UnsignedInteger & BitwiseCopyable>(
        _ cursor: inout ByteCursor, width: Int, into target: UnsafeMutableBufferPointer<T>
    ) throws(ParquetError) {
        if width == 0 {
            target.initialize(repeating: 0)
            return
        }
        var filled = 0
        while filled < target.count {
            let left = target.count - filled
            let header = try cursor.varint()
            if header & 1 == 0 {
                let run = Int(min(header >> 1, UInt64(left)))
                guard run > 0 else { throw .malformed("a run of no values") }
                var value: T = 0
                for index in 0..<(width + 7) / 8 { value |= T(try cursor.byte()) << T(8 * index) }
                UnsafeMutableBufferPointer(rebasing: target[filled..<filled + run]).initialize(repeating: value)
                filled += run
            } else {
                let packed = try groups(&cursor, header, width: width, left: left)
                unpack(cursor.bytes, packed.range, width: width, into: UnsafeMutableBufferPointer(rebasing: target[filled..<filled + packed.count]))
                filled += packed.count
            }
        }
    }

    /// Appends `count` bits: levels of 0 and 1, or booleans.
    static func decodeBits(_ cursor: inout ByteCursor, count: Int, into bits: inout BitmapBuilder) throws(ParquetError) {
        var left = count
        while left > 0 {
            let header = try cursor.varint()
            if header & 1 == 0 {
                let run = Int(min(header >> 1, UInt64(left)))
                guard run > 0 else { throw .malformed("a run of no values") }
                let value = try cursor.byte()
                guard value <= 1 else { throw .malformed("a level of \(value) where 1 is the greatest") }
                bits.append(repeating: value == 1, count: run)
                left -= run
            } else {
                let packed = try groups(&cursor, header, width: 1, left: left)
                appendBits(cursor.bytes, packed.range, count: packed.count, to: &bits)
                left -= packed.count
            }
        }
    }

    /// Where the bytes of a bit-packed run are, and how many of its values are wanted. A last run may lack the bytes of values that are not.
    private static func groups(
        _ cursor: inout ByteCursor, _ header: UInt64, width: Int, left: Int
    ) throws(ParquetError) -> (range: Range<Int>, count: Int) {
        let groups = header >> 1
        guard groups > 0 else { throw .malformed("a run of no values") }
        let wanted = groups >= UInt64((left + 7) / 8) ? left : Int(groups) * 8
        let needed = (wanted * width + 7) / 8
        let (full, overflow) = groups.multipliedReportingOverflow(by: UInt64(width))
        let present = overflow || full > UInt64(cursor.remaining) ? cursor.remaining : Int(full)
        guard needed <= present else { throw .malformed("a page ends too early") }
        return (try cursor.take(present), wanted)
    }

    /// Values as many as the target has, which lie in the range; a value must not be of more than 32 bits.
    private static func unpack<T: FixedWidthInteger & BitwiseCopyable>(
        _ bytes: [UInt8], _ range: Range<Int>, width: Int, into target: UnsafeMutableBufferPointer<T>
    ) {
        let mask: UInt64 = (1 << UInt64(width)) - 1
        bytes.withUnsafeBytes { bytes in
            // As far as the eight bytes from a value's first one on lie within the array, one load is enough.
            let room = bytes.count - 8 - range.lowerBound
            let whole = room < 0 ? 0 : min(target.count, (room * 8 + 7) / width + 1)
            var bit = range.lowerBound * 8
            for index in 0..<whole {
                let word = UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: bit >> 3, as: UInt64.self))
                target.initializeElement(at: index, to: T(truncatingIfNeeded: word &>> UInt64(truncatingIfNeeded: bit & 7) & mask))
                bit &+= width
            }
            for index in whole..<target.count {
                var word: UInt64 = 0
                for offset in 0..<min(8, bytes.count - bit >> 3) { word |= UInt64(bytes[bit >> 3 + offset]) << UInt64(8 * offset) }
                target.initializeElement(at: index, to: T(truncatingIfNeeded: word >> UInt64(bit & 7) & mask))
                bit += width
            }
        }
    }

    /// Appends bits that lie least significant first; `range` must hold them.
    static func appendBits(_ bytes: [UInt8], _ range: Range<Int>, count: Int, to bits: inout BitmapBuilder) {
        bytes.withUnsafeBytes { bytes in
            var left = count
            var at = range.lowerBound
            while left > 0 {
                let taken = min(left, 64)
                var word: UInt64 = 0
                if range.upperBound - at >= 8 {
                    word = UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: at, as: UInt64.self))
                } else {
                    for index in 0..<(taken + 7) / 8 { word |= UInt64(bytes[at + index]) << UInt64(8 * index) }
                }
                bits.append(bits: word, count: taken)
                at += 8
                left -= taken
            }
        }
    }

    // MARK: Writing

    /// Runs of eight and more of a value as run lengths, the others packed.
    static func encode<T: FixedWidthInteger>(_ values: ArraySlice<T>, width: Int, into bytes: inout [UInt8]) {
        guard width > 0 else { return }
        values.withUnsafeBufferPointer { values in
            var start = 0
            var at = 0
            while at < values.count {
                var end = at + 1
                while end < values.count, values[end] == values[at] { end += 1 }
                // A packed run holds a multiple of eight values: what lacks is taken from the front of this one.
                let lacking = (8 - (at - start) % 8) % 8
                if end - at >= 8 + lacking {
                    at += lacking
                    if at > start { pack(values, start..<at, width: width, into: &bytes) }
                    append(UInt64(end - at) << 1, to: &bytes)
                    for index in 0..<(width + 7) / 8 { bytes.append(UInt8(truncatingIfNeeded: values[at] >> T(8 * index))) }
                    start = end
                }
                at = end
            }
            if start < values.count { pack(values, start..<values.count, width: width, into: &bytes) }
        }
    }

    private static func pack<T: FixedWidthInteger>(
        _ values: UnsafeBufferPointer<T>, _ range: Range<Int>, width: Int, into bytes: inout [UInt8]
    ) {
        let groups = (range.count + 7) / 8
        append(UInt64(groups) << 1 | 1, to: &bytes)
        var held: UInt64 = 0
        var bits = 0
        for index in range.lowerBound..<range.lowerBound + groups * 8 {
            if index < range.upperBound { held |= UInt64(UInt32(truncatingIfNeeded: values[index])) << UInt64(bits) }
            bits += width
            while bits >= 8 {
                bytes.append(UInt8(truncatingIfNeeded: held))
                held >>= 8
                bits -= 8
            }
        }
    }

    /// The bits of a range as one run: of a value if they are all alike, else packed.
    static func encode(_ bits: Bitmap, into bytes: inout [UInt8]) {
        let ones = bits.onesCount
        if ones == 0 || ones == bits.count {
            guard bits.count > 0 else { return }
            append(UInt64(bits.count) << 1, to: &bytes)
            bytes.append(ones == 0 ? 0 : 1)
            return
        }
        append(UInt64((bits.count + 7) / 8) << 1 | 1, to: &bytes)
        appendPlain(bits, into: &bytes)
    }

    /// The bits alone, least significant first, filled up to whole bytes.
    static func appendPlain(_ bits: Bitmap, into bytes: inout [UInt8]) {
        for index in 0..<(bits.count + 7) / 8 {
            bytes.append(UInt8(truncatingIfNeeded: bits.words[index >> 3] >> UInt64(8 * (index & 7))))
        }
    }

    static func append(_ value: UInt64, to bytes: inout [UInt8]) {
        var rest = value
        while rest >= 0x80 {
            bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
            rest >>= 7
        }
        bytes.append(UInt8(truncatingIfNeeded: rest))
    }

    /// How many bits the indices of that many entries need.
    static func width(forCount count: Int) -> Int { count <= 1 ? 0 : Int.bitWidth - (count - 1).leadingZeroBitCount }
}
