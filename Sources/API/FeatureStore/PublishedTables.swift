import HTTPTypes
import JSON
import Storage
import Warehouse
import Workspace

/// An online table: a copy of a table's rows by its keys, the newest of each where there is a time series. It is a row of the catalog, which
/// carries its privileges, and a document with what was copied.
struct PublishedTable: Sendable {
    /// The id is the catalog row's, the parent the online store's name (none for the tables of `/api/2.0/online-tables`).
    let stored: StoredResource

    var name: String { text("name") }
    var source: String { text("source") }
    var mode: String { text("mode") }
    var store: String { stored.parent }
    var pipelineID: String { text("pipeline_id") }
    var timeSeries: String? { stored.body["timeseries"]?.stringValue }
    var keys: [String] { (stored.body["keys"]?.arrayValue ?? []).compactMap(\.stringValue) }
    /// Where the rows are; nil before the first copy.
    var object: String? { stored.body["object"]?.stringValue }
    /// What a table of `/api/2.0/online-tables` was made from.
    var specification: JSONValue? { stored.body["specification"] }
    /// The source's version that was copied; nil for views.
    var version: Int? { stored.body["version"]?.intValue }

    private func text(_ name: String) -> String { stored.body[name]?.stringValue ?? "" }
}

/// Publishing to online stores: `…/tables/{name}/publish` and `…/online-tables/{name}`.
enum PublishedTables {
    static let operations = [publish, deleteTable]
    static let kind = OnlineTables.kind

    private static let publishPath = "/api/2.0/feature-store/tables/{source_table_name}/publish"

    private static let publish = Operation(
        "ml.feature_store.publish_table", .post, publishPath,
        limits:
            "rows are copied at once, whole at each publishing; a continuous table follows its source when it is looked up in"
    ) { call -> JSONValue in
        let body = try call.contractBody(.post, publishPath)
        let source = try Tables.name(call.path("source_table_name"), rpc: "PublishTable")
        let table = try call.workspace.tables.get(source, requiring: .select, by: call.principal)
        guard let spec = body["publish_spec"]?.objectValue else { throw WorkspaceError.missing("publish_spec") }
        let texts = try ["online_store", "online_table_name", "publish_mode"].map { name -> String in
            guard let text = spec[name]?.stringValue, !text.isEmpty else { throw WorkspaceError.missing("publish_spec.\(name)") }
            return text
        }
        let store = try OnlineStoresAPI.existing(texts[0], .read, call)
        let state = OnlineStoresAPI.state(store, call)
        guard state != .starting else {
            throw WorkspaceError(.invalidState, "Online store '\(store.id)' is \(state.rawValue): it takes tables once it is AVAILABLE.")
        }
        let name = try Tables.name(texts[1], rpc: "PublishTable")
        let keys = try keys(of: table, feature: spec["full_feature_name"]?.stringValue, call)
        try requireFeed(of: table, mode: texts[2])
        let known = try call.workspace.tables.find(name).map { try published($0, of: table, in: store.id, call) }
        let copied: PublishedTable
        if let known {
            copied = try await copy(table, to: known, mode: texts[2], by: call.principal, call)
        } else {
            copied = try await fill(try make(name, of: table, keys, in: store.id, call), from: table, mode: texts[2], call)
        }
        return ["online_table_name": .string(copied.name), "pipeline_id": .string(copied.pipelineID)]
    }

    private static let deleteTable = Operation(
        "ml.feature_store.delete_online_table", .delete, "/api/2.0/feature-store/online-tables/{online_table_name}"
    ) { call -> Void in
        let name = try Tables.name(call.path("online_table_name"), rpc: "DeleteOnlineTable")
        let info = try call.workspace.tables.get(name, by: call.principal)
        guard let table = try find(info, call), !table.store.isEmpty else { throw notFound(name) }
        try call.workspace.tables.delete(name, by: call.principal)
        try forget(table, call)
    }

    static func notFound(_ name: ObjectName) -> WorkspaceError {
        WorkspaceError(.resourceDoesNotExist, "Online table '\(name)' does not exist.")
    }

    // MARK: Look-up

    /// What was published to a row of the catalog; nil if it is another kind of table.
    static func find(_ table: TableInfo, _ call: Call) throws -> PublishedTable? {
        try call.workspace.resources.get(kind, table.id).map { PublishedTable(stored: $0) }
    }

