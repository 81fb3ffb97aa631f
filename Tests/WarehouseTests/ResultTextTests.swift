import Columnar
import JSON
import Testing
import Warehouse

@Suite struct ResultTextTests {
    private func text(_ value: Value, _ type: DataType, zone: String = "UTC") -> String {
        let batch = RecordBatch(schema: Schema([Field("c", type)]), columns: [Column(type, of: [value])], rowCount: 1)
        var writer = JSONWriter()
        ResultText(timeZoneID: zone).write(batch, to: &writer)
        return String(decoding: writer.finish(), as: UTF8.self)
    }

    /// Forms as the service's JSON_ARRAY results have them.
    @Test func scalars() {
        #expect(text(.null, .int) == "[null]")
        #expect(text(.integer(-5), .int) == #"["-5"]"#)
        #expect(text(.integer(.min), .long) == #"["-9223372036854775808"]"#)
        #expect(text(.boolean(true), .boolean) == #"["true"]"#)
        #expect(text(.double(1.5), .double) == #"["1.5"]"#)
        #expect(text(.double(16_777_216), .double) == #"["1.6777216E7"]"#)
        #expect(text(.double(.nan), .double) == #"["NaN"]"#)
        #expect(text(.decimal(150), .decimal(DecimalType(10, 2))) == #"["1.50"]"#)
        #expect(text(.decimal(-5), .decimal(DecimalType(10, 2))) == #"["-0.05"]"#)
        #expect(text(.string("a\"é"), .text) == #"["a\"é"]"#)
        #expect(text(.binary([0xDE, 0xAD, 0xBE, 0xEF]), .binary) == #"["3q2+7w=="]"#)
        #expect(text(.integer(19_724), .date) == #"["2024-01-02"]"#)
    }

    @Test func timesAreShownInTheSessionZone() {
        let micros = Value.integer(1_704_164_645_123_999)
        #expect(text(micros, .timestamp) == #"["2024-01-02T03:04:05.123999Z"]"#)
        #expect(text(micros, .timestamp, zone: "America/Los_Angeles") == #"["2024-01-01T19:04:05.123999-08:00"]"#)
        #expect(text(micros, .timestampNTZ, zone: "America/Los_Angeles") == #"["2024-01-02T03:04:05.123999"]"#)
        #expect(text(.integer(1_704_164_645_000_000), .timestamp) == #"["2024-01-02T03:04:05.000Z"]"#)
        #expect(text(.integer(-1), .timestamp) == #"["1969-12-31T23:59:59.999999Z"]"#)
    }

    @Test func leavesOfNestedValuesAreStrings() {
        #expect(text(.list([.integer(1), .null]), .array(element: .int, containsNull: true)) == #"["[\"1\",null]"]"#)
        #expect(
            text(.map([.init(.string("a"), .integer(1))]), .map(key: .text, value: .int, valueContainsNull: true)) == #"["{\"a\":\"1\"}"]"#)
        #expect(
            text(.structure([.integer(1), .string("x")]), .structure([Field("a", .int), Field("b", .text)]))
                == #"["{\"a\":\"1\",\"b\":\"x\"}"]"#)
    }
}
