import HTTPTypes
import JSON
import Workspace

enum PostgresProjects {
    static let operations = [create, get, list, update, delete, undelete]

    static let firstBranch = "production"

    /// Nothing is stored behind a branch; the limit is the service's.
    private static let branchLimitBytes = 8_796_093_022_208
    private static let versions = [16, 17]

    // MARK: Operations

    private static let create = PostgresAPI.operation(
        "create_project", .post, "projects", limits: "a project has its objects and their states, and no Postgres server behind them"
    ) { tree, body in
        let id = try PostgresNames.id(tree.call.query.string("project_id"), "project_id")
        let name = "projects/" + id
        var settings = defaults
        settings["display_name"] = .string(id)
        try merge(body["spec"]?.objectValue ?? JSONObject(), into: &settings)
        let production = "\(name)/branches/\(firstBranch)"
        guard settings["default_branch"] == nil || settings["default_branch"] == .string(production) else { throw tree.notFound(.branch) }
        settings["default_branch"] = .string(production)
        let endpoint = try PostgresEndpoints.settings(
            body["initial_endpoint_spec"]?.objectValue ?? JSONObject(), over: PostgresEndpoints.defaults(of: settings), "initial_endpoint_spec.")
        let isProtected = body["initial_branch_spec"]?["is_protected"]?.boolValue ?? false
        // One that is past its time makes room.
        _ = try tree.current(id)
        let project = try tree.insert(
            .project, id, of: "",
            JSONObject([("uid", .string(tree.call.workspace.environment.ids.uuid())), ("settings", .object(settings))]))
        try tree.call.workspace.permissions.grantOwner(tree.call.principal, on: PostgresTree.permissions, id)
        let made = try PostgresBranches.make(
            firstBranch, of: project, JSONObject([("is_protected", .bool(isProtected)), ("root", true)]), expireAt: nil, endpoint: endpoint, tree)
        let role = try PostgresRoles.ofCaller(in: made.branch, isSuper: true, tree)
        _ = try PostgresDatabases.make(DatabaseInstances.firstDatabase, owner: role, in: made.branch, tree)
        return try begin(project, done: made.ready, tree)
    }

    private static let get = PostgresAPI.operation("get_project", .get, "projects/{project_id}") { tree, _ in
        try shown(try tree.project(.see, deleted: true), at: tree.now, tree)
    }

    private static let list = PostgresAPI.operation("list_projects", .get, "projects") { tree, _ in
        let withDeleted = try tree.call.query.bool("show_deleted") ?? false
        return try tree.page("projects", of: "", tree.projects().filter { withDeleted || $0.deletedAt == nil }) {
            try shown($0, at: tree.now, tree)
        }
    }

    private static let rules = PostgresMask.Rules(
        leaves: [
            "spec.budget_policy_id", "spec.custom_tags", "spec.default_branch", "spec.default_endpoint_settings.autoscaling_limit_max_cu",
            "spec.default_endpoint_settings.autoscaling_limit_min_cu", "spec.default_endpoint_settings.pg_settings",
            "spec.default_endpoint_settings.suspension", "spec.display_name", "spec.enable_pg_native_login", "spec.history_retention_duration",
        ],
        // The settings of a new project's branch and endpoint are of no use later, but clients name them.
        wholes: ["spec.default_endpoint_settings", "initial_branch_spec", "initial_endpoint_spec"],
        choices: ["spec.default_endpoint_settings.suspension": ["no_suspension", "suspend_timeout_duration"]],
        optional: ["spec.budget_policy_id", "spec.custom_tags", "spec.default_endpoint_settings.pg_settings"])

    private static let update = PostgresAPI.operation("update_project", .patch, "projects/{project_id}") { tree, body in
        let project = try tree.project(.manage)
        let changes = try PostgresMask(tree.call, body, rules).changes(in: body)
        if let version = changes["pg_version"], version != project.settings["pg_version"] {
            throw WorkspaceError.invalid("spec.pg_version of a project cannot be changed.")
        }
        if let name = changes["default_branch"]?.stringValue {
            let branch = try tree.branch(named: name, "spec.default_branch", .manage)
            guard branch.parent == project.id else { throw tree.notFound(.branch) }
            guard branch.expireAt == nil else { throw WorkspaceError(.badRequest, "a branch with an expiration cannot be the default branch") }
        }
        let changed = try tree.change(.project, project) { stored in
            var settings = stored["settings"]?.objectValue ?? JSONObject()
            try merge(changes, into: &settings)
            stored["settings"] = .object(settings)
        }
        return try begin(changed, tree)
    }

