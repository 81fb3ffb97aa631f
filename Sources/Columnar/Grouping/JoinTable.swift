/// The build side of a hash join: finds the rows whose keys equal given keys. A null key equals nothing, unless that key is null-safe (`<=>`).
package struct JoinTable: Sendable {
    private enum Index: Sendable {
        case hashed(GroupIndexer)
        /// Of one key of whole numbers that lie close together: the group of each number from `least` on, or -1.
        case places(least: Int64, [Int32])
    }

    private let index: Index
    private let nullSafe: [Bool]
    /// Rows of group g: `rows[starts[g]..<starts[g + 1]]`, ascending; nil: each row is the one of the group of its number.
    private let members: (starts: [Int32], rows: [Int32])?

    /// `keys` are the build side's key columns, all rows of it; `nullSafe` says of each key whether null equals null (default: none).
    package init(keys: [Column], nullSafe: [Bool] = []) {
        precondition(!keys.isEmpty)
        let nullSafe = nullSafe.isEmpty ? [Bool](repeating: false, count: keys.count) : nullSafe
        precondition(nullSafe.count == keys.count)
        self.nullSafe = nullSafe
        if keys.count == 1, !nullSafe[0], let (least, places, groups, count) = Self.places(keys[0]) {
            index = .places(least: least, places)
            members = count == groups.count ? nil : Self.members(groups, count)
            return
        }
        var indexer = GroupIndexer(types: keys.map(\.type))
        var groups = indexer.groups(of: keys)
        Self.dropNulls(&groups, keys, nullSafe)
        index = .hashed(indexer)
        members = Self.members(groups, indexer.count)
    }

    private static func members(_ groups: [Int32], _ count: Int) -> (starts: [Int32], rows: [Int32]) {
        var starts = [Int32](repeating: 0, count: count + 1)
        starts.withUnsafeMutableBufferPointer { starts in
            groups.withUnsafeBufferPointer { groups in
                for group in groups where group >= 0 { starts[Int(group) + 1] += 1 }
            }
            for group in 0..<count { starts[group + 1] += starts[group] }
        }
        var next = starts
        var rows = [Int32](repeating: 0, count: Int(starts[count]))
        rows.withUnsafeMutableBufferPointer { rows in
            next.withUnsafeMutableBufferPointer { next in
                groups.withUnsafeBufferPointer { groups in
                    for row in 0..<groups.count where groups[row] >= 0 {
                        let group = Int(groups[row])
                        rows[Int(next[group])] = Int32(truncatingIfNeeded: row)
                        next[group] += 1
                    }
                }
            }
        }
        return (starts, rows)
    }

    /// Groups in order of first appearance, -1 for null; nil if the keys are no whole numbers, or too far apart.
    private static func places(_ key: Column) -> (least: Int64, places: [Int32], groups: [Int32], count: Int)? {
        guard let (least, greatest) = key.values.integerRange else { return nil }
        let (distance, overflow) = greatest.subtractingReportingOverflow(least)
        guard !overflow, distance < 8 * key.count + 1 << 16 else { return nil }
        var places = [Int32](repeating: -1, count: Int(distance) + 1)
        var groups = [Int32](repeating: -1, count: key.count)
        var count = 0
        func number<T: FixedWidthInteger & SignedInteger>(_ array: PrimitiveArray<T>) {
            array.values.withUnsafeBufferPointer { values in
                places.withUnsafeMutableBufferPointer { places in
                    groups.withUnsafeMutableBufferPointer { groups in
                        Kernel.forEachValid(values.count, array.validity) { row in
                            let place = Int(Int64(values[row]) &- least)
                            if places[place] < 0 {
                                places[place] = Int32(truncatingIfNeeded: count)
                                count += 1
                            }
                            groups[row] = places[place]
                        }
                    }
                }
            }
        }
        switch key.values {
        case .int8(let array): number(array)
        case .int16(let array): number(array)
        case .int32(let array): number(array)
        case .int64(let array): number(array)
        default: return nil
        }
        return (least, places, groups, count)
    }

    /// Of each row of the probing side its group on the build side, -1 if it matches none. The key columns have the build keys' layouts.
    package func groups(of keys: [Column]) -> [Int32] {
        switch index {
        case .places(let least, let places): return Self.look(keys[0], least, places)
        case .hashed(let indexer):
            var found = indexer.find(keys)
            Self.dropNulls(&found, keys, nullSafe)
            // A group may be left without rows: one of null keys that equal nothing.
            if let starts = members?.starts, !nullSafe.allSatisfy({ $0 }) {
                found.withUnsafeMutableBufferPointer { found in
                    starts.withUnsafeBufferPointer { starts in
                        for row in 0..<found.count where found[row] >= 0 {
                            if starts[Int(found[row])] == starts[Int(found[row]) + 1] { found[row] = -1 }
                        }
                    }
                }
            }
            return found
        }
    }

    private static func look(_ key: Column, _ least: Int64, _ places: [Int32]) -> [Int32] {
        func look<T: FixedWidthInteger & SignedInteger>(_ array: PrimitiveArray<T>) -> [Int32] {
            let range = UInt64(places.count)
            var found = [Int32](unsafeUninitializedCapacity: array.count) { result, filled in
                array.values.withUnsafeBufferPointer { values in
                    places.withUnsafeBufferPointer { places in
                        for row in 0..<values.count {
                            let place = UInt64(bitPattern: Int64(truncatingIfNeeded: values[row]) &- least)
                            result.initializeElement(at: row, to: place < range ? places[Int(truncatingIfNeeded: place)] : -1)
                        }
                    }
                }
                filled = array.count
            }
            if let validity = array.validity { for row in found.indices where !validity[row] { found[row] = -1 } }
            return found
        }
        return switch key.values {
        case .int8(let array): look(array)
        case .int16(let array): look(array)
        case .int32(let array): look(array)
        case .int64(let array): look(array)
        default: [Int32](repeating: -1, count: key.count)
        }
    }

    /// Pairs of matching rows for a batch of the probing side, given out in bites: in order of the probing rows, then of the build rows.
    package func probe(_ keys: [Column]) -> JoinProbe { JoinProbe(table: self, groups: groups(of: keys)) }

    fileprivate func pairs(_ groups: [Int32], row: inout Int, offset: inout Int, limit: Int) -> (probeRows: [Int32], buildRows: [Int32]) {
        guard let (starts, rows) = members else { return single(groups, row: &row, limit: limit) }
        var probeRows: [Int32] = []
        var buildRows: [Int32] = []
        probeRows.reserveCapacity(min(limit, groups.count))
        buildRows.reserveCapacity(min(limit, groups.count))
        while row < groups.count, probeRows.count < limit {
            let group = Int(groups[row])
            if group < 0 {
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
        return (probeRows, buildRows)
    }

    /// Where no key is there twice.
    private func single(_ groups: [Int32], row: inout Int, limit: Int) -> (probeRows: [Int32], buildRows: [Int32]) {
        let begin = row
        let end = groups.count
        var probeRows: [Int32] = []
        var reached = begin
        let buildRows = [Int32](unsafeUninitializedCapacity: min(limit, end - begin)) { build, filled in
            probeRows = [Int32](unsafeUninitializedCapacity: min(limit, end - begin)) { probe, count in
                groups.withUnsafeBufferPointer { groups in
                    var at = begin
                    while at < end, filled < limit {
                        let group = groups[at]
                        if group >= 0 {
                            probe.initializeElement(at: filled, to: Int32(truncatingIfNeeded: at))
                            build.initializeElement(at: filled, to: group)
                            filled += 1
                        }
                        at += 1
                    }
                    reached = at
                }
                count = filled
            }
        }
        row = reached
        return (probeRows, buildRows)
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

    /// Which probing rows match something.
    package var matches: Bitmap {
        groups.withUnsafeBufferPointer { groups in Kernel.bitmap(count: groups.count) { groups[$0] >= 0 } }
    }

    /// Up to `limit` (at least 1) further pairs; nil when there are no more.
    package mutating func next(limit: Int) -> (probeRows: [Int32], buildRows: [Int32])? {
        let pairs = table.pairs(groups, row: &row, offset: &offset, limit: max(limit, 1))
        return pairs.probeRows.isEmpty ? nil : pairs
    }
}
