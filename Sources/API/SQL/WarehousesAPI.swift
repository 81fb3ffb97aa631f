import HTTPTypes
import JSON
import Warehouse
import Workspace

/// SQL warehouses: `/api/2.0/sql/warehouses`, and `/api/2.0/sql/endpoints` as they were called before.
package enum WarehousesAPI: APIGroup {
    package static let operations = [create, list, get, edit, start, stop, delete]

    private static let path = "/api/2.0/sql/warehouses"
    private static let older = "/api/2.0/sql/endpoints"

    /// Makes a warehouse, which starts at once.
    static let create = Operation(
        "sql.warehouses.create", .post, path, aliases: [older],
        limits: "sizes, clusters and channels are kept and shown, but change nothing"
    ) { call -> JSONValue in
        guard call.principal.isAdmin else {
            throw WorkspaceError(.permissionDenied, "\(call.principal.userName) is not authorized to create SQL warehouses.")
        }
        let change = try change(try call.fields())
        try WarehouseConfigAPI.check(change, call)
        let warehouse = try call.workspace.warehouses.create(change, by: call.principal)
        return ["id": .string(warehouse.id)]
    }

    static let list = Operation("sql.warehouses.list", .get, path, aliases: [older]) { call -> JSONValue in
        let paging = try Paging(call, list: "sql.warehouses", pageSize: 1_000, unlimitedByDefault: true, sizeName: "page_size")
        let rows = try call.workspace.warehouses.list(after: paging.after.flatMap { Int64($0) } ?? 0, limit: paging.fetchLimit)
        let name = call.path.hasPrefix(older) ? "endpoints" : "warehouses"
        let seen =
            try call.principal.isAdmin
            ? rows : rows.filter { try call.workspace.permissions.allows(call.principal, "CAN_VIEW", on: "warehouses", $0.id) }
        return paging.reply(name, seen, key: { String($0.position) }) { json($0, call) }
    }

    /// A warehouse; its state advances with the workspace's clock.
    static let get = Operation("sql.warehouses.get", .get, path + "/{id}", aliases: [older + "/{id}"]) { call -> JSONValue in
        let id = try call.path("id")
        try call.workspace.warehouses.require("CAN_VIEW", id, of: call.principal)
        return json(try call.workspace.warehouses.get(id), call)
    }

    static let edit = Operation("sql.warehouses.edit", .post, path + "/{id}/edit", aliases: [older + "/{id}/edit"]) { call -> Void in
        let id = try call.path("id")
        try call.workspace.warehouses.require("CAN_MANAGE", id, of: call.principal)
        let change = try change(try call.fields())
        try WarehouseConfigAPI.check(change, call)
        try call.workspace.warehouses.edit(id, change)
    }

    static let start = Operation("sql.warehouses.start", .post, path + "/{id}/start", aliases: [older + "/{id}/start"]) { call -> Void in
        let id = try call.path("id")
        try call.workspace.warehouses.require("CAN_USE", id, of: call.principal)
        try call.workspace.warehouses.start(id)
    }

    static let stop = Operation("sql.warehouses.stop", .post, path + "/{id}/stop", aliases: [older + "/{id}/stop"]) { call -> Void in
        let id = try call.path("id")
        try call.workspace.warehouses.require("CAN_USE", id, of: call.principal)
        try call.workspace.warehouses.stop(id)
        call.tenant.sql.endStatements(of: id)
    }

    static let delete = Operation("sql.warehouses.delete", .delete, path + "/{id}", aliases: [older + "/{id}"]) { call -> Void in
        let id = try call.path("id")
        try call.workspace.warehouses.require("CAN_MANAGE", id, of: call.principal)
        try call.workspace.warehouses.delete(id)
        call.tenant.sql.endStatements(of: id)
    }

    private static func change(_ fields: Fields) throws -> WarehouseChange {
        var change = WarehouseChange()
        change.name = try fields.string(optional: "name")
        change.clusterSize = try fields.string(optional: "cluster_size")
        change.minClusters = try fields.int(optional: "min_num_clusters")
        change.maxClusters = try fields.int(optional: "max_num_clusters")
        change.autoStopMinutes = try fields.int(optional: "auto_stop_mins")
        change.spotPolicy = try fields.string(optional: "spot_instance_policy")
        change.photon = try fields.bool(optional: "enable_photon")
        change.serverless = try fields.bool(optional: "enable_serverless_compute")
        change.type = try fields.string(optional: "warehouse_type")
        change.instanceProfile = try fields.string(optional: "instance_profile_arn")
        change.statementTimeout = try fields.int(optional: "statement_timeout")
        change.maxDBU = try fields.int(optional: "max_dbu")
        if let channel = try fields.object(optional: "channel") {
            change.channel = try channel.string(optional: "name") ?? "CHANNEL_NAME_CURRENT"
            change.channelVersion = try channel.string(optional: "dbsql_version")
        }
        if let tags = try fields.object(optional: "tags") {
            let pairs = try tags.objects("custom_tags").map { tag throws -> JSONValue in
                ["key": .string(try tag.string("key")), "value": .string(try tag.string(optional: "value") ?? "")]
            }
            change.tags = pairs.isEmpty ? JSONObject() : JSONObject([("custom_tags", .array(pairs))])
        }
        return change
    }

    /// Members in the service's order.
    private static func json(_ warehouse: SQLWarehouse, _ call: Call) -> JSONValue {
        let settings = warehouse.settings
        let state = warehouse.state(at: call.workspace.environment.nowMillis)
        let address = ServerAddress(call.baseURL)
        let httpPath = "/sql/1.0/warehouses/\(warehouse.id)"
        var channel = JSONObject([("name", .string(settings.channel))])
        if let version = settings.channelVersion { channel["dbsql_version"] = .string(version) }
        var json = JSONObject([
            ("id", .string(warehouse.id)), ("name", .string(settings.name)), ("cluster_size", .string(settings.clusterSize)),
            ("min_num_clusters", .int(settings.minClusters)), ("max_num_clusters", .int(settings.maxClusters)),
            ("auto_stop_mins", .int(settings.autoStopMinutes)), ("creator_name", .string(warehouse.creatorName)),
            ("tags", .object(settings.tags)),
            ("spot_instance_policy", .string(settings.spotPolicy)), ("enable_photon", .bool(settings.photon)),
            ("channel", .object(channel)),
            ("enable_serverless_compute", .bool(settings.serverless)), ("warehouse_type", .string(settings.type)),
            ("num_clusters", .int(state == .running ? settings.minClusters : 0)),
            ("num_active_sessions", .int(call.tenant.sql.sessionCount(of: warehouse.id))),
            ("state", .string(state.rawValue)),
        ])
        let encryption = address.scheme == "https" ? 1 : 0
        json["jdbc_url"] = .string(
            "jdbc:spark://\(address.host):\(address.port)/default;transportMode=http;ssl=\(encryption);AuthMech=3;httpPath=\(httpPath);")
        json["odbc_params"] = [
            "hostname": .string(address.host), "path": .string(httpPath), "protocol": .string(address.scheme), "port": .int(address.port),
        ]
        if state == .running { json["health"] = ["status": "HEALTHY"] }
        if let profile = settings.instanceProfile { json["instance_profile_arn"] = .string(profile) }
        if let timeout = settings.statementTimeout { json["statement_timeout"] = .int(timeout) }
        if let limit = settings.maxDBU { json["max_dbu"] = .int(limit) }
        return .object(json)
    }
}
