import HTTPTypes
import JSON
import Workspace

/// Who may assign governed tags: the rule sets of tag policies, `accounts/<ID>/tagPolicies/<ID>/ruleSets/default`.
package enum RuleSetsAPI: APIGroup {
    package static let operations = [get, update, roles]

    private static let path = "/api/2.0/preview/accounts/access-control/rule-sets"
    private static let limits = "rule sets of tag policies with the role roles/tagPolicy.assigner alone"

    static let get = Operation("iam.access_control_rules.get_rule_set", .get, path, limits: limits) { call -> JSONValue in
        try requireAdmin(call)
        let name = try call.query.required("name")
        return try shown(name, of: policy(name, suffix: ["ruleSets", "default"], call), call)
    }

    static let update = Operation("iam.access_control_rules.update_rule_set", .put, path, limits: limits) { call -> JSONValue in
        try requireAdmin(call)
        let body = try call.fields()
        let name = try body.string("name")
        let policy = try policy(name, suffix: ["ruleSets", "default"], call)
        guard let set = try body.object(optional: "rule_set") else { throw WorkspaceError.missing("rule_set") }
        guard try set.string("etag") == etag(policy, call) else {
            throw WorkspaceError(.resourceConflict, "The rule set \(name.prefix(256)) has changed since it was read: its etag is another one.")
        }
        var assigners: [String] = []
        for rule in try set.objects("grant_rules") {
            let role = try rule.string("role")
            guard role == Tags.assigner else {
                throw WorkspaceError(.notImplemented, "The role \(role.prefix(128)) of tag policies is not simulated.", status: 501)
            }
            for principal in try rule.strings(optional: "principals") ?? [] {
                let known = try named(principal, call)
                if !assigners.contains(known) { assigners.append(known) }
            }
        }
        try call.workspace.tags.setAssigners(assigners, of: policy, by: call.principal)
        return try shown(name, of: policy, call)
    }

    static let roles = Operation(
        "iam.access_control_rules.get_assignable_roles_for_resource", .get, "/api/2.0/preview/accounts/access-control/assignable-roles",
        limits: limits
    ) { call -> JSONValue in
        try requireAdmin(call)
        _ = try policy(call.query.required("resource"), suffix: [], call)
        return ["roles": [["name": .string(Tags.assigner)]]]
    }

    // MARK: Parts

    private static func requireAdmin(_ call: Call) throws {
        guard call.principal.isAdmin else {
            throw WorkspaceError(.permissionDenied, "\(call.principal.userName) is not allowed to read or change rule sets.")
        }
    }

    /// The tag policy that a name of the form `accounts/<ID>/tagPolicies/<ID>…` means.
    private static func policy(_ name: String, suffix: [String], _ call: Call) throws -> StoredResource {
        let parts = name.split(separator: "/", omittingEmptySubsequences: false).map(String.init)
        guard parts.count >= 2, parts[0] == "accounts" else { throw WorkspaceError.invalid("Invalid rule set name: \(name.prefix(256))") }
        guard parts.count == 4 + suffix.count, parts[2] == "tagPolicies", Array(parts[4...]) == suffix else {
            throw WorkspaceError(.notImplemented, "Rule sets of other resources than tag policies are not simulated.", status: 501)
        }
        guard let found = try call.workspace.resources.list(Tags.policyKind).first(where: { $0.body["id"]?.stringValue == parts[3] }) else {
            throw WorkspaceError(.notFound, "Tag policy \(parts[3].prefix(64)) does not exist.")
        }
        return found
    }

    /// `users/<name>`, `groups/<name>` or `servicePrincipals/<application id>`.
    private static func named(_ principal: String, _ call: Call) throws -> String {
        guard let slash = principal.firstIndex(of: "/"), ["users", "groups", "servicePrincipals"].contains(principal[..<slash]) else {
            throw WorkspaceError.invalid("Invalid principal: \(principal.prefix(256))")
        }
        return "\(principal[..<slash])/" + (try call.workspace.attributePolicies.principal(String(principal[principal.index(after: slash)...])))
    }

    private static func etag(_ policy: StoredResource, _ call: Call) throws -> String {
        let (names, version) = try call.workspace.tags.assigners(of: policy)
        let hash = SeededGenerator.hash("\(policy.position) \(version) \(names.joined(separator: " "))", seed: 0)
        return Base64URL.encode((0..<8).map { UInt8(truncatingIfNeeded: hash >> (8 * UInt64($0))) })
    }

    private static func shown(_ name: String, of policy: StoredResource, _ call: Call) throws -> JSONValue {
        let names = try call.workspace.tags.assigners(of: policy).names
        var object = JSONObject([("name", .string(name)), ("etag", .string(try etag(policy, call)))])
        if !names.isEmpty {
            object["grant_rules"] = [["role": .string(Tags.assigner), "principals": .array(names.map { .string($0) })]]
        }
        return .object(object)
    }
}
