import HTTPTypes
import JSON
import Workspace

/// Tables of Unity Catalog that stand for a Delta table's copy in Postgres. They are objects of the catalog; no rows are copied and SQL cannot read them.
enum PostgresSyncedTables {
    static let operations = [create, get, delete]

    /// The member of a table's details.
    private static let member = "postgres_synced_table"
    private static let rpc = "CreateSyncedTable"

    private static let create = PostgresAPI.operation(
        "create_synced_table", .post, "synced_tables", limits: "an object of the catalog; no rows are copied, and SQL cannot read it"
    ) { tree, body in
        let call = tree.call
        let name = try Tables.name(PostgresNames.required(call.query.string("synced_table_id"), "synced_table_id"), rpc: rpc)
        guard var spec = body["spec"]?.objectValue else { throw WorkspaceError.missing("spec") }
        if spec["accelerated_sync"] == true {
            throw WorkspaceError(.featureDisabled, "Lakebase Accelerated Sync is not enabled in this workspace (spec.accelerated_sync).")
        }
        let columns = try DatabaseTables.sourceColumns(&spec, rpc: rpc, call)
        try checkTypes(spec, columns)
        let creates = spec["create_database_objects_if_missing"]?.boolValue ?? true
        let place = try place(spec, name, tree)
        if !creates { _ = try PostgresDatabases.require(place.database, in: place.branch, create: false, tree) }
        if creates, place.isRegistered, try call.workspace.schemas.find(name.schemaName) == nil {
            _ = try call.workspace.schemas.create(SchemaSpec(catalog: name.catalog, name: name.schema), by: call.principal)
        }
        let life = try SyncedTableState.life(spec, call)
        var table = TableSpec(name, .foreign, columns: columns)
        let pipeline = spec["existing_pipeline_id"] ?? .string(call.workspace.environment.ids.uuid())
        table.details =
            JSONValue.members([
                (
                    member,
                    [
                        "spec": .object(spec), "branch": .string(place.branch.id), "database": .string(place.database), "pipeline": pipeline,
                        "life": .string(life.text), "owner": .string(call.principal.userName),
                    ]
                )
            ]).text
        let made: TableInfo
        do {
            made = try call.workspace.tables.create(table, by: call.principal).table
        } catch let error as WorkspaceError where error.code == .tableAlreadyExists {
            throw PostgresTree.taken(.syncedTable)
        }
        let database = try PostgresDatabases.require(place.database, in: place.branch, create: true, tree)
        _ = try tree.change(.database, database, touches: false) { stored in
            let schemas = stored["schemas"]?.arrayValue ?? []
            if !schemas.contains(.string(name.schema)) { stored["schemas"] = .array(schemas + [.string(name.schema)]) }
        }
        let end = life.steps.last?.at ?? tree.now
        return try PostgresLongRunning.begin(
            .syncedTable, resourceName(made), result: try shown(made, at: end, tree), done: end, tree)
    }

    private static let get = PostgresAPI.operation("get_synced_table", .get, "synced_tables/{full_name}") { tree, _ in
        try shown(try existing(tree), at: tree.now, tree)
    }

    private static let delete = PostgresAPI.operation("delete_synced_table", .delete, "synced_tables/{full_name}") { tree, _ in
        let table = try existing(tree)
        try tree.call.workspace.tables.delete(table.name, by: tree.call.principal)
        return try PostgresLongRunning.begin(.syncedTable, resourceName(table), result: nil, tree)
    }

    // MARK: Parts

    private static func resourceName(_ table: TableInfo) -> String { PostgresTree.name(.syncedTable, table.name.description, of: "") }

    private static func existing(_ tree: PostgresTree) throws -> TableInfo {
        let name = try Tables.name(tree.call.path("full_name"), rpc: "GetSyncedTable")
        guard let table = try tree.call.workspace.tables.find(name), DatabaseTables.details(table, member) != nil else {
            throw tree.notFound(.syncedTable)
        }
        return try tree.call.workspace.tables.get(name, by: tree.call.principal)
    }

