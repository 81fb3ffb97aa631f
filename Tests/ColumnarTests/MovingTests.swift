import Columnar
import Testing

/// Filter, take, slice, concat and select against the same on plain values, on every layout.
@Suite struct MovingTests {
    /// Masks in runs of all lengths, up to those of many words.
    @Test(arguments: [1, 3, 30, 64, 200]) func filterByRuns(longest: Int) {
        var source = RandomColumns(46)
        for type in RandomColumns.types {
            let (column, values) = source.column(type, count: 700)
            for share in [2, 20] {
                var mask: [Bool] = []
                while mask.count < 700 {
                    let run = min(source.int(1...longest), 700 - mask.count)
                    mask += [Bool](repeating: source.int(1...share) > 1, count: run)
                }
                let expected = zip(values, mask).filter { $0.1 }.map { $0.0 }
                #expect(identical(column.filter(Bitmap(mask)).allValues, expected), "\(type)")
                let part = column.slice(5..<695).filter(Bitmap(mask[5..<695]))
                #expect(identical(part.allValues, zip(values[5..<695], mask[5..<695]).filter { $0.1 }.map { $0.0 }), "\(type)")
            }
        }
    }

    @Test(arguments: [0, 1, 63, 64, 65, 200]) func filterKeepsTheRowsOfTheMask(count: Int) {
        var source = RandomColumns(UInt64(count) + 1)
        for type in RandomColumns.types {
            for density in [1, 2, 7, 100] {
                let (column, values) = source.column(type, count: count)
                let mask = (0..<count).map { _ in density == 100 ? !source.chance(100) : source.chance(density) }
                let kept = column.filter(Bitmap(mask))
                #expect(identical(kept.allValues, zip(values, mask).filter { $0.1 }.map { $0.0 }), "\(type)")
                #expect(kept.type == type && (kept.nullCount > 0 || kept.validity == nil || type == .void))
            }
        }
    }

    @Test func filterTakesWholeWords() {
        var source = RandomColumns(5)
        let (column, values) = source.column(.long, count: 512)
        let mask = (0..<512).map { $0 / 64 % 2 == 0 || $0 % 70 == 0 }
        #expect(column.filter(Bitmap(mask)).allValues == zip(values, mask).filter { $0.1 }.map { $0.0 })
    }

    @Test func takeRepeatsAndMakesNulls() {
        var source = RandomColumns(2)
        for type in RandomColumns.types {
            for count in [0, 1, 130] {
                let (column, values) = source.column(type, count: count)
                for withNulls in [false, true] {
                    let indices = (0..<150).map { _ in Int32(source.int((withNulls ? -1 : 0)...max(count - 1, 0))) }.filter { $0 < count }
                    let taken = column.take(indices)
                    #expect(identical(taken.allValues, indices.map { $0 < 0 ? .null : values[Int($0)] }), "\(type)")
                    #expect(taken.count == indices.count)
                }
            }
        }
    }

