package import Columnar
package import JSON

/// A table's columns with what Delta keeps beside them.
package struct TableSchema: Sendable, Hashable {
    package var fields: [TableField]

    package init(_ fields: [TableField]) { self.fields = fields }

    package init(_ schema: Schema) { fields = schema.fields.map { TableField($0) } }

    /// Physical names count only while column mapping is on.
    mutating func dropPhysicalNames() {
        for index in fields.indices {
            if fields[index].metadata[TableField.physicalNameKey] != nil { fields[index].metadata[TableField.physicalNameKey] = nil }
            for (path, metadata) in fields[index].nestedMetadata where metadata[TableField.physicalNameKey] != nil {
                fields[index].nestedMetadata[path]?[TableField.physicalNameKey] = nil
            }
        }
    }

    package var schema: Schema { Schema(fields.map(\.field)) }

    /// Without regard to case.
    package func index(of name: String) -> Int? {
        fields.firstIndex { $0.name == name } ?? fields.firstIndex { $0.name.lowercased() == name.lowercased() }
    }
}

/// A top-level column.
package struct TableField: Sendable, Hashable {
    package var name: String
    package var type: DataType
    package var nullable: Bool
    /// Members such as `comment`, `CURRENT_DEFAULT`, `delta.generationExpression`, `delta.columnMapping.physicalName`.
    package var metadata: JSONObject
    /// The metadata of struct fields inside the type, by their path: field names, and `element`, `key`, `value` for what is in lists and maps.
    package var nestedMetadata: [[String]: JSONObject]

    package init(_ name: String, _ type: DataType, nullable: Bool = true, metadata: JSONObject = JSONObject()) {
        self.name = name
        self.type = type
        self.nullable = nullable
        self.metadata = metadata
        nestedMetadata = [:]
    }

    package init(_ field: Field) {
        self.init(field.name, field.type, nullable: field.nullable)
        comment = field.comment
    }

    package var field: Field { Field(name, type, nullable: nullable, comment: comment) }

    package var comment: String? {
        get { metadata["comment"]?.stringValue }
        set { metadata["comment"] = newValue.map { .string($0) } }
    }

    /// The column's name in data files, in statistics and in partition values.
    package var physicalName: String { metadata[Self.physicalNameKey]?.stringValue ?? name }

    /// The column's id in data files, where column mapping has given one.
    package var columnMappingID: Int32? { metadata[Self.columnMappingIDKey]?.intValue.flatMap { Int32(exactly: $0) } }

    static let columnMappingIDKey = "delta.columnMapping.id"
    static let physicalNameKey = "delta.columnMapping.physicalName"

    /// SQL text of the column's default.
    package var currentDefault: String? { metadata["CURRENT_DEFAULT"]?.stringValue }
    package var generationExpression: String? { metadata["delta.generationExpression"]?.stringValue }
    package var isIdentity: Bool { metadata["delta.identity.start"] != nil }
}
