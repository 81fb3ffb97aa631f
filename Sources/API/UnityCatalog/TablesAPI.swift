import HTTPTypes
import JSON
import Workspace

/// Tables and views: `/api/2.1/unity-catalog/tables`. Managed ones and views are made by SQL.
package enum TablesAPI: APIGroup {
    package static let operations = [create, list, listSummaries, get, exists, update, delete]

    private static let getLimit = "include_delta_metadata and include_manifest_capabilities change nothing."

    static let create = Operation.unityCatalog(
        "catalog.tables.create", .post, "/tables",
        limits: "External tables; managed ones are made by SQL. Without an external location around it, an administrator may use any location."
    ) { call in
        let body = try call.fields()
        let name = ObjectName(
            catalog: try SecurableName.new(body.name("catalog_name"), rpc: "CreateTable", field: "TableInfo.catalog_name"),
            schema: try SecurableName.new(body.name("schema_name"), rpc: "CreateTable", field: "TableInfo.schema_name"),
            name: try SecurableName.new(body.name("name"), rpc: "CreateTable", field: "TableInfo.name"))
        guard let type = try body.choice(optional: "table_type", of: TableType.allCases.map(\.rawValue)) else {
            throw WorkspaceError.missingField("CreateTable", "table_type")
        }
        guard let format = try body.choice(optional: "data_source_format", of: formats) else {
            throw WorkspaceError.missingField("CreateTable", "data_source_format")
        }
        guard type == TableType.external.rawValue else {
            throw WorkspaceError.unityCatalog(
                .invalidParameterValue, "CreateTable only supports external tables; '\(name)' has the type \(type).")
        }
        guard let location = try body.string(optional: "storage_location"), !location.isEmpty else {
            throw WorkspaceError.missingField("CreateTable", "storage_location")
        }
        let columns = try body.objects("columns").enumerated().map { position, column in try Self.column(column, position) }
        var spec = TableSpec(name, .external, format: format, columns: ColumnList(columns))
        spec.location = location
        spec.properties = try body.properties("properties") ?? .empty
        spec.comment = try body.string(optional: "comment")
        let table = try call.workspace.tables.create(spec, by: call.principal).table
        let metastoreID = try UnityCatalogAPI.metastoreID(call)
        return .object { table.write(to: &$0, metastoreID: metastoreID) }
    }

    private static let formats = ["AVRO", "CSV", "DELTA", "DELTASHARING", "ICEBERG", "JSON", "ORC", "PARQUET", "TEXT", "UNITY_CATALOG"]

    private static let typeNames = [
        "ARRAY", "BINARY", "BOOLEAN", "BYTE", "CHAR", "DATE", "DECIMAL", "DOUBLE", "FLOAT", "GEOGRAPHY", "GEOMETRY", "INT", "INTERVAL", "LONG",
        "MAP", "NULL", "SHORT", "STRING", "STRUCT", "TABLE_TYPE", "TIMESTAMP", "TIMESTAMP_NTZ", "USER_DEFINED_TYPE", "VARIANT",
    ]

    private static func column(_ body: Fields, _ position: Int) throws -> ColumnInfo {
        let name = try body.string("name")
        let type = try body.string(optional: "type_text") ?? ""
        let json = try body.string(optional: "type_json") ?? ""
        let nullable = try body.bool(optional: "nullable") ?? true
        let field: JSONValue = ["name": .string(name), "type": .string(type), "nullable": .bool(nullable), "metadata": [:]]
        return ColumnInfo(
            name: name, typeText: type, typeName: try body.choice(optional: "type_name", of: typeNames) ?? "STRING",
            typeJSON: json.isEmpty ? field.text : json, precision: try body.int(optional: "type_precision"),
            scale: try body.int(optional: "type_scale"),
            intervalType: try body.string(optional: "type_interval_type"), position: try body.int(optional: "position") ?? position,
            nullable: nullable, comment: try body.string(optional: "comment"), partitionIndex: try body.int(optional: "partition_index"))
    }

    static let list = Operation.unityCatalog(
        "catalog.tables.list", .get, "/tables", limits: "include_manifest_capabilities changes nothing."
    ) { call in
        let catalog = try call.query.parent("catalog_name", rpc: "ListTables")
        let schema = SchemaName(catalog: catalog, schema: try call.query.parent("schema_name", rpc: "ListTables"))
        let paging = try Paging(call, list: "tables/\(schema)", pageSize: UnityCatalogAPI.pageSize, unlimitedByDefault: true)
        let metastoreID = try UnityCatalogAPI.metastoreID(call)
        let withColumns = try !(call.query.bool("omit_columns") ?? false)
        let withNames = try !(call.query.bool("omit_username") ?? false)
        let rows = try call.workspace.tables.list(
            in: schema, after: paging.after, limit: paging.fetchLimit, columns: withColumns,
            properties: try !(call.query.bool("omit_properties") ?? false), browse: try call.query.bool("include_browse") ?? false,
            by: call.principal)
        return paging.encoded("tables", rows, key: \.name.name) {
            $0.write(to: &$1, metastoreID: metastoreID, inList: true, columns: withColumns, names: withNames)
        }
    }

    static let listSummaries = Operation.unityCatalog("catalog.tables.list_summaries", .get, "/table-summaries") { call in
        let catalog = try call.query.parent("catalog_name", rpc: "ListTableSummaries").lowercased()
        let patterns = (schema: call.query.string("schema_name_pattern"), table: call.query.string("table_name_pattern"))
        let paging = try Paging(
            call, list: "table-summaries/\(catalog)/\(patterns.schema ?? "")/\(patterns.table ?? "")",
            pageSize: UnityCatalogAPI.largePageSize)
        let rows = try call.workspace.tables.list(
            inCatalog: catalog, schemaPattern: patterns.schema, tablePattern: patterns.table, after: last(paging.after),
            limit: paging.fetchLimit,
            by: call.principal)
        return paging.encoded("tables", rows, key: { "\($0.name.schema).\($0.name.name)" }) { table, writer in
            writer.member("full_name", table.name.description)
            writer.member("table_type", table.type.rawValue)
        }
    }

    static let get = Operation.unityCatalog("catalog.tables.get", .get, "/tables/{full_name}", limits: getLimit) { call in
        let table = try call.workspace.tables.get(
            Tables.name(call.path("full_name"), rpc: "GetTable"), browse: try call.query.bool("include_browse") ?? false, by: call.principal)
        let metastoreID = try UnityCatalogAPI.metastoreID(call)
        return .object(capacity: 1024 + table.columns.json.utf8.count) { table.write(to: &$0, metastoreID: metastoreID) }
    }

    /// A missing catalog or schema is an error, a missing table is an answer.
    static let exists = Operation.unityCatalog("catalog.tables.exists", .get, "/tables/{full_name}/exists") { call in
        let name = try Tables.name(call.path("full_name"), rpc: "TableExists")
        do {
            _ = try call.workspace.tables.get(name, by: call.principal)
            return .object { $0.member("table_exists", true) }
        } catch let error as WorkspaceError where error.code == .tableDoesNotExist {
            return .object { $0.member("table_exists", false) }
        }
    }

    static let update = Operation.unityCatalog("catalog.tables.update", .patch, "/tables/{full_name}") { call in
        let name = try Tables.name(call.path("full_name"), rpc: "UpdateTable")
        let body = try call.fields()
        var change = TableChange()
        change.owner = try body.owner()
        change.comment = try body.string(optional: "comment")
        change.properties = try body.properties("properties")
        change.predictiveOptimization = try body.predictiveOptimization()
        let table = try call.workspace.tables.update(name, by: call.principal) { _ in change }
        let metastoreID = try UnityCatalogAPI.metastoreID(call)
        return .object { table.write(to: &$0, metastoreID: metastoreID) }
    }

    static let delete = Operation.unityCatalog("catalog.tables.delete", .delete, "/tables/{full_name}") { call in
        try call.workspace.tables.delete(Tables.name(call.path("full_name"), rpc: "DeleteTable"), by: call.principal)
        return .emptyObject
    }

    /// The key of a page of summaries: names have no periods.
    private static func last(_ key: String?) -> Tables.SchemaAndTable? {
        guard let key, let period = key.firstIndex(of: ".") else { return nil }
        return (String(key[..<period]), String(key[key.index(after: period)...]))
    }
}

