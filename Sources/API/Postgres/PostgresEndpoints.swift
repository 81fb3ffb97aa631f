import HTTPTypes
import JSON
import Workspace

enum PostgresEndpointState: String, Sendable, Hashable {
    case initial = "INIT"
    case active = "ACTIVE"
    case idle = "IDLE"
}

/// Computes of a branch. Nobody connects to one: it becomes active, and idle after its time, by the workspace's clock.
enum PostgresEndpoints {
    static let operations = [create, get, list, update, delete]

    private static let path = "projects/{project_id}/branches/{branch_id}/endpoints"
    private static let readWrite = JSONValue.string("ENDPOINT_TYPE_READ_WRITE")

    // MARK: Operations

    private static let create = PostgresAPI.operation(
        "create_endpoint", .post, path, limits: "an endpoint has its states, and no Postgres server behind it"
    ) { tree, body in
        let branch = try tree.branch(.manage)
        let id = try PostgresNames.id(tree.call.query.string("endpoint_id"), "endpoint_id")
        let spec = body["spec"]?.objectValue ?? JSONObject()
        let type = try PostgresNames.required(spec["endpoint_type"]?.stringValue, "endpoint.spec.endpoint_type")
        let project = try tree.project(.manage)
        let settings = try settings(spec, over: defaults(of: project.settings), "spec.")
        if let old = try tree.store.get(PostgresKind.endpoint.stored, PostgresTree.name(.endpoint, id, of: branch.id)) {
            guard try tree.call.query.bool("replace_existing") ?? false else { throw PostgresTree.taken(.endpoint) }
            return try begin(try change(old, tree) { _ in settings }, tree)
        }
        if .string(type) == readWrite {
            throw WorkspaceError(.badRequest, "branch '\(branch.id)' already has a read-write endpoint")
        }
        return try begin(try make(id, of: branch, settings, tree), tree)
    }

    private static let get = PostgresAPI.operation("get_endpoint", .get, path + "/{endpoint_id}") { tree, _ in
        shown(try tree.child(.endpoint, parameter: "endpoint_id", of: tree.branch(.use)), at: tree.now, tree)
    }

    private static let list = PostgresAPI.operation("list_endpoints", .get, path) { tree, _ in
        let branch = try tree.branch(.use)
        return try tree.page("endpoints", of: branch.id, tree.children(.endpoint, of: branch.id)) { shown($0, at: tree.now, tree) }
    }

    private static let rules = PostgresMask.Rules(
        leaves: [
            "spec.autoscaling_limit_max_cu", "spec.autoscaling_limit_min_cu", "spec.disabled", "spec.group.enable_readable_secondaries",
            "spec.group.max", "spec.group.min", "spec.settings.pg_settings", "spec.suspension",
        ],
        wholes: ["spec.group", "spec.settings"], choices: ["spec.suspension": ["no_suspension", "suspend_timeout_duration"]],
        optional: ["spec.group.enable_readable_secondaries", "spec.group.max", "spec.group.min", "spec.settings.pg_settings"])

    private static let update = PostgresAPI.operation("update_endpoint", .patch, path + "/{endpoint_id}") { tree, body in
        let endpoint = try tree.child(.endpoint, parameter: "endpoint_id", of: tree.branch(.manage))
        let changes = try PostgresMask(tree.call, body, rules).changes(in: body)
        return try begin(try change(endpoint, tree) { try settings(changes, over: $0, "spec.") }, tree)
    }

    private static let delete = PostgresAPI.operation("delete_endpoint", .delete, path + "/{endpoint_id}") { tree, _ in
        let branch = try tree.branch(.manage)
        let endpoint = try tree.child(.endpoint, parameter: "endpoint_id", of: branch)
        if endpoint.settings["endpoint_type"] == readWrite {
            throw PostgresBranches.managedByParent(
                "Cannot delete read-write endpoint '\(endpoint.id)'. Read-write endpoints cannot be deleted.")
        }
        if PostgresBranches.isProtected(branch) { throw WorkspaceError(.badRequest, "cannot delete endpoint of protected branch") }
        try tree.remove(.endpoint, endpoint.id)
        return try PostgresLongRunning.begin(.endpoint, endpoint.id, result: nil, tree)
    }

