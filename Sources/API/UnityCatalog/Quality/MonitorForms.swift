import JSON
import Workspace

/// A table's monitor in the form of the newer API, from and to that of the older one, which is stored.
enum MonitorForms {
    private static let metric = "DATA_PROFILING_"
    private static let problem = "INFERENCE_"
    private static let pause = "CRON_SCHEDULE_PAUSE_STATUS_"
    private static let window = "AGGREGATION_GRANULARITY_"

    /// What has one name and one form in both.
    private static let same = [
        "baseline_table_name", "slicing_exprs", "snapshot", "skip_builtin_dashboard", "warehouse_id", "dashboard_id", "assets_dir",
    ]
    private static let columns = [
        ("timestamp_column", "timestamp_col"), ("model_id_column", "model_id_col"), ("prediction_column", "prediction_col"),
        ("label_column", "label_col"),
    ]

    /// What the service sets: it cannot be given.
    static let outputs: Set = [
        "drift_metrics_table_name", "profile_metrics_table_name", "effective_warehouse_id", "latest_monitor_failure_message", "monitor_version",
        "monitored_table_name", "status",
    ]

    // MARK: Storing

    /// `old`: what is stored; members that the newer form does not have stay as they are there.
    static func stored(_ config: JSONObject, over old: JSONObject = JSONObject(), _ call: Call) throws -> JSONObject {
        var object = JSONObject()
        for name in same { object[name] = config[name] }
        let id = try config.required("output_schema_id", "data_profiling_config.")
        guard let schema = try call.workspace.schemas.find(id: id) else {
            throw WorkspaceError.invalid("The output schema with the id \(id.prefix(64)) does not exist.")
        }
        object["output_schema_name"] = .string(schema.fullName)
        object["custom_metrics"] = config["custom_metrics"]?.arrayValue.map { metrics in
            .array(metrics.map { changed($0, "type") { String($0.dropFirst(metric.count)) } })
        }
        object["schedule"] = config["schedule"].map { changed($0, "pause_status") { String($0.dropFirst(pause.count)) } }
        object["time_series"] = config["time_series"].map(storedAnalysis)
        object["inference_log"] = config["inference_log"].map(storedAnalysis)
        if case .object(var log)? = object["inference_log"], let chance = old["inference_log"]?["prediction_proba_col"] {
            log["prediction_proba_col"] = chance
            object["inference_log"] = .object(log)
        }
        object["data_classification_config"] = old["data_classification_config"]
        object["notification_settings"] = config["notification_settings"]
        var notifications = old["notifications"]?.objectValue ?? JSONObject()
        notifications["on_failure"] = config["notification_settings"]?["on_failure"]?["email_addresses"].map { ["email_addresses": $0] }
        if !notifications.isEmpty { object["notifications"] = .object(notifications) }
        return object
    }

    private static func storedAnalysis(_ analysis: JSONValue) -> JSONValue {
        var object = JSONObject()
        for (newer, older) in columns { object[older] = analysis[newer] }
        if let type = analysis["problem_type"]?.stringValue { object["problem_type"] = .string(String(type.dropFirst(problem.count))) }
        object["granularities"] = analysis["granularities"]?.arrayValue.map { windows in
            .array(
                windows.map {
                    .string(($0.stringValue ?? "").dropFirst(window.count).lowercased().split(separator: "_").joined(separator: " "))
                })
        }
        return .object(object)
    }

    private static func changed(_ value: JSONValue, _ member: String, _ change: (String) -> String) -> JSONValue {
        guard case .object(var object) = value, let text = object[member]?.stringValue else { return value }
        object[member] = .string(change(text))
        return .object(object)
    }

    // MARK: Showing

    /// The settings, without what the service sets.
    static func config(_ stored: JSONObject, _ call: Call) throws -> JSONObject {
        var object = JSONObject()
        for name in same { object[name] = stored[name] }
        if let text = stored["output_schema_name"]?.stringValue {
            let name = try SchemaName(fullName: text, rpc: "GetMonitor", field: "output_schema_name")
            object["output_schema_id"] = try call.workspace.schemas.find(name).map { .string($0.id) }
        }
        object["custom_metrics"] = stored["custom_metrics"]?.arrayValue.map { metrics in .array(metrics.map { changed($0, "type") { metric + $0 } }) }
        object["schedule"] = stored["schedule"].map { changed($0, "pause_status") { pause + $0 } }
        object["time_series"] = stored["time_series"].map(analysis)
        object["inference_log"] = stored["inference_log"].map(analysis)
        var settings = stored["notification_settings"]?.objectValue ?? JSONObject()
        var failure = settings["on_failure"]?.objectValue ?? JSONObject()
        failure["email_addresses"] = stored["notifications"]?["on_failure"]?["email_addresses"]
        settings["on_failure"] = failure.isEmpty ? nil : .object(failure)
        if !settings.isEmpty { object["notification_settings"] = .object(settings) }
        return object
    }

    private static func analysis(_ stored: JSONValue) -> JSONValue {
        var object = JSONObject()
        for (newer, older) in columns { object[newer] = stored[older] }
        if let type = stored["problem_type"]?.stringValue { object["problem_type"] = .string(problem + type) }
        object["granularities"] = stored["granularities"]?.arrayValue.map { windows in
            .array(windows.map { .string(window + ($0.stringValue ?? "").uppercased().split(separator: " ").joined(separator: "_")) })
        }
        return .object(object)
    }

    static func shown(_ monitor: StoredResource, _ table: TableInfo, _ call: Call) throws -> JSONValue {
        var config = try config(monitor.body, call)
        config["monitored_table_name"] = .string(table.name.description)
        for name in ["profile_metrics_table_name", "drift_metrics_table_name", "monitor_version", "effective_warehouse_id"] {
            config[name] = monitor.body[name]
        }
        config["status"] = .string("DATA_PROFILING_STATUS_\(QualityMonitors.state(monitor, call).rawValue)")
        config["latest_monitor_failure_message"] = try QualityMonitors.failure(table, call).map { .string($0) }
        return ["object_type": "table", "object_id": .string(table.id), "data_profiling_config": .object(config)]
    }
}
