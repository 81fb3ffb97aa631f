import Columnar
import DeltaTable
import Foundation
import JSON
import Testing

@Suite struct PartitionTextTests {
    static let pairs: [(DataType, Value, String)] = [
        (.int, .integer(-5), "-5"), (.long, .integer(.min), "-9223372036854775808"), (.byte, .integer(127), "127"),
        (.boolean, .boolean(true), "true"),
        (.date, .integer(0), "1970-01-01"), (.date, .integer(20454), "2026-01-01"), (.date, .integer(-719_162), "0001-01-01"),
        (.date, .integer(11016), "2000-02-29"),
        (.timestamp, .integer(1_767_261_600_123_456), "2026-01-01T10:00:00.123456Z"),
        (.timestamp, .integer(-1), "1969-12-31T23:59:59.999999Z"),
        (.timestampNTZ, .integer(1_767_261_600_000_000), "2026-01-01 10:00:00"),
        (.timestampNTZ, .integer(1_767_261_600_000_001), "2026-01-01 10:00:00.000001"),
        (.decimal(DecimalType(10, 2)), .decimal(-5), "-0.05"),
        (
            .decimal(DecimalType(38, 0)), .decimal(Int128("99999999999999999999999999999999999999") ?? 0),
            "99999999999999999999999999999999999999"
        ),
        (.double, .double(1.5), "1.5"), (.double, .double(-.infinity), "-Infinity"), (.float, .float(0.1), "0.1"),
        (.text, .string("a=b/ü"), "a=b/ü"),
        (.binary, .binary([0x61, 0x00, 0xFF]), "a\u{0}\u{FF}"),
    ]

    @Test(arguments: pairs) func bothWays(type: DataType, value: Value, text: String) {
        #expect(PartitionText.text(of: value, type) == text)
        #expect(PartitionText.value(of: text, type) == value)
    }

    static let read: [(DataType, String?, Value?)] = [
        (.int, nil, .null), (.text, "", .null), (.int, "12x", nil), (.byte, "128", nil), (.boolean, "TRUE", .boolean(true)),
        (.boolean, "1", nil),
        (.timestamp, "2026-01-01 10:00:00", .integer(1_767_261_600_000_000)),
        (.timestamp, "2026-01-01T12:00:00+02:00", .integer(1_767_261_600_000_000)),
        (.timestamp, "2026-01-01", .integer(1_767_225_600_000_000)), (.timestamp, "2026-01-01 25:00:00", nil),
        (.timestamp, "2026-01-01 10:00:00.1234567", .integer(1_767_261_600_123_456)),
        (.date, "2025-02-29", nil), (.date, "2024-02-29", .integer(19782)), (.date, "2024-2-9", .integer(19762)), (.date, "x", nil),
        (.decimal(DecimalType(4, 2)), "1.5", .decimal(150)), (.decimal(DecimalType(4, 2)), "123.45", nil),
        (.decimal(DecimalType(4, 2)), "1.234", nil),
        (.decimal(DecimalType(4, 2)), "1.2300", .decimal(123)), (.decimal(DecimalType(4, 2)), "1E+1", .decimal(1000)),
        (.decimal(DecimalType(4, 2)), "1E+400000", nil),
        (.double, "NaN", .double(.nan)),
    ]

