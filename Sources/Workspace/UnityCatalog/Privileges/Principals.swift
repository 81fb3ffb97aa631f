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

extension Workspace {
    /// The principal of an owner's name, as whom views and functions run. Of a group: the group itself. An owner that is gone has nobody's rights but
    /// those of his name.
    package func principal(named name: String) throws -> Principal {
        if name == Principal.system.userName { return .system }
        return try store.read { database in
            if let id = try database.first("SELECT id FROM identity WHERE user_name = ?", [.text(name)], { $0[0] as Int64 }),
                let principal = try principal(Int(id), database)
            {
                return principal
            }
            let parents = try database.all(
                """
                WITH RECURSIVE above (id) AS (
                    SELECT m.group_id FROM group_member m JOIN principal_group g ON g.id = m.member_group_id WHERE g.display_name = ?
                    UNION SELECT m.group_id FROM group_member m JOIN above ON m.member_group_id = above.id
                ) SELECT g.display_name FROM above JOIN principal_group g USING (id) ORDER BY 1
                """, [.text(name)]
            ) { $0[0] as String }
            return Principal(id: "", userName: name, displayName: name, isAdmin: name == Group.admins, groups: parents)
        }
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
