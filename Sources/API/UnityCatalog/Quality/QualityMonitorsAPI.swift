import HTTPTypes
import JSON
import Workspace

/// Monitors of tables by the table's name: `/api/2.1/unity-catalog/tables/{table_name}/monitor`.
package enum QualityMonitorsAPI: APIGroup {
    package static let operations = [create, get, update, delete, runRefresh, listRefreshes, getRefresh, cancelRefresh, regenerate]

    private static let path = UnityCatalogAPI.prefix + "/tables/{table_name}/monitor"
    private static let older = UnityCatalogAPI.olderPrefix + "/tables/{table_name}/monitor"
    private static let refreshes = "/refreshes"
    private static let one = "/refreshes/{refresh_id}"

    private static func table(_ access: QualityMonitors.Access, _ call: Call) throws -> TableInfo {
        try QualityMonitors.table(Tables.name(call.path("table_name"), rpc: "GetMonitor"), access, call)
    }

    static let create = Operation("catalog.quality_monitors.create", .post, path, aliases: [older], limits: QualityMonitors.limits) {
        call -> JSONValue in
        let table = try table(.create, call)
        let body = try call.contractBody(.post, path)
        guard body["latest_monitor_failure_msg"] == nil else {
            throw WorkspaceError.invalid("latest_monitor_failure_msg cannot be given: the service sets it.")
        }
        return try shown(try await QualityMonitors.create(body, on: table, call), table, call)
    }

    static let get = Operation("catalog.quality_monitors.get", .get, path, aliases: [older]) { call -> JSONValue in
        let table = try table(.see, call)
        return try shown(try QualityMonitors.find(table, call), table, call)
    }

    /// All settings are new; the folder of the assets stays.
    static let update = Operation("catalog.quality_monitors.update", .put, path, aliases: [older], limits: QualityMonitors.limits) {
        call -> JSONValue in
        let table = try table(.manage, call)
        return try shown(try await QualityMonitors.update(try call.contractBody(.put, path), on: table, call), table, call)
    }

    static let delete = Operation("catalog.quality_monitors.delete", .delete, path, aliases: [older]) { call -> Void in
        try QualityMonitors.delete(try table(.manage, call), call)
    }

    private static func shown(_ monitor: StoredResource, _ table: TableInfo, _ call: Call) throws -> JSONValue {
        var object = monitor.body
        object["table_name"] = .string(table.name.description)
        object["status"] = .string("MONITOR_STATUS_\(QualityMonitors.state(monitor, call).rawValue)")
        object["latest_monitor_failure_msg"] = try QualityMonitors.failure(table, call).map { .string($0) }
        return Contract.known(.object(object), .named("catalog.MonitorInfo"))
    }

    // MARK: Refreshes

    static let runRefresh = Operation(
        "catalog.quality_monitors.run_refresh", .post, path + refreshes, aliases: [older + refreshes], limits: QualityMonitors.limits
    ) { call -> JSONValue in shown(try QualityMonitors.refresh(try table(.manage, call), call)) }

    static let listRefreshes = Operation("catalog.quality_monitors.list_refreshes", .get, path + refreshes, aliases: [older + refreshes]) {
        call -> JSONValue in
        let table = try table(.see, call)
        _ = try QualityMonitors.find(table, call)
        let rows = try QualityMonitors.refreshes(of: table, call)
        return rows.isEmpty ? [:] : ["refreshes": .array(rows.map(shown))]
    }

    static let getRefresh = Operation("catalog.quality_monitors.get_refresh", .get, path + one, aliases: [older + one]) { call -> JSONValue in
        shown(try QualityMonitors.refresh(try call.pathInt("refresh_id"), of: try table(.see, call), call))
    }

    static let cancelRefresh = Operation(
        "catalog.quality_monitors.cancel_refresh", .post, path + one + "/cancel", aliases: [older + one + "/cancel"]
    ) { call -> Void in
        _ = try QualityMonitors.cancel(try call.pathInt("refresh_id"), of: try table(.manage, call), call)
    }

    private static func shown(_ refresh: QualityMonitors.Refresh) -> JSONValue {
        var object = JSONObject([
            ("refresh_id", .int(refresh.id)), ("state", .string(refresh.state.rawValue)), ("start_time_ms", .int(refresh.begun)),
            ("trigger", "MANUAL"),
        ])
        object["end_time_ms"] = refresh.ended.map { .int($0) }
        object["message"] = refresh.message.map { .string($0) }
        return .object(object)
    }

    // MARK: Dashboards

    private static let dashboard = "/api/2.1/quality-monitoring/tables/{table_name}/monitor/dashboard"

    static let regenerate = Operation(
        "catalog.quality_monitors.regenerate_dashboard", .post, dashboard, limits: MonitorDashboards.limits
    ) { call -> JSONValue in
        let table = try table(.manage, call)
        let body = try call.contractBody(.post, dashboard)
        var object = try QualityMonitors.find(table, call).body
        object["effective_warehouse_id"] = try MonitorDashboards.warehouse(body["warehouse_id"]?.stringValue, call).map { .string($0) }
        let id = try MonitorDashboards.make(object, table, call)
        let warehouse = object["effective_warehouse_id"]
        let changed = try QualityMonitors.change(table, call) { stored in
            stored["dashboard_id"] = .string(id)
            stored["effective_warehouse_id"] = warehouse
        }
        return ["dashboard_id": .string(id), "parent_folder": changed.body["assets_dir"] ?? "/"]
    }
}
