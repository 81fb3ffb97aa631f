import Columnar
import TestSupport
import Testing

@Suite struct AggregateTests {
    /// Batches with the groups growing.
    private func input(_ type: DataType, _ source: inout RandomColumns, single: Bool) -> [(
        column: Column, values: [Value], groups: [Int32], groupCount: Int
    )] {
        [(0, 1), (200, 3), (70, 3), (300, 9)].map { count, groups in
            let (column, values) = source.column(type, count: count)
            let groupCount = single ? 1 : groups
            return (column, values, (0..<count).map { _ in Int32(source.int(0...groupCount - 1)) }, groupCount)
        }
    }

    private func perGroup(_ batches: [(column: Column, values: [Value], groups: [Int32], groupCount: Int)], _ count: Int) -> [[Value]] {
        var result = [[Value]](repeating: [], count: count)
        for batch in batches {
            for (value, group) in zip(batch.values, batch.groups) where !value.isNull { result[Int(group)].append(value) }
        }
        return result
    }

    @Test(arguments: [true, false]) func counts(single: Bool) {
        var source = RandomColumns(51)
        let batches = input(.text, &source, single: single)
        var rows = GroupedCount()
        var values = GroupedCount()
        for batch in batches {
            rows.update(groups: batch.groups, groupCount: batch.groupCount)
            values.update(groups: batch.groups, groupCount: batch.groupCount, validity: batch.column.validity)
        }
        #expect(values.finish(groupCount: 12).allValues == perGroup(batches, 12).map { .integer(Int64($0.count)) })
        #expect(rows.finish(groupCount: 12).allValues.reduce(0) { if case .integer(let count) = $1 { $0 + count } else { $0 } } == 570)
    }

