import Columnar
import Foundation
import Parquet
import Testing

/// Encodings, codecs, logical types and old layouts that other writers make.
@Suite struct EncodingTests {
    private func reader(_ base64: String) throws -> ParquetReader {
        try ParquetReader(bytes: [UInt8](try #require(Data(base64Encoded: base64, options: .ignoreUnknownCharacters))))
    }

    private static func column(_ value: (Int) -> Value) -> [Value] { (0..<40).map { $0 % 7 == 3 ? .null : value($0) } }

    private static let integers = column { .integer(Int64($0 * 123_456_789_012 - 1_000_000_000_000)) }
    private static let texts = column { .string("value \($0 / 3) of \($0 % 5)") }

    @Test(arguments: [EncodingFixtures.deltasV1, EncodingFixtures.streamsV2]) func encodings(fixture: String) throws {
        let batches = try reader(fixture).read(columns: Array(0..<7))
        #expect(allValues(batches, 0) == Self.column { .integer(Int64($0 * $0 * 7919 - 50000)) })
        #expect(allValues(batches, 1) == Self.integers)
        #expect(allValues(batches, 2) == Self.column { .float(Float($0) / 4) })
        #expect(allValues(batches, 3) == Self.column { .double(Double($0 * $0) / 8) })
        #expect(allValues(batches, 4) == Self.texts)
        #expect(allValues(batches, 5) == Self.column { .binary([UInt8($0), 1, 2, 3, UInt8($0 * 3 % 256)]) })
        #expect(allValues(batches, 6) == Self.column { .boolean($0 % 3 == 0) })
    }

    @Test(arguments: [EncodingFixtures.gzip, EncodingFixtures.lz4]) func codecs(fixture: String) throws {
        let batches = try reader(fixture).read(columns: [0, 1])
        #expect(allValues(batches, 0) == Self.integers && allValues(batches, 1) == Self.texts)
    }

    @Test func whatIsNotReadIsNamed() throws {
        #expect(throws: ParquetError.unsupported("the compression codec BROTLI")) { try reader(EncodingFixtures.brotli).read(columns: [0]) }
        let time = HandMade(elements: [("t", 0, 1, nil, 7)], rows: 1, pages: [.init(type: 1, values: 1, body: [0, 0, 0, 0])])
        #expect(throws: ParquetError.unsupported("the column 't' of type INT32 (TIME)")) { try ParquetReader(bytes: time.bytes) }
    }

    @Test func halvesAndUUIDs() throws {
        let file = try reader(EncodingFixtures.halvesAndUUIDs)
        #expect(file.schema.fields.map(\.type) == [.float, .text])
        let batches = try file.read(columns: [0, 1])
        #expect(allValues(batches, 0) == [.float(1.5), .null, .float(-0x1p-24), .float(65504), .float(.infinity)])
        let zero = Value.string("00000000-0000-0000-0000-000000000000")
        #expect(
            allValues(batches, 1) == [
                .string("12345678-9abc-def0-0123-456789abcdef"), .null, zero, .string("ffffffff-ffff-ffff-ffff-ffffffffffff"), zero,
            ])
    }

    @Test(arguments: Compression.allCases) func ownCompression(compression: Compression) throws {
        let texts: [Value] = (0..<3000).map { .string("a text that repeats, number \($0 % 700)") }
        let schema = Schema([Field("t", .text), Field("n", .long)])
        let columns = [Column(.text, of: texts), Column(.long, of: (0..<3000).map { .integer($0 * $0) })]
        var options = ParquetWriter.Options()
        options.compression = compression
        options.pageRows = 999
        let bytes = try ParquetWriter.write([RecordBatch(schema: schema, columns: columns, rowCount: 3000)], schema: schema, options: options).bytes
        let batches = try ParquetReader(bytes: bytes).read(columns: [0, 1])
        #expect(allValues(batches, 0) == texts)
        #expect(allValues(batches, 1) == (0..<3000).map { .integer($0 * $0) })
        options.compression = .none
        let plain = try ParquetWriter.write([RecordBatch(schema: schema, columns: columns, rowCount: 3000)], schema: schema, options: options).bytes
        #expect(compression == .none ? bytes.count == plain.count : bytes.count < plain.count * 4 / 5)
    }

    /// Lists of two levels: of a repeated leaf, of a repeated group by its name, and without any annotation.
    @Test func oldLists() throws {
        let list = 3
        // Two rows of one optional level: [7, 8] and null.
        let levels: [UInt8] = [2, 0, 0, 0, 3, 0b010, 3, 0, 0, 0, 3, 0b001010, 0]
        let numbers: [UInt8] = [7, 0, 0, 0, 0, 0, 0, 0, 8, 0, 0, 0, 0, 0, 0, 0]
        let leaf = HandMade(
            elements: [("c", 1, nil, 1, list), ("element", 2, 2, nil, nil)], rows: 2, pages: [.init(values: 3, body: levels + numbers)])
        let values: [Value] = [.list([.integer(7), .integer(8)]), .null]
        let file = try ParquetReader(bytes: leaf.bytes)
        #expect(file.schema.fields == [Field("c", .array(element: .long, containsNull: false))])
        #expect(allValues(try file.read(columns: [0]), 0) == values)
        for name in ["array", "c_tuple"] {
            let group = HandMade(
                elements: [("c", 1, nil, 1, list), (name, 2, nil, 1, nil), ("x", 0, 2, nil, nil)], rows: 2,
                pages: [.init(values: 3, body: levels + numbers)])
            let file = try ParquetReader(bytes: group.bytes)
            #expect(file.schema.fields[0].type == .array(element: .structure([Field("x", .long, nullable: false)]), containsNull: false))
            #expect(allValues(try file.read(columns: [0]), 0)[0] == .list([.structure([.integer(7)]), .structure([.integer(8)])]))
        }
        // Repeated without a list around: never null, so that its only level tells whether there is an element.
        let bare = HandMade(
            elements: [("c", 2, 2, nil, nil)], rows: 2,
            pages: [.init(values: 3, body: [2, 0, 0, 0, 3, 0b010, 2, 0, 0, 0, 3, 0b011] + numbers)])
        let bareFile = try ParquetReader(bytes: bare.bytes)
        #expect(bareFile.schema.fields == [Field("c", .array(element: .long, containsNull: false), nullable: false)])
        #expect(allValues(try bareFile.read(columns: [0]), 0) == [.list([.integer(7), .integer(8)]), .list([])])
    }

    /// A block of LZ4 that holds 7 and 8 as literals, with and without Hadoop's lengths ahead.
    @Test func lz4OfHadoop() throws {
        let block: [UInt8] = [0xF0, 1, 7, 0, 0, 0, 0, 0, 0, 0, 8, 0, 0, 0, 0, 0, 0, 0]
        let framed: [UInt8] = [0, 0, 0, 16, 0, 0, 0, 18] + block
        for body in [block, framed] {
            let file = HandMade(elements: [("c", 0, 2, nil, nil)], rows: 2, pages: [.init(codec: 5, values: 2, body: body, size: 16)])
            #expect(allValues(try ParquetReader(bytes: file.bytes).read(columns: [0]), 0) == [.integer(7), .integer(8)])
        }
    }

    @Test func pagesThatLieAboutTheirSize() throws {
        let block: [UInt8] = [0xF0, 1, 7, 0, 0, 0, 0, 0, 0, 0, 8, 0, 0, 0, 0, 0, 0, 0]
        func error(_ size: Int, codec: Int) -> ParquetError? {
            let file = HandMade(elements: [("c", 0, 2, nil, nil)], rows: 2, pages: [.init(codec: codec, values: 2, body: block, size: size)])
            do throws(ParquetError) {
                _ = try ParquetReader(bytes: file.bytes, limits: .init(rowsPerGroup: 100, bytesPerColumn: 1 << 20)).read(columns: [0])
                return nil
            } catch {
                return error
            }
        }
        #expect(error(15, codec: 7) == .malformed("a page that cannot be decompressed from LZ4_RAW"))
        #expect(error(1 << 19, codec: 7) == .malformed("a page that cannot be decompressed from LZ4_RAW"))
        #expect(error(-1, codec: 7) == .malformed("a page of -1 bytes"))
        for (codec, name) in [(1, "SNAPPY"), (2, "GZIP"), (6, "ZSTD")] {
            #expect(error(16, codec: codec) == .malformed("a page that cannot be decompressed from \(name)"))
            #expect(error(1 << 30, codec: codec) == .tooLarge("a page of 1073741824 bytes"))
        }
    }
}
