#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

extension DirectoryStore {
    /// Puts the same objects below another directory of the same file system. The files are shared, at no cost of space: none is ever written to again.
    package func share(with root: String) throws(StorageError) {
        try FileSystem.makeDirectories(root)
        var made: Set<String> = []
        for object in try list("") {
            let target = root + "/" + object.path
            let parent = FileSystem.parent(target)
            if made.insert(parent).inserted { try FileSystem.makeDirectories(parent) }
            // What has been deleted meanwhile is not there, either.
            guard link(self.root + "/" + object.path, target) == 0 || errno == ENOENT else { throw FileSystem.error(object.path, "share") }
        }
        for directory in made.union([root]) { FileSystem.syncDirectory(directory) }
    }
}

extension ObjectStore {
    /// Puts all objects into another store that dates what is put into it by `dating`: they keep their times.
    package func copyAll(to target: any ObjectStore, dating: ObjectDating) throws(StorageError) {
        for object in try list("") {
            dating.millis = object.modified
            do throws(StorageError) {
                try target.put(object.path, try get(object.path))
            } catch {
                if case .notFound = error { continue }
                throw error
            }
        }
    }
}
