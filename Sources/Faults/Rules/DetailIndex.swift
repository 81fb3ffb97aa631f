import HTTPTypes
import JSON

/// Rules by what they ask of headers, query and body: each is filed under the condition that the fewest of them share.
struct DetailIndex: Sendable {
    /// A place in a request.
    private enum Place: Sendable {
        case header(HTTPField.Name)
        case query(String)
        case body(JSONPath)
    }

    private var sets: [(place: Place, set: PatternSet)] = []

    init() {}

    init(_ numbers: [Int32], of rules: [RuleState]) {
        let conditions = numbers.map { Self.conditions(rules[Int($0)].rule.match) }
        let shared = conditions.joined().reduce(into: [String: Int]()) { $0["\($1.key) \($1.pattern)", default: 0] += 1 }
        var filed: [(key: String, place: Place, patterns: [(pattern: Pattern, entry: Int32)])] = []
        var places: [String: Int] = [:]
        for (number, conditions) in zip(numbers, conditions) {
            let chosen = conditions.enumerated().min { left, right in
                let counts = [left, right].map { shared["\($0.element.key) \($0.element.pattern)"] ?? 0 }
                return (counts[0], left.offset) < (counts[1], right.offset)
            }
            guard let condition = chosen?.element else { continue }
            if places[condition.key] == nil {
                places[condition.key] = filed.count
                filed.append((condition.key, condition.place, []))
            }
            filed[places[condition.key] ?? 0].patterns.append((condition.pattern, number))
        }
        sets = filed.map { ($0.place, PatternSet($0.patterns)) }
    }

    /// Conditions with what tells their places apart; those that cost less come first.
    private static func conditions(_ match: FaultMatch) -> [(key: String, place: Place, pattern: Pattern)] {
        match.headers.map { ("h\($0.name.canonicalName)", .header($0.name), $0.pattern) }
            + match.query.map { ("q\($0.name)", .query($0.name), $0.pattern) }
            + match.body.map { ("b\($0.selector)", .body($0.selector), $0.pattern) }
    }

    /// Adds the rules all of whose conditions on headers, query and body hold.
    func collect(_ event: FaultEvent, _ details: inout EventDetails, _ rules: [RuleState], into found: inout [Int32]) {
        guard !sets.isEmpty else { return }
        var met: [Int32] = []
        for (place, set) in sets {
            switch place {
            case .header(let name): for value in event.headers[values: name] { set.collect(value, into: &met) }
            case .query(let name): for item in details.query(of: event) where item.name == name { set.collect(item.value, into: &met) }
            case .body(let selector):
                guard let json = details.body(of: event) else { continue }
                for value in selector.values(in: json) { set.collect(EventDetails.text(of: value), into: &met) }
            }
        }
        // Two values of one place can find the same rule.
        if met.count > 1 { met = Array(Set(met)) }
        for number in met where rules[Int(number)].rule.match.matchesDetails(event, &details) { found.append(number) }
    }
}
