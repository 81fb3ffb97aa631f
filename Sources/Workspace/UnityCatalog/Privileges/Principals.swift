import GRDB

/// Who can own and be granted: users, service principals (by application id) and groups.
enum Principals {
    /// Everybody in the account.
    static let everybody = "account users"

    /// The name as it is stored. Workspace-local groups (`admins`, `users`) are unknown to Unity Catalog, as are service principals' display names.
    static func existing(_ name: String, _ database: Database) throws -> String {
        if name.lowercased() == everybody { return everybody }
        let found = try database.first(
            """
            SELECT user_name FROM identity WHERE user_name = ?1 COLLATE NOCASE \
            UNION ALL SELECT display_name FROM principal_group WHERE display_name = ?1 COLLATE NOCASE AND display_name NOT IN ('admins', 'users')
            """, [.text(name)]
        ) { $0[0] as String }
        guard let found else { throw WorkspaceError.noSuchPrincipal(name) }
        return found
    }
}

extension Principal {
    /// Whether a grant to, or ownership by, this name is the principal's.
    package func isNamed(_ name: String) -> Bool {
        name == userName || groups.contains(name) || isAdmin && name == Group.admins || name == Principals.everybody
    }

    /// Every name under which the principal can hold grants.
    var names: [String] { [userName, Principals.everybody] + groups }
}
