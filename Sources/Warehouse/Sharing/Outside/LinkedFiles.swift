import SparkErrors
import SparkSQL
import Storage
import Synchronization

/// Files that a sharing server has given links to, fetched when they are first read. Nothing is written here.
final class LinkedFiles: ObjectStore {
    static let location = "shared"

    private struct Held {
        var bytes: [String: [UInt8]] = [:]
        var order: [String] = []
        var size = 0
        /// What the store's own errors cannot say.
        var failure: SQLError?
    }

    /// So much is kept at once; what is gone is fetched again.
    private static let maxHeldBytes = 512 << 20

    private let links: [String: SharingLines.Link]
    private let server: SharingServer
    private let wait: OutsideWait
    private let held = Mutex(Held())
    /// Gives the files their identities.
    private let names = MemoryStore()

    init(_ lines: SharingLines, _ server: SharingServer, _ wait: OutsideWait) {
        links = Dictionary(uniqueKeysWithValues: lines.links.map { ("\(Self.location)/\($0.key)", $0.value) })
        self.server = server
        self.wait = wait
    }

    /// Why the last read failed, if it was the other side's doing.
    var failure: SQLError? { held.withLock { $0.failure } }

    func get(_ path: String) throws(StorageError) -> [UInt8] {
        if let known = held.withLock({ $0.bytes[path] }) { return known }
        guard let link = links[path] else { throw .notFound(path) }
        let server = server
        let limit = link.size ?? SharingLines.maxFileBytes
        do throws(SQLError) {
            let bytes = try wait.run { () async throws in
                let bytes = try await server.file(link.url, maxBytes: limit)
                if let size = link.size, bytes.count != size {
                    throw SharingFailure(
                        .malformed, "A file that provider '\(server.provider)' told to have \(size) bytes has \(bytes.count).")
                }
                return bytes
            }
            held.withLock { held in
                guard held.bytes.updateValue(bytes, forKey: path) == nil else { return }
                held.order.append(path)
                held.size += bytes.count
                while held.size > Self.maxHeldBytes, held.order.count > 1 {
                    held.size -= held.bytes.removeValue(forKey: held.order.removeFirst())?.count ?? 0
                }
            }
            return bytes
        } catch {
            held.withLock { $0.failure = error }
            throw .system(path: path, operation: "reading", code: 0, text: "the file was not given")
        }
    }

    func get(_ path: String, range: Range<Int>) throws(StorageError) -> [UInt8] {
        let bytes = try get(path)
        let start = min(max(range.lowerBound, 0), bytes.count)
        return Array(bytes[start..<min(max(range.upperBound, start), bytes.count)])
    }

    func info(_ path: String) throws(StorageError) -> ObjectInfo? {
        guard let link = links[path] else { return nil }
        let size = if let size = link.size { size } else { try get(path).count }
        return ObjectInfo(path: path, size: size, modified: 0)
    }

    func identity(_ path: String) throws(StorageError) -> ObjectIdentity? {
        guard links[path] != nil else { return nil }
        _ = try names.putIfAbsent(path, [])
        return try names.identity(path)
    }

    func list(_ prefix: String, after: String?, limit: Int) throws(StorageError) -> [ObjectInfo] { [] }

    func put(_ path: String, _ bytes: [UInt8]) throws(StorageError) { throw .invalidPath(path) }
    func putIfAbsent(_ path: String, _ bytes: [UInt8]) throws(StorageError) -> Bool { throw .invalidPath(path) }
    func delete(_ path: String) throws(StorageError) { throw .invalidPath(path) }
    func beginUpload() throws(StorageError) -> any ObjectUpload { throw .invalidPath("") }
}
