import JSON
import Synchronization
import Workspace

/// Users and service principals as SCIM resources.
struct IdentityResource {
    let workspace: Workspace
    let kind: Principal.Kind

    private var identities: Identities { kind == .user ? workspace.users : workspace.servicePrincipals }
    private var nameMember: String { kind == .user ? "userName" : "applicationId" }
    private var structured: [String] { kind == .user ? ["name", "emails", "entitlements", "roles"] : ["entitlements", "roles"] }

    func resource(_ identity: Identity) throws -> JSONObject {
        var resource = JSONObject([
            ("schemas", identity.kind == .user ? SCIM.userSchemas : SCIM.servicePrincipalSchemas), ("id", .string(String(identity.id))),
            (nameMember, .string(identity.userName)), ("displayName", .string(identity.displayName)), ("active", .bool(identity.isActive)),
        ])
        if let externalID = identity.externalID { resource["externalId"] = .string(externalID) }
        for name in structured { if let value = identity.attributes[name] { resource[name] = value } }
        let memberships = try identities.memberships(of: identity.id)
        if !memberships.isEmpty { resource["groups"] = SCIM.memberships(memberships) }
        return resource
    }

    /// The identity that a resource describes, and the groups that it asks for. What is absent is cleared, but for the name of `old`.
    private func identity(_ resource: JSONObject, old: Identity?) throws -> (Identity, groups: [Int]?) {
        let name = try SCIM.text(resource, nameMember) ?? old?.userName
        guard let name, !name.isEmpty else { throw SCIM.invalid("Attribute \(nameMember) is missing.") }
        if kind == .servicePrincipal, let old, old.userName.lowercased() != name.lowercased() {
            throw SCIM.invalid("Attribute applicationId cannot be changed.", type: "mutability")
        }
        var identity = Identity(
            id: old?.id ?? 0, kind: kind, userName: name, displayName: try SCIM.text(resource, "displayName") ?? old?.displayName ?? name)
        identity.isActive = try SCIM.flag(resource, "active") ?? true
        identity.externalID = try SCIM.text(resource, "externalId")
        identity.attributes = try SCIM.attributes(resource, structured)
        if kind == .user, identity.attributes["emails"] == nil {
            identity.attributes["emails"] = [["type": "work", "value": .string(name), "primary": true]]
        }
        // Memberships through another group are not this resource's to change.
        let direct = resource["groups"]?.arrayValue.map { $0.filter { $0["type"] != "indirect" } }
        return (identity, try direct.map { try SCIM.ids(.array($0), "groups") })
    }

    func create(_ call: Call) throws -> Reply {
        try SCIM.requireAdmin(call)
        var body = try SCIM.body(call)
        if kind == .servicePrincipal, body["applicationId"] == nil { body["applicationId"] = .string(workspace.environment.ids.uuid()) }
        let (identity, groups) = try identity(body, old: nil)
        let made = try identities.create(identity, groups: groups ?? [])
        return SCIM.reply(try resource(made), status: 201)
    }

    private func existing(_ call: Call) throws -> Identity { try identities.get(try SCIM.id(call, orElse: identities.notFound)) }

    func get(_ call: Call) throws -> Reply { SCIM.reply(try SCIMQuery(call).shown(try resource(try existing(call)))) }

    func list(_ call: Call) throws -> Reply {
        let query = try SCIMQuery(call)
        return query.reply(try identities.list().map(resource))
    }

    func update(_ call: Call) throws -> Reply {
        try SCIM.requireAdmin(call)
        let (identity, groups) = try identity(try SCIM.body(call), old: try existing(call))
        try identities.update(identity, groups: groups)
        return Reply(status: 204)
    }

    func patch(_ call: Call) throws -> Reply {
        try SCIM.requireAdmin(call)
        try SCIM.changing.withLock { _ in
            let old = try existing(call)
            let before = try resource(old)
            let after = try SCIMPatch(try SCIM.body(call)).applied(to: before)
            let (identity, groups) = try identity(after, old: old)
            try identities.update(identity, groups: after["groups"] == before["groups"] ? nil : groups ?? [])
        }
        return Reply(status: 204)
    }

    func delete(_ call: Call) throws -> Reply {
        try SCIM.requireAdmin(call)
        try identities.delete(try SCIM.id(call, orElse: identities.notFound))
        return Reply(status: 204)
    }
}
