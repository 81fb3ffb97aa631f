import Synchronization

/// An object that comes in parts and appears as a whole, or not at all.
package protocol ObjectUpload: Sendable {
    func append(_ bytes: [UInt8]) throws(StorageError)

    /// Makes the object. False, and nothing changed, if there is one of that name and `ifAbsent` is asked for.
    func commit(_ path: String, ifAbsent: Bool) throws(StorageError) -> Bool

    /// Forgets what has come; also what happens to an upload that nobody holds any more.
    func cancel()
}

extension ObjectStore {
    package func beginUpload() throws(StorageError) -> any ObjectUpload { BufferedUpload(store: self) }

    /// Creates or replaces an object with the bytes of others, one behind the other, a megabyte at a time.
    package func concatenate(_ sources: [String], to path: String, ifAbsent: Bool = false) throws(StorageError) -> Bool {
        let step = 1 << 20
        let upload = try beginUpload()
        defer { upload.cancel() }
        for source in sources {
            guard let size = try info(source)?.size else { throw .notFound(source) }
            for start in stride(from: 0, to: size, by: step) { try upload.append(get(source, range: start..<min(size, start + step))) }
        }
        return try upload.commit(path, ifAbsent: ifAbsent)
    }
}

/// Holds the parts in memory until the end: for stores that hold their objects there, too.
private final class BufferedUpload: ObjectUpload {
    private let store: any ObjectStore
    private let bytes = Mutex<[UInt8]>([])

    init(store: any ObjectStore) { self.store = store }

    func append(_ part: [UInt8]) { bytes.withLock { $0 += part } }

    func commit(_ path: String, ifAbsent: Bool) throws(StorageError) -> Bool {
        let whole = bytes.withLock { bytes in
            defer { bytes = [] }
            return bytes
        }
        if ifAbsent { return try store.putIfAbsent(path, whole) }
        try store.put(path, whole)
        return true
    }

    func cancel() { bytes.withLock { $0 = [] } }
}
