import Crypto
import JSON

/// What an OAuth token endpoint gives out.
package struct OAuthGrant: Sendable {
    package let accessToken: String
    package let refreshToken: String?
    /// Seconds.
    package let lifetime: Int
    package let scope: String
}

/// Users' tokens: the grant `authorization_code` with proof of key (RFC 7636), and `refresh_token`.
extension OAuth {
    /// Seconds that an authorization code is good for.
    private static let codeLifetime: Int64 = 600
    /// Ninety days in seconds.
    private static let refreshLifetime: Int64 = 7_776_000

    private static let codes = "oauth-code"
    private static let refreshTokens = "oauth-refresh-token"

    /// The user whom the approval page stands for: the one who is asked for, or the administrator.
    package func approver(_ hint: String?) throws -> Principal? {
        guard let hint, !hint.isEmpty else { return try workspace.administrator() }
        return try principal(client: hint).flatMap { $0.kind == .user ? $0 : nil }
    }

    /// A code that `redeem` takes once. `challenge`: the SHA-256 of the verifier as base64 for URLs.
    package func authorizationCode(for user: Principal, client: String, redirectURI: String, challenge: String, scope: String) throws -> String {
        let code = "dcod-\(workspace.id)-" + workspace.environment.ids.secretHex(byteCount: 16)
        try keep(
            Self.codes, code, user,
            [
                ("client_id", .string(client)), ("redirect_uri", .string(redirectURI)), ("challenge", .string(challenge)), ("scope", .string(scope)),
                ("expires", .int(workspace.environment.nowMillis + Self.codeLifetime * 1_000)),
            ])
        return code
    }

    /// Nil for a code that is wrong, used or too old, or given for something else.
    package func redeem(code: String, client: String, redirectURI: String, verifier: String, issuer: String) throws -> OAuthGrant? {
        let id = Workspaces.TokenHash(code).hex
        guard let stored = try workspace.resources.get(Self.codes, id), try workspace.resources.delete(Self.codes, id) else { return nil }
        let challenge = Base64Text.encode(Array(SHA256.hash(data: Array(verifier.utf8))))
        guard stored.body["expires"]?.intValue ?? 0 > Int(workspace.environment.nowMillis), stored.body["client_id"]?.stringValue == client,
            stored.body["redirect_uri"]?.stringValue == redirectURI, stored.body["challenge"]?.stringValue == challenge
        else { return nil }
        let scope = stored.body["scope"]?.stringValue ?? "all-apis"
        guard let user = try principal(client: stored.owner) else { return nil }
        var refresh: String?
        if scope.split(separator: " ").contains("offline_access") {
            let token = "dorf-\(workspace.id)-" + workspace.environment.ids.secretHex(byteCount: 24)
            try keep(
                Self.refreshTokens, token, user,
                [
                    ("client_id", .string(client)), ("scope", .string(scope)),
                    ("expires", .int(workspace.environment.nowMillis + Self.refreshLifetime * 1_000)),
                ])
            refresh = token
        }
        return access(user, client: client, scope: scope, issuer: issuer, refresh: refresh)
    }

    /// Nil for a refresh token that is wrong or too old, or another client's.
    package func refresh(_ token: String, client: String, issuer: String) throws -> OAuthGrant? {
        guard let stored = try workspace.resources.get(Self.refreshTokens, Workspaces.TokenHash(token).hex),
            stored.body["expires"]?.intValue ?? 0 > Int(workspace.environment.nowMillis), stored.body["client_id"]?.stringValue == client,
            let user = try principal(client: stored.owner)
        else { return nil }
        return access(user, client: client, scope: stored.body["scope"]?.stringValue ?? "all-apis", issuer: issuer, refresh: token)
    }

    private func keep(_ kind: String, _ secret: String, _ user: Principal, _ members: [(String, JSONValue)]) throws {
        _ = try workspace.resources.insert(kind, id: Workspaces.TokenHash(secret).hex, uniqueKey: nil, owner: user.userName, JSONObject(members))
    }

    func access(_ user: Principal, client: String, scope: String, issuer: String, refresh: String?) -> OAuthGrant {
        let now = workspace.environment.nowMillis / 1_000
        let lifetime = workspace.credentials.oauthLifetime
        let (expiresAt, overflow) = now.addingReportingOverflow(Int64(lifetime))
        let token = AccessToken(
            client: user.userName, scope: scope, issuer: issuer, issuedAt: now, expiresAt: overflow ? Int64.max / 1_000 : expiresAt,
            workspace: workspace)
        return OAuthGrant(accessToken: token.text, refreshToken: refresh, lifetime: lifetime, scope: scope)
    }
}
