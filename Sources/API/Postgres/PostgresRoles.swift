import HTTPTypes
import JSON
import Workspace

/// Postgres roles of a branch.
enum PostgresRoles {
    static let operations = [create, get, list, update, delete, password]

    private static let path = "projects/{project_id}/branches/{branch_id}/roles"
    private static let passwordMethod = JSONValue.string("PG_PASSWORD_SCRAM_SHA_256")
    private static let oauthMethod = JSONValue.string("LAKEBASE_OAUTH_V1")
    /// How answers name the type of a role that is no identity of the workspace.
    private static let plain = JSONValue.string("IDENTITY_TYPE_UNSPECIFIED")
    private static let attributeNames = ["bypassrls", "createdb", "createrole"]

    // MARK: Operations

    private static let create = PostgresAPI.operation("create_role", .post, path) { tree, body in
        let branch = try tree.branch(.use)
        let settings = try checked(body["spec"]?.objectValue ?? JSONObject(), tree)
        let id = try tree.call.query.string("role_id").map { try PostgresNames.id($0, "role_id") } ?? newID(tree)
        let name = PostgresTree.name(.role, id, of: branch.id)
        if let old = try tree.store.get(PostgresKind.role.stored, name) {
            guard try tree.call.query.bool("replace_existing") ?? false else { throw PostgresTree.taken(.role) }
            guard settings["identity_type"] == old.settings["identity_type"] else {
                throw WorkspaceError.invalid("spec.identity_type of a role cannot be changed.")
            }
            return try begin(try change(old, in: branch, tree) { _ in settings }, tree)
        }
        return try begin(try make(id, settings, in: branch, tree), tree)
    }

    private static let get = PostgresAPI.operation("get_role", .get, path + "/{role_id}") { tree, _ in
        shown(try tree.child(.role, parameter: "role_id", of: tree.branch(.use)), tree)
    }

    private static let list = PostgresAPI.operation("list_roles", .get, path) { tree, _ in
        let branch = try tree.branch(.use)
        return try tree.page("roles", of: branch.id, tree.children(.role, of: branch.id)) { shown($0, tree) }
    }

    private static let rules = PostgresMask.Rules(
        leaves: ["spec.auth_method", "spec.membership_roles", "spec.postgres_role"] + attributeNames.map { "spec.attributes." + $0 },
        wholes: ["spec.attributes"], optional: Set(attributeNames.map { "spec.attributes." + $0 }))

    private static let update = PostgresAPI.operation("update_role", .patch, path + "/{role_id}") { tree, body in
        let branch = try tree.branch(.manage)
        let role = try tree.child(.role, parameter: "role_id", of: branch)
        let changes = try PostgresMask(tree.call, body, rules).changes(in: body)
        if let name = changes["postgres_role"]?.stringValue, let type = role.settings["identity_type"], type != plain {
            try checkIdentity(name, type.stringValue ?? "", tree)
        }
        let changed = try change(role, in: branch, tree) { old in
            var spec = old
            if spec["identity_type"] == plain { spec["identity_type"] = nil }
            for (member, value) in changes.members {
                if member == "attributes" {
                    var attributes = spec["attributes"]?.objectValue ?? JSONObject()
                    for (name, flag) in value.objectValue?.members ?? [] { attributes[name] = flag }
                    spec["attributes"] = .object(attributes)
                } else if member == "identity_type" {
                    guard value == spec[member] else { throw WorkspaceError.invalid("spec.identity_type of a role cannot be changed.") }
                } else {
                    spec[member] = value
                }
            }
            return try completed(spec)
        }
        return try begin(changed, tree)
    }

    private static let delete = PostgresAPI.operation("delete_role", .delete, path + "/{role_id}") { tree, _ in
        let branch = try tree.branch(.manage)
        let role = try tree.child(.role, parameter: "role_id", of: branch)
        let owned = try tree.children(.database, of: branch.id).filter { $0.settings["role_id"] == .string(role.lastPart) }
        if let heirName = tree.call.query.string("reassign_owned_to") {
            let heir = try PostgresDatabases.role(heirName, "reassign_owned_to", in: branch, tree)
            guard heir.id != role.id else { throw WorkspaceError.invalid("reassign_owned_to must name another role.") }
            for database in owned {
                _ = try tree.change(.database, database) { stored in
                    var settings = stored["settings"]?.objectValue ?? JSONObject()
                    settings["role_id"] = .string(heir.lastPart)
                    stored["settings"] = .object(settings)
                }
            }
        } else if let database = owned.first {
            throw WorkspaceError(
                .badRequest, "role '\(role.id)' cannot be deleted because it owns '\(database.id)'; use reassign_owned_to")
        }
        try tree.remove(.role, role.id)
        try PostgresContents.noteChange(of: branch, tree)
        return try PostgresLongRunning.begin(.role, role.id, result: nil, tree)
    }

