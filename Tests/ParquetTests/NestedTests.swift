import Columnar
import Foundation
import Parquet
import TestSupport
import Testing

/// Columns of lists, maps and structs, taken apart and put together again.
@Suite struct NestedTests {
    /// Types of any depth, and values of them.
    private struct Source {
        var random: SeededRandom

        mutating func int(_ range: ClosedRange<Int>) -> Int { Int.random(in: range, using: &random) }

        mutating func type(depth: Int) -> DataType {
            switch int(depth > 0 ? 1...7 : 5...7) {
            case 1, 2: return .array(element: type(depth: depth - 1), containsNull: int(0...1) == 0)
            case 3: return .map(key: .text, value: type(depth: depth - 1), valueContainsNull: int(0...1) == 0)
            case 4:
                return .structure((0..<int(1...3)).map { Field("f\($0)", type(depth: depth - 1), nullable: int(0...2) > 0) })
            case 5: return .text
            case 6: return [.int, .boolean, .double, .decimal(DecimalType(30, 4)), .byte, .variant][int(0...5)]
            default: return .long
            }
        }

        mutating func value(_ type: DataType, nullable: Bool) -> Value {
            if nullable, int(1...4) == 1 { return .null }
            switch type {
            case .array(let element, let containsNull): return .list((0..<int(0...3)).map { _ in value(element, nullable: containsNull) })
            case .map(_, let item, let containsNull):
                return .map((0..<int(0...2)).map { .init(.string("k\($0)"), value(item, nullable: containsNull)) })
            case .structure(let fields): return .structure(fields.map { value($0.type, nullable: $0.nullable) })
            case .variant: return .structure([.binary([1, 0, 0]), .binary([12, UInt8(int(0...255))])])
            case .text: return .string(["", "a", "日", "long text of some length"][int(0...3)])
            case .boolean: return .boolean(int(0...1) == 1)
            case .double: return .double(Double(int(-9...9)) / 4)
            case .decimal: return .decimal(Int128(int(-9_000_000...9_000_000)) * 1_000_000_000_000)
            default: return .integer(Int64(int(-100...100)))
            }
        }
    }

    /// What a reader of the file sees of a variant: the struct of its parts.
    private func inFile(_ type: DataType) -> DataType {
        switch type {
        case .variant: .structure([Field("metadata", .binary, nullable: false), Field("value", .binary, nullable: false)])
        case .array(let element, let containsNull): .array(element: inFile(element), containsNull: containsNull)
        case .map(let key, let value, let containsNull): .map(key: inFile(key), value: inFile(value), valueContainsNull: containsNull)
        case .structure(let fields): .structure(fields.map { Field($0.name, inFile($0.type), nullable: $0.nullable) })
        default: type
        }
    }

    @Test func typesOfAnyDepth() throws {
        var source = Source(random: SeededRandom(seed: 11))
        for round in 0..<250 {
            let count = [0, 1, 7, 60][round % 4]
            let field = Field("c", source.type(depth: 1 + round % 4), nullable: round % 3 > 0)
            let values = (0..<count).map { _ in source.value(field.type, nullable: field.nullable) }
            let batch = RecordBatch(schema: Schema([field]), columns: [Column(field.type, of: values)], rowCount: count)
            var options = ParquetWriter.Options()
            (options.pageRows, options.rowGroupRows, options.usesDictionaries) = (round % 5 == 0 ? 1 : 16, 25, round % 2 == 0)
            let reader = try ParquetReader(bytes: try ParquetWriter.write([batch], schema: batch.schema, options: options).bytes)
            #expect(reader.schema.fields == [Field("c", inFile(field.type), nullable: field.nullable)])
            let batches = try reader.read(columns: [0])
            #expect(batches.reduce(0) { $0 + $1.rowCount } == count)
            #expect(allValues(batches, 0) == values, "\(field.type.sqlText)")
        }
    }

    @Test func emptyListsAndNullsAreToldApart() throws {
        let type = DataType.array(element: .array(element: .int, containsNull: true), containsNull: true)
        let values: [Value] = [
            .null, .list([]), .list([.null]), .list([.list([])]), .list([.list([.null]), .list([.integer(1), .integer(2)]), .null]),
        ]
        let batch = RecordBatch(schema: Schema([Field("a", type)]), columns: [Column(type, of: values)], rowCount: values.count)
        let file = try ParquetWriter.write([batch], schema: batch.schema)
        #expect(try allValues(ParquetReader(bytes: file.bytes).read(columns: [0]), 0) == values)
        #expect(file.statistics.columns[0] == ColumnStatistics(nullCount: 1, min: nil, max: nil))
    }

