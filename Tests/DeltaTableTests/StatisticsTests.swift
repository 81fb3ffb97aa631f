import Columnar
import DeltaTable
import JSON
import Testing

@Suite struct StatisticsTests {
    private func stats(_ type: DataType, _ values: [Value]) throws -> JSONValue {
        let fixture = Fixture()
        try fixture.table.create(schema: TableSchema([TableField("c", type)]), commit: fixture.context())
        let batch = RecordBatch(schema: Schema([Field("c", type)]), columns: [Column(type, of: values)], rowCount: values.count)
        let files = try DeltaWriter.write([batch], to: fixture.table.writeTarget(fixture.table.snapshot().metadata), fixture.context())
        return try JSONValue(parsing: try #require(files.first?.stats))
    }

    static let cases: [(DataType, [Value], JSONValue?, JSONValue?)] = [
        (.int, [.integer(3), .null, .integer(-2)], -2, 3),
        (.long, [.integer(.max), .integer(.min)], .number("-9223372036854775808"), .number("9223372036854775807")),
        (.int, [.null, .null], nil, nil), (.boolean, [.boolean(true)], nil, nil), (.binary, [.binary([1])], nil, nil),
        (.date, [.integer(20454), .integer(0)], "1970-01-01", "2026-01-01"),
        (.timestamp, [.integer(1_767_261_600_123_456)], "2026-01-01T10:00:00.123Z", "2026-01-01T10:00:00.124Z"),
        (.timestamp, [.integer(-1)], "1969-12-31T23:59:59.999Z", "1970-01-01T00:00:00.000Z"),
        (.timestampNTZ, [.integer(1_767_261_600_000_000)], "2026-01-01T10:00:00.000", "2026-01-01T10:00:00.000"),
        (.decimal(DecimalType(10, 2)), [.decimal(-5), .decimal(1234)], .number("-0.05"), .number("12.34")),
        (.decimal(DecimalType(30, 1)), [.decimal(7)], .number("0.7"), .number("0.7")),
        (.timestampNTZ, [.integer(.min), .integer(.max)], "-290308-12-21T19:59:05.224", nil),
        (.double, [.double(1.5), .double(.nan), .double(-2)], .number("-2.0"), nil), (.double, [.double(.nan)], nil, nil),
        (.double, [.double(0)], .number("-0.0"), .number("0.0")), (.float, [.float(-.infinity), .float(1)], nil, .number("1.0")),
        (.text, [.string("b"), .string(""), .string("é")], "", "é"),
        (
            .text, [.string(String(repeating: "a", count: 40))], .string(String(repeating: "a", count: 32)),
            .string(String(repeating: "a", count: 32) + "\u{7F}")
        ),
        (
            .text, [.string(String(repeating: "é", count: 40))], .string(String(repeating: "é", count: 32)),
            .string(String(repeating: "é", count: 32) + "\u{10FFFF}")
        ),
    ]

    @Test(arguments: cases) func extremes(type: DataType, values: [Value], minimum: JSONValue?, maximum: JSONValue?) throws {
        let stats = try stats(type, values)
        #expect(stats["numRecords"]?.intValue == values.count)
        #expect(stats["minValues"]?["c"] == minimum)
        #expect(stats["maxValues"]?["c"] == maximum)
        #expect(stats["nullCount"]?["c"]?.intValue == values.filter(\.isNull).count)
        #expect(stats["tightBounds"] == true)
    }

    /// What is read from statistics encloses every value that went in.
    @Test(arguments: cases) func boundsEnclose(type: DataType, values: [Value], minimum: JSONValue?, maximum: JSONValue?) throws {
        let text = try stats(type, values).text
        let bounds = try #require(FileStatistics(text)).bounds(TableField("c", type))
        #expect(bounds.nullCount == values.filter(\.isNull).count)
        for value in values {
            switch (value, bounds.min, bounds.max) {
            case (.integer(let number), .integer(let low), .integer(let high)): #expect(low <= number && number <= high)
            case (.decimal(let number), .decimal(let low), .decimal(let high)): #expect(low <= number && number <= high)
            case (.string(let text), .string(let low), .string(let high)): #expect(low <= text && text <= high)
            default: break
            }
        }
    }

    @Test func onlyTheFirstColumnsAreIndexed() throws {
        let fixture = Fixture()
        try fixture.create(properties: ["delta.dataSkippingNumIndexedCols": "1"])
        let snapshot = try fixture.append([Fixture.batch([(1, "a")])])
        let stats = try JSONValue(parsing: snapshot.files[0].stats ?? "")
        #expect(stats["minValues"] == ["id": 1])
        #expect(stats["nullCount"] == ["id": 0])
        #expect(snapshot.rowCount == 1)
    }

    @Test func countOfForeignStatistics() throws {
        for (text, count) in [
            ("{\"numRecords\":7,\"x\":1}", 7), ("{ \"minValues\":{\"numRecords\":3}, \"numRecords\" : 12}", 12), ("{}", nil), ("", nil),
            ("{\"numRecords\":-1}", nil), ("x", nil), ("{\"numRecords\":99999999999999999999}", nil),
        ] as [(String, Int?)] {
            #expect(AddFile(path: "p", size: 1, modificationTime: 1, stats: text).numRecords == count, "\(text)")
        }
    }
}
