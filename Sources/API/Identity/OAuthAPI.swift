package import HTTPTypes
import JSON
import Workspace

/// Discovery and the OAuth server: open to everybody, errors in OAuth's shape.
package enum OAuthAPI: APIGroup {
    package static let operations = [
        hostMetadata, serverMetadata, openIDConfiguration, accountServerMetadata, keys, token, accountToken, authorize, deviceAuthorization,
        azureLogin, azureAuthorize, azureToken, azureTokenV2,
    ]

    /// What every client asks first. A workspace is chosen by its token, which this request does not have, so no workspace id is given.
    static let hostMetadata = Operation("oidc.host_metadata", .get, "/.well-known/databricks-config", access: .open) { call -> JSONValue in
        ["oidc_endpoint": .string(call.baseURL + "/oidc"), "cloud": "AWS"]
    }

    static let serverMetadata = Operation(
        "oidc.oauth_server_metadata", .get, "/oidc/.well-known/oauth-authorization-server", access: .open
    ) { call -> Reply in metadata(call, prefix: "/oidc") }

    static let openIDConfiguration = Operation(
        "oidc.openid_configuration", .get, "/oidc/.well-known/openid-configuration", access: .open
    ) { call -> Reply in metadata(call, prefix: "/oidc") }

    static let accountServerMetadata = Operation(
        "oidc.account_oauth_server_metadata", .get, "/oidc/accounts/{account_id}/.well-known/oauth-authorization-server", access: .open
    ) { call -> Reply in metadata(call, prefix: "/oidc/accounts/" + PercentCoding.encode(try call.path("account_id"))) }

    /// Access tokens are signed with a key that only the workspace has: there is none to publish.
    static let keys = Operation(
        "oidc.jwks", .get, "/oidc/jwks.json", access: .open, limits: "no key is published: tokens can be checked by the workspace alone"
    ) { _ -> JSONValue in
        ["keys": []]
    }

    static let token = Operation(
        "oidc.token", .post, "/oidc/v1/token", access: .open,
        limits:
            "the grants client_credentials, authorization_code, refresh_token and token-exchange, the last with the keys of the policy's jwks_json, or of an issuer on a loopback address"
    ) {
        call -> Reply in
        try await grant(call, issuer: call.baseURL + "/oidc")
    }

    static let accountToken = Operation(
        "oidc.account_token", .post, "/oidc/accounts/{account_id}/v1/token", access: .open,
        limits: "as oidc.token; the account is not looked at"
    ) { call -> Reply in try await grant(call, issuer: call.baseURL + "/oidc") }

    /// The approval page approves by itself, for the user whom `login_hint` names or else for the administrator.
    static let authorize = Operation(
        "oidc.authorize", .get, "/oidc/v1/authorize", access: .open,
        limits:
            "nobody is asked: `login_hint` names the user, without it the administrator approves; the code comes back to an address of this machine alone"
    ) { call -> Reply in
        let query = call.query
        guard let client = query.string("client_id") else { throw failure("invalid_request", "The parameter client_id is missing.") }
        guard let redirect = query.string("redirect_uri") else { throw failure("invalid_request", "The parameter redirect_uri is missing.") }
        let address = ServerAddress(redirect)
        guard redirect.hasPrefix("http"), ["localhost", "127.0.0.1", "[::1]"].contains(address.host), !redirect.contains("#") else {
            throw failure("invalid_request", "The redirect_uri is not registered for the client \(client.prefix(64)).")
        }
        func back(_ items: [(String, String)]) -> Reply {
            var items = items
            if let state = query.string("state") { items.append(("state", state)) }
            let text = items.map { "\($0)=\(PercentCoding.encode($1))" }.joined(separator: "&")
            return found(redirect + (redirect.contains("?") ? "&" : "?") + text)
        }
        guard query.string("response_type") == "code" else { return back([("error", "unsupported_response_type")]) }
        guard let challenge = query.string("code_challenge"), query.string("code_challenge_method") == "S256" else {
            return back([("error", "invalid_request"), ("error_description", "PKCE with S256 is required.")])
        }
        guard let user = try call.workspace.oauth.approver(query.string("login_hint")) else { return back([("error", "access_denied")]) }
        let code = try call.workspace.oauth.authorizationCode(
            for: user, client: client, redirectURI: redirect, challenge: challenge, scope: query.string("scope") ?? "all-apis")
        return back([("code", code)])
    }

    private static func found(_ location: String) -> Reply {
        var reply = Reply(status: 302)
        reply.headers[.location] = location
        return reply
    }

    // MARK: Azure

    /// A tenant of the identity provider that Azure workspaces have in front.
    private static func tenant(_ call: Call) -> String { "00000000-0000-4000-8000-" + String(String(call.workspace.id).suffix(12)) }

    /// Clients read the tenant from where this leads.
    static let azureLogin = Operation("azure.login", .get, "/aad/auth", access: .open) { call -> Reply in
        found("\(call.baseURL)/\(tenant(call))/oauth2/authorize?client_id=databricks&response_type=code")
    }

    static let azureAuthorize = Operation("azure.authorize", .get, "/oidc/oauth2/v2.0/authorize", access: .open) { call -> Reply in
        found("\(call.baseURL)/\(tenant(call))/oauth2/v2.0/authorize")
    }

    static let azureToken = Operation(
        "azure.token", .post, "/{tenant_id}/oauth2/token", access: .open, limits: "client_credentials of a service principal of the workspace alone"
    ) { call -> Reply in try await azureGrant(call) }

    static let azureTokenV2 = Operation("azure.token_v2", .post, "/{tenant_id}/oauth2/v2.0/token", access: .open, limits: "as azure.token") {
        call -> Reply in try await azureGrant(call)
    }

    private static func azureGrant(_ call: Call) async throws -> Reply {
        let reply = try await grant(call, issuer: "\(call.baseURL)/\(try call.path("tenant_id"))/")
        guard case .json(.object(var body)) = reply.body, let lifetime = body["expires_in"]?.intValue else { return reply }
        let now = call.workspace.environment.nowMillis / 1_000
        body["expires_in"] = .string(String(lifetime))
        body["ext_expires_in"] = .string(String(lifetime))
        body["not_before"] = .string(String(now))
        body["expires_on"] = .string(String(now.addingReportingOverflow(Int64(lifetime)).partialValue))
        if let resource = call.form.string("resource") { body["resource"] = .string(resource) }
        return Reply(status: reply.status, headers: reply.headers, body: .json(.object(body)))
    }

    static let deviceAuthorization = Operation(
        "oidc.device_authorization", .post, "/oidc/v1/device/authorize", access: .open,
        limits: "always refused: nobody can sign in with a browser"
    ) { _ -> Reply in
        throw WorkspaceError(
            .notImplemented,
            "oidc.device_authorization is not simulated: use a personal access token, or OAuth client credentials of a service principal.",
            shape: .oauth("unsupported_grant_type"))
    }

    /// Members and their order are the service's; so is the escaping of slashes.
    private static func metadata(_ call: Call, prefix: String) -> Reply {
        let base = call.baseURL + prefix
        func texts(_ texts: String...) -> JSONValue { .array(texts.map { .string($0) }) }
        let document: JSONValue = [
            "authorization_endpoint": .string(base + "/v1/authorize"), "token_endpoint": .string(base + "/v1/token"),
            "issuer": .string(base),
            "jwks_uri": .string(call.baseURL + "/oidc/jwks.json"),
            "scopes_supported": texts("all-apis", "email", "offline_access", "openid", "profile", "sql"),
            "response_types_supported": texts("code", "id_token"), "response_modes_supported": texts("query", "fragment", "form_post"),
            "grant_types_supported": texts(
                "client_credentials", "authorization_code", "refresh_token", "urn:ietf:params:oauth:grant-type:token-exchange"),
            "code_challenge_methods_supported": texts("S256"),
            "token_endpoint_auth_methods_supported": texts("client_secret_basic", "client_secret_post", "none"),
            "subject_types_supported": texts("public"), "id_token_signing_alg_values_supported": texts("RS256"),
            "claims_supported": texts("iss", "sub", "aud", "iat", "exp", "jti", "name", "family_name", "given_name", "preferred_username"),
            "request_uri_parameter_supported": false,
        ]
        var bytes: [UInt8] = []
        for byte in document.encoded() {
            if byte == UInt8(ascii: "/") { bytes.append(UInt8(ascii: "\\")) }
            bytes.append(byte)
        }
        return Reply(body: .bytes(bytes, contentType: "application/json; charset=UTF-8"))
    }

    private static func grant(_ call: Call, issuer: String) async throws -> Reply {
        let form = call.form
        guard let type = form.string("grant_type") else { throw failure("invalid_request", "The parameter grant_type is missing.") }
        switch type {
        case "client_credentials": break
        case "authorization_code", "refresh_token": return try userGrant(type, call, form, issuer: issuer)
        case exchangeType: return try await exchange(call, form, issuer: issuer)
        default: throw failure("unsupported_grant_type", "The grant type \(type.prefix(128)) is not supported.")
        }
        guard let (client, secret) = clientCredentials(call.headers, form) else {
            throw failure("invalid_client", "Client authentication failed", status: 401)
        }
        let scope = form.string("scope") ?? "all-apis"
        // A client belongs to the workspace that has it, whichever one the request came to.
        let workspace = call.workspace.credentials.workspace(forClient: client, secret: secret) ?? call.workspace
        guard let (token, lifetime) = try workspace.oauth.grant(client: client, secret: secret, scope: scope, issuer: issuer) else {
            throw failure("invalid_client", "Client authentication failed", status: 401)
        }
        var reply = Reply.json([
            "access_token": .string(token), "token_type": "Bearer", "scope": .string(scope), "expires_in": .int(lifetime),
        ])
        reply.headers[.cacheControl] = "no-store"
        return reply
    }

    private static func userGrant(_ type: String, _ call: Call, _ form: QueryItems, issuer: String) throws -> Reply {
        func text(_ name: String) throws -> String {
            guard let text = form.string(name) else { throw failure("invalid_request", "The parameter \(name) is missing.") }
            return text
        }
        let client = try AuthorizationHeader.basic(call.headers[.authorization])?.user ?? text("client_id")
        let oauth = call.workspace.oauth
        let granted =
            type == "refresh_token"
            ? try oauth.refresh(try text("refresh_token"), client: client, issuer: issuer)
            : try oauth.redeem(
                code: try text("code"), client: client, redirectURI: try text("redirect_uri"), verifier: try text("code_verifier"), issuer: issuer)
        guard let granted else {
            throw failure(
                "invalid_grant", type == "refresh_token" ? "Refresh token is invalid or expired" : "Authorization code is invalid or expired")
        }
        var body = JSONObject([
            ("access_token", .string(granted.accessToken)), ("token_type", "Bearer"), ("scope", .string(granted.scope)),
            ("expires_in", .int(granted.lifetime)),
        ])
        if let refresh = granted.refreshToken { body["refresh_token"] = .string(refresh) }
        var reply = Reply.json(.object(body))
        reply.headers[.cacheControl] = "no-store"
        return reply
    }

    /// The workspace that a code or a refresh token of a form is from.
    package static func workspaceID(of form: QueryItems) -> Int? {
        guard let text = form.string("code") ?? form.string("refresh_token") else { return nil }
        let parts = text.split(separator: "-")
        return parts.count == 3 ? Int(parts[1]) : nil
    }

    /// The client of a request to a token endpoint, by `Authorization: Basic` or in the form.
    package static func clientCredentials(_ headers: HTTPFields, _ form: QueryItems) -> (client: String, secret: String)? {
        let basic = AuthorizationHeader.basic(headers[.authorization])
        guard let client = basic?.user ?? form.string("client_id"), let secret = basic?.password ?? form.string("client_secret") else {
            return nil
        }
        return (client, secret)
    }

    static func failure(_ error: String, _ description: String, status: Int = 400) -> WorkspaceError {
        WorkspaceError(.badRequest, description, status: status, shape: .oauth(error))
    }
}
