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
