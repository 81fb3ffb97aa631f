package import JSON

/// Which tokens of another identity provider are taken, and for whom: for every user and service principal of the account, or for one service principal.
package struct FederationPolicy: Sendable {
    package let id: String
    /// The account by whose path the policy was made; tokens must be for it unless the policy names audiences.
    package var account: String
    package var servicePrincipal: Int?
    /// `issuer`, `audiences`, `subject`, `subject_claim`, `jwks_json`, `jwks_uri` as the client wrote them.
    package var oidc: JSONObject
    package var description: String?
    /// Milliseconds since 1970-01-01 UTC.
    package var createdAt: Int64 = 0
    package var updatedAt: Int64 = 0
    package var uid = ""
    /// The place in lists.
    package var position: Int64 = 0

    package init(id: String, account: String, servicePrincipal: Int?, oidc: JSONObject, description: String?) {
        self.id = id
        self.account = account
        self.servicePrincipal = servicePrincipal
        self.oidc = oidc
        self.description = description
    }

    /// Why a token is not taken, or whom it stands for.
    enum Verdict: Sendable, Hashable {
        case subject(String)
        /// The policy is for other tokens.
        case otherIssuer
        case otherAudience
        case otherSubject
        case badSignature
        /// The policy's keys are at an address, or where the issuer says.
        case noKeys(issuer: String, address: String?)
    }

    /// - Parameter fetched: key sets by issuer.
    func judge(_ token: FederatedToken, fetched: [String: JSONValue] = [:]) -> Verdict {
        guard let issuer = oidc["issuer"]?.stringValue, token.issuer == issuer else { return .otherIssuer }
        let audiences = oidc["audiences"]?.arrayValue?.compactMap { $0.stringValue } ?? []
        guard (audiences.isEmpty ? [account] : audiences).contains(where: token.audiences.contains) else { return .otherAudience }
        let claim = oidc["subject_claim"]?.stringValue.flatMap { $0.isEmpty ? nil : $0 } ?? "sub"
        guard let subject = token.claims[claim]?.stringValue else { return .otherSubject }
        if servicePrincipal != nil, oidc["subject"]?.stringValue != subject { return .otherSubject }
        let own = oidc["jwks_json"]?.stringValue.flatMap { try? JSONValue(parsing: Array($0.utf8)) }
        guard let keys = own ?? fetched[issuer] else { return .noKeys(issuer: issuer, address: oidc["jwks_uri"]?.stringValue) }
        return token.isSigned(by: keys) ? .subject(subject) : .badSignature
    }
}

/// The account's policies and those of service principals.
package struct FederationPolicies: Sendable {
    let workspace: Workspace

    /// Of the account, and of each service principal (page "Configure a federation policy").
    package static let most = 20
    private static let kind = "federation-policy"

    private static func parent(_ servicePrincipal: Int?) -> String { servicePrincipal.map { String($0) } ?? "account" }
    private static func key(_ id: String, _ servicePrincipal: Int?) -> String { parent(servicePrincipal) + "/" + id }

    private static func missing(_ id: String) -> WorkspaceError {
        WorkspaceError(.resourceDoesNotExist, "Federation policy '\(id.prefix(128))' does not exist.")
    }

    private func check(_ servicePrincipal: Int?) throws {
        if let servicePrincipal { _ = try workspace.oauth.servicePrincipalName(servicePrincipal) }
    }

    private static func body(_ policy: FederationPolicy) -> JSONObject {
        var body = JSONObject([("account", .string(policy.account)), ("oidc", .object(policy.oidc)), ("uid", .string(policy.uid))])
        if let id = policy.servicePrincipal { body["service_principal"] = .int(id) }
        if let text = policy.description { body["description"] = .string(text) }
        return body
    }

    private static func policy(_ stored: StoredResource) -> FederationPolicy {
        var policy = FederationPolicy(
            id: String(stored.id.drop { $0 != "/" }.dropFirst()), account: stored.body["account"]?.stringValue ?? "",
            servicePrincipal: stored.body["service_principal"]?.intValue, oidc: stored.body["oidc"]?.objectValue ?? JSONObject(),
            description: stored.body["description"]?.stringValue)
        policy.uid = stored.body["uid"]?.stringValue ?? ""
        policy.createdAt = stored.createdAt
        policy.updatedAt = stored.updatedAt
        policy.position = stored.position
        return policy
    }

    package func create(_ policy: FederationPolicy, by principal: Principal) throws -> FederationPolicy {
        try check(policy.servicePrincipal)
        var policy = policy
        policy.uid = workspace.environment.ids.uuid()
        guard try list(policy.servicePrincipal).count < Self.most else {
            throw WorkspaceError(.resourceLimitExceeded, "There can be \(Self.most) federation policies at most.", status: 400)
        }
        do {
            return Self.policy(
                try workspace.resources.insert(
                    Self.kind, id: Self.key(policy.id, policy.servicePrincipal), uniqueKey: nil, parent: Self.parent(policy.servicePrincipal),
                    owner: principal.userName, Self.body(policy)))
        } catch is ResourceStore.Taken {
            throw WorkspaceError(.resourceAlreadyExists, "Federation policy '\(policy.id.prefix(128))' already exists.")
        }
    }

    package func get(_ id: String, _ servicePrincipal: Int?) throws -> FederationPolicy {
        try check(servicePrincipal)
        guard let stored = try workspace.resources.get(Self.kind, Self.key(id, servicePrincipal)) else { throw Self.missing(id) }
        return Self.policy(stored)
    }

    /// In the order of their making.
    package func list(_ servicePrincipal: Int?, after: Int64 = 0) throws -> [FederationPolicy] {
        try check(servicePrincipal)
        return try workspace.resources.list(Self.kind, parent: Self.parent(servicePrincipal), after: after).map(Self.policy)
    }

    package func update(_ id: String, _ servicePrincipal: Int?, _ change: (inout FederationPolicy) throws -> Void) throws -> FederationPolicy {
        try check(servicePrincipal)
        let changed = try workspace.resources.update(Self.kind, Self.key(id, servicePrincipal)) { stored in
            var policy = Self.policy(stored)
            try change(&policy)
            stored.body = Self.body(policy)
        }
        guard let changed else { throw Self.missing(id) }
        return Self.policy(changed)
    }

    package func delete(_ id: String, _ servicePrincipal: Int?) throws {
        try check(servicePrincipal)
        guard try workspace.resources.delete(Self.kind, Self.key(id, servicePrincipal)) else { throw Self.missing(id) }
    }
}

extension Workspace {
    package var federationPolicies: FederationPolicies { FederationPolicies(workspace: self) }
}
