import Columnar
import DeltaTable
import SparkErrors
import SparkSQL

/// Some of a table's files with a last column that numbers their rows: where DELETE, UPDATE and MERGE say which rows they mean.
struct NumberedProvider: TableProvider {
    let snapshot: Snapshot
    let files: [AddFile]

    var schema: Schema { Schema(snapshot.schema.fields + [Field("_row", .long)]) }

    var rowCount: Int? {
        var sum = 0
        for file in files {
            guard let rows = file.liveRecords else { return nil }
            sum += rows
        }
        return sum
    }

    /// All rows: those that are left out would not be counted.
    func scan(columns: [Int], where tests: [ScanTest]) throws(SQLError) -> any BatchSource {
        let number = snapshot.schema.fields.count
        return Source(
            scan: snapshot.scan(columns: columns.filter { $0 != number }, files: files), places: columns.map { $0 == number },
            schema: Schema(columns.map { schema.fields[$0] }))
    }

    private struct Source: BatchSource {
        var scan: TableScan
        /// Which of the columns are the number.
        let places: [Bool]
        let schema: Schema
        var number: Int64 = 0

        init(scan: TableScan, places: [Bool], schema: Schema) {
            self.scan = scan
            self.places = places
            self.schema = schema
        }

        mutating func next() throws(SQLError) -> RecordBatch? {
            let batch: RecordBatch
            do throws(DeltaError) {
                guard let read = try scan.nextBatch() else { return nil }
                batch = read
            } catch {
                throw SQLError(error)
            }
            let start = number
            let end = start + Int64(batch.rowCount)
            number = end
            var stored = batch.columns.makeIterator()
            var columns: [Column] = []
            for isNumber in places {
                if isNumber {
                    columns.append(Column(.long, .int64(PrimitiveArray(Array(start..<end)))))
                } else if let column = stored.next() {
                    columns.append(column)
                }
            }
            return RecordBatch(schema: schema, columns: columns, rowCount: batch.rowCount)
        }
    }
}
