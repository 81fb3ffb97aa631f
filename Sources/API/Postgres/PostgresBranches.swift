import HTTPTypes
import JSON
import Workspace

enum PostgresBranchState: String, Sendable, Hashable {
    case initial = "INIT"
    case ready = "READY"
}

/// Branches of a project. A branch begins with the roles and databases of the branch or snapshot that it comes from, and with an endpoint of its own.
enum PostgresBranches {
    static let operations = [create, get, list, update, delete, undelete]

    private static let path = "projects/{project_id}/branches"

    /// The endpoint that every branch has.
    static let firstEndpoint = "primary"
    /// The longest life of a branch that expires.
    private static let longestMillis: Int64 = 30 * 86_400_000

    static func isProtected(_ branch: StoredResource) -> Bool { branch.settings["is_protected"]?.boolValue ?? false }

    // MARK: Operations

    private static let create = PostgresAPI.operation(
        "create_branch", .post, path, limits: "roles and databases are copied, and no data; no positions in a log (LSN)"
    ) { tree, body in
        let project = try tree.project(.manage)
        let id = try PostgresNames.id(tree.call.query.string("branch_id"), "branch_id")
        let spec = body["spec"]?.objectValue ?? JSONObject()
        let name = PostgresTree.name(.branch, id, of: project.id)
        if let old = try tree.store.get(PostgresKind.branch.stored, name) {
            guard try tree.call.query.bool("replace_existing") ?? false, old.deletedAt == nil else { throw PostgresTree.taken(.branch) }
            for (member, value) in spec.members where ["source_branch", "source_snapshot"].contains(member) && old.settings[member] != value {
                throw WorkspaceError.invalid("spec.\(member) of a branch cannot be changed.")
            }
            return try begin(try change(old, spec, tree), project, tree)
        }
        let expiration = try PostgresExpiration(spec, created: tree.now, now: tree.now)
        if case .unsaid = expiration {
            throw WorkspaceError.invalid("One of spec.expire_time, spec.no_expiry and spec.ttl must be provided.")
        }
        var settings = JSONObject([("is_protected", .bool(spec["is_protected"]?.boolValue ?? false))])
        try checkExpiration(expiration.time, isProtected: settings["is_protected"] == true, tree)
        let source = try source(spec, in: project, tree)
        settings["source_branch"] = source.branch
        settings["source_snapshot"] = source.snapshot
        settings["source_branch_time"] = source.time
        let made = try make(
            id, of: project, settings, expireAt: expiration.time, endpoint: PostgresEndpoints.defaults(of: project.settings), tree)
        try source.contents.restore(into: made.branch, newPasswords: source.isProtected, tree)
        return try begin(made.branch, project, done: made.ready, tree)
    }

    private static let get = PostgresAPI.operation("get_branch", .get, path + "/{branch_id}") { tree, _ in
        let project = try tree.project(.use)
        return shown(try tree.branch(tree.call.path("branch_id"), of: project, deleted: true), of: project, at: tree.now, tree)
    }

    private static let list = PostgresAPI.operation("list_branches", .get, path) { tree, _ in
        let project = try tree.project(.use)
        let withDeleted = try tree.call.query.bool("show_deleted") ?? false
        let rows = try tree.children(.branch, of: project.id).filter { withDeleted || $0.deletedAt == nil }
        return try tree.page("branches", of: project.id, rows) { shown($0, of: project, at: tree.now, tree) }
    }

    private static let rules = PostgresMask.Rules(
        leaves: ["spec.expiration", "spec.is_protected"], choices: ["spec.expiration": PostgresExpiration.members])

    private static let update = PostgresAPI.operation("update_branch", .patch, path + "/{branch_id}") { tree, body in
        let project = try tree.project(.manage)
        let branch = try tree.branch(tree.call.path("branch_id"), of: project)
        let changes = try PostgresMask(tree.call, body, rules).changes(in: body)
        for (member, value) in changes.members
        where member != "is_protected" && !PostgresExpiration.members.contains(member) && branch.settings[member] != value {
            throw WorkspaceError.invalid("spec.\(member) of a branch cannot be changed.")
        }
        return try begin(try change(branch, changes, tree), project, tree)
    }

