package import HTTPTypes
import JSON
import Workspace

/// Discovery and the OAuth server: open to everybody, errors in OAuth's shape.
package enum OAuthAPI: APIGroup {
    package static let operations = [
        hostMetadata, serverMetadata, openIDConfiguration, accountServerMetadata, keys, token, accountToken, authorize, deviceAuthorization,
    ]

    /// What every client asks first. A workspace is chosen by its token, which this request does not have, so no workspace id is given.
    static let hostMetadata = Operation("oidc.host_metadata", .get, "/.well-known/databricks-config", access: .open) { call -> JSONValue in
        ["oidc_endpoint": .string(call.baseURL + "/oidc"), "cloud": "AWS"]
    }

    static let serverMetadata = Operation(
        "oidc.oauth_server_metadata", .get, "/oidc/.well-known/oauth-authorization-server", access: .open,
        limits: "of the grants that it lists only client_credentials is simulated"
    ) { call -> Reply in metadata(call, prefix: "/oidc") }

    static let openIDConfiguration = Operation(
        "oidc.openid_configuration", .get, "/oidc/.well-known/openid-configuration", access: .open,
        limits: "of the grants that it lists only client_credentials is simulated"
    ) { call -> Reply in metadata(call, prefix: "/oidc") }

    static let accountServerMetadata = Operation(
        "oidc.account_oauth_server_metadata", .get, "/oidc/accounts/{account_id}/.well-known/oauth-authorization-server", access: .open,
        limits: "of the grants that it lists only client_credentials is simulated"
    ) { call -> Reply in metadata(call, prefix: "/oidc/accounts/" + PercentCoding.encode(try call.path("account_id"))) }

    /// Access tokens are signed with a key that only the workspace has: there is none to publish.
    static let keys = Operation(
        "oidc.jwks", .get, "/oidc/jwks.json", access: .open, limits: "no key is published: tokens can be checked by the workspace alone"
    ) { _ -> JSONValue in
        ["keys": []]
    }

    static let token = Operation("oidc.token", .post, "/oidc/v1/token", access: .open, limits: "only the grant client_credentials") {
        call -> Reply in
        try grant(call, issuer: call.baseURL + "/oidc")
    }

    static let accountToken = Operation(
        "oidc.account_token", .post, "/oidc/accounts/{account_id}/v1/token", access: .open,
        limits: "only the grant client_credentials; the account is not looked at"
    ) { call -> Reply in try grant(call, issuer: call.baseURL + "/oidc") }

    static let authorize = Operation(
        "oidc.authorize", .get, "/oidc/v1/authorize", access: .open, limits: "always refused: nobody can sign in with a browser"
    ) { _ -> Reply in
        throw WorkspaceError(
            .notImplemented,
            "oidc.authorize is not simulated: use a personal access token, or OAuth client credentials of a service principal.",
            shape: .oauth("unsupported_response_type"))
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
            "grant_types_supported": texts("client_credentials", "authorization_code", "refresh_token"),
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

    private static func grant(_ call: Call, issuer: String) throws -> Reply {
        let form = call.form
        guard let type = form.string("grant_type") else { throw failure("invalid_request", "The parameter grant_type is missing.") }
        guard type == "client_credentials" else {
            throw failure("unsupported_grant_type", "The grant type \(type.prefix(128)) is not supported.")
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

    /// The client of a request to a token endpoint, by `Authorization: Basic` or in the form.
    package static func clientCredentials(_ headers: HTTPFields, _ form: QueryItems) -> (client: String, secret: String)? {
        let basic = AuthorizationHeader.basic(headers[.authorization])
        guard let client = basic?.user ?? form.string("client_id"), let secret = basic?.password ?? form.string("client_secret") else {
            return nil
        }
        return (client, secret)
    }

    private static func failure(_ error: String, _ description: String, status: Int = 400) -> WorkspaceError {
        WorkspaceError(.badRequest, description, status: status, shape: .oauth(error))
    }
}
