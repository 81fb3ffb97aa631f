import JSON
import Workspace

/// A table of the catalog as a feature table.
struct FeatureTable {
    let info: TableInfo
    /// What the catalog does not know of it; empty if nothing is.
    let document: JSONObject
    let primaryKeys: [String]
    let timestampKeys: [String]

    init(_ info: TableInfo, _ call: Call) throws {
        self.info = info
        document = try call.workspace.resources.get(FeatureTablesAPI.kind, info.id)?.body ?? JSONObject()
        if let keys = PublishedTables.primaryKeys(of: info) {
            primaryKeys = keys.primary
            timestampKeys = [keys.timeSeries].compactMap { $0 }
        } else {
            primaryKeys = Self.texts(document["primary_keys"])
            timestampKeys = Self.texts(document["timestamp_keys"])
        }
    }

    private static func texts(_ value: JSONValue?) -> [String] { (value?.arrayValue ?? []).compactMap(\.stringValue) }

    var columns: [ColumnInfo] { info.columns.all }

    /// The columns that are no keys.
    var features: [ColumnInfo] {
        let keys = Set((primaryKeys + timestampKeys).map { $0.lowercased() })
        return columns.filter { !keys.contains($0.name.lowercased()) }
    }

    func column(_ name: String) throws -> ColumnInfo {
        guard let column = columns.first(where: { $0.name.lowercased() == name.lowercased() }) else {
            throw WorkspaceError(.resourceDoesNotExist, "Feature '\(name.prefix(255))' does not exist in feature table '\(info.name)'.")
        }
        return column
    }

    func json(_ call: Call) throws -> JSONValue {
        func list(_ names: [String]) -> JSONValue { .array(names.map { .string($0) }) }
        let partitions = columns.filter { $0.partitionIndex != nil }.sorted { ($0.partitionIndex ?? 0) < ($1.partitionIndex ?? 0) }
        var object = JSONObject([
            ("name", .string(info.name.description)), ("id", .string(info.id)), ("creation_timestamp", .int(info.createdAt)),
            ("last_updated_timestamp", .int(info.updatedAt)), ("creator_id", .string(info.createdBy)), ("owner_id", .string(info.owner)),
            ("last_update_user_id", .string(info.updatedBy)), ("description", .string(info.comment ?? "")), ("primary_keys", list(primaryKeys)),
            ("partition_keys", list(partitions.map(\.name))), ("timestamp_keys", list(timestampKeys)), ("features", list(features.map(\.name))),
            ("data_sources", document["data_sources"] ?? []), ("online_stores", .array(try onlineStores(call))),
            ("permission_level", "MANAGED_BY_UC"), ("is_imported", document["is_imported"] ?? false),
            ("tags", .array(try FeatureTableFeatures.tags(Tags.Entity(type: .table, name: info.name.description), call))),
        ])
        for name in ["notebook_producers", "job_producers", "dlt_pipeline_producers"] { object[name] = document[name] }
        return .object(object)
    }

    /// What it was published to.
    func onlineStores(_ call: Call) throws -> [JSONValue] {
        try PublishedTables.all(of: info.name, call).reversed().map { table in
            ["name": .string(table.name), "store_type": "DATABRICKS_ONLINE_STORE"]
        }
    }

    /// `Feature` of the API.
    func json(_ column: ColumnInfo) -> JSONValue {
        var object = JSONObject([
            ("table", .string(info.name.description)), ("name", .string(column.name)), ("id", .string("\(info.id).\(column.name)")),
            ("data_type", .string(Self.dataType(column))), ("description", .string(column.comment ?? "")),
            ("creation_timestamp", .int(info.createdAt)), ("creator_id", .string(info.createdBy)),
            ("last_updated_timestamp", .int(info.updatedAt)), ("last_update_user_id", .string(info.updatedBy)),
        ])
        if ["ARRAY", "MAP", "STRUCT", "DECIMAL"].contains(column.typeName), let type = try? JSONValue(parsing: column.typeJSON) {
            object["data_type_details"] = .string((type["type"] ?? type).text)
        }
        return .object(object)
    }

    /// Spark's names of types, in capitals.
    private static func dataType(_ column: ColumnInfo) -> String { column.typeName == "INT" ? "INTEGER" : column.typeName }
}