    /// Those that the catalog still has, in the order of their making.
    static func all(in store: String? = nil, _ call: Call) throws -> [PublishedTable] {
        try call.workspace.resources.list(kind, parent: store).map { PublishedTable(stored: $0) }.filter { table in
            // A table may have been dropped behind its document.
            try call.workspace.tables.find(id: table.stored.id) != nil
        }
    }

    /// The online tables of a source, the last one made first.
    static func all(of source: ObjectName, _ call: Call) throws -> [PublishedTable] {
        try all(call).filter { $0.source == source.description }.reversed()
    }

    // MARK: Making and copying

    struct Keys {
        var primary: [String]
        var timeSeries: String?
    }

    private static func keys(of table: TableInfo, feature: String?, _ call: Call) throws -> Keys {
        if let keys = primaryKeys(of: table) { return keys }
        if let feature {
            let body = try Features.existing(feature, .read, call).body
            let entities = (body["entities"]?.arrayValue ?? []).compactMap { $0["name"]?.stringValue }
            let keys = Keys(primary: entities, timeSeries: body["timeseries_column"]?["name"]?.stringValue)
            try require(keys.primary + [keys.timeSeries].compactMap { $0 }, in: table)
            if !entities.isEmpty { return keys }
        }
        throw WorkspaceError.invalid("Table '\(table.name)' has no primary key constraint; an online table needs one.")
    }

    /// By the primary key constraint of the table; nil if it has none.
    static func primaryKeys(of table: TableInfo) -> Keys? {
        for constraint in table.constraints {
            guard case .primaryKey(let series) = constraint.kind else { continue }
            let primary = constraint.columns.filter { !series.contains($0) }
            // A table whose key is a time alone is looked up by this time.
            return primary.isEmpty ? Keys(primary: constraint.columns) : Keys(primary: primary, timeSeries: series.first)
        }
        return nil
    }

    static func require(_ columns: [String], in table: TableInfo) throws {
        let known = Set(table.columns.all.map { $0.name.lowercased() })
        for column in columns where !known.contains(column.lowercased()) {
            throw WorkspaceError.invalid("Column '\(column.prefix(255))' does not exist in table '\(table.name)'.")
        }
    }

    static func requireFeed(of table: TableInfo, mode: String) throws {
        guard mode != "SNAPSHOT" else { return }
        guard !table.type.isView, table.properties["delta.enableChangeDataFeed"]?.lowercased() == "true" else {
            throw WorkspaceError.invalid("The publish mode \(mode) needs the change data feed of table '\(table.name)' (delta.enableChangeDataFeed).")
        }
    }

    private static func published(_ info: TableInfo, of source: TableInfo, in store: String, _ call: Call) throws -> PublishedTable {
        guard let table = try find(info, call), table.store == store, table.source == source.name.description else {
            throw WorkspaceError(
                .tableAlreadyExists,
                "Table '\(info.name)' already exists and is not the online table of '\(source.name)' in the online store '\(store)'.")
        }
        try call.workspace.tables.requireManage(info, by: call.principal)
        return table
    }

    /// A row of the catalog and its document, without rows yet.
    static func make(_ name: ObjectName, of source: TableInfo, _ keys: Keys, in store: String, specification: JSONObject? = nil, _ call: Call)
        throws -> PublishedTable
    {
        let spec = TableSpec(name, .foreign, columns: source.columns)
        let made = try call.workspace.tables.create(spec, by: call.principal).table
        var body = JSONObject([
            ("name", .string(made.name.description)), ("source", .string(source.name.description)), ("source_id", .string(source.id)),
            ("keys", .array(keys.primary.map { .string($0) })), ("pipeline_id", .string(call.workspace.environment.ids.uuid())),
        ])
        body["timeseries"] = keys.timeSeries.map { .string($0) }
        body["specification"] = specification.map { .object($0) }
        return PublishedTable(
            stored: try call.workspace.resources.insert(
                kind, id: made.id, uniqueKey: nil, parent: store, owner: call.principal.userName, body))
    }

