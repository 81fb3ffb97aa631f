/// What a client meant as one call: the attempts at it, in order, never empty.
///
/// Two exchanges are attempts at one call if method, path, query and body are equal (bodies of JSON by value, without idempotency keys), the principal is
/// the same or unknown in one of them, the later one arrived after the earlier one had ended, the earlier one did not end the call (a success or a 404
/// does), and no longer pause than the target's `gap`, or the answer's `Retry-After` and the gap, lies between them.
struct LogicalCall {
    private(set) var attempts: [ObservedExchange]

    var first: ObservedExchange { attempts[0] }
    var last: ObservedExchange { attempts[attempts.count - 1] }
    var failures: [ObservedExchange] { attempts.filter { !$0.endsCall } }
    /// An attempt and the one that follows it.
    var steps: [(from: ObservedExchange, to: ObservedExchange)] { zip(attempts, attempts.dropFirst()).map { ($0, $1) } }

    private init(_ first: ObservedExchange) { attempts = [first] }

    /// Groups exchanges, given in the order of arrival; the calls are in the order of their first attempts.
    static func group(_ exchanges: [ObservedExchange], keys: [RequestKey], gap: Duration) -> [LogicalCall] {
        var calls: [LogicalCall] = []
        var open: [RequestKey: [Int]] = [:]
        for (exchange, key) in zip(exchanges, keys) {
            let candidates = open[key] ?? []
            // Of several that it can follow, the one that waited longest.
            if let call = candidates.first(where: { calls[$0].last.canBeFollowed(by: exchange, gap: gap) }) {
                calls[call].attempts.append(exchange)
                if exchange.endsCall { open[key]?.removeAll { $0 == call } }
            } else {
                if !exchange.endsCall { open[key, default: []].append(calls.count) }
                calls.append(LogicalCall(exchange))
            }
        }
        return calls
    }
}

extension ObservedExchange {
    fileprivate func canBeFollowed(by next: ObservedExchange, gap: Duration) -> Bool {
        guard next.after >= number else { return false }
        if let principal, let other = next.principal, principal != other { return false }
        return wait(until: next) <= gap.seconds + (retryAfter ?? 0)
    }
}

extension Duration {
    var seconds: Double { Double(wholeMicroseconds) / 1_000_000 }
}
