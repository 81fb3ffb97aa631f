import JSON
import Jobs
import SparkErrors
import Warehouse
import Workspace

/// What a monitor's settings must fulfil, in the older API's form.
enum MonitorRules {
    /// Windows of time, as the older API writes them.
    static let granularities = ["5 minutes", "30 minutes", "1 hour", "1 day", "1 week", "2 weeks", "3 weeks", "4 weeks", "1 month", "1 year"]

    /// Completes the names of the metric tables, too.
    static func check(_ object: inout JSONObject, _ table: TableInfo, _ call: Call) async throws {
        switch table.type {
        case .foreign, .metricView:
            throw WorkspaceError.invalid("Table '\(table.name)' cannot be monitored: it is of the type \(table.type.rawValue).")
        default: break
        }
        let schema = try SchemaName(fullName: try object.required("output_schema_name"), rpc: "CreateMonitor", field: "output_schema_name")
        guard try call.workspace.schemas.find(schema) != nil else {
            throw WorkspaceError.invalid("The output schema '\(schema)' does not exist.")
        }
        try call.workspace.require(.createTable, on: .schema, schema.description, for: call.principal)
        object["output_schema_name"] = .string(schema.description)
        for name in ["profile", "drift"] { object["\(name)_metrics_table_name"] = .string("\(schema).\(table.name.name)_\(name)_metrics") }
        try checkAnalysis(object, table)
        if let baseline = object["baseline_table_name"]?.stringValue, !baseline.isEmpty {
            let name = try Tables.name(baseline, rpc: "CreateMonitor")
            object["baseline_table_name"] = .string(try call.workspace.tables.get(name, requiring: .select, by: call.principal).name.description)
        }
        if case .object(var schedule)? = object["schedule"] {
            try JobTrigger.checkSchedule(schedule)
            if schedule["pause_status"] == nil { schedule["pause_status"] = "UNPAUSED" }
            object["schedule"] = .object(schedule)
        }
        for expression in object["slicing_exprs"]?.arrayValue ?? [] {
            let text = expression.stringValue ?? ""
            try await compile("(\(text))", "slicing expression '\(text.prefix(256))'", table, call)
        }
        try await checkMetrics(object, table, call)
    }

    private static func checkAnalysis(_ object: JSONObject, _ table: TableInfo) throws {
        let kind = try object.one(of: ["inference_log", "snapshot", "time_series"], "")
        guard kind != "snapshot", let analysis = object[kind]?.objectValue else { return }
        let windows = analysis["granularities"]?.arrayValue?.compactMap(\.stringValue) ?? []
        guard !windows.isEmpty else { throw WorkspaceError.missing("\(kind).granularities") }
        for window in windows where !granularities.contains(window) {
            let parts = window.split(separator: " ")
            guard parts.count == 2, let count = Int(parts[0]), count > 4, parts[1] == "weeks" else {
                throw WorkspaceError.invalid(
                    "Invalid granularity '\(window.prefix(64))' in \(kind).granularities; it must be one of \(granularities.joined(separator: ", "))."
                )
            }
            throw WorkspaceError(.notImplemented, "The granularity '\(window.prefix(64))' is not simulated.")
        }
        for member in ["timestamp_col", "prediction_col", "model_id_col", "label_col", "prediction_proba_col"] {
            guard let column = analysis[member]?.stringValue else { continue }
            try require(column, "\(kind).\(member)", table)
        }
        if analysis["prediction_proba_col"] != nil, analysis["problem_type"] == "PROBLEM_TYPE_REGRESSION" {
            throw WorkspaceError.invalid("inference_log.prediction_proba_col is for classification alone.")
        }
    }

    private static func require(_ column: String, _ place: String, _ table: TableInfo) throws {
        guard table.columns.all.contains(where: { $0.name.lowercased() == column.lowercased() }) else {
            throw WorkspaceError.invalid("Column '\(column.prefix(255))' of \(place) does not exist in table '\(table.name)'.")
        }
    }

