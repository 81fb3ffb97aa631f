import HTTPTypes
import JSON
import Workspace

/// Monitors of tables and of schemas by their ids: `/api/data-quality/v1/monitors`. What the service's own documentation calls unimplemented
/// (the list of monitors, changes and deletions of refreshes) is not here either.
package enum DataQualityAPI: APIGroup {
    package static let operations = [create, get, update, delete, createRefresh, listRefreshes, getRefresh, cancelRefresh]

    private static let path = "/api/data-quality/v1/monitors"
    private static let one = path + "/{object_type}/{object_id}"
    private static let refreshes = one + "/refreshes"
    private static let oneRefresh = refreshes + "/{refresh_id}"
    private static let limits = QualityMonitors.limits + "; schemas are not searched for anomalies"

    private static let profiling = "data_profiling_config"
    private static let anomalies = "anomaly_detection_config"

    // MARK: Objects

    private enum Object {
        case table(TableInfo)
        case schema(SchemaInfo)
    }

    private static func object(_ type: String, _ id: String, _ access: QualityMonitors.Access, _ call: Call) throws -> Object {
        switch type {
        case "table":
            guard let found = try call.workspace.tables.find(id: id) else {
                throw WorkspaceError(.resourceDoesNotExist, "Table with the id \(id.prefix(64)) does not exist.")
            }
            return .table(try QualityMonitors.table(found.name, access, call))
        case "schema":
            guard let found = try call.workspace.schemas.find(id: id) else {
                throw WorkspaceError(.resourceDoesNotExist, "Schema with the id \(id.prefix(64)) does not exist.")
            }
            if case .see = access, try call.workspace.allows(.useSchema, on: .schema, found.fullName, for: call.principal) { return .schema(found) }
            try call.workspace.requireManage(.schema, found.fullName, for: call.principal)
            return .schema(found)
        default: throw WorkspaceError.invalid("Invalid object_type '\(type.prefix(64))'; it must be schema or table.")
        }
    }

    private static func object(_ access: QualityMonitors.Access, _ call: Call) throws -> Object {
        try object(try call.path("object_type"), try call.path("object_id"), access, call)
    }

    private static func table(_ access: QualityMonitors.Access, _ call: Call) throws -> TableInfo {
        guard case .table(let table) = try object(access, call) else {
            throw WorkspaceError.invalid("Refreshes are supported for the object_type table alone.")
        }
        return table
    }

    /// The configuration that the object's type has; the other type's is refused.
    private static func config(_ body: JSONObject, _ name: String, _ other: String) throws -> JSONObject {
        guard body[other] == nil else { throw WorkspaceError.invalid("\(other) cannot be given for this object_type.") }
        guard let config = body[name]?.objectValue else { throw WorkspaceError.missing(name) }
        for output in config.names.sorted() where MonitorForms.outputs.contains(output) {
            throw WorkspaceError.invalid("\(name).\(output) cannot be given: the service sets it.")
        }
        return config
    }

    // MARK: Monitors

    private static let schemaMonitor = Resource("quality-anomalies", "Monitor", schema: "dataquality.Monitor", id: "object_id", .given).with {
        $0.taken = .alreadyExists
    }

    static let create = Operation("data_quality.create_monitor", .post, path, limits: limits) { call -> JSONValue in
        let body = try call.contractBody(.post, path)
        switch try object(try body.required("object_type"), try body.required("object_id"), .create, call) {
        case .table(let table):
            let config = try config(body, profiling, anomalies)
            let made = try await QualityMonitors.create(try MonitorForms.stored(config, call), on: table, call)
            return try MonitorForms.shown(made, table, call)
        case .schema(let schema):
            let config = try config(body, anomalies, profiling)
            try check(config, schema)
            let object = JSONObject([("object_id", .string(schema.id)), (anomalies, .object(config))])
            return shown(try call.workspace.resources.insert(schemaMonitor, object, call))
        }
    }

    static let get = Operation("data_quality.get_monitor", .get, one) { call -> JSONValue in
        switch try object(.see, call) {
        case .table(let table): return try MonitorForms.shown(try QualityMonitors.find(table, call), table, call)
        case .schema(let schema): return shown(try find(schema, call))
        }
    }

    static let update = Operation("data_quality.update_monitor", .patch, one, limits: limits) { call -> JSONValue in
        let body = try call.contractBody(.patch, one)
        for name in ["object_type", "object_id"] where body[name]?.stringValue != call.pathParameters[name] {
            throw WorkspaceError.invalid("\(name) cannot be changed.")
        }
        let mask = try call.query.required("update_mask")
        switch try object(.manage, call) {
        case .table(let table):
            let stored = try QualityMonitors.find(table, call).body
            var config = try MonitorForms.config(stored, call)
            try apply(mask, body, profiling, "dataquality.DataProfilingConfig", to: &config)
            let changed = try await QualityMonitors.update(try MonitorForms.stored(config, over: stored, call), on: table, call)
            return try MonitorForms.shown(changed, table, call)
        case .schema(let schema):
            var config = try find(schema, call).body[anomalies]?.objectValue ?? JSONObject()
            try apply(mask, body, anomalies, "dataquality.AnomalyDetectionConfig", to: &config)
            try check(config, schema)
            return shown(
                try call.workspace.resources.update(schemaMonitor, schema.id, call) { [config] in $0.body[anomalies] = .object(config) })
        }
    }

    static let delete = Operation("data_quality.delete_monitor", .delete, one) { call -> Void in
        switch try object(.manage, call) {
        case .table(let table): try QualityMonitors.delete(table, call)
        case .schema(let schema): try schemaMonitor.remove(try find(schema, call), call)
        }
    }

    /// `data_profiling_config`, `data_profiling_config.schedule` or `*`; a deeper path is taken as the member that it is in.
    private static func apply(_ mask: String, _ body: JSONObject, _ name: String, _ schema: String, to config: inout JSONObject) throws {
        let given = body[name]?.objectValue ?? JSONObject()
        for path in mask.split(separator: ",") {
            let parts = path.trimmingSpaces().split(separator: ".")
            if path.trimmingSpaces() == "*" || parts.count == 1 && parts[0] == name {
                let assets = config["assets_dir"]
                config = JSONObject(given.members.filter { !MonitorForms.outputs.contains($0.name) }.map { ($0.name, $0.value) })
                if let assets { config["assets_dir"] = assets }
                continue
            }
            guard parts.count > 1, parts[0] == name, case .object(let fields)? = Contract.schema(schema),
                fields.contains(where: { $0.name == parts[1] }),
                !MonitorForms.outputs.contains(String(parts[1])), parts[1] != "assets_dir"
            else { throw WorkspaceError.invalid("Invalid field in update_mask: '\(path.prefix(64))'.") }
            config[String(parts[1])] = given[String(parts[1])]
        }
    }

    // MARK: Schemas

    private static func find(_ schema: SchemaInfo, _ call: Call) throws -> StoredResource {
        guard let found = try call.workspace.resources.get(schemaMonitor.kind, schema.id) else {
            throw WorkspaceError(.resourceDoesNotExist, "Monitor of schema '\(schema.fullName)' does not exist.")
        }
        return found
    }

    private static func check(_ config: JSONObject, _ schema: SchemaInfo) throws {
        for excluded in config["excluded_table_full_names"]?.arrayValue ?? [] {
            let name = try Tables.name(excluded.stringValue ?? "", rpc: "CreateMonitor")
            guard name.schemaName.description == schema.fullName else {
                throw WorkspaceError.invalid("Table '\(name)' in excluded_table_full_names is not in schema '\(schema.fullName)'.")
            }
        }
    }

    private static func shown(_ stored: StoredResource) -> JSONValue {
        ["object_type": "schema", "object_id": .string(stored.id), "anomaly_detection_config": stored.body[anomalies] ?? [:]]
    }

    // MARK: Refreshes

    static let createRefresh = Operation("data_quality.create_refresh", .post, refreshes, limits: QualityMonitors.limits) { call -> JSONValue in
        _ = try call.contractBody(.post, refreshes)
        let table = try table(.manage, call)
        return shown(try QualityMonitors.refresh(table, call), table)
    }

    static let listRefreshes = Operation("data_quality.list_refresh", .get, refreshes) { call -> JSONValue in
        let table = try table(.see, call)
        _ = try QualityMonitors.find(table, call)
        let rows = try QualityMonitors.refreshes(of: table, call)
        let asked = try call.query.int("page_size") ?? 0
        guard asked >= 0 else { throw WorkspaceError.invalid("Invalid value for page_size: \(asked). It must not be negative.") }
        let page = try RowPage(
            rows, scope: "refreshes \(table.id)", token: call.query.string("page_token"), limit: asked == 0 ? 100 : min(asked, 100),
            id: { String($0.id) })
        return .object(page.reply("refreshes") { shown($0, table) })
    }

    static let getRefresh = Operation("data_quality.get_refresh", .get, oneRefresh) { call -> JSONValue in
        let table = try table(.see, call)
        return shown(try QualityMonitors.refresh(try call.pathInt("refresh_id"), of: table, call), table)
    }

    static let cancelRefresh = Operation("data_quality.cancel_refresh", .post, oneRefresh + "/cancel") { call -> JSONValue in
        let table = try table(.manage, call)
        return ["refresh": shown(try QualityMonitors.cancel(try call.pathInt("refresh_id"), of: table, call), table)]
    }

    private static func shown(_ refresh: QualityMonitors.Refresh, _ table: TableInfo) -> JSONValue {
        var object = JSONObject([
            ("object_type", "table"), ("object_id", .string(table.id)), ("refresh_id", .int(refresh.id)),
            ("state", .string("MONITOR_REFRESH_STATE_\(refresh.state.rawValue)")), ("start_time_ms", .int(refresh.begun)),
            ("trigger", "MONITOR_REFRESH_TRIGGER_MANUAL"),
        ])
        object["end_time_ms"] = refresh.ended.map { .int($0) }
        object["message"] = refresh.message.map { .string($0) }
        return .object(object)
    }
}
