/// What stands in the workspace's tree of folders.
package struct WorkspaceObject: Sendable, Hashable {
    package enum Kind: String, Sendable, Hashable {
        case directory = "DIRECTORY"
        case notebook = "NOTEBOOK"
        case file = "FILE"
        /// See `Experiments`.
        case experiment = "MLFLOW_EXPERIMENT"

        /// The type by which the permissions API knows it.
        package var permissionType: String {
            switch self {
            case .directory: "directories"
            case .notebook: "notebooks"
            case .file: "files"
            case .experiment: "experiments"
            }
        }
    }

    package let id: Int
    /// Absolute, without a trailing slash, but for the root.
    package let path: String
    package let kind: Kind
    /// PYTHON, SQL, SCALA or R, for notebooks.
    package let language: String?
    package let size: Int
    /// Milliseconds since 1970-01-01 UTC.
    package let createdAt: Int64
    package let modifiedAt: Int64
}

/// Checks and normalises paths of the workspace's tree.
package enum WorkspacePath {
    /// Without `/Workspace` in front and a slash at the end.
    package static func normalize(_ text: String) throws(WorkspaceError) -> String {
        guard text.hasPrefix("/") else { throw .invalid("Path (\(text.prefix(256))) doesn't start with '/'") }
        guard text.utf8.count <= 4_096, !text.utf8.contains(0) else { throw .invalid("The path is too long, or holds the character U+0000.") }
        var parts = text.split(separator: "/", omittingEmptySubsequences: true)
        guard !parts.contains(".."), !parts.contains(".") else { throw .invalid("Path (\(text.prefix(256))) must not contain '.' and '..'") }
        if parts.first == "Workspace" { parts.removeFirst() }
        return "/" + parts.joined(separator: "/")
    }

    package static func parent(of path: String) -> String {
        guard let slash = path.lastIndex(of: "/"), slash != path.startIndex else { return "/" }
        return String(path[..<slash])
    }

    /// The path itself and all folders above it.
    package static func chain(_ path: String) -> [String] {
        var chain = [path]
        while let last = chain.last, last != "/" { chain.append(parent(of: last)) }
        return chain
    }
}