    private static let password = PostgresAPI.operation("reveal_role_password", .post, path + "/{role_id}/password") { tree, _ in
        let role = try tree.child(.role, parameter: "role_id", of: tree.branch(.manage))
        guard let secret = role.body["secret"] else {
            throw WorkspaceError(.badRequest, "role '\(role.id)' does not authenticate with a password")
        }
        return JSONObject([("password", secret)])
    }

    // MARK: Parts

    static func newPassword(_ tree: PostgresTree) -> String { "npg_" + tree.call.workspace.environment.ids.secretHex(byteCount: 16) }

    private static func newID(_ tree: PostgresTree) -> String { "role-" + tree.call.workspace.environment.ids.hex16() }

    static func make(_ id: String, _ settings: JSONObject, in branch: StoredResource, _ tree: PostgresTree) throws -> StoredResource {
        var body = JSONObject([("settings", .object(settings))])
        if settings["auth_method"] == passwordMethod { body["secret"] = .string(newPassword(tree)) }
        return try tree.insert(.role, id, of: branch.id, body)
    }

    /// The caller's own role in a branch, made if it is not there.
    static func ofCaller(in branch: StoredResource, isSuper: Bool, _ tree: PostgresTree) throws -> StoredResource {
        let principal = tree.call.principal
        let name = JSONValue.string(principal.userName)
        if let role = try tree.children(.role, of: branch.id).first(where: { $0.settings["postgres_role"] == name }) { return role }
        let flags = attributeNames.map { ($0, JSONValue.bool(isSuper)) }
        var settings = JSONObject([
            ("postgres_role", name), ("identity_type", .string(principal.kind == .user ? "USER" : "SERVICE_PRINCIPAL")),
            ("auth_method", oauthMethod), ("attributes", .members(flags)),
        ])
        if isSuper { settings["membership_roles"] = ["DATABRICKS_SUPERUSER"] }
        return try make(newID(tree), settings, in: branch, tree)
    }

    private static func change(
        _ role: StoredResource, in branch: StoredResource, _ tree: PostgresTree, _ new: (JSONObject) throws -> JSONObject
    ) throws -> StoredResource {
        let secret = newPassword(tree)
        let changed = try tree.change(.role, role) { stored in
            let settings = try new(stored["settings"]?.objectValue ?? JSONObject())
            stored["settings"] = .object(settings)
            if settings["auth_method"] != passwordMethod {
                stored["secret"] = nil
            } else if stored["secret"] == nil {
                stored["secret"] = .string(secret)
            }
        }
        try PostgresContents.noteChange(of: branch, tree)
        return changed
    }

    private static func checked(_ spec: JSONObject, _ tree: PostgresTree) throws -> JSONObject {
        let settings = try completed(spec)
        if let type = spec["identity_type"]?.stringValue { try checkIdentity(settings["postgres_role"]?.stringValue ?? "", type, tree) }
        return settings
    }

    /// A specification as it is kept, with what the service derives.
    private static func completed(_ spec: JSONObject) throws -> JSONObject {
        let type = spec["identity_type"]?.stringValue
        let name =
            type == nil
            ? try PostgresNames.identifier(spec["postgres_role"]?.stringValue, "role.spec.postgres_role")
            : try PostgresNames.required(spec["postgres_role"]?.stringValue, "role.spec.postgres_role")
        let method = spec["auth_method"] ?? (type == nil ? passwordMethod : oauthMethod)
        guard type != nil || method != oauthMethod else {
            throw WorkspaceError.invalid("spec.auth_method LAKEBASE_OAUTH_V1 needs a spec.identity_type.")
        }
        let attributes = attributeNames.map { ($0, JSONValue.bool(spec["attributes"]?[$0]?.boolValue ?? false)) }
        var settings = JSONObject([
            ("postgres_role", .string(name)), ("identity_type", type.map { .string($0) } ?? plain), ("auth_method", method),
            ("attributes", .members(attributes)),
        ])
        if let roles = spec["membership_roles"], roles.arrayValue?.isEmpty == false { settings["membership_roles"] = roles }
        return settings
    }

    private static func checkIdentity(_ name: String, _ type: String, _ tree: PostgresTree) throws {
        let workspace = tree.call.workspace
        let isUser = name.contains("@")
        let isThere =
            switch type {
            case "GROUP": try workspace.groups.list().contains { $0.displayName == name }
            case "USER": try isUser && workspace.identityID(of: name) != nil
            default: try !isUser && workspace.identityID(of: name) != nil
            }
        guard isThere else {
            throw WorkspaceError(.notFound, "\(type) '\(name.prefix(255))' does not exist in this workspace [TraceId: \(tree.call.requestID)]")
        }
    }

    // MARK: Showing

    private static func begin(_ role: StoredResource, _ tree: PostgresTree) throws -> JSONObject {
        try PostgresLongRunning.begin(.role, role.id, result: shown(role, tree), tree)
    }

    private static func shown(_ role: StoredResource, _ tree: PostgresTree) -> JSONObject { tree.shown(.role, role, status: role.settings) }
}
