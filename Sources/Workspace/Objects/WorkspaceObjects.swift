import GRDB

/// The workspace's tree: folders, notebooks, files and experiments. Notebooks are kept as source text.
package struct WorkspaceObjects: Sendable {
    let workspace: Workspace

    static let migration = Migration(
        "workspace_objects",
        """
        CREATE TABLE workspace_object (
            id INTEGER PRIMARY KEY, path TEXT NOT NULL UNIQUE, parent TEXT NOT NULL, kind TEXT NOT NULL, language TEXT, content BLOB NOT NULL,
            created_at INTEGER NOT NULL, modified_at INTEGER NOT NULL
        );
        CREATE INDEX workspace_object_parent ON workspace_object (parent, path);
        """)

    /// The root and the folders that every workspace has.
    static let builtIn = ["/", "/Users", "/Shared", "/Repos"]

    /// Bytes of one imported object (API page "Workspace").
    package static let maxContent = 10 << 20

    private static let columns = "id, path, kind, language, length(content), created_at, modified_at"

    private static func row(_ row: Row) -> WorkspaceObject {
        WorkspaceObject(
            id: row[0], path: row[1], kind: WorkspaceObject.Kind(rawValue: row[2]) ?? .file, language: row[3], size: row[4], createdAt: row[5],
            modifiedAt: row[6])
    }

    package static func noSuch(_ path: String) -> WorkspaceError {
        WorkspaceError(.resourceDoesNotExist, "Path (\(path.prefix(512))) doesn't exist.")
    }

    private static func find(_ path: String, _ database: Database) throws -> WorkspaceObject? {
        try Row.fetchOne(database, sql: "SELECT \(columns) FROM workspace_object WHERE path = ?", arguments: [path]).map(row)
    }

    package func get(_ path: String) throws -> WorkspaceObject? { try workspace.store.read { try Self.find(path, $0) } }

    package func get(id: Int) throws -> WorkspaceObject? {
        try workspace.store.read {
            try Row.fetchOne($0, sql: "SELECT \(Self.columns) FROM workspace_object WHERE id = ?", arguments: [id]).map(Self.row)
        }
    }

    package func content(_ path: String) throws -> [UInt8] {
        try workspace.store.read { database in
            guard let row = try Row.fetchOne(database, sql: "SELECT content FROM workspace_object WHERE path = ?", arguments: [path]) else {
                throw Self.noSuch(path)
            }
            return Array(row.dataNoCopyBytes)
        }
    }

    /// What lies directly in a folder, by name.
    package func list(_ path: String) throws -> [WorkspaceObject] {
        try workspace.store.read { database in
            try Row.fetchAll(
                database, sql: "SELECT \(Self.columns) FROM workspace_object WHERE parent = ? AND path <> '/' ORDER BY path", arguments: [path]
            ).map(Self.row)
        }
    }

    package func makeDirectory(_ path: String) throws {
        try workspace.store.write { try makeDirectory(path, $0) }
    }

    /// With all folders above it that are missing.
    func makeDirectory(_ path: String, _ database: Database) throws {
        for folder in WorkspacePath.chain(path).reversed() {
            if let known = try Self.find(folder, database) {
                guard known.kind == .directory else {
                    throw WorkspaceError(
                        .resourceAlreadyExists, "Cannot create directory \(path.prefix(512)): an object of another kind is at \(folder.prefix(512)).",
                        status: 400)
                }
                continue
            }
            try insert(folder, .directory, language: nil, [], database)
        }
    }

    /// Under a new id, or under the one that the object had before.
    @discardableResult
    private func insert(
        _ path: String, _ kind: WorkspaceObject.Kind, id known: Int? = nil, language: String?, _ content: [UInt8], _ database: Database
    ) throws -> Int {
        var id = known ?? workspace.environment.ids.numeric()
        while try known == nil && Int.fetchOne(database, sql: "SELECT 1 FROM workspace_object WHERE id = ?", arguments: [id]) != nil {
            id = workspace.environment.ids.numeric()
        }
        let now = workspace.environment.nowMillis
        try database.execute(
            sql: "INSERT INTO workspace_object VALUES (?, ?, ?, ?, ?, CAST(? AS BLOB), ?, ?)",
            arguments: [id, path, WorkspacePath.parent(of: path), kind.rawValue, language, content.blob, now, now])
        return id
    }

    /// Puts a node without content, whose folder must be there and whose place must be free; answers its id.
    func place(_ path: String, _ kind: WorkspaceObject.Kind, id: Int?, _ database: Database) throws -> Int {
        try checkFree(path, database)
        return try insert(path, kind, id: id, language: nil, [], database)
    }

    /// Gives a node that is no folder another path.
    func move(_ path: String, to new: String, _ database: Database) throws {
        try checkFree(new, database)
        try database.execute(
            sql: "UPDATE workspace_object SET path = ?, parent = ?, modified_at = ? WHERE path = ?",
            arguments: [new, WorkspacePath.parent(of: new), workspace.environment.nowMillis, path])
    }

    private func checkFree(_ path: String, _ database: Database) throws {
        let parent = WorkspacePath.parent(of: path)
        guard try Self.find(parent, database)?.kind == .directory else {
            throw WorkspaceError(.resourceDoesNotExist, "Parent directory \(parent.prefix(512)) does not exist.")
        }
        guard try Self.find(path, database) == nil else {
            throw WorkspaceError(.resourceAlreadyExists, "Node named '\(path.prefix(512))' already exists", status: 400)
        }
    }

    /// Puts a notebook or a file; `overwrite` replaces one of the same kind.
    package func put(_ path: String, _ kind: WorkspaceObject.Kind, language: String?, _ content: [UInt8], overwrite: Bool) throws {
        guard content.count <= Self.maxContent else {
            throw WorkspaceError(.maxNotebookSizeExceeded, "The content size (\(content.count)) exceeded the limit \(Self.maxContent).")
        }
        try workspace.store.write { database in
            let parent = WorkspacePath.parent(of: path)
            guard try Self.find(parent, database)?.kind == .directory else {
                throw WorkspaceError(.resourceDoesNotExist, "The parent folder (\(parent.prefix(512))) does not exist.")
            }
            guard let known = try Self.find(path, database) else {
                try insert(path, kind, language: language, content, database)
                return
            }
            guard overwrite else { throw WorkspaceError(.resourceAlreadyExists, "\(path.prefix(512)) already exists.", status: 400) }
            guard known.kind == kind else {
                throw WorkspaceError.invalid(
                    "Cannot overwrite the asset at \(path.prefix(512)) due to type mismatch (asked: \(kind.rawValue), actual: \(known.kind.rawValue))."
                )
            }
            try database.execute(
                sql: "UPDATE workspace_object SET content = CAST(? AS BLOB), language = ?, modified_at = ? WHERE path = ?",
                arguments: [content.blob, language, workspace.environment.nowMillis, path])
        }
    }

    /// Deletes an object; a folder that is not empty only `recursive`.
    package func delete(_ path: String, recursive: Bool) throws {
        try workspace.store.write { database in
            guard let known = try Self.find(path, database) else { throw Self.noSuch(path) }
            guard !Self.builtIn.contains(path) else {
                throw WorkspaceError(.directoryProtected, "The folder (\(path.prefix(512))) is protected and cannot be deleted.")
            }
            var ids = [known.id]
            if known.kind == .directory {
                let inside = try Int.fetchAll(
                    database, sql: "SELECT id FROM workspace_object WHERE substr(path, 1, length(?)) = ?", arguments: [path + "/", path + "/"])
                guard inside.isEmpty || recursive else {
                    throw WorkspaceError(.directoryNotEmpty, "Folder (\(path.prefix(512))) is not empty")
                }
                ids += inside
            }
            for id in ids {
                let kind = try String.fetchOne(database, sql: "SELECT kind FROM workspace_object WHERE id = ?", arguments: [id])
                if kind == WorkspaceObject.Kind.experiment.rawValue {
                    try Experiments.markDeleted(id, now: workspace.environment.nowMillis, database)
                }
                try database.execute(sql: "DELETE FROM workspace_object WHERE id = ?", arguments: [id])
                try database.execute(
                    sql: "DELETE FROM permission WHERE id = ? AND type IN ('directories', 'notebooks', 'files')", arguments: [String(id)])
            }
        }
    }

    /// Whether a caller may do what needs a level: by the object's list or those of the folders above it. `/Shared` and a caller's own folder are open to him.
    package func allows(_ principal: Principal, _ wanted: String, _ path: String) throws -> Bool {
        if principal.isAdmin { return true }
        let chain = WorkspacePath.chain(path)
        if chain.contains("/Shared") || chain.contains("/Users/\(principal.userName)") || chain.contains("/Repos/\(principal.userName)") {
            return true
        }
        for path in chain {
            guard let object = try get(path) else { continue }
            if try workspace.permissions.allows(principal, wanted, on: object.kind.permissionType, String(object.id)) { return true }
        }
        return false
    }

    func writeStart(admin: Principal, _ database: Database) throws {
        for path in Self.builtIn + ["/Users/\(admin.userName)"] { try makeDirectory(path, database) }
    }
}

extension Workspace {
    package var objects: WorkspaceObjects { WorkspaceObjects(workspace: self) }
}

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

extension [UInt8] {
    fileprivate var blob: Data { Data(self) }
}

extension Row {
    /// The bytes of the first column.
    fileprivate var dataNoCopyBytes: Data { self[0] ?? Data() }
}
