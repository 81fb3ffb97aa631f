import GRDB

/// A personal access token without its text, which only its owner has.
package struct TokenInfo: Sendable, Hashable {
    /// The SHA-256 of the token in lower-case hexadecimal, as the service's ids of tokens are.
    package let id: String
    package let comment: String?
    package let scopes: [String]
    /// Milliseconds since 1970-01-01 UTC.
    package let createdAt: Int64
    /// Milliseconds since 1970-01-01 UTC; nil for never.
    package let expiresAt: Int64?
    package let ownerID: Int
    package let createdByID: Int
    package let createdByName: String
}

/// The personal access tokens of a workspace.
package struct Tokens: Sendable {
    let workspace: Workspace

    /// Tokens that one owner may have at a time; from the service's documentation.
    package static let quota = 600
    /// Two years in seconds: what a token lives unless a lifetime is asked for.
    package static let defaultLifetime = 63_072_000

    private static let select = """
        SELECT t.id, t.comment, t.scopes, t.created_at, t.expires_at, t.identity_id, t.created_by, coalesce(c.user_name, '')
        FROM token t LEFT JOIN identity c ON c.id = t.created_by
        """

    private static func row(_ row: Row) -> TokenInfo {
        let scopes: String? = row[2]
        return TokenInfo(
            id: row[0], comment: row[1], scopes: scopes?.split(separator: "\n").map(String.init) ?? [], createdAt: row[3],
            expiresAt: row[4], ownerID: row[5],
            createdByID: row[6], createdByName: row[7])
    }

    /// Makes a token for an identity. The text is given out this once. `lifetime` is in seconds.
    package func create(
        for owner: Int, by creator: Principal, comment: String?, lifetime: Int? = nil, scopes: [String] = []
    ) throws -> (value: String, info: TokenInfo) {
        let now = workspace.environment.nowMillis
        let lifetime = lifetime ?? Self.defaultLifetime
        guard lifetime > 0 else { throw WorkspaceError.invalid("requirement failed: Invalid timeout: \(lifetime)") }
        let (span, tooLong) = Int64(lifetime).multipliedReportingOverflow(by: 1_000)
        let (expiresAt, tooLate) = now.addingReportingOverflow(span)
        guard !tooLong, !tooLate else { throw WorkspaceError.invalid("requirement failed: Invalid timeout: \(lifetime)") }
        let value = "dapi" + workspace.environment.ids.secretHex(byteCount: 16)
        let hash = Workspaces.TokenHash(value)
        let creatorID = Int(creator.id) ?? owner
        try workspace.store.write { database in
            // The owner may have been deleted since the request was let in.
            guard try Bool.fetchOne(database, sql: "SELECT 1 FROM identity WHERE id = ?", arguments: [owner]) ?? false else {
                throw WorkspaceError(.resourceDoesNotExist, "User \(owner) does not exist.")
            }
            let count = try Int.fetchOne(
                database, sql: "SELECT count(*) FROM token WHERE identity_id = ? AND (expires_at IS NULL OR expires_at > ?)",
                arguments: [owner, now])
            guard (count ?? 0) < Self.quota else {
                throw WorkspaceError(.quotaExceeded, "The token quota of \(Self.quota) tokens is exceeded.", status: 400)
            }
            try database.execute(
                sql:
                    "INSERT INTO token (id, identity_id, created_by, comment, scopes, created_at, expires_at) VALUES (?, ?, ?, ?, ?, ?, ?)",
                arguments: [hash.hex, owner, creatorID, comment, scopes.isEmpty ? nil : scopes.joined(separator: "\n"), now, expiresAt])
        }
        workspace.credentials.tokenAdded(hash, in: workspace)
        let info = TokenInfo(
            id: hash.hex, comment: comment, scopes: scopes, createdAt: now, expiresAt: expiresAt, ownerID: owner, createdByID: creatorID,
            createdByName: creator.userName)
        return (value, info)
    }

    /// Tokens that have not expired, of one owner or of all, in the order of their making.
    package func list(owner: Int? = nil) throws -> [TokenInfo] {
        try workspace.store.read { database in
            try Row.fetchAll(
                database,
                sql:
                    "\(Self.select) WHERE (:owner IS NULL OR t.identity_id = :owner) AND (t.expires_at IS NULL OR t.expires_at > :now) ORDER BY t.created_at, t.id",
                arguments: ["owner": owner, "now": workspace.environment.nowMillis]
            ).map(Self.row)
        }
    }

    /// A token by its id, of one owner or of anybody.
    package func get(_ id: String, owner: Int? = nil) throws -> TokenInfo {
        let info = try workspace.store.read { database in
            try Row.fetchOne(database, sql: "\(Self.select) WHERE t.id = ?", arguments: [id]).map(Self.row)
        }
        guard let info, owner == nil || info.ownerID == owner else { throw notFound(id) }
        return info
    }

    /// Revokes a token: the next request with it is refused.
    package func delete(_ id: String, owner: Int? = nil) throws {
        try workspace.store.write { database in
            try database.execute(
                sql: "DELETE FROM token WHERE id = :id AND (:owner IS NULL OR identity_id = :owner)", arguments: ["id": id, "owner": owner])
            guard database.changesCount > 0 else { throw notFound(id) }
        }
        workspace.credentials.forgetAll()
    }

    /// Changes what is given; nil leaves it as it is.
    package func update(_ id: String, owner: Int? = nil, comment: String?, scopes: [String]?) throws {
        try workspace.store.write { database in
            try database.execute(
                sql: """
                    UPDATE token SET comment = coalesce(:comment, comment), scopes = coalesce(:scopes, scopes)
                    WHERE id = :id AND (:owner IS NULL OR identity_id = :owner)
                    """, arguments: ["comment": comment, "scopes": scopes?.joined(separator: "\n"), "id": id, "owner": owner])
            guard database.changesCount > 0 else { throw notFound(id) }
        }
    }

    /// The active owner of a token and when the token expires.
    func owner(of token: Workspaces.TokenHash) throws -> (Principal, expiresAt: Int64?)? {
        try workspace.store.read { database in
            let statement = try database.cachedStatement(sql: "SELECT identity_id, expires_at FROM token WHERE id = ?")
            guard let row = try Row.fetchOne(statement, arguments: [token.hex]), let principal = try workspace.principal(row[0], database)
            else { return nil }
            return (principal, row[1])
        }
    }

    private func notFound(_ id: String) -> WorkspaceError {
        WorkspaceError(.resourceDoesNotExist, "Token with id \(id.prefix(128)) does not exist.")
    }
}

extension Workspace {
    package var tokens: Tokens { Tokens(workspace: self) }

    /// Whose personal access token this is, here and now; nil for any other text.
    package func principal(ofPersonalToken text: String) throws -> Principal? {
        let token = Workspaces.TokenHash(text)
        if credentials.isAdminToken(token) { return try administrator() }
        guard let (principal, expiresAt) = try tokens.owner(of: token), expiresAt ?? .max > environment.nowMillis else { return nil }
        return principal
    }
}