    private static let delete = PostgresAPI.operation("delete_branch", .delete, path + "/{branch_id}") { tree, _ in
        let isPurged = try tree.call.query.bool("purge") ?? false
        let project = try tree.project(.manage)
        let branch = try tree.branch(tree.call.path("branch_id"), of: project, deleted: isPurged)
        if isProtected(branch) { throw WorkspaceError(.badRequest, "cannot delete protected branch") }
        if branch.settings["root"] == true {
            throw managedByParent("Cannot delete root branch '\(branch.id)'. Root branches cannot be deleted independently.")
        }
        if isDefault(branch, of: project) { throw WorkspaceError(.badRequest, "cannot delete default branch") }
        if try hasChildren(branch, tree) { throw WorkspaceError(.badRequest, "cannot delete branch that has children") }
        if isPurged {
            try tree.remove(.branch, branch.id)
        } else {
            _ = try tree.change(.branch, branch) { stored in
                stored["deleted_at"] = .int(tree.now)
                stored["purge_at"] = .int(tree.now &+ PostgresUpkeep.graceMillis)
            }
        }
        return try PostgresLongRunning.begin(.branch, branch.id, result: nil, tree)
    }

    private static let undelete = PostgresAPI.operation("undelete_branch", .post, path + "/{branch_id}/undelete") { tree, _ in
        let project = try tree.project(.manage)
        let branch = try tree.branch(tree.call.path("branch_id"), of: project, deleted: true)
        guard branch.deletedAt != nil else { throw WorkspaceError(.badRequest, "branch is not deleted") }
        let changed = try tree.change(.branch, branch) { stored in
            stored["deleted_at"] = nil
            stored["purge_at"] = nil
            stored["life"] = .string(Lifecycle(PostgresBranchState.ready, at: tree.now).text)
        }
        return try begin(changed, project, tree)
    }

    // MARK: Parts

    /// The service's refusal to delete what goes with its parent alone; declarative clients look for the word in the details.
    static func managedByParent(_ message: String) -> WorkspaceError {
        WorkspaceError(
            .badRequest, message,
            info: .init(
                reason: "RESOURCE_CONFLICT", domain: "databricks.com", metadata: [(key: "declarative_context", value: "MANAGED_BY_PARENT")]))
    }

    /// Makes a branch with its endpoint; `ready`: when both have come up.
    static func make(
        _ id: String, of project: StoredResource, _ settings: JSONObject, expireAt: Int64?, endpoint: JSONObject, _ tree: PostgresTree
    ) throws -> (branch: StoredResource, ready: Int64) {
        let start = try tree.call.workspace.warehouses.timing().start
        var life = Lifecycle(PostgresBranchState.initial, at: tree.now)
        life.enter(.initial, at: tree.now, then: [(.ready, start)])
        var body = JSONObject([
            ("uid", .string("br-" + tree.call.workspace.environment.ids.hex16())), ("settings", .object(settings)), ("life", .string(life.text)),
        ])
        if let expireAt { body["expire_at"] = .int(expireAt) }
        let branch = try tree.insert(.branch, id, of: project.id, body)
        var first = endpoint
        first["endpoint_type"] = "ENDPOINT_TYPE_READ_WRITE"
        _ = try PostgresEndpoints.make(firstEndpoint, of: branch, first, tree)
        return (branch, life.reaches(.ready) ?? tree.now)
    }

    private static func isDefault(_ branch: StoredResource, of project: StoredResource) -> Bool {
        project.settings["default_branch"]?.stringValue == branch.id
    }

    /// Branches that were made of this one, and are there.
    private static func hasChildren(_ branch: StoredResource, _ tree: PostgresTree) throws -> Bool {
        try tree.children(.branch, of: branch.parent).contains {
            $0.deletedAt == nil && $0.settings["source_branch"]?.stringValue == branch.id
        }
    }

    private static func checkExpiration(_ time: Int64?, isProtected: Bool, _ tree: PostgresTree) throws {
        guard let time else { return }
        guard !isProtected else { throw WorkspaceError.invalid("A protected branch cannot expire.") }
        guard time <= tree.now &+ longestMillis else { throw WorkspaceError.invalid("A branch must expire within 30 days.") }
    }

    private static func change(_ branch: StoredResource, _ spec: JSONObject, _ tree: PostgresTree) throws -> StoredResource {
        let expiration = try PostgresExpiration(spec, created: branch.createdAt, now: tree.now)
        let project = try tree.project(branch.parent.split(separator: "/").last.map(String.init) ?? "", .manage)
        let isDefault = isDefault(branch, of: project)
        let hasChildren = try hasChildren(branch, tree)
        return try tree.change(.branch, branch) { stored in
            var settings = stored["settings"]?.objectValue ?? JSONObject()
            if let flag = spec["is_protected"] { settings["is_protected"] = flag }
            switch expiration {
            case .unsaid: break
            case .never: stored["expire_at"] = nil
            case .at(let time): stored["expire_at"] = .int(time)
            }
            if let time = stored["expire_at"]?.intValue {
                try checkExpiration(Int64(time), isProtected: settings["is_protected"] == true, tree)
                guard !isDefault else { throw WorkspaceError.invalid("The default branch cannot expire.") }
                guard settings["root"] != true else { throw WorkspaceError.invalid("A root branch cannot expire.") }
                guard !hasChildren else { throw WorkspaceError.invalid("A branch that has children cannot expire.") }
            }
            stored["settings"] = .object(settings)
        }
    }

