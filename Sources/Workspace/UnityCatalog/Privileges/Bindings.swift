import GRDB

/// Which workspaces an isolated object may be used in. An open one may be used in all.
package struct Bindings: Sendable {
    let workspace: Workspace

    static let isolated = "ISOLATED"
    /// This workspace, whatever its id is: a copy made from a snapshot has another one.
    private static let here: Int64 = 0

    package struct Binding: Sendable, Hashable {
        package let workspaceID: Int64
        package let isReadOnly: Bool

        package init(workspaceID: Int64, isReadOnly: Bool) {
            self.workspaceID = workspaceID
            self.isReadOnly = isReadOnly
        }
    }

    static func isBound(_ object: String, _ database: Database) throws -> Bool { try isReadOnly(object, database) != nil }

    /// Of the object's binding to this workspace; nil if it is not bound to it.
    static func isReadOnly(_ object: String, _ database: Database) throws -> Bool? {
        try database.first("SELECT read_only FROM binding WHERE object = ? AND workspace = ?", [.text(object), .int(here)]) { $0[0] as Int64 != 0 }
    }

    /// An object that becomes isolated stays usable where it was isolated.
    static func bindHere(_ object: String, _ database: Database) throws {
        try database.execute(sql: "INSERT OR IGNORE INTO binding VALUES (?, ?, 0)", arguments: [object, here])
    }

    /// By workspace id.
    package func list(_ type: SecurableType, _ fullName: String, by principal: Principal) throws -> [Binding] {
        try workspace.store.read { database in
            let path = try Securables.existing(database, type, fullName, rpc: "GetWorkspaceBindings")
            let access = try Access(principal, database)
            guard try access.manages(path) else { throw WorkspaceError.notOwner(of: type, path.name) }
            return try list(path.object.id, database)
        }
    }

    private func list(_ object: String, _ database: Database) throws -> [Binding] {
        try database.all("SELECT workspace, read_only FROM binding WHERE object = ?", [.text(object)]) { row in
            let id: Int64 = row[0]
            return Binding(workspaceID: id == Self.here ? Int64(workspace.id) : id, isReadOnly: (row[1] as Int64) != 0)
        }.sorted { $0.workspaceID < $1.workspaceID }
    }

    package func update(
        _ type: SecurableType, _ fullName: String, add: [Binding], remove: [Int64], by principal: Principal
    ) throws -> [Binding] {
        try workspace.store.write { database in
            let path = try Securables.existing(database, type, fullName, rpc: "UpdateWorkspaceBindings")
            guard try Access(principal, database).manages(path) else { throw WorkspaceError.notOwner(of: type, path.name) }
            for id in remove {
                try database.execute(sql: "DELETE FROM binding WHERE object = ? AND workspace = ?", arguments: [path.object.id, stored(id)])
            }
            for binding in add {
                try database.execute(
                    sql: "INSERT INTO binding VALUES (?, ?, ?) ON CONFLICT DO UPDATE SET read_only = excluded.read_only",
                    arguments: [path.object.id, stored(binding.workspaceID), binding.isReadOnly ? 1 : 0])
            }
            return try list(path.object.id, database)
        }
    }

    private func stored(_ id: Int64) -> Int64 { id == Int64(workspace.id) ? Self.here : id }
}

extension Workspace {
    package var bindings: Bindings { Bindings(workspace: self) }
}
