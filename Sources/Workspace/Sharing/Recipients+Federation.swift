import GRDB
package import JSON

/// Recipients that come with their identity provider's tokens (page "Use OIDC federation to enable authentication to Delta Sharing shares").
extension Recipients {
    package static let policies = "federation_policies"

    /// What a token of another issuer turns out to be.
    package enum Federated: Sendable {
        case reader(ShareReader)
        case refused(String)
        /// The issuer's key set is needed first.
        case needsKeys(issuer: String)
        /// A policy would have to say whom tokens are for.
        case noAudience(policy: String)
    }

    /// In front of a policy's id, where readers with tokens of this server have their token's.
    private static let mark = "policy:"

    /// - Parameters:
    ///   - id: of the recipient that the endpoint names; nil: all are asked.
    ///   - keys: key sets by issuer, as far as they have been fetched.
    package func reader(federated text: String, recipient id: String?, keys: [String: JSONValue]) throws -> Federated {
        guard let token = FederatedToken(parsing: text) else { return .refused("The bearer token is invalid, expired or revoked.") }
        guard token.isValid(at: workspace.environment.nowMillis / 1_000) else { return .refused("The bearer token is expired or not valid yet.") }
        let recipients = try workspace.store.read { try CatalogObjects.all($0, .recipient) }
            .filter { $0.fields["authentication_type"] == "OIDC_FEDERATION" && (id ?? $0.id) == $0.id }
        var reason = "No federation policy is for the token's issuer."
        for recipient in recipients {
            for policy in recipient.fields[Self.policies]?.arrayValue ?? [] {
                guard let oidc = policy["oidc_policy"], let issuer = oidc["issuer"]?.stringValue, token.issuer == issuer else { continue }
                let audiences = (oidc["audiences"]?.arrayValue ?? []).compactMap(\.stringValue)
                if audiences.isEmpty { return .noAudience(policy: policy["name"]?.stringValue ?? "") }
                guard audiences.contains(where: token.audiences.contains) else {
                    reason = "The token's audience is none of the federation policy's."
                    continue
                }
                guard Self.isSubject(token.claims, oidc) else {
                    reason = "The token's subject is not the federation policy's."
                    continue
                }
                guard let keys = keys[issuer] else { return .needsKeys(issuer: issuer) }
                guard token.isSigned(by: keys) else {
                    reason = "The token's signature is not by a key of its issuer."
                    continue
                }
                return .reader(ShareReader(recipient: recipient, token: Self.mark + (policy["id"]?.stringValue ?? "")))
            }
        }
        return .refused(reason)
    }

    /// A claim that lists groups has the subject among them.
    private static func isSubject(_ claims: JSONObject, _ oidc: JSONValue) -> Bool {
        guard let name = oidc["subject_claim"]?.stringValue, let subject = oidc["subject"]?.stringValue else { return false }
        if let list = claims[name]?.arrayValue { return list.contains { $0.stringValue == subject } }
        return claims[name]?.stringValue == subject
    }

    /// Whether the recipient still has the policy by which a link's reader came; nil: the reader came by a token of this server.
    static func hasPolicy(_ token: String, _ recipient: String, _ database: Database) throws -> Bool? {
        guard token.hasPrefix(mark) else { return nil }
        let found = try database.first("\(CatalogObjects.select) WHERE o.id = ?", [.text(recipient)]) { CatalogObject($0) }
        let id = token.dropFirst(mark.count)
        return (found?.fields[policies]?.arrayValue ?? []).contains { $0["id"]?.stringValue == String(id) }
    }
}
