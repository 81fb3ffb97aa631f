import HTTPTypes
import JSON
import Workspace

/// Postgres databases of a branch.
enum PostgresDatabases {
    static let operations = [create, get, list, update, delete]

    private static let path = "projects/{project_id}/branches/{branch_id}/databases"
    /// More in one branch the service refuses.
    private static let most = 500

    // MARK: Operations

    private static let create = PostgresAPI.operation("create_database", .post, path) { tree, body in
        let branch = try tree.branch(.use)
        let given = try tree.call.query.string("database_id").map { try PostgresNames.id($0, "database_id") }
        let spec = body["spec"]?.objectValue ?? JSONObject()
        let roleName = try PostgresNames.required(spec["role"]?.stringValue, "database.spec.role")
        let role = try role(roleName, "database.spec.role", in: branch, tree)
        let name = try PostgresNames.identifier(spec["postgres_database"]?.stringValue ?? given, "database.spec.postgres_database")
        let id = given ?? newID(name, tree)
        if let old = try tree.store.get(PostgresKind.database.stored, PostgresTree.name(.database, id, of: branch.id)) {
            guard try tree.call.query.bool("replace_existing") ?? false else { throw PostgresTree.taken(.database) }
            return try begin(try change(old, name, role.lastPart, in: branch, tree), tree)
        }
        return try begin(try make(name, id: id, owner: role, in: branch, tree), tree)
    }

    private static let get = PostgresAPI.operation("get_database", .get, path + "/{database_id}") { tree, _ in
        shown(try tree.database(.use), tree)
    }

    private static let list = PostgresAPI.operation("list_databases", .get, path) { tree, _ in
        let branch = try tree.branch(.use)
        return try tree.page("databases", of: branch.id, tree.children(.database, of: branch.id)) { shown($0, tree) }
    }

    private static let rules = PostgresMask.Rules(leaves: ["spec.postgres_database", "spec.role"])

    private static let update = PostgresAPI.operation("update_database", .patch, path + "/{database_id}") { tree, body in
        let branch = try tree.branch(.manage)
        let database = try tree.database(.manage)
        let changes = try PostgresMask(tree.call, body, rules).changes(in: body)
        let name = try changes["postgres_database"].map {
            try PostgresNames.identifier($0.stringValue, "database.spec.postgres_database")
        }
        let owner = try changes["role"].map {
            try role(PostgresNames.required($0.stringValue, "database.spec.role"), "database.spec.role", in: branch, tree).lastPart
        }
        return try begin(try change(database, name, owner, in: branch, tree), tree)
    }

    private static let delete = PostgresAPI.operation("delete_database", .delete, path + "/{database_id}") { tree, _ in
        let branch = try tree.branch(.manage)
        let database = try tree.database(.manage)
        try tree.remove(.database, database.id)
        try PostgresContents.noteChange(of: branch, tree)
        return try PostgresLongRunning.begin(.database, database.id, result: nil, tree)
    }

    // MARK: Parts

    /// An id of a name's characters, as far as ids have them.
    private static func newID(_ name: String, _ tree: PostgresTree) -> String {
        let id = name.replacing("_", with: "-")
        return (try? PostgresNames.id(id, "database_id")) ?? "db-" + tree.call.workspace.environment.ids.hex16()
    }

    /// A role of the branch by its name, or by its id alone.
    static func role(_ name: String, _ field: String, in branch: StoredResource, _ tree: PostgresTree) throws -> StoredResource {
        var id = name
        if name.contains("/") {
            let ids = try PostgresNames.ids(name, ["projects", "branches", "roles"], field)
            guard name.hasPrefix(branch.id + "/roles/") else {
                throw WorkspaceError.invalid("Field '\(field)' must name a role of '\(branch.id)', got '\(name.prefix(256))'.")
            }
            id = ids[2]
        }
        guard let role = try tree.store.get(PostgresKind.role.stored, PostgresTree.name(.role, id, of: branch.id)) else {
            throw WorkspaceError(.notFound, "role not found; role_id:\"\(id.prefix(128))\" [TraceId: \(tree.call.requestID)]")
        }
        return role
    }

    /// The branch's database of this name in Postgres; nil if there is none.
    static func find(_ name: String, in branch: StoredResource, _ tree: PostgresTree) throws -> StoredResource? {
        try tree.children(.database, of: branch.id).first { $0.settings["postgres_database"] == .string(name) }
    }

    /// The same; made for the caller if it is not there, or refused.
    static func require(_ name: String, in branch: StoredResource, create: Bool, _ tree: PostgresTree) throws -> StoredResource {
        if let database = try find(name, in: branch, tree) { return database }
        guard create else {
            throw WorkspaceError(
                .notFound, "database not found; postgres_database:\"\(name.prefix(64))\" [TraceId: \(tree.call.requestID)]")
        }
        return try make(
            PostgresNames.identifier(name, "spec.postgres_database"), owner: PostgresRoles.ofCaller(in: branch, isSuper: false, tree), in: branch,
            tree)
    }

    static func make(_ name: String, id: String? = nil, owner: StoredResource, in branch: StoredResource, _ tree: PostgresTree) throws
        -> StoredResource
    {
        guard try tree.children(.database, of: branch.id).count < most else {
            throw WorkspaceError(.resourceLimitExceeded, "A branch can have at most \(most) databases.")
        }
        // What a child branch's copy is known by, for as long as nobody drops it.
        let lineage = tree.call.workspace.environment.ids.uuid()
        return try tree.insert(
            .database, id ?? newID(name, tree), of: branch.id,
            JSONObject([
                ("settings", ["postgres_database": .string(name), "role_id": .string(owner.lastPart)]), ("lineage", .string(lineage)),
            ]))
    }

    /// Nil leaves a member as it is.
    private static func change(_ database: StoredResource, _ name: String?, _ role: String?, in branch: StoredResource, _ tree: PostgresTree) throws
        -> StoredResource
    {
        let changed = try tree.change(.database, database) { stored in
            var settings = stored["settings"]?.objectValue ?? JSONObject()
            if let name { settings["postgres_database"] = .string(name) }
            if let role { settings["role_id"] = .string(role) }
            stored["settings"] = .object(settings)
        }
        try PostgresContents.noteChange(of: branch, tree)
        return changed
    }

    // MARK: Showing

    private static func begin(_ database: StoredResource, _ tree: PostgresTree) throws -> JSONObject {
        try PostgresLongRunning.begin(.database, database.id, result: shown(database, tree), tree)
    }

    private static func shown(_ database: StoredResource, _ tree: PostgresTree) -> JSONObject {
        var status = database.settings
        if let role = status["role_id"]?.stringValue { status["role"] = .string(PostgresTree.name(.role, role, of: database.parent)) }
        return tree.shown(.database, database, status: status)
    }
}
