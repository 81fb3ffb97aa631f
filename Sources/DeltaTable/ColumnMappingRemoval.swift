import Columnar
import JSON

/// Writes a table anew under its columns' own names, without column mapping. Source: Delta's `RemoveColumnMappingCommand`.
package struct ColumnMappingRemoval {
    let table: DeltaTable
    let context: CommitContext
    let enforced: Set<TableFeature>

    package init(_ table: DeltaTable, _ context: CommitContext, enforcing enforced: Set<TableFeature>) {
        self.table = table
        self.context = context
        self.enforced = enforced
    }

    /// `mode`: what the property says from now on; nil takes it off the table.
    package func run(mode: String?) throws {
        var transaction = try table.begin(context, enforcing: enforced)
        let snapshot = transaction.snapshot
        var schema = snapshot.tableSchema
        for index in schema.fields.indices { schema.fields[index].removeMapping() }
        let invalid = schema.fields.flatMap { [$0.name] + $0.type.fieldNames }.filter { $0.contains { " ,;{}()\n\t=".contains($0) } }
        guard invalid.isEmpty else {
            throw DeltaError(
                "DELTA_INVALID_COLUMN_NAMES_WHEN_REMOVING_COLUMN_MAPPING", "42K05",
                "Found invalid character(s) among ' ,;{}()\\n\\t=' in the column names of your schema.\nInvalid column names: <invalidColumnNames>.\nColumn mapping cannot be removed when there are invalid characters in the column names.\nPlease rename the columns to remove the invalid characters and execute this command again.",
                ["invalidColumnNames": invalid.joined(separator: ", ")])
        }
        var metadata = snapshot.metadata
        metadata.schemaString = schema.schemaString
        metadata.configuration["delta.columnMapping.mode"] = mode
        metadata.configuration["delta.columnMapping.maxColumnId"] = nil
        let tracked = try TrackedRows(snapshot)
        var target = try table.writeTarget(metadata)
        if tracked != nil, let plain = try TrackedRows(try snapshot.described(by: metadata)) { target = plain.target }
        var added: [AddFile] = []
        var rows = 0
        for file in snapshot.files {
            let batch =
                if let tracked { try tracked.read(file) } else { try snapshot.read(file, columns: Array(snapshot.schema.fields.indices)) }
            rows += batch.rowCount
            var writer = DeltaWriter(target, context, maxRowsPerFile: .max)
            try writer.write(batch)
            added += try writer.finish().map { written in
                var written = written
                written.dataChange = false
                written.tags = file.tags
                written.clusteringProvider = file.clusteringProvider
                return written
            }
        }
        transaction.reads.readWholeTable()
        transaction.remove(snapshot.files, dataChange: false)
        transaction.add(added)
        // Clustering columns are known by their physical names.
        if let domain = snapshot.domains["delta.clustering"], let json = try? JSONValue(parsing: Array(domain.configuration.utf8)) {
            let paths = (json["clusteringColumns"]?.arrayValue ?? []).compactMap { $0.arrayValue?.compactMap(\.stringValue) }
            transaction.set(DomainMetadata.clustering(paths.map { snapshot.tableSchema.logicalPath($0) }))
        }
        try transaction.set(metadata, snapshot.tableProtocol)
        var operation = CommitOperation("REMOVE COLUMN MAPPING")
        operation.metrics = [
            ("numRewrittenFiles", "\(snapshot.files.count)"), ("numOutputBytes", "\(added.reduce(0) { $0 &+ $1.size })"),
            ("numRemovedBytes", "\(snapshot.sizeInBytes)"), ("numCopiedRows", "\(rows)"),
            ("numDeletionVectorsRemoved", "\(snapshot.files.count { $0.deletionVector != nil })"),
        ]
        _ = try transaction.commit(operation)
    }
}

extension TableSchema {
    /// The names of a path of physical ones.
    func logicalPath(_ physical: [String]) -> [String] {
        guard let first = physical.first, let field = fields.first(where: { $0.physicalName == first }) else { return physical }
        var path: [String] = []
        for step in physical.dropFirst() {
            let found = field.fields(at: path)?.first { inner in
                let metadata = field.nestedMetadata[path + [inner.name]]
                return (metadata?[TableField.physicalNameKey]?.stringValue ?? inner.name) == step
            }
            path.append(found?.name ?? step)
        }
        return [field.name] + path
    }
}

extension TableField {
    mutating func removeMapping() {
        let keys = [
            Self.columnMappingIDKey, Self.physicalNameKey, "delta.columnMapping.nested.ids",
        ]
        for key in keys {
            metadata[key] = nil
            for path in Array(nestedMetadata.keys) { nestedMetadata[path]?[key] = nil }
        }
        for (path, left) in nestedMetadata where left.members.isEmpty { nestedMetadata[path] = nil }
    }
}

extension DataType {
    /// The names of all struct fields inside.
    fileprivate var fieldNames: [String] {
        switch self {
        case .array(let element, _): element.fieldNames
        case .map(let key, let value, _): key.fieldNames + value.fieldNames
        case .structure(let fields): fields.flatMap { [$0.name] + $0.type.fieldNames }
        default: []
        }
    }
}
