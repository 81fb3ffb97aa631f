package import Columnar

/// A table's rows with the ids that they keep when they are written anew, and the versions that they are of, as two columns behind the table's own.
/// Source: Delta's PROTOCOL.md, "Row Tracking".
package struct TrackedRows: Sendable {
    /// The table with the two columns.
    package let snapshot: Snapshot

    /// nil if the table's rows have no ids that last.
    package init?(_ snapshot: Snapshot) throws(DeltaError) {
        guard snapshot.property("delta.enableRowTracking")?.lowercased() == "true" else { return nil }
        let names = RowTracking.columns.compactMap { snapshot.property($0) }
        guard names.count == RowTracking.columns.count, snapshot.property("delta.columnMapping.mode")?.lowercased() != "id" else {
            throw .unsupportedForWrite(snapshot.tableName, ["rowTracking"])
        }
        var metadata = snapshot.metadata
        metadata.schemaString = TableSchema(snapshot.tableSchema.fields + names.map { TableField($0, .long) }).schemaString
        self.snapshot = try snapshot.described(by: metadata)
    }

    /// Where rows with both columns are written. A NULL stands for what the new file gives: a fresh id, the version of its commit.
    package var target: WriteTarget {
        WriteTarget(
            snapshot.log, snapshot.cache, schema: snapshot.tableSchema, partitionColumns: snapshot.metadata.partitionColumns,
            properties: snapshot.metadata.configuration)
    }

    /// A file's rows: columns of the table (positions), or all, then ids and versions.
    package func read(_ file: AddFile, columns wanted: [Int]? = nil) throws(DeltaError) -> RecordBatch {
        let own = snapshot.schema.fields.count - 2
        let positions = (wanted ?? Array(0..<own)) + [own, own + 1]
        let batch = try snapshot.read(file, columns: positions)
        let count = batch.rowCount
        var columns = batch.columns
        guard columns.count >= 2, let base = file.baseRowID else {
            throw .unsupportedForWrite(snapshot.tableName, ["rowTracking of files without ids"])
        }
        let places = try snapshot.livePositions(file)
        let ids = columns[columns.count - 2]
        let versions = columns[columns.count - 1]
        if ids.nullCount > 0 {
            columns[columns.count - 2] = Column(
                .long,
                of: (0..<count).map { row in
                    let stored = ids.value(at: row)
                    guard case .null = stored else { return stored }
                    let place = places.map { $0.indices.contains(row) ? Int64($0[row]) : Int64(row) } ?? Int64(row)
                    return .integer(base &+ place)
                })
        }
        if versions.nullCount > 0 {
            let version: Value = file.defaultRowCommitVersion.map { .integer($0) } ?? .null
            columns[columns.count - 1] = Column(
                .long,
                of: (0..<count).map { row in
                    let stored = versions.value(at: row)
                    guard case .null = stored else { return stored }
                    return version
                })
        }
        return RecordBatch(schema: batch.schema, columns: columns, rowCount: count)
    }

    /// Rows of the table with ids of their own; nil: with those that the new file gives.
    package func extended(_ rows: RecordBatch, ids: [Int64]?) -> RecordBatch {
        let nulls = Column.nulls(.long, count: rows.rowCount)
        let given = ids.map { Column(.long, .int64(PrimitiveArray($0))) } ?? nulls
        return RecordBatch(schema: snapshot.schema, columns: rows.columns + [given, nulls], rowCount: rows.rowCount)
    }

    /// The rows without both columns.
    package func plain(_ rows: RecordBatch) -> RecordBatch {
        RecordBatch(schema: Schema(Array(snapshot.schema.fields.dropLast(2))), columns: Array(rows.columns.dropLast(2)), rowCount: rows.rowCount)
    }
}
