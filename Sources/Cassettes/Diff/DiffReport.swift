package import JSON

/// What came of playing cassettes: counts by operation, and every difference with its place.
package struct DiffReport: Sendable {
    package struct Entry: Sendable {
        package let operation: String
        /// `cassettes/x/cassette.jsonl:7`
        package let place: String
        package let request: String
        package let differences: [AnswerDifference]

        package init(operation: String, place: String, request: String, differences: [AnswerDifference]) {
            self.operation = operation
            self.place = place
            self.request = request
            self.differences = differences
        }
    }

    private struct Total {
        var played = 0
        var equal = 0
    }

    private var totals: [String: Total] = [:]
    private var entries: [Entry] = []
    private var notCompared: [String: Int] = [:]
    package private(set) var earlierPolls = 0

    package init() {}

    package mutating func add(_ entry: Entry) {
        totals[entry.operation, default: Total()].played += 1
        if entry.differences.isEmpty {
            totals[entry.operation, default: Total()].equal += 1
        } else {
            entries.append(entry)
        }
    }

    package mutating func addEarlierPoll() { earlierPolls += 1 }

    /// An exchange whose answer, or all of it, could not be compared.
    package mutating func addNotCompared(_ reason: String) { notCompared[reason, default: 0] += 1 }

    package var played: Int { totals.values.reduce(0) { $0 + $1.played } }
    package var equal: Int { totals.values.reduce(0) { $0 + $1.equal } }
    package var isEqual: Bool { entries.isEmpty }

    package var summary: String {
        let count = entries.reduce(0) { $0 + $1.differences.count }
        var text = "\(played) exchange\(played == 1 ? "" : "s") played, \(equal) equal, \(entries.count) with differences (\(count) in all)"
        if earlierPolls > 0 { text += "; \(earlierPolls) earlier poll\(earlierPolls == 1 ? "" : "s") left out" }
        for (reason, count) in notCompared.sorted(by: { $0.key < $1.key }) { text += "; not compared: \(count) \(reason)" }
        return text
    }

    /// By operation, the one with the most differing exchanges first; differences of one kind and place together.
    package var text: String {
        var lines: [String] = []
        let byOperation = Dictionary(grouping: entries, by: \.operation).sorted {
            ($1.value.count, $0.key) < ($0.value.count, $1.key)
        }
        for (operation, entries) in byOperation {
            lines.append("\(operation): \(entries.count) of \(totals[operation]?.played ?? 0) with differences")
            var families: [(name: String, count: Int, first: AnswerDifference, place: String)] = []
            for entry in entries {
                for difference in entry.differences {
                    if let index = families.firstIndex(where: { $0.name == difference.family }) {
                        families[index].count += 1
                    } else {
                        families.append((difference.family, 1, difference, entry.place))
                    }
                }
            }
            for family in families.sorted(by: { $0.count > $1.count }) {
                lines.append("  \(family.count) × \(family.first)")
                lines.append("      \(family.count == 1 ? "at" : "first at") \(family.place)")
            }
        }
        return (lines + [summary]).joined(separator: "\n")
    }

    package var json: JSONValue {
        let operations = totals.sorted { $0.key < $1.key }.map { name, total in
            (name, JSONValue.members([("played", .int(total.played)), ("equal", .int(total.equal))]))
        }
        return .members([
            ("played", .int(played)), ("equal", .int(equal)), ("earlier_polls", .int(earlierPolls)),
            ("not_compared", .members(notCompared.sorted { $0.key < $1.key }.map { ($0.key, .int($0.value)) })),
            ("operations", .members(operations)),
            (
                "exchanges",
                .array(
                    entries.map { entry in
                        .members([
                            ("operation", .string(entry.operation)), ("place", .string(entry.place)), ("request", .string(entry.request)),
                            ("differences", .array(entry.differences.map(Self.json))),
                        ])
                    })
            ),
        ])
    }

    private static func json(_ difference: AnswerDifference) -> JSONValue {
        var object = JSONObject([("kind", .string(difference.kind.rawValue)), ("path", .string(difference.path))])
        if let recorded = difference.recorded { object["recorded"] = .string(recorded) }
        if let live = difference.live { object["live"] = .string(live) }
        return .object(object)
    }
}
