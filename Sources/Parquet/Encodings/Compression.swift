import CLZ4
import CSnappy
import CZlib
import CZstd

/// How a writer compresses pages.
package enum Compression: Sendable, Hashable, CaseIterable {
    case none, snappy, zstd, gzip, lz4

    var codec: Codec {
        switch self {
        case .none: .uncompressed
        case .snappy: .snappy
        case .zstd: .zstd
        case .gzip: .gzip
        case .lz4: .lz4Raw
        }
    }
}

extension Codec {
    /// Whether pages in it are read.
    var isSupported: Bool { self != .lzo && self != .brotli }

    /// The `size` bytes that a page's header promises; any other number is an error. No more than those are ever allocated.
    func decompress(_ bytes: [UInt8], _ range: Range<Int>, size: Int) throws(ParquetError) -> [UInt8] {
        guard size >= 0 else { throw .malformed("a page of \(size) bytes") }
        var filled = -1
        let result = [UInt8](unsafeUninitializedCapacity: size) { buffer, count in
            filled = bytes.withUnsafeBytes { source in
                let part = UnsafeRawBufferPointer(rebasing: source[range])
                // An empty buffer has no address.
                var nothing: UInt8 = 0
                if size > 0 { return decompress(part, UnsafeMutableRawBufferPointer(buffer)) }
                return withUnsafeMutableBytes(of: &nothing) { decompress(part, UnsafeMutableRawBufferPointer(start: $0.baseAddress, count: 0)) }
            }
            count = filled == size ? size : 0
        }
        guard filled == size else { throw .malformed("a page that cannot be decompressed from \(name)") }
        return result
    }

    /// How many bytes there were; -1 if the data are broken or more.
    private func decompress(_ source: UnsafeRawBufferPointer, _ target: UnsafeMutableRawBufferPointer) -> Int {
        guard let from = source.baseAddress, let to = target.baseAddress else { return source.isEmpty && target.isEmpty ? 0 : -1 }
        switch self {
        case .uncompressed:
            guard source.count == target.count else { return -1 }
            target.copyMemory(from: source)
            return target.count
        case .snappy:
            var length = target.count
            var promised = 0
            guard snappy_uncompressed_length(from, source.count, &promised) == SNAPPY_OK, promised == target.count else { return -1 }
            return snappy_uncompress(from, source.count, to, &length) == SNAPPY_OK ? length : -1
        case .zstd:
            let length = ZSTD_decompress(to, target.count, from, source.count)
            return ZSTD_isError(length) != 0 ? -1 : Int(length)
        case .gzip: return Self.inflate(source, target)
        case .lz4Raw: return Self.lz4(source, target)
        case .lz4: return Self.hadoopLZ4(source, target) ?? Self.lz4(source, target)
        case .lzo, .brotli: return -1
        }
    }

    private static func lz4(_ source: UnsafeRawBufferPointer, _ target: UnsafeMutableRawBufferPointer) -> Int {
        guard let size = Int32(exactly: source.count), let capacity = Int32(exactly: target.count) else { return -1 }
        return Int(LZ4_decompress_safe(source.baseAddress, target.baseAddress, size, capacity))
    }

    /// Blocks with their two lengths ahead, as Hadoop frames them; nil if the data are not of this kind.
    private static func hadoopLZ4(_ source: UnsafeRawBufferPointer, _ target: UnsafeMutableRawBufferPointer) -> Int? {
        var (read, written) = (0, 0)
        while source.count - read >= 8 {
            let size = Int(UInt32(bigEndian: source.loadUnaligned(fromByteOffset: read, as: UInt32.self)))
            let packed = Int(UInt32(bigEndian: source.loadUnaligned(fromByteOffset: read + 4, as: UInt32.self)))
            read += 8
            guard packed <= source.count - read, size <= target.count - written else { return nil }
            let block = UnsafeRawBufferPointer(rebasing: source[read..<read + packed])
            let place = UnsafeMutableRawBufferPointer(rebasing: target[written..<written + size])
            guard lz4(block, place) == size else { return nil }
            (read, written) = (read + packed, written + size)
        }
        return read == source.count ? written : nil
    }

