import GRDB
import JSON

extension Workspace {
    /// Users, service principals, groups, tokens and secrets. Of a token or a secret only the SHA-256 is kept.
    static let identityMigration = Migration(
        "identity",
        """
        CREATE TABLE identity (
            id INTEGER PRIMARY KEY, kind TEXT NOT NULL, user_name TEXT NOT NULL UNIQUE COLLATE NOCASE, display_name TEXT NOT NULL,
            active INTEGER NOT NULL, external_id TEXT, attributes TEXT NOT NULL
        );
        CREATE TABLE principal_group (id INTEGER PRIMARY KEY, display_name TEXT NOT NULL UNIQUE COLLATE NOCASE, external_id TEXT, attributes TEXT NOT NULL);
        CREATE TABLE group_member (
            group_id INTEGER NOT NULL REFERENCES principal_group (id) ON DELETE CASCADE,
            identity_id INTEGER REFERENCES identity (id) ON DELETE CASCADE,
            member_group_id INTEGER REFERENCES principal_group (id) ON DELETE CASCADE,
            UNIQUE (group_id, identity_id), UNIQUE (group_id, member_group_id)
        );
        CREATE INDEX group_member_identity ON group_member (identity_id);
        CREATE INDEX group_member_group ON group_member (member_group_id);
        CREATE TABLE token (
            id TEXT PRIMARY KEY, identity_id INTEGER NOT NULL REFERENCES identity (id) ON DELETE CASCADE,
            created_by INTEGER NOT NULL, comment TEXT, scopes TEXT, created_at INTEGER NOT NULL, expires_at INTEGER
        ) WITHOUT ROWID;
        CREATE INDEX token_identity ON token (identity_id, created_at);
        CREATE TABLE oauth_secret (
            id TEXT PRIMARY KEY, identity_id INTEGER NOT NULL REFERENCES identity (id) ON DELETE CASCADE, hash TEXT NOT NULL,
            created_at INTEGER NOT NULL, expires_at INTEGER NOT NULL
        ) WITHOUT ROWID;
        CREATE INDEX oauth_secret_identity ON oauth_secret (identity_id, created_at);
        """)

    /// The groups `admins` and `users`, and the administrator.
    func writeIdentities(admin: Principal, _ database: Database) throws {
        let id = Int(admin.id) ?? environment.ids.numeric()
        let words = admin.displayName.split(separator: " ", maxSplits: 1).map(String.init)
        let attributes = JSONObject([
            ("name", .members(zip(["givenName", "familyName"], words).map { ($0, .string($1)) })),
            ("emails", [["type": "work", "value": .string(admin.userName), "primary": true]]),
            ("entitlements", [["value": "workspace-access"], ["value": "databricks-sql-access"], ["value": "allow-cluster-create"]]),
        ])
        try Identities.insert(
            Identity(id: id, kind: .user, userName: admin.userName, displayName: admin.displayName, attributes: attributes), database)
        let entitlements = JSONObject([("entitlements", [["value": "workspace-access"], ["value": "databricks-sql-access"]])])
        for group in [Group.admins, Group.users] {
            let group = Group(
                id: environment.ids.numeric(), displayName: group, attributes: group == Group.users ? entitlements : JSONObject())
            try Groups.insert(group, database)
            try database.execute(sql: "INSERT INTO group_member (group_id, identity_id) VALUES (?, ?)", arguments: [group.id, id])
        }
        for object in ["tokens", "passwords"] {
            try Permissions.put(Permission(kind: .group, principal: Group.users, level: "CAN_USE"), "authorization", object, database)
        }
        try database.execute(sql: "INSERT INTO setting VALUES ('admin', ?)", arguments: [String(id)])
    }
}

extension JSONObject {
    /// The text for a column.
    var columnText: String { JSONValue.object(self).text }

    /// What a column holds; nothing if it is not an object, which only a foreign hand can have written.
    init(column text: String) { self = (try? JSONValue(parsing: text))?.objectValue ?? JSONObject() }
}
