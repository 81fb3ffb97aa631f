/// Columns of one length under a schema. A batch may have rows without columns (`SELECT count(*)` reads none).
package struct RecordBatch: Sendable {
    package let schema: Schema
    package let columns: [Column]
    package let rowCount: Int

    package init(schema: Schema, columns: [Column], rowCount: Int) {
        precondition(columns.count == schema.count && columns.allSatisfy { $0.count == rowCount })
        self.schema = schema
        self.columns = columns
        self.rowCount = rowCount
    }
}
