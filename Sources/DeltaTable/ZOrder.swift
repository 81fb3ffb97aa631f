import Columnar

/// Orders rows along a Z-order curve: rows that are near each other in several columns lie near each other in the files.
enum ZOrder {
    /// The rows in their new order; equal places keep theirs. Places are told by the ranks of values, so that skewed columns count as much as others.
    static func indices(_ columns: [Column], rowCount: Int) -> [Int32] {
        guard let first = columns.first else { return (0..<rowCount).map { Int32(truncatingIfNeeded: $0) } }
        if columns.count == 1 { return Kernel.sortIndices([SortKey(first)]) }
        let bits = min(16, 63 / columns.count)
        guard bits > 0 else { return Kernel.sortIndices(columns.map { SortKey($0) }) }
        let ranks = columns.map { scaledRanks($0, bits: bits) }
        let keys = (0..<rowCount).map { row -> Int64 in
            var key: Int64 = 0
            for bit in stride(from: bits - 1, through: 0, by: -1) {
                for rank in ranks { key = key << 1 | Int64(rank[row] >> UInt32(bit) & 1) }
            }
            return key
        }
        return Kernel.sortIndices([SortKey(Column(.long, .int64(PrimitiveArray(keys))))])
    }

    /// Each row's rank among all, equal values alike, stretched or shrunk to so many bits.
    private static func scaledRanks(_ column: Column, bits: Int) -> [UInt32] {
        let order = Kernel.sortIndices([SortKey(column)])
        var ranks = [UInt32](repeating: 0, count: order.count)
        let last = max(order.count - 1, 1)
        var rank = 0
        var previous: Value?
        for (place, row) in order.enumerated() {
            let value = column.value(at: Int(row))
            if value != previous {
                rank = place
                previous = value
            }
            ranks[Int(row)] = UInt32(truncatingIfNeeded: rank * ((1 << bits) - 1) / last)
        }
        return ranks
    }
}
