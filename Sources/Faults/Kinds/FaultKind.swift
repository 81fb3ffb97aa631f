/// One thing that a rule can inject: how it is written, what it does, where it can act, and an example. docs/faults.md is printed from `all`.
package struct FaultKind: Sendable {
    enum Parsed {
        case delay(FaultDelay)
        case effect(FaultEffect)
    }

    package let name: String
    /// The keys under `inject:` that belong to it; the first one makes the kind.
    package let keys: [String]
    /// One line.
    package let summary: String
    /// A paragraph.
    package let description: String
    package let places: [FaultPlace]
    package let modes: [FaultMode]
    /// One rule of a scenario, in YAML.
    package let example: String
    /// Reads the kind's keys; reports what is wrong and answers nil.
    let parse: @Sendable (ConfigMapping) -> Parsed?

    init(
        name: String, keys: [String], summary: String, description: String, places: [FaultPlace] = FaultPlace.allCases,
        modes: [FaultMode] = FaultMode.allCases, example: String, parse: @escaping @Sendable (ConfigMapping) -> Parsed?
    ) {
        self.name = name
        self.keys = keys
        self.summary = summary
        self.description = description
        self.places = places
        self.modes = modes
        self.example = example
        self.parse = parse
    }

    package static let all: [FaultKind] = [
        .answer, .delay, .connection, .throttle, .rateLimit, .stale, .expireToken, .hold, .conflict,
    ]
}

extension FaultEffect {
    package var kind: FaultKind {
        switch self {
        case .answer: .answer
        case .connection: .connection
        case .throttle: .throttle
        case .rateLimit: .rateLimit
        case .stale: .stale
        case .expireToken: .expireToken
        case .hold: .hold
        case .conflict: .conflict
        }
    }
}
