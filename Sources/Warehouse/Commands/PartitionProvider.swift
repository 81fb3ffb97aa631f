import Columnar
import DeltaTable
import SparkErrors
import SparkSQL

/// A table's partition columns, a row a file, with a last column that numbers the files.
struct PartitionProvider: TableProvider {
    let rows: RecordBatch

    init(_ snapshot: Snapshot) throws(DeltaError) {
        let values = try snapshot.partitionRows(snapshot.files)
        let count = snapshot.files.count
        let numbers = Column(.long, .int64(PrimitiveArray(Array(0..<Int64(count)))))
        rows = RecordBatch(
            schema: Schema(values.schema.fields + [Field("_row", .long)]), columns: values.columns + [numbers], rowCount: count)
    }

    var schema: Schema { rows.schema }
    var rowCount: Int? { rows.rowCount }

    func scan(columns: [Int], where tests: [ScanTest]) throws(SQLError) -> any BatchSource {
        Source(
            schema: Schema(columns.map { schema.fields[$0] }),
            batch: RecordBatch(
                schema: Schema(columns.map { schema.fields[$0] }), columns: columns.map { rows.columns[$0] }, rowCount: rows.rowCount))
    }

    private struct Source: BatchSource {
        let schema: Schema
        var batch: RecordBatch?

        init(schema: Schema, batch: RecordBatch) {
            self.schema = schema
            self.batch = batch.rowCount > 0 ? batch : nil
        }

        mutating func next() throws(SQLError) -> RecordBatch? {
            let next = batch
            batch = nil
            return next
        }
    }
}
