import JSON
import Workspace

/// Kinds of objects of Lakebase.
enum PostgresKind: String, CaseIterable {
    case project, branch, endpoint, role, database, snapshot, catalog, operation
    case dataAPI = "data-api"
    case feed = "cdf-config"
    case schedule = "snapshot-schedule"
    case syncedTable = "synced-table"

    /// The kind's name in the store.
    var stored: String { "postgres-" + rawValue }

    /// For messages.
    var noun: String {
        switch self {
        case .dataAPI: "data api"
        case .feed: "cdf config"
        case .syncedTable: "synced table"
        default: rawValue
        }
    }

    /// The segment of names before an id; nil for those that have no id of their own.
    var collection: String? {
        switch self {
        case .branch: "branches"
        case .dataAPI, .schedule: nil
        case .syncedTable: "synced_tables"
        default: rawValue + "s"
        }
    }

    /// The schema of what is shown, and the member of it with the id.
    var view: (schema: String, id: String?) {
        switch self {
        case .project: ("Project", "project_id")
        case .branch: ("Branch", "branch_id")
        case .endpoint: ("Endpoint", "endpoint_id")
        case .role: ("Role", "role_id")
        case .database: ("Database", "database_id")
        case .snapshot: ("Snapshot", "snapshot_id")
        case .catalog: ("Catalog", "catalog_id")
        case .operation: ("Operation", nil)
        case .dataAPI: ("DataApi", nil)
        case .feed: ("CdfConfig", "cdf_config_id")
        case .schedule: ("SnapshotSchedule", nil)
        case .syncedTable: ("SyncedTable", nil)
        }
    }

    /// Kinds of objects that belong to one of this kind and go with it.
    var children: [PostgresKind] {
        switch self {
        case .project: [.branch, .snapshot, .operation]
        case .branch: [.endpoint, .role, .database, .schedule]
        case .database: [.dataAPI, .feed]
        default: []
        }
    }
}

/// The objects of Lakebase as one call sees them. Each is a document under its whole name (`projects/a/branches/b`), with its parent's name as parent.
struct PostgresTree: Sendable {
    /// What an operation needs on the project: everybody sees the projects of his workspace; who may use one sees what is in it.
    enum Need: String {
        case see = "CAN_CREATE"
        case use = "CAN_USE"
        case manage = "CAN_MANAGE"
    }

    static let permissions = "database-projects"

    let call: Call

    init(_ call: Call) { self.call = call }

    var now: Int64 { call.workspace.environment.nowMillis }
    var store: ResourceStore { call.workspace.resources }

    // MARK: Finding

    /// The project of the route.
    func project(_ need: Need, deleted: Bool = false) throws -> StoredResource {
        try project(call.pathParameters["project_id"] ?? call.path("project"), need, deleted: deleted)
    }

    /// A project by its id, brought up to date. `deleted`: also one that was deleted and can be had back.
    func project(_ id: String, _ need: Need, deleted: Bool = false) throws -> StoredResource {
        guard let project = try current(id) else { throw notFound(.project) }
        guard try call.workspace.permissions.allows(call.principal, need.rawValue, on: Self.permissions, id) else {
            throw WorkspaceError(
                .permissionDenied, "\(call.principal.userName) does not have \(need.rawValue) permission on project '\(project.id)'.")
        }
        if !deleted, project.deletedAt != nil { throw notFound(.project) }
        if project.deletedAt == nil { try PostgresUpkeep.sweep(project, self) }
        return project
    }

    /// The project, unless its time to be purged has come.
    func current(_ id: String) throws -> StoredResource? {
        guard let project = try store.get(PostgresKind.project.stored, "projects/" + id) else { return nil }
        guard let time = project.purgeAt, time <= now else { return project }
        try purge(project)
        return nil
    }

    /// Every project that is not purged, the deleted ones among them.
    func projects() throws -> [StoredResource] {
        try store.list(PostgresKind.project.stored).filter { try current($0.lastPart) != nil }
    }

