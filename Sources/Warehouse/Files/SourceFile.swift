import SparkErrors
import SparkFunctions
import Storage
import Workspace

/// A file that SQL reads.
struct SourceFile: Sendable {
    /// As queries see it: `dbfs:/Volumes/…`, `s3://…`.
    let path: String
    let object: String
    /// That holds the object: the provider's of a shared volume.
    let store: any ObjectStore
    let size: Int
    /// Milliseconds since 1970.
    let modified: Int64
    /// From directories named `column=value`; nil is NULL.
    let partitions: [(name: String, value: String?)]

    var name: Substring { path.split(separator: "/").last ?? "" }
}

extension SQLService {
    private static let dbfsRoot = "dbxsim-dbfs"

    /// Where a path's bytes lie, after the check of the caller's privileges. `shown` and `object` are of the same file.
    private func place(_ path: String, by principal: Principal) throws -> (shown: String, object: String, store: any ObjectStore) {
        if VolumePath.parts(path) != nil {
            let place = try volumePath(path, writes: false, by: principal)
            return ("dbfs:" + place.path, place.object, place.store)
        }
        if path.hasPrefix("dbfs:/") || path.hasPrefix("/") {
            let parts = path.split(separator: "/").dropFirst(path.hasPrefix("/") ? 0 : 1)
            guard !parts.contains(where: { $0 == "." || $0 == ".." }), !path.utf8.contains(0) else { throw FilesError.invalidPath(path) }
            let relative = parts.joined(separator: "/")
            return ("dbfs:/" + relative, relative.isEmpty ? Self.dbfsRoot : Self.dbfsRoot + "/" + relative, objects)
        }
        for scheme in ["s3://", "s3a://", "s3n://"] where path.hasPrefix(scheme) {
            let parts = path.dropFirst(scheme.count).split(separator: "/")
            guard !parts.isEmpty, !parts.contains(where: { $0 == "." || $0 == ".." }), !path.utf8.contains(0) else {
                throw FilesError.invalidPath(path)
            }
            let object = parts.joined(separator: "/")
            try workspace.require(.readFiles, onPath: "s3://" + object, for: principal)
            return ("s3://" + object, object, objects)
        }
        throw SQLError.notSimulated("files at \(path.prefix(100))")
    }

    /// The place of a table's files in the object store, after the check of the caller's privileges.
    func location(_ path: String, by principal: Principal) throws -> String {
        if VolumePath.parts(path) != nil, try volumePath(path, writes: false, by: principal).volume.isReceived {
            throw SQLError.notSimulated("Delta tables in shared volumes")
        }
        return try place(path, by: principal).object
    }

    /// The files at a path, or below it, in the order of their paths. Throws `PATH_NOT_FOUND`.
    func sourceFiles(_ path: String, nameFilter: String? = nil, by principal: Principal) throws(SQLError) -> [SourceFile] {
        try onCatalog {
            let isPattern = GlobPattern.isPattern(path)
            var base = path
            if isPattern {
                // The part without wildcards.
                let parts = path.split(separator: "/", omittingEmptySubsequences: false)
                base = parts.prefix { !GlobPattern.isPattern(String($0)) }.joined(separator: "/")
            }
            let (shown, object, store) = try place(base, by: principal)
            let tree = FileTree(store)
            var found: [ObjectInfo]
            if !isPattern, let info = try store.info(object) {
                found = [info]
            } else {
                found = try tree.files(below: object)
                let isThere = try !found.isEmpty || !isPattern && tree.isDirectory(object)
                guard isThere else { throw Self.missing(path) }
            }
            if isPattern {
                guard let pattern = GlobPattern(String(path.dropFirst(base.utf8.count))) else {
                    throw SQLError.notSimulated("a pattern of so many paths")
                }
                found = found.filter { pattern.covers($0.path.dropFirst(object.count)) }
                if found.isEmpty { throw Self.missing(path) }
            }
            if let nameFilter {
                guard let pattern = GlobPattern(nameFilter) else { throw SQLError.notSimulated("a pattern of so many names") }
                found = found.filter { pattern.covers($0.path.split(separator: "/").last ?? "") }
            }
            return found.map { info in
                let relative = info.path.dropFirst(object.count)
                return SourceFile(
                    path: shown + relative, object: info.path, store: store, size: info.size, modified: info.modified,
                    partitions: Self.partitions(relative))
            }
        }
    }

    private static func missing(_ path: String) -> SQLError {
        SQLError(.pathNotFound, ["path": path.hasPrefix("/") ? "dbfs:" + path : path], phase: .analysis)
    }

    private static func partitions(_ relative: Substring) -> [(name: String, value: String?)] {
        relative.split(separator: "/").dropLast().compactMap { part in
            guard let equals = part.firstIndex(of: "="), equals != part.startIndex else { return nil }
            let value = String(part[part.index(after: equals)...])
            return (decoded(part[..<equals]), value == "__HIVE_DEFAULT_PARTITION__" ? nil : decoded(value[...]))
        }
    }

    /// `%3A` is a colon.
    private static func decoded(_ text: Substring) -> String {
        var bytes: [UInt8] = []
        var rest = text.utf8
        while let byte = rest.popFirst() {
            let digits = rest.prefix(2)
            if byte == UInt8(ascii: "%"), digits.count == 2, let value = UInt8(String(decoding: digits, as: UTF8.self), radix: 16) {
                bytes.append(value)
                rest = rest.dropFirst(2)
            } else {
                bytes.append(byte)
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}
