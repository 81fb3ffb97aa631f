import Synchronization

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// Objects as files below a directory. A file appears under its name only when it is complete and, if `durable`, on the disk.
package final class DirectoryStore: ObjectStore {
    /// Holds files being written; not part of the store's contents.
    static let stagingName = ".staging"

    package let root: String
    private let durable: Bool
    private let now: (@Sendable () -> Int64)?
    private let counter = Atomic<UInt64>(0)
    private let number: UInt64
    private static let instances = Atomic<UInt64>(0)

    /// Creates the directory if need be. `now` dates objects, in milliseconds since 1970; without it the system does.
    package init(root: String, durable: Bool = true, now: (@Sendable () -> Int64)? = nil) throws(StorageError) {
        var root = root
        while root.count > 1, root.hasSuffix("/") { root.removeLast() }
        self.root = root
        self.durable = durable
        self.now = now
        number = Self.instances.wrappingAdd(1, ordering: .relaxed).newValue
        try FileSystem.makeDirectories(root + "/" + Self.stagingName)
        // What is left of a process that died while writing.
        for name in try FileSystem.names(root + "/" + Self.stagingName) where name != "." && name != ".." {
            unlink(root + "/" + Self.stagingName + "/" + name)
        }
    }

    private func file(_ path: String) throws(StorageError) -> String {
        try ObjectPath.check(path)
        guard path != Self.stagingName, !path.hasPrefix(Self.stagingName + "/") else { throw .invalidPath(path) }
        return root + "/" + path
    }

    package func get(_ path: String) throws(StorageError) -> [UInt8] {
        try FileSystem.read(file(path), path, range: 0..<Int.max)
    }

    package func get(_ path: String, range: Range<Int>) throws(StorageError) -> [UInt8] {
        try FileSystem.read(file(path), path, range: range)
    }

    package func put(_ path: String, _ bytes: [UInt8]) throws(StorageError) {
        let target = try file(path)
        let staged = try stage(bytes, path)
        defer { unlink(staged) }
        try place(target, path) { rename(staged, target) }
    }

    package func putIfAbsent(_ path: String, _ bytes: [UInt8]) throws(StorageError) -> Bool {
        let target = try file(path)
        let staged = try stage(bytes, path)
        defer { unlink(staged) }
        return try placeIfAbsent(staged, target, path)
    }

    package func beginUpload() throws(StorageError) -> any ObjectUpload { try StagedUpload(store: self, staged: stagedName()) }

    /// Puts a complete staged file in its place.
    fileprivate func commit(_ staged: String, _ path: String, ifAbsent: Bool) throws(StorageError) -> Bool {
        let target = try file(path)
        if ifAbsent { return try placeIfAbsent(staged, target, path) }
        try place(target, path) { rename(staged, target) }
        return true
    }

    fileprivate func finish(_ descriptor: Int32, _ path: String) throws(StorageError) {
        try FileSystem.finish(descriptor, path, sync: durable, modified: now?())
    }

    private func placeIfAbsent(_ staged: String, _ target: String, _ path: String) throws(StorageError) -> Bool {
        var taken = false
        try place(target, path) {
            if link(staged, target) == 0 { return 0 }
            taken = errno == EEXIST
            return taken ? 0 : -1
        }
        return !taken
    }

    package func delete(_ path: String) throws(StorageError) {
        let target = try file(path)
        guard unlink(target) == 0 else {
            if errno == ENOENT || errno == ENOTDIR || errno == EISDIR { return }
            throw FileSystem.error(path, "delete")
        }
        // Directories are not objects: those that became empty go.
        var directory = FileSystem.parent(target)
        while directory.utf8.count > root.utf8.count, rmdir(directory) == 0 { directory = FileSystem.parent(directory) }
    }

    package func info(_ path: String) throws(StorageError) -> ObjectInfo? {
        guard let status = FileSystem.status(try file(path)), status.isFile else { return nil }
        return ObjectInfo(path: path, size: status.size, modified: status.modified)
    }

    /// A replaced file is another inode, and a reused inode has another time of change.
    package func identity(_ path: String) throws(StorageError) -> ObjectIdentity? {
        guard let status = FileSystem.status(try file(path)), status.isFile else { return nil }
        return ObjectIdentity(store: number, object: status.inode, stamp: status.changed)
    }

    package func list(_ prefix: String, after: String?, limit: Int) throws(StorageError) -> [ObjectInfo] {
        var directory = ""
        if let slash = prefix.utf8.lastIndex(of: UInt8(ascii: "/")) {
            directory = String(prefix[..<slash])
            do throws(StorageError) { try ObjectPath.check(directory) } catch { return [] }
        }
        var walk = Walk(prefix: Array(prefix.utf8), after: after.map { Array($0.utf8) } ?? [], limit: limit)
        try visit(directory, &walk)
        return walk.found
    }

    private struct Walk {
        let prefix: [UInt8]
        let after: [UInt8]
        let limit: Int
        var found: [ObjectInfo] = []
    }

    private func visit(_ directory: String, _ walk: inout Walk) throws(StorageError) {
        var entries: [(key: [UInt8], isDirectory: Bool, status: FileSystem.Status)] = []
        let base = directory.isEmpty ? "" : directory + "/"
        for name in try FileSystem.names(directory.isEmpty ? root : root + "/" + directory) where name != "." && name != ".." {
            if directory.isEmpty && name == Self.stagingName { continue }
            guard let status = FileSystem.status(root + "/" + base + name) else { continue }
            // A directory sorts as the paths in it do, with a slash behind its name.
            if status.isDirectory { entries.append((Array((base + name + "/").utf8), true, status)) }
            if status.isFile { entries.append((Array((base + name).utf8), false, status)) }
        }
        entries.sort { OrderedObjects.compare($0.key, $1.key) < 0 }
        for entry in entries where walk.found.count < walk.limit {
            let shared = min(entry.key.count, walk.prefix.count)
            guard entry.key[..<shared] == walk.prefix[..<shared] else { continue }
            if entry.isDirectory {
                // All paths in the directory start with its key: none is behind `after` if the key is before it and no part of it.
                if OrderedObjects.compare(entry.key, walk.after) < 0, !walk.after.starts(with: entry.key) { continue }
                try visit(String(decoding: entry.key.dropLast(), as: UTF8.self), &walk)
            } else if shared == walk.prefix.count, OrderedObjects.compare(entry.key, walk.after) > 0 {
                let path = String(decoding: entry.key, as: UTF8.self)
                walk.found.append(ObjectInfo(path: path, size: entry.status.size, modified: entry.status.modified))
            }
        }
    }

    private func stagedName() -> String {
        root + "/" + Self.stagingName + "/\(getpid())-\(counter.wrappingAdd(1, ordering: .relaxed).newValue)"
    }

    /// Writes a complete file under a name of its own.
    private func stage(_ bytes: [UInt8], _ path: String) throws(StorageError) -> String {
        let staged = stagedName()
        do throws(StorageError) {
            try FileSystem.write(staged, path, bytes, sync: durable, modified: now?())
        } catch {
            unlink(staged)
            throw error
        }
        return staged
    }

    /// Makes the parent directories as needed and runs `action`, which gives a system call's result.
    private func place(_ target: String, _ path: String, _ action: () -> Int32) throws(StorageError) {
        let parent = FileSystem.parent(target)
        // A deletion at the same time may take away a directory that has just been made.
        for attempt in 0..<8 {
            if action() == 0 {
                if durable { FileSystem.syncDirectory(parent) }
                return
            }
            guard errno == ENOENT, attempt < 7 else { break }
            try FileSystem.makeDirectories(parent)
        }
        if errno == ENOTDIR || errno == EISDIR || errno == ENAMETOOLONG { throw .invalidPath(path) }
        throw FileSystem.error(path, "write")
    }
}

/// An upload as a growing file in the staging directory.
private final class StagedUpload: ObjectUpload {
    private let store: DirectoryStore
    private let staged: String
    /// -1 when it is closed.
    private let descriptor: Mutex<Int32>

    init(store: DirectoryStore, staged: String) throws(StorageError) {
        self.store = store
        self.staged = staged
        descriptor = Mutex(try FileSystem.create(staged, staged))
    }

    deinit { cancel() }

    func append(_ bytes: [UInt8]) throws(StorageError) {
        let descriptor = descriptor.withLock { $0 }
        guard descriptor >= 0 else { throw .notFound(staged) }
        try FileSystem.append(descriptor, staged, bytes)
    }

    func commit(_ path: String, ifAbsent: Bool) throws(StorageError) -> Bool {
        let descriptor = descriptor.withLock { $0 }
        guard descriptor >= 0 else { throw .notFound(staged) }
        defer { cancel() }
        try store.finish(descriptor, path)
        return try store.commit(staged, path, ifAbsent: ifAbsent)
    }

    func cancel() {
        let open = descriptor.withLock { descriptor in
            defer { descriptor = -1 }
            return descriptor
        }
        guard open >= 0 else { return }
        close(open)
        unlink(staged)
    }
}
