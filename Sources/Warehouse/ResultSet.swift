package import Columnar

/// What a statement answers.
package struct ResultSet: Sendable {
    package let schema: Schema
    package let batches: [RecordBatch]
    package let rowCount: Int
    /// The row or byte limit cut rows off.
    package var truncated = false
    /// The session's time zone: how TIMESTAMP values are shown.
    package var timeZoneID = "UTC"
    /// The one row tells the client where to put or get a file; it does so by itself.
    package var isVolumeOperation = false
    /// What the refresh of a streaming table or materialized view did.
    package var refresh: RefreshOutcome?

    package init(schema: Schema, batches: [RecordBatch], truncated: Bool = false) {
        self.schema = schema
        self.batches = batches
        rowCount = batches.reduce(0) { $0 + $1.rowCount }
        self.truncated = truncated
    }

    /// The answer of a statement that returns nothing: no columns at all.
    package static let none = ResultSet(schema: Schema([]), batches: [])

    /// A small answer made row by row.
    package init(_ fields: [Field], rows: [[Value]]) {
        let schema = Schema(fields)
        guard !rows.isEmpty else {
            self.init(schema: schema, batches: [])
            return
        }
        let columns = fields.indices.map { index in Column(fields[index].type, of: rows.map { $0[index] }) }
        self.init(schema: schema, batches: [RecordBatch(schema: schema, columns: columns, rowCount: rows.count)])
    }
}