    /// Of metrics that aggregate, the definitions are compiled over the table; those that are derived from other metrics are not.
    private static func checkMetrics(_ object: JSONObject, _ table: TableInfo, _ call: Call) async throws {
        var names: Set<String> = []
        for metric in object["custom_metrics"]?.arrayValue ?? [] {
            guard let metric = metric.objectValue else { continue }
            let name = try metric.required("name", "custom_metrics.")
            guard names.insert(name.lowercased()).inserted else {
                throw WorkspaceError.invalid("There are two custom metrics named '\(name.prefix(255))'.")
            }
            let definition = try metric.required("definition", "custom_metrics.")
            _ = try metric.required("output_data_type", "custom_metrics.")
            let columns = metric["input_columns"]?.arrayValue?.compactMap(\.stringValue) ?? []
            guard !columns.isEmpty else { throw WorkspaceError.missing("custom_metrics.input_columns") }
            for column in columns where column != ":table" { try require(column, "custom_metrics.input_columns", table) }
            guard metric["type"] == "CUSTOM_METRIC_TYPE_AGGREGATE" else { continue }
            for column in columns {
                var text = definition.replacing("{{input_column}}", with: column)
                for member in ["prediction_col", "label_col", "timestamp_col", "model_id_col"] {
                    let given = object["inference_log"]?[member]?.stringValue ?? object["time_series"]?[member]?.stringValue
                    if let given { text = text.replacing("{{\(member)}}", with: given) }
                }
                guard !text.contains("{{") else {
                    throw WorkspaceError.invalid("The definition of the custom metric '\(name.prefix(255))' has a variable that is not known.")
                }
                try await compile(text, "custom metric '\(name.prefix(255))'", table, call)
            }
        }
    }

    /// Refuses an expression that cannot be computed over the table, on any warehouse that the caller may use.
    private static func compile(_ expression: String, _ what: String, _ table: TableInfo, _ call: Call) async throws {
        let usable = try call.workspace.warehouses.list().first {
            try call.principal.isAdmin || call.workspace.permissions.allows(call.principal, "CAN_USE", on: "warehouses", $0.id)
        }
        guard let usable else { return }
        let name = [table.name.catalog, table.name.schema, table.name.name].map { "`\($0.replacing("`", with: "``"))`" }.joined(separator: ".")
        let request = StatementRequest(text: "SELECT \(expression) FROM \(name)", warehouseID: usable.id)
        let statement = try await call.tenant.sql.validate(request, as: call.principal)
        if let error = statement.status.error { throw WorkspaceError.invalid("Invalid \(what): \(error.message)") }
    }
}

/// The dashboards of monitors: documents with the metric tables as datasets.
enum MonitorDashboards {
    static let limits = "the dashboard has the metric tables as datasets, and no widgets"

    /// The warehouse that is named, or the first that runs.
    static func warehouse(_ id: String?, _ call: Call) throws -> String? {
        if let id, !id.isEmpty {
            try call.workspace.warehouses.require("CAN_USE", id, of: call.principal)
            return try call.workspace.warehouses.get(id).id
        }
        let now = call.workspace.environment.nowMillis
        return try call.workspace.warehouses.list().first { $0.state(at: now) == .running }?.id
    }

    /// A new dashboard, or the one that an earlier monitor of the table left in the folder, as new; its id. What the caller may not edit stays, and
    /// the new one has a number in its name.
    static func make(_ monitor: JSONObject, _ table: TableInfo, _ call: Call) throws -> String {
        let resource = LakeviewAPI.dashboard
        let datasets = ["profile", "drift"].map { name -> JSONValue in
            let metrics = monitor["\(name)_metrics_table_name"]?.stringValue ?? ""
            return ["name": .string(name), "displayName": .string("\(name)_metrics"), "queryLines": [.string("SELECT * FROM \(metrics)")]]
        }
        let text = JSONValue.members([("datasets", .array(datasets)), ("pages", [])]).text
        let active = try call.workspace.resources.list(resource.kind).filter { $0.body["lifecycle_state"] == "ACTIVE" }
        for number in 1...(active.count + 1) {
            var object = JSONObject([
                ("display_name", .string("\(table.name) Monitoring" + (number == 1 ? "" : " \(number)"))),
                ("parent_path", monitor["assets_dir"] ?? "/"), ("serialized_dashboard", .string(text)),
            ])
            object["warehouse_id"] = monitor["effective_warehouse_id"]
            try resource.rule?(&object, nil, call)
            guard let earlier = active.first(where: { $0.body["path"] == object["path"] }) else {
                return try call.workspace.resources.insert(resource, object, call).id
            }
            guard try resource.isAllowed(.edit, earlier, call) else { continue }
            return try call.workspace.resources.update(resource, earlier.id, call) { [object] stored in
                for name in ["serialized_dashboard", "warehouse_id"] { stored.body[name] = object[name] }
            }.id
        }
        throw WorkspaceError(.aborted, "No name was free for the dashboard; try again.")
    }
}
