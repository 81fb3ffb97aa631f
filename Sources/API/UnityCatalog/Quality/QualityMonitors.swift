import JSON
import Workspace

/// Monitors of tables, kept under the table's id in the form of the older API, and their refreshes. Metrics are not computed: a refresh fails and says so.
enum QualityMonitors {
    enum Life: String, Sendable {
        case pending = "PENDING"
        case active = "ACTIVE"
    }

    enum RefreshState: String, Sendable {
        case pending = "PENDING"
        case running = "RUNNING"
        case failed = "FAILED"
        case canceled = "CANCELED"

        var isOver: Bool { self == .failed || self == .canceled }
    }

    static let limits = "metrics are not computed: every refresh ends FAILED and says so; schedules begin none, and nobody is notified"
    static let message = "The metrics of this monitor were not computed: profile and drift metrics are not simulated."

    private static let kind = "quality-monitor"
    private static let refreshKind = "quality-refresh"
    private static let life = "life"

    // MARK: Access

    enum Access { case create, see, manage }

    /// The table, if the caller may do this to its monitor.
    static func table(_ name: ObjectName, _ access: Access, _ call: Call) throws -> TableInfo {
        let tables = call.workspace.tables
        let table = try tables.get(name, by: call.principal)
        switch access {
        case .create:
            try tables.requireManage(table, by: call.principal)
            return try tables.get(name, requiring: .select, by: call.principal)
        case .manage:
            try tables.requireManage(table, by: call.principal)
            return table
        case .see:
            do {
                try tables.requireManage(table, by: call.principal)
                return table
            } catch let error as WorkspaceError where error.code == .permissionDenied {
                return try tables.get(name, requiring: .select, by: call.principal)
            }
        }
    }

    static func find(_ table: TableInfo, _ call: Call) throws -> StoredResource {
        guard let found = try call.workspace.resources.get(kind, table.id) else {
            throw WorkspaceError(.resourceDoesNotExist, "Monitor of table '\(table.name)' does not exist.")
        }
        return found
    }

    // MARK: Monitors

    /// Members that a change of the whole monitor replaces.
    static let settings = [
        "output_schema_name", "baseline_table_name", "custom_metrics", "data_classification_config", "inference_log", "notifications",
        "notification_settings", "schedule", "slicing_exprs", "snapshot", "time_series",
    ]

    /// A monitor of these settings, in the older API's form; its first refresh begins with it.
    static func create(_ given: JSONObject, on table: TableInfo, _ call: Call) async throws -> StoredResource {
        guard try call.workspace.resources.get(kind, table.id) == nil else {
            throw WorkspaceError(.alreadyExists, "A monitor of table '\(table.name)' already exists.")
        }
        var object = given
        let directory = object["assets_dir"]?.stringValue ?? "/Users/\(call.principal.userName)/databricks_lakehouse_monitoring/\(table.name)"
        object["assets_dir"] = .string(try WorkspacePath.normalize(directory))
        try await MonitorRules.check(&object, table, call)
        object["monitor_version"] = 1
        let now = call.workspace.environment.nowMillis
        let start = try call.workspace.warehouses.timing().start
        var steps = Lifecycle(Life.pending, at: now)
        steps.enter(.pending, at: now, then: [(.active, start)])
        object[life] = .string(steps.text)
        if object["skip_builtin_dashboard"] != true {
            object["effective_warehouse_id"] = try MonitorDashboards.warehouse(object["warehouse_id"]?.stringValue, call).map { .string($0) }
            object["dashboard_id"] = .string(try MonitorDashboards.make(object, table, call))
        }
        let made: StoredResource
        do {
            made = try call.workspace.resources.insert(kind, id: table.id, uniqueKey: nil, owner: call.principal.userName, object)
        } catch is ResourceStore.Taken {
            throw WorkspaceError(.alreadyExists, "A monitor of table '\(table.name)' already exists.")
        }
        _ = try refresh(table, after: start, call)
        return made
    }

    static func update(_ given: JSONObject, on table: TableInfo, _ call: Call) async throws -> StoredResource {
        var object = try find(table, call).body
        for name in settings { object[name] = given[name] }
        if let dashboard = given["dashboard_id"] { object["dashboard_id"] = dashboard }
        try await MonitorRules.check(&object, table, call)
        return try change(table, call) { body in
            for name in settings + ["dashboard_id", "profile_metrics_table_name", "drift_metrics_table_name"] { body[name] = object[name] }
            body["monitor_version"] = .int((body["monitor_version"]?.intValue ?? 0) + 1)
        }
    }

