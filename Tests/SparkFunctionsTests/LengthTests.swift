import Columnar
import Testing

/// Lengths of whole columns: characters of strings, bytes of binaries, whatever lies around the values in the column's bytes.
@Suite struct LengthTests {
    private func lengths(_ column: Column) throws -> [Value] {
        var evaluator = MiniEvaluator(context: MiniEvaluator.context(), rows: column.count)
        evaluator.table["c"] = column
        let found = try evaluator.evaluate(.call("length", [.column("c")], distinct: false, order: []))
        #expect(found.type == .int)
        return (0..<column.count).map { found.column.value(at: $0) }
    }

    @Test func ofColumns() throws {
        let ascii = Column(.text, of: [.string("abc"), .null, .string(""), .string(String(repeating: "x", count: 100))])
        #expect(try lengths(ascii) == [.integer(3), .null, .integer(0), .integer(100)])
        let mixed = Column(.text, of: [.string("é"), .string("plain"), .null, .string("日本"), .string("end")])
        #expect(try lengths(mixed) == [.integer(1), .integer(5), .null, .integer(2), .integer(3)])
        // What is not ASCII lies outside of the slice, or alone in it.
        #expect(try lengths(mixed.slice(1..<2)) == [.integer(5)])
        #expect(try lengths(mixed.slice(3..<5)) == [.integer(2), .integer(3)])
        #expect(try lengths(mixed.slice(2..<2)) == [])
        let binary = Column(.binary, of: [.binary([0xC3, 0xA4]), .null, .binary([]), .binary([0x80])])
        #expect(try lengths(binary) == [.integer(2), .null, .integer(0), .integer(1)])
    }
}
