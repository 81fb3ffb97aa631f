import HTTPTypes
import JSON
import Workspace

/// Which foreign identities are a recipient: `/api/2.0/data-sharing/recipients/{recipient_name}/federation-policies`.
package enum FederationPoliciesAPI: APIGroup {
    package static let operations = [create, get, list, delete]

    private static let path = "/api/2.0/data-sharing/recipients/{recipient_name}/federation-policies"
    private static let member = Recipients.policies

    static let create = Operation(
        "sharing.recipient_federation_policies.create", .post, path,
        limits: "the keys of issuers are fetched from loopback addresses alone"
    ) { call -> JSONValue in
        let body = try call.fields()
        guard let oidc = try body.object(optional: "oidc_policy") else { throw WorkspaceError.missing("oidc_policy") }
        var policy = JSONObject()
        for name in ["issuer", "subject_claim", "subject"] { policy[name] = .string(try oidc.string(name)) }
        guard ["sub", "oid", "groups", "azp"].contains(policy["subject_claim"]?.stringValue) else {
            throw WorkspaceError.invalid("subject_claim must be one of: sub, oid, groups, azp.")
        }
        policy["audiences"] = .array(try (oidc.strings(optional: "audiences") ?? []).map { .string($0) })
        let id = call.workspace.environment.ids.uuid()
        let name = try body.string(optional: "name").flatMap { $0.isEmpty ? nil : $0 } ?? id
        guard name.utf8.count <= 255,
            name.utf8.allSatisfy({ $0 >= 0x30 && $0 <= 0x39 || $0 | 0x20 >= 0x61 && $0 | 0x20 <= 0x7A || $0 == 0x2D || $0 == 0x5F })
        else {
            throw WorkspaceError.invalid("Invalid policy name '\(name.prefix(64))': only letters, digits, - and _ are allowed.")
        }
        let time = JSONValue.string(RFC3339.text(millis: call.workspace.environment.nowMillis))
        var made = JSONObject([("id", .string(id)), ("name", .string(name))])
        made["comment"] = try body.string(optional: "comment").map { .string($0) }
        made["oidc_policy"] = .object(policy)
        made["create_time"] = time
        made["update_time"] = time
        try call.workspace.catalogObjects(.recipient).change(
            call.path("recipient_name"), rpc: "CreateFederationPolicy", by: call.principal
        ) { fields in
            guard fields["authentication_type"] == "OIDC_FEDERATION" else {
                throw WorkspaceError.invalid("Federation policies are for recipients of authentication type OIDC_FEDERATION alone.")
            }
            var all = fields[member]?.arrayValue ?? []
            guard !all.contains(where: { $0["name"]?.stringValue == name }) else {
                throw WorkspaceError(.resourceAlreadyExists, "Federation policy '\(name)' already exists.")
            }
            guard all.count < 20 else { throw WorkspaceError(.resourceLimitExceeded, "A recipient has 20 federation policies at most.") }
            all.append(.object(made))
            fields[member] = .array(all)
        }
        return .object(made)
    }

    private static func policies(_ call: Call) throws -> [JSONValue] {
        let recipient = try call.workspace.catalogObjects(.recipient).get(call.path("recipient_name"), by: call.principal).object
        return recipient.fields[member]?.arrayValue ?? []
    }

    private static func missing(_ name: String) -> WorkspaceError {
        WorkspaceError(.resourceDoesNotExist, "Federation policy '\(name.prefix(255))' does not exist.")
    }

    static let get = Operation("sharing.recipient_federation_policies.get_federation_policy", .get, path + "/{name}") { call -> JSONValue in
        let name = try call.path("name")
        guard let policy = try policies(call).first(where: { $0["name"]?.stringValue == name }) else { throw missing(name) }
        return policy
    }

    static let list = Operation("sharing.recipient_federation_policies.list", .get, path) { call -> JSONValue in
        let recipient = try call.path("recipient_name")
        let paging = try Paging(call, list: "federation-policies/\(recipient)", pageSize: 100)
        let key = { (policy: JSONValue) in policy["name"]?.stringValue ?? "" }
        let rows = paging.rest(try policies(call), key: key)
        return paging.reply("policies", rows, key: key) { $0 }
    }

    static let delete = Operation("sharing.recipient_federation_policies.delete", .delete, path + "/{name}") { call -> Void in
        let name = try call.path("name")
        try call.workspace.catalogObjects(.recipient).change(
            call.path("recipient_name"), rpc: "DeleteFederationPolicy", by: call.principal
        ) { fields in
            let all = fields[member]?.arrayValue ?? []
            let rest = all.filter { $0["name"]?.stringValue != name }
            guard rest.count < all.count else { throw missing(name) }
            fields[member] = .array(rest)
        }
    }
}
