import Columnar
import Parquet
import Synchronization
import TestSupport
import Testing

/// Values that every layout must keep to the bit, and random ones.
struct FlatColumns {
    var random: SeededRandom

    init(_ seed: UInt64) { random = SeededRandom(seed: seed) }

    static let types: [DataType] = [
        .boolean, .byte, .short, .int, .long, .float, .double, .decimal(DecimalType(1, 0)), .decimal(DecimalType(9, 2)),
        .decimal(DecimalType(10, 2)),
        .decimal(DecimalType(18, 18)), .decimal(DecimalType(19, 4)), .decimal(DecimalType(38, 10)), .text, .binary, .date, .timestamp,
        .timestampNTZ,
    ]

    mutating func int(_ range: ClosedRange<Int>) -> Int { Int.random(in: range, using: &random) }

    /// `distinct` limits how many values there are, so that dictionaries are worth while.
    mutating func values(_ type: DataType, _ count: Int, nulls: Bool, distinct: Int = .max) -> [Value] {
        let pool = (0..<min(distinct, count)).map { _ in value(type) }
        return (0..<count).map { index in
            if nulls, int(1...4) == 1 { return .null }
            return distinct == .max ? pool[index] : pool[int(0...pool.count - 1)]
        }
    }

    private mutating func value(_ type: DataType) -> Value {
        func whole<T: FixedWidthInteger>(_ type: T.Type) -> Int64 {
            switch int(1...5) {
            case 1: Int64(T.max)
            case 2: Int64(T.min)
            default: Int64(T.random(in: T.min...T.max, using: &random))
            }
        }
        switch type {
        case .boolean: return .boolean(int(0...1) == 1)
        case .byte: return .integer(whole(Int8.self))
        case .short: return .integer(whole(Int16.self))
        case .int, .date: return .integer(whole(Int32.self))
        case .float: return .float(Float(bitPattern: UInt32(int(0...Int(UInt32.max)))))
        case .double: return .double([0.0, -0.0, .infinity, 1.5, .nan][int(0...4)])
        case .decimal(let decimal):
            let greatest = DecimalMath.greatest(precision: decimal.precision)
            return .decimal([greatest, -greatest, 0, 7, Int128.random(in: -greatest...greatest, using: &random)][int(0...4)])
        case .text: return .string(String(repeating: ["a", "é", "日", "\u{0}"][int(0...3)], count: int(0...12)))
        case .binary: return .binary((0..<int(0...9)).map { _ in UInt8(int(0...255)) })
        default: return .integer(whole(Int64.self))
        }
    }

    /// A batch with two columns a type, nullable and required.
    mutating func batch(_ count: Int, distinct: Int = .max) -> (RecordBatch, [[Value]]) {
        var fields: [Field] = []
        var columns: [Column] = []
        var all: [[Value]] = []
        for type in Self.types {
            for nullable in [true, false] {
                let values = values(type, count, nulls: nullable, distinct: distinct)
                fields.append(Field("\(type.simpleText) \(nullable)", type, nullable: nullable))
                columns.append(Column(type, of: values))
                all.append(values)
            }
        }
        return (RecordBatch(schema: Schema(fields), columns: columns, rowCount: count), all)
    }
}

/// Whether the values are the same to the bit (all NaN alike).
func identical(_ left: [Value], _ right: [Value]) -> Bool {
    left.count == right.count
        && zip(left, right).allSatisfy { pair in
            switch pair {
            case (.float(let a), .float(let b)): a.bitPattern == b.bitPattern || (a.isNaN && b.isNaN)
            case (.double(let a), .double(let b)): a.bitPattern == b.bitPattern || (a.isNaN && b.isNaN)
            default: pair.0 == pair.1
            }
        }
}

func allValues(_ batches: [RecordBatch], _ column: Int) -> [Value] {
    batches.flatMap { batch in (0..<batch.rowCount).map { batch.columns[column].value(at: $0) } }
}

