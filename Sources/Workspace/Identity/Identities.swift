import GRDB
import JSON

/// The users or the service principals of a workspace.
package struct Identities: Sendable {
    let workspace: Workspace
    package let kind: Principal.Kind

    static let columns = "id, kind, user_name, display_name, active, external_id, attributes"

    static func row(_ row: Row) -> Identity {
        Identity(
            id: row[0], kind: Principal.Kind(rawValue: row[1]) ?? .user, userName: row[2], displayName: row[3], isActive: row[4],
            externalID: row[5],
            attributes: JSONObject(column: row[6]))
    }

    static func insert(_ identity: Identity, _ database: Database) throws {
        try database.execute(
            sql: "INSERT INTO identity (\(columns)) VALUES (?, ?, ?, ?, ?, ?, ?)",
            arguments: [
                identity.id, identity.kind.rawValue, identity.userName, identity.displayName, identity.isActive, identity.externalID,
                identity.attributes.columnText,
            ])
    }

    /// An id that no identity and no group has: a workspace that came from a snapshot may be given an id for the second time.
    static func unusedID(_ environment: Environment, _ database: Database) throws -> Int {
        while true {
            let id = environment.ids.numeric()
            let sql = "SELECT 1 FROM identity WHERE id = :id UNION ALL SELECT 1 FROM principal_group WHERE id = :id"
            if try Bool.fetchOne(database, sql: sql, arguments: ["id": id]) == nil { return id }
        }
    }

    /// All, in the order of their ids.
    package func list() throws -> [Identity] {
        try workspace.store.read { database in
            try Row.fetchAll(
                database, sql: "SELECT \(Self.columns) FROM identity WHERE kind = ? ORDER BY id", arguments: [kind.rawValue]
            ).map(Self.row)
        }
    }

    package func get(_ id: Int) throws -> Identity {
        let row = try workspace.store.read { database in
            try Row.fetchOne(
                database, sql: "SELECT \(Self.columns) FROM identity WHERE id = ? AND kind = ?", arguments: [id, kind.rawValue]
            ).map(Self.row)
        }
        guard let row else { throw notFound(String(id)) }
        return row
    }

    /// By e-mail address or application id, in any case.
    package func find(userName: String) throws -> Identity? {
        try workspace.store.read { database in
            try Row.fetchOne(
                database, sql: "SELECT \(Self.columns) FROM identity WHERE user_name = ? AND kind = ?",
                arguments: [userName, kind.rawValue]
            ).map(Self.row)
        }
    }

    /// Adds an identity, which becomes a member of `users` and of the given groups. The id of the argument is not used.
    package func create(_ identity: Identity, groups: [Int] = []) throws -> Identity {
        var identity = identity
        identity.kind = kind
        do {
            identity.id = try workspace.store.write { [identity] database in
                var identity = identity
                try Groups.requireAll(groups, database)
                identity.id = try Self.unusedID(workspace.environment, database)
                try Self.insert(identity, database)
                try database.execute(
                    sql: "INSERT INTO group_member (group_id, identity_id) SELECT id, ? FROM principal_group WHERE display_name = ?",
                    arguments: [identity.id, Group.users])
                for group in groups { try Groups.add(.identity(identity.id), to: group, database) }
                return identity.id
            }
        } catch let error as DatabaseError where error.isUniqueViolation {
            throw taken(identity.userName)
        }
        workspace.credentials.identityAdded(identity, in: workspace)
        return identity
    }

    /// Replaces all but the id and the kind.
    package func update(_ identity: Identity, groups: [Int]? = nil) throws {
        do {
            try workspace.store.write { database in
                try Groups.requireAll(groups ?? [], database)
                try database.execute(
                    sql:
                        "UPDATE identity SET user_name = ?, display_name = ?, active = ?, external_id = ?, attributes = ? WHERE id = ? AND kind = ?",
                    arguments: [
                        identity.userName, identity.displayName, identity.isActive, identity.externalID, identity.attributes.columnText,
                        identity.id,
                        kind.rawValue,
                    ])
                guard database.changesCount > 0 else { throw notFound(String(identity.id)) }
                guard let groups else { return }
                try database.execute(sql: "DELETE FROM group_member WHERE identity_id = ?", arguments: [identity.id])
                for group in groups { try Groups.add(.identity(identity.id), to: group, database) }
            }
        } catch let error as DatabaseError where error.isUniqueViolation {
            throw taken(identity.userName)
        }
        workspace.credentials.forgetAll()
    }

    /// Deletes an identity with its tokens, secrets and memberships.
    package func delete(_ id: Int) throws {
        try workspace.store.write { database in
            try database.execute(sql: "DELETE FROM identity WHERE id = ? AND kind = ?", arguments: [id, kind.rawValue])
            guard database.changesCount > 0 else { throw notFound(String(id)) }
        }
        workspace.credentials.forgetAll()
    }

    /// The groups of an identity, those first that it is a direct member of, by name.
    package func memberships(of id: Int) throws -> [Membership] {
        try workspace.store.read { try Groups.memberships(ofIdentity: id, $0) }
    }

    package func notFound(_ id: String) -> WorkspaceError {
        let what = kind == .user ? "User" : "Service principal"
        return WorkspaceError(.notFound, "\(what) with id \(id.prefix(64)) not found.", shape: .scim(type: nil))
    }

    private func taken(_ name: String) -> WorkspaceError {
        let text =
            kind == .user
            ? "User with username \(name.prefix(256)) already exists."
            : "Service principal with application ID \(name.prefix(64)) already exists."
        return WorkspaceError(.resourceAlreadyExists, text, shape: .scim(type: "uniqueness"))
    }
}

extension Workspace {
    package var users: Identities { Identities(workspace: self, kind: .user) }
    package var servicePrincipals: Identities { Identities(workspace: self, kind: .servicePrincipal) }

    /// The identity as a caller; nil if there is none, or if it is not active.
    func principal(_ id: Int, _ database: Database) throws -> Principal? {
        guard
            let row = try Row.fetchOne(
                database.cachedStatement(sql: "SELECT \(Identities.columns) FROM identity WHERE id = ?"), arguments: [id]
            ).map(Identities.row), row.isActive
        else { return nil }
        let groups = try Groups.memberships(ofIdentity: id, database).map(\.displayName)
        return Principal(
            id: String(row.id), userName: row.userName, displayName: row.displayName, isAdmin: groups.contains(Group.admins), kind: row.kind,
            groups: groups)
    }

    /// The administrator that the workspace began with; nil if he was deleted or is not active.
    package func administrator() throws -> Principal? {
        try store.read { database in
            guard let id = try String.fetchOne(database, sql: "SELECT value FROM setting WHERE name = 'admin'").flatMap(Int.init) else {
                return nil
            }
            return try principal(id, database)
        }
    }
}