    private struct Source {
        var branch: JSONValue?
        var snapshot: JSONValue?
        var time: JSONValue?
        var isProtected = false
        let contents: PostgresContents
    }

    /// Where a new branch comes from: a snapshot, or a branch (the default one, if none is named) as it is now or was at a time.
    private static func source(_ spec: JSONObject, in project: StoredResource, _ tree: PostgresTree) throws -> Source {
        if let name = spec["source_snapshot"]?.stringValue {
            for member in ["source_branch", "source_branch_lsn", "source_branch_time"] where spec[member] != nil {
                throw WorkspaceError.invalid("spec.\(member) must be empty if spec.source_snapshot is given.")
            }
            let ids = try PostgresNames.ids(name, ["projects", "snapshots"], "spec.source_snapshot")
            guard "projects/" + ids[0] == project.id else { throw tree.notFound(.snapshot) }
            let snapshot = try tree.child(.snapshot, ids[1], of: project.id)
            return Source(snapshot: .string(name), contents: PostgresContents(stored: snapshot.body))
        }
        let name = spec["source_branch"]?.stringValue ?? project.settings["default_branch"]?.stringValue ?? ""
        let source = try tree.branch(named: name, "spec.source_branch", .manage)
        guard source.parent == project.id else { throw tree.notFound(.branch) }
        guard source.expireAt == nil else { throw WorkspaceError(.badRequest, "cannot create a branch from a branch that expires") }
        let time = try moment(spec, of: source, in: project, tree)
        return Source(
            branch: .string(name), time: .string(RFC3339.text(millis: time ?? tree.now)), isProtected: isProtected(source),
            contents: try PostgresContents(of: source, at: time, tree))
    }

    /// The point in time of a branch that is asked for, in milliseconds; nil: now.
    static func moment(_ spec: JSONObject, of source: StoredResource, in project: StoredResource, _ tree: PostgresTree) throws -> Int64? {
        if spec["source_branch_lsn"] != nil {
            if spec["source_branch_time"] != nil {
                throw WorkspaceError.invalid("At most one of spec.source_branch_lsn and spec.source_branch_time may be given.")
            }
            throw WorkspaceError(.notImplemented, "spec.source_branch_lsn is not simulated: no server writes a log.")
        }
        guard let text = spec["source_branch_time"]?.scalar else { return nil }
        guard let micros = RFC3339.micros(text) else {
            throw WorkspaceError.invalid("Field 'spec.source_branch_time' must be a time such as \"2026-01-31T00:00:00Z\".")
        }
        let time = micros / 1000
        guard time <= tree.now, time >= max(source.createdAt, PostgresProjects.historyBegin(project, now: tree.now)) else {
            throw WorkspaceError.invalid("spec.source_branch_time must be within the source branch's history.")
        }
        return time
    }

    // MARK: Showing

    private static func begin(_ branch: StoredResource, _ project: StoredResource, done: Int64? = nil, _ tree: PostgresTree) throws -> JSONObject {
        let end = done ?? tree.now
        return try PostgresLongRunning.begin(.branch, branch.id, result: shown(branch, of: project, at: end, tree), done: end, tree)
    }

    private static func shown(_ branch: StoredResource, of project: StoredResource, at now: Int64, _ tree: PostgresTree) -> JSONObject {
        let life = branch.body["life"]?.stringValue.flatMap(Lifecycle<PostgresBranchState>.init(text:)) ?? Lifecycle(.ready, at: branch.createdAt)
        var status = branch.settings
        status["default"] = .bool(isDefault(branch, of: project))
        status["logical_size_bytes"] = 0
        if let time = branch.deletedAt {
            status["current_state"] = "DELETED"
            status["state_change_time"] = .string(RFC3339.text(millis: time))
            status["delete_time"] = .string(RFC3339.text(millis: time))
            status["purge_time"] = branch.purgeAt.map { .string(RFC3339.text(millis: $0)) }
        } else {
            status["current_state"] = .string(life.state(at: now).rawValue)
            status["pending_state"] = life.next(after: now).map { .string($0.state.rawValue) }
            status["state_change_time"] = .string(RFC3339.text(millis: life.since(at: now)))
        }
        status["expire_time"] = branch.expireAt.map { .string(RFC3339.text(millis: $0)) }
        return tree.shown(.branch, branch, status: status)
    }
}
