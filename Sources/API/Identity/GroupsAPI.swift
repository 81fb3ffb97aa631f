import HTTPTypes
import JSON
import Synchronization
import Workspace

/// Groups: `/api/2.0/preview/scim/v2/Groups`.
package enum GroupsAPI: APIGroup {
    package static let operations = [create, get, list, update, patch, delete]

    private static let path = "/api/2.0/preview/scim/v2/Groups"

    static let create = Operation("iam.groups.create", .post, path) { call -> Reply in
        try SCIM.requireAdmin(call)
        let (group, members) = try group(try SCIM.body(call), id: 0, call.workspace)
        return SCIM.reply(try resource(try call.workspace.groups.create(group, members: members), call.workspace), status: 201)
    }

    static let get = Operation("iam.groups.get", .get, path + "/{id}") { call -> Reply in
        SCIM.reply(try SCIMQuery(call).shown(try resource(try existing(call), call.workspace)))
    }

    static let list = Operation("iam.groups.list", .get, path) { call -> Reply in
        let query = try SCIMQuery(call)
        return query.reply(try call.workspace.groups.list().map { try resource($0, call.workspace) })
    }

    static let update = Operation("iam.groups.update", .put, path + "/{id}") { call -> Reply in
        try SCIM.requireAdmin(call)
        let old = try existing(call)
        var body = try SCIM.body(call)
        if body["displayName"] == nil { body["displayName"] = .string(old.displayName) }
        let (group, members) = try group(body, id: old.id, call.workspace)
        try call.workspace.groups.update(group, members: members)
        return Reply(status: 204)
    }

    static let patch = Operation("iam.groups.patch", .patch, path + "/{id}") { call -> Reply in
        try SCIM.requireAdmin(call)
        try SCIM.changing.withLock { _ in
            let old = try existing(call)
            let before = try resource(old, call.workspace)
            let after = try SCIMPatch(try SCIM.body(call)).applied(to: before)
            let (group, members) = try group(after, id: old.id, call.workspace)
            try call.workspace.groups.update(group, members: after["members"] == before["members"] ? nil : members)
        }
        return Reply(status: 204)
    }

    static let delete = Operation("iam.groups.delete", .delete, path + "/{id}") { call -> Reply in
        try SCIM.requireAdmin(call)
        let groups = call.workspace.groups
        try groups.delete(try SCIM.id(call, orElse: groups.notFound))
        return Reply(status: 204)
    }

    private static func existing(_ call: Call) throws -> Group {
        let groups = call.workspace.groups
        return try groups.get(try SCIM.id(call, orElse: groups.notFound))
    }

    private static func resource(_ group: Group, _ workspace: Workspace) throws -> JSONObject {
        var resource = JSONObject([
            ("schemas", SCIM.groupSchemas), ("id", .string(String(group.id))), ("displayName", .string(group.displayName)),
        ])
        if let externalID = group.externalID { resource["externalId"] = .string(externalID) }
        let members = try workspace.groups.members(of: group.id).map { member -> JSONValue in
            ["display": .string(member.displayName), "value": .string(String(member.id)), "$ref": .string(member.reference)]
        }
        if !members.isEmpty { resource["members"] = .array(members) }
        let parents = try workspace.groups.parents(of: group.id)
        if !parents.isEmpty { resource["groups"] = SCIM.memberships(parents) }
        for name in ["entitlements", "roles"] { if let value = group.attributes[name] { resource[name] = value } }
        resource["meta"] = ["resourceType": "WorkspaceGroup"]
        return resource
    }

    private static func group(_ resource: JSONObject, id: Int, _ workspace: Workspace) throws -> (Group, [Groups.Member]) {
        guard let name = try SCIM.text(resource, "displayName"), !name.isEmpty else {
            throw SCIM.invalid("Attribute displayName is missing.")
        }
        let members = try SCIM.ids(resource["members"], "members").map { id -> Groups.Member in
            guard let member = try workspace.groups.member(id) else { throw SCIM.invalid("Member \(id) does not exist.") }
            return member
        }
        let attributes = try SCIM.attributes(resource, ["entitlements", "roles"])
        return (Group(id: id, displayName: name, externalID: try SCIM.text(resource, "externalId"), attributes: attributes), members)
    }
}
