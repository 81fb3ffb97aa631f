import Columnar
import DeltaTable

/// New columns that come with new rows.
enum SchemaEvolution {
    /// The description with the columns and struct fields that `fields` have more, behind those that are there; nil if there are none.
    static func widened(_ metadata: Metadata, _ schema: TableSchema, with fields: some Sequence<Field>) -> Metadata? {
        var widened = schema
        for field in fields {
            if let index = widened.index(of: field.name) {
                widened.fields[index].type = merged(widened.fields[index].type, field.type)
            } else {
                // A column of NULLs alone has no type that a file could hold.
                widened.fields.append(TableField(field.name, field.type.inTables))
            }
        }
        guard widened != schema else { return nil }
        var result = metadata
        result.schemaString = widened.schemaString
        return result
    }

    /// The old type with the struct fields that the new one has more.
    private static func merged(_ old: DataType, _ new: DataType) -> DataType {
        switch (old, new) {
        case (.structure(let fields), .structure(let others)):
            var result = fields.map { field in
                guard let other = others.first(where: { $0.name.lowercased() == field.name.lowercased() }) else { return field }
                return Field(field.name, merged(field.type, other.type), nullable: field.nullable, comment: field.comment)
            }
            for other in others where !fields.contains(where: { $0.name.lowercased() == other.name.lowercased() }) {
                result.append(Field(other.name, other.type.inTables))
            }
            return .structure(result)
        case (.array(let element, let containsNull), .array(let other, _)):
            return .array(element: merged(element, other), containsNull: containsNull)
        case (.map(let key, let value, let containsNull), .map(_, let other, _)):
            return .map(key: key, value: merged(value, other), valueContainsNull: containsNull)
        default: return old
        }
    }
}

extension DataType {
    fileprivate var inTables: DataType { self == .void ? .text : self }
}