    // MARK: Settings

    /// What a new endpoint gets of its project's settings.
    static func defaults(of project: JSONObject) -> JSONObject {
        var settings = project["default_endpoint_settings"]?.objectValue ?? JSONObject()
        if let values = settings["pg_settings"] { settings["settings"] = ["pg_settings": values] }
        settings["pg_settings"] = nil
        settings["disabled"] = false
        settings["group"] = ["min": 1, "max": 1, "enable_readable_secondaries": false]
        return settings
    }

    /// Limits and time-out of a compute after a change. `prefix`: the place of the change, for messages.
    static func merged(_ change: JSONObject, over old: JSONObject, _ prefix: String) throws -> JSONObject {
        var new = old
        for (name, value) in change.members { new[name] = value }
        let pair = ["no_suspension", "suspend_timeout_duration"].filter { change[$0] != nil }
        guard pair.count <= 1 else {
            throw WorkspaceError.invalid("At most one of \(prefix)no_suspension and \(prefix)suspend_timeout_duration may be given.")
        }
        if let flag = change["no_suspension"] {
            guard flag == true else { throw WorkspaceError.invalid("\(prefix)no_suspension must be true if it is given.") }
            new["suspend_timeout_duration"] = nil
        } else if change["suspend_timeout_duration"] != nil {
            let millis = try PostgresDuration.checked(change["suspend_timeout_duration"], prefix + "suspend_timeout_duration", 60...604_800)
            new["suspend_timeout_duration"] = millis.map { .string(PostgresDuration.text($0)) }
            new["no_suspension"] = nil
        }
        let least = new["autoscaling_limit_min_cu"]?.doubleValue ?? 1
        let most = new["autoscaling_limit_max_cu"]?.doubleValue ?? 1
        guard least >= 0.5 else { throw WorkspaceError.invalid("\(prefix)autoscaling_limit_min_cu must be at least 0.5.") }
        guard most <= 64 else { throw WorkspaceError.invalid("\(prefix)autoscaling_limit_max_cu must be at most 64.") }
        guard least <= most else {
            throw WorkspaceError.invalid("\(prefix)autoscaling_limit_min_cu must not be greater than \(prefix)autoscaling_limit_max_cu.")
        }
        guard most - least <= 16 else {
            throw WorkspaceError.invalid(
                "The difference of \(prefix)autoscaling_limit_max_cu and \(prefix)autoscaling_limit_min_cu must not exceed 16.")
        }
        return new
    }

    static func settings(_ change: JSONObject, over old: JSONObject, _ prefix: String) throws -> JSONObject {
        var new = try merged(change, over: old, prefix)
        var group = old["group"]?.objectValue ?? JSONObject()
        for (name, value) in change["group"]?.objectValue?.members ?? [] { group[name] = value }
        let size = group["max"]?.intValue ?? 0
        guard size >= 1, group["min"] == group["max"] else {
            throw WorkspaceError.invalid("\(prefix)group.min and \(prefix)group.max must be equal, and at least 1.")
        }
        new["group"] = .object(group)
        return new
    }

    // MARK: States

    private static func life(_ endpoint: StoredResource) -> Lifecycle<PostgresEndpointState> { life(endpoint.body, endpoint.createdAt) }

    private static func life(_ body: JSONObject, _ created: Int64) -> Lifecycle<PostgresEndpointState> {
        body["life"]?.stringValue.flatMap(Lifecycle.init(text:)) ?? Lifecycle(.idle, at: created)
    }

    /// What follows an endpoint's activity.
    private static func followers(_ settings: JSONObject) -> [(state: PostgresEndpointState, after: Int64)] {
        settings["suspend_timeout_duration"]?.stringValue.flatMap(PostgresDuration.millis).map { [(.idle, $0)] } ?? []
    }

