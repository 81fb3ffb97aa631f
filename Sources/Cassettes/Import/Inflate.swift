import CZlib

/// Undoes gzip (RFC 1952), zlib (RFC 1950) and bare DEFLATE (RFC 1951), with a bound on what comes out.
enum Inflate {
    struct Failure: Error {
        let message: String
    }

    /// What a small input may grow to: bodies that were recorded were held in memory once.
    static let maxBytes = 256 << 20

    static func isGzip(_ bytes: some Collection<UInt8>) -> Bool { bytes.starts(with: [0x1F, 0x8B, 8]) }

    /// All members of a gzip file, one behind the other.
    static func gzip(_ bytes: [UInt8]) throws(Failure) -> [UInt8] { try inflate(bytes, windowBits: 15 + 16) }

    /// `Content-Encoding: deflate`: zlib, or bare as some servers send it.
    static func deflate(_ bytes: [UInt8]) throws(Failure) -> [UInt8] {
        let hasHeader = bytes.count >= 2 && bytes[0] & 15 == 8 && (Int(bytes[0]) << 8 | Int(bytes[1])).isMultiple(of: 31)
        return try inflate(bytes, windowBits: hasHeader ? 15 : -15)
    }

    private static func inflate(_ bytes: [UInt8], windowBits: Int32) throws(Failure) -> [UInt8] {
        var stream = z_stream()
        guard inflateInit2_(&stream, windowBits, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size)) == Z_OK else {
            throw Failure(message: "the compressed body cannot be read")
        }
        defer { inflateEnd(&stream) }
        var source = bytes
        var result: [UInt8] = []
        var status = Z_OK
        source.withUnsafeMutableBufferPointer { input in
            stream.next_in = input.baseAddress
            stream.avail_in = uInt(clamping: input.count)
            repeat {
                let part = [UInt8](unsafeUninitializedCapacity: 1 << 16) { buffer, count in
                    stream.next_out = buffer.baseAddress
                    stream.avail_out = uInt(buffer.count)
                    status = CZlib.inflate(&stream, Z_NO_FLUSH)
                    count = buffer.count - Int(stream.avail_out)
                }
                result += part
                // Another member may follow.
                if status == Z_STREAM_END, stream.avail_in > 0, windowBits > 15 { status = inflateReset(&stream) }
            } while status == Z_OK && result.count <= maxBytes
        }
        guard result.count <= maxBytes else { throw Failure(message: "the body grows beyond \(maxBytes >> 20) MiB") }
        switch status {
        case Z_STREAM_END: return result
        case Z_BUF_ERROR: throw Failure(message: "the compressed body is cut off")
        default: throw Failure(message: "the compressed body is damaged")
        }
    }
}