    @Test func slicesOfListsAreWrittenAsTheyAre() throws {
        let type = DataType.map(key: .int, value: .text, valueContainsNull: true)
        let values: [Value] = (0..<40).map { row in .map((0..<row % 4).map { .init(.integer(Int64($0)), .string("\(row)")) }) }
        let whole = RecordBatch(schema: Schema([Field("m", type)]), columns: [Column(type, of: values)], rowCount: 40)
        let file = try ParquetWriter.write([whole.slice(5..<17), whole.slice(30..<31)], schema: whole.schema)
        #expect(try allValues(ParquetReader(bytes: file.bytes).read(columns: [0]), 0) == Array(values[5..<17]) + [values[30]])
    }

    @Test func nullsWhereNoneMayBe() throws {
        func write(_ type: DataType, _ value: Value) throws {
            let batch = RecordBatch(schema: Schema([Field("c", type)]), columns: [Column(type, of: [value])], rowCount: 1)
            _ = try ParquetWriter.write([batch], schema: batch.schema)
        }
        #expect(throws: ParquetError.nullInRequiredColumn("element")) { try write(.array(element: .int, containsNull: false), .list([.null])) }
        let inner = DataType.structure([Field("x", .int, nullable: false)])
        #expect(throws: ParquetError.nullInRequiredColumn("x")) { try write(inner, .structure([.null])) }
        try write(inner, .null)
        #expect(throws: ParquetError.unsupported("the column 'element' of type VOID")) {
            try write(.array(element: .void, containsNull: true), .list([.null]))
        }
        #expect(throws: ParquetError.unsupported("the column 'c' of type STRUCT<>")) { try write(.structure([]), .structure([])) }
    }

    @Test func idsOfFieldsWithin() throws {
        let type = DataType.array(element: .structure([Field("x", .int), Field("y", .text)]), containsNull: true)
        var options = ParquetWriter.Options()
        options.fieldIDs = [1]
        options.nestedFieldIDs = [["c", "element"]: 2, ["c", "element", "y"]: 4]
        let reader = try ParquetReader(bytes: try ParquetWriter.write([], schema: Schema([Field("c", type)]), options: options).bytes)
        #expect(reader.fieldIDs == [1])
        #expect(reader.nestedFieldIDs == [[["element"]: 2, ["element", "y"]: 4]])
    }

    @Test func levelsThatDisagreeAreRefused() throws {
        let type = DataType.map(key: .int, value: .int, valueContainsNull: false)
        let values: [Value] = [.map([.init(.integer(1), .integer(2)), .init(.integer(3), .integer(4))]), .map([])]
        let batch = RecordBatch(schema: Schema([Field("m", type)]), columns: [Column(type, of: values)], rowCount: 2)
        var options = ParquetWriter.Options()
        options.usesDictionaries = false
        options.compression = .none
        let bytes = try ParquetWriter.write([batch], schema: batch.schema, options: options).bytes
        // The repetition levels of both leaves, three entries in one packed run of 0, 1, 0; and their definition levels 2, 2, 1.
        func places(_ levels: [UInt8]) -> [Int] { (0..<bytes.count - 8).filter { bytes[$0..<$0 + levels.count].elementsEqual(levels) } }
        let (repetitions, definitions) = (places([2, 0, 0, 0, 3, 0b010]), places([3, 0, 0, 0, 3, 0b011010, 0]))
        try #require(repetitions.count == 2 && definitions.count == 2)
        func error(_ change: (inout [UInt8]) -> Void) -> ParquetError? {
            var damaged = bytes
            change(&damaged)
            do throws(ParquetError) {
                _ = try ParquetReader(bytes: damaged).read(columns: [0])
                return nil
            } catch {
                return error
            }
        }
        #expect(error { $0[definitions[1] + 5] = 0b010110 } == .malformed("the parts of the column 'm' disagree on its lists"))
        #expect(error { $0[repetitions[0] + 5] = 0b110 } == .malformed("the parts of the column 'm' disagree on its lists"))
        #expect(error { $0[repetitions[0] + 5] = 0b000 } == .malformed("the column 'm' has 3 rows where there are 2"))
        #expect(error { $0[repetitions[0] + 5] = 0b011 } == .malformed("the column 'm' begins within a list"))
    }
}