    @Test(arguments: read) func reads(type: DataType, text: String?, value: Value?) {
        if case .double(let number) = value, number.isNaN {
            guard case .double(let found) = PartitionText.value(of: text, type) else { return #expect(Bool(false)) }
            #expect(found.isNaN)
        } else {
            #expect(PartitionText.value(of: text, type) == value)
        }
    }

    @Test func nullsHaveNoText() {
        #expect(PartitionText.text(of: .null, .int) == nil)
        #expect(PartitionText.text(of: .string(""), .text) == nil)
    }

    @Test func extremes() {
        for micros in [Int64.min, .min + 1, .max] {
            let text = PartitionText.text(of: .integer(micros), .timestamp)
            #expect(PartitionText.value(of: text, .timestamp) == .integer(micros) || micros < -9_223_372_036_800_000_000)
        }
        #expect(PartitionText.text(of: .integer(.max), .timestampNTZ) == "+294247-01-10 04:00:54.775807")
        #expect(PartitionText.text(of: .integer(.min), .timestampNTZ) == "-290308-12-21 19:59:05.224192")
    }

    /// Every day of 800 years, by counting.
    @Test func calendar() {
        var day: Int64 = -135_140  // 1600-01-01
        for year in 1600..<2400 {
            let isLeap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
            for (month, length) in [31, isLeap ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31].enumerated() {
                for dayOfMonth in [1, length] {
                    let value = Value.integer(day + Int64(dayOfMonth) - 1)
                    let text = "\(year)-\(month < 9 ? "0" : "")\(month + 1)-\(dayOfMonth < 10 ? "0" : "")\(dayOfMonth)"
                    if PartitionText.text(of: value, .date) != text || PartitionText.value(of: text, .date) != value {
                        Issue.record("\(text)")
                    }
                }
                day += Int64(length)
            }
        }
    }
}

@Suite struct SchemaJSONTests {
    @Test func flat() throws {
        let schema = TableSchema([
            TableField("id", .long, nullable: false), TableField("b", .byte), TableField("s", .short), TableField("i", .int),
            TableField("f", .float), TableField("d", .double),
            TableField("n", .decimal(DecimalType(10, 2))), TableField("t", .text), TableField("x", .binary), TableField("o", .boolean),
            TableField("day", .date),
            TableField("at", .timestamp), TableField("wall", .timestampNTZ), TableField("v", .void), TableField("c", .char(3)),
            TableField("vc", .varchar(9)),
            TableField("ci", .string(.utf8LCase)), TableField("va", .variant),
        ])
        let text = schema.schemaString
        #expect(
            text.hasPrefix(
                #"{"type":"struct","fields":[{"name":"id","type":"long","nullable":false,"metadata":{}},{"name":"b","type":"byte""#))
        #expect(text.contains(#"{"name":"n","type":"decimal(10,2)","nullable":true,"metadata":{}}"#))
        #expect(text.contains(#"{"name":"wall","type":"timestamp_ntz","#))
        #expect(text.contains(#"{"name":"vc","type":"string","nullable":true,"metadata":{"__CHAR_VARCHAR_TYPE_STRING":"varchar(9)"}}"#))
        let again = try TableSchema(schemaString: text)
        #expect(again.schema == schema.schema)
        #expect(again.schemaString == text)
    }

    /// Of a nested type the whole is said beside the column, as Spark does.
    @Test func lengthsOfTextsWithin() throws {
        let type = DataType.structure([
            Field("a b", .array(element: .varchar(2), containsNull: true)),
            Field("m", .map(key: .char(3), value: .structure([Field("x", .text), Field("y", .varchar(10))]), valueContainsNull: false)),
            Field("d", .decimal(DecimalType(5, 1))),
        ])
        let schema = TableSchema([TableField("s", type)])
        let raw = "struct<a b:array<varchar(2)>,m:map<char(3),struct<x:string,y:varchar(10)>>,d:decimal(5,1)>"
        #expect(schema.schemaString.hasSuffix(#""metadata":{"__CHAR_VARCHAR_TYPE_STRING":"\#(raw)"}}]}"#))
        #expect(schema.schemaString.components(separatedBy: "__CHAR_VARCHAR_TYPE_STRING").count == 2)
        let again = try TableSchema(schemaString: schema.schemaString)
        #expect(again.schema == schema.schema)
        // What does not fit the type is passed over.
        for text in ["struct<a b:array<varchar(2)>>", "varchar(2)", "struct<a b:array<varchar(0)>", ""] {
            let odd = try TableSchema(schemaString: schema.schemaString.replacingOccurrences(of: raw, with: text))
            #expect(odd.schemaString == again.schemaString.replacingOccurrences(of: "{\"__CHAR_VARCHAR_TYPE_STRING\":\"\(raw)\"}", with: "{}"))
        }
        var text = again
        text.fields[0].type = .text
        #expect(try TableSchema(schemaString: text.schemaString).fields[0].type == .text)
    }

    @Test func nestedWithMetadata() throws {
        let text =
            #"{"type":"struct","fields":[{"name":"a","type":{"type":"array","elementType":{"type":"struct","fields":[{"name":"x","type":"integer","nullable":false,"metadata":{"comment":"inner","delta.columnMapping.id":4}}]},"containsNull":false},"nullable":true,"metadata":{"comment":"outer","CURRENT_DEFAULT":"array()"}},{"name":"m","type":{"type":"map","keyType":"string","valueType":{"type":"array","elementType":"date","containsNull":true},"valueContainsNull":true},"nullable":true,"metadata":{}}]}"#
        let schema = try TableSchema(schemaString: text)
        #expect(schema.fields[0].comment == "outer")
        #expect(schema.fields[0].currentDefault == "array()")
        #expect(
            schema.fields[0].type == .array(element: .structure([Field("x", .int, nullable: false, comment: "inner")]), containsNull: false)
        )
        #expect(schema.fields[0].nestedMetadata == [["element", "x"]: JSONObject([("comment", "inner"), ("delta.columnMapping.id", 4)])])
        #expect(schema.fields[1].type == .map(key: .text, value: .array(element: .date, containsNull: true), valueContainsNull: true))
        #expect(schema.schemaString == text)
    }

    static let refused = [
        "", "{}", #"{"type":"struct"}"#, #"{"type":"struct","fields":[{"name":"a"}]}"#,
        #"{"type":"struct","fields":[{"name":"a","type":"int8"}]}"#,
        #"{"type":"struct","fields":[{"name":"a","type":"decimal(39,0)"}]}"#,
        #"{"type":"struct","fields":[{"name":"a","type":"decimal(5,6)"}]}"#,
        #"{"type":"struct","fields":[{"name":"a","type":{"type":"array"}}]}"#,
    ]

    @Test(arguments: refused) func refuses(_ text: String) {
        #expect(throws: SchemaError.self) { try TableSchema(schemaString: text) }
    }
}
