import Columnar
import Testing

@Suite struct GroupingTests {
    private let combinations: [[DataType]] =
        RandomColumns.types.map { [$0] } + [
            [.int, .int], [.boolean, .byte, .short], [.text, .text], [.text, .int], [.long, .text], [.long, .long],
            [.decimal(DecimalType(38, 10)), .boolean],
            [.double, .float, .date], [.array(element: .int, containsNull: true), .string(.utf8LCase), .void],
        ]

    /// A value in a form that is equal exactly for values of one group.
    private func key(_ value: Value, _ type: DataType) -> Value {
        switch (value, type) {
        case (.float(let number), _): .integer(Int64(number.isNaN ? 1 : number == 0 ? 0 : number.bitPattern))
        case (.double(let number), _): .decimal(Int128(number.isNaN ? 1 : number == 0 ? 0 : number.bitPattern))
        case (.string(let text), .string(.utf8LCase)): .binary(Array(text.lowercased().utf8))
        case (.string(let text), _): .binary(Array(text.utf8))
        case (.list(let items), .array(let element, _)): .list(items.map { key($0, element) })
        case (.structure(let items), .structure(let fields)): .structure(zip(items, fields).map { key($0, $1.type) })
        case (.map(let entries), .map(let keyType, let valueType, _)):
            .list(entries.map { .structure([key($0.key, keyType), key($0.value, valueType)]) }.sorted { "\($0)" < "\($1)" })
        default: value
        }
    }

    private func batches(_ types: [DataType], _ source: inout RandomColumns) -> [[(Column, [Value])]] {
        [70, 0, 1, 300].map { count in types.map { source.column($0, count: count) } }
    }

