/// What rows are sorted by, the most telling key first.
package struct SortKey: Sendable {
    package let column: Column
    package let ascending: Bool
    package let nullsFirst: Bool

    /// Without `nullsFirst` as Spark: nulls first when ascending, last when descending.
    package init(_ column: Column, ascending: Bool = true, nullsFirst: Bool? = nil) {
        self.column = column
        self.ascending = ascending
        self.nullsFirst = nullsFirst ?? ascending
    }
}

extension Kernel {
    /// The rows in sorted order; equal rows stay in theirs. All keys have one length; without keys there are no rows.
    package static func sortIndices(_ keys: [SortKey]) -> [Int32] {
        guard let first = keys.first else { return [] }
        precondition(keys.allSatisfy { $0.column.count == first.column.count })
        var entries = (0..<first.column.count).map { SortEntry(prefix: 0, row: Int32(truncatingIfNeeded: $0)) }
        let prepared = keys.map { PreparedKey($0) }
        entries.withUnsafeMutableBufferPointer { sort($0, by: prepared, from: 0) }
        return entries.map(\.row)
    }

    /// The first `limit` of the sorted rows.
    package static func sortIndices(_ keys: [SortKey], limit: Int) -> [Int32] {
        guard let first = keys.first, limit >= 0, limit < first.column.count / 8 else { return Array(sortIndices(keys).prefix(max(limit, 0))) }
        precondition(keys.allSatisfy { $0.column.count == first.column.count })
        // The best rows of each stretch are sorted with those of the next: never more than a stretch and `limit` at once.
        let stretch = max(4 * limit, 8192)
        var best: [Int32] = []
        var start = 0
        while start < first.column.count {
            let end = min(start + stretch, first.column.count)
            let candidates = best + (start..<end).map { Int32(truncatingIfNeeded: $0) }
            let part = keys.map { SortKey($0.column.take(candidates), ascending: $0.ascending, nullsFirst: $0.nullsFirst) }
            best = sortIndices(part).prefix(limit).map { candidates[Int($0)] }
            start = end
        }
        return best
    }

    /// Sorts entries, which are in the order of their rows, by the keys from number `level` on.
    private static func sort(_ entries: UnsafeMutableBufferPointer<SortEntry>, by keys: [PreparedKey], from level: Int) {
        guard level < keys.count, entries.count > 1 else { return }
        let key = keys[level]
        let valid = key.partitionNulls(entries)
        let nulls = valid.lowerBound == 0 ? valid.upperBound..<entries.count : 0..<valid.lowerBound
        if nulls.count > 1 { sort(UnsafeMutableBufferPointer(rebasing: entries[nulls]), by: keys, from: level + 1) }
        guard valid.count > 1 else { return }
        let part = UnsafeMutableBufferPointer(rebasing: entries[valid])
        key.fillPrefixes(part)
        sortByPrefix(part)
        if key.isExact, level == keys.count - 1 { return }
        var start = 0
        while start < part.count {
            var end = start + 1
            let prefix = part[start].prefix
            while end < part.count, part[end].prefix == prefix { end += 1 }
            if end - start > 1 { sortRun(UnsafeMutableBufferPointer(rebasing: part[start..<end]), by: keys, at: level) }
            start = end
        }
    }

    /// A run of rows that this level's prefix does not tell apart.
    private static func sortRun(_ run: UnsafeMutableBufferPointer<SortEntry>, by keys: [PreparedKey], at level: Int) {
        let key = keys[level]
        if key.isExact { return sort(run, by: keys, from: level + 1) }
        var ordered = run
        ordered.sort { left, right in
            let order = key.order(Int(left.row), Int(right.row))
            return order != 0 ? order < 0 : left.row < right.row
        }
        guard level + 1 < keys.count else { return }
        var start = 0
        while start < run.count {
            var end = start + 1
            while end < run.count, key.order(Int(run[start].row), Int(run[end].row)) == 0 { end += 1 }
            if end - start > 1 { sort(UnsafeMutableBufferPointer(rebasing: run[start..<end]), by: keys, from: level + 1) }
            start = end
        }
    }

    /// By prefix, then by row: as the rows ascend before, that is a stable sort.
    private static func sortByPrefix(_ entries: UnsafeMutableBufferPointer<SortEntry>) {
        var sorted = true
        for index in 1..<entries.count where entries[index - 1].prefix > entries[index].prefix {
            sorted = false
            break
        }
        if sorted { return }
        if entries.count < 512 {
            var ordered = entries
            ordered.sort { $0.prefix != $1.prefix ? $0.prefix < $1.prefix : $0.row < $1.row }
            return
        }
        radixSort(entries)
    }