    private static let delete = PostgresAPI.operation("delete_project", .delete, "projects/{project_id}") { tree, _ in
        let isPurged = try tree.call.query.bool("purge") ?? false
        let project = try tree.project(.manage, deleted: isPurged)
        for branch in try tree.children(.branch, of: project.id) where branch.deletedAt == nil && PostgresBranches.isProtected(branch) {
            throw WorkspaceError(.badRequest, "cannot delete project with protected branch '\(branch.id)'")
        }
        if isPurged {
            try tree.purge(project)
        } else {
            _ = try tree.change(.project, project) { stored in
                stored["deleted_at"] = .int(tree.now)
                stored["purge_at"] = .int(tree.now &+ PostgresUpkeep.graceMillis)
            }
        }
        return try PostgresLongRunning.begin(.project, project.id, result: nil, tree)
    }

    private static let undelete = PostgresAPI.operation("undelete_project", .post, "projects/{project_id}/undelete") { tree, _ in
        let project = try tree.project(.manage, deleted: true)
        guard project.deletedAt != nil else { throw WorkspaceError(.badRequest, "project is not deleted") }
        let changed = try tree.change(.project, project) { stored in
            stored["deleted_at"] = nil
            stored["purge_at"] = nil
        }
        return try begin(changed, tree)
    }

    private static func begin(_ project: StoredResource, done: Int64? = nil, _ tree: PostgresTree) throws -> JSONObject {
        let end = done ?? tree.now
        return try PostgresLongRunning.begin(.project, project.id, result: shown(project, at: end, tree), done: end, tree)
    }

    // MARK: Settings

    /// What the service puts for what a new project's specification leaves out.
    private static let defaults = JSONObject([
        ("pg_version", 17), ("history_retention_duration", "604800s"), ("enable_pg_native_login", false),
        (
            "default_endpoint_settings",
            ["autoscaling_limit_max_cu": 1, "autoscaling_limit_min_cu": 1, "suspend_timeout_duration": "86400s"]
        ),
    ])

    private static func merge(_ spec: JSONObject, into settings: inout JSONObject) throws {
        for (name, value) in spec.members where name != "default_endpoint_settings" { settings[name] = value }
        if let compute = spec["default_endpoint_settings"]?.objectValue {
            settings["default_endpoint_settings"] = .object(
                try PostgresEndpoints.merged(
                    compute, over: settings["default_endpoint_settings"]?.objectValue ?? JSONObject(), "spec.default_endpoint_settings."))
        }
        guard (1...256).contains(settings["display_name"]?.stringValue?.count ?? 0) else {
            throw WorkspaceError.invalid("spec.display_name must have between 1 and 256 characters.")
        }
        guard versions.contains(settings["pg_version"]?.intValue ?? 0) else {
            throw WorkspaceError.invalid("spec.pg_version must be one of \(versions.map(String.init).joined(separator: ", ")).")
        }
        let retention = try PostgresDuration.checked(
            settings["history_retention_duration"], "spec.history_retention_duration", 172_800...3_024_000)
        settings["history_retention_duration"] = .string(PostgresDuration.text(retention ?? 0))
        for tag in settings["custom_tags"]?.arrayValue ?? [] where (tag["key"]?.stringValue ?? "").isEmpty {
            throw WorkspaceError.invalid("A custom tag must have a key.")
        }
    }

    /// From when on a point in time of a branch can be had.
    static func historyBegin(_ project: StoredResource, now: Int64) -> Int64 {
        now &- (project.settings["history_retention_duration"]?.stringValue.flatMap(PostgresDuration.millis) ?? 0)
    }

    private static func shown(_ project: StoredResource, at now: Int64, _ tree: PostgresTree) throws -> JSONObject {
        var status = project.settings
        status["owner"] = .string(project.owner)
        status["branch_logical_size_limit_bytes"] = .int(branchLimitBytes)
        status["synthetic_storage_size_bytes"] = 0
        let endpoints = try tree.children(.branch, of: project.id).flatMap { try tree.children(.endpoint, of: $0.id) }
        if let last = endpoints.compactMap({ PostgresEndpoints.lastActive($0, at: now) }).max() {
            status["compute_last_active_time"] = .string(RFC3339.text(millis: last))
        }
        var more: [(String, JSONValue)] = []
        if let time = project.deletedAt { more.append(("delete_time", .string(RFC3339.text(millis: time)))) }
        if let time = project.purgeAt { more.append(("purge_time", .string(RFC3339.text(millis: time)))) }
        return tree.shown(.project, project, status: status, more)
    }
}