@Suite struct RoundTripTests {
    private func check(_ file: ParquetFile, _ schema: Schema, _ values: [[Value]], rows: Int) throws {
        let reader = try ParquetReader(bytes: file.bytes)
        #expect(reader.schema == schema)
        #expect(reader.rowCount == rows && file.statistics.rowCount == rows)
        let batches = try reader.read(columns: Array(schema.fields.indices))
        for (index, field) in schema.fields.enumerated() {
            #expect(identical(allValues(batches, index), values[index]), "\(field.name)")
            #expect(batches.allSatisfy { $0.columns[index].type == field.type })
            #expect(file.statistics.columns[index].nullCount == values[index].count { $0.isNull })
        }
    }

    @Test(arguments: [0, 1, 8, 9, 100, 700]) func valuesComeBack(count: Int) throws {
        var source = FlatColumns(UInt64(count))
        let (batch, values) = source.batch(count)
        for dictionaries in [true, false] {
            var options = ParquetWriter.Options()
            options.usesDictionaries = dictionaries
            for (groupRows, pageRows) in [(131_072, 20_000), (64, 10), (7, 1000)] {
                (options.rowGroupRows, options.pageRows) = (groupRows, pageRows)
                try check(ParquetWriter.write([batch], schema: batch.schema, options: options), batch.schema, values, rows: count)
            }
        }
    }

    @Test(arguments: [1, 2, 5, 100]) func repeatedValuesMakeDictionaries(distinct: Int) throws {
        var source = FlatColumns(UInt64(distinct) + 50)
        let (batch, values) = source.batch(900, distinct: distinct)
        var options = ParquetWriter.Options()
        options.pageRows = 200
        let file = try ParquetWriter.write([batch], schema: batch.schema, options: options)
        try check(file, batch.schema, values, rows: 900)
        options.usesDictionaries = false
        #expect(file.bytes.count < (try ParquetWriter.write([batch], schema: batch.schema, options: options)).bytes.count)
    }

    @Test func batchesAreGatheredIntoRowGroups() throws {
        var source = FlatColumns(3)
        let parts = [10, 0, 33, 1, 90].map { source.batch($0) }
        let schema = parts[0].0.schema
        var options = ParquetWriter.Options()
        options.rowGroupRows = 40
        let file = try ParquetWriter.write(parts.map(\.0), schema: schema, options: options)
        try check(file, schema, schema.fields.indices.map { index in parts.flatMap { $0.1[index] } }, rows: 134)
        #expect(try ParquetReader(bytes: file.bytes).rowGroupRowCounts == [40, 40, 40, 14])
    }

    @Test func longStringsEndPagesAndGroups() throws {
        let texts = (0..<50).map { Value.string(String(repeating: "\($0)", count: 100 + $0)) }
        let schema = Schema([Field("t", .text)])
        let batch = RecordBatch(schema: schema, columns: [Column(.text, of: texts)], rowCount: 50)
        var options = ParquetWriter.Options()
        (options.pageBytes, options.rowGroupBytes) = (500, 2000)
        let reader = try ParquetReader(bytes: try ParquetWriter.write([batch], schema: schema, options: options).bytes)
        #expect(reader.rowGroupCount > 2)
        #expect(allValues(try reader.read(columns: [0]), 0) == texts)
    }

    @Test func slicesAndColumnsOfNullsAreWritten() throws {
        let schema = Schema([Field("a", .text), Field("b", .decimal(DecimalType(20, 0)))])
        let texts = Column(.text, of: (0..<100).map { .string("value \($0 % 9)") }).slice(13..<77)
        let batch = RecordBatch(schema: schema, columns: [texts, Column(.void, .void(64))], rowCount: 64)
        let reader = try ParquetReader(bytes: try ParquetWriter.write([batch], schema: schema).bytes)
        #expect(allValues(try reader.read(columns: [1, 0]), 1) == (13..<77).map { .string("value \($0 % 9)") })
        #expect(allValues(try reader.read(columns: [1]), 0) == [Value](repeating: .null, count: 64))
    }

