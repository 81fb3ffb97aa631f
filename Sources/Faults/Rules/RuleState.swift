package import JSON
import Synchronization

/// A loaded rule with its counters. Which match counts fire is a function of the rule and its own counts alone.
final class RuleState: Sendable {
    private struct Counts {
        var matched = 0
        var fired = 0
        /// The rate limit's current window and how many requests it has let through.
        var window: Int64 = -1
        var passed = 0
    }

    private enum Outcome {
        case none
        case fires(count: Int, retryAfter: Int?)
    }

    let rule: FaultRule
    let scenario: String?
    let loadedAt: Duration
    private let seed: UInt64
    private let digest: UInt64
    private let counts = Mutex(Counts())
    /// Made once; of use to rules that answer.
    private let answer: FaultAnswer

    init(_ rule: FaultRule, scenario: String?, seed: UInt64, loadedAt: Duration) {
        self.rule = rule
        self.scenario = scenario
        self.seed = seed
        self.loadedAt = loadedAt
        digest = Draw.digest(rule.name)
        answer =
            if case .answer(let template) = rule.effect {
                FaultAnswer(template, rule: rule.name)
            } else {
                FaultAnswer(FaultAnswerTemplate(status: 429), rule: rule.name)
            }
    }

    var report: FaultReport {
        let (matched, fired) = counts.withLock { ($0.matched, $0.fired) }
        return FaultReport(name: rule.name, scenario: scenario, matched: matched, fired: fired, rule: rule.source)
    }

    /// Whether the rule's window is open; outside it a request does not count as a match.
    func isOpen(at now: Duration) -> Bool {
        guard rule.when.from != nil || rule.when.until != nil else { return true }
        let elapsed = now - loadedAt
        if let from = rule.when.from, elapsed < from { return false }
        if let until = rule.when.until, elapsed >= until { return false }
        return true
    }

    /// Counts a match, and answers what the rule does with it: nil if it lets it through.
    func match(at now: Duration) -> Injection? {
        let outcome = counts.withLock { counts in
            let count = counts.matched
            counts.matched += 1
            guard count >= rule.when.skip, rule.when.times.map({ counts.fired < $0 }) ?? true else { return Outcome.none }
            let probability = rule.when.probability
            if probability < 1, Draw.unit(seed: seed, rule: digest, count: count, lane: .probability) >= probability { return .none }
            var retryAfter: Int?
            if case .rateLimit(let requests, let per) = rule.effect {
                retryAfter = Self.limit(&counts, requests, per, elapsed: now - loadedAt)
                if retryAfter == nil { return .none }
            }
            counts.fired += 1
            return .fires(count: count, retryAfter: retryAfter)
        }
        guard case .fires(let count, let retryAfter) = outcome else { return nil }
        return Injection(rule: rule.name, scenario: scenario, delay: delay(count), kind: kind(retryAfter))
    }

    /// Windows of fixed length from the load on. Nil if the request is within the limit, else the whole seconds to the next window.
    private static func limit(_ counts: inout Counts, _ requests: Int, _ per: Duration, elapsed: Duration) -> Int? {
        let length = max(per.wholeMicroseconds, 1)
        let elapsed = max(elapsed.wholeMicroseconds, 0)
        let window = elapsed / length
        if window != counts.window {
            counts.window = window
            counts.passed = 0
        }
        if counts.passed < requests {
            counts.passed += 1
            return nil
        }
        let left = length - elapsed % length
        return Int(max(1, (left - 1) / 1_000_000 + 1))
    }

    private func kind(_ retryAfter: Int?) -> Injection.Kind {
        switch rule.effect {
        case nil: .proceed
        case .answer: .answer(answer)
        case .connection(let fault): .connection(fault)
        case .throttle(let rate): .throttle(bytesPerSecond: rate)
        case .rateLimit:
            .rateLimited(answer.retrying(afterSeconds: retryAfter ?? 1), retryAfterSeconds: retryAfter ?? 1)
        case .stale(let reads): .stale(reads: reads)
        case .expireToken: .expireToken
        case .hold: .hold(limit: FaultPlan.holdLimit)
        case .conflict: .conflict
        }
    }

    private func delay(_ count: Int) -> Duration? {
        switch rule.delay {
        case nil: return nil
        case .fixed(let duration): return duration
        case .uniform(let low, let high):
            let unit = Draw.unit(seed: seed, rule: digest, count: count, lane: .delay)
            let span = (high - low).wholeMicroseconds
            return low + .microseconds(Int64(unit * Double(span)))
        case .lognormal(let median, let sigma):
            let normal = Draw.normal(seed: seed, rule: digest, count: count)
            return FaultDelay.lognormal(median: median, sigma: sigma, normal: normal)
        }
    }
}

/// How often a rule matched and fired since its load or the last reset.
package struct FaultReport: Sendable {
    package let name: String
    /// Nil for rules added by the control API.
    package let scenario: String?
    package let matched: Int
    package let fired: Int
    /// The rule as it was given.
    package let rule: JSONValue
}
