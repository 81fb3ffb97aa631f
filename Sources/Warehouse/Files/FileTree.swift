package import Storage

/// Files and directories over a store of objects. A directory is there if something lies below it or its marker does.
package struct FileTree: Sendable {
    package struct Entry: Sendable, Hashable {
        package let name: String
        package let isDirectory: Bool
        /// Bytes; 0 for a directory.
        package let size: Int
        /// Milliseconds since 1970; 0 for a directory.
        package let modified: Int64
    }

    package let store: any ObjectStore

    package init(_ store: any ObjectStore) { self.store = store }

    package func isDirectory(_ object: String) throws -> Bool { try store.hasAny(object + "/") }

    package func isFile(_ object: String) throws -> Bool { try store.exists(object) }

    /// Whether a part of the path above is a file, below `root`.
    package func hasFileAbove(_ object: String, root: String) throws -> Bool {
        var path = object[...]
        while let slash = path.lastIndex(of: "/") {
            path = path[..<slash]
            guard path.utf8.count > root.utf8.count else { return false }
            if try store.exists(String(path)) { return true }
        }
        return false
    }

    /// What lies directly in a directory, behind the entry named `after`, in the order of names' bytes (a directory's with a slash behind).
    package func entries(_ directory: String, after: String? = nil, limit: Int = .max) throws -> (entries: [Entry], hasMore: Bool) {
        let prefix = directory + "/"
        // One more, for the marker that is not shown.
        let listing = try store.listDirectory(prefix, after: after.map { prefix + $0 }, limit: limit == .max ? limit : limit + 1)
        var entries: [Entry] = []
        for entry in listing.entries {
            switch entry {
            case .object(let info):
                let name = String(info.path.dropFirst(prefix.count))
                if name != ObjectPath.directoryMarker {
                    entries.append(Entry(name: name, isDirectory: false, size: info.size, modified: info.modified))
                }
            case .prefix(let path):
                entries.append(Entry(name: String(path.dropFirst(prefix.count).dropLast()), isDirectory: true, size: 0, modified: 0))
            }
        }
        let hasMore = listing.isTruncated || entries.count > limit
        return (Array(entries.prefix(limit)), hasMore)
    }

    package func makeDirectory(_ object: String) throws {
        if try !isDirectory(object) { _ = try store.putIfAbsent(object + "/" + ObjectPath.directoryMarker, []) }
    }

    /// Deletes a file. Its directory stays when the last file goes, until it is deleted itself.
    package func delete(file object: String, root: String) throws {
        try store.delete(object)
        try keepParent(object, root: root)
    }

    /// Deletes an empty directory.
    package func delete(directory object: String, root: String) throws {
        try delete(file: object + "/" + ObjectPath.directoryMarker, root: object)
        try keepParent(object, root: root)
    }

    private func keepParent(_ object: String, root: String) throws {
        guard let slash = object.lastIndex(of: "/") else { return }
        let parent = String(object[..<slash])
        if parent.utf8.count > root.utf8.count { try makeDirectory(parent) }
    }

    /// Files below a directory, at any depth, in the order of their paths; those whose names or directories begin with `_` or `.` are Spark's own.
    package func files(below directory: String, hidden: Bool = false) throws -> [ObjectInfo] {
        let prefix = directory.hasSuffix("/") ? directory : directory + "/"
        return try store.list(prefix).filter { info in
            let parts = info.path.dropFirst(prefix.count).split(separator: "/")
            if parts.last.map(String.init) == ObjectPath.directoryMarker { return false }
            return hidden || !parts.contains { $0.hasPrefix("_") && !$0.contains("=") || $0.hasPrefix(".") }
        }
    }
}
