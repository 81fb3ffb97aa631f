import Columnar
import Foundation
import Parquet
import TestSupport
import Testing

/// A row group's columns in pieces: wherever pages end, the pieces are what the whole is.
@Suite struct PieceTests {
    private func check(_ bytes: [UInt8], _ expected: [[Value]], _ random: inout SeededRandom) throws {
        let reader = try ParquetReader(bytes: bytes)
        let columns = Array(0..<reader.schema.count)
        var before = 0
        for group in 0..<reader.rowGroupCount {
            let rows = reader.rowGroupRowCounts[group]
            var pieces: [Int] = []
            var left = rows
            while left > 0 {
                pieces.append(min(left, Int.random(in: 0...max(1, rows / 3), using: &random)))
                left -= pieces[pieces.count - 1]
            }
            let found = try reader.read(columns: columns, rowGroup: group, pieces: pieces)
            #expect(found.count == columns.count)
            for (column, parts) in found.enumerated() {
                #expect(parts.map(\.count) == pieces)
                let values = parts.flatMap { part in (0..<part.count).map { part.value(at: $0) } }
                let wanted = Array(expected[column][before..<before + rows])
                #expect(identical(values, wanted), "column \(reader.schema.fields[column].name)")
                #expect(parts.allSatisfy { $0.validity.map { !$0.allOnes } ?? true })
            }
            before += rows
        }
        #expect(before == expected[0].count)
    }

    @Test(arguments: [Int.max, 1, 5, 300]) func everyType(distinct: Int) throws {
        var random = SeededRandom(seed: 81)
        var source = FlatColumns(82)
        let (batch, values) = source.batch(700, distinct: distinct)
        for (pageRows, compression) in [(1, Compression.none), (97, .snappy), (1000, .zstd)] {
            var options = ParquetWriter.Options()
            (options.pageRows, options.compression, options.rowGroupRows) = (pageRows, compression, 256)
            try check(try ParquetWriter.write([batch], schema: batch.schema, options: options).bytes, values, &random)
        }
    }

    /// Strings as long as the words in which they are moved, and a little shorter and longer.
    @Test(arguments: [true, false]) func stringsOfAllLengths(usesDictionaries: Bool) throws {
        var random = SeededRandom(seed: 83)
        let lengths = [0, 1, 7, 8, 15, 16, 17, 31, 32, 33, 63, 64, 65, 200]
        let values: [Value] = (0..<900).map { row in
            if row % 11 == 5 { return .null }
            let length = lengths[Int.random(in: 0..<lengths.count, using: &random)]
            return .string(String(repeating: ["a", "b", "c"][row % 3], count: length))
        }
        let schema = Schema([Field("t", .text), Field("last", .text)])
        let last: [Value] = values.map { _ in .string("z") }
        let batch = RecordBatch(schema: schema, columns: [Column(.text, of: values), Column(.text, of: last)], rowCount: values.count)
        for compression in [Compression.none, .snappy] {
            var options = ParquetWriter.Options()
            (options.pageRows, options.compression, options.usesDictionaries) = (100, compression, usesDictionaries)
            try check(try ParquetWriter.write([batch], schema: schema, options: options).bytes, [values, last], &random)
        }
    }

    /// Chunks and pages of more bytes than are read at once.
    @Test func longChunks() throws {
        var random = SeededRandom(seed: 84)
        let numbers: [Value] = (0..<200_000).map { _ in .integer(Int64.random(in: .min ... .max, using: &random)) }
        let schema = Schema([Field("n", .long, nullable: false)])
        let batch = RecordBatch(schema: schema, columns: [Column(.long, of: numbers)], rowCount: numbers.count)
        for pageRows in [9_999, 200_000] {
            var options = ParquetWriter.Options()
            (options.pageRows, options.pageBytes, options.compression, options.rowGroupRows) = (pageRows, 1 << 22, .none, 200_000)
            try check(try ParquetWriter.write([batch], schema: schema, options: options).bytes, [numbers], &random)
        }
    }

    @Test(arguments: [
        EncodingFixtures.deltasV1, EncodingFixtures.streamsV2, EncodingFixtures.gzip, EncodingFixtures.halvesAndUUIDs, Fixtures.numbers,
        Fixtures.int96, Fixtures.timesPlain, Fixtures.textsV1, Fixtures.textsV2, Fixtures.nested,
    ]) func otherWriters(fixture: String) throws {
        var random = SeededRandom(seed: 85)
        let bytes = [UInt8](try #require(Data(base64Encoded: fixture, options: .ignoreUnknownCharacters)))
        let reader = try ParquetReader(bytes: bytes)
        let batches = try reader.read(columns: Array(0..<reader.schema.count))
        try check(bytes, (0..<reader.schema.count).map { allValues(batches, $0) }, &random)
    }

    @Test func piecesThatDoNotMakeUpTheRowGroup() throws {
        let schema = Schema([Field("n", .long)])
        let batch = RecordBatch(schema: schema, columns: [Column(.long, of: (0..<10).map { .integer($0) })], rowCount: 10)
        let reader = try ParquetReader(bytes: try ParquetWriter.write([batch], schema: schema).bytes)
        for pieces in [[], [9], [11], [-1, 11], [5, 6], [.max, .min, 10]] {
            #expect(throws: ParquetError.schemaMismatch("the pieces do not make up the row group 0")) {
                try reader.read(columns: [0], rowGroup: 0, pieces: pieces)
            }
        }
        #expect(try reader.read(columns: [0], rowGroup: 0, pieces: [0, 10, 0])[0].map(\.count) == [0, 10, 0])
    }
}
