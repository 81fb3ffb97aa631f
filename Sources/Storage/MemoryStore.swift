import Synchronization

/// Objects in memory. A fork shares everything with its origin until one of the two writes.
package final class MemoryStore: ObjectStore {
    private let objects: Mutex<OrderedObjects>
    private let now: @Sendable () -> Int64

    /// `now` dates objects, in milliseconds since 1970.
    package init(now: @escaping @Sendable () -> Int64 = { 0 }) {
        objects = Mutex(OrderedObjects())
        self.now = now
    }

    private init(_ contents: OrderedObjects, now: @escaping @Sendable () -> Int64) {
        objects = Mutex(contents)
        self.now = now
    }

    /// An independent store with the same contents; costs nothing until one of the two writes.
    package func fork(now: (@Sendable () -> Int64)? = nil) -> MemoryStore {
        MemoryStore(objects.withLock { $0 }, now: now ?? self.now)
    }

    /// Takes on the contents of another store, in one step for those who look.
    package func restore(_ other: MemoryStore) {
        let contents = other.objects.withLock { $0 }
        objects.withLock { $0 = contents }
    }

    package var count: Int { objects.withLock { $0.count } }

    package func get(_ path: String) throws(StorageError) -> [UInt8] {
        let key = Array(path.utf8)
        guard let object = objects.withLock({ $0[key] }) else { throw .notFound(path) }
        return object.bytes
    }

    package func get(_ path: String, range: Range<Int>) throws(StorageError) -> [UInt8] {
        Array(try get(path)[clamping: range])
    }

    package func put(_ path: String, _ bytes: [UInt8]) throws(StorageError) {
        try ObjectPath.check(path)
        let object = OrderedObjects.Object(key: Array(path.utf8), bytes: bytes.fitted(), modified: now())
        objects.withLock { _ = $0.insert(object, replacing: true) }
    }

    package func putIfAbsent(_ path: String, _ bytes: [UInt8]) throws(StorageError) -> Bool {
        try ObjectPath.check(path)
        let object = OrderedObjects.Object(key: Array(path.utf8), bytes: bytes.fitted(), modified: now())
        return objects.withLock { $0.insert(object, replacing: false) }
    }

    package func list(_ prefix: String, after: String?, limit: Int) throws(StorageError) -> [ObjectInfo] {
        let prefix = Array(prefix.utf8)
        let after = after.map { Array($0.utf8) }
        return objects.withLock { $0.list(prefix: prefix, after: after, limit: limit) }
    }

    package func delete(_ path: String) throws(StorageError) {
        let key = Array(path.utf8)
        objects.withLock { $0.remove(key) }
    }

    package func identity(_ path: String) throws(StorageError) -> ObjectIdentity? {
        let key = Array(path.utf8)
        return objects.withLock { $0[key] }.map { ObjectIdentity(store: 0, object: $0.serial, stamp: 0) }
    }

    package func info(_ path: String) throws(StorageError) -> ObjectInfo? {
        let key = Array(path.utf8)
        return objects.withLock { $0[key]?.info }
    }
}

extension [UInt8] {
    /// Without the room that an array which has grown keeps for more: up to as much again as it holds.
    fileprivate func fitted() -> [UInt8] {
        guard capacity - count > count / 8, capacity > 256 else { return self }
        return [UInt8](unsafeUninitializedCapacity: count) { room, filled in filled = room.initialize(from: self).index }
    }
}

extension Array {
    /// The elements at those positions of `range` that exist.
    subscript(clamping range: Range<Int>) -> ArraySlice<Element> { self[range.clamped(to: indices)] }
}
