import HTTPTypes
import JSON
import Workspace

/// Tables of Unity Catalog that are in a database instance, and those that are kept in step with a Delta table: `/api/2.0/database/tables` and
/// `/api/2.0/database/synced_tables`. They are rows of the catalog with their specification; no rows are copied and SQL cannot read them.
enum DatabaseTables {
    static let operations = [create, get, delete, createSynced, getSynced, updateSynced, deleteSynced, listSynced]

    private static let path = "/api/2.0/database/tables"
    private static let syncedPath = "/api/2.0/database/synced_tables"
    private static let limits = "an object of the catalog; no rows are copied, and SQL cannot read it"

    /// Members of a table's details, which the tables' own API does not show.
    private static let member = "database_table"
    private static let syncedMember = "synced_table"
    private static let indexKind = "database-synced-table"

    // MARK: Registered tables

    private static let create = Operation("database.create_database_table", .post, path, limits: limits) { call -> JSONValue in
        let body = try call.contractBody(.post, path)
        let name = try Tables.name(text(body, "name"), rpc: "CreateDatabaseTable")
        if try DatabaseAPI.database(ofCatalog: name.catalog, call) != nil {
            throw WorkspaceError.invalid("Tables are registered in standard catalogs; '\(name.catalog)' is a database catalog.")
        }
        let instance = try DatabaseInstances.existing(text(body, "database_instance_name"), .read, call)
        let database = try text(body, "logical_database_name")
        try DatabaseInstances.require(database, in: instance, create: false, call)
        var spec = TableSpec(name, .foreign)
        let known = JSONValue.members([("database_instance_name", .string(instance.id)), ("logical_database_name", .string(database))])
        spec.details = JSONValue.members([(member, known)]).text
        return try shown(try call.workspace.tables.create(spec, by: call.principal).table)
    }

    private static let get = Operation("database.get_database_table", .get, path + "/{name}") { call -> JSONValue in
        try shown(try call.workspace.tables.get(name(call), by: call.principal))
    }

    private static let delete = Operation("database.delete_database_table", .delete, path + "/{name}") { call -> Void in
        let name = try name(call)
        _ = try shown(try call.workspace.tables.get(name, by: call.principal))
        try call.workspace.tables.delete(name, by: call.principal)
    }

    private static func shown(_ table: TableInfo) throws -> JSONValue {
        guard var object = details(table, member) else {
            throw WorkspaceError(.resourceDoesNotExist, "Database table '\(table.name)' does not exist.")
        }
        object["name"] = .string(table.name.description)
        return .object(object)
    }

    // MARK: Synced tables

    private static let createSynced = Operation("database.create_synced_database_table", .post, syncedPath, limits: limits) { call -> JSONValue in
        let body = try call.contractBody(.post, syncedPath)
        let name = try Tables.name(text(body, "name"), rpc: "CreateSyncedDatabaseTable")
        guard var spec = body["spec"]?.objectValue else { throw WorkspaceError.missing("spec") }
        let columns = try sourceColumns(&spec, rpc: "CreateSyncedDatabaseTable", call)
        let place = try place(body, name, creates: spec["create_database_objects_if_missing"]?.boolValue ?? false, call)
        let life = try SyncedTableState.life(spec, call)
        var table = TableSpec(name, .foreign, columns: columns)
        let pipeline = spec["existing_pipeline_id"] ?? .string(call.workspace.environment.ids.uuid())
        table.details =
            JSONValue.members([
                (
                    syncedMember,
                    .members([
                        ("spec", .object(spec)), ("instance", .string(place.instance.id)), ("database", .string(place.database)),
                        ("given_instance", body["database_instance_name"] ?? .null), ("given_database", body["logical_database_name"] ?? .null),
                        ("pipeline", pipeline), ("life", .string(life.text)),
                    ])
                )
            ]).text
        let made = try call.workspace.tables.create(table, by: call.principal).table
        try DatabaseInstances.require(place.database, in: place.instance, create: true, call)
        _ = try call.workspace.resources.insert(
            indexKind, id: made.id, uniqueKey: nil, parent: place.instance.id, owner: call.principal.userName,
            JSONObject([("name", .string(made.name.description))]))
        return try shownSynced(made, call)
    }