    /// One or more members of gzip or zlib one after the other.
    private static func inflate(_ source: UnsafeRawBufferPointer, _ target: UnsafeMutableRawBufferPointer) -> Int {
        guard let size = UInt32(exactly: source.count), let capacity = UInt32(exactly: target.count) else { return -1 }
        var stream = z_stream()
        stream.next_in = UnsafeMutablePointer(mutating: source.bindMemory(to: UInt8.self).baseAddress)
        stream.avail_in = size
        stream.next_out = target.bindMemory(to: UInt8.self).baseAddress
        stream.avail_out = capacity
        // 32 more than the greatest window: gzip or zlib, whichever the header says.
        guard inflateInit2_(&stream, 15 + 32, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size)) == Z_OK else { return -1 }
        defer { inflateEnd(&stream) }
        while true {
            guard CZlib.inflate(&stream, Z_FINISH) == Z_STREAM_END else { return -1 }
            if stream.avail_in == 0 { return Int(capacity - stream.avail_out) }
            guard inflateReset(&stream) == Z_OK else { return -1 }
        }
    }

    /// A page's bytes compressed; nil if the library refuses them.
    func compress(_ bytes: [UInt8]) -> [UInt8]? {
        guard self != .uncompressed else { return bytes }
        return bytes.withUnsafeBytes { source -> [UInt8]? in
            let capacity = bound(source.count)
            var size = -1
            let result = [UInt8](unsafeUninitializedCapacity: capacity) { buffer, count in
                size = compress(source, UnsafeMutableRawBufferPointer(buffer))
                count = max(size, 0)
            }
            return size >= 0 ? result : nil
        }
    }

    private func bound(_ count: Int) -> Int {
        switch self {
        case .snappy: Int(snappy_max_compressed_length(count))
        case .zstd: Int(ZSTD_compressBound(count))
        case .lz4Raw: Int(LZ4_compressBound(Int32(clamping: count)))
        // A member's header and trailer, and five bytes for each block that does not shrink.
        case .gzip: count + count / 1000 + 64
        default: count
        }
    }

    private func compress(_ source: UnsafeRawBufferPointer, _ target: UnsafeMutableRawBufferPointer) -> Int {
        // An empty buffer may have no address, which the libraries need.
        var nothing: UInt8 = 0
        return withUnsafeBytes(of: &nothing) { empty in
            guard let from = source.baseAddress ?? empty.baseAddress, let to = target.baseAddress else { return -1 }
            switch self {
            case .snappy:
                var length = target.count
                return snappy_compress(from, source.count, to, &length) == SNAPPY_OK ? length : -1
            case .zstd:
                let length = ZSTD_compress(to, target.count, from, source.count, 1)
                return ZSTD_isError(length) != 0 ? -1 : Int(length)
            case .lz4Raw:
                guard let size = Int32(exactly: source.count) else { return -1 }
                let length = LZ4_compress_default(from, to, size, Int32(clamping: target.count))
                return length > 0 ? Int(length) : -1
            case .gzip: return Self.deflate(from, source.count, target)
            default: return -1
            }
        }
    }

    private static func deflate(_ from: UnsafeRawPointer, _ count: Int, _ target: UnsafeMutableRawBufferPointer) -> Int {
        guard let size = UInt32(exactly: count), let capacity = UInt32(exactly: target.count) else { return -1 }
        var stream = z_stream()
        stream.next_in = UnsafeMutablePointer(mutating: from.assumingMemoryBound(to: UInt8.self))
        stream.avail_in = size
        stream.next_out = target.bindMemory(to: UInt8.self).baseAddress
        stream.avail_out = capacity
        // 16 more than the greatest window: gzip.
        let isReady = deflateInit2_(&stream, 6, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size))
        guard isReady == Z_OK else { return -1 }
        defer { deflateEnd(&stream) }
        return CZlib.deflate(&stream, Z_FINISH) == Z_STREAM_END ? Int(capacity - stream.avail_out) : -1
    }
}