    static func change(_ table: TableInfo, _ call: Call, _ change: (inout JSONObject) throws -> Void) throws -> StoredResource {
        guard let changed = try call.workspace.resources.update(kind, table.id, { try change(&$0.body) }) else { return try find(table, call) }
        return changed
    }

    /// The dashboard stays, as the service leaves it.
    static func delete(_ table: TableInfo, _ call: Call) throws {
        let found = try find(table, call)
        _ = try call.workspace.resources.delete(kind, found.id)
        try call.workspace.resources.deleteAll(refreshKind, parent: found.id)
    }

    static func state(_ monitor: StoredResource, _ call: Call) -> Life {
        monitor.body[life]?.stringValue.flatMap { Lifecycle<Life>(text: $0) }?.state(at: call.workspace.environment.nowMillis) ?? .active
    }

    /// What the newest refresh that failed says.
    static func failure(_ table: TableInfo, _ call: Call) throws -> String? {
        try refreshes(of: table, call).contains { $0.state == .failed } ? message : nil
    }

    // MARK: Refreshes

    struct Refresh {
        let id: Int
        let stored: StoredResource
        let state: RefreshState
        let begun: Int64
        /// Milliseconds since 1970-01-01 UTC; nil while it goes on.
        let ended: Int64?

        var message: String? { state == .failed ? QualityMonitors.message : nil }
    }

    static func refresh(_ table: TableInfo, after delay: Int64 = 0, _ call: Call) throws -> Refresh {
        let monitor = try find(table, call)
        let now = call.workspace.environment.nowMillis
        let time = try call.workspace.warehouses.timing().start
        var steps = Lifecycle(RefreshState.pending, at: now)
        steps.enter(.pending, at: now, then: [(.running, time + delay), (.failed, time)])
        let made = try call.workspace.resources.insert(
            refreshKind, id: String(call.workspace.environment.ids.numeric()), uniqueKey: nil, parent: monitor.id, owner: call.principal.userName,
            JSONObject([(life, .string(steps.text))]))
        return shown(made, call)
    }

    /// The newest first.
    static func refreshes(of table: TableInfo, _ call: Call) throws -> [Refresh] {
        try call.workspace.resources.list(refreshKind, parent: table.id).reversed().map { shown($0, call) }
    }

    static func refresh(_ id: Int, of table: TableInfo, _ call: Call) throws -> Refresh {
        let monitor = try find(table, call)
        guard let found = try call.workspace.resources.get(refreshKind, String(id)), found.parent == monitor.id else {
            throw WorkspaceError(.resourceDoesNotExist, "Refresh \(id) of the monitor of table '\(table.name)' does not exist.")
        }
        return shown(found, call)
    }

    static func cancel(_ id: Int, of table: TableInfo, _ call: Call) throws -> Refresh {
        let found = try refresh(id, of: table, call)
        let now = call.workspace.environment.nowMillis
        guard !found.state.isOver else {
            throw WorkspaceError(.invalidState, "Refresh \(id) cannot be canceled: it is \(found.state.rawValue).")
        }
        let changed = try call.workspace.resources.update(refreshKind, found.stored.id) { stored in
            var steps = lifecycle(stored)
            steps.enter(.canceled, at: now)
            stored.body[life] = .string(steps.text)
        }
        return changed.map { shown($0, call) } ?? found
    }

    private static func lifecycle(_ stored: StoredResource) -> Lifecycle<RefreshState> {
        stored.body[life]?.stringValue.flatMap { Lifecycle(text: $0) } ?? Lifecycle(.failed, at: stored.createdAt)
    }

    private static func shown(_ stored: StoredResource, _ call: Call) -> Refresh {
        let now = call.workspace.environment.nowMillis
        let steps = lifecycle(stored)
        let state = steps.state(at: now)
        return Refresh(
            id: Int(stored.id) ?? 0, stored: stored, state: state, begun: stored.createdAt, ended: state.isOver ? steps.since(at: now) : nil)
    }
}
