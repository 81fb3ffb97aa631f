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
    ///
    /// `stop` is asked now and then: once it is true the rows come in any order, which the caller throws away.
    package static func sortIndices(_ keys: [SortKey], stop: () -> Bool = { false }) -> [Int32] {
        guard let first = keys.first else { return [] }
        precondition(keys.allSatisfy { $0.column.count == first.column.count })
        var entries = (0..<first.column.count).map { SortEntry(prefix: 0, row: Int32(truncatingIfNeeded: $0)) }
        let prepared = keys.map { PreparedKey($0) }
        entries.withUnsafeMutableBufferPointer { sort($0, by: prepared, from: 0, stop) }
        return entries.map(\.row)
    }

    /// The first `limit` of the sorted rows.
    package static func sortIndices(_ keys: [SortKey], limit: Int, stop: () -> Bool = { false }) -> [Int32] {
        guard let first = keys.first, limit >= 0, limit < first.column.count / 8 else {
            return Array(sortIndices(keys, stop: stop).prefix(max(limit, 0)))
        }
        precondition(keys.allSatisfy { $0.column.count == first.column.count })
        // The best rows of each stretch are sorted with those of the next: never more than a stretch and `limit` at once.
        let stretch = max(4 * limit, 8192)
        var best: [Int32] = []
        var start = 0
        while start < first.column.count, !stop() {
            let end = min(start + stretch, first.column.count)
            let candidates = best + (start..<end).map { Int32(truncatingIfNeeded: $0) }
            let part = keys.map { SortKey($0.column.take(candidates), ascending: $0.ascending, nullsFirst: $0.nullsFirst) }
            best = sortIndices(part).prefix(limit).map { candidates[Int($0)] }
            start = end
        }
        return best
    }

    /// Sorts entries, which are in the order of their rows, by the keys from number `level` on.
    private static func sort(
        _ entries: UnsafeMutableBufferPointer<SortEntry>, by keys: [PreparedKey], from level: Int, _ stop: () -> Bool
    ) {
        guard level < keys.count, entries.count > 1 else { return }
        let key = keys[level]
        let valid = key.partitionNulls(entries)
        let nulls = valid.lowerBound == 0 ? valid.upperBound..<entries.count : 0..<valid.lowerBound
        if nulls.count > 1 { sort(UnsafeMutableBufferPointer(rebasing: entries[nulls]), by: keys, from: level + 1, stop) }
        guard valid.count > 1 else { return }
        sortValues(UnsafeMutableBufferPointer(rebasing: entries[valid]), by: keys, at: level, step: 0, stop)
    }

    /// Sorts entries that are not null at this level, and that its prefixes before this step do not tell apart.
    private static func sortValues(
        _ entries: UnsafeMutableBufferPointer<SortEntry>, by keys: [PreparedKey], at level: Int, step: Int, _ stop: () -> Bool
    ) {
        if entries.count > largeSort, stop() { return }
        let key = keys[level]
        // Long strings that begin alike are compared: a step for each seven bytes would go as deep as they are long.
        if key.isNested || step > 8 { return sortCompared(entries, by: keys, at: level, stop) }
        key.fillPrefixes(entries, step: step)
        sortByPrefix(entries, stop)
        if level == keys.count - 1, key.isExact { return }
        forEachRun(entries) {
            $0.prefix == $1.prefix
        } body: { run in
            if let next = key.step(after: step, run[0].prefix) {
                sortValues(run, by: keys, at: level, step: next, stop)
            } else {
                sort(run, by: keys, from: level + 1, stop)
            }
        }
    }

    /// Entries from which on a sort takes a while.
    private static let largeSort = 1 << 14

    private static func sortCompared(
        _ entries: UnsafeMutableBufferPointer<SortEntry>, by keys: [PreparedKey], at level: Int, _ stop: () -> Bool
    ) {
        let key = keys[level]
        var ordered = entries
        var compared = 0
        var isOver = false
        ordered.sort { left, right in
            compared &+= 1
            if compared & 0xFFF == 0, !isOver { isOver = stop() }
            if isOver { return left.row < right.row }
            let order = key.order(Int(left.row), Int(right.row))
            return order != 0 ? order < 0 : left.row < right.row
        }
        guard level + 1 < keys.count, !isOver else { return }
        forEachRun(entries) {
            key.order(Int($0.row), Int($1.row)) == 0
        } body: {
            sort($0, by: keys, from: level + 1, stop)
        }
    }

    /// Calls `body` with each stretch of two or more entries of which the first is the `same` as the others.
    @inline(__always)
    private static func forEachRun(
        _ entries: UnsafeMutableBufferPointer<SortEntry>, _ same: (SortEntry, SortEntry) -> Bool,
        body: (UnsafeMutableBufferPointer<SortEntry>) -> Void
    ) {
        var start = 0
        while start < entries.count {
            var end = start + 1
            while end < entries.count, same(entries[start], entries[end]) { end += 1 }
            if end - start > 1 { body(UnsafeMutableBufferPointer(rebasing: entries[start..<end])) }
            start = end
        }
    }

    /// By prefix, then by row: as the rows ascend before, that is a stable sort.
    private static func sortByPrefix(_ entries: UnsafeMutableBufferPointer<SortEntry>, _ stop: () -> Bool) {
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
        radixSort(entries, stop)
    }

    /// Least significant byte first; bytes that all entries share are passed over.
    private static func radixSort(_ entries: UnsafeMutableBufferPointer<SortEntry>, _ stop: () -> Bool) {
        var differing: UInt64 = 0
        let first = entries[0].prefix
        for entry in entries { differing |= entry.prefix ^ first }
        withUnsafeTemporaryAllocation(of: SortEntry.self, capacity: entries.count) { scratch in
            var from = entries
            var to = scratch
            withUnsafeTemporaryAllocation(of: Int.self, capacity: 256) { starts in
                for shift in stride(from: UInt64(0), to: 64, by: 8) where differing >> shift & 0xFF != 0 {
                    if entries.count > largeSort, stop() { break }
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
    /// Whether the first prefixes tell all values apart.
    let isExact: Bool
    /// Whether values have no prefixes, and are to be compared as they are.
    let isNested: Bool

    init(_ key: SortKey) {
        let column = key.column.collated()
        values = column.values
        validity = column.validity
        nullsFirst = key.nullsFirst
        flip = key.ascending ? 0 : .max
        switch column.values {
        case .bytes, .int128: (isExact, isNested) = (false, false)
        case .list, .structure: (isExact, isNested) = (false, true)
        default: (isExact, isNested) = (true, false)
        }
    }

    /// After which further step values of this prefix may differ; nil if they are equal.
    func step(after step: Int, _ prefix: UInt64) -> Int? {
        switch values {
        // The last byte of the prefix says how many bytes there were, 8 for more than fitted.
        case .bytes: (prefix ^ flip) & 0xFF == 8 ? step + 1 : nil
        case .int128: step == 0 ? 1 : nil
        default: nil
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

    func fillPrefixes(_ entries: UnsafeMutableBufferPointer<SortEntry>, step: Int) {
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
        case .int128(let array):
            if step == 0 {
                fill { UInt64(truncatingIfNeeded: array.values[$0] >> 64) ^ 1 << 63 }
            } else {
                fill { UInt64(truncatingIfNeeded: array.values[$0]) }
            }
        case .float(let array): fill { ascending(Mixing.canonical(Double(array.values[$0]))) }
        case .double(let array): array.values.withUnsafeBufferPointer { values in fill { ascending(Mixing.canonical(values[$0])) } }
        case .bytes(let array):
            array.withSpans { spans in fill { spans[$0].prefix(from: 7 * step, before: spans.end) } }
        case .void, .list, .structure: fill { _ in 0 }
        }
    }
}

extension ByteSpan {
    /// Seven bytes from a place on as a number that orders as they do, with zeros behind the end; the lowest byte is how many bytes there were, 8
    /// for more than seven. Memory up to `end` may be read.
    @inline(__always)
    func prefix(from place: Int, before end: UnsafeRawPointer) -> UInt64 {
        let rest = max(count - place, 0)
        let taken = min(rest, 7)
        var word: UInt64 = 0
        if taken > 0, end - start - place >= 8 {
            let mask: UInt64 = ~0 << UInt64(truncatingIfNeeded: 64 - 8 * taken)
            word = UInt64(bigEndian: (start + place).loadUnaligned(as: UInt64.self)) & mask
        } else {
            for at in 0..<taken { word |= UInt64(start.load(fromByteOffset: place + at, as: UInt8.self)) << UInt64(56 - 8 * at) }
        }
        return word | UInt64(truncatingIfNeeded: min(rest, 8))
    }
}
