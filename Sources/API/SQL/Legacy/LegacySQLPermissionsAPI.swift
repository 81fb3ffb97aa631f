import HTTPTypes
import JSON
import Workspace

/// The access lists of `/api/2.0/permissions` as the older API has them, and warehouses under the name of data sources.
package enum LegacySQLPermissionsAPI: APIGroup {
    package static let operations = [get, set, transfer, dataSources]

    private static let path = LegacySQL.root + "permissions/{object_type}/{object_id}"

    /// Names of types in routes and in answers, with the resource and the type of the access list.
    private static let types: [(plural: String, single: String, resource: Resource, list: String)] = [
        ("queries", "query", SQLObjectsAPI.query, "queries"), ("alerts", "alert", SQLObjectsAPI.alert, "alerts"),
        ("dashboards", "dashboard", LegacyDashboardsAPI.dashboard, "dbsql-dashboards"),
    ]

    private struct Object {
        let name: String
        let single: String
        let type: PermissionType
        let stored: StoredResource
    }

    private static func object(_ call: Call, needs level: String?, single: Bool = false) throws -> Object {
        let name = try call.path("object_type")
        let id = try call.path("object_id")
        if name == "data_sources" {
            throw WorkspaceError(
                .notImplemented, "Access lists of data sources are not simulated here; their warehouses' are, by /api/2.0/permissions/warehouses.")
        }
        guard let known = types.first(where: { name == $0.plural || single && name == $0.single }), let type = PermissionType.named(known.list) else {
            throw WorkspaceError.invalid("Unsupported object type: \(name.prefix(64))")
        }
        guard let found = try known.resource.find(id, call) else { throw known.resource.notFound(id) }
        let allowed =
            try level.map { try call.workspace.permissions.allows(call.principal, $0, on: type.name, id) }
            ?? (call.workspace.permissions.level(of: call.principal, on: type.name, id) != nil)
        guard allowed else {
            throw WorkspaceError(
                .permissionDenied, "\(call.principal.userName) does not have permission to see or change the access list of \(id.prefix(64)).")
        }
        return Object(name: known.plural, single: known.single, type: type, stored: found)
    }

    static let get = Operation("sql.dbsql_permissions.get", .get, path) { call -> JSONValue in
        try json(try object(call, needs: nil), call)
    }

    /// The whole list is new, but for the owner.
    static let set = Operation("sql.dbsql_permissions.set", .post, path, limits: "not of data sources") { call -> JSONValue in
        let object = try object(call, needs: "CAN_MANAGE")
        let owner = try SQLOwner.name(object.stored, call)
        var lines: [Permission] = []
        for entry in try call.contractBody(.post, path)["access_control_list"]?.arrayValue ?? [] {
            guard let level = entry["permission_level"]?.stringValue else { throw WorkspaceError.missing("permission_level") }
            switch (entry["user_name"]?.stringValue, entry["group_name"]?.stringValue) {
            case (let user?, nil):
                if user == owner {
                    guard level == "CAN_MANAGE" else { throw WorkspaceError.invalid("The owner \(owner) can always manage the object.") }
                    continue
                }
                let isService = try call.workspace.principal(named: user)?.kind == .servicePrincipal
                lines.append(Permission(kind: isService ? .servicePrincipal : .user, principal: user, level: level))
            case (nil, let group?): lines.append(Permission(kind: .group, principal: group, level: level))
            default: throw WorkspaceError.invalid("Exactly one of user_name and group_name must be given in each entry.")
            }
        }
        try call.workspace.permissions.change(object.type, object.stored.id, lines, replacing: true)
        return try json(object, call)
    }

    static let transfer = Operation("sql.dbsql_permissions.transfer_ownership", .post, path + "/transfer") { call -> JSONValue in
        guard call.principal.isAdmin else {
            throw WorkspaceError(.permissionDenied, "Only workspace administrators can transfer the ownership of an object.")
        }
        let object = try object(call, needs: "CAN_MANAGE", single: true)
        guard let name = try call.contractBody(.post, path + "/transfer")["new_owner"]?.stringValue, !name.isEmpty else {
            throw WorkspaceError.missing("new_owner")
        }
        try SQLOwner.transfer(object.stored, to: name, call)
        return ["message": "Success"]
    }

    private static func json(_ object: Object, _ call: Call) throws -> JSONValue {
        var lines: [JSONValue] = []
        var hasAdmins = false
        for line in try call.workspace.permissions.list(object.type.name, object.stored.id) {
            let level = JSONValue.string(LegacySQL.shown(line.level))
            if line.kind == .group {
                let isAdmins = line.principal == Group.admins
                hasAdmins = hasAdmins || isAdmins
                lines.append(["group_name": .string(line.principal), "permission_level": isAdmins ? "CAN_MANAGE" : level])
            } else {
                lines.append(["user_name": .string(line.principal), "permission_level": level])
            }
        }
        if !hasAdmins { lines.append(["group_name": .string(Group.admins), "permission_level": "CAN_MANAGE"]) }
        return [
            "object_id": .string("\(object.name)/\(object.stored.id)"), "object_type": .string(object.single), "access_control_list": .array(lines),
        ]
    }

    // MARK: Data sources

    static let dataSources = Operation("sql.data_sources.list", .get, LegacySQL.root + "data_sources") { call -> JSONValue in
        let rows = try call.workspace.warehouses.list().filter {
            try call.principal.isAdmin || call.workspace.permissions.allows(call.principal, "CAN_VIEW", on: "warehouses", $0.id)
        }
        return .array(
            try rows.map { warehouse in
                let uses = try call.workspace.permissions.allows(call.principal, "CAN_USE", on: "warehouses", warehouse.id)
                return [
                    "id": .string(LegacySQL.dataSource(warehouse.id)), "name": .string(warehouse.settings.name), "type": "databricks_internal",
                    "syntax": "sql", "paused": 0, "supports_auto_limit": true, "view_only": .bool(!uses), "warehouse_id": .string(warehouse.id),
                ]
            })
    }
}
