import CZlib
import SparkErrors
import Storage

/// A file's bytes part by part, unpacked if its name ends in `.gz`.
final class FileBytes {
    private let store: any ObjectStore
    private let file: SourceFile
    private var offset = 0
    /// The library keeps the address.
    private var stream: UnsafeMutablePointer<z_stream>?
    private var packed: [UInt8] = []
    private var packedStart = 0

    private static let partSize = 1 << 20

    init(_ file: SourceFile, in store: any ObjectStore) {
        self.store = store
        self.file = file
        guard file.name.lowercased().hasSuffix(".gz") else { return }
        let stream = UnsafeMutablePointer<z_stream>.allocate(capacity: 1)
        stream.initialize(to: z_stream())
        // 32 more than the greatest window: gzip or zlib, whichever the header says.
        _ = inflateInit2_(stream, 15 + 32, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size))
        self.stream = stream
    }

    deinit {
        guard let stream else { return }
        inflateEnd(stream)
        stream.deallocate()
    }

    /// nil at the end.
    func next() throws(SQLError) -> [UInt8]? {
        guard stream != nil else { return try nextStored() }
        while true {
            if packedStart == packed.count {
                guard let part = try nextStored() else { return nil }
                packed = part
                packedStart = 0
            }
            let part = try inflated()
            if !part.isEmpty { return part }
        }
    }

    private func nextStored() throws(SQLError) -> [UInt8]? {
        guard offset < file.size else { return nil }
        let bytes: [UInt8]
        do throws(StorageError) {
            bytes = try store.get(file.object, range: offset..<min(offset + Self.partSize, file.size))
        } catch {
            throw .unreadable(file.path, "the file is not there any more")
        }
        guard !bytes.isEmpty else { return nil }
        offset += bytes.count
        return bytes
    }

    private func inflated() throws(SQLError) -> [UInt8] {
        guard let stream else { return [] }
        var status = Z_OK
        let result = packed.withUnsafeMutableBufferPointer { source in
            [UInt8](unsafeUninitializedCapacity: Self.partSize) { target, count in
                stream.pointee.next_in = source.baseAddress.map { $0 + packedStart }
                stream.pointee.avail_in = UInt32(source.count - packedStart)
                stream.pointee.next_out = target.baseAddress
                stream.pointee.avail_out = UInt32(target.count)
                status = inflate(stream, Z_NO_FLUSH)
                packedStart = source.count - Int(stream.pointee.avail_in)
                // One member may follow another.
                if status == Z_STREAM_END { _ = inflateReset(stream) }
                count = target.count - Int(stream.pointee.avail_out)
            }
        }
        guard status == Z_OK || status == Z_STREAM_END || status == Z_BUF_ERROR else { throw .unreadable(file.path, "it is no file of gzip") }
        return result
    }
}

/// The records of a text file: lines, or what quotes and a file's end make of them.
struct RecordReader {
    enum Division: Sendable {
        case lines(separator: [UInt8]?)
        /// Lines of CSV that quotes may hold together.
        case quoted(quote: UInt8, escape: UInt8)
        case wholeFile
    }

    private let bytes: FileBytes
    private let path: String
    private let division: Division
    private var buffer: [UInt8] = []
    private var start = 0
    private var isAtEnd = false
    private var isFirst = true

    /// A record may be as long as a string of the engine.
    private static let maxRecord = 1 << 28

    init(_ bytes: FileBytes, path: String, _ division: Division) {
        self.bytes = bytes
        self.path = path
        self.division = division
    }

    /// nil at the end.
    mutating func next() throws(SQLError) -> ArraySlice<UInt8>? {
        var searched = start
        var isQuoted = false
        while true {
            if let (end, after) = find(&searched, &isQuoted) {
                defer { start = after }
                return buffer[start..<end]
            }
            guard !isAtEnd else {
                guard start < buffer.count else { return nil }
                defer { start = buffer.count }
                return buffer[start...]
            }
            buffer.removeSubrange(..<start)
            searched -= start
            start = 0
            guard buffer.count <= Self.maxRecord else { throw .unreadable(path, "a record is longer than \(Self.maxRecord) bytes") }
            if let part = try bytes.next() {
                buffer += part
                if isFirst {
                    isFirst = false
                    if buffer.starts(with: [0xEF, 0xBB, 0xBF]) {
                        start = 3
                        searched = 3
                    }
                }
            } else {
                isAtEnd = true
            }
        }
    }

    /// Where the record at `start` ends and the next one begins.
    private func find(_ searched: inout Int, _ isQuoted: inout Bool) -> (end: Int, after: Int)? {
        buffer.withUnsafeBufferPointer { buffer in
            switch division {
            case .wholeFile:
                searched = buffer.count
                return nil
            case .lines(let separator?) where !separator.isEmpty:
                while searched + separator.count <= buffer.count {
                    if buffer[searched] == separator[0], buffer[searched..<searched + separator.count].elementsEqual(separator) {
                        return (searched, searched + separator.count)
                    }
                    searched += 1
                }
                return nil
            case .lines:
                while searched < buffer.count {
                    if buffer[searched] == 0x0A {
                        let end = searched > start && buffer[searched - 1] == 0x0D ? searched - 1 : searched
                        return (end, searched + 1)
                    }
                    searched += 1
                }
                return nil
            case .quoted(let quote, let escape):
                while searched < buffer.count {
                    let byte = buffer[searched]
                    if isQuoted, byte == escape, escape != quote {
                        guard searched + 1 < buffer.count || isAtEnd else { return nil }
                        searched += 2
                        continue
                    }
                    if byte == quote { isQuoted.toggle() }
                    if byte == 0x0A, !isQuoted {
                        let end = searched > start && buffer[searched - 1] == 0x0D ? searched - 1 : searched
                        return (end, searched + 1)
                    }
                    searched += 1
                }
                return nil
            }
        }
    }
}

extension SQLError {
    static func unreadable(_ path: String, _ reason: String) -> SQLError {
        SQLError(
            .delta("FAILED_READ_FILE.NO_HINT", sqlState: "KD001", "Error while reading file <path>.\n<reason>"), ["path": path, "reason": reason],
            phase: .execution)
    }
}
