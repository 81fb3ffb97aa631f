import JSON

/// Who may assign a governed tag beside administrators.
extension Tags {
    /// The role that gives ASSIGN on a tag policy.
    package static let assigner = "roles/tagPolicy.assigner"

    private static let assignerKind = "tag-policy-assigners"

    /// As `users/<name>`, `groups/<name>`, `servicePrincipals/<application id>`; `version` grows with every change.
    package func assigners(of policy: StoredResource) throws -> (names: [String], version: Int) {
        let found = try workspace.resources.get(Self.assignerKind, Self.key(policy))
        return ((found?.body["names"]?.arrayValue ?? []).compactMap(\.stringValue), found?.body["version"]?.intValue ?? 0)
    }

    package func setAssigners(_ names: [String], of policy: StoredResource, by principal: Principal) throws {
        let version = try assigners(of: policy).version + 1
        let body = JSONObject([("names", .array(names.map { .string($0) })), ("version", .int(version))])
        let key = Self.key(policy)
        if try workspace.resources.update(Self.assignerKind, key, { $0.body = body }) == nil {
            _ = try workspace.resources.insert(Self.assignerKind, id: key, uniqueKey: nil, owner: principal.userName, body)
        }
    }

    /// Whether the principal may assign the policy's tag.
    func mayAssign(_ policy: StoredResource, _ principal: Principal) throws -> Bool {
        if principal.isAdmin { return true }
        return try assigners(of: policy).names.contains { name in
            name.firstIndex(of: "/").map { principal.isNamed(String(name[name.index(after: $0)...])) } ?? false
        }
    }

    private static func key(_ policy: StoredResource) -> String { policy.body["id"]?.stringValue ?? policy.id }
}
