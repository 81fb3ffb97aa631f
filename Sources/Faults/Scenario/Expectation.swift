/// What a client is expected to do; judged over the journal by the report.
package struct Expectation: Sendable {
    package enum Kind: Sendable {
        /// Failed calls are tried again, not before their `Retry-After` has passed if `respectRetryAfter`.
        case retries(respectRetryAfter: Bool)
        /// How often one call is sent in all, repeats included.
        case attempts(Bounds)
        /// Waits between attempts grow: `base`, `base × factor`, … up to `max`, each within ± `tolerance` (a share of the wait).
        case backoff(Backoff)
        /// After so many failures in a row no call comes for `openFor`; then single calls, until so many have succeeded.
        case circuitBreaker(failures: Int, openFor: Duration, halfOpenSuccesses: Int)
        /// How often the operation is called.
        case calls(Bounds)
        /// All attempts of a call carry one key, and no other call carries it.
        case idempotency(KeyPlace)
        /// An effect whose answer was lost is not brought about once more.
        case noDuplicates
        /// A refused token is replaced, so many times a call at most, before the call is tried again.
        case tokenRefresh(atMost: Int)

        package static let names = [
            "retries", "attempts", "backoff", "circuit_breaker", "calls", "idempotency", "no_duplicates", "token_refresh",
        ]

        package var name: String {
            switch self {
            case .retries: "retries"
            case .attempts: "attempts"
            case .backoff: "backoff"
            case .circuitBreaker: "circuit_breaker"
            case .calls: "calls"
            case .idempotency: "idempotency"
            case .noDuplicates: "no_duplicates"
            case .tokenRefresh: "token_refresh"
            }
        }
    }

    package struct Backoff: Sendable, Hashable {
        package var base: Duration
        package var factor: Double
        package var tolerance: Double
        package var max: Duration?
    }

    /// Where a call's idempotency key stands.
    package enum KeyPlace: Sendable, Hashable {
        /// A member of the JSON body, at its top.
        case field(String)
        /// A header, in lower case.
        case header(String)
    }

    /// Which calls are looked at; none given means all.
    package struct Target: Sendable {
        package var operation: Pattern?
        package var method: Pattern?
        package var path: Pattern?
        package var principal: Pattern?
        /// Only calls that met such a failure; for a circuit breaker, what counts as one.
        package var failures: FailureSet?
        /// A repeat after a longer pause than this is a call of its own.
        package var gap = Duration.seconds(120)

        package func matches(operation name: String?, method sent: String, path asked: String) -> Bool {
            if let operation {
                guard let name, operation.matches(name) else { return false }
            }
            if let method, !method.matches(sent) { return false }
            if let path, !path.matches(asked) { return false }
            return true
        }
    }

    /// Failures by HTTP status, and connections that broke.
    package struct FailureSet: Sendable, Hashable {
        package var statuses: [ClosedRange<Int>] = []
        package var connection = false

        /// What a circuit breaker counts unless the file says otherwise.
        static let service = FailureSet(statuses: [500...599], connection: true)

        func contains(status: Int, isBroken: Bool) -> Bool {
            isBroken || status == 0 ? connection : statuses.contains { $0.contains(status) }
        }
    }

    /// A number's limits, both inclusive.
    package struct Bounds: Sendable, Hashable {
        package var atLeast: Int?
        package var atMost: Int?

        package func contain(_ count: Int) -> Bool {
            (atLeast.map { count >= $0 } ?? true) && (atMost.map { count <= $0 } ?? true)
        }

        /// `exactly 3`, `at least 1 and at most 5`.
        package var text: String {
            if let atLeast, atLeast == atMost { return "exactly \(atLeast)" }
            return [atLeast.map { "at least \($0)" }, atMost.map { "at most \($0)" }].compactMap { $0 }.joined(separator: " and ")
        }
    }

    /// `<kind>-<position>` where none is given.
    package let name: String
    package let target: Target
    package let kind: Kind
    package let line: Int?
}