    /// The branch and database of a new table: its catalog's, if that is one of a database.
    private static func place(_ spec: JSONObject, _ name: ObjectName, _ tree: PostgresTree) throws -> (
        branch: StoredResource, database: String, isRegistered: Bool
    ) {
        if let catalog = try PostgresCatalogs.registered(name.catalog, tree) {
            for member in ["branch", "postgres_database"] {
                guard spec[member] == nil || spec[member] == catalog.body[member] else {
                    throw WorkspaceError.invalid(
                        "spec.\(member) must be that of the catalog '\(name.catalog)': '\(catalog.body[member]?.stringValue ?? "")'.")
                }
            }
            let branch = try tree.branch(named: catalog.body["branch"]?.stringValue ?? "", "spec.branch", .use)
            return (branch, catalog.body["postgres_database"]?.stringValue ?? "", true)
        }
        let branch = try tree.branch(named: PostgresNames.required(spec["branch"]?.stringValue, "spec.branch"), "spec.branch", .use)
        return (branch, try PostgresNames.identifier(spec["postgres_database"]?.stringValue, "spec.postgres_database"), false)
    }

    /// Types that a table asks for beside those of its source.
    private static func checkTypes(_ spec: JSONObject, _ columns: ColumnList) throws {
        for item in spec["type_overrides"]?.arrayValue ?? [] {
            let column = item["column_name"]?.stringValue ?? ""
            guard let type = item["pg_type"]?.stringValue else { throw WorkspaceError.missing("spec.type_overrides.pg_type") }
            guard let size = item["size"]?.intValue else {
                throw WorkspaceError.invalid("spec.type_overrides: column '\(column.prefix(255))' needs a size for \(type).")
            }
            guard size > 0 else { throw WorkspaceError.invalid("spec.type_overrides: the size of '\(column.prefix(255))' must be positive.") }
        }
        let taken = Set(columns.all.map { $0.name.lowercased() })
        for item in spec["extra_columns"]?.arrayValue ?? [] {
            let column = item["column_name"]?.stringValue ?? ""
            guard !column.isEmpty, !(item["column_type"]?.stringValue ?? "").isEmpty else {
                throw WorkspaceError.missing("spec.extra_columns.\(column.isEmpty ? "column_name" : "column_type")")
            }
            guard !taken.contains(column.lowercased()) else {
                throw WorkspaceError.invalid("spec.extra_columns: the source has a column '\(column.prefix(255))' already.")
            }
            guard (item["compute"] == nil) == (item["maintenance"] == nil) else {
                throw WorkspaceError.invalid("spec.extra_columns: compute and maintenance of '\(column.prefix(255))' belong together.")
            }
        }
    }

    private static func shown(_ table: TableInfo, at now: Int64, _ tree: PostgresTree) throws -> JSONObject {
        guard let known = DatabaseTables.details(table, member) else { throw tree.notFound(.syncedTable) }
        let life = known["life"]?.stringValue.flatMap(Lifecycle<SyncedTableState>.init(text:)) ?? Lifecycle(.online, at: 0)
        let state = life.state(at: now)
        let status = JSONObject([
            ("detailed_state", .string(state.rawValue)), ("message", .string(state.message)), ("pipeline_id", known["pipeline"] ?? .null),
            ("project", .string((known["branch"]?.stringValue ?? "").split(separator: "/").prefix(2).joined(separator: "/"))),
            ("unity_catalog_provisioning_state", .string(state.catalogState)),
        ])
        let object = JSONObject([
            ("name", .string(resourceName(table))), ("synced_table_id", .string(table.name.description)), ("uid", .string(table.id)),
            ("create_time", .string(RFC3339.text(millis: life.steps.first?.at ?? now))), ("status", .object(status)),
        ])
        return Contract.known(.object(object), .named("postgres.SyncedTable")).objectValue ?? object
    }
}
