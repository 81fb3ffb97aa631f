import HTTPTypes
import JSON
import Workspace

/// Which tokens of other identity providers are exchanged: policies of the account and of service principals. The account is the workspace's, by whatever id
/// it is called.
package enum AccountFederationAPI: APIGroup {
    package static let operations =
        Policies(name: "account.federation_policy", path: "/api/2.0/accounts/{account_id}/federationPolicies").operations
        + Policies(
            name: "account.service_principal_federation_policy",
            path: "/api/2.0/accounts/{account_id}/servicePrincipals/{service_principal_id}/federationPolicies"
        ).operations

    private static let members = ["issuer", "audiences", "subject", "subject_claim", "jwks_json", "jwks_uri"]

    /// The five operations of either kind of policy.
    private struct Policies {
        let name: String
        let path: String

        var operations: [Operation] {
            let one = path + "/{policy_id}"
            return [
                Operation(name + ".create", .post, path) { call -> JSONValue in try create(call) },
                Operation(name + ".get", .get, one) { call -> JSONValue in
                    try authorize(call)
                    return show(try call.workspace.federationPolicies.get(call.path("policy_id"), owner(call)), call)
                },
                Operation(name + ".list", .get, path) { call -> JSONValue in
                    try authorize(call)
                    let owner = try owner(call)
                    let paging = try Paging(call, list: "\(path) \(owner ?? 0)", pageSize: 100, sizeName: "page_size")
                    let rows = try call.workspace.federationPolicies.list(owner, after: paging.after.flatMap { Int64($0) } ?? 0)
                    return paging.reply("policies", rows, key: { String($0.position) }) { show($0, call) }
                },
                Operation(name + ".update", .patch, one) { call -> JSONValue in try update(call) },
                Operation(name + ".delete", .delete, one) { call -> Void in
                    try authorize(call)
                    try call.workspace.federationPolicies.delete(call.path("policy_id"), owner(call))
                },
            ]
        }

        private func create(_ call: Call) throws -> JSONValue {
            try authorize(call)
            let body = try call.contractBody(.post, path)
            let id = call.query.string("policy_id") ?? call.workspace.environment.ids.uuid()
            let isNamed = id.utf8.allSatisfy { 0x61...0x7A ~= $0 || 0x30...0x39 ~= $0 || $0 == 0x2D || $0 == 0x2F }
            guard !id.isEmpty, id.utf8.count <= 255, isNamed else {
                throw WorkspaceError.invalid(
                    "Invalid policy_id '\(id.prefix(64))': only lower-case letters, digits, hyphens and slashes are allowed.")
            }
            guard let oidc = body["oidc_policy"]?.objectValue else { throw WorkspaceError.missing("oidc_policy") }
            let policy = FederationPolicy(
                id: id, account: try call.path("account_id"), servicePrincipal: try owner(call), oidc: oidc,
                description: body["description"]?.stringValue)
            try check(policy)
            return show(try call.workspace.federationPolicies.create(policy, by: call.principal), call)
        }

        private func update(_ call: Call) throws -> JSONValue {
            try authorize(call)
            let body = try call.contractBody(.patch, path + "/{policy_id}")
            let oidc = body["oidc_policy"]?.objectValue ?? JSONObject()
            var paths = call.query.string("update_mask").map { $0.split(separator: ",").map(String.init) }
            if paths == ["*"] { paths = ["description", "oidc_policy"] }
            let changed = try call.workspace.federationPolicies.update(call.path("policy_id"), owner(call)) { policy in
                let named = paths ?? (body["description"] == nil ? [] : ["description"]) + oidc.names.map { "oidc_policy." + $0 }
                for path in named {
                    switch path {
                    case "description": policy.description = body["description"]?.stringValue
                    case "oidc_policy": policy.oidc = oidc
                    default:
                        guard path.hasPrefix("oidc_policy."), members.contains(String(path.dropFirst(12))) else {
                            throw WorkspaceError.invalid("Invalid field in update_mask: '\(path.prefix(64))'.")
                        }
                        let member = String(path.dropFirst(12))
                        policy.oidc[member] = oidc[member]
                    }
                }
                try check(policy)
            }
            return show(changed, call)
        }

        private func authorize(_ call: Call) throws {
            guard call.principal.isAdmin else {
                throw WorkspaceError(.permissionDenied, "Only account administrators can manage federation policies.")
            }
        }

        private func owner(_ call: Call) throws -> Int? {
            call.pathParameters["service_principal_id"] == nil ? nil : try call.pathInt("service_principal_id")
        }

        private func check(_ policy: FederationPolicy) throws {
            func text(_ name: String) -> String? { policy.oidc[name]?.stringValue.flatMap { $0.isEmpty ? nil : $0 } }
            guard let issuer = text("issuer") else { throw WorkspaceError.missing("oidc_policy.issuer") }
            guard issuer.hasPrefix("https://") || issuer.hasPrefix("http://") else {
                throw WorkspaceError.invalid("oidc_policy.issuer must be a URL, not '\(issuer.prefix(64))'.")
            }
            if policy.servicePrincipal == nil {
                guard text("subject") == nil else { throw WorkspaceError.invalid("oidc_policy.subject is for policies of service principals alone.") }
            } else if text("subject") == nil {
                throw WorkspaceError.missing("oidc_policy.subject")
            }
            if let keys = text("jwks_json") {
                guard text("jwks_uri") == nil else { throw WorkspaceError.invalid("Only one of jwks_json and jwks_uri can be given.") }
                guard let value = try? JSONValue(parsing: Array(keys.utf8)), value["keys"]?.arrayValue != nil else {
                    throw WorkspaceError.invalid("oidc_policy.jwks_json is no JSON web key set.")
                }
            }
        }

        private func show(_ policy: FederationPolicy, _ call: Call) -> JSONValue {
            let place = policy.servicePrincipal.map { "/servicePrincipals/\($0)" } ?? ""
            var shown = JSONObject([
                ("name", .string("accounts/\(policy.account)\(place)/federationPolicies/\(policy.id)")), ("policy_id", .string(policy.id)),
                ("uid", .string(policy.uid)), ("create_time", .string(RFC3339.text(millis: policy.createdAt))),
                ("update_time", .string(RFC3339.text(millis: policy.updatedAt))),
            ])
            if let text = policy.description { shown["description"] = .string(text) }
            if let id = policy.servicePrincipal { shown["service_principal_id"] = .int(id) }
            shown["oidc_policy"] = .object(policy.oidc)
            return .object(shown)
        }
    }
}
