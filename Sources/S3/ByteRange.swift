/// A `Range` header with one range of bytes (RFC 9110); others count as none.
package struct ByteRange: Sendable {
    package enum Resolved: Sendable, Equatable {
        case whole
        case part(Range<Int>)
        case unsatisfiable
    }

    private var first: Int?
    private var last: Int?

    package init(_ text: String) {
        guard text.hasPrefix("bytes="), !text.contains(",") else { return }
        let parts = text.dropFirst(6).split(separator: "-", maxSplits: 1, omittingEmptySubsequences: false)
        guard parts.count == 2 else { return }
        let (from, to) = (Int(parts[0]), Int(parts[1]))
        // A number that is no number, or a range that ends before it begins, is no range.
        if !parts[0].isEmpty, from == nil || (from ?? 0) < 0 { return }
        if !parts[1].isEmpty, to == nil || (to ?? 0) < 0 { return }
        if let from, let to, to < from { return }
        (first, last) = (from, to)
    }

    package func resolve(_ size: Int) -> Resolved {
        switch (first, last) {
        case (nil, nil): return .whole
        case (nil, let count?): return count == 0 || size == 0 ? .unsatisfiable : .part(max(0, size - count)..<size)
        case (let first?, let last):
            guard first < size else { return .unsatisfiable }
            let end = min(last ?? size - 1, size - 1)
            return .part(first..<(end + 1))
        }
    }
}
