package enum Verdict: String, Sendable, Hashable {
    case pass, fail
    /// What was seen does not show it either way.
    case inconclusive

    /// Of several: one failure fails all, and only if all pass do they pass.
    package static func all(_ verdicts: [Verdict]) -> Verdict {
        if verdicts.contains(.fail) { return .fail }
        return verdicts.isEmpty || verdicts.contains(.inconclusive) ? .inconclusive : .pass
    }
}

/// A verdict with its reason in words and the numbers of the exchanges that it rests on.
package struct Finding: Sendable, Hashable {
    package var verdict: Verdict
    package var reason: String
    package var exchanges: [Int]
    /// A failure because something was not seen, which evidence that is lost could hold.
    var restsOnAbsence = false

    init(_ verdict: Verdict, _ reason: String, _ exchanges: [Int] = [], restsOnAbsence: Bool = false) {
        self.verdict = verdict
        self.reason = reason
        self.exchanges = exchanges
        self.restsOnAbsence = restsOnAbsence
    }
}

/// Judges a client by the journal alone. A function of the exchanges: the same journal gives the same findings.
package struct Judge {
    /// In the order of arrival.
    let exchanges: [ObservedExchange]
    /// How many exchanges fell out of the bounded journal.
    let lost: Int
    /// The workspace's time, in microseconds since 1970.
    let now: Int64

    package init(_ exchanges: [ObservedExchange], lost: Int, now: Int64) {
        self.exchanges = exchanges.sorted { ($0.after, $0.number) < ($1.after, $1.number) }
        self.lost = lost
        self.now = now
    }

    package func judge(_ scenario: Scenario) -> [(expectation: Expectation, finding: Finding)] {
        var marks = RequestKey.marks
        for expectation in scenario.expectations {
            if case .idempotency(.field(let name)) = expectation.kind { marks.insert(name) }
        }
        let keys = exchanges.map { RequestKey($0, ignoring: marks) }
        return scenario.expectations.map { ($0, complete(judge($0, keys))) }
    }

    private func judge(_ expectation: Expectation, _ keys: [RequestKey]) -> Finding {
        let target = expectation.target
        let places = exchanges.indices.filter { target.matches(exchanges[$0]) }
        let seen = places.map { exchanges[$0] }
        if case .calls(let bounds) = expectation.kind { return calls(seen, bounds, target) }
        guard !seen.isEmpty else { return Finding(.inconclusive, "no such call was seen") }
        if case .circuitBreaker(let failures, let openFor, let successes) = expectation.kind {
            return breaker(seen, target.failures ?? .service, failures: failures, openFor: openFor.seconds, successes: successes)
        }
        let calls = LogicalCall.group(seen, keys: places.map { keys[$0] }, gap: target.gap)
        /// Those that met the failures that the expectation is about.
        let failed = calls.filter { call in
            call.failures.contains { target.failures?.contains(status: $0.status, isBroken: $0.isBroken) ?? true }
        }
        switch expectation.kind {
        case .retries(let respectRetryAfter): return retries(failed, seen.count, respectRetryAfter)
        case .attempts(let bounds): return attempts(failed, seen.count, bounds)
        case .backoff(let backoff): return self.backoff(failed, backoff)
        case .idempotency(let place): return idempotency(calls, place)
        case .noDuplicates: return duplicates(calls)
        case .tokenRefresh(let atMost): return tokenRefresh(calls, atMost)
        case .calls, .circuitBreaker: return Finding(.inconclusive, "no such call was seen")
        }
    }

    /// What is gone may have held the contrary.
    private func complete(_ finding: Finding) -> Finding {
        guard lost > 0 else { return finding }
        var finding = finding
        if finding.verdict == .pass || finding.restsOnAbsence { finding.verdict = .inconclusive }
        finding.reason += " (\(lost) earlier exchange\(lost == 1 ? "" : "s") fell out of the journal)"
        return finding
    }

    private func calls(_ seen: [ObservedExchange], _ bounds: Expectation.Bounds, _ target: Expectation.Target) -> Finding {
        let counted = seen.filter { target.failures?.contains(status: $0.status, isBroken: $0.isBroken) ?? true }
        let count = counted.count
        let reason = "\(Self.count(count, "call")) seen; expected \(bounds.text)"
        let numbers = Self.numbers(counted)
        if count == 0, exchanges.isEmpty || !bounds.contain(0) { return Finding(.inconclusive, reason, numbers) }
        if bounds.contain(count) { return Finding(.pass, reason, numbers) }
        return Finding(.fail, reason, numbers, restsOnAbsence: bounds.atLeast.map { count < $0 } ?? false)
    }

    // MARK: Words

    static func count(_ count: Int, _ word: String) -> String { "\(count) \(word)\(count == 1 ? "" : "s")" }

    static func numbers(_ exchanges: [ObservedExchange]) -> [Int] { Array(exchanges.map(\.number).prefix(100)) }

    /// `1.5 s`, to the millisecond.
    static func text(seconds: Double) -> String {
        guard seconds.isFinite, abs(seconds) < 1e12 else { return "\(seconds) s" }
        let millis = Int((seconds * 1000).rounded())
        let (whole, part) = (abs(millis) / 1000, abs(millis) % 1000)
        var fraction = String(part)
        fraction = String(repeating: "0", count: 3 - fraction.count) + fraction
        while fraction.last == "0" { fraction.removeLast() }
        return "\(millis < 0 ? "-" : "")\(whole)\(fraction.isEmpty ? "" : ".\(fraction)") s"
    }

    /// Collects what speaks against a client.
    struct Violations {
        private(set) var texts: [String] = []
        private(set) var exchanges: [Int] = []

        mutating func add(_ text: String, _ evidence: [ObservedExchange]) {
            texts.append(text)
            for exchange in evidence where exchanges.count < 100 && !exchanges.contains(exchange.number) { exchanges.append(exchange.number) }
        }

        var finding: Finding? {
            guard !texts.isEmpty else { return nil }
            let more = texts.count > 3 ? "; and \(texts.count - 3) more" : ""
            return Finding(.fail, texts.prefix(3).joined(separator: "; ") + more, exchanges)
        }
    }
}
