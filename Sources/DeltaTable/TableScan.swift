package import Columnar

/// The rows of some of a snapshot's files, file by file in log order, a row group at a time. Small ones are put together into larger batches.
package struct TableScan: Sendable {
    package let snapshot: Snapshot
    package let columns: [Int]
    package let files: [AddFile]
    package let schema: Schema
    private let batchRows: Int
    private var next = 0
    private var reader: DataFileReader?
    /// Read already, but too much for the last batch.
    private var held: RecordBatch?

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
        var (rows, bytes) = (0, 0)
        while rows < batchRows, let batch = try nextPart() {
            let size = batch.columns.reduce(0) { $0 + $1.byteSize }
            // What is put together stays well below the limits of a column of strings.
            if !parts.isEmpty, rows + batch.rowCount > 8 * batchRows || bytes + size > Self.maxBytes {
                held = batch
                break
            }
            if batch.rowCount > 0 {
                parts.append(batch)
                rows += batch.rowCount
                bytes += size
            }
        }
        guard let first = parts.first else { return nil }
        return parts.count == 1 ? first : RecordBatch.concat(parts, schema: schema)
    }
}

extension TableScan {
    private static let maxBytes = 1 << 26

    /// The next row group of whatever file it is in.
    private mutating func nextPart() throws(DeltaError) -> RecordBatch? {
        if let part = held {
            held = nil
            return part
        }
        while true {
            if let part = try reader?.next() { return part }
            guard next < files.count else { return nil }
            reader = try DataFileReader(snapshot, files[next], columns: columns)
            next += 1
        }
    }
}

extension Snapshot {
    /// A scan of `columns` (positions in the schema, none for the number of rows alone) over all files or those given.
    package func scan(columns: [Int], files: [AddFile]? = nil, batchRows: Int = 8192) -> TableScan {
        TableScan(self, columns: columns, files: files ?? self.files, batchRows: batchRows)
    }
}
