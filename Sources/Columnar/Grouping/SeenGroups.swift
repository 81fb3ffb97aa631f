/// Which groups have had a value.
struct SeenGroups: Sendable {
    private var seen: [UInt8] = []

    mutating func update(groups: [Int32], groupCount: Int, validity: Bitmap?) {
        seen.grow(to: groupCount, with: 0)
        if groupCount == 1 {
            if validity.map({ $0.onesCount > 0 }) ?? !groups.isEmpty { seen[0] = 1 }
            return
        }
        seen.withUnsafeMutableBufferPointer { seen in
            // Of few groups all are soon seen.
            if validity == nil, groupCount <= Kernel.fewGroups {
                var missing = seen[..<groupCount].reduce(0) { $0 + ($1 == 0 ? 1 : 0) }
                for group in groups {
                    if missing == 0 { return }
                    if seen[Int(group)] == 0 { missing -= 1 }
                    seen[Int(group)] = 1
                }
                return
            }
            Kernel.forEachValid(groups, validity) { _, group in seen[group] = 1 }
        }
    }

    mutating func merge(_ other: SeenGroups, groups: [Int32], groupCount: Int) {
        seen.grow(to: groupCount, with: 0)
        for (group, value) in zip(groups, other.seen) { seen[Int(group)] |= value }
    }

    func validity(_ groupCount: Int) -> Bitmap? {
        Kernel.bitmap(count: groupCount) { $0 < seen.count && seen[$0] != 0 }.asValidity
    }
}

extension Array {
    mutating func grow(to count: Int, with element: Element) {
        if self.count < count { append(contentsOf: repeatElement(element, count: count - self.count)) }
    }
}

extension Kernel {
    /// So many groups at most have several places each in which rows are added up by turns: one place alone would be waited for again and again.
    static let fewGroups = 64

    /// For few groups: adds up what `value` gives for each row that is not null. No sum of the rows' values may go beyond 64 bits.
    @inline(__always)
    static func addUp(_ groups: [Int32], _ groupCount: Int, _ validity: Bitmap?, _ value: (Int) -> Int64) -> [Int64] {
        precondition(groupCount <= fewGroups)
        return withUnsafeTemporaryAllocation(of: Int64.self, capacity: 4 * fewGroups) { places -> [Int64] in
            places.initialize(repeating: 0)
            forEachValid(groups, validity) { row, group in
                places[group << 2 | row & 3] &+= value(row)
            }
            var sums = [Int64](repeating: 0, count: groupCount)
            for place in 0..<4 * groupCount { sums[place >> 2] &+= places[place] }
            return sums
        }
    }

    /// Calls `body` with each row that is not null and its group.
    @inline(__always)
    static func forEachValid(_ groups: [Int32], _ validity: Bitmap?, _ body: (Int, Int) -> Void) {
        groups.withUnsafeBufferPointer { groups in
            forEachValid(groups.count, validity) { row in body(row, Int(groups[row])) }
        }
    }

    /// Calls `body` with each row that is not null, in order.
    @inline(__always)
    static func forEachValid(_ count: Int, _ validity: Bitmap?, _ body: (Int) -> Void) {
        guard let validity else {
            for row in 0..<count { body(row) }
            return
        }
        precondition(validity.count == count)
        validity.words.withUnsafeBufferPointer { words in
            for index in 0..<words.count {
                let word = words[index]
                let base = index << 6
                if word == .max {
                    for row in base..<base + 64 { body(row) }
                } else {
                    var rest = word
                    while rest != 0 {
                        body(base + rest.trailingZeroBitCount)
                        rest &= rest - 1
                    }
                }
            }
        }
    }
}