extension TableInfo {
    /// Members that are shown at the columns, or not at all.
    private static let internalDetails: Set<String> = [
        "column_masks", "dataset_statement", "online_table", "database_table", "synced_table", "postgres_synced_table",
        "view_current_catalog", "view_current_schema",
    ]

    private static func column(_ column: ColumnInfo, _ masks: [JSONValue]) -> JSONValue {
        guard let mask = masks.first(where: { $0["column_name"]?.stringValue == column.name }), var object = column.json.objectValue else {
            return column.json
        }
        object["mask"] = shown(mask)
        return .object(object)
    }

    /// A filter or mask as the API has it.
    private static func shown(_ policy: JSONValue) -> JSONValue {
        guard var object = policy.objectValue else { return policy }
        object["sql_arguments"] = nil
        object["column_name"] = nil
        return .object(object)
    }

    /// Members that lists leave out.
    private static let notInLists: Set<String> = ["view_dependencies", "table_constraints"]

    fileprivate func write(
        to writer: inout JSONWriter, metastoreID: String, inList: Bool = false, columns withColumns: Bool = true, names: Bool = true
    ) {
        writer.member("name", name.name)
        writer.member("catalog_name", name.catalog)
        writer.member("schema_name", name.schema)
        writer.member("table_type", type.rawValue)
        writer.optional("data_source_format", format)
        let known = details.flatMap { try? JSONValue(parsing: $0) }
        if withColumns, !columns.isEmpty {
            if let masks = known?["column_masks"]?.arrayValue {
                writer.member("columns", .array(columns.all.map { Self.column($0, masks) }))
            } else {
                writer.encoded("columns", columns.json)
            }
        }
        writer.optional("storage_location", location)
        writer.optional("view_definition", viewDefinition)
        if names { writer.member("owner", owner) }
        writer.optional("comment", comment)
        writer.properties("properties", properties)
        writer.member("metastore_id", metastoreID)
        writer.member("full_name", name.description)
        writer.times(createdAt: createdAt, createdBy: createdBy, updatedAt: updatedAt, updatedBy: updatedBy, names: names)
        writer.member("table_id", id)
        if !type.isView {
            writer.member("enable_predictive_optimization", predictiveOptimization.rawValue)
            writer.effective(effectivePredictiveOptimization)
        }
        if case .object(let members)? = known {
            for member in members.members where !TableInfo.internalDetails.contains(member.name) {
                if inList, TableInfo.notInLists.contains(member.name) { continue }
                writer.member(member.name, member.name == "row_filter" ? Self.shown(member.value) : member.value)
            }
        }
        writer.member("browse_only", browseOnly)
    }
}