    private static let getSynced = Operation("database.get_synced_database_table", .get, syncedPath + "/{name}") { call -> JSONValue in
        try shownSynced(try call.workspace.tables.get(name(call), by: call.principal), call)
    }

    private static let updateSynced = Operation(
        "database.update_synced_database_table", .patch, syncedPath + "/{name}", limits: "nothing of a synced table can be changed"
    ) { call -> JSONValue in
        let now = try shownSynced(try call.workspace.tables.get(name(call), by: call.principal), call)
        return try unchanged(now, try call.contractBody(.patch, syncedPath + "/{name}"), "synced table")
    }

    private static let deleteSynced = Operation("database.delete_synced_database_table", .delete, syncedPath + "/{name}") { call -> Void in
        let name = try name(call)
        let table = try call.workspace.tables.get(name, by: call.principal)
        _ = try shownSynced(table, call)
        try call.workspace.tables.delete(name, by: call.principal)
        _ = try call.workspace.resources.delete(indexKind, table.id)
    }

    private static let listSynced = Operation(
        "database.list_synced_database_tables", .get, "/api/2.0/database/instances/{instance_name}/synced_tables"
    ) { call -> JSONValue in
        let instance = try DatabaseInstances.existing(call.path("instance_name"), .read, call)
        let paging = try Paging(call, list: "\(indexKind) \(instance.id)", pageSize: 100, sizeName: "page_size")
        var shown: [Int64: JSONValue] = [:]
        let rows = try call.workspace.resources.list(indexKind, parent: instance.id, after: paging.after.flatMap { Int64($0) } ?? 0).filter { row in
            // A table may have been dropped or renamed behind the index, or be hidden from the caller.
            guard let name = try? Tables.name(row.body["name"]?.stringValue ?? "", rpc: "ListSyncedDatabaseTables"),
                let table = try? call.workspace.tables.get(name, by: call.principal), table.id == row.id
            else { return false }
            shown[row.position] = try shownSynced(table, call)
            return true
        }
        return paging.reply("synced_tables", rows, key: { String($0.position) }) { shown[$0.position] ?? .null }
    }

    /// The source's columns, once the specification fits them.
    static func sourceColumns(_ spec: inout JSONObject, rpc: String, _ call: Call) throws -> ColumnList {
        let source = try Tables.name(text(spec, "source_table_full_name", "spec."), rpc: rpc)
        let table = try call.workspace.tables.get(source, requiring: .select, by: call.principal)
        let keys = (spec["primary_key_columns"]?.arrayValue ?? []).compactMap(\.stringValue)
        guard !keys.isEmpty else { throw WorkspaceError.missing("spec.primary_key_columns") }
        let overrides = (spec["type_overrides"]?.arrayValue ?? []).map { $0["column_name"]?.stringValue ?? "" }
        let columns = Set(table.columns.all.map { $0.name.lowercased() })
        for column in keys + [spec["timeseries_key"]?.stringValue].compactMap({ $0 }) + overrides where !columns.contains(column.lowercased()) {
            throw WorkspaceError.invalid("Column '\(column.prefix(255))' does not exist in table '\(source)'.")
        }
        if spec["existing_pipeline_id"] != nil, spec["new_pipeline_spec"] != nil {
            throw WorkspaceError.invalid("At most one of spec.existing_pipeline_id and spec.new_pipeline_spec may be given.")
        }
        let policy = spec["scheduling_policy"]?.stringValue ?? "SNAPSHOT"
        spec["scheduling_policy"] = .string(policy)
        if policy != "SNAPSHOT", table.properties["delta.enableChangeDataFeed"]?.lowercased() != "true" {
            throw WorkspaceError.invalid(
                "The scheduling policy \(policy) needs the change data feed of table '\(source)' (delta.enableChangeDataFeed).")
        }
        return table.columns
    }

