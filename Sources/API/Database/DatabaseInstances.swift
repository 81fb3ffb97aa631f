import JSON
import Workspace

enum DatabaseInstanceState: String, Sendable, Hashable {
    case starting = "STARTING"
    case available = "AVAILABLE"
    case updating = "UPDATING"
    case stopped = "STOPPED"
}

/// The rules and the look of database instances. They have their states by the workspace's clock; no Postgres server stands behind one.
enum DatabaseInstances {
    static let resource = Resource("database-instance", "Database instance", schema: "database.DatabaseInstance", id: "name", .given).with {
        $0.access = .permissions("database-instances")
        $0.required = ["name"]
        $0.children = [DatabaseRoles.kind]
        $0.hidden = inputs
        $0.rule = check
        $0.show = complete
    }

    /// Members that are taken and shown under `effective_…`, with what the service puts for an absent one.
    private static let defaults: [(String, JSONValue)] = [
        ("enable_pg_native_login", false), ("enable_readable_secondaries", false), ("node_count", 1), ("retention_window_in_days", 7),
        ("stopped", false), ("custom_tags", []),
    ]
    private static let inputs = Set(defaults.map(\.0) + ["usage_policy_id"])

    /// Members that only the service sets.
    private static let outputs = [
        "child_instance_refs", "creation_time", "creator", "effective_capacity", "effective_custom_tags", "effective_enable_pg_native_login",
        "effective_enable_readable_secondaries", "effective_node_count", "effective_retention_window_in_days", "effective_stopped",
        "effective_usage_policy_id", "pg_version", "read_only_dns", "read_write_dns", "state", "uid",
    ]
    private static let capacities = ["CU_1", "CU_2", "CU_4", "CU_8"]
    private static let lifeMember = "_life"
    private static let uidMember = "_uid"
    private static let databasesMember = "_databases"

    /// Of hosts in answers: names as the service gives them, behind which nothing answers.
    static let domain = "database.cloud.databricks.com"

    /// The database that every instance has.
    static let firstDatabase = "databricks_postgres"

    static func state(_ instance: StoredResource, at now: Int64) -> DatabaseInstanceState { life(instance.body).state(at: now) }

    static func uid(_ instance: StoredResource) -> String { instance.body[uidMember]?.stringValue ?? "" }

    static func databases(_ object: JSONObject) -> [String] {
        [firstDatabase] + (object[databasesMember]?.arrayValue ?? []).compactMap(\.stringValue)
    }

    /// The instance of this name, if the caller may do this to it.
    static func existing(_ name: String, _ action: Resource.Action, _ call: Call) throws -> StoredResource {
        guard let instance = try call.workspace.resources.get(resource.kind, name) else { throw resource.notFound(name) }
        try resource.authorize(action, instance, call)
        return instance
    }

    /// Sees to it that the instance has the database, or throws.
    static func require(_ database: String, in instance: StoredResource, create: Bool, _ call: Call) throws {
        guard !databases(instance.body).contains(database) else { return }
        guard create else {
            throw WorkspaceError(.resourceDoesNotExist, "Database '\(database.prefix(64))' does not exist in instance '\(instance.id)'.")
        }
        guard (1...63).contains(database.utf8.count) else { throw WorkspaceError.invalid("A database's name must have between 1 and 63 bytes.") }
        _ = try call.workspace.resources.update(resource, instance.id, call) { stored in
            let others = databases(stored.body).dropFirst().filter { $0 != database }
            stored.body[databasesMember] = .array((others + [database]).map { .string($0) })
        }
    }

    /// Instances that were made of this one.
    static func children(of instance: StoredResource, _ call: Call) throws -> [StoredResource] {
        try call.workspace.resources.list(resource.kind).filter {
            $0.body["parent_instance_ref"]?["uid"]?.stringValue == uid(instance)
        }
    }

    // MARK: Rules

    private static let check: @Sendable (inout JSONObject, StoredResource?, Call) throws -> Void = { object, old, call in
        for name in outputs { object[name] = nil }
        for (name, value) in old?.body.members ?? [] where name.hasPrefix("_") { object[name] = value }
        try checkValues(&object)
        let environment = call.workspace.environment
        let now = environment.nowMillis
        let timing = try call.workspace.warehouses.timing()
        let isStopped = object["stopped"]?.boolValue ?? false
        if let old {
            object["parent_instance_ref"] = old.body["parent_instance_ref"]
            var life = life(old.body)
            let wasStopped = old.body["stopped"]?.boolValue ?? false
            let changesSize = ["capacity", "node_count", "enable_readable_secondaries"].contains { object[$0] != old.body[$0] }
            if isStopped, !wasStopped {
                life.enter(.updating, at: now, then: [(.stopped, timing.stop)])
            } else if wasStopped, !isStopped {
                life.enter(.starting, at: now, then: [(.available, timing.start)])
            } else if changesSize, life.state(at: now) == .available {
                life.enter(.updating, at: now, then: [(.available, timing.start)])
            }
            object[lifeMember] = .string(life.text)
            return
        }
        try checkName(object["name"]?.stringValue ?? "", "instance")
        object["parent_instance_ref"] = try parent(object["parent_instance_ref"], call)
        object[uidMember] = .string(environment.ids.uuid())
        var life = Lifecycle(DatabaseInstanceState.starting, at: now)
        life.enter(.starting, at: now, then: [(isStopped ? .stopped : .available, timing.start)])
        object[lifeMember] = .string(life.text)
    }

