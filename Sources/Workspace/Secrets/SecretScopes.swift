import GRDB

/// A place for secrets with its own access list.
package struct SecretScope: Sendable, Hashable {
    package let name: String
}

/// What a principal may do in a scope; each level includes those before it.
package enum SecretPermission: String, Sendable, Hashable, CaseIterable, Comparable {
    case read = "READ"
    case write = "WRITE"
    case manage = "MANAGE"

    package static func < (left: Self, right: Self) -> Bool { left.rank < right.rank }

    private var rank: Int {
        switch self {
        case .read: 1
        case .write: 2
        case .manage: 3
        }
    }
}

package struct SecretACL: Sendable, Hashable {
    /// A user's or service principal's name, or a group's.
    package let principal: String
    package let permission: SecretPermission

    package init(principal: String, permission: SecretPermission) {
        self.principal = principal
        self.permission = permission
    }
}

/// The secret scopes of a workspace and who may use them. Limits and rules: "Secret management" in the service's documentation.
package struct SecretScopes: Sendable {
    let workspace: Workspace

    package static let maxScopes = 1_000
    private static let maxNameLength = 128

    static let migration = Migration(
        "secrets",
        """
        CREATE TABLE secret_scope (name TEXT PRIMARY KEY) WITHOUT ROWID;
        CREATE TABLE secret_acl (
            scope TEXT NOT NULL REFERENCES secret_scope (name) ON DELETE CASCADE, principal TEXT NOT NULL, permission TEXT NOT NULL,
            PRIMARY KEY (scope, principal)
        ) WITHOUT ROWID;
        CREATE TABLE secret (
            scope TEXT NOT NULL REFERENCES secret_scope (name) ON DELETE CASCADE, key TEXT NOT NULL, value BLOB NOT NULL,
            updated_at INTEGER NOT NULL, PRIMARY KEY (scope, key)
        ) WITHOUT ROWID;
        """)

    /// `managers`: who may manage the scope besides its creator; the service knows `users`, which means everybody.
    package func create(_ name: String, managers: String?, by creator: Principal) throws {
        try Self.check(name, "Scope name")
        if let managers, managers != Group.users {
            throw WorkspaceError.invalid("The initial_manage_principal field can be either set to \"users\" or left empty.")
        }
        try workspace.store.write { database in
            guard try !Self.exists(name, database) else {
                throw WorkspaceError(.resourceAlreadyExists, "Scope \(name) already exists!", status: 400)
            }
            let count = try Int.fetchOne(database, sql: "SELECT count(*) FROM secret_scope") ?? 0
            guard count < Self.maxScopes else {
                throw WorkspaceError(.resourceLimitExceeded, "Exceeded the maximum number of secret scopes: \(Self.maxScopes).")
            }
            try database.execute(sql: "INSERT INTO secret_scope VALUES (?)", arguments: [name])
            try database.execute(
                sql: "INSERT INTO secret_acl VALUES (?, ?, ?)",
                arguments: [name, managers ?? creator.userName, SecretPermission.manage.rawValue])
        }
    }

    package func delete(_ name: String, by caller: Principal) throws {
        try workspace.store.write { database in
            try require(.manage, in: name, for: caller, database)
            try database.execute(sql: "DELETE FROM secret_scope WHERE name = ?", arguments: [name])
        }
    }

    /// The scopes that the caller may read, by name.
    package func list(for caller: Principal) throws -> [SecretScope] {
        try workspace.store.read { database in
            try String.fetchAll(database, sql: "SELECT name FROM secret_scope ORDER BY name")
                .filter { try permission(in: $0, of: caller, database) != nil }.map(SecretScope.init)
        }
    }

    // MARK: Access lists

    package func putACL(_ acl: SecretACL, in scope: String, by caller: Principal) throws {
        try workspace.store.write { database in
            try require(.manage, in: scope, for: caller, database)
            guard try isPrincipal(acl.principal, database) else {
                throw WorkspaceError(.resourceDoesNotExist, "Principal \(acl.principal.prefix(256)) does not exist!")
            }
            try database.execute(
                sql: "INSERT INTO secret_acl VALUES (?, ?, ?) ON CONFLICT DO UPDATE SET permission = excluded.permission",
                arguments: [scope, acl.principal, acl.permission.rawValue])
        }
    }

    package func deleteACL(of principal: String, in scope: String, by caller: Principal) throws {
        try workspace.store.write { database in
            try require(.manage, in: scope, for: caller, database)
            try database.execute(sql: "DELETE FROM secret_acl WHERE scope = ? AND principal = ?", arguments: [scope, principal])
            guard database.changesCount > 0 else { throw noACL(principal, scope) }
        }
    }

    package func acl(of principal: String, in scope: String, by caller: Principal) throws -> SecretACL {
        guard let acl = try acls(in: scope, by: caller).first(where: { $0.principal == principal }) else { throw noACL(principal, scope) }
        return acl
    }

    package func acls(in scope: String, by caller: Principal) throws -> [SecretACL] {
        try workspace.store.read { database in
            try require(.manage, in: scope, for: caller, database)
            return try Self.acls(in: scope, database)
        }
    }

    // MARK: Rules

    /// Throws unless the scope exists and the caller has this permission in it. Workspace administrators may do everything.
    func require(_ wanted: SecretPermission, in scope: String, for caller: Principal, _ database: Database) throws {
        guard try Self.exists(scope, database) else {
            throw WorkspaceError(.resourceDoesNotExist, "Scope \(scope.prefix(256)) does not exist!")
        }
        guard let permission = try permission(in: scope, of: caller, database), permission >= wanted else {
            throw WorkspaceError(.permissionDenied, "User \(caller.userName) does not have \(wanted.rawValue) permission on scope \(scope)")
        }
    }

    private func permission(in scope: String, of caller: Principal, _ database: Database) throws -> SecretPermission? {
        if caller.isAdmin { return .manage }
        var names: Set<String> = [caller.userName, Group.users]
        if let id = Int(caller.id) { names.formUnion(try Groups.memberships(ofIdentity: id, database).map(\.displayName)) }
        return try Self.acls(in: scope, database).filter { names.contains($0.principal) }.map(\.permission).max()
    }

    private static func acls(in scope: String, _ database: Database) throws -> [SecretACL] {
        try Row.fetchAll(database, sql: "SELECT principal, permission FROM secret_acl WHERE scope = ? ORDER BY principal", arguments: [scope])
            .compactMap { row in SecretPermission(rawValue: row[1]).map { SecretACL(principal: row[0], permission: $0) } }
    }

    private static func exists(_ scope: String, _ database: Database) throws -> Bool {
        try String.fetchOne(database, sql: "SELECT name FROM secret_scope WHERE name = ?", arguments: [scope]) != nil
    }

    private func isPrincipal(_ name: String, _ database: Database) throws -> Bool {
        try Bool.fetchOne(
            database,
            sql: """
                SELECT EXISTS (SELECT 1 FROM identity WHERE user_name = :name) OR EXISTS (SELECT 1 FROM principal_group WHERE display_name = :name)
                """, arguments: ["name": name]) ?? false
    }

    /// Letters, digits, dashes, underscores, `@` and periods, at most 128 of them.
    static func check(_ name: String, _ what: String) throws(WorkspaceError) {
        let isValid =
            !name.isEmpty
            && name.utf8.allSatisfy { byte in
                switch byte {
                case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "0")...UInt8(ascii: "9"),
                    UInt8(ascii: "-"), UInt8(ascii: "_"), UInt8(ascii: "@"), UInt8(ascii: "."):
                    true
                default: false
                }
            }
        guard isValid, name.utf8.count <= maxNameLength else {
            throw .invalid("\(what) may only contain alphanumeric characters, dashes, underscores, @ and periods, and at most 128 of them")
        }
    }

    private func noACL(_ principal: String, _ scope: String) -> WorkspaceError {
        WorkspaceError(
            .resourceDoesNotExist, "Failed to get secret acl for principal \(principal.prefix(256)) for scope \(scope)! It does not exist.")
    }
}

extension Workspace {
    package var secretScopes: SecretScopes { SecretScopes(workspace: self) }
}