    /// The instance and database of a new table: its catalog's, if that is one of a database.
    private static func place(_ body: JSONObject, _ name: ObjectName, creates: Bool, _ call: Call) throws -> (
        instance: StoredResource, database: String
    ) {
        let given = (instance: body["database_instance_name"]?.stringValue, database: body["logical_database_name"]?.stringValue)
        if let registered = try DatabaseAPI.database(ofCatalog: name.catalog, call) {
            for (member, value, known) in [
                ("database_instance_name", given.instance, registered.instance), ("logical_database_name", given.database, registered.database),
            ] {
                guard value == nil || value == known else {
                    throw WorkspaceError.invalid("\(member) must be that of the catalog '\(name.catalog)': '\(known)'.")
                }
            }
            return (try DatabaseInstances.existing(registered.instance, .read, call), registered.database)
        }
        let instance = try DatabaseInstances.existing(text(body, "database_instance_name"), .read, call)
        let database = try text(body, "logical_database_name")
        if !creates { try DatabaseInstances.require(database, in: instance, create: false, call) }
        return (instance, database)
    }

    private static func shownSynced(_ table: TableInfo, _ call: Call) throws -> JSONValue {
        guard let known = details(table, syncedMember) else {
            throw WorkspaceError(.resourceDoesNotExist, "Synced database table '\(table.name)' does not exist.")
        }
        let life = known["life"]?.stringValue.flatMap(Lifecycle<SyncedTableState>.init(text:)) ?? Lifecycle(.online, at: 0)
        let state = life.state(at: call.workspace.environment.nowMillis)
        var status = JSONObject([("detailed_state", .string(state.rawValue)), ("pipeline_id", known["pipeline"] ?? .null)])
        status["message"] = .string(state.message)
        var object = JSONObject([("name", .string(table.name.description))])
        if let given = known["given_instance"], !given.isNull { object["database_instance_name"] = given }
        if let given = known["given_database"], !given.isNull { object["logical_database_name"] = given }
        object["effective_database_instance_name"] = known["instance"]
        object["effective_logical_database_name"] = known["database"]
        object["spec"] = known["spec"]
        object["data_synchronization_status"] = .object(status)
        object["unity_catalog_provisioning_state"] = .string(state.catalogState)
        return .object(object)
    }

    // MARK: Parts

    /// The object as it is, if the request changes nothing of it; else a refusal: the service has this operation for clients that always call it.
    static func unchanged(_ object: JSONValue, _ body: JSONObject, _ noun: String) throws -> JSONValue {
        for (name, value) in body.members where name != "update_mask" && object[name] != value {
            throw WorkspaceError.invalid("\(name) of a \(noun) cannot be changed.")
        }
        return object
    }

    private static func name(_ call: Call) throws -> ObjectName { try Tables.name(call.path("name"), rpc: "GetDatabaseTable") }

    private static func text(_ object: JSONObject, _ name: String, _ prefix: String = "") throws -> String {
        guard let text = object[name]?.stringValue, !text.isEmpty else { throw WorkspaceError.missing(prefix + name) }
        return text
    }

    /// A member of what is kept with a table for its own API.
    static func details(_ table: TableInfo, _ member: String) -> JSONObject? {
        table.details.flatMap { try? JSONValue(parsing: $0)[member]?.objectValue }
    }
}

enum SyncedTableState: String, Sendable, Hashable {
    case provisioning = "SYNCED_TABLE_PROVISIONING"
    case online = "SYNCED_TABLE_ONLINE_NO_PENDING_UPDATE"
    case continuous = "SYNCED_TABLE_ONLINE_CONTINUOUS_UPDATE"

    /// Of a new table with this specification.
    static func life(_ spec: JSONObject, _ call: Call) throws -> Lifecycle<SyncedTableState> {
        let now = call.workspace.environment.nowMillis
        var life = Lifecycle(SyncedTableState.provisioning, at: now)
        let online: SyncedTableState = spec["scheduling_policy"]?.stringValue == "CONTINUOUS" ? .continuous : .online
        life.enter(.provisioning, at: now, then: [(online, try call.workspace.warehouses.timing().start)])
        return life
    }

    var message: String { self == .provisioning ? "The table is being provisioned." : "The table is online." }
    /// The state of the table as an object of Unity Catalog.
    var catalogState: String { self == .provisioning ? "PROVISIONING" : "ACTIVE" }
}
