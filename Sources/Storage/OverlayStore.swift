import Synchronization

/// A store over another one, which it never changes: what is put stays here in memory, and what is deleted is hidden here alone.
package final class OverlayStore: ObjectStore {
    private let base: any ObjectStore
    private let added: MemoryStore
    private let hidden = Mutex<Set<String>>([])

    /// `now` dates objects, in milliseconds since 1970.
    package init(over base: any ObjectStore, now: @escaping @Sendable () -> Int64) {
        self.base = base
        added = MemoryStore(now: now)
    }

    private func isHidden(_ path: String) -> Bool { hidden.withLock { $0.contains(path) } }

    package func get(_ path: String) throws(StorageError) -> [UInt8] {
        if try added.info(path) != nil { return try added.get(path) }
        if isHidden(path) { throw .notFound(path) }
        return try base.get(path)
    }

    package func get(_ path: String, range: Range<Int>) throws(StorageError) -> [UInt8] {
        if try added.info(path) != nil { return try added.get(path, range: range) }
        if isHidden(path) { throw .notFound(path) }
        return try base.get(path, range: range)
    }

    package func put(_ path: String, _ bytes: [UInt8]) throws(StorageError) { try added.put(path, bytes) }

    package func putIfAbsent(_ path: String, _ bytes: [UInt8]) throws(StorageError) -> Bool {
        if !isHidden(path), try base.info(path) != nil { return false }
        return try added.putIfAbsent(path, bytes)
    }

    package func list(_ prefix: String, after: String?, limit: Int) throws(StorageError) -> [ObjectInfo] {
        var own = try added.list(prefix, after: after, limit: limit)[...]
        var result: [ObjectInfo] = []
        var after = after
        while result.count < limit {
            let page = try base.list(prefix, after: after, limit: limit)
            for object in page where result.count < limit {
                while let first = own.first, !Self.isBehind(first.path, object.path), result.count < limit { result.append(own.removeFirst()) }
                if result.count < limit, result.last?.path != object.path, !isHidden(object.path) { result.append(object) }
            }
            guard page.count >= limit, let last = page.last else { break }
            after = last.path
        }
        result += own.prefix(limit - result.count)
        return result
    }

    private static func isBehind(_ left: String, _ right: String) -> Bool { right.utf8.lexicographicallyPrecedes(left.utf8) }

    package func delete(_ path: String) throws(StorageError) {
        hidden.withLock { _ = $0.insert(path) }
        try added.delete(path)
    }

    package func info(_ path: String) throws(StorageError) -> ObjectInfo? {
        if let info = try added.info(path) { return info }
        return isHidden(path) ? nil : try base.info(path)
    }

    package func identity(_ path: String) throws(StorageError) -> ObjectIdentity? {
        if let identity = try added.identity(path) { return identity }
        return isHidden(path) ? nil : try base.identity(path)
    }
}
