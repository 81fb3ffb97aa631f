import HTTPTypes
package import JSON
import Synchronization

/// A loaded rule with its counters. Which match counts fire is a function of the rule and its own counts alone.
final class RuleState: Sendable {
    private struct Counts {
        var matched = 0
        var fired = 0
        /// The rate limit's windows by caller: number and requests let through.
        var windows: [UInt64: (number: Int64, passed: Int)] = [:]
        /// The stale reads by what is read: the write that they do not see, and how often it was not seen.
        var reads: [String: (write: UInt64, count: Int)] = [:]
        var held: HoldTicket?
    }

    private enum Outcome {
        case none
        case fires(count: Int, Injection.Kind)
    }

    /// Callers and things read that are remembered at most; far more than one test has.
    private static let maxRemembered = 100_000

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
    func match(_ event: FaultEvent, at now: Duration) -> Injection? {
        let outcome = counts.withLock { counts in
            let count = counts.matched
            if case .stale(let reads) = rule.effect {
                guard Self.isStale(&counts, event, reads) else { return Outcome.none }
            }
            counts.matched += 1
            if let ticket = counts.held {
                counts.held = nil
                if ticket.release() { return .fires(count: count, .follow(ticket)) }
            }
            guard count >= rule.when.skip, rule.when.times.map({ counts.fired < $0 }) ?? true else { return Outcome.none }
            let probability = rule.when.probability
            if probability < 1, Draw.unit(seed: seed, rule: digest, count: count, lane: .probability) >= probability { return .none }
            let kind: Injection.Kind
            switch rule.effect {
            case .rateLimit(let limit):
                let caller = limit.key == .all ? 0 : Self.caller(of: event)
                guard let wait = Self.wait(&counts, limit, caller, elapsed: now - loadedAt) else { return .none }
                kind = .rateLimited(answer.retrying(afterSeconds: wait), retryAfterSeconds: wait)
            case .hold:
                let ticket = HoldTicket()
                counts.held = ticket
                kind = .hold(ticket)
            case nil: kind = .proceed
            case .answer: kind = .answer(answer)
            case .connection(let fault): kind = .connection(fault)
            case .throttle(let rate): kind = .throttle(bytesPerSecond: rate)
            case .stale: kind = .stale
            case .expireToken: kind = .expireToken
            case .conflict: kind = .conflict
            }
            counts.fired += 1
            if case .stale = kind { Self.countStale(&counts, event) }
            return .fires(count: count, kind)
        }
        guard case .fires(let count, let kind) = outcome else { return nil }
        return Injection(rule: rule.name, scenario: scenario, delay: delay(count), kind: kind)
    }

    /// Lets a held request go on: the rule is being taken out.
    func abandon() {
        let ticket = counts.withLock { counts in
            defer { counts.held = nil }
            return counts.held
        }
        _ = ticket?.release()
    }

    // MARK: Rate limits

    /// Who makes a request: the principal, else the credential that was sent.
    private static func caller(of event: FaultEvent) -> UInt64 {
        Draw.digest(event.principal ?? event.headers[.authorization] ?? "")
    }

    /// Windows of fixed length from the load on. Nil if the request is within the limit, else the whole seconds to the next window.
    private static func wait(_ counts: inout Counts, _ limit: FaultRateLimit, _ caller: UInt64, elapsed: Duration) -> Int? {
        let length = max(limit.per.wholeMicroseconds, 1)
        let elapsed = max(elapsed.wholeMicroseconds, 0)
        let number = elapsed / length
        var window = counts.windows[caller] ?? (number, 0)
        if window.number != number { window = (number, 0) }
        if window.passed < limit.requests {
            window.passed += 1
            if counts.windows.count >= maxRemembered, counts.windows[caller] == nil {
                counts.windows = counts.windows.filter { $0.value.number == number }
                if counts.windows.count >= maxRemembered { counts.windows = [:] }
            }
            counts.windows[caller] = window
            return nil
        }
        let left = length - elapsed % length
        return Int(max(1, (left - 1) / 1_000_000 + 1))
    }

    // MARK: Stale reads

    private static func thing(of event: FaultEvent) -> String { event.query.isEmpty ? event.path : "\(event.path)?\(event.query)" }

    private static func isStale(_ counts: inout Counts, _ event: FaultEvent, _ reads: Int) -> Bool {
        guard let write = event.lastWrite else { return false }
        guard let seen = counts.reads[thing(of: event)], seen.write == write else { return true }
        return seen.count < reads
    }

    private static func countStale(_ counts: inout Counts, _ event: FaultEvent) {
        guard let write = event.lastWrite else { return }
        let thing = thing(of: event)
        if counts.reads.count >= maxRemembered { counts.reads = [:] }
        let seen = counts.reads[thing].flatMap { $0.write == write ? $0.count : nil } ?? 0
        counts.reads[thing] = (write, seen + 1)
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
