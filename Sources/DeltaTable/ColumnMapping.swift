import Columnar
import JSON

/// Ids and names under which data files know columns, so that a column can be renamed or dropped without touching them.
/// Source: Delta's PROTOCOL.md, "Column Mapping".
enum ColumnMapping {
    private static let maxIDKey = "delta.columnMapping.maxColumnId"

    /// Gives an id and a physical name to each field that has none, nested ones too. `isUpgrade`: data files exist already under the fields' own names.
    static func assign(_ metadata: inout Metadata, _ schema: TableSchema, isUpgrade: Bool, newUUID: () -> String) {
        var schema = schema
        var lastID = metadata.configuration[maxIDKey].flatMap { Int($0) } ?? 0
        for field in schema.fields {
            lastID = max(lastID, id(field.metadata) ?? 0, field.nestedMetadata.values.map { id($0) ?? 0 }.max() ?? 0)
        }
        func complete(_ existing: JSONObject, name: String) -> JSONObject {
            var completed = existing
            if id(completed) == nil {
                lastID += 1
                completed[TableField.columnMappingIDKey] = .int(lastID)
            }
            if completed[TableField.physicalNameKey] == nil {
                completed[TableField.physicalNameKey] = .string(isUpgrade ? name : "col-" + newUUID())
            }
            return completed
        }
        for index in schema.fields.indices {
            var field = schema.fields[index]
            field.metadata = complete(field.metadata, name: field.name)
            for (path, name) in structFields(field.type, path: []) {
                field.nestedMetadata[path] = complete(field.nestedMetadata[path] ?? JSONObject(), name: name)
            }
            schema.fields[index] = field
        }
        metadata.configuration[maxIDKey] = String(lastID)
        metadata.schemaString = schema.schemaString
    }

    private static func id(_ metadata: JSONObject) -> Int? { metadata[TableField.columnMappingIDKey]?.intValue }

    /// The fields of structs inside a type, by their paths as in `TableField.nestedMetadata`.
    private static func structFields(_ type: DataType, path: [String]) -> [(path: [String], name: String)] {
        switch type {
        case .array(let element, _): structFields(element, path: path + ["element"])
        case .map(let key, let value, _): structFields(key, path: path + ["key"]) + structFields(value, path: path + ["value"])
        case .structure(let fields):
            fields.flatMap { [(path + [$0.name], $0.name)] + structFields($0.type, path: path + [$0.name]) }
        default: []
        }
    }
}
