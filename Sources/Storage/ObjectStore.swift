/// Named immutable byte strings. Paths are relative, parts separated by `/`, without empty parts, `.` or `..`; order is that of their UTF-8 bytes.
package protocol ObjectStore: Sendable {
    /// Throws `.notFound`.
    func get(_ path: String) throws(StorageError) -> [UInt8]

    /// The part of an object's bytes that lies in `range`, cut at its end. Throws `.notFound`.
    func get(_ path: String, range: Range<Int>) throws(StorageError) -> [UInt8]

    /// Creates or replaces.
    func put(_ path: String, _ bytes: [UInt8]) throws(StorageError)

    /// Creates; false, and nothing changed, if there is an object of that name. Of several at once exactly one gets true.
    func putIfAbsent(_ path: String, _ bytes: [UInt8]) throws(StorageError) -> Bool

    /// Objects whose path starts with `prefix` (any text, need not end at a `/`) and lies behind `after`, ascending, at most `limit`.
    func list(_ prefix: String, after: String?, limit: Int) throws(StorageError) -> [ObjectInfo]

    /// Does nothing if there is no such object.
    func delete(_ path: String) throws(StorageError)

    /// nil if there is no such object.
    func info(_ path: String) throws(StorageError) -> ObjectInfo?

    /// nil if there is no such object.
    func identity(_ path: String) throws(StorageError) -> ObjectIdentity?

    /// Begins an object that comes in parts.
    func beginUpload() throws(StorageError) -> any ObjectUpload
}

/// Names an object's bytes for as long as the process lives: equal identities mean equal bytes, also across forks of a store.
package struct ObjectIdentity: Sendable, Hashable {
    let store: UInt64
    let object: UInt64
    let stamp: Int64

    /// A text that differs where the bytes do: an ETag.
    package var tag: String { String(object, radix: 16) + "-" + String(UInt64(bitPattern: stamp), radix: 16) }
}

package struct ObjectInfo: Sendable, Hashable {
    package let path: String
    /// Bytes.
    package let size: Int
    /// Milliseconds since 1970-01-01T00:00:00Z.
    package let modified: Int64

    package init(path: String, size: Int, modified: Int64) {
        self.path = path
        self.size = size
        self.modified = modified
    }
}

package enum StorageError: Error, Sendable, Hashable, CustomStringConvertible {
    case notFound(String)
    /// Not a path by the rules of `ObjectStore`, or one that the store cannot hold.
    case invalidPath(String)
    /// The system's error number and its text.
    case system(path: String, operation: String, code: Int32, text: String)

    package var description: String {
        switch self {
        case .notFound(let path): "no such object: \(path)"
        case .invalidPath(let path): "not a valid object path: \(path)"
        case .system(let path, let operation, _, let text): "\(operation) \(path): \(text)"
        }
    }
}

extension ObjectStore {
    package func list(_ prefix: String, after: String? = nil) throws(StorageError) -> [ObjectInfo] {
        try list(prefix, after: after, limit: .max)
    }

    package func exists(_ path: String) throws(StorageError) -> Bool { try info(path) != nil }

    package func size(_ path: String) throws(StorageError) -> Int? { try info(path)?.size }

    /// Deletes all objects whose path starts with `prefix`.
    package func deleteAll(_ prefix: String) throws(StorageError) {
        for object in try list(prefix) { try delete(object.path) }
    }
}

/// Checks of paths that came from outside.
package enum ObjectPath {
    /// Stands in a directory that has no other file. Object stores have no directories; a file listing shows this one as its directory.
    package static let directoryMarker = ".directory-marker"

    /// Whether the path is one by the rules of `ObjectStore`.
    package static func isValid(_ path: String) -> Bool {
        do throws(StorageError) {
            try check(path)
            return true
        } catch {
            return false
        }
    }

    static func check(_ path: String) throws(StorageError) {
        var length = 0
        var dotsOnly = true
        func partIsFine() -> Bool { length > 0 && !(dotsOnly && length <= 2) }
        for byte in path.utf8 {
            if byte == UInt8(ascii: "/") {
                guard partIsFine() else { throw .invalidPath(path) }
                length = 0
                dotsOnly = true
            } else {
                guard byte != 0 else { throw .invalidPath(path) }
                length += 1
                if byte != UInt8(ascii: ".") { dotsOnly = false }
            }
        }
        guard partIsFine() else { throw .invalidPath(path) }
    }
}
