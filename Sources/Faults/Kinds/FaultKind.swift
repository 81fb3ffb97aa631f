/// One thing that a rule can inject: how it is written, what it does, and an example. docs/faults.md is printed from `all`.
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
    /// One rule of a scenario, in YAML.
    package let example: String
    /// Reads the kind's keys; reports what is wrong and answers nil.
    let parse: @Sendable (ConfigMapping) -> Parsed?

    package static let all: [FaultKind] = [
        .answer, .delay, .connection, .throttle, .rateLimit, .stale, .expireToken, .hold, .conflict,
    ]
}
