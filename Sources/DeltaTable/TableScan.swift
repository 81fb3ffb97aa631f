package import Columnar

/// The rows of some of a snapshot's files, file by file in log order, a row group at a time. Small ones are put together into larger batches.
package struct TableScan: Sendable {
    package let snapshot: Snapshot
    package let columns: [Int]
    package let files: [AddFile]
    package let schema: Schema
    private let batchRows: Int
    private let tests: [ColumnTest]
    private let counters: ScanCounters
    private var next = 0
    private var reader: DataFileReader?
    /// Read already, but too much for the last batch.
    private var held: RecordBatch?

    init(_ snapshot: Snapshot, columns: [Int], files: [AddFile], where tests: [ColumnTest], batchRows: Int, counters: ScanCounters) {
        self.snapshot = snapshot
        self.columns = columns
        self.files = files
        self.tests = tests
        self.counters = counters
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
            let file = files[next]
            next += 1
            if snapshot.isExcluded(file, tests) {
                counters.add { counts in
                    counts.filesPruned += 1
                    counts.bytesPruned &+= Int(clamping: file.size)
                }
                continue
            }
            counters.add { counts in
                counts.filesRead += 1
                counts.bytesRead &+= Int(clamping: file.size)
            }
            reader = try DataFileReader(snapshot, file, columns: columns, where: tests, counters: counters)
        }
    }
}

extension Snapshot {
    /// A scan of `columns` (positions in the schema, none for the number of rows alone) over all files or those given. Files and row groups without a
    /// row that passes the tests are left out as far as statistics tell.
    package func scan(
        columns: [Int], files: [AddFile]? = nil, where tests: [ColumnTest] = [], batchRows: Int = 8192, counters: ScanCounters = .all
    ) -> TableScan {
        TableScan(self, columns: columns, files: files ?? self.files, where: tests, batchRows: batchRows, counters: counters)
    }
}
