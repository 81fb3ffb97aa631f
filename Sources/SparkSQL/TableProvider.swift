package import Columnar
package import SparkErrors

/// A table's content at one moment.
package protocol TableProvider: Sendable {
    var schema: Schema { get }
    /// A column behind those of the schema that only its name reaches, such as `_metadata`; nil for none.
    var metadataColumn: Field? { get }
    /// Rows, if that is known without reading.
    var rowCount: Int? { get }
    /// At most so many distinct values are in the column (a position in `schema`), if that is known without reading.
    func distinctBound(column: Int) -> Double?
    /// Batches of these columns (positions in `schema`; none: only row counts), always in the same order. Rows that fail a test may be left out.
    func scan(columns: [Int], where tests: [ScanTest]) throws(SQLError) -> any BatchSource
    /// The same where no more than so many rows will be read: which they are is the table's choice.
    func scan(columns: [Int], where tests: [ScanTest], atMost rows: Int?) throws(SQLError) -> any BatchSource
}

/// A test of one column's values.
package struct ScanTest: Sendable {
    /// A position in the table's schema.
    package let column: Int
    package let test: ValueTest
}

extension TableProvider {
    package func scan(columns: [Int]) throws(SQLError) -> any BatchSource { try scan(columns: columns, where: []) }
    package func scan(columns: [Int], where tests: [ScanTest], atMost rows: Int?) throws(SQLError) -> any BatchSource {
        try scan(columns: columns, where: tests)
    }
    package func distinctBound(column: Int) -> Double? { nil }
    package var metadataColumn: Field? { nil }
}

/// A sequence of batches, pulled one by one; nil is the end.
package protocol BatchSource {
    mutating func next() throws(SQLError) -> RecordBatch?
}

/// Batches that are in memory already.
package struct BatchList: BatchSource {
    private let batches: [RecordBatch]
    private var position = 0

    package init(_ batches: [RecordBatch]) { self.batches = batches }

    package mutating func next() throws(SQLError) -> RecordBatch? {
        guard batches.indices.contains(position) else { return nil }
        defer { position += 1 }
        return batches[position]
    }
}

/// A table held in memory.
package struct MemoryTable: TableProvider {
    package let schema: Schema
    package let batches: [RecordBatch]

    /// The batches' columns must be those of `schema`.
    package init(schema: Schema, batches: [RecordBatch]) {
        self.schema = schema
        self.batches = batches
    }

    package var rowCount: Int? { batches.reduce(0) { $0 + $1.rowCount } }

    package func scan(columns: [Int], where tests: [ScanTest]) throws(SQLError) -> any BatchSource {
        let part = Schema(columns.map { schema.fields[$0] })
        return BatchList(batches.map { batch in RecordBatch(schema: part, columns: columns.map { batch.columns[$0] }, rowCount: batch.rowCount) })
    }
}

extension MemoryTable {
    /// With a last column that numbers the rows.
    static func numbered(_ schema: Schema, _ batches: [RecordBatch]) -> MemoryTable {
        let whole = Schema(schema.fields + [Field("_row", .long)])
        var start: Int64 = 0
        return MemoryTable(
            schema: whole,
            batches: batches.map { batch in
                let numbers = PrimitiveArray(Array(start..<start + Int64(batch.rowCount)))
                start += Int64(batch.rowCount)
                return RecordBatch(schema: whole, columns: batch.columns + [Column(.long, .int64(numbers))], rowCount: batch.rowCount)
            })
    }
}
