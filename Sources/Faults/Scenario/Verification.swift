import JSON

/// What `POST journal/verify` asks: that so many exchanges match.
package struct Verification: Sendable {
    private let match: FaultMatch
    private let status: Int?
    private let fault: Pattern?
    package let times: Expectation.Bounds

    /// `{"match": {…}, "times": 3}`; keys of `match` as in a fault rule, besides `status` and `fault`; `times` may be `{"at_least": 1, "at_most": 5}`.
    /// Without it one exchange is enough.
    package init(parsing bytes: [UInt8]) throws(ScenarioError) {
        let diagnostics = ConfigDiagnostics(file: "verify")
        guard let text = String(validating: bytes, as: UTF8.self) else {
            throw ScenarioError(problems: [.init(file: "verify", line: nil, message: "the text is not UTF-8")])
        }
        let root = try ConfigReader.root(text, diagnostics)
        let parser = ScenarioParser(diagnostics: diagnostics)
        var match = FaultMatch()
        var (status, fault): (Int?, Pattern?)
        var times = Expectation.Bounds(atLeast: 1)
        if let mapping = root.mapping("a mapping with match and times", keys: ["match", "times"]) {
            if let reader = mapping["match"] {
                match = parser.match(reader, keys: ["status", "fault"])
                if let own = reader.uncheckedMapping() {
                    status = own["status"]?.integer("a status", in: 0...599)
                    fault = own["fault"]?.pattern()
                }
            }
            if let reader = mapping["times"] {
                if case .mapping = reader.node.content {
                    if let bounds = reader.mapping("a mapping", keys: ScenarioParser.boundsKeys) { times = parser.bounds(bounds) }
                } else if let count = reader.integer("a whole number, or a mapping with at_least and at_most,", in: 0...1_000_000_000) {
                    times = .init(atLeast: count, atMost: count)
                }
            }
        }
        try diagnostics.throwIfAny()
        (self.match, self.status, self.fault, self.times) = (match, status, fault, times)
    }

    /// The conditions that an exchange does not meet, in words; none if it matches.
    package func misses(_ event: FaultEvent, status sent: Int, fault fired: String?) -> [String] {
        var details = EventDetails()
        var misses = match.misses(event, &details)
        if let status, status != sent { misses.append("status is \(sent); expected \(status)") }
        if let fault, !(fired.map(fault.matches) ?? false) {
            misses.append("fault is \(fired.map { "'\($0)'" } ?? "absent"); expected '\(fault)'")
        }
        return misses
    }
}
