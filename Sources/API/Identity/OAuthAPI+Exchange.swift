import HTTPTypes
import JSON
import Workspace

/// The grant `token-exchange` of the token endpoint.
extension OAuthAPI {
    static let exchangeType = "urn:ietf:params:oauth:grant-type:token-exchange"
    private static let subjectTypes = ["urn:ietf:params:oauth:token-type:jwt", "urn:ietf:params:oauth:token-type:id_token"]

    package static func isExchange(_ form: QueryItems) -> Bool { form.string("grant_type") == exchangeType }

    static func exchange(_ call: Call, _ form: QueryItems, issuer: String) async throws -> Reply {
        guard let token = form.string("subject_token"), !token.isEmpty else {
            throw failure("invalid_request", "The parameter subject_token is missing.")
        }
        let type = form.string("subject_token_type") ?? ""
        guard subjectTypes.contains(type) else {
            throw failure("invalid_request", "The subject_token_type '\(type.prefix(128))' is not supported.")
        }
        for name in ["assume_group", "actor_token", "authorization_details"] where !(form.string(name) ?? "").isEmpty {
            throw WorkspaceError(
                .notImplemented, "oidc.token: the parameter \(name) of a token exchange is not simulated.", shape: .oauth("invalid_request"))
        }
        let client = AuthorizationHeader.basic(call.headers[.authorization])?.user ?? form.string("client_id") ?? ""
        let scope = form.string("scope").flatMap { $0.isEmpty ? nil : $0 } ?? "all-apis"
        let granted: OAuthGrant
        do {
            granted = try await grant(token, client: client.isEmpty ? nil : client, scope: scope, issuer: issuer, call)
        } catch let error as OAuth.ExchangeFailure {
            switch error {
            case .malformed: throw failure("invalid_request", "The subject_token is no JSON web token signed with RS256 or ES256.")
            case .expired: throw failure("invalid_request", "The subject_token is expired or not valid yet.")
            case .refused(let reason): throw failure("invalid_request", "The subject_token is not accepted. \(reason)")
            case .keysNotFetched(let issuer, _):
                throw WorkspaceError(
                    .notImplemented,
                    "oidc.token: keys of the issuer '\(issuer.prefix(256))' are fetched from loopback addresses alone; give the federation policy its oidc_policy.jwks_json.",
                    shape: .oauth("invalid_request"))
            }
        }
        var reply = Reply.json([
            "access_token": .string(granted.accessToken), "issued_token_type": "urn:ietf:params:oauth:token-type:access_token",
            "token_type": "Bearer", "scope": .string(scope), "expires_in": .int(granted.lifetime),
        ])
        reply.headers[.cacheControl] = "no-store"
        return reply
    }

    /// Key sets that policies do not hold are fetched when they are asked for, once each.
    private static func grant(_ token: String, client: String?, scope: String, issuer: String, _ call: Call) async throws -> OAuthGrant {
        var keys: [String: JSONValue] = [:]
        while true {
            do {
                return try call.workspace.oauth.exchange(token, client: client, scope: scope, issuer: issuer, keys: keys)
            } catch OAuth.ExchangeFailure.keysNotFetched(let name, let address) {
                guard keys[name] == nil, let found = await call.workspace.credentials.issuerKeys?.keys(of: name, at: address) else {
                    throw OAuth.ExchangeFailure.keysNotFetched(issuer: name, address: address)
                }
                keys[name] = found
            }
        }
    }
}
