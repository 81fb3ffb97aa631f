import Columnar
import Foundation
import Parquet
import Testing

/// Files made by another implementation (see Fixtures), and files that are broken.
@Suite struct ForeignFileTests {
    private func reader(_ base64: String) throws -> ParquetReader {
        let data = try #require(Data(base64Encoded: base64, options: .ignoreUnknownCharacters))
        return try ParquetReader(bytes: [UInt8](data))
    }

    private func columns(_ reader: ParquetReader) throws -> [[Value]] {
        let batches = try reader.read(columns: Array(reader.schema.fields.indices))
        return reader.schema.fields.indices.map { allValues(batches, $0) }
    }

    @Test func numbers() throws {
        let file = try reader(Fixtures.numbers)
        let types: [DataType] = [
            .byte, .short, .long, .decimal(DecimalType(20, 0)), .float, .decimal(DecimalType(5, 2)), .decimal(DecimalType(38, 1)),
        ]
        #expect(file.schema.fields.map(\.type) == types)
        let expected: [[Value]] = [
            [.integer(-128), .null, .integer(127)], [.integer(255), .null, .integer(0)], [.integer(4_294_967_295), .null, .integer(7)],
            [.decimal(18_446_744_073_709_551_615), .null, .decimal(0)], [.float(1.5), .null, .float(.nan)],
            [.decimal(-125), .null, .decimal(99999)], [.decimal(-123_456_789_012_345_678_905), .null, .decimal(1)],
        ]
        for (found, expected) in zip(try columns(file), expected) { #expect(identical(found, expected)) }
        #expect(file.statistics(column: 2, rowGroup: 0) == ColumnStatistics(nullCount: 1, min: .integer(7), max: .integer(4_294_967_295)))
        #expect(file.statistics(column: 6, rowGroup: 0)?.min == .decimal(-123_456_789_012_345_678_905))
    }

    @Test func times() throws {
        let file = try reader(Fixtures.timesPlain)
        #expect(file.schema.fields.map(\.type) == [.date, .timestamp, .timestamp, .timestampNTZ])
        let micros: [Value] = [.integer(-1), .null, .integer(1_600_000_000_123_456)]
        #expect(
            try columns(file) == [
                [.integer(-1), .null, .integer(19000)], [.integer(-1000), .null, .integer(1_600_000_000_123_000)], micros, micros,
            ])
        #expect(file.statistics(column: 1, rowGroup: 0)?.min == .integer(-1000))
        let old = try reader(Fixtures.int96)
        #expect(old.schema.fields[0].type == .timestamp)
        #expect(try columns(old) == [[.integer(0), .integer(-1), .null, .integer(1_600_000_000_123_456)]])
    }

    @Test func int96AtTheEndOfItsRange() throws {
        var bytes = [UInt8](try #require(Data(base64Encoded: Fixtures.int96, options: .ignoreUnknownCharacters)))
        // 1970-01-01: no nanoseconds of the Julian day 2440588.
        let epoch: [UInt8] = [0, 0, 0, 0, 0, 0, 0, 0, 0x8C, 0x3D, 0x25, 0]
        let at = try #require((0..<bytes.count - 12).first { bytes[$0..<$0 + 12].elementsEqual(epoch) })
        bytes[at + 7] = 0x80
        #expect(try columns(ParquetReader(bytes: bytes))[0][0] == .integer(-9_223_372_036_854_776))
        bytes[at + 11] = 0xFF
        #expect(throws: ParquetError.malformed("an INT96 timestamp beyond the range of microseconds")) {
            try ParquetReader(bytes: bytes).read(columns: [0])
        }
    }

    @Test(arguments: [Fixtures.textsV1, Fixtures.textsV2]) func textsInBothVersionsOfPages(fixture: String) throws {
        #expect(
            try columns(try reader(fixture)) == [
                [.string("a"), .string("b"), .null, .string("a"), .string("é日"), .string("a")],
                [.boolean(true), .boolean(true), .null, .boolean(false), .boolean(true), .boolean(true)],
                [.binary([0]), .binary([]), .null, .binary([255, 254]), .binary([0]), .binary([113])],
            ])
    }

    @Test func nestedColumns() throws {
        let file = try reader(Fixtures.nested)
        let types: [DataType] = [
            .long, .array(element: .long, containsNull: true), .map(key: .text, value: .int, valueContainsNull: true),
            .structure([Field("x", .long)]), .text,
        ]
        #expect(file.schema.fields.map(\.type) == types)
        let batches = try file.read(columns: [4, 0])
        #expect(allValues(batches, 0) == [.string("q"), .string("r")] && allValues(batches, 1) == [.integer(1), .integer(2)])
        let nested = try file.read(columns: [1, 2, 3])
        #expect(allValues(nested, 0) == [.list([.integer(1)]), .list([.integer(2), .integer(3)])])
        #expect(allValues(nested, 1) == [.map([.init(.string("k"), .integer(1))]), .null])
        #expect(allValues(nested, 2) == [.structure([.integer(1)]), .structure([.null])])
    }

    @Test func rowGroups() throws {
        let file = try reader(Fixtures.twoGroups)
        #expect(file.rowGroupRowCounts == [2, 1])
        #expect(allValues([try file.read(columns: [0], rowGroup: 1)], 0) == [.integer(3)])
        #expect(try file.read(columns: []).map(\.rowCount) == [2, 1])
        let empty = try reader(Fixtures.noRows)
        #expect(empty.rowCount == 0)
        #expect(try columns(empty) == [[]])
    }

    @Test func compressedAndDeltas() throws {
        for fixture in [Fixtures.snappy, Fixtures.delta] {
            #expect(try columns(reader(fixture)) == [[.integer(1), .integer(2), .integer(3)]])
        }
        let nanos = try reader(Fixtures.nanos)
        #expect(nanos.schema.fields == [Field("t", .timestampNTZ)])
        #expect(try columns(nanos) == [[.integer(0)]])
    }

    @Test func notParquetAtAll() {
        for bytes in [
            [], Array("PAR1".utf8), Array("PAR1PAR1".utf8), Array("PAR1\u{FF}\u{0}\u{0}\u{0}PAR1".utf8), [UInt8](repeating: 0, count: 100),
        ] {
            #expect(throws: ParquetError.self) { try ParquetReader(bytes: bytes) }
        }
        #expect(throws: ParquetError.unsupported("encryption")) {
            try ParquetReader(bytes: Array("PAR1\u{0}\u{0}\u{0}\u{0}\u{0}PARE".utf8))
        }
    }
}
