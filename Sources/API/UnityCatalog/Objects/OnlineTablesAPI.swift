import HTTPTypes
import JSON
import Workspace

/// Online tables: `/api/2.0/online-tables`. One is a row of the catalog with its specification, and a copy of the source's rows by their keys.
package enum OnlineTablesAPI: APIGroup {
    package static let operations = [create, get, delete]

    private static let limits =
        "It is online at once; a triggered one is copied once, a continuous one follows its source when it is looked up in."

    static let create = Operation("catalog.online_tables.create", .post, "/api/2.0/online-tables", limits: limits) { call -> Reply in
        let body = try call.fields()
        let name = try Tables.name(body.name("name"), rpc: "CreateOnlineTable")
        let spec = try body.object("spec")
        let source = try Tables.name(spec.string("source_table_full_name"), rpc: "CreateOnlineTable")
        let table = try call.workspace.tables.get(source, requiring: .select, by: call.principal)
        guard let keys = try spec.strings(optional: "primary_key_columns"), !keys.isEmpty else {
            throw WorkspaceError.missing("spec.primary_key_columns")
        }
        let columns = table.columns.all
        for key in keys + [try spec.string(optional: "timeseries_key")].compactMap({ $0 }) {
            guard columns.contains(where: { $0.name.lowercased() == key.lowercased() }) else {
                throw WorkspaceError.invalid("Column '\(key.prefix(255))' does not exist in table '\(source)'.")
            }
        }
        var members = JSONObject([
            ("source_table_full_name", .string(source.description)), ("primary_key_columns", .array(keys.map { .string($0) })),
        ])
        members["timeseries_key"] = try spec.string(optional: "timeseries_key").map { .string($0) }
        members["perform_full_copy"] = try spec.bool(optional: "perform_full_copy").map { .bool($0) }
        let isContinuous = try spec.object(optional: "run_continuously") != nil
        _ = try spec.object(optional: "run_triggered")
        members[isContinuous ? "run_continuously" : "run_triggered"] = [:]
        members["pipeline_id"] = .string(call.workspace.environment.ids.uuid())
        let spelled = { (key: String) -> String in columns.first { $0.name.lowercased() == key.lowercased() }?.name ?? key }
        let series = try spec.string(optional: "timeseries_key").map(spelled)
        let published = try PublishedTables.make(
            name, of: table, PublishedTables.Keys(primary: keys.map(spelled), timeSeries: series), in: "", specification: members, call)
        try await PublishedTables.fill(published, from: table, mode: isContinuous ? "CONTINUOUS" : "TRIGGERED", call)
        return try reply(try call.workspace.tables.get(name, by: call.principal), call)
    }

    static let get = Operation("catalog.online_tables.get", .get, "/api/2.0/online-tables/{name}") { call -> Reply in
        try reply(try call.workspace.tables.get(Tables.name(call.path("name"), rpc: "GetOnlineTable"), by: call.principal), call)
    }

    static let delete = Operation("catalog.online_tables.delete", .delete, "/api/2.0/online-tables/{name}") { call -> Reply in
        let name = try Tables.name(call.path("name"), rpc: "DeleteOnlineTable")
        let table = try call.workspace.tables.get(name, by: call.principal)
        _ = try reply(table, call)
        try call.workspace.tables.delete(name, by: call.principal)
        if let published = try PublishedTables.find(table, call) { try PublishedTables.forget(published, call) }
        return .emptyObject
    }

    private static func reply(_ table: TableInfo, _ call: Call) throws -> Reply {
        guard let spec = try PublishedTables.find(table, call)?.specification else {
            throw WorkspaceError(.resourceDoesNotExist, "Online table '\(table.name)' does not exist.")
        }
        let isContinuous = spec["run_continuously"] != nil
        return .object { writer in
            writer.member("name", table.name.description)
            writer.member("spec", spec)
            writer.member(
                "status",
                [
                    "detailed_state": .string(isContinuous ? "ONLINE_CONTINUOUS_UPDATE" : "ONLINE_NO_PENDING_UPDATE"),
                    "message": "Online Table creation succeeded.",
                ])
            writer.member("unity_catalog_provisioning_state", "ACTIVE")
        }
    }
}
