/// The rules in order, frozen and indexed, so that a request looks at the few that could match it.
final class RuleTable: Sendable {
    let rules: [RuleState]
    private let before: RuleIndex
    private let after: RuleIndex
    private let points: RuleIndex

    init(_ rules: [RuleState]) {
        self.rules = rules
        var before: [Int32] = []
        var after: [Int32] = []
        var points: [Int32] = []
        for (number, state) in rules.enumerated() {
            let number = Int32(truncatingIfNeeded: number)
            if state.rule.actsAtPoints { points.append(number) }
            if state.rule.match.point == nil, state.rule.match.table == nil {
                if state.rule.at == .beforeHandler { before.append(number) } else { after.append(number) }
            }
        }
        self.before = RuleIndex(before, of: rules)
        self.after = RuleIndex(after, of: rules)
        self.points = RuleIndex(points, of: rules)
    }

    /// The first rule, in order, whose conditions hold and which is due.
    func decide(_ event: FaultEvent, now: Duration) -> Injection? {
        let index =
            switch event.phase {
            case .beforeHandler: before
            case .afterHandler: after
            case .point: points
            }
        for number in index.candidates(for: event, rules) {
            let state = rules[Int(number)]
            guard state.isPossible(event), state.isOpen(at: now) else { continue }
            if let injection = state.match(event, at: now) { return injection }
        }
        return nil
    }
}

/// What the rules of one phase ask, filed so that rules with the same conditions are looked at together.
///
/// First come the conditions that cost little: rules that agree in all of them are a group, filed under the one condition that the fewest groups share. Then,
/// inside a group, headers, query and body: a rule is filed under the one that the fewest rules share. So a body is read only if a
/// group is met that asks for it.
private struct RuleIndex: Sendable {
    /// Conditions that cost little, the most telling first.
    private enum Field: CaseIterable {
        case operation, path, principal, table, point, method

        func pattern(_ match: FaultMatch) -> Pattern? {
            switch self {
            case .operation: match.operation
            case .path: match.path
            case .principal: match.principal
            case .table: match.table
            case .point: match.point
            case .method: match.method
            }
        }

        func value(_ event: FaultEvent) -> String? {
            switch self {
            case .operation: event.operation
            case .path: event.path
            case .principal: event.principal
            case .table: event.table
            case .point: if case .point(let name) = event.phase { name } else { nil }
            case .method: event.method
            }
        }
    }

    /// One reference, so that looking at a group does not count those of all its parts.
    private final class Group: Sendable {
        /// What is left to be checked after the group was found.
        let conditions: [(field: Field, pattern: Pattern)]
        /// Rules without further conditions.
        let rules: [Int32]
        let details: DetailIndex

        init(_ conditions: [(field: Field, pattern: Pattern)], _ rules: [Int32], _ details: DetailIndex) {
            self.conditions = conditions
            self.rules = rules
            self.details = details
        }
    }

    private struct Shared: Hashable {
        let field: Field
        let pattern: Pattern
    }

    private var groups: [Group] = []
    /// Groups that every event looks at.
    private var always: [Int32] = []
    private var sets: [(field: Field, set: PatternSet)] = []

    init(_ numbers: [Int32], of rules: [RuleState]) {
        var members: [[String?]: Int] = [:]
        var gathered: [(patterns: [Pattern?], rules: [Int32])] = []
        for number in numbers {
            let match = rules[Int(number)].rule.match
            let patterns = Field.allCases.map { $0.pattern(match) }
            let key = patterns.map { $0?.description }
            if let group = members[key] {
                gathered[group].rules.append(number)
            } else {
                members[key] = gathered.count
                gathered.append((patterns, [number]))
            }
        }
        var shared: [Shared: Int] = [:]
        for (patterns, _) in gathered {
            for (field, pattern) in zip(Field.allCases, patterns) {
                if let pattern { shared[Shared(field: field, pattern: pattern), default: 0] += 1 }
            }
        }
        var filed: [Field: [(pattern: Pattern, entry: Int32)]] = [:]
        for (patterns, numbers) in gathered {
            var conditions: [(field: Field, pattern: Pattern)] = []
            for (field, pattern) in zip(Field.allCases, patterns) { if let pattern { conditions.append((field, pattern)) } }
            let entry = Int32(groups.count)
            let chosen = conditions.indices.filter { !conditions[$0].pattern.matchesAnything }.min { left, right in
                func count(_ place: Int) -> Int {
                    shared[Shared(field: conditions[place].field, pattern: conditions[place].pattern)] ?? 0
                }
                return (count(left), left) < (count(right), right)
            }
            if let chosen {
                let (field, pattern) = conditions.remove(at: chosen)
                filed[field, default: []].append((pattern, entry))
            } else {
                always.append(entry)
            }
            let detailed = numbers.filter { rules[Int($0)].rule.match.hasDetails }
            groups.append(
                Group(conditions, numbers.filter { !rules[Int($0)].rule.match.hasDetails }, DetailIndex(detailed, of: rules)))
        }
        for field in Field.allCases { if let patterns = filed[field] { sets.append((field, PatternSet(patterns))) } }
    }

    /// The rules whose conditions hold, in their order.
    func candidates(for event: FaultEvent, _ rules: [RuleState]) -> [Int32] {
        if groups.isEmpty { return [] }
        var met = always
        for (field, set) in sets { if let value = field.value(event) { set.collect(value, into: &met) } }
        var found: [Int32] = []
        var details = EventDetails()
        next: for number in met {
            let group = groups[Int(number)]
            for (field, pattern) in group.conditions {
                guard let value = field.value(event), pattern.matches(value) else { continue next }
            }
            found += group.rules
            group.details.collect(event, &details, rules, into: &found)
        }
        if found.count > 1 { found.sort() }
        return found
    }
}
