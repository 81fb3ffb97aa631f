import Columnar
import Testing

@Suite struct SortTests {
    private let types = RandomColumns.types.filter { type in
        switch type {
        case .map, .variant: false
        default: true
        }
    }

    private func plain(_ keys: [(values: [Value], type: DataType, ascending: Bool, nullsFirst: Bool)], _ count: Int) -> [Int32] {
        (0..<count).sorted { left, right in
            for key in keys {
                let (a, b) = (key.values[left], key.values[right])
                if a.isNull || b.isNull {
                    if a.isNull != b.isNull { return a.isNull == key.nullsFirst }
                    continue
                }
                let order = (plainOrder(a, b, key.type) ?? 0) * (key.ascending ? 1 : -1)
                if order != 0 { return order < 0 }
            }
            return left < right
        }.map { Int32($0) }
    }

    @Test func oneAndTwoKeys() {
        var source = RandomColumns(41)
        for (round, first) in types.enumerated() {
            for second in [nil, DataType.int, .text, types[(round + 5) % types.count]] {
                for count in [0, 1, 150] {
                    let ascending = (source.chance(2), source.chance(2))
                    let nullsFirst = (source.chance(2), source.chance(2))
                    let (a, left) = source.column(first, count: count)
                    var keys = [SortKey(a, ascending: ascending.0, nullsFirst: nullsFirst.0)]
                    var expected = [(values: left, type: first, ascending: ascending.0, nullsFirst: nullsFirst.0)]
                    if let second {
                        let (b, right) = source.column(second, count: count)
                        keys.append(SortKey(b, ascending: ascending.1, nullsFirst: nullsFirst.1))
                        expected.append((right, second, ascending.1, nullsFirst.1))
                    }
                    #expect(Kernel.sortIndices(keys) == plain(expected, count), "\(first) \(String(describing: second))")
                }
            }
        }
    }

    @Test func longColumnsAreSortedByDigits() {
        var source = RandomColumns(42)
        for type: DataType in [.long, .int, .double, .text, .decimal(DecimalType(38, 10))] {
            let (a, left) = source.column(type, count: 2000)
            let (b, right) = source.column(.byte, count: 2000)
            for ascending in [true, false] {
                let keys = [SortKey(a, ascending: ascending), SortKey(b)]
                let sorted = Kernel.sortIndices(keys)
                #expect(sorted == plain([(left, type, ascending, ascending), (right, .byte, true, true)], 2000), "\(type)")
            }
        }
    }

    @Test func theFirstFew() {
        var source = RandomColumns(43)
        let (a, _) = source.column(.int, count: 40_000)
        let (b, _) = source.column(.text, count: 40_000)
        let keys = [SortKey(a, ascending: false), SortKey(b)]
        let all = Kernel.sortIndices(keys)
        for limit in [0, 1, 10, 4000, 39_999, 50_000] { #expect(Kernel.sortIndices(keys, limit: limit) == Array(all.prefix(limit))) }
    }

    @Test func defaultsAreSparks() {
        let column = Column(.int, of: [.integer(2), .null, .integer(1)])
        #expect(Kernel.sortIndices([SortKey(column)]) == [1, 2, 0])
        #expect(Kernel.sortIndices([SortKey(column, ascending: false)]) == [0, 2, 1])
    }

    @Test func textWithZeroBytes() {
        let texts = ["a\u{0}", "a", "", "\u{0}", "abcdefgh", "abcdefgh\u{0}", "abcdefg", "abcdefghz"]
        let column = Column(.text, of: texts.map { .string($0) })
        #expect(
            Kernel.sortIndices([SortKey(column)]).map { texts[Int($0)] }
                == texts.sorted { Array($0.utf8).lexicographicallyPrecedes(Array($1.utf8)) })
    }

    @Test func textWithLongCommonBeginnings() {
        var source = RandomColumns(44)
        let beginnings = ["", String(repeating: "x", count: 40), String(repeating: "x", count: 64), String(repeating: "y", count: 3000)]
        let values: [Value] = (0..<700).map { _ in
            source.chance(9) ? .null : .string(beginnings[source.int(0...3)] + ["", "a", "\u{0}", "b"][source.int(0...3)])
        }
        let (numbers, second) = source.column(.byte, count: 700)
        for ascending in [true, false] {
            let keys = [SortKey(source.column(.text, values), ascending: ascending), SortKey(numbers)]
            #expect(Kernel.sortIndices(keys) == plain([(values, .text, ascending, ascending), (second, .byte, true, true)], 700))
        }
    }
}
