/// The build side of a hash join: finds the rows whose keys equal given keys. A null key equals nothing, unless that key is null-safe (`<=>`).
package struct JoinTable: Sendable {
    private let index: GroupIndexer
    private let nullSafe: [Bool]
    /// Rows of group g: `rows[starts[g]..<starts[g + 1]]`, ascending.
    private let starts: [Int32]
    private let rows: [Int32]
    /// Of each build row, its group; -1 if its key has a null that equals nothing.
    package let buildGroups: [Int32]
    /// How many distinct keys there are, counting those of null.
    package var groupCount: Int { index.count }

    /// `keys` are the build side's key columns, all rows of it; `nullSafe` says of each key whether null equals null (default: none).
    package init(keys: [Column], nullSafe: [Bool] = []) {
        precondition(!keys.isEmpty)
        let nullSafe = nullSafe.isEmpty ? [Bool](repeating: false, count: keys.count) : nullSafe
        precondition(nullSafe.count == keys.count)
        var index = GroupIndexer(types: keys.map(\.type))
        var groups = index.groups(of: keys)
        Self.dropNulls(&groups, keys, nullSafe)
        var starts = [Int32](repeating: 0, count: index.count + 1)
        for group in groups where group >= 0 { starts[Int(group) + 1] += 1 }
        for group in 0..<index.count { starts[group + 1] += starts[group] }
        var next = starts
        var rows = [Int32](repeating: 0, count: Int(starts[index.count]))
        for (row, group) in groups.enumerated() where group >= 0 {
            rows[Int(next[Int(group)])] = Int32(truncatingIfNeeded: row)
            next[Int(group)] += 1
        }
        self.index = index
        self.nullSafe = nullSafe
        self.starts = starts
        self.rows = rows
        buildGroups = groups
    }

    /// Of each row of the probing side its group on the build side, -1 if it matches none. The key columns have the build keys' layouts.
    package func groups(of keys: [Column]) -> [Int32] {
        var found = index.find(keys)
        Self.dropNulls(&found, keys, nullSafe)
        // A group may be left without rows: one of null keys that equal nothing.
        for row in found.indices where found[row] >= 0 && starts[Int(found[row])] == starts[Int(found[row]) + 1] { found[row] = -1 }
        return found
    }

    /// The build rows of a group, ascending.
    package func rows(of group: Int32) -> ArraySlice<Int32> {
        guard group >= 0, Int(group) < starts.count - 1 else { return [] }
        return rows[Int(starts[Int(group)])..<Int(starts[Int(group) + 1])]
    }

    /// Pairs of matching rows for a batch of the probing side, given out in bites: in order of the probing rows, then of the build rows.
    package func probe(_ keys: [Column]) -> JoinProbe { JoinProbe(table: self, groups: groups(of: keys)) }

    fileprivate func pairs(
        _ groups: [Int32], row: inout Int, offset: inout Int, limit: Int, keepUnmatched: Bool, _ probeRows: inout [Int32],
        _ buildRows: inout [Int32]
    ) {
        while row < groups.count, probeRows.count < limit {
            let group = Int(groups[row])
            if group < 0 {
                if keepUnmatched {
                    probeRows.append(Int32(truncatingIfNeeded: row))
                    buildRows.append(-1)
                }
                row += 1
                continue
            }
            let first = Int(starts[group]) + offset
            let end = Int(starts[group + 1])
            let taken = min(end - first, limit - probeRows.count)
            for index in first..<first + taken {
                probeRows.append(Int32(truncatingIfNeeded: row))
                buildRows.append(rows[index])
            }
            if first + taken == end {
                row += 1
                offset = 0
            } else {
                offset += taken
            }
        }
    }

    private static func dropNulls(_ groups: inout [Int32], _ keys: [Column], _ nullSafe: [Bool]) {
        for (key, safe) in zip(keys, nullSafe) where !safe {
            guard let valid = key.validity else { continue }
            for row in groups.indices where !valid[row] { groups[row] = -1 }
        }
    }
}

/// Gives out the pairs of a probe.
package struct JoinProbe: Sendable {
    private let table: JoinTable
    /// Of each probing row its group on the build side, or -1.
    package let groups: [Int32]
    private var row = 0
    private var offset = 0

    fileprivate init(table: JoinTable, groups: [Int32]) {
        self.table = table
        self.groups = groups
    }

    /// Up to `limit` (at least 1) further pairs; nil when there are no more. With `keepUnmatched` a probing row that matches nothing is paired with -1,
    /// which `take` turns to nulls.
    package mutating func next(limit: Int, keepUnmatched: Bool = false) -> (probeRows: [Int32], buildRows: [Int32])? {
        var probeRows: [Int32] = []
        var buildRows: [Int32] = []
        probeRows.reserveCapacity(min(max(limit, 1), groups.count))
        buildRows.reserveCapacity(min(max(limit, 1), groups.count))
        table.pairs(
            groups, row: &row, offset: &offset, limit: max(limit, 1), keepUnmatched: keepUnmatched, &probeRows, &buildRows)
        return probeRows.isEmpty ? nil : (probeRows, buildRows)
    }
}
