import HTTPTypes
import JSON
import Workspace

/// Online tables: `/api/2.0/online-tables`. One is a row of the catalog with its specification; nothing is served from it.
package enum OnlineTablesAPI: APIGroup {
    package static let operations = [create, get, delete]

    private static let limits = "An object that is online at once; its rows are not served, and SQL cannot read it."

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
        var made = TableSpec(name, .foreign, columns: table.columns)
        made.details = JSONValue.members([("online_table", .object(members))]).text
        return try reply(try call.workspace.tables.create(made, by: call.principal).table)
    }

    static let get = Operation("catalog.online_tables.get", .get, "/api/2.0/online-tables/{name}") { call -> Reply in
        try reply(try call.workspace.tables.get(Tables.name(call.path("name"), rpc: "GetOnlineTable"), by: call.principal))
    }

    static let delete = Operation("catalog.online_tables.delete", .delete, "/api/2.0/online-tables/{name}") { call -> Reply in
        let name = try Tables.name(call.path("name"), rpc: "DeleteOnlineTable")
        _ = try reply(try call.workspace.tables.get(name, by: call.principal))
        try call.workspace.tables.delete(name, by: call.principal)
        return .emptyObject
    }

    private static func reply(_ table: TableInfo) throws -> Reply {
        guard let details = table.details, let spec = try? JSONValue(parsing: details)["online_table"] else {
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
