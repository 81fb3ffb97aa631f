import Columnar

/// What a table's description must satisfy.
enum TableDefinition {
    /// The schema, if the description is one that a table can have.
    static func check(_ metadata: Metadata, table: String) throws(DeltaError) -> TableSchema {
        let schema: TableSchema
        do throws(SchemaError) {
            schema = try TableSchema(schemaString: metadata.schemaString)
        } catch {
            throw .unsupportedDataTypes([error.message])
        }
        try check(schema, metadata.partitionColumns, columnMapping: TableFeature.columnMapping.isUsed(metadata, schema))
        return schema
    }

    static func check(_ schema: TableSchema, _ partitionColumns: [String], columnMapping: Bool) throws(DeltaError) {
        var seen: Set<String> = []
        let duplicates = schema.fields.map(\.name).filter { !seen.insert($0.lowercased()).inserted }
        guard duplicates.isEmpty else { throw .duplicateColumns(duplicates) }
        let unsupported = schema.fields.filter { $0.type.contains(isInterval) }
        guard unsupported.isEmpty else { throw .unsupportedDataTypes(unsupported.map { "\($0.name): \($0.type.className)" }) }
        for field in schema.fields where field.type.hasVoidElements { throw .voidInComplexType(field.name, field.type.simpleText) }
        if !columnMapping {
            let invalid = schema.fields.map(\.name).filter { $0.contains { " ,;{}()\n\t=".contains($0) } }
            guard invalid.isEmpty else { throw .invalidColumnNames(invalid) }
        }
        var partitions: Set<Int> = []
        for name in partitionColumns {
            guard let position = schema.index(of: name) else { throw .partitionColumnNotFound(name, schema) }
            guard partitions.insert(position).inserted else { throw .duplicateColumns([name]) }
            let field = schema.fields[position]
            guard PartitionText.isSupported(field.type) else { throw .unsupportedPartitionType(field.name, field.type.simpleText) }
        }
        if !partitions.isEmpty, partitions.count == schema.fields.count { throw .onlyPartitionColumns() }
    }

    private static func isInterval(_ type: DataType) -> Bool {
        switch type {
        case .yearMonthInterval, .dayTimeInterval: true
        default: false
        }
    }
}

extension DataType {
    /// A list or map of `void`; a struct's field may be one.
    fileprivate var hasVoidElements: Bool {
        contains { type in
            switch type {
            case .array(.void, _), .map(.void, _, _), .map(_, .void, _): true
            default: false
            }
        }
    }

    /// As the service names intervals when it refuses them: by Spark's classes.
    fileprivate var className: String {
        switch self {
        case .yearMonthInterval(let range): "YearMonthIntervalType(\(range.start.rawValue),\(range.end.rawValue))"
        case .dayTimeInterval(let range): "DayTimeIntervalType(\(range.start.rawValue),\(range.end.rawValue))"
        default: sqlText
        }
    }
}
