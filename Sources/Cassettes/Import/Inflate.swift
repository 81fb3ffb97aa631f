/// Undoes DEFLATE (RFC 1951) and the frames around it: gzip (RFC 1952) and zlib (RFC 1950).
enum Inflate {
    struct Failure: Error {
        let message: String
    }

    /// What a small input may grow to: bodies that were recorded were held in memory once.
    static let maxBytes = 256 << 20

    static func isGzip(_ bytes: some Collection<UInt8>) -> Bool { bytes.starts(with: [0x1F, 0x8B, 8]) }

    /// All members of a gzip file, one behind the other.
    static func gzip(_ bytes: [UInt8]) throws(Failure) -> [UInt8] {
        var reader = InflateReader(bytes)
        var result: [UInt8] = []
        repeat {
            try gzipHeader(&reader)
            let start = result.count
            try reader.inflate(into: &result)
            reader.alignToByte()
            let (sum, size) = (try reader.littleEndian(4), try reader.littleEndian(4))
            guard size == UInt32(truncatingIfNeeded: result.count - start) else { throw Failure(message: "the gzip size does not fit") }
            guard sum == CRC32.of(result[start...]) else { throw Failure(message: "the gzip checksum does not fit") }
        } while !reader.isAtEnd
        return result
    }

    private static func gzipHeader(_ reader: inout InflateReader) throws(Failure) {
        guard try reader.byte() == 0x1F, try reader.byte() == 0x8B, try reader.byte() == 8 else { throw Failure(message: "not gzip") }
        let flags = try reader.byte()
        try reader.skip(6)
        if flags & 4 != 0 { try reader.skip(Int(try reader.littleEndian(2))) }
        for flag: UInt8 in [8, 16] where flags & flag != 0 {
            while try reader.byte() != 0 {}
        }
        if flags & 2 != 0 { try reader.skip(2) }
    }

    /// `Content-Encoding: deflate`: zlib, or bare as some servers send it.
    static func deflate(_ bytes: [UInt8]) throws(Failure) -> [UInt8] {
        var reader = InflateReader(bytes)
        if bytes.count >= 2, bytes[0] & 15 == 8, (Int(bytes[0]) << 8 | Int(bytes[1])).isMultiple(of: 31) { try reader.skip(2) }
        var result: [UInt8] = []
        try reader.inflate(into: &result)
        return result
    }
}

enum CRC32 {
    private static let table: [UInt32] = (0..<256).map { index in
        (0..<8).reduce(UInt32(index)) { value, _ in value & 1 == 1 ? 0xEDB8_8320 ^ (value >> 1) : value >> 1 }
    }

    static func of(_ bytes: ArraySlice<UInt8>) -> UInt32 {
        ~bytes.reduce(~UInt32(0)) { table[Int(($0 ^ UInt32($1)) & 255)] ^ ($0 >> 8) }
    }
}
