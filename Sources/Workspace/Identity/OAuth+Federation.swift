package import JSON

/// The grant `token-exchange` (RFC 8693): another identity provider's token for an access token of the workspace.
extension OAuth {
    package enum ExchangeFailure: Error, Sendable, Hashable {
        /// Not a signed token of an algorithm that the service takes.
        case malformed
        case expired
        /// No policy is for it: the text says what did not fit.
        case refused(String)
        /// The policy's keys must be fetched first.
        case keysNotFetched(issuer: String, address: String?)
    }

    /// `client`: the application id of the service principal whose policies are asked; nil: the account's policies are, and the token's subject says who it is.
    /// `keys`: key sets by issuer, as far as they have been fetched.
    package func exchange(
        _ text: String, client: String?, scope: String, issuer: String, keys: [String: JSONValue] = [:]
    ) throws -> OAuthGrant {
        guard let token = FederatedToken(parsing: text) else { throw ExchangeFailure.malformed }
        guard token.isValid(at: workspace.environment.nowMillis / 1_000) else { throw ExchangeFailure.expired }
        if let client {
            guard let found = try principal(client: client), found.kind == .servicePrincipal, let id = Int(found.id) else {
                throw ExchangeFailure.refused("The client is not known.")
            }
            return try exchange(token, workspace.federationPolicies.list(id), scope: scope, issuer: issuer, keys) { _ in found }
        }
        return try exchange(token, workspace.federationPolicies.list(nil), scope: scope, issuer: issuer, keys) { try principal(client: $0) }
    }

    private func exchange(
        _ token: FederatedToken, _ policies: [FederationPolicy], scope: String, issuer: String, _ keys: [String: JSONValue],
        whom: (String) throws -> Principal?
    ) throws -> OAuthGrant {
        var failure = ExchangeFailure.refused("No federation policy is for the token's issuer.")
        for policy in policies {
            switch policy.judge(token, fetched: keys) {
            case .subject(let subject):
                guard let principal = try whom(subject) else {
                    failure = .refused("The token's subject is no user and no service principal.")
                    continue
                }
                return access(principal, client: principal.userName, scope: scope, issuer: issuer, refresh: nil)
            case .otherIssuer: continue
            case .otherAudience: failure = .refused("The token's audience is none of the federation policy's.")
            case .otherSubject: failure = .refused("The token's subject is not the federation policy's.")
            case .badSignature: failure = .refused("The token's signature is not by a key of the federation policy.")
            case .noKeys(let issuer, let address): failure = .keysNotFetched(issuer: issuer, address: address)
            }
        }
        throw failure
    }
}
