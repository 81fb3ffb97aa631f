import Columnar
import DeltaTable
import SparkErrors
import SparkSQL

/// A Delta table at one snapshot, as the engine sees it.
struct DeltaProvider: TableProvider {
    let snapshot: Snapshot
    var counters = ScanCounters.all

    var schema: Schema { snapshot.schema }
    var rowCount: Int? { snapshot.rowCount }

    func distinctBound(column: Int) -> Double? { snapshot.distinctBound(column: column) }

    func scan(columns: [Int], where tests: [ScanTest]) throws(SQLError) -> any BatchSource {
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
