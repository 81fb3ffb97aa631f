import Columnar
import SparkSQL
import Testing

@Suite struct MemoryTableTests {
    @Test func aScanGivesTheWantedColumnsInOrder() throws {
        let schema = Schema([Field("a", .int), Field("b", .text)])
        let columns = [Column(.int, of: [.integer(1), .integer(2)]), Column(.text, of: [.string("x"), .null])]
        let table = MemoryTable(schema: schema, batches: [RecordBatch(schema: schema, columns: columns, rowCount: 2)])
        #expect(table.rowCount == 2)
        var source = try table.scan(columns: [1, 0])
        let batch = try #require(try source.next())
        #expect(batch.schema.fields.map(\.name) == ["b", "a"])
        #expect(batch.columns[0].value(at: 0) == .string("x"))
        #expect(batch.columns[1].value(at: 1) == .integer(2))
        #expect(try source.next() == nil)
    }
}