    @Test func sliceThenMove() {
        var source = RandomColumns(3)
        for type in RandomColumns.types {
            let (column, values) = source.column(type, count: 150)
            for range in [0..<0, 0..<150, 1..<1, 63..<65, 64..<128, 17..<149, 150..<150] {
                let slice = column.slice(range)
                #expect(identical(slice.allValues, Array(values[range])), "\(type) \(range)")
                // A slice may share its parent's bytes: everything else must cope with offsets that do not begin with zero.
                let again = slice.take((0..<Int32(range.count)).reversed())
                #expect(identical(again.allValues, values[range].reversed()), "\(type) \(range)")
                #expect(identical(Column.concat([slice, slice], type: type).allValues, Array(values[range] + values[range])), "\(type)")
                #expect(
                    identical(slice.filter(Bitmap(range.map { $0 % 2 == 0 })).allValues, range.filter { $0 % 2 == 0 }.map { values[$0] }))
                if range.count > 2 {
                    #expect(identical(slice.slice(1..<range.count - 1).allValues, Array(values[range].dropFirst().dropLast())), "\(type)")
                }
            }
        }
    }

    @Test func concatKeepsOrder() {
        var source = RandomColumns(4)
        for type in RandomColumns.types {
            for counts in [[], [0], [3], [0, 70, 0, 5], [64, 64], [1, 1, 1, 63, 129]] {
                let parts = counts.map { source.column(type, count: $0) }
                let all = Column.concat(parts.map(\.0), type: type)
                #expect(identical(all.allValues, parts.flatMap(\.1)), "\(type)")
                #expect(all.type == type)
            }
            let (column, values) = source.column(type, count: 9)
            let mixed = Column.concat([Column(.void, .void(2)), column, Column(.void, .void(1))], type: type)
            #expect(identical(mixed.allValues, [.null, .null] + values + [.null]), "\(type)")
            #expect(Column.concat([Column(.void, .void(2))], type: type).allValues == [.null, .null])
        }
    }

    @Test func concatBringsPartsToOneLayout() {
        let parts = [Column(.int, of: [.integer(1), .null]), Column(.long, of: [.integer(2)]), Column(.text, of: [.string("x")])]
        #expect(Column.concat(parts, type: .long).allValues == [.integer(1), .null, .integer(2), .null])
        let type = DataType.structure([Field("a", .long)])
        let narrow = Column(type, .structure(StructArray(children: [parts[0]], count: 2)))
        #expect(
            Column.concat([narrow, .nulls(type, count: 1)], type: type).allValues == [
                .structure([.integer(1)]), .structure([.null]), .null,
            ])
    }

    @Test func selectTakesFromEither() {
        var source = RandomColumns(6)
        for type in RandomColumns.types {
            let (a, aValues) = source.column(type, count: 90)
            let (b, bValues) = source.column(type, count: 90)
            for mask in [[Bool](repeating: true, count: 90), [Bool](repeating: false, count: 90), (0..<90).map { $0 % 3 == 0 }] {
                let chosen = Column.select(Bitmap(mask), then: a, otherwise: b, type: type)
                #expect(identical(chosen.allValues, mask.enumerated().map { $1 ? aValues[$0] : bValues[$0] }), "\(type)")
            }
        }
    }

    @Test func nullsAndRepeats() {
        var source = RandomColumns(7)
        for type in RandomColumns.types {
            #expect(Column.nulls(type, count: 3).allValues == [.null, .null, .null])
            #expect(Column.nulls(type, count: 0).count == 0)
            let value = source.value(type)
            #expect(identical(Column(repeating: value, type: type, count: 70).allValues, [Value](repeating: value, count: 70)))
            let (column, values) = source.column(type, count: 80)
            let masked = column.nullWhereNot(Bitmap((0..<80).map { $0 % 2 == 0 }))
            #expect(identical(masked.allValues, values.enumerated().map { $0 % 2 == 0 ? $1 : .null }))
        }
    }

    @Test func batches() {
        let schema = Schema([Field("a", .int), Field("b", .text)])
        let batch = RecordBatch(
            schema: schema,
            columns: [Column(.int, of: [.integer(1), .integer(2), .null]), Column(.text, of: [.string("x"), .null, .string("z")])],
            rowCount: 3)
        #expect(batch.filter(Bitmap([true, false, true])).columns[1].allValues == [.string("x"), .string("z")])
        #expect(batch.take([2, -1]).columns[1].allValues == [.string("z"), .null])
        #expect(batch.slice(1..<3).columns[0].allValues == [.integer(2), .null])
        #expect(RecordBatch.concat([batch, batch], schema: schema).rowCount == 6)
        let empty = RecordBatch(schema: Schema([]), columns: [], rowCount: 4)
        #expect(empty.filter(Bitmap([true, false, true, true])).rowCount == 3)
        #expect(RecordBatch.concat([empty, empty], schema: Schema([])).rowCount == 8)
        #expect(RecordBatch.concat([], schema: schema).rowCount == 0)
    }

    @Test func bitmaps() {
        var source = RandomColumns(8)
        for count in [0, 1, 64, 100, 300] {
            let bits = (0..<count).map { _ in source.chance(2) }
            let bitmap = Bitmap(bits)
            #expect((0..<count).map { bitmap[$0] } == bits && bitmap.onesCount == bits.filter { $0 }.count)
            #expect(bitmap.indices() == (0..<count).filter { bits[$0] }.map { Int32($0) })
            #expect((~bitmap).onesCount == count - bitmap.onesCount)
        }
        var builder = BitmapBuilder()
        builder.append(repeating: true, count: 3)
        builder.append(repeating: false, count: 130)
        builder.append(repeating: true, count: 64)
        #expect(builder.zeros == 130)
        #expect(builder.finish() == Bitmap((0..<197).map { $0 < 3 || $0 >= 133 }))
    }
}

/// Limits of the 32-bit offsets, known before anything is copied.
@Suite struct SizeTests {
    @Test func tooLongColumnsAreKnownBeforehand() {
        let long = Column(.text, of: [.string(String(repeating: "x", count: 1 << 20)), .null, .string("")])
        #expect(long.byteSize >= 1 << 20 && long.byteSize < 1 << 21)
        #expect(long.canTake([Int32](repeating: 0, count: 2047)))
        #expect(!long.canTake([Int32](repeating: 0, count: 2048)))
        #expect(long.canTake([-1, 1, 2] + [Int32](repeating: 1, count: 5000)))
        let list = Column(.array(element: .text, containsNull: true), .list(ListArray(offsets: [0, 3], child: long)))
        #expect(list.canTake([Int32](repeating: 0, count: 2047)) && !list.canTake([Int32](repeating: 0, count: 2048)))
        let whole = Column(.structure([Field("a", list.type)]), .structure(StructArray(children: [list], count: 1)))
        #expect(whole.canTake([0, -1]) && !whole.canTake([Int32](repeating: 0, count: 2048)))
        for column in [long, list, whole] {
            #expect(Column.canConcat([Column](repeating: column, count: 2000)))
            #expect(!Column.canConcat([Column](repeating: column, count: 2048)))
        }
        let batch = RecordBatch(schema: Schema([Field("a", .text)]), columns: [long], rowCount: 3)
        #expect(batch.canTake([0, 1]) && batch.byteSize == long.byteSize)
        #expect(Column.canConcat([]))
    }
}