    /// The branch of the route.
    func branch(_ need: Need, deleted: Bool = false) throws -> StoredResource {
        let project = try project(need)
        return try branch(call.pathParameters["branch_id"] ?? call.path("branch"), of: project, deleted: deleted)
    }

    func branch(_ id: String, of project: StoredResource, deleted: Bool = false) throws -> StoredResource {
        let branch = try child(.branch, id, of: project.id)
        if !deleted, branch.deletedAt != nil { throw notFound(.branch) }
        return branch
    }

    /// A branch by its name in a request's field.
    func branch(named name: String, _ field: String, _ need: Need) throws -> StoredResource {
        let ids = try PostgresNames.ids(name, ["projects", "branches"], field)
        return try branch(ids[1], of: project(ids[0], need))
    }

    /// The database of the route.
    func database(_ need: Need) throws -> StoredResource {
        let branch = try branch(need)
        return try child(.database, call.pathParameters["database_id"] ?? call.path("database"), of: branch.id)
    }

    /// The object of this kind that a route's last parameter names.
    func child(_ kind: PostgresKind, parameter: String, of parent: StoredResource) throws -> StoredResource {
        try child(kind, call.path(parameter), of: parent.id)
    }

    func child(_ kind: PostgresKind, _ id: String, of parent: String) throws -> StoredResource {
        guard let found = try store.get(kind.stored, Self.name(kind, id, of: parent)) else { throw notFound(kind) }
        return found
    }

    func children(_ kind: PostgresKind, of parent: String) throws -> [StoredResource] { try store.list(kind.stored, parent: parent) }

    static func name(_ kind: PostgresKind, _ id: String, of parent: String) -> String {
        let last = kind.collection.map { "\($0)/\(id)" } ?? kind.rawValue
        return parent.isEmpty ? last : "\(parent)/\(last)"
    }

    func notFound(_ kind: PostgresKind) -> WorkspaceError {
        WorkspaceError(.notFound, "\(kind.noun) id not found [TraceId: \(call.requestID)]")
    }

    // MARK: Changing

    func insert(_ kind: PostgresKind, _ id: String, of parent: String, owner: String? = nil, _ body: JSONObject) throws -> StoredResource {
        do {
            return try store.insert(
                kind.stored, id: Self.name(kind, id, of: parent), uniqueKey: Self.key(kind, of: parent, body), parent: parent,
                owner: owner ?? call.principal.userName, body)
        } catch is ResourceStore.Taken {
            throw Self.taken(kind)
        }
    }

    /// What no second object of its parent may have: the name in Postgres.
    private static func key(_ kind: PostgresKind, of parent: String, _ body: JSONObject) -> String? {
        let name =
            switch kind {
            case .role: body["settings"]?["postgres_role"]
            case .database: body["settings"]?["postgres_database"]
            case .feed: body["postgres_schema"]
            default: JSONValue?.none
            }
        return name?.stringValue.map { "\(parent) \($0)" }
    }

    static func taken(_ kind: PostgresKind) -> WorkspaceError {
        switch kind {
        case .role, .database: WorkspaceError(.badRequest, "\(kind.noun) with that name already exists")
        case .project: WorkspaceError(.alreadyExists, "project with such id already exists in the workspace")
        default: WorkspaceError(.alreadyExists, "\(kind.noun) with such id already exists")
        }
    }

    /// Changes an object in one transaction, in which the closure may look nothing up. `touches`: it counts as an update of it.
    func change(_ kind: PostgresKind, _ resource: StoredResource, touches: Bool = true, _ change: (inout JSONObject) throws -> Void) throws
        -> StoredResource
    {
        let changed: StoredResource?
        do {
            changed = try store.update(resource.kind, resource.id, uniqueKey: { Self.key(kind, of: resource.parent, $0) }) { stored in
                try change(&stored.body)
                if touches { stored.body["updated"] = .int(now) }
            }
        } catch is ResourceStore.Taken {
            throw Self.taken(kind)
        }
        guard let changed else { throw WorkspaceError(.aborted, "'\(resource.id)' was deleted in the meantime.") }
        return changed
    }

