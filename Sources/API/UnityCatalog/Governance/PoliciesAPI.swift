import HTTPTypes
import JSON
import Warehouse
import Workspace

/// Attribute-based policies: `/api/2.1/unity-catalog/policies`.
package enum PoliciesAPI: APIGroup {
    package static let operations = [create, list, get, update, delete]

    private static let path = "/policies/{on_securable_type}/{on_securable_fullname}"
    private static let limits = "row filters and column masks; policies that grant or deny are refused"

    static let create = Operation.unityCatalog("catalog.policies.create", .post, "/policies", limits: limits) { call in
        let body = try call.contractBody(.post, UnityCatalogAPI.prefix + "/policies")
        guard let type = body["on_securable_type"]?.stringValue else { throw WorkspaceError.missing("on_securable_type") }
        guard let full = body["on_securable_fullname"]?.stringValue else { throw WorkspaceError.missing("on_securable_fullname") }
        let place = try place(type, full, call)
        let name = try name(body)
        let checked = try PolicyDraft(call.tenant.sql, by: call.principal).checked(body)
        guard let made = try call.workspace.attributePolicies.create(checked, name: name, on: place, by: call.principal) else {
            throw taken(name, place)
        }
        return .json(.object(made.shown))
    }

    static let list = Operation.unityCatalog("catalog.policies.list", .get, path) { call in
        let place = try place(call)
        let inherited = try call.query.bool("include_inherited") ?? false
        let paging = try Paging(call, list: "policies/\(place.object.id)/\(inherited)", pageSize: UnityCatalogAPI.pageSize)
        let all = try call.workspace.attributePolicies.list(on: place, inherited: inherited)
        let after = paging.after.flatMap { Int64($0) }.flatMap { last in all.firstIndex { $0.position == last } }
        let rows = after.map { Array(all[($0 + 1)...]) } ?? all
        return .json(paging.reply("policies", rows, key: { String($0.position) }) { .object($0.shown) })
    }

    static let get = Operation.unityCatalog("catalog.policies.get", .get, path + "/{name}") { call in
        .json(.object(try existing(call, place(call)).shown))
    }

    static let update = Operation.unityCatalog("catalog.policies.update", .patch, path + "/{name}", limits: limits) { call in
        let body = try call.contractBody(.patch, UnityCatalogAPI.prefix + path + "/{name}")
        let place = try place(call)
        let found = try existing(call, place)
        var changed = found.policy.body
        let asked = call.query.string("update_mask")
        var fields = body.names
        if let asked { fields = asked == "*" ? members.sorted() : asked.split(separator: ",").map { String($0.trimmingSpaces()) } }
        for field in fields {
            guard members.contains(field) else {
                // Where a policy stands is told by the path; the other members are the service's own.
                if readOnly.contains(field), asked == nil { continue }
                throw WorkspaceError.invalid("Field '\(field.prefix(64))' of update_mask cannot be updated.")
            }
            changed[field] = body[field]
        }
        let name = try name(changed)
        let checked = try PolicyDraft(call.tenant.sql, by: call.principal).checked(changed)
        guard let made = try call.workspace.attributePolicies.replace(found, checked, name: name, on: place, by: call.principal) else {
            throw taken(name, place)
        }
        return .json(.object(made.shown))
    }

    static let delete = Operation.unityCatalog("catalog.policies.delete", .delete, path + "/{name}") { call in
        let place = try place(call)
        guard try call.workspace.attributePolicies.delete(call.path("name"), on: place) else { throw missing(try call.path("name"), place) }
        return .emptyObject
    }

    // MARK: Parts

    private static let members: Set<String> = [
        "name", "comment", "to_principals", "except_principals", "for_securable_type", "when_condition", "match_columns", "policy_type",
        "row_filter", "column_mask",
    ]
    private static let readOnly: Set<String> = [
        "id", "on_securable_type", "on_securable_fullname", "created_at", "created_by", "updated_at", "updated_by", "governed_tags",
    ]

    private static func place(_ call: Call) throws -> SecurablePath {
        try place(call.path("on_securable_type"), call.path("on_securable_fullname"), call)
    }

    private static func place(_ type: String, _ name: String, _ call: Call) throws -> SecurablePath {
        guard let known = SecurableType(path: type) else {
            throw WorkspaceError.unityCatalog(.invalidParameterValue, "Securable type '\(type.prefix(64))' is not supported")
        }
        return try call.workspace.attributePolicies.place(known, name, by: call.principal)
    }

    private static func name(_ body: JSONObject) throws -> String {
        guard let name = body["name"]?.stringValue else { throw WorkspaceError.missing("name") }
        guard SecurableName.isValid(name) else {
            throw WorkspaceError.unityCatalog(.invalidParameterValue, "'\(name.prefix(255))' is not a valid name for a policy.")
        }
        return name
    }

    private static func existing(_ call: Call, _ place: SecurablePath) throws -> AttributePolicies.Placed {
        let name = try call.path("name")
        guard let found = try call.workspace.attributePolicies.find(name, on: place) else { throw missing(name, place) }
        return found
    }

    private static func missing(_ name: String, _ place: SecurablePath) -> WorkspaceError {
        .unityCatalog(.notFound, "Policy '\(name.prefix(255))' does not exist on \(place.type.title) '\(place.name)'.")
    }

    private static func taken(_ name: String, _ place: SecurablePath) -> WorkspaceError {
        .unityCatalog(.alreadyExists, "Policy '\(name)' already exists on \(place.type.title) '\(place.name)'.")
    }
}
