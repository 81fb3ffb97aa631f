package import Columnar

/// The rows of some of a snapshot's files, file by file in log order. Small files are put together into larger batches.
package struct TableScan: Sendable {
    package let snapshot: Snapshot
    package let columns: [Int]
    package let files: [AddFile]
    package let schema: Schema
    private let batchRows: Int
    private var next = 0

    init(_ snapshot: Snapshot, columns: [Int], files: [AddFile], batchRows: Int) {
        self.snapshot = snapshot
        self.columns = columns
        self.files = files
        self.batchRows = batchRows
        schema = Schema(columns.map { snapshot.schema.fields[$0] })
    }

    /// nil at the end. No batch is empty.
    package mutating func nextBatch() throws(DeltaError) -> RecordBatch? {
        var parts: [RecordBatch] = []
        var rows = 0
        while next < files.count, rows < batchRows {
            let batch = try snapshot.read(files[next], columns: columns)
            // What is put together stays well below the limits of a column of strings.
            if !parts.isEmpty, rows + batch.rowCount > 8 * batchRows { break }
            next += 1
            if batch.rowCount > 0 {
                parts.append(batch)
                rows += batch.rowCount
            }
        }
        guard let first = parts.first else { return nil }
        return parts.count == 1 ? first : RecordBatch.concat(parts, schema: schema)
    }
}

extension Snapshot {
    /// A scan of `columns` (positions in the schema, none for the number of rows alone) over all files or those given.
    package func scan(columns: [Int], files: [AddFile]? = nil, batchRows: Int = 8192) -> TableScan {
        TableScan(self, columns: columns, files: files ?? self.files, batchRows: batchRows)
    }
}