    /// Removes an object with all that belongs to it.
    func remove(_ kind: PostgresKind, _ name: String) throws {
        for child in kind.children {
            if child.children.isEmpty {
                try store.deleteAll(child.stored, parent: name)
            } else {
                for one in try children(child, of: name) { try remove(child, one.id) }
            }
        }
        _ = try store.delete(kind.stored, name)
    }

    func purge(_ project: StoredResource) throws {
        try remove(.project, project.id)
        try call.workspace.permissions.forget(Self.permissions, project.lastPart)
    }

    // MARK: Showing

    func shown(_ kind: PostgresKind, _ resource: StoredResource, status: JSONObject? = nil, _ more: [(String, JSONValue)] = []) -> JSONObject {
        let (schema, idName) = kind.view
        var object = JSONObject([("name", .string(resource.id))])
        if let idName { object[idName] = .string(resource.lastPart) }
        if !resource.parent.isEmpty { object["parent"] = .string(resource.parent) }
        object["uid"] = resource.body["uid"]
        object["create_time"] = .string(RFC3339.text(millis: resource.millis("created") ?? resource.createdAt))
        object["update_time"] = .string(RFC3339.text(millis: resource.millis("updated") ?? resource.createdAt))
        if var status {
            if let idName { status[idName] = .string(resource.lastPart) }
            object["status"] = .object(status)
        }
        for (name, value) in more { object[name] = value }
        return Contract.known(.object(object), .named("postgres." + schema)).objectValue ?? object
    }

    /// A page of a list; `rows` are all of it, in the order of their making.
    func page(
        _ member: String, of scope: String, _ rows: [StoredResource], _ show: (StoredResource) throws -> JSONObject
    ) throws -> JSONObject {
        let paging = try Paging(call, list: "postgres \(member) \(scope)", pageSize: 100, sizeName: "page_size")
        let after = paging.after.flatMap { Int64($0) } ?? 0
        let rest = Array(rows.lazy.filter { $0.position > after }.prefix(paging.fetchLimit))
        let shown = try rest.map(show)
        let reply = paging.reply(member, Array(zip(rest, shown)), key: { String($0.0.position) }, item: { .object($0.1) })
        return reply.objectValue ?? JSONObject()
    }
}

extension StoredResource {
    func millis(_ member: String) -> Int64? { body[member]?.intValue.map { Int64($0) } }

    /// The id: a name's last part.
    var lastPart: String { id.split(separator: "/").last.map(String.init) ?? id }

    var settings: JSONObject { body["settings"]?.objectValue ?? JSONObject() }

    /// When a project or branch was deleted so that it can be had back, and when it goes for good.
    var deletedAt: Int64? { millis("deleted_at") }
    var purgeAt: Int64? { millis("purge_at") }
    var expireAt: Int64? { millis("expire_at") }
}

/// What the workspace's clock brings about: branches and snapshots expire, deleted branches are purged, snapshots are taken by schedule.
enum PostgresUpkeep {
    /// How long deleted projects and branches can be had back.
    static let graceMillis: Int64 = 7 * 86_400_000

    static func sweep(_ project: StoredResource, _ tree: PostgresTree) throws {
        let now = tree.now
        for branch in try tree.children(.branch, of: project.id) {
            if branch.deletedAt == nil { try PostgresSchedules.takeDue(branch, until: min(now, branch.expireAt ?? now), tree) }
            if [branch.expireAt, branch.purgeAt].contains(where: { $0.map { $0 <= now } ?? false }) { try tree.remove(.branch, branch.id) }
        }
        for snapshot in try tree.children(.snapshot, of: project.id) where snapshot.expireAt.map({ $0 <= now }) ?? false {
            _ = try tree.store.delete(PostgresKind.snapshot.stored, snapshot.id)
        }
    }
}
