extension Judge {
    /// By how much a wait may be short of what was asked: clocks differ a little.
    static let slack = 0.010

    private static let nothingFailed = "no attempt failed, so that nothing had to be tried again"

    func retries(_ failed: [LogicalCall], _ seen: Int, _ respectRetryAfter: Bool) -> Finding {
        guard !failed.isEmpty else { return Finding(.inconclusive, "\(Self.count(seen, "exchange")) seen, but \(Self.nothingFailed)") }
        var violations = Violations()
        var notRetried = Violations()
        var honoured: [ObservedExchange] = []
        for call in failed {
            if call.attempts.count == 1 {
                notRetried.add("exchange \(call.last.number) ended with \(call.last.failureText) and was not tried again", [call.last])
            }
            guard respectRetryAfter else { continue }
            for (from, to) in call.steps {
                guard let asked = from.retryAfter else { continue }
                let wait = from.wait(until: to)
                if wait + Self.slack < asked {
                    violations.add(
                        "exchange \(to.number) came \(Self.text(seconds: wait)) after exchange \(from.number), whose Retry-After was "
                            + Self.text(seconds: asked), [from, to])
                } else {
                    honoured += [from, to]
                }
            }
        }
        if let finding = violations.finding { return finding }
        if var finding = notRetried.finding {
            finding.restsOnAbsence = true
            return finding
        }
        let all = Self.numbers(failed.flatMap(\.attempts))
        guard respectRetryAfter else { return Finding(.pass, "\(Self.count(failed.count, "failed call")) tried again", all) }
        guard !honoured.isEmpty else { return Finding(.inconclusive, "no answer with Retry-After was followed by another attempt", all) }
        return Finding(.pass, "each wait was at least as long as Retry-After asked", Self.numbers(Self.distinct(honoured)))
    }

    func attempts(_ failed: [LogicalCall], _ seen: Int, _ bounds: Expectation.Bounds) -> Finding {
        guard !failed.isEmpty else { return Finding(.inconclusive, "\(Self.count(seen, "exchange")) seen, but \(Self.nothingFailed)") }
        var tooMany = Violations()
        var tooFew = Violations()
        for call in failed {
            let count = call.attempts.count
            if let most = bounds.atMost, count > most {
                tooMany.add("\(count) attempts at one call; expected \(bounds.text)", call.attempts)
            } else if let least = bounds.atLeast, count < least, !call.last.endsCall {
                tooFew.add(
                    "given up after \(Self.count(count, "attempt")), the last with \(call.last.failureText); expected \(bounds.text)", call.attempts)
            }
        }
        if let finding = tooMany.finding { return finding }
        if var finding = tooFew.finding {
            finding.restsOnAbsence = true
            return finding
        }
        let most = failed.map(\.attempts.count).max() ?? 0
        return Finding(
            .pass, "\(Self.count(failed.count, "call")) failed at first, with \(Self.count(most, "attempt")) at most; expected \(bounds.text)",
            Self.numbers(failed.flatMap(\.attempts)))
    }

    func backoff(_ failed: [LogicalCall], _ expected: Expectation.Backoff) -> Finding {
        var violations = Violations()
        var judged: [ObservedExchange] = []
        var waits: [String] = []
        for call in failed {
            var wanted = expected.base.seconds
            for (from, to) in call.steps {
                defer { wanted = min(wanted * expected.factor, expected.max?.seconds ?? 1e9) }
                // What the service asks for goes before what the client would do.
                if from.retryAfter != nil { continue }
                let wait = from.wait(until: to)
                let (low, high) = (wanted * max(0, 1 - expected.tolerance), wanted * (1 + expected.tolerance))
                if wait + Self.slack < low || wait - Self.slack > high {
                    violations.add(
                        "exchange \(to.number) came \(Self.text(seconds: wait)) after exchange \(from.number); expected "
                            + "\(Self.text(seconds: low)) to \(Self.text(seconds: high))", [from, to])
                } else {
                    judged += [from, to]
                    waits.append(Self.text(seconds: wait))
                }
            }
        }
        if let finding = violations.finding { return finding }
        guard !judged.isEmpty else { return Finding(.inconclusive, "no failed attempt was followed by another one, but for those with Retry-After") }
        return Finding(.pass, "waits of \(waits.prefix(10).joined(separator: ", ")) were as expected", Self.numbers(Self.distinct(judged)))
    }

    func tokenRefresh(_ calls: [LogicalCall], _ atMost: Int) -> Finding {
        var violations = Violations()
        var refused: [LogicalCall] = []
        var abandoned = Violations()
        for call in calls where call.attempts.contains(where: \.tokenRefused) {
            refused.append(call)
            for (from, to) in call.steps where from.tokenRefused && from.credential == to.credential {
                violations.add("exchange \(to.number) carries the credential that exchange \(from.number) was refused with", [from, to])
            }
            let refusals = call.attempts.filter(\.tokenRefused)
            let refreshes = call.steps.count { $0.from.tokenRefused && $0.from.credential != $0.to.credential }
            if refreshes > atMost { violations.add("\(refreshes) refreshes for one call; expected at most \(atMost)", call.attempts) }
            if call.attempts.count == 1 {
                abandoned.add("exchange \(call.last.number) was refused its token, and the call was not tried with a new one", refusals)
            }
        }
        guard !refused.isEmpty else { return Finding(.inconclusive, "no token was refused") }
        if let finding = violations.finding { return finding }
        if var finding = abandoned.finding {
            finding.restsOnAbsence = true
            return finding
        }
        return Finding(
            .pass, "\(Self.count(refused.count, "call")) whose token was refused tried again with another one",
            Self.numbers(refused.flatMap(\.attempts)))
    }

    static func distinct(_ exchanges: [ObservedExchange]) -> [ObservedExchange] {
        var seen: Set<Int> = []
        return exchanges.filter { seen.insert($0.number).inserted }
    }
}
