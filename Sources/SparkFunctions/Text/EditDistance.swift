/// Levenshtein's edit distance.
enum EditDistance {
    static func levenshtein<Element: Equatable>(_ left: [Element], _ right: [Element]) -> Int {
        if left.isEmpty || right.isEmpty { return max(left.count, right.count) }
        var row = Array(0...right.count)
        for (i, a) in left.enumerated() {
            var diagonal = row[0]
            row[0] = i + 1
            if i & 15 == 15, ExecutionMonitor.isOver { return 0 }
            for (j, b) in right.enumerated() {
                let cost = min(row[j], row[j + 1]) + 1
                let replaced = a == b ? diagonal : diagonal + 1
                diagonal = row[j + 1]
                row[j + 1] = min(cost, replaced)
            }
        }
        return row[right.count]
    }
}
