import Columnar
import SparkErrors

/// What newly arrived changes do to the rows of a table, all keys together.
struct ChangeBatch {
    /// The changes that are kept from now on.
    private(set) var kept: RecordBatch
    /// Rows by the group of their key: those that go, and those that are other than before or new.
    private(set) var removed: [(group: Int32, row: ChangedRow)] = []
    private(set) var changed: [(group: Int32, row: ChangedRow)] = []
    private(set) var added: [(group: Int32, row: ChangedRow)] = []
    /// Numbers the keys.
    private(set) var groups: GroupIndexer

    /// `before`: the changes that were kept so far.
    init(_ arrived: RecordBatch, after before: RecordBatch?, _ layout: ChangeLayout) throws(SQLError) {
        let all = before.map { RecordBatch.concat([$0, arrived], schema: arrived.schema) } ?? arrived
        let known = before?.rowCount ?? 0
        let width = layout.output.count
        let sequences = all.columns[width]
        let kinds = (all.columns[width + 1].values.asInt64?.values ?? []).map { ChangeEvent.Kind(rawValue: $0) ?? .upsert }
        let ranks = Self.ranks(sequences)
        groups = GroupIndexer(types: layout.keys.map { layout.rules.types[$0] })
        let ids = groups.groups(of: layout.keys.map { all.columns[$0] }, rowCount: all.rowCount)

        let truncates = kinds.indices.filter { kinds[$0] == .truncate }
        let truncation = truncates.max { (ranks[$0], $1) < (ranks[$1], $0) }
        let earlier = truncates.filter { $0 < known }.map { ranks[$0] }.max()
        let isEmptied = truncation.map { ranks[$0] } != earlier
        var touched = Set((known..<all.rowCount).filter { kinds[$0] != .truncate }.map { ids[$0] })
        if isEmptied { touched = Set(kinds.indices.filter { kinds[$0] != .truncate }.map { ids[$0] }) }

        var events: [Int32: [ChangeEvent]] = [:]
        var rows: [Int32] = []
        for row in kinds.indices {
            guard kinds[row] != .truncate, touched.contains(ids[row]) else {
                if kinds[row] != .truncate || row == truncation { rows.append(Int32(truncatingIfNeeded: row)) }
                continue
            }
            events[ids[row], default: []].append(
                ChangeEvent(
                    kind: kinds[row], rank: ranks[row], sequence: sequences.value(at: row),
                    values: kinds[row] == .upsert ? (0..<width).map { all.columns[$0].value(at: row) } : [], row: Int32(truncatingIfNeeded: row)))
        }
        kept = all
        for group in touched.sorted() {
            let changes = events[group] ?? []
            do {
                let old = try layout.rules.lasting(try layout.rules.ordered(changes.filter { $0.row < known }), truncation: earlier)
                let new = try layout.rules.lasting(try layout.rules.ordered(changes), truncation: truncation.map { ranks[$0] })
                rows += new.map(\.row)
                compare(group, layout.rules.rows(old), layout.rules.rows(new))
            } catch {
                throw .notSimulated("AUTO CDC of different changes with the same key and the same sequence value, of which the service takes any")
            }
        }
        kept = all.take(rows.sorted())
    }

    private mutating func compare(_ group: Int32, _ old: [ChangedRow], _ new: [ChangedRow]) {
        for row in old where !new.contains(where: { $0.startRank == row.startRank }) { removed.append((group, row)) }
        for row in new {
            guard let before = old.first(where: { $0.startRank == row.startRank }) else {
                added.append((group, row))
                continue
            }
            if !row.isSame(as: before) { changed.append((group, row)) }
        }
    }

    /// The place of each value in their order; the same one for equal values.
    private static func ranks(_ values: Column) -> [Int] {
        var ranks = [Int](repeating: 0, count: values.count)
        let order = Kernel.sortIndices([SortKey(values)])
        guard order.count > 1 else { return ranks }
        let same = Kernel.compareNullSafe(values.take(Array(order.dropLast())), values.take(Array(order.dropFirst()))).trueBits
        var rank = 0
        for place in order.indices.dropFirst() {
            if !same[place - 1] { rank += 1 }
            ranks[Int(order[place])] = rank
        }
        return ranks
    }
}
