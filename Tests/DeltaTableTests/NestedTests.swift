import Columnar
import DeltaTable
import JSON
import Storage
import Testing

/// Tables with columns of arrays, maps, structs and variants.
@Suite struct NestedTests {
    private static let element = DataType.structure([
        Field("x", .int), Field("y", .map(key: .text, value: .double, valueContainsNull: true)), Field("nothing", .void),
    ])
    private static let type = DataType.array(element: element, containsNull: true)

    private static let values: [Value] = [
        .list([.structure([.integer(1), .map([.init(.string("a"), .double(1.5)), .init(.string("b"), .null)]), .null]), .null]), .null,
        .list([]),
    ]

    private func batch(_ schema: Schema, _ values: [[Value]]) -> RecordBatch {
        RecordBatch(schema: schema, columns: zip(schema.fields, values).map { Column($0.type, of: $1) }, rowCount: values[0].count)
    }

    /// As another reader sees the same store, without anything in memory.
    private func cold(_ fixture: Fixture) throws -> [[Value]] {
        let other = Fixture(fixture.store)
        return try other.rows(other.table.snapshot())
    }

    @Test(arguments: ["none", "name", "id"]) func roundTrip(mode: String) throws {
        let fixture = Fixture()
        let schema = TableSchema([TableField("id", .long), TableField("a", Self.type)])
        try fixture.table.create(schema: schema, properties: ["delta.columnMapping.mode": mode], commit: fixture.context())
        let snapshot = try fixture.append([batch(schema.schema, [[.integer(1), .integer(2), .integer(3)], Self.values])])
        #expect(snapshot.schema.fields[1].type == Self.type)
        let expected = zip([1, 2, 3], Self.values).map { [.integer($0), $1] }
        #expect(try fixture.rows(snapshot) == expected)
        #expect(try cold(fixture) == expected)
        let names = snapshot.tableSchema.fields[1].nestedMetadata[["element", "y"]]
        #expect(names?["delta.columnMapping.id"]?.intValue == (mode == "none" ? nil : 4))
    }

    @Test func fieldsOfStructsAreRenamedAndAdded() throws {
        let fixture = Fixture()
        let type = DataType.structure([Field("a", .int), Field("b", .text)])
        let schema = TableSchema([TableField("s", type)])
        try fixture.table.create(schema: schema, properties: ["delta.columnMapping.mode": "name"], commit: fixture.context())
        let first = try fixture.append([batch(schema.schema, [[.structure([.integer(1), .string("x")])]])])
        let stats = FileStatistics(first.files[0].stats)
        let physical = first.tableSchema.fields[0].nestedMetadata[["a"]]?["delta.columnMapping.physicalName"]?.stringValue ?? ""
        #expect(physical.hasPrefix("col-"))
        #expect(stats?.minValues[first.tableSchema.fields[0].physicalName]?[physical]?.intValue == 1)
        let renamed = try fixture.change { metadata in
            var schema = first.tableSchema
            schema.fields[0].type = .structure([Field("added", .long), Field("renamed", .int)])
            schema.fields[0].nestedMetadata = [["renamed"]: schema.fields[0].nestedMetadata[["a"]] ?? JSONObject()]
            metadata.schemaString = schema.schemaString
        }
        try fixture.append([batch(renamed.schema, [[.structure([.integer(7), .integer(2)])]])])
        let expected: [[Value]] = [[.structure([.null, .integer(1)])], [.structure([.integer(7), .integer(2)])]]
        #expect(try cold(fixture) == expected)
    }

    @Test func variants() throws {
        let fixture = Fixture()
        let schema = TableSchema([TableField("v", .variant)])
        try fixture.table.create(schema: schema, commit: fixture.context())
        let value = Value.structure([.binary([1, 0, 0]), .binary([12, 42])])
        let snapshot = try fixture.append([batch(schema.schema, [[value, .null]])])
        #expect(
            snapshot.tableProtocol
                == TableProtocol(3, 7, readerFeatures: ["variantType"], writerFeatures: ["appendOnly", "invariants", "variantType"]))
        #expect(try cold(fixture) == [[value], [.null]])
    }

    @Test func whatCannotBeStored() {
        func refusal(_ type: DataType) -> String? {
            let fixture = Fixture()
            do {
                try fixture.table.create(schema: TableSchema([TableField("c", type)]), commit: fixture.context())
                return nil
            } catch {
                return "\(error)"
            }
        }
        #expect(
            refusal(.array(element: .dayTimeInterval(DayTimeRange(.day, .second)), containsNull: true)) == "[DELTA_UNSUPPORTED_DATA_TYPES] "
                + "Found columns using unsupported data types: [c: ARRAY<INTERVAL DAY TO SECOND>]. SQLSTATE: 0AKDC")
        #expect(refusal(.yearMonthInterval(YearMonthRange(.year, .month)))?.contains("[c: YearMonthIntervalType(0,1)]") == true)
        #expect(refusal(.array(element: .void, containsNull: true))?.hasPrefix("[DELTA_COMPLEX_TYPE_COLUMN_CONTAINS_NULL_TYPE]") == true)
        #expect(refusal(.structure([Field("x", .void), Field("y", .int)])) == nil)
    }
}
