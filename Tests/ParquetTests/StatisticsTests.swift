import Columnar
import Parquet
import Testing

@Suite struct StatisticsTests {
    /// What a file says of one column, in its first row group and in all.
    private func statistics(_ type: DataType, _ values: [Value], rowGroupRows: Int = 1000) throws -> (ColumnStatistics?, ColumnStatistics) {
        let schema = Schema([Field("c", type)])
        let batch = RecordBatch(schema: schema, columns: [Column(type, of: values)], rowCount: values.count)
        var options = ParquetWriter.Options()
        options.rowGroupRows = rowGroupRows
        let file = try ParquetWriter.write([batch], schema: schema, options: options)
        return (try ParquetReader(bytes: file.bytes).statistics(column: 0, rowGroup: 0), file.statistics.columns[0])
    }

    @Test func boundsOfEveryType() throws {
        let cases: [(DataType, [Value])] = [
            (.boolean, [.boolean(false), .boolean(true)]), (.byte, [.integer(-3), .integer(100)]), (.int, [.integer(-3), .integer(70000)]),
            (.long, [.integer(.min), .integer(.max)]), (.date, [.integer(-1), .integer(5)]),
            (.timestamp, [.integer(-5), .integer(1 << 50)]),
            (.float, [.float(-1.5), .float(2)]), (.double, [.double(-.infinity), .double(2)]),
            (.decimal(DecimalType(5, 2)), [.decimal(-99999), .decimal(1)]),
            (.decimal(DecimalType(15, 2)), [.decimal(-99999), .decimal(1)]),
            (.decimal(DecimalType(38, 2)), [.decimal(-DecimalMath.greatest(precision: 38)), .decimal(256)]),
            (.text, [.string(""), .string("é")]), (.binary, [.binary([]), .binary([0, 0xFF])]),
        ]
        for (type, bounds) in cases {
            let expected = ColumnStatistics(nullCount: 2, min: bounds[0], max: bounds[1])
            let (group, file) = try statistics(type, [.null, bounds[1], bounds[0], .null, bounds[0]])
            #expect(group == expected, "\(type)")
            #expect(file == expected, "\(type)")
        }
    }

    @Test func rowGroupsAreTakenTogether() throws {
        let (group, file) = try statistics(.int, [.integer(5), .null, .integer(9), .integer(-2), .null, .null], rowGroupRows: 2)
        #expect(group == ColumnStatistics(nullCount: 1, min: .integer(5), max: .integer(5)))
        #expect(file == ColumnStatistics(nullCount: 3, min: .integer(-2), max: .integer(9)))
        #expect(try statistics(.int, [.null]).0 == ColumnStatistics(nullCount: 1, min: nil, max: nil))
    }

    @Test func floatingBoundsHoldForAllValues() throws {
        #expect(
            try statistics(.double, [.double(1), .double(.nan)]) == (
                ColumnStatistics(nullCount: 0, min: nil, max: nil), ColumnStatistics(nullCount: 0, min: nil, max: nil)
            ))
        let (zeros, _) = try statistics(.double, [.double(0), .double(0)])
        guard case .double(let low)? = zeros?.min, case .double(let high)? = zeros?.max else {
            Issue.record("no bounds")
            return
        }
        #expect(low.sign == .minus && high.sign == .plus)
    }

    @Test func longStringsGetShortBounds() throws {
        let long = String(repeating: "a", count: 100)
        let (group, file) = try statistics(.text, [.string(long)])
        #expect(group?.min == .string(String(long.prefix(64))))
        #expect(group?.max == .string(String(repeating: "a", count: 63) + "b"))
        #expect(file.min == .string(long) && file.max == .string(long))
        // A character of three bytes that the 64th byte cuts is left away; the one before is raised.
        let wide = String(repeating: "a", count: 62) + "\u{D7FF}日" + "x"
        #expect(try statistics(.text, [.string(wide)]).0?.min == .string(String(repeating: "a", count: 62)))
        #expect(try statistics(.text, [.string(wide)]).0?.max == .string(String(repeating: "a", count: 61) + "b"))
        let edge = "a" + String(repeating: "\u{D7FF}", count: 30)
        #expect(try statistics(.text, [.string(edge)]).0?.max == .string("a" + String(repeating: "\u{D7FF}", count: 20) + "\u{E000}"))
        let last = String(repeating: "\u{10FFFF}", count: 20)
        #expect(
            try statistics(.text, [.string(last)]).0
                == ColumnStatistics(nullCount: 0, min: .string(String(repeating: "\u{10FFFF}", count: 16)), max: nil))
        #expect(try statistics(.binary, [.binary([1] + [UInt8](repeating: 0xFF, count: 80))]).0?.max == .binary([2]))
        #expect(try statistics(.binary, [.binary([UInt8](repeating: 0xFF, count: 80))]).0?.max == nil)
    }
}
