package import HTTPTypes
package import JSON

/// One rule of a scenario or of the control API.
package struct FaultRule: Sendable {
    /// Where a rule acts if its match names no point.
    package enum Phase: String, Sendable, Hashable, CaseIterable {
        case beforeHandler = "before_handler"
        case afterHandler = "after_handler"
    }

    /// Unique in its scenario; draws hang on it. `fault-1`, `fault-2`, … in order where none is given.
    package internal(set) var name: String
    package let match: FaultMatch
    package let when: FaultWindow
    package let at: Phase
    package let delay: FaultDelay?
    package let effect: FaultEffect?
    /// The rule as it was given, for listings.
    package let source: JSONValue
    /// Line in the scenario's file.
    package let line: Int?

    /// Whether it is asked at named points. A competing commit makes sense just before any commit.
    package var actsAtPoints: Bool { match.point != nil || effect == .conflict }
}

/// A rule that may still be without a name.
package struct FaultRuleDraft: Sendable {
    package let name: String?
    private let rule: FaultRule

    init(name: String?, rule: FaultRule) {
        self.name = name
        self.rule = rule
    }

    /// The rule as it stands, for checks before it is added; its name may be empty.
    package var preview: FaultRule { rule }

    func rule(named name: String) -> FaultRule {
        var rule = rule
        rule.name = name
        return rule
    }
}

/// Which requests a rule is for: all given conditions must hold; none given matches all.
package struct FaultMatch: Sendable {
    package var operation: Pattern?
    package var method: Pattern?
    package var path: Pattern?
    package var principal: Pattern?
    package var point: Pattern?
    /// `catalog.schema.table`, at the points of a commit.
    package var table: Pattern?
    package var headers: [(name: HTTPField.Name, pattern: Pattern)] = []
    package var query: [(name: String, pattern: Pattern)] = []
    package var body: [(selector: JSONPath, pattern: Pattern)] = []

    /// Conditions that need more than the request's first line and its caller.
    var hasDetails: Bool { !headers.isEmpty || !query.isEmpty || !body.isEmpty }
}

/// Which of the matching requests a rule fires for.
package struct FaultWindow: Sendable, Hashable {
    /// The first matches that are let through.
    package var skip = 0
    /// How often the rule fires at most.
    package var times: Int?
    package var probability = 1.0
    /// The window's ends, counted from the load; outside it the rule does not match.
    package var from: Duration?
    package var until: Duration?

    package init() {}
}

/// How long to wait; drawn for each firing.
package enum FaultDelay: Sendable, Hashable {
    case fixed(Duration)
    case uniform(Duration, Duration)
    case lognormal(median: Duration, sigma: Double)
}

/// What a rule does besides a delay.
package enum FaultEffect: Sendable, Hashable {
    case answer(FaultAnswerTemplate)
    case connection(ConnectionFault)
    case throttle(bytesPerSecond: Int)
    case rateLimit(FaultRateLimit)
    case stale(reads: Int)
    case expireToken
    case hold
    case conflict
}
