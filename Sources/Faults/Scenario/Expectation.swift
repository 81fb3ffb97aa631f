/// What a client is expected to do; judged over the journal by the report.
package struct Expectation: Sendable {
    package enum Kind: Sendable {
        /// Failed calls are tried again, not before their `Retry-After` has passed if `respectRetryAfter`.
        case retries(respectRetryAfter: Bool)
        /// How often one call is sent in all, repeats included.
        case attempts(Bounds)
        /// Waits between attempts grow: `base`, `base × factor`, …, each within ± `tolerance` (a share of the wait).
        case backoff(base: Duration, factor: Double, tolerance: Double)
        /// After so many failures in a row no call comes for `openFor`; then single calls, until so many have succeeded.
        case circuitBreaker(failures: Int, openFor: Duration, halfOpenSuccesses: Int)
        /// How often the operation is called.
        case calls(Bounds)

        package var name: String {
            switch self {
            case .retries: "retries"
            case .attempts: "attempts"
            case .backoff: "backoff"
            case .circuitBreaker: "circuit_breaker"
            case .calls: "calls"
            }
        }
    }

    /// Which calls are looked at; none given means all.
    package struct Target: Sendable {
        package var operation: Pattern?
        package var method: Pattern?
        package var path: Pattern?

        package func matches(operation name: String?, method sent: String, path asked: String) -> Bool {
            if let operation {
                guard let name, operation.matches(name) else { return false }
            }
            if let method, !method.matches(sent) { return false }
            if let path, !path.matches(asked) { return false }
            return true
        }
    }

    /// A number's limits, both inclusive.
    package struct Bounds: Sendable, Hashable {
        package var atLeast: Int?
        package var atMost: Int?

        package func contain(_ count: Int) -> Bool {
            (atLeast.map { count >= $0 } ?? true) && (atMost.map { count <= $0 } ?? true)
        }
    }

    /// `<kind>-<position>` where none is given.
    package let name: String
    package let target: Target
    package let kind: Kind
    package let line: Int?
}