    private static func checkValues(_ object: inout JSONObject) throws {
        if object["capacity"] == nil { object["capacity"] = "CU_1" }
        for (name, value) in defaults where object[name] == nil { object[name] = value }
        let capacity = object["capacity"]?.stringValue ?? ""
        guard capacities.contains(capacity) else {
            throw WorkspaceError.invalid("Invalid capacity '\(capacity.prefix(64))': valid values are \(capacities.joined(separator: ", ")).")
        }
        guard (2...35).contains(object["retention_window_in_days"]?.intValue ?? 0) else {
            throw WorkspaceError.invalid("retention_window_in_days must be between 2 and 35.")
        }
        let nodes = object["node_count"]?.intValue ?? 0
        guard nodes >= 1 else { throw WorkspaceError.invalid("node_count must be at least 1.") }
        if object["enable_readable_secondaries"]?.boolValue ?? false, nodes < 2 {
            throw WorkspaceError.invalid("enable_readable_secondaries needs a node_count greater than 1.")
        }
        for tag in object["custom_tags"]?.arrayValue ?? [] where (tag["key"]?.stringValue ?? "").isEmpty {
            throw WorkspaceError.invalid("A custom tag must have a key.")
        }
    }

    /// A name in the form that instances and online stores have.
    static func checkName(_ name: String, _ noun: String) throws {
        let bytes = Array(name.utf8)
        let isLetter: (UInt8) -> Bool = { (97...122).contains($0 | 0x20) }
        let isDigit: (UInt8) -> Bool = { (48...57).contains($0) }
        guard (1...63).contains(bytes.count), bytes.first.map(isLetter) ?? false, bytes.last.map({ isLetter($0) || isDigit($0) }) ?? false,
            bytes.allSatisfy({ isLetter($0) || isDigit($0) || $0 == UInt8(ascii: "-") })
        else {
            throw WorkspaceError.invalid(
                "Invalid \(noun) name '\(name.prefix(64))': it must have 1 to 63 letters, digits and hyphens, begin with a letter and end with a letter or digit."
            )
        }
    }

    /// The instance that a new one is made of, with its id; nil if none is named.
    private static func parent(_ value: JSONValue?, _ call: Call) throws -> JSONValue? {
        guard let reference = value?.objectValue else { return nil }
        guard let name = reference["name"]?.stringValue else { throw WorkspaceError.missing("parent_instance_ref.name") }
        let parent = try existing(name, .read, call)
        if reference["branch_time"] != nil, reference["lsn"] != nil {
            throw WorkspaceError.invalid("At most one of parent_instance_ref.branch_time and parent_instance_ref.lsn may be given.")
        }
        var result = reference
        result["effective_lsn"] = nil
        result["uid"] = .string(uid(parent))
        if let text = reference["branch_time"]?.stringValue {
            guard let micros = RFC3339.micros(text), micros / 1000 >= parent.createdAt, micros / 1000 <= call.workspace.environment.nowMillis else {
                throw WorkspaceError.invalid("parent_instance_ref.branch_time must be a time between the parent's creation and now.")
            }
        }
        return .object(result)
    }

    // MARK: Showing

    private static let complete: @Sendable (inout JSONObject, StoredResource, Call) throws -> Void = { object, instance, call in
        let body = instance.body
        let uid = uid(instance)
        object["uid"] = .string(uid)
        object["creator"] = .string(instance.owner)
        object["creation_time"] = .string(RFC3339.text(millis: instance.createdAt))
        object["pg_version"] = "PG_VERSION_16"
        object["state"] = .string(state(instance, at: call.workspace.environment.nowMillis).rawValue)
        object["read_write_dns"] = .string("instance-\(uid).\(domain)")
        if body["enable_readable_secondaries"]?.boolValue ?? false {
            object["read_only_dns"] = .string("instance-ro-\(uid).\(domain)")
        }
        object["effective_capacity"] = body["capacity"]
        for (name, value) in defaults { object["effective_" + name] = body[name] ?? value }
        object["effective_usage_policy_id"] = body["usage_policy_id"]
        let children = try children(of: instance, call)
        if !children.isEmpty {
            object["child_instance_refs"] = .array(children.map { ["name": .string($0.id), "uid": .string(DatabaseInstances.uid($0))] })
        }
    }

    private static func life(_ object: JSONObject) -> Lifecycle<DatabaseInstanceState> {
        object[lifeMember]?.stringValue.flatMap(Lifecycle.init(text:)) ?? Lifecycle(.available, at: 0)
    }
}
