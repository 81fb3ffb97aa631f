/// Patterns on one field with what is filed under each, so that a value finds those that match it without trying them all.
final class PatternSet: Sendable {
    /// Below this, trying each one is faster.
    private static let fewPatterns = 4

    private let all: [Int32]
    private let literals: [String: [Int32]]
    private let single: [(pattern: Pattern, entries: [Int32])]
    private let automaton: LazyAutomaton?
    /// What is filed under the automaton's patterns.
    private let entries: [[Int32]]

    init(_ patterns: [(pattern: Pattern, entry: Int32)]) {
        var all: [Int32] = []
        var literals: [String: [Int32]] = [:]
        var places: [String: Int] = [:]
        var distinct: [(pattern: Pattern, entries: [Int32])] = []
        for (pattern, entry) in patterns {
            switch pattern.kind {
            case .any: all.append(entry)
            case .literal(let bytes): literals[String(decoding: bytes, as: UTF8.self), default: []].append(entry)
            case .glob, .regularExpression:
                if let place = places[pattern.description] {
                    distinct[place].entries.append(entry)
                } else {
                    places[pattern.description] = distinct.count
                    distinct.append((pattern, [entry]))
                }
            }
        }
        self.all = all
        self.literals = literals
        guard distinct.count > Self.fewPatterns else {
            single = distinct
            automaton = nil
            entries = []
            return
        }
        var single: [(pattern: Pattern, entries: [Int32])] = []
        var entries: [[Int32]] = []
        var builder = LazyAutomaton.Builder()
        for item in distinct {
            let isAdded =
                switch item.pattern.kind {
                case .glob(let glob): builder.add(glob)
                case .regularExpression(let expression): builder.add(expression)
                case .any, .literal: false
                }
            if isAdded { entries.append(item.entries) } else { single.append(item) }
        }
        automaton = LazyAutomaton(builder)
        self.single = single
        self.entries = entries
    }

    func collect(_ value: String, into found: inout [Int32]) {
        found += all
        if !literals.isEmpty, let entries = literals[value] { found += entries }
        for (pattern, entries) in single where pattern.matches(value) { found += entries }
        automaton?.collect(value) { found += entries[Int($0)] }
    }
}
