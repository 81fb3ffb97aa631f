/// A place within the bytes of a page, never to be moved beyond its end.
struct ByteCursor {
    let bytes: [UInt8]
    private(set) var position: Int
    let end: Int

    /// Over `range`, which must lie in the bytes.
    init(_ bytes: [UInt8], _ range: Range<Int>) {
        self.bytes = bytes
        position = range.lowerBound
        end = range.upperBound
    }

    var remaining: Int { end - position }

    mutating func byte() throws(ParquetError) -> UInt8 {
        guard position < end else { throw .malformed("a page ends too early") }
        defer { position += 1 }
        return bytes[position]
    }

    /// Moves over that many bytes, and gives where they are.
    mutating func take(_ count: Int) throws(ParquetError) -> Range<Int> {
        guard count >= 0, count <= remaining else { throw .malformed("a page ends too early") }
        position += count
        return position - count..<position
    }

    /// A cursor over the next bytes alone, which this one moves over.
    mutating func part(_ count: Int) throws(ParquetError) -> ByteCursor { ByteCursor(bytes, try take(count)) }

    /// An unsigned length of four bytes.
    mutating func length() throws(ParquetError) -> Int {
        let range = try take(4)
        return bytes.withUnsafeBytes { Int(UInt32(littleEndian: $0.loadUnaligned(fromByteOffset: range.lowerBound, as: UInt32.self))) }
    }

    mutating func varint() throws(ParquetError) -> UInt64 {
        var result: UInt64 = 0
        var shift: UInt64 = 0
        while shift < 64 {
            let next = try byte()
            result |= UInt64(next & 0x7F) << shift
            if next < 0x80 { return result }
            shift += 7
        }
        throw .malformed("an integer of more than 64 bits")
    }

    /// Little-endian values of fixed width. The machines that this runs on are little-endian as well.
    mutating func append<T: FixedWidthInteger & BitwiseCopyable>(_ count: Int, to values: inout [T]) throws(ParquetError) {
        let (size, overflow) = count.multipliedReportingOverflow(by: MemoryLayout<T>.size)
        guard !overflow else { throw .malformed("a page ends too early") }
        let range = try take(size)
        guard count > 0 else { return }
        bytes.withUnsafeBytes { source in
            values.append(
                contentsOf: [T](unsafeUninitializedCapacity: count) { buffer, filled in
                    UnsafeMutableRawBufferPointer(buffer).copyMemory(from: UnsafeRawBufferPointer(rebasing: source[range]))
                    filled = count
                })
        }
    }
}
