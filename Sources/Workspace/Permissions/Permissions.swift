import GRDB

/// One line of an access list.
package struct Permission: Sendable, Hashable {
    package enum Kind: String, Sendable, Hashable {
        case user = "USER"
        case servicePrincipal = "SERVICE_PRINCIPAL"
        case group = "GROUP"
    }

    package let kind: Kind
    /// A user's name, a service principal's application id, or a group's name.
    package let principal: String
    package let level: String

    package init(kind: Kind, principal: String, level: String) {
        self.kind = kind
        self.principal = principal
        self.level = level
    }
}

/// Access lists of objects outside Unity Catalog: `/api/2.0/permissions`. What the model does not know of an object is for administrators alone.
package struct Permissions: Sendable {
    let workspace: Workspace

    static let migration = Migration(
        "permissions",
        """
        CREATE TABLE permission (
            type TEXT NOT NULL, id TEXT NOT NULL, kind TEXT NOT NULL, principal TEXT NOT NULL COLLATE NOCASE, level TEXT NOT NULL,
            PRIMARY KEY (type, id, kind, principal)
        ) WITHOUT ROWID;
        """)

    /// An object's own list, in the order of kinds and names.
    package func list(_ type: String, _ id: String) throws -> [Permission] {
        try workspace.store.read { try Self.list(type, id, $0) }
    }

    private static func list(_ type: String, _ id: String, _ database: Database) throws -> [Permission] {
        try Row.fetchAll(
            database.cachedStatement(sql: "SELECT kind, principal, level FROM permission WHERE type = ? AND id = ? ORDER BY kind DESC, principal"),
            arguments: [type, id]
        ).compactMap { row in Permission.Kind(rawValue: row[0]).map { Permission(kind: $0, principal: row[1], level: row[2]) } }
    }

    /// Adds to a list, or changes the lines of those who are in it; `replacing`: nothing else stays, but for the owner if no other one is named.
    package func change(_ type: PermissionType, _ id: String, _ new: [Permission], replacing: Bool) throws {
        try workspace.store.write { database in
            for permission in new where try !Self.exists(permission, database) {
                let name =
                    switch permission.kind {
                    case .user: "UserName"
                    case .servicePrincipal: "ServicePrincipalName"
                    case .group: "GroupName"
                    }
                throw WorkspaceError(.resourceDoesNotExist, "Principal: \(name)(\(permission.principal.prefix(256))) does not exist")
            }
            let owners = new.filter { $0.level == "IS_OWNER" }
            guard owners.count <= 1 else { throw WorkspaceError.invalid("The \(type.shown) must have exactly one owner.") }
            if owners.first?.kind == .group { throw WorkspaceError.invalid("Groups cannot be owners of a \(type.shown).") }
            if replacing {
                try database.execute(
                    sql: "DELETE FROM permission WHERE type = ? AND id = ? AND (? OR level <> 'IS_OWNER')",
                    arguments: [type.name, id, !owners.isEmpty])
            } else if !owners.isEmpty {
                try database.execute(
                    sql: "DELETE FROM permission WHERE type = ? AND id = ? AND level = 'IS_OWNER'", arguments: [type.name, id])
            }
            for permission in new { try Self.put(permission, type.name, id, database) }
        }
    }

    static func put(_ permission: Permission, _ type: String, _ id: String, _ database: Database) throws {
        try database.execute(
            sql: "INSERT INTO permission VALUES (?, ?, ?, ?, ?) ON CONFLICT DO UPDATE SET level = excluded.level",
            arguments: [type, id, permission.kind.rawValue, permission.principal, permission.level])
    }

    private static func exists(_ permission: Permission, _ database: Database) throws -> Bool {
        let sql =
            permission.kind == .group
            ? "SELECT 1 FROM principal_group WHERE display_name = ?"
            : "SELECT 1 FROM identity WHERE user_name = ? AND kind = '\(permission.kind.rawValue)'"
        return try Int.fetchOne(database, sql: sql, arguments: [permission.principal]) != nil
    }

    /// The maker of an object owns it, or manages it where there are no owners.
    package func grantOwner(_ principal: Principal, on type: String, _ id: String) throws {
        guard Int(principal.id) ?? 0 != 0, let known = PermissionType.named(type) else { return }
        guard let level = known.hasOwner ? "IS_OWNER" : known.levels.last else { return }
        try workspace.store.write { database in try Self.put(Permission(principal, level), type, id, database) }
    }

    package func forget(_ type: String, _ id: String) throws {
        try workspace.store.write { database in
            try database.execute(sql: "DELETE FROM permission WHERE type = ? AND id = ?", arguments: [type, id])
        }
    }

    /// The strongest level that a principal has by himself or by his groups, nested ones too; nil: none.
    package func level(of principal: Principal, on type: String, _ id: String) throws -> String? {
        guard let known = PermissionType.named(type) else { return nil }
        if principal.isAdmin { return known.levels.last }
        return try workspace.store.read { database in
            let list = try Self.list(type, id, database)
            if list.isEmpty { return known.inherited }
            var groups: Set<String> = [Group.users]
            if let number = Int(principal.id) { groups.formUnion(try Groups.memberships(ofIdentity: number, database).map(\.displayName)) }
            let levels = list.filter { line in
                switch line.kind {
                case .group: groups.contains(line.principal)
                case .user: principal.kind == .user && line.principal.lowercased() == principal.userName.lowercased()
                case .servicePrincipal: principal.kind == .servicePrincipal && line.principal == principal.userName
                }
            }.map(\.level)
            return levels.max { !known.allows($0, $1) } ?? known.inherited
        }
    }

    /// Whether a principal may do what needs a level.
    package func allows(_ principal: Principal, _ wanted: String, on type: String, _ id: String) throws -> Bool {
        if principal.isAdmin { return true }
        guard let level = try level(of: principal, on: type, id) else { return false }
        return PermissionType.named(type)?.allows(level, wanted) ?? false
    }
}

extension Permission {
    init(_ principal: Principal, _ level: String) {
        self.init(kind: principal.kind == .user ? .user : .servicePrincipal, principal: principal.userName, level: level)
    }
}

extension Workspace {
    package var permissions: Permissions { Permissions(workspace: self) }

    /// The id of a user or service principal by its name.
    package func identityID(of name: String) throws -> Int? {
        try store.read { try Int.fetchOne($0, sql: "SELECT id FROM identity WHERE user_name = ?", arguments: [name]) }
    }

    /// What lists show beside a user's or service principal's name.
    package func displayName(of name: String) throws -> String? {
        try store.read { try String.fetchOne($0, sql: "SELECT display_name FROM identity WHERE user_name = ?", arguments: [name]) }
    }
}

extension StateStore {
    /// Whether there is a user or service principal with this id.
    package func hasIdentity(_ id: Int) throws -> Bool {
        try read { try Int.fetchOne($0, sql: "SELECT 1 FROM identity WHERE id = ?", arguments: [id]) } != nil
    }
}
