import Columnar
import DeltaTable
import SparkErrors
import SparkSQL

/// A Delta table at one snapshot, as the engine sees it.
struct DeltaProvider: TableProvider {
    let snapshot: Snapshot
    var counters = ScanCounters.all
    /// Of statements that name `_metadata`.
    var metadata: FileMetadata?

    var schema: Schema { snapshot.schema }
    var rowCount: Int? { snapshot.rowCount }

    private var hasRowIDs: Bool { snapshot.property("delta.enableRowTracking")?.lowercased() == "true" }

    var metadataColumn: Field? { metadata == nil ? nil : FileMetadata.field(hasRows: true, hasIDs: hasRowIDs) }

    func distinctBound(column: Int) -> Double? { schema.fields.indices.contains(column) ? snapshot.distinctBound(column: column) : nil }

    func scan(columns: [Int], where tests: [ScanTest]) throws(SQLError) -> any BatchSource {
        if let metadata, columns.contains(schema.fields.count) {
            let tracked = try onTable { try TrackedRows(snapshot) }
            return FileMetadataSource(snapshot, tracked, columns: columns, scheme: metadata.scheme, counters: counters)
        }
        let tests = tests.map { ColumnTest(column: $0.column, test: $0.test) }
        return Source(scan: snapshot.scan(columns: columns, where: tests, counters: counters))
    }

    private struct Source: BatchSource {
        var scan: TableScan

        mutating func next() throws(SQLError) -> RecordBatch? {
            do {
                return try scan.nextBatch()
            } catch {
                throw SQLError(error)
            }
        }
    }
}