    /// Least significant byte first; bytes that all entries share are passed over.
    private static func radixSort(_ entries: UnsafeMutableBufferPointer<SortEntry>) {
        var differing: UInt64 = 0
        let first = entries[0].prefix
        for entry in entries { differing |= entry.prefix ^ first }
        withUnsafeTemporaryAllocation(of: SortEntry.self, capacity: entries.count) { scratch in
            var from = entries
            var to = scratch
            withUnsafeTemporaryAllocation(of: Int.self, capacity: 256) { starts in
                for shift in stride(from: UInt64(0), to: 64, by: 8) where differing >> shift & 0xFF != 0 {
                    starts.initialize(repeating: 0)
                    for entry in from { starts[Int(truncatingIfNeeded: entry.prefix >> shift & 0xFF)] += 1 }
                    var total = 0
                    for index in 0..<256 {
                        let count = starts[index]
                        starts[index] = total
                        total += count
                    }
                    for entry in from {
                        let digit = Int(truncatingIfNeeded: entry.prefix >> shift & 0xFF)
                        to.initializeElement(at: starts[digit], to: entry)
                        starts[digit] += 1
                    }
                    swap(&from, &to)
                }
            }
            if from.baseAddress != entries.baseAddress {
                for index in 0..<entries.count { entries[index] = from[index] }
            }
        }
    }
}

struct SortEntry: BitwiseCopyable {
    /// Orders the rows as far as 64 bits can.
    var prefix: UInt64
    var row: Int32
}

/// A sort key with what is needed to make prefixes of its values.
private struct PreparedKey {
    let values: ColumnValues
    let validity: Bitmap?
    let nullsFirst: Bool
    let flip: UInt64
    /// Whether equal prefixes mean equal values.
    let isExact: Bool
    private let shortBytes: Bool

    init(_ key: SortKey) {
        let column = key.column.collated()
        values = column.values
        validity = column.validity
        nullsFirst = key.nullsFirst
        flip = key.ascending ? 0 : .max
        switch column.values {
        case .bytes(let array):
            var longest: Int32 = 0
            for index in 0..<array.count { longest = max(longest, array.offsets[index + 1] - array.offsets[index]) }
            shortBytes = longest <= 7
            isExact = shortBytes
        case .int128, .list, .structure:
            shortBytes = false
            isExact = false
        default:
            shortBytes = false
            isExact = true
        }
    }

    func order(_ left: Int, _ right: Int) -> Int {
        let order = Kernel.order(values, left, values, right)
        return flip == 0 ? order : 0 - order
    }

    /// Puts nulls to their end, keeping the order; gives where the other rows are.
    func partitionNulls(_ entries: UnsafeMutableBufferPointer<SortEntry>) -> Range<Int> {
        guard let validity else { return 0..<entries.count }
        var nulls: [SortEntry] = []
        var kept = 0
        for entry in entries {
            if validity[Int(entry.row)] {
                entries[kept] = entry
                kept += 1
            } else {
                nulls.append(entry)
            }
        }
        if nulls.isEmpty { return 0..<entries.count }
        if nullsFirst {
            for index in stride(from: kept - 1, through: 0, by: -1) { entries[index + nulls.count] = entries[index] }
            for (index, entry) in nulls.enumerated() { entries[index] = entry }
            return nulls.count..<entries.count
        }
        for (index, entry) in nulls.enumerated() { entries[kept + index] = entry }
        return 0..<kept
    }

    func fillPrefixes(_ entries: UnsafeMutableBufferPointer<SortEntry>) {
        @inline(__always)
        func fill(_ prefix: (Int) -> UInt64) {
            for index in 0..<entries.count { entries[index].prefix = prefix(Int(entries[index].row)) ^ flip }
        }
        func integers<T: FixedWidthInteger>(_ array: PrimitiveArray<T>) {
            array.values.withUnsafeBufferPointer { values in
                fill { UInt64(truncatingIfNeeded: values[$0]) ^ 1 << 63 }
            }
        }
        /// Turns the bits of a number so that they ascend as unsigned integers.
        @inline(__always)
        func ascending(_ bits: UInt64) -> UInt64 { bits >> 63 == 1 ? ~bits : bits | 1 << 63 }
        switch values {
        case .boolean(let array): fill { array.values[$0] ? 1 : 0 }
        case .int8(let array): integers(array)
        case .int16(let array): integers(array)
        case .int32(let array): integers(array)
        case .int64(let array): integers(array)
        case .int128(let array): fill { UInt64(truncatingIfNeeded: array.values[$0] >> 64) ^ 1 << 63 }
        case .float(let array): fill { ascending(Mixing.canonical(Double(array.values[$0]))) }
        case .double(let array): array.values.withUnsafeBufferPointer { values in fill { ascending(Mixing.canonical(values[$0])) } }
        case .bytes(let array):
            array.withSpans { spans in
                fill { row in
                    let span = spans[row]
                    let prefix = span.prefix
                    // Of short values the last byte tells how many there are, so that "a" and "a\0" differ.
                    return shortBytes ? prefix | UInt64(truncatingIfNeeded: span.count) : prefix
                }
            }
        case .void, .list, .structure: fill { _ in 0 }
        }
    }
}

extension ByteSpan {
    /// The first eight bytes as a number that orders as they do, zeros behind the end.
    @inline(__always)
    var prefix: UInt64 {
        if count >= 8 { return UInt64(bigEndian: start.loadUnaligned(as: UInt64.self)) }
        var result: UInt64 = 0
        for at in 0..<count { result |= UInt64(start.load(fromByteOffset: at, as: UInt8.self)) << UInt64(56 - 8 * at) }
        return result
    }
}
