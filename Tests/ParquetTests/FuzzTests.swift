import Columnar
import Foundation
import Parquet
import TestSupport
import Testing

/// Damaged files are read or refused: never a trap, never memory out of proportion.
/// `FUZZ_PARQUET_CASES` asks for a longer run, of so many cases a file; `FUZZ_PARQUET_SEED` for another one.
@Suite struct FuzzTests {
    private static func setting(_ name: String) -> UInt64? { ProcessInfo.processInfo.environment["FUZZ_PARQUET_" + name].flatMap { UInt64($0) } }

    @Test func damagedFilesOfOurOwn() throws {
        var random = SeededRandom(seed: Self.setting("SEED") ?? 71)
        var source = FlatColumns(72)
        for (rows, distinct, compression) in [(20, Int.max, Compression.none), (60, 3, .none), (30, .max, .snappy)] {
            let batch = source.batch(rows, distinct: distinct).0
            var options = ParquetWriter.Options()
            (options.pageRows, options.compression) = (13, compression)
            let bytes = try ParquetWriter.write([batch], schema: batch.schema, options: options).bytes
            for _ in 0..<(Self.setting("CASES") ?? 120) { ParquetFuzz.run(bytes, &random) }
        }
    }

    @Test func damagedSmallFiles() throws {
        var random = SeededRandom(seed: Self.setting("SEED") ?? 73)
        let encodings = [
            EncodingFixtures.deltasV1, EncodingFixtures.streamsV2, EncodingFixtures.gzip, EncodingFixtures.lz4, EncodingFixtures.halvesAndUUIDs,
        ]
        for fixture in encodings + [Fixtures.textsV2, Fixtures.numbers, Fixtures.int96, Fixtures.nested, Fixtures.timesPlain] {
            let bytes = [UInt8](try #require(Data(base64Encoded: fixture, options: .ignoreUnknownCharacters)))
            for _ in 0..<(Self.setting("CASES") ?? 250) { ParquetFuzz.run(bytes, &random) }
        }
    }

    @Test func filesCutShort() throws {
        let bytes = [UInt8](try #require(Data(base64Encoded: Fixtures.textsV1, options: .ignoreUnknownCharacters)))
        for length in 0..<bytes.count { ParquetFuzz.readAll(Array(bytes.prefix(length)) + Array(bytes.suffix(8))) }
    }

    @Test func fewBytesCannotStandForEndlessRows() throws {
        // A column of a billion nulls: its levels are one run, its pages hold nothing else.
        let schema = Schema([Field("a", .int)])
        let batch = RecordBatch(schema: schema, columns: [.nulls(.int, count: 100_000)], rowCount: 100_000)
        let reader = try ParquetReader(bytes: try ParquetWriter.write([batch], schema: schema).bytes, limits: ParquetFuzz.limits)
        #expect(throws: ParquetError.tooLarge("a row group of 100000 rows")) { try reader.read(columns: [0]) }
        let text = String(repeating: "x", count: 60_000)
        let texts = RecordBatch(
            schema: Schema([Field("t", .text)]), columns: [Column(repeating: .string(text), type: .text, count: 100)], rowCount: 100)
        let small = try ParquetReader(bytes: try ParquetWriter.write([texts], schema: texts.schema).bytes, limits: ParquetFuzz.limits)
        #expect(throws: ParquetError.tooLarge("the strings of a column chunk")) { try small.read(columns: [0]) }
    }

    @Test func manyColumnsShareWhatTheyMayTake() throws {
        let names = (0..<10).map { "c\($0)" }
        func reader(_ column: Column, bytesAtOnce: Int) throws -> ParquetReader {
            let schema = Schema(names.map { Field($0, column.type) })
            let batch = RecordBatch(schema: schema, columns: names.map { _ in column }, rowCount: column.count)
            return try ParquetReader(bytes: try ParquetWriter.write([batch], schema: schema).bytes, limits: .init(bytesAtOnce: bytesAtOnce))
        }
        // Ten columns of nulls, of 80,000 bytes each.
        let nulls = Column.nulls(.long, count: 10_000)
        let refusal = ParquetError.tooLarge("the columns of a row group")
        #expect(throws: refusal) { try reader(nulls, bytesAtOnce: 799_999).read(columns: Array(0..<10)) }
        #expect(throws: refusal) { try reader(nulls, bytesAtOnce: 799_999).read(columns: Array(0..<10), rowGroup: 0) }
        #expect(try reader(nulls, bytesAtOnce: 800_000).read(columns: Array(0..<10)).first?.columns.count == 10)
        #expect(try reader(nulls, bytesAtOnce: 80_000).read(columns: [7]).first?.rowCount == 10_000)
        // A dictionary of one text.
        let texts = Column(repeating: .string(String(repeating: "x", count: 500)), type: .text, count: 10_000)
        #expect(throws: refusal) { try reader(texts, bytesAtOnce: 25_000_000).read(columns: Array(0..<10)) }
        #expect(try reader(texts, bytesAtOnce: 25_000_000).read(columns: [0, 1, 2, 3]).first?.rowCount == 10_000)
    }
}