    @Test func groupsAreNumberedInOrderOfAppearance() {
        var source = RandomColumns(31)
        for types in combinations {
            var indexer = GroupIndexer(types: types)
            var known: [[Value]: Int32] = [:]
            var firsts: [[Value]] = []
            for batch in batches(types, &source) {
                let rows = batch[0].0.count
                let found = indexer.groups(of: batch.map(\.0))
                let expected = (0..<rows).map { row in
                    let values = batch.map { $0.1[row] }
                    let key = zip(values, types).map { self.key($0, $1) }
                    if let group = known[key] { return group }
                    known[key] = Int32(known.count)
                    firsts.append(values)
                    return Int32(known.count - 1)
                }
                #expect(found == expected, "\(types)")
                #expect(indexer.find(batch.map(\.0)) == expected, "\(types)")
            }
            #expect(indexer.count == known.count)
            let keys = indexer.keyColumns()
            for (index, type) in types.enumerated() {
                let expected = firsts.map { key($0[index], type) }
                #expect(keys[index].allValues.map { key($0, type) } == expected, "\(types)")
                // The first row's own text stands for the group, not its form for comparing.
                if case .string = type { #expect(keys[index].allValues == firsts.map { $0[index] }) }
            }
        }
    }

    @Test func floatKeysAreGivenBackNormalised() {
        var indexer = GroupIndexer(types: [.double])
        #expect(indexer.groups(of: [Column(.double, of: [.double(-0.0), .double(0), .double(.nan)])]) == [0, 0, 1])
        #expect(identical(indexer.keyColumns()[0].allValues, [.double(0), .double(.nan)]))
    }

    @Test func noKeysAreOneGroup() {
        var indexer = GroupIndexer(types: [])
        #expect(indexer.groups(of: [], rowCount: 0) == [] && indexer.count == 0)
        #expect(indexer.groups(of: [], rowCount: 3) == [0, 0, 0] && indexer.count == 1)
    }

    @Test func manyKeysGrowTheTables() {
        for types: [DataType] in [[.long], [.text], [.long, .long], [.int, .text]] {
            var indexer = GroupIndexer(types: types)
            for start in stride(from: 0, to: 20_000, by: 5000) {
                let numbers = (start..<start + 5000).map { Int64($0) &* 0x1_0000_0001 }
                let columns = types.map { type in
                    Column(type, of: numbers.map { if case .string = type { .string("key \($0)") } else { .integer($0) } })
                }
                #expect(indexer.groups(of: columns) == (start..<start + 5000).map { Int32($0) })
                #expect(indexer.groups(of: columns) == (start..<start + 5000).map { Int32($0) })
            }
            #expect(indexer.count == 20_000 && indexer.keyColumns()[0].count == 20_000)
        }
    }

    @Test func unknownKeysAreNotFound() {
        var indexer = GroupIndexer(types: [.text, .int])
        #expect(indexer.find([Column(.text, of: [.string("a")]), Column(.int, of: [.integer(1)])]) == [-1])
        _ = indexer.groups(of: [Column(.text, of: [.string("a"), .string("b")]), Column(.int, of: [.integer(1), .integer(2)])])
        let probe = [
            Column(.text, of: [.string("b"), .string("a"), .string("c"), .null]),
            Column(.int, of: [.integer(2), .integer(2), .integer(1), .integer(1)]),
        ]
        #expect(indexer.find(probe) == [1, -1, -1, -1])
        #expect(indexer.count == 2)
    }

    @Test func joinsMatchAsNestedLoopsDo() {
        var source = RandomColumns(32)
        for types in combinations where !types.contains(.void) {
            for nullSafe in [[], [Bool](repeating: true, count: types.count)] {
                let build = types.map { source.column($0, count: 70) }
                let probe = types.map { source.column($0, count: 50) }
                let table = JoinTable(keys: build.map(\.0), nullSafe: nullSafe)
                let (left, right) = (
                    types.indices.map { index in probe[index].1.map { key($0, types[index]) } },
                    types.indices.map { index in build[index].1.map { key($0, types[index]) } }
                )
                func matches(_ p: Int, _ b: Int) -> Bool {
                    types.indices.allSatisfy { index in
                        let (x, y) = (left[index][p], right[index][b])
                        return x == y && (!x.isNull || !nullSafe.isEmpty)
                    }
                }
                var expected: [[Int32]] = []
                for p in 0..<50 { expected += (0..<70).filter { matches(p, $0) }.map { [Int32(p), Int32($0)] } }
                for limit in [1, 7, 100_000] {
                    var pairs: [[Int32]] = []
                    var cursor = table.probe(probe.map(\.0))
                    let matched = Set(expected.map { $0[0] })
                    #expect(cursor.matches == Bitmap((0..<50).map { matched.contains($0) }))
                    while let (left, right) = cursor.next(limit: limit) {
                        #expect(left.count <= limit && left.count == right.count)
                        pairs += zip(left, right).map { [$0, $1] }
                    }
                    #expect(pairs == expected, "\(types)")
                }
            }
        }
    }

    @Test func joinsOfCloseAndOfFarNumbersAgree() {
        var source = RandomColumns(34)
        for spread in [10, 3000, 1 << 40] {
            for isUnique in [false, true] {
                let numbers = (0..<1000).map { index -> Value in
                    if index % 97 == 5 { return .null }
                    return .integer(Int64(isUnique ? index * max(1, spread / 1000) : source.int(0...spread)) - 500)
                }
                let probes = (0..<2000).map { index -> Value in index % 31 == 0 ? .null : .integer(Int64(source.int(-10...spread + 10)) - 500) }
                for type in [DataType.int, .long] where type == .long || spread < 1 << 30 {
                    var cursor = JoinTable(keys: [Column(type, of: numbers)]).probe([Column(type, of: probes)])
                    var rows: [Value: [Int32]] = [:]
                    for (row, number) in numbers.enumerated() where !number.isNull { rows[number, default: []].append(Int32(row)) }
                    let expected = probes.enumerated().flatMap { probe, value in (rows[value] ?? []).map { [Int32(probe), $0] } }
                    var pairs: [[Int32]] = []
                    while let (left, right) = cursor.next(limit: 100) { pairs += zip(left, right).map { [$0, $1] } }
                    #expect(pairs == expected)
                    let set = KeySet([Column(type, of: numbers)], type: type)
                    #expect(set.count == rows.count && set.isCheap == (spread < 1 << 26))
                    #expect(set.contains(Column(type, of: probes)) == Bitmap(probes.map { rows[$0] != nil }))
                }
            }
        }
        let words = Column(.text, of: [.string("a"), .null, .string("bc")])
        #expect(KeySet([words], type: .text).contains(Column(.text, of: [.string("bc"), .null, .string("b")])) == Bitmap([true, false, false]))
        #expect(KeySet([], type: .int).contains(Column(.int, of: [.integer(0), .null])) == Bitmap([false, false]))
    }

    @Test func hashesAgreeWithGroups() {
        var source = RandomColumns(33)
        for types in combinations {
            let columns = types.map { source.column($0, count: 200) }
            let hashes = Kernel.hash(columns.map(\.0), count: 200)
            var known: [[Value]: UInt64] = [:]
            for row in 0..<200 {
                let key = columns.indices.map { self.key(columns[$0].1[row], types[$0]) }
                if let hash = known[key] { #expect(hash == hashes[row], "\(types)") }
                known[key] = hashes[row]
            }
            #expect(Set(known.values).count == known.count, "\(types)")
        }
        let numbers: [Value] = [.integer(-7), .integer(100)]
        let wide = Kernel.hash([Column(.long, of: numbers)], count: 2)
        #expect(Kernel.hash([Column(.byte, of: numbers)], count: 2) == wide)
        #expect(Kernel.hash([Column(.decimal(DecimalType(38, 0)), of: [.decimal(-7), .decimal(100)])], count: 2) == wide)
    }

    @Test func hashesSpread() {
        let columns = [Column(.long, .int64(PrimitiveArray((0..<65536).map { Int64($0) << 20 })))]
        let hashes = Kernel.hash(columns, count: 65536)
        for shift: UInt64 in [0, 24, 48] {
            var buckets = [Int](repeating: 0, count: 256)
            for hash in hashes { buckets[Int(hash >> shift & 255)] += 1 }
            #expect(buckets.allSatisfy { (128...512).contains($0) })
        }
    }
}