    /// The first copy; if it fails, there is no table.
    @discardableResult
    static func fill(_ made: PublishedTable, from source: TableInfo, mode: String, _ call: Call) async throws -> PublishedTable {
        do {
            return try await copy(source, to: made, mode: mode, by: call.principal, call)
        } catch {
            try call.workspace.tables.delete(Tables.name(made.name, rpc: "DeleteTable"), by: call.principal)
            try forget(made, call)
            throw error
        }
    }

    /// Puts the source's rows of now in the place of what was copied before.
    @discardableResult
    static func copy(_ source: TableInfo, to table: PublishedTable, mode: String, by principal: Principal, _ call: Call) async throws
        -> PublishedTable
    {
        let sql = call.tenant.sql
        let version = try sql.version(of: source)
        var query = "SELECT * FROM \(SQLService.quoted(source.name))"
        if let version { query += " VERSION AS OF \(version)" }
        if let series = table.timeSeries {
            let partition = table.keys.map(SQLService.quoted(column:)).joined(separator: ", ")
            query += " QUALIFY row_number() OVER (PARTITION BY \(partition) ORDER BY \(SQLService.quoted(column: series)) DESC) = 1"
        }
        let columns = source.columns.all
        let keys = try keyColumns(table.keys, in: source)
        var rows = OnlineRows(columns: columns.map(\.name), keys: keys)
        for row in try await sql.objects(of: query, by: principal) { try rows.add(row) }
        let object = "online-tables/\(table.stored.id)/\(call.workspace.environment.ids.hex16())"
        try sql.tables.objects.put(object, rows.encoded)
        let changed = try call.workspace.resources.update(kind, table.stored.id) { stored in
            stored.body["object"] = .string(object)
            stored.body["version"] = version.map { .int($0) }
            stored.body["mode"] = .string(mode)
            stored.body["rows"] = .int(rows.rows.count)
        }
        guard let changed else { throw WorkspaceError(.resourceDoesNotExist, "Online table '\(table.name)' does not exist.") }
        if let old = table.object {
            call.tenant.onlineRows.forget(old)
            try sql.tables.objects.delete(old)
        }
        call.tenant.onlineRows.put(object, rows)
        return PublishedTable(stored: changed)
    }

    static func keyColumns(_ names: [String], in table: TableInfo) throws(WorkspaceError) -> [OnlineRows.Key] {
        let columns = table.columns.all
        let keys = names.compactMap { key in columns.first { $0.name.lowercased() == key.lowercased() }.map { OnlineRows.Key($0) } }
        guard keys.count == names.count else { throw .invalid("Table '\(table.name)' has lost a column of its key.") }
        return keys
    }

    /// The rows that look-ups find; nil before the first copy.
    static func rows(of table: PublishedTable, _ call: Call) throws -> OnlineRows? {
        guard let object = table.object else { return nil }
        if let known = call.tenant.onlineRows.get(object) { return known }
        let bytes: [UInt8]
        do throws(StorageError) {
            bytes = try call.tenant.sql.tables.objects.get(object)
        } catch {
            // In a state that is asked for after it is past, the rows may have been replaced.
            if case .notFound = error { return nil }
            throw WorkspaceError(.internalError, "The rows of the online table '\(table.name)' cannot be read.")
        }
        guard let rows = OnlineRows(bytes) else {
            throw WorkspaceError(.internalError, "The rows of the online table '\(table.name)' cannot be read.")
        }
        call.tenant.onlineRows.put(object, rows)
        return rows
    }

    /// A continuous table after it has caught up with its source.
    static func current(_ table: PublishedTable, _ call: Call) async throws -> PublishedTable {
        guard table.mode == "CONTINUOUS", let source = try call.workspace.tables.find(Tables.name(table.source, rpc: "GetTable")),
            let newest = try call.tenant.sql.version(of: source), newest != table.version
        else { return table }
        guard let publisher = try call.workspace.principal(named: table.stored.owner) ?? call.workspace.administrator() else { return table }
        return try await copy(source, to: table, mode: table.mode, by: publisher, call)
    }

    /// The document and the rows of a table that is gone.
    static func forget(_ table: PublishedTable, _ call: Call) throws {
        _ = try call.workspace.resources.delete(kind, table.stored.id)
        guard let object = table.object else { return }
        call.tenant.onlineRows.forget(object)
        try call.tenant.sql.tables.objects.delete(object)
    }
}