    @Test(arguments: [true, false]) func integerSums(single: Bool) throws {
        var source = RandomColumns(52)
        for type: DataType in [.byte, .short, .int] {
            let batches = input(type, &source, single: single)
            var sum = GroupedIntegerSum()
            var doubles = GroupedDoubleSum()
            var decimals = GroupedDecimalSum()
            for batch in batches {
                try sum.update(batch.column, groups: batch.groups, groupCount: batch.groupCount)
                try doubles.update(batch.column, groups: batch.groups, groupCount: batch.groupCount)
                if type == .int { try decimals.update(batch.column, groups: batch.groups, groupCount: batch.groupCount) }
            }
            let expected = perGroup(batches, 12).map { values -> Int64? in
                values.isEmpty ? nil : values.reduce(0) { if case .integer(let number) = $1 { $0 + number } else { $0 } }
            }
            #expect(!sum.overflowed)
            #expect(sum.finish(groupCount: 12).allValues == expected.map { $0.map { .integer($0) } ?? .null })
            #expect(doubles.finish(groupCount: 12).allValues == expected.map { $0.map { .double(Double($0)) } ?? .null })
            if type == .int {
                #expect(
                    try decimals.finish(groupCount: 12, type: DecimalType(20, 0)).allValues
                        == expected.map { $0.map { .decimal(Int128($0)) } ?? .null })
            }
        }
    }

    @Test func integerSumsOverflow() throws {
        for groupCount in [1, 2] {
            var sum = GroupedIntegerSum()
            try sum.update(Column(.long, of: [.integer(.max), .null, .integer(0)]), groups: [0, 0, 0], groupCount: groupCount)
            #expect(!sum.overflowed)
            try sum.update(Column(.long, of: [.integer(1)]), groups: [0], groupCount: groupCount)
            #expect(sum.overflowed)
            var narrow = GroupedIntegerSum()
            try narrow.update(Column(.long, of: [.integer(.min)]), groups: [0], groupCount: groupCount)
            try narrow.update(Column(.int, of: [.integer(-1)]), groups: [0], groupCount: groupCount)
            #expect(narrow.overflowed)
        }
    }

    @Test(arguments: [true, false]) func decimalSums(single: Bool) throws {
        var source = RandomColumns(53)
        for type in [DecimalType(9, 2), DecimalType(36, 10)] {
            let batches = input(.decimal(type), &source, single: single)
            var sum = GroupedDecimalSum()
            for batch in batches { try sum.update(batch.column, groups: batch.groups, groupCount: batch.groupCount) }
            let totals = perGroup(batches, 12).map { values -> Value in
                values.isEmpty ? .null : .decimal(values.reduce(0) { if case .decimal(let number) = $1 { $0 + number } else { $0 } })
            }
            let result = DecimalType(38, type.scale)
            let expected = totals.map {
                if case .decimal(let total) = $0, !DecimalMath.fits(total, precision: 38) { Value.null } else { $0 }
            }
            #expect(try sum.finish(groupCount: 12, type: result, onFault: .null).allValues == expected)
        }
        var sum = GroupedDecimalSum()
        let greatest = Value.decimal(DecimalMath.greatest(precision: 38))
        try sum.update(
            Column(.decimal(DecimalType(38, 0)), of: [greatest, .decimal(1)]), groups: single ? [0, 0] : [1, 1], groupCount: single ? 1 : 2)
        let full = sum
        #expect(throws: KernelError.overflow(row: single ? 0 : 1)) { try full.finish(groupCount: 2, type: DecimalType(38, 0)) }
        #expect(try full.finish(groupCount: 2, type: DecimalType(38, 0), onFault: .null).allValues == [.null, .null])
    }

    /// Up to 64 groups and more, with values of few bits, and with those of which a batch's sum just fits 64 bits, or does not.
    @Test(arguments: [2, 64, 65, 300]) func decimalSumsAndCounts(groupCount: Int) throws {
        var random = SeededRandom(seed: 57)
        for (bits, isWide) in [(20, false), (53, false), (54, false), (60, false), (63, false), (20, true), (54, true), (90, true), (100, true)] {
            var (sum, count, present) = (GroupedDecimalSum(), GroupedCount(), GroupedCount())
            var expected = [Int128](repeating: 0, count: groupCount)
            var (rows, valid) = (expected, expected)
            for hasNulls in [false, true, false] {
                let greatest = (Int128(1) << Int128(bits)) - 1
                let values = (0..<500).map { _ in [greatest, -greatest - 1, 0, 1, greatest][Int.random(in: 0..<5, using: &random)] }
                let groups = (0..<500).map { _ in Int32.random(in: 0..<Int32(groupCount), using: &random) }
                let validity = hasNulls ? Bitmap(values.map { _ in Bool.random(using: &random) }) : nil
                let type = DataType.decimal(DecimalType(isWide ? 38 : 18, 0))
                let column =
                    isWide
                    ? Column(type, .int128(PrimitiveArray(values, validity: validity)))
                    : Column(type, .int64(PrimitiveArray(values.map { Int64($0) }, validity: validity)))
                try sum.update(column, groups: groups, groupCount: groupCount)
                count.update(groups: groups, groupCount: groupCount)
                present.update(groups: groups, groupCount: groupCount, validity: validity)
                for row in 0..<500 {
                    rows[Int(groups[row])] += 1
                    guard validity?[row] ?? true else { continue }
                    valid[Int(groups[row])] += 1
                    expected[Int(groups[row])] += values[row]
                }
            }
            #expect(count.finish(groupCount: groupCount).allValues == rows.map { .integer(Int64($0)) })
            #expect(present.finish(groupCount: groupCount).allValues == valid.map { .integer(Int64($0)) })
            let wanted = zip(expected, valid).map { sum, count in
                count == 0 || !DecimalMath.fits(sum, precision: 38) ? Value.null : .decimal(sum)
            }
            #expect(try sum.finish(groupCount: groupCount, type: DecimalType(38, 0), onFault: .null).allValues == wanted, "\(bits) bits")
        }
    }

    @Test(arguments: [true, false]) func doubleSums(single: Bool) throws {
        var source = RandomColumns(54)
        for type: DataType in [.float, .double] {
            let batches = input(type, &source, single: single)
            var sum = GroupedDoubleSum()
            for batch in batches { try sum.update(batch.column, groups: batch.groups, groupCount: batch.groupCount) }
            let expected = perGroup(batches, 12).map { values -> Value in
                values.isEmpty
                    ? .null
                    : .double(
                        values.reduce(0) {
                            if case .double(let n) = $1 { $0 + n } else if case .float(let n) = $1 { $0 + Double(n) } else { $0 }
                        })
            }
            #expect(
                identical(
                    sum.finish(groupCount: 12).allValues.map { $0 == .double(0) ? .double(0) : $0 },
                    expected.map { $0 == .double(0) ? .double(0) : $0 }))
        }
    }

    @Test(arguments: [true, false]) func extremes(single: Bool) {
        var source = RandomColumns(55)
        for type in RandomColumns.types {
            switch type {
            case .map, .variant: continue
            default: break
            }
            let batches = input(type, &source, single: single)
            for which in [GroupedExtreme.Which.least, .greatest] {
                var extreme = GroupedExtreme(which, type: type)
                for batch in batches { extreme.update(batch.column, groups: batch.groups, groupCount: batch.groupCount) }
                let found = extreme.finish(groupCount: 12)
                #expect(found.type == type)
                for (value, values) in zip(found.allValues, perGroup(batches, 12)) {
                    #expect(value.isNull == values.isEmpty)
                    #expect(values.allSatisfy { ((plainOrder(value, $0, type) ?? 0) * (which == .least ? 1 : -1)) <= 0 }, "\(type)")
                    #expect(values.isEmpty || values.contains { identical($0, value) })
                }
            }
        }
    }

    /// Strings that begin alike for less and for more than eight bytes, zeros among them, at either end of their column's bytes.
    @Test func extremesOfStringsThatBeginAlike() {
        var random = SeededRandom(seed: 56)
        for _ in 0..<300 {
            let values: [Value] = (0..<Int.random(in: 1...6, using: &random)).map { _ in
                let stem = [UInt8](
                    repeating: [0, 97, 255].randomElement(using: &random) ?? 0, count: [0, 1, 7, 8, 9, 16].randomElement(using: &random) ?? 0)
                return .binary(stem + (0..<Int.random(in: 0...2, using: &random)).map { _ in [0, 97, 255].randomElement(using: &random) ?? 0 })
            }
            let column = Column(.binary, of: values)
            let ordered = values.sorted { (plainOrder($0, $1, .binary) ?? 0) < 0 }
            for (which, expected) in [(GroupedExtreme.Which.least, ordered[0]), (.greatest, ordered[ordered.count - 1])] {
                var extreme = GroupedExtreme(which, type: .binary)
                for row in values.indices {
                    extreme.update(column.slice(row..<row + 1), groups: [0], groupCount: 1)
                    extreme.update(column, groups: values.map { _ in 1 }, groupCount: 2)
                }
                #expect(extreme.finish(groupCount: 2).allValues == [expected, expected], "\(values)")
                var alone = GroupedExtreme(which, type: .binary)
                for part in [column.slice(0..<values.count / 2), column, column] {
                    alone.update(part, groups: [Int32](repeating: 0, count: part.count), groupCount: 1)
                }
                #expect(alone.finish(groupCount: 1).allValues == [expected], "\(values)")
            }
        }
    }

    @Test func partsMerge() throws {
        // Groups 0, 1 of the second part are 2, 0 of the whole.
        let map: [Int32] = [2, 0]
        let first = Column(.int, of: [.integer(1), .integer(5), .null])
        let second = Column(.int, of: [.integer(10), .integer(-3), .integer(4)])
        var count = (GroupedCount(), GroupedCount())
        count.0.update(groups: [0, 1, 1], groupCount: 2, validity: first.validity)
        count.1.update(groups: [0, 1, 1], groupCount: 2, validity: second.validity)
        count.0.merge(count.1, groups: map, groupCount: 3)
        #expect(count.0.finish(groupCount: 3).allValues == [.integer(3), .integer(1), .integer(1)])
        var sum = (GroupedIntegerSum(), GroupedIntegerSum())
        try sum.0.update(first, groups: [0, 1, 1], groupCount: 2)
        try sum.1.update(second, groups: [0, 1, 1], groupCount: 2)
        sum.0.merge(sum.1, groups: map, groupCount: 4)
        #expect(sum.0.finish(groupCount: 4).allValues == [.integer(2), .integer(5), .integer(10), .null])
        var least = (GroupedExtreme(.least, type: .int), GroupedExtreme(.least, type: .int))
        least.0.update(first, groups: [0, 1, 1], groupCount: 2)
        least.1.update(second, groups: [0, 1, 1], groupCount: 2)
        least.0.merge(least.1, groups: map, groupCount: 3)
        #expect(least.0.finish(groupCount: 3).allValues == [.integer(-3), .integer(5), .integer(10)])
        var decimal = (GroupedDecimalSum(), GroupedDecimalSum())
        try decimal.0.update(first, groups: [0, 1, 1], groupCount: 2)
        try decimal.1.update(second, groups: [0, 1, 1], groupCount: 2)
        decimal.0.merge(decimal.1, groups: map, groupCount: 3)
        #expect(try decimal.0.finish(groupCount: 3, type: DecimalType(20, 0)).allValues == [.decimal(2), .decimal(5), .decimal(10)])
    }
}
