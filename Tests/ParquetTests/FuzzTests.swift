import Columnar
import Foundation
import Parquet
import TestSupport
import Testing

/// Damaged files are read or refused: never a trap, never memory out of proportion.
@Suite struct FuzzTests {
    private static let limits = ParquetReader.Limits(rowsPerGroup: 1 << 14, bytesPerColumn: 1 << 20)

    private func readAll(_ bytes: [UInt8]) {
        guard let reader = try? ParquetReader(bytes: bytes, limits: Self.limits) else { return }
        for group in 0..<min(reader.rowGroupCount, 3) {
            for column in reader.schema.fields.indices {
                _ = reader.statistics(column: column, rowGroup: group)
                guard let batch = try? reader.read(columns: [column], rowGroup: group) else { continue }
                // What is read must be well formed, whatever it is.
                for row in [0, batch.rowCount / 2, batch.rowCount - 1] where row >= 0 && row < batch.rowCount {
                    _ = batch.columns[0].value(at: row)
                }
                #expect(batch.columns[0].take((0..<Int32(batch.rowCount)).reversed()).count == batch.rowCount)
            }
        }
    }

    private func mutate(_ bytes: [UInt8], _ random: inout SeededRandom) -> [UInt8] {
        var result = bytes
        for _ in 0..<Int.random(in: 1...4, using: &random) {
            // The footer decides what is read how: half of the changes go there.
            let from = Bool.random(using: &random) ? result.count * 2 / 3 : 0
            guard from < result.count else { break }
            let at = Int.random(in: from..<result.count, using: &random)
            switch Int.random(in: 0..<6, using: &random) {
            case 0: result[at] ^= 1 << UInt8.random(in: 0..<8, using: &random)
            case 1: result[at] = [0, 1, 0x7F, 0x80, 0xFE, 0xFF].randomElement(using: &random) ?? 0
            case 2: result[at] = UInt8.random(in: 0...255, using: &random)
            case 3: for index in at..<min(at + 8, result.count) { result[index] = 0xFF }
            case 4: result.remove(at: at)
            default: result.insert(UInt8.random(in: 0...255, using: &random), at: at)
            }
        }
        return result
    }

    @Test func damagedFilesOfOurOwn() throws {
        var random = SeededRandom(seed: 71)
        var source = FlatColumns(72)
        for (rows, distinct, compression) in [(20, Int.max, Compression.none), (60, 3, .none), (30, .max, .snappy)] {
            let batch = source.batch(rows, distinct: distinct).0
            var options = ParquetWriter.Options()
            (options.pageRows, options.compression) = (13, compression)
            let bytes = try ParquetWriter.write([batch], schema: batch.schema, options: options).bytes
            for _ in 0..<120 { readAll(mutate(bytes, &random)) }
        }
    }

    @Test func damagedSmallFiles() throws {
        var random = SeededRandom(seed: 73)
        let encodings = [
            EncodingFixtures.deltasV1, EncodingFixtures.streamsV2, EncodingFixtures.gzip, EncodingFixtures.lz4, EncodingFixtures.halvesAndUUIDs,
        ]
        for fixture in encodings + [Fixtures.textsV2, Fixtures.numbers, Fixtures.int96, Fixtures.nested, Fixtures.timesPlain] {
            let bytes = [UInt8](try #require(Data(base64Encoded: fixture, options: .ignoreUnknownCharacters)))
            for _ in 0..<250 { readAll(mutate(bytes, &random)) }
        }
    }

    @Test func filesCutShort() throws {
        let bytes = [UInt8](try #require(Data(base64Encoded: Fixtures.textsV1, options: .ignoreUnknownCharacters)))
        for length in 0..<bytes.count { readAll(Array(bytes.prefix(length)) + Array(bytes.suffix(8))) }
    }

    @Test func fewBytesCannotStandForEndlessRows() throws {
        // A column of a billion nulls: its levels are one run, its pages hold nothing else.
        let schema = Schema([Field("a", .int)])
        let batch = RecordBatch(schema: schema, columns: [.nulls(.int, count: 100_000)], rowCount: 100_000)
        let reader = try ParquetReader(bytes: try ParquetWriter.write([batch], schema: schema).bytes, limits: Self.limits)
        #expect(throws: ParquetError.tooLarge("a row group of 100000 rows")) { try reader.read(columns: [0]) }
        let text = String(repeating: "x", count: 60_000)
        let texts = RecordBatch(
            schema: Schema([Field("t", .text)]), columns: [Column(repeating: .string(text), type: .text, count: 100)], rowCount: 100)
        let small = try ParquetReader(bytes: try ParquetWriter.write([texts], schema: texts.schema).bytes, limits: Self.limits)
        #expect(throws: ParquetError.tooLarge("the strings of a column chunk")) { try small.read(columns: [0]) }
    }
}
