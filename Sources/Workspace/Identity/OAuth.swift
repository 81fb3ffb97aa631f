import Crypto
import GRDB

/// A service principal's secret without its text, which is given out once.
package struct OAuthSecret: Sendable, Hashable {
    package let id: String
    /// Lower-case hexadecimal SHA-256 of the text.
    package let hash: String
    /// Milliseconds since 1970-01-01 UTC.
    package let createdAt: Int64
    package let expiresAt: Int64
}

/// Service principals' secrets, and the access tokens that they are exchanged for.
package struct OAuth: Sendable {
    let workspace: Workspace

    /// Two years: what a secret lives unless a lifetime is asked for.
    package static let defaultSecretLifetime = 63_072_000

    /// Makes a secret; `lifetime` is in seconds.
    package func createSecret(for servicePrincipal: Int, lifetime: Int? = nil) throws -> (value: String, info: OAuthSecret) {
        _ = try servicePrincipalName(servicePrincipal)
        let lifetime = lifetime ?? Self.defaultSecretLifetime
        guard (1...Self.defaultSecretLifetime).contains(lifetime) else {
            throw WorkspaceError.invalid("Invalid lifetime: \(lifetime)s. It must be between 1s and \(Self.defaultSecretLifetime)s.")
        }
        let now = workspace.environment.nowMillis
        let value = "dose" + workspace.environment.ids.secretHex(byteCount: 16)
        let (expiresAt, overflow) = now.addingReportingOverflow(Int64(lifetime) * 1_000)
        let info = OAuthSecret(
            id: workspace.environment.ids.uuid(), hash: Workspaces.TokenHash(value).hex, createdAt: now,
            expiresAt: overflow ? .max : expiresAt)
        try workspace.store.write { database in
            try database.execute(
                sql: "INSERT INTO oauth_secret (id, identity_id, hash, created_at, expires_at) VALUES (?, ?, ?, ?, ?)",
                arguments: [info.id, servicePrincipal, info.hash, info.createdAt, info.expiresAt])
        }
        workspace.credentials.secretAdded(info.hash, in: workspace)
        return (value, info)
    }

    /// The secrets of a service principal in the order of their making, expired ones too.
    package func secrets(of servicePrincipal: Int) throws -> [OAuthSecret] {
        _ = try servicePrincipalName(servicePrincipal)
        return try workspace.store.read { database in
            try Row.fetchAll(
                database, sql: "SELECT id, hash, created_at, expires_at FROM oauth_secret WHERE identity_id = ? ORDER BY created_at, id",
                arguments: [servicePrincipal]
            ).map { OAuthSecret(id: $0[0], hash: $0[1], createdAt: $0[2], expiresAt: $0[3]) }
        }
    }

    package func deleteSecret(_ id: String, of servicePrincipal: Int) throws {
        _ = try servicePrincipalName(servicePrincipal)
        try workspace.store.write { database in
            try database.execute(sql: "DELETE FROM oauth_secret WHERE id = ? AND identity_id = ?", arguments: [id, servicePrincipal])
            guard database.changesCount > 0 else {
                throw WorkspaceError(
                    .resourceDoesNotExist, "Secret \(id.prefix(64)) of service principal \(servicePrincipal) does not exist.")
            }
        }
    }

    /// The grant `client_credentials`: an access token and the seconds that it is good for; nil for a wrong client or secret. `issuer` is the URL of the
    /// OAuth server as the client reached it.
    package func grant(client: String, secret: String, scope: String, issuer: String) throws -> (token: String, lifetime: Int)? {
        let now = workspace.environment.nowMillis
        let hash = Workspaces.TokenHash(secret).hex
        let found = try workspace.store.read { database in
            try String.fetchOne(
                database,
                sql: """
                    SELECT i.user_name FROM oauth_secret s JOIN identity i ON i.id = s.identity_id
                    WHERE i.user_name = ? AND i.kind = 'SERVICE_PRINCIPAL' AND i.active AND s.hash = ? AND s.expires_at > ?
                    """, arguments: [client, hash, now])
        }
        guard let found else { return nil }
        let lifetime = workspace.credentials.oauthLifetime
        let (expiresAt, overflow) = (now / 1_000).addingReportingOverflow(Int64(lifetime))
        let token = AccessToken(
            client: found, scope: scope, issuer: issuer, issuedAt: now / 1_000, expiresAt: overflow ? Int64.max / 1_000 : expiresAt,
            workspace: workspace)
        return (token.text, lifetime)
    }

    /// The active service principal with this application id, or the active user of this name.
    func principal(client: String) throws -> Principal? {
        try workspace.store.read { database in
            let statement = try database.cachedStatement(sql: "SELECT id FROM identity WHERE user_name = ?")
            guard let id = try Int.fetchOne(statement, arguments: [client]) else { return nil }
            return try workspace.principal(id, database)
        }
    }

    func servicePrincipalName(_ id: Int) throws -> String {
        let name = try workspace.store.read { database in
            try String.fetchOne(
                database, sql: "SELECT user_name FROM identity WHERE id = ? AND kind = 'SERVICE_PRINCIPAL'", arguments: [id])
        }
        guard let name else { throw WorkspaceError(.resourceDoesNotExist, "Service principal \(id) does not exist.") }
        return name
    }
}

extension Workspace {
    package var oauth: OAuth { OAuth(workspace: self) }
}
