import API
import JSON
import Testing
import Workspace

@Suite struct OnlineRowsTests {
    private func rows() throws -> OnlineRows {
        var rows = OnlineRows(columns: ["id", "name", "v"], keys: [.init(name: "id", kind: .integer), .init(name: "name", kind: .text)])
        for (id, name, value) in [(1, "a", 1), (1, "1:a", 2), (11, "a", 3), (1, "a", 4)] as [(Int, String, Int)] {
            try rows.add(JSONObject([("id", .int(id)), ("name", .string(name)), ("v", .int(value))]))
        }
        try rows.add(JSONObject([("id", .null), ("name", "a"), ("v", 5)]))
        return rows
    }

    @Test func oneRowForEachKey() throws {
        let rows = try rows()
        #expect(rows.rows.count == 3)
        #expect(rows.row(["1", "a"])?.last == 4)
        #expect(rows.row(["1", "1:a"])?.last == 2)
        #expect(rows.row(["11", "a"])?.last == 3)
        #expect(rows.row(["2", "a"]) == nil)
    }

    @Test func keysAreComparedByTheirType() throws {
        let number = OnlineRows.Key(name: "k", kind: .integer)
        #expect(try number.text(.number("7")) == "7")
        #expect(try number.text(.number("7.0")) == "7")
        #expect(try number.text(.number("9007199254740993")) == "9007199254740993")
        #expect(try number.text(.null) == nil)
        for wrong in [.number("7.5"), .number("1e300"), "7", true, []] as [JSONValue] {
            #expect(throws: WorkspaceError.self) { try number.text(wrong) }
        }
        #expect(try OnlineRows.Key(name: "k", kind: .text).text("7") == "7")
        #expect(throws: WorkspaceError.self) { try OnlineRows.Key(name: "k", kind: .text).text(7) }
    }

    @Test func theStoredFormIsReadBack() throws {
        let rows = try rows()
        let copy = try #require(OnlineRows(rows.encoded))
        #expect(copy.columns == rows.columns && copy.keys == rows.keys && copy.rows == rows.rows)
        #expect(copy.encoded == rows.encoded)
    }

    @Test func damagedBytesAreNoRows() throws {
        let bytes = try rows().encoded
        var generator = SeededGenerator(seed: 11)
        for _ in 0..<500 {
            var damaged = bytes
            for _ in 0..<Int.random(in: 1...4, using: &generator) {
                damaged[Int.random(in: 0..<damaged.count, using: &generator)] = UInt8.random(in: 0...255, using: &generator)
            }
            if Bool.random(using: &generator) { damaged.removeLast(Int.random(in: 0..<damaged.count, using: &generator)) }
            // Whatever is read fits its own columns.
            if let rows = OnlineRows(damaged) { #expect(rows.rows.values.allSatisfy { $0.count == rows.columns.count }) }
        }
        #expect(OnlineRows([]) == nil)
    }
}
