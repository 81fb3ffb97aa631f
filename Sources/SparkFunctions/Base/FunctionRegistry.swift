/// The built-in functions by name, without regard to case.
package struct FunctionRegistry: Sendable {
    package static let builtin = FunctionRegistry(scalars: Builtins.scalars, aggregates: Builtins.aggregates, windows: Builtins.windows)

    package let scalars: [ScalarFunction]
    package let aggregates: [AggregateFunction]
    package let windows: [WindowFunction]
    private let scalarIndex: [String: Int]
    private let aggregateIndex: [String: Int]
    private let windowIndex: [String: Int]

    package init(scalars: [ScalarFunction], aggregates: [AggregateFunction], windows: [WindowFunction]) {
        self.scalars = scalars
        self.aggregates = aggregates
        self.windows = windows
        scalarIndex = Self.index(scalars.map { [$0.name] + $0.aliases })
        aggregateIndex = Self.index(aggregates.map { [$0.name] + $0.aliases })
        windowIndex = Self.index(windows.map { [$0.name] + $0.aliases })
    }

    private static func index(_ names: [[String]]) -> [String: Int] {
        var index: [String: Int] = [:]
        for (position, group) in names.enumerated() { for name in group { index[name] = position } }
        return index
    }

    package func scalar(_ name: String) -> ScalarFunction? { scalarIndex[name.lowercased()].map { scalars[$0] } }
    package func aggregate(_ name: String) -> AggregateFunction? { aggregateIndex[name.lowercased()].map { aggregates[$0] } }
    package func window(_ name: String) -> WindowFunction? { windowIndex[name.lowercased()].map { windows[$0] } }

    package func contains(_ name: String) -> Bool {
        let name = name.lowercased()
        return scalarIndex[name] != nil || aggregateIndex[name] != nil || windowIndex[name] != nil
    }

    /// Every name, aliases and operators included, sorted.
    package var all: [String] {
        Set(scalarIndex.keys).union(aggregateIndex.keys).union(windowIndex.keys).sorted()
    }

    /// Names near to an unknown one, nearest first, at most five.
    package func suggestions(for name: String) -> [String] {
        let wanted = Array(name.lowercased().utf8)
        let limit = max(1, wanted.count / 3)
        let near = all.compactMap { candidate -> (String, Int)? in
            let distance = EditDistance.levenshtein(wanted, Array(candidate.utf8))
            return distance <= limit ? (candidate, distance) : nil
        }
        return near.sorted { ($0.1, $0.0) < ($1.1, $1.0) }.prefix(5).map(\.0)
    }
}
