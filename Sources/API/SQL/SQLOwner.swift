import JSON
import Workspace

/// The owner of a query, an alert or a dashboard: who made it, until it is given to somebody else. The access list says who it is.
enum SQLOwner {
    private static let member = "owner_user_name"
    /// Types of access lists by kinds of objects.
    private static let types = ["query": "queries", "alert": "alerts", "dbsql-dashboard": "dbsql-dashboards"]

    static func name(_ resource: StoredResource, _ call: Call) throws -> String {
        guard let type = types[resource.kind] else { return resource.owner }
        return try call.workspace.permissions.list(type, resource.id).first { $0.level == "IS_OWNER" }?.principal ?? resource.owner
    }

    /// Refuses a new owner who is not there, and one that somebody names who does not manage the object. What is left in the object is a new owner.
    static func check(_ object: inout JSONObject, _ old: StoredResource?, _ call: Call) throws {
        guard let old, let new = object[member]?.stringValue, try new != name(old, call) else { return object[member] = nil }
        guard try call.workspace.principal(named: new) != nil else { throw noSuch(new) }
        guard let type = types[old.kind], try call.workspace.permissions.allows(call.principal, "CAN_MANAGE", on: type, old.id) else {
            throw WorkspaceError(.permissionDenied, "\(call.principal.userName) does not have permission to give \(old.id) another owner.")
        }
    }

    private static func noSuch(_ name: String) -> WorkspaceError {
        WorkspaceError(.resourceDoesNotExist, "User \(name.prefix(256)) does not exist.")
    }

    /// Brings the access list of a changed object to its new owner.
    static let follow: @Sendable (StoredResource, StoredResource, Call) throws -> Void = { _, changed, call in
        guard let new = changed.body[member]?.stringValue else { return }
        _ = try call.workspace.resources.update(changed.kind, changed.id, keepsKey: true) { $0.body[member] = nil }
        try transfer(changed, to: new, call)
    }

    static func transfer(_ resource: StoredResource, to name: String, _ call: Call) throws {
        guard let principal = try call.workspace.principal(named: name) else { throw noSuch(name) }
        guard let type = types[resource.kind].flatMap({ PermissionType.named($0) }) else { return }
        let line = Permission(kind: principal.kind == .user ? .user : .servicePrincipal, principal: principal.userName, level: "IS_OWNER")
        try call.workspace.permissions.change(type, resource.id, [line], replacing: false)
    }
}