    @Test func otherTypesAreStoredAsSparkStoresThem() throws {
        let range = (DayTimeRange(.day, .second), YearMonthRange(.year, .month))
        let schema = Schema([
            Field("v", .varchar(5)), Field("c", .char(2)), Field("l", .string(.utf8LCase)), Field("dt", .dayTimeInterval(range.0)),
            Field("ym", .yearMonthInterval(range.1)),
        ])
        let values: [Value] = [.string("ab"), .string("c "), .string("L"), .integer(5), .integer(-14)]
        let batch = RecordBatch(schema: schema, columns: zip(schema.fields, values).map { Column($0.type, of: [$1]) }, rowCount: 1)
        let reader = try ParquetReader(bytes: try ParquetWriter.write([batch], schema: schema).bytes)
        #expect(reader.schema.fields.map(\.type) == [.text, .text, .text, .long, .int])
        #expect(try reader.read(columns: [0, 1, 2, 3, 4])[0].columns.map { $0.value(at: 0) } == values)
    }

    @Test func whatCannotBeWrittenIsRefused() {
        func error(_ type: DataType, _ column: Column, nullable: Bool = true) -> ParquetError? {
            let schema = Schema([Field("c", type, nullable: nullable)])
            do throws(ParquetError) {
                _ = try ParquetWriter.write([RecordBatch(schema: schema, columns: [column], rowCount: column.count)], schema: schema)
                return nil
            } catch {
                return error
            }
        }
        let array = DataType.array(element: .int, containsNull: true)
        #expect(
            error(array, .nulls(.array(element: .text, containsNull: true), count: 1))
                == .schemaMismatch("the column 'c' is not laid out as ARRAY<INT>"))
        #expect(error(.void, .nulls(.void, count: 1)) == .unsupported("the column 'c' of type VOID"))
        #expect(error(.int, .nulls(.int, count: 1), nullable: false) == .nullInRequiredColumn("c"))
        #expect(error(.int, .nulls(.long, count: 1)) == .schemaMismatch("the column 'c' is not laid out as INT"))
        let rows = RecordBatch(schema: Schema([]), columns: [], rowCount: 2)
        #expect(throws: ParquetError.unsupported("rows without columns")) { try ParquetWriter.write([rows], schema: rows.schema) }
    }

    @Test func whatIsSaidBesideTheValuesComesBack() throws {
        let schema = Schema([Field("a", .int), Field("b", .text, nullable: false)])
        var options = ParquetWriter.Options()
        options.keyValueMetadata = [("k", "v"), ("empty", "")]
        options.fieldIDs = [7, nil]
        let bytes = try ParquetWriter.write([], schema: schema, options: options).bytes
        let reader = try ParquetReader(bytes: bytes)
        #expect(reader.createdBy == "dbxsim")
        #expect(reader.fieldIDs == [7, nil])
        #expect(reader.keyValueMetadata.map(\.key) == ["k", "empty"] && reader.keyValueMetadata.map(\.value) == ["v", ""])
        #expect(reader.rowCount == 0 && reader.rowGroupCount == 0)
        #expect(try reader.read(columns: [0]).isEmpty)
        #expect(throws: ParquetError.schemaMismatch("there is no column 2")) {
            try ParquetReader(
                bytes: ParquetWriter.write(
                    [RecordBatch(schema: schema, columns: [.nulls(.int, count: 1), Column(.text, of: [.string("")])], rowCount: 1)],
                    schema: schema
                ).bytes
            )
            .read(columns: [2])
        }
    }

    /// Of a file elsewhere the footer and the columns that are asked for are got, and nothing else.
    @Test func partsOfAFile() throws {
        var source = FlatColumns(91)
        let (batch, values) = source.batch(3000)
        let file = try ParquetWriter.write([batch], schema: batch.schema)
        let read = Mutex(0)
        let reader = try ParquetReader(
            ParquetSource(size: file.bytes.count) { range throws(ParquetError) in
                read.withLock { $0 += range.count }
                return Array(file.bytes[range])
            })
        #expect(file.rowGroupRowCounts == reader.rowGroupRowCounts)
        #expect(identical(allValues(try reader.read(columns: [3]), 0), values[3]))
        #expect(read.withLock { $0 } < 65_536 + 3000 * 4 && file.bytes.count > 200_000)
        let unreadable = ParquetSource(size: 100) { _ throws(ParquetError) in throw .unreadable("gone") }
        #expect(throws: ParquetError.unreadable("gone")) { try ParquetReader(unreadable) }
        #expect(throws: ParquetError.malformed("no magic number at the end")) {
            try ParquetReader(ParquetSource(size: 1 << 40) { _ throws(ParquetError) in [] })
        }
    }
}
