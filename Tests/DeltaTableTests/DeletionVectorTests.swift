import Columnar
import DeltaTable
import Storage
import TestSupport
import Testing

/// Vectors that CRoaring wrote (pyroaring's `BitMap.serialize`), framed as the protocol says.
@Suite struct DeletionVectorTests {
    private static let rows = 20_000

    private func table() throws -> Fixture {
        let fixture = Fixture()
        try fixture.create(properties: ["delta.enableDeletionVectors": "true"])
        try fixture.append([Fixture.batch((0..<Int64(Self.rows)).map { ($0, nil) })])
        return fixture
    }

    /// What is left of the file under a vector.
    private func ids(_ fixture: Fixture, _ descriptor: String) throws -> [Int64] {
        let file = try fixture.table.snapshot(.version(1)).files[0]
        try fixture.putLog(
            2,
            [
                #"{"add":{"path":"\#(file.path)","partitionValues":{},"size":\#(file.size),"modificationTime":1,"dataChange":true,"deletionVector":\#(descriptor)}}"#,
                #"{"remove":{"path":"\#(file.path)","deletionTimestamp":1,"dataChange":true}}"#,
            ])
        let other = Fixture(fixture.store)
        return try other.rows(other.table.snapshot(), columns: [0]).compactMap { if case .integer(let id) = $0[0] { id } else { nil } }
    }

    private func inline(_ text: String, size: Int, cardinality: Int) -> String {
        #"{"storageType":"i","pathOrInlineDv":"\#(text)","sizeInBytes":\#(size),"cardinality":\#(cardinality)}"#
    }

    @Test func inlineLists() throws {
        let left = try ids(table(), inline("^Bg9^0rr910000000000iXQKl0rr91000625c8Xg000621POJ5", size: 38, cardinality: 3))
        #expect(left.count == Self.rows - 3)
        #expect(left.prefix(4) == [1, 3, 4, 6])
    }

    @Test func runs() throws {
        let left = try ids(table(), inline("^Bg9^0rr910000000000j1{Tm0rr9a0096b00@S9", size: 31, cardinality: 10))
        #expect(left.count == Self.rows - 10)
        #expect(Array(left[8..<12]) == [8, 9, 20, 21])
    }

    /// Every even row below 20,000: a container of bits, in a file with another vector ahead of it.
    private func file() -> [UInt8] {
        func little(_ value: Int, _ size: Int) -> [UInt8] { (0..<size).map { UInt8(truncatingIfNeeded: value >> (8 * $0)) } }
        var data = little(1_681_511_377, 4) + little(1, 8) + little(0, 4)
        data += little(12346, 4) + little(1, 4) + little(0, 2) + little(9999, 2) + little(16, 4)
        data += (0..<8192).map { $0 < 2500 ? 0x55 : 0 }
        let size = data.count
        return [1] + [9, 9, 9] + little(size, 4).reversed() + data + little(1_907_805_720, 4).reversed()
    }

    private let stored = #"{"storageType":"u","pathOrInlineDv":"ab5&rTlN.mID0v73CIl1[&","offset":4,"sizeInBytes":8224,"cardinality":10000}"#
    private let path = "tables/t/ab/deletion_vector_12345678-9abc-def0-0123-456789abcdef.bin"

    @Test func bitsInAFile() throws {
        let fixture = try table()
        try fixture.store.put(path, file())
        let left = try ids(fixture, stored)
        #expect(left.count == 10_000 && left.allSatisfy { $0 % 2 == 1 })
        let snapshot = try Fixture(fixture.store).table.snapshot()
        #expect(snapshot.files[0].deletionVector?.cardinality == 10_000)
    }

    @Test func damagedOnes() throws {
        let fixture = try table()
        let error = { (descriptor: String) in condition { _ = try self.ids(fixture, descriptor) } }
        #expect(error(stored) == "FAILED_READ_FILE.DBR_FILE_NOT_EXIST")
        var bytes = file()
        bytes[4000] ^= 1
        try fixture.store.put(path, bytes)
        #expect(error(stored) == "FAILED_READ_FILE.NO_HINT")
        try fixture.store.put(path, Array(file().prefix(5000)))
        #expect(error(stored) == "FAILED_READ_FILE.NO_HINT")
        let lists = "^Bg9^0rr910000000000iXQKl0rr91000625c8Xg000621POJ5"
        #expect(error(inline(lists, size: 38, cardinality: 4)) == "FAILED_READ_FILE.NO_HINT")
        #expect(error(inline(lists, size: 60, cardinality: 3)) == "DELTA_UNRECOGNIZED_LOGFILE")
        #expect(error(inline("~~~~~", size: 4, cardinality: 3)) == "DELTA_UNRECOGNIZED_LOGFILE")
        var random = SeededRandom(seed: 3)
        let alphabet = Array("0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ.-:+=^!/*?&()[]{}@%$#")
        for _ in 0..<30 {
            var text = Array(lists)
            for _ in 0..<2 { text[Int.random(in: 0..<text.count, using: &random)] = alphabet.randomElement(using: &random) ?? "0" }
            _ = error(inline(String(text), size: 38, cardinality: 3))
        }
    }
}

/// Files that were written before a column's type was widened.
@Suite struct TypeWideningTests {
    @Test(arguments: [
        (DataType.byte, Value.integer(-7), DataType.int, Value.integer(-7)), (.short, .integer(300), .long, .integer(300)),
        (.int, .integer(5), .double, .double(5)), (.float, .float(1.5), .double, .double(1.5)),
        (.date, .integer(2), .timestampNTZ, .integer(172_800_000_000)),
        (.int, .integer(-12), .decimal(DecimalType(12, 2)), .decimal(-1200)),
        (.long, .integer(12), .decimal(DecimalType(22, 2)), .decimal(1200)),
        (.decimal(DecimalType(5, 1)), .decimal(125), .decimal(DecimalType(8, 3)), .decimal(12500)),
        (.decimal(DecimalType(18, 1)), .decimal(125), .decimal(DecimalType(30, 3)), .decimal(12500)),
    ])
    func widened(from: DataType, value: Value, to: DataType, expected: Value) throws {
        let fixture = Fixture()
        try fixture.table.create(
            schema: TableSchema([TableField("c", from)]), properties: ["delta.enableTypeWidening": "true"], commit: fixture.context())
        let batch = RecordBatch(schema: Schema([Field("c", from)]), columns: [Column(from, of: [value, .null])], rowCount: 2)
        try fixture.append([batch])
        let changed = try fixture.change { $0.schemaString = TableSchema([TableField("c", to)]).schemaString }
        #expect(changed.tableProtocol.readerFeatures?.contains("typeWidening") == true)
        let other = Fixture(fixture.store)
        #expect(try other.rows(other.table.snapshot()) == [[expected], [.null]])
    }

    @Test func narrowedIsRefused() throws {
        let fixture = Fixture()
        try fixture.table.create(schema: TableSchema([TableField("c", .decimal(DecimalType(8, 3)))]), commit: fixture.context())
        let type = DataType.decimal(DecimalType(8, 3))
        try fixture.append([RecordBatch(schema: Schema([Field("c", type)]), columns: [Column(type, of: [.decimal(1)])], rowCount: 1)])
        let changed = try fixture.change { $0.schemaString = TableSchema([TableField("c", .decimal(DecimalType(8, 4)))]).schemaString }
        #expect(condition { _ = try fixture.rows(changed) } == "FAILED_READ_FILE.PARQUET_COLUMN_DATA_TYPE_MISMATCH")
    }
}