    static func make(_ id: String, of branch: StoredResource, _ settings: JSONObject, _ tree: PostgresTree) throws -> StoredResource {
        let timing = try tree.call.workspace.warehouses.timing()
        var life = Lifecycle(PostgresEndpointState.initial, at: tree.now)
        let isDisabled = settings["disabled"] == true
        life.enter(.initial, at: tree.now, then: isDisabled ? [(.idle, timing.start)] : [(.active, timing.start)] + followers(settings))
        return try tree.insert(
            .endpoint, id, of: branch.id,
            JSONObject([
                ("uid", .string("ep-" + tree.call.workspace.environment.ids.hex16())), ("settings", .object(settings)), ("life", .string(life.text)),
            ]))
    }

    private static func change(_ endpoint: StoredResource, _ tree: PostgresTree, _ new: (JSONObject) throws -> JSONObject) throws -> StoredResource {
        let timing = try tree.call.workspace.warehouses.timing()
        return try tree.change(.endpoint, endpoint) { stored in
            let old = stored["settings"]?.objectValue ?? JSONObject()
            let settings = try new(old)
            guard settings["endpoint_type"] == old["endpoint_type"] else {
                throw WorkspaceError.invalid("spec.endpoint_type of an endpoint cannot be changed.")
            }
            var life = life(stored, endpoint.createdAt)
            let state = life.state(at: tree.now)
            if settings["disabled"] == true {
                if state != .idle { life.enter(state, at: tree.now, then: [(.idle, timing.stop)]) }
            } else if state == .active {
                life.enter(.active, at: tree.now, then: followers(settings))
            } else if state == .initial, let begin = life.reaches(.active) {
                life.enter(.initial, at: tree.now, then: [(.active, begin &- tree.now)] + followers(settings))
            }
            stored["settings"] = .object(settings)
            stored["life"] = .string(life.text)
        }
    }

    /// When an endpoint was last active; nil if it never was.
    static func lastActive(_ endpoint: StoredResource, at now: Int64) -> Int64? {
        let life = life(endpoint)
        guard let begin = life.reaches(.active), begin <= now else { return nil }
        return life.state(at: now) == .active ? now : life.since(at: now)
    }

    // MARK: Showing

    private static func begin(_ endpoint: StoredResource, _ tree: PostgresTree) throws -> JSONObject {
        // A time-out that is to come is no part of the operation.
        let isStopping = endpoint.settings["disabled"] == true
        let end = life(endpoint).next(after: tree.now).flatMap { $0.state == .active || isStopping ? $0.at : nil } ?? tree.now
        return try PostgresLongRunning.begin(.endpoint, endpoint.id, result: shown(endpoint, at: end, tree), done: end, tree)
    }

    /// The host under which an endpoint would be reached.
    static func host(_ endpoint: StoredResource, _ suffix: String = "") -> String {
        "\(endpoint.body["uid"]?.stringValue ?? "")\(suffix).\(DatabaseInstances.domain)"
    }

    private static func shown(_ endpoint: StoredResource, at now: Int64, _ tree: PostgresTree) -> JSONObject {
        let life = life(endpoint)
        var status = endpoint.settings
        let state = life.state(at: now)
        status["current_state"] = .string(state.rawValue)
        if let next = life.next(after: now), state == .initial || status["disabled"] == true {
            status["pending_state"] = .string(next.state.rawValue)
        }
        status["last_active_time"] = lastActive(endpoint, at: now).map { .string(RFC3339.text(millis: $0)) }
        if status["settings"] == nil { status["settings"] = .object(JSONObject()) }
        var hosts = JSONObject([("host", .string(host(endpoint)))])
        if status["endpoint_type"] == readWrite {
            hosts["read_write_pooled_host"] = .string(host(endpoint, "-pooler"))
            if status["group"]?["enable_readable_secondaries"] == true, status["group"]?["max"]?.intValue ?? 1 > 1 {
                hosts["read_only_host"] = .string(host(endpoint, "-ro"))
                hosts["read_only_pooled_host"] = .string(host(endpoint, "-ro-pooler"))
            }
        } else {
            hosts["read_only_host"] = .string(host(endpoint))
            hosts["read_only_pooled_host"] = .string(host(endpoint, "-pooler"))
        }
        status["hosts"] = .object(hosts)
        return tree.shown(.endpoint, endpoint, status: status)
    }
}
