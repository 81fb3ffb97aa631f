/// The rules in order, frozen and indexed, so that a request looks at the few that could match it.
///
/// Each rule stands in one index: under its operation if that is exact, else under its exact path or the path's beginning, else under the
/// operation's beginning, else under the principal, else under the method, else among those that every request looks at.
final class RuleTable: Sendable {
    private struct PhaseIndex: Sendable {
        var operations = PrefixIndex()
        var paths = PrefixIndex()
        var principals = PrefixIndex()
        var methods = PrefixIndex()
        var others: [Int32] = []

        mutating func add(_ rule: Int32, _ match: FaultMatch) {
            if let literal = match.operation?.literal {
                operations.add(rule, literal, isExact: true)
            } else if let literal = match.path?.literal {
                paths.add(rule, literal, isExact: true)
            } else if let prefix = match.path?.literalPrefix, !prefix.isEmpty {
                paths.add(rule, prefix, isExact: false)
            } else if let prefix = match.operation?.literalPrefix, !prefix.isEmpty {
                operations.add(rule, prefix, isExact: false)
            } else if let principal = match.principal, !principal.literalPrefix.isEmpty {
                principals.add(rule, principal.literalPrefix, isExact: principal.literal != nil)
            } else if let literal = match.method?.literal {
                methods.add(rule, literal, isExact: true)
            } else {
                others.append(rule)
            }
        }

        func candidates(for event: FaultEvent) -> [Int32] {
            var found = others
            if !operations.isEmpty, let operation = event.operation { operations.collect(operation, into: &found) }
            if !paths.isEmpty { paths.collect(event.path, into: &found) }
            if !principals.isEmpty, let principal = event.principal { principals.collect(principal, into: &found) }
            if !methods.isEmpty { methods.collect(event.method, into: &found) }
            if found.count > 1 { found.sort() }
            return found
        }
    }

    let rules: [RuleState]
    private let before: PhaseIndex
    private let after: PhaseIndex
    /// Rules at named points; there are few, and points are passed seldom.
    private let points: [Int32]

    init(_ rules: [RuleState]) {
        self.rules = rules
        var before = PhaseIndex()
        var after = PhaseIndex()
        var points: [Int32] = []
        for (index, state) in rules.enumerated() {
            let number = Int32(truncatingIfNeeded: index)
            if state.rule.point != nil {
                points.append(number)
            } else if state.rule.at == .beforeHandler {
                before.add(number, state.rule.match)
            } else {
                after.add(number, state.rule.match)
            }
        }
        self.before = before
        self.after = after
        self.points = points
    }

    /// The first rule, in order, whose conditions hold and which is due.
    func decide(_ event: FaultEvent, now: Duration) -> Injection? {
        let candidates: [Int32]
        let pointName: String?
        switch event.phase {
        case .beforeHandler: (candidates, pointName) = (before.candidates(for: event), nil)
        case .afterHandler: (candidates, pointName) = (after.candidates(for: event), nil)
        case .point(let name): (candidates, pointName) = (points, name)
        }
        var details = EventDetails()
        for index in candidates {
            let state = rules[Int(index)]
            if let pointName, state.rule.point?.matches(pointName) != true { continue }
            guard state.rule.match.matches(event, &details), state.isOpen(at: now) else { continue }
            if let injection = state.match(at: now) { return injection }
        }
        return nil
    }
}

/// Finds, for a text, the rules filed under the text itself or under one of its beginnings: a trie over bytes.
struct PrefixIndex: Sendable {
    private struct Node: Sendable {
        var children: [(byte: UInt8, node: Int32)] = []
        /// Rules for every text that begins here.
        var prefixes: [Int32] = []
        /// Rules for the text that ends here.
        var exact: [Int32] = []
    }

    private var nodes: [Node] = []

    var isEmpty: Bool { nodes.isEmpty }

    mutating func add(_ rule: Int32, _ text: [UInt8], isExact: Bool) {
        if nodes.isEmpty { nodes.append(Node()) }
        var current = 0
        for byte in text {
            if let child = nodes[current].children.first(where: { $0.byte == byte }) {
                current = Int(child.node)
            } else {
                nodes[current].children.append((byte, Int32(truncatingIfNeeded: nodes.count)))
                current = nodes.count
                nodes.append(Node())
            }
        }
        if isExact {
            nodes[current].exact.append(rule)
        } else {
            nodes[current].prefixes.append(rule)
        }
    }

    func collect(_ text: String, into found: inout [Int32]) {
        guard !nodes.isEmpty else { return }
        var current = 0
        if !nodes[0].prefixes.isEmpty { found.append(contentsOf: nodes[0].prefixes) }
        for byte in text.utf8 {
            guard let child = nodes[current].children.first(where: { $0.byte == byte }) else { return }
            current = Int(child.node)
            if !nodes[current].prefixes.isEmpty { found.append(contentsOf: nodes[current].prefixes) }
        }
        if !nodes[current].exact.isEmpty { found.append(contentsOf: nodes[current].exact) }
    }
}
