/// Numbers the distinct rows of key columns, over many batches: groups are dense, in order of first appearance. Nulls are one group, NaN
/// equals NaN, -0.0 equals 0.0, strings are compared by their collation, maps without regard to order.
package struct GroupIndexer: Sendable {
    private enum Engine: Sendable { case bytes, word, tuple }

    package let types: [DataType]
    /// How many groups there are so far.
    package private(set) var count = 0

    private var packing: KeyPacking?
    private var engine = Engine.word
    private var wordTable = WordTable()
    private var tupleTable = TupleTable(width: 0)
    /// Of each key column of byte strings or nested values; the only table if there is but one such column and nothing else.
    private var tables: [BytesTable] = []
    /// Of a lone 64-bit column.
    private var nullGroup: Int32?
    /// For each batch that brought new groups, their rows.
    private var keyParts: [[Column]] = []

    package init(types: [DataType]) { self.types = types }

    /// The group of each row. The columns have the indexer's types, and one length; without columns `rowCount` rows are one group.
    package mutating func groups(of columns: [Column], rowCount: Int? = nil) -> [Int32] {
        precondition(columns.count == types.count)
        let rows = columns.first?.count ?? rowCount ?? 0
        precondition(columns.allSatisfy { $0.count == rows })
        if columns.isEmpty {
            if rows > 0 { count = 1 }
            return [Int32](repeating: 0, count: rows)
        }
        let keys = KeyColumns(columns, types)
        let packing = packing ?? plan(keys.columns)
        var ids = [Int32](repeating: 0, count: rows)
        var fresh: [Int32] = []
        switch engine {
        case .bytes:
            tables[0].number(keys.bytes(0), ids: &ids, fresh: &fresh)
            count += fresh.count
        case .word:
            let words = packing.words(keys.columns, count: rows, numbers: number(keys, packing, rows))
            let nulls = packing.isSingleLong ? keys.columns[0].validity : nil
            if let nulls, nullGroup == nil, let first = (0..<rows).first(where: { !nulls[$0] }) {
                numberWithFirstNull(words, nulls, first, &ids, &fresh)
            } else {
                wordTable.number(words, base: &count, ids: &ids, fresh: &fresh, skip: nulls)
            }
            if let nulls, let nullGroup { for row in 0..<rows where !nulls[row] { ids[row] = nullGroup } }
        case .tuple:
            let words = packing.words(keys.columns, count: rows, numbers: number(keys, packing, rows))
            tupleTable.number(words, ids: &ids, fresh: &fresh)
            count += fresh.count
        }
        if !fresh.isEmpty { keyParts.append(columns.map { $0.take(fresh).normalizedFloats() }) }
        return ids
    }

    /// The group of each row among those that are known, -1 where there is none.
    package func find(_ columns: [Column], rowCount: Int? = nil) -> [Int32] {
        precondition(columns.count == types.count)
        let rows = columns.first?.count ?? rowCount ?? 0
        if columns.isEmpty { return [Int32](repeating: count > 0 ? 0 : -1, count: rows) }
        guard let packing else { return [Int32](repeating: -1, count: rows) }
        let keys = KeyColumns(columns, types)
        if engine == .bytes { return tables[0].find(keys.bytes(0)) }
        var numbers: [[Int32]] = []
        for part in packing.parts {
            if case .numbered(let table) = part.kind { numbers.append(tables[table].find(keys.bytes(part.column))) }
        }
        let words = packing.words(keys.columns, count: rows, numbers: numbers)
        var found = engine == .word ? wordTable.find(words) : tupleTable.find(words, count: rows)
        for numbers in numbers { for row in 0..<rows where numbers[row] < 0 { found[row] = -1 } }
        if packing.isSingleLong, let valid = keys.columns[0].validity {
            for row in 0..<rows where !valid[row] { found[row] = nullGroup ?? -1 }
        }
        return found
    }

    /// Whether the groups' keys fit a column each: if not, `keyColumns` traps.
    package var keysFit: Bool { types.indices.allSatisfy { index in Column.canConcat(keyParts.map { $0[index] }) } }

    /// The key of each group; floating zeros positive.
    package func keyColumns() -> [Column] {
        types.indices.map { index in Column.concat(keyParts.map { $0[index] }, type: types[index]) }
    }

    private mutating func plan(_ columns: [Column]) -> KeyPacking {
        let plan = KeyPacking(columns)
        packing = plan
        if columns.count == 1, plan.tableCount == 1 {
            engine = .bytes
        } else if plan.width > 1 {
            engine = .tuple
            tupleTable = TupleTable(width: plan.width)
        }
        tables = [BytesTable](repeating: BytesTable(), count: plan.tableCount)
        return plan
    }

    private mutating func number(_ keys: KeyColumns, _ packing: KeyPacking, _ rows: Int) -> [[Int32]] {
        var result: [[Int32]] = []
        for part in packing.parts {
            guard case .numbered(let table) = part.kind else { continue }
            var ids = [Int32](repeating: 0, count: rows)
            var fresh: [Int32] = []
            tables[table].number(keys.bytes(part.column), ids: &ids, fresh: &fresh)
            result.append(ids)
        }
        return result
    }

    /// The batch in which null is first seen: the rows before it are numbered first, so that groups keep the order of appearance.
    private mutating func numberWithFirstNull(
        _ words: [UInt64], _ valid: Bitmap, _ first: Int, _ ids: inout [Int32], _ fresh: inout [Int32]
    ) {
        var before = [Int32](repeating: 0, count: first)
        wordTable.number(Array(words[..<first]), base: &count, ids: &before, fresh: &fresh, skip: nil)
        nullGroup = Int32(truncatingIfNeeded: count)
        count += 1
        fresh.append(Int32(truncatingIfNeeded: first))
        var after = [Int32](repeating: 0, count: ids.count - first)
        var freshAfter: [Int32] = []
        wordTable.number(
            Array(words[first...]), base: &count, ids: &after, fresh: &freshAfter, skip: valid.slice(first..<ids.count))
        fresh += freshAfter.map { $0 + Int32(truncatingIfNeeded: first) }
        ids = before + after
    }
}

/// Key columns made ready: in the layout of their types, and with strings as their collation compares them.
private struct KeyColumns {
    let columns: [Column]

    init(_ columns: [Column], _ types: [DataType]) {
        self.columns = zip(columns, types).map { column, type in
            (column.isVoid ? Column.nulls(type, count: column.count) : column.with(type: type)).collated()
        }
    }

    func bytes(_ index: Int) -> BytesArray {
        if case .bytes(let array) = columns[index].values { return array }
        return KeyBytes.encode(columns[index])
    }
}

extension Column {
    /// Floating zeros made positive, and all NaN the same, at any depth: as Spark gives back keys of groups.
    package func normalizedFloats() -> Column {
        switch values {
        case .float(let array):
            Column(type, .float(PrimitiveArray(array.values.map { $0 == 0 ? 0 : $0 != $0 ? .nan : $0 }, validity: validity)))
        case .double(let array):
            Column(type, .double(PrimitiveArray(array.values.map { $0 == 0 ? 0 : $0 != $0 ? .nan : $0 }, validity: validity)))
        case .list(let array):
            Column(type, .list(ListArray(offsets: array.offsets, child: array.child.normalizedFloats(), validity: validity)))
        case .structure(let array):
            Column(type, .structure(StructArray(children: array.children.map { $0.normalizedFloats() }, validity: validity, count: count)))
        default: self
        }
    }
}
