import Faults
import HTTPTypes
import TestSupport
import Testing

/// What rules remember between requests: pairs of held requests, windows of rates, stale reads.
@Suite struct RuleStateTests {
    static func event(_ path: String = "/a", principal: String? = nil, token: String? = nil, lastWrite: UInt64? = nil) -> FaultEvent {
        var event = FaultPlanTests.event("GET", path, principal: principal, headers: token.map { [.authorization: $0] } ?? [:])
        event.abilities = [.compete, .expireToken, .hold]
        event.lastWrite = lastWrite
        return event
    }

    @Test func heldRequestsMeetInPairs() async throws {
        let plan = try FaultPlanTests.plan("  - {name: h, inject: {hold: until_next}}")
        for _ in 0..<3 {
            guard case .hold(let ticket) = plan.decide(Self.event(), now: .zero)?.kind else { throw FaultPlanTests.Missing() }
            #expect(plan.decide(Self.event(), now: .zero)?.kind == .follow(ticket))
            #expect(await ticket.waitForNext(atMost: .seconds(5)))
            ticket.end()
            await ticket.waitForEnd(atMost: .seconds(5))
        }
        #expect(plan.reports.map { [$0.matched, $0.fired] } == [[6, 3]])
    }

    @Test func aHoldIsEndedByTheRulesRemoval() async throws {
        let plan = try FaultPlanTests.plan("  - {name: h, inject: {hold: until_next}}")
        guard case .hold(let ticket) = plan.decide(Self.event(), now: .zero)?.kind else { throw FaultPlanTests.Missing() }
        #expect(plan.remove("h"))
        #expect(await ticket.waitForNext(atMost: .seconds(5)))
    }

    @Test func whoGaveUpIsNotFollowed() async throws {
        let plan = try FaultPlanTests.plan("  - {name: h, inject: {hold: until_next}}")
        guard case .hold(let first) = plan.decide(Self.event(), now: .zero)?.kind else { throw FaultPlanTests.Missing() }
        #expect(await !first.waitForNext(atMost: .zero))
        guard case .hold(let second) = plan.decide(Self.event(), now: .zero)?.kind else { throw FaultPlanTests.Missing() }
        #expect(first != second)
        #expect(!second.waitForNextOnThread())
    }

    /// Random times and callers, against windows counted the plain way.
    @Test(arguments: ["all", "principal"])
    func rateLimitWindows(_ key: String) throws {
        var random = SeededRandom(seed: 3)
        let plan = try FaultPlanTests.plan("  - {name: l, inject: {rate_limit: {requests: 3, per: 10s, key: \(key)}}}", now: .seconds(7))
        var passed: [String: Int] = [:]
        var now = 7_000
        for _ in 0..<2000 {
            now += Int.random(in: 0...900, using: &random)
            let principal = ["a", "b", nil].randomElement(using: &random) ?? nil
            let token = ["Bearer x", "Bearer y"].randomElement(using: &random)
            let caller = key == "all" ? "" : principal ?? token ?? ""
            let window = (now - 7_000) / 10_000
            let injection = plan.decide(Self.event(principal: principal, token: token), now: .milliseconds(now))
            let count = passed["\(caller) \(window)", default: 0]
            if count < 3 {
                passed["\(caller) \(window)"] = count + 1
                #expect(injection == nil)
            } else {
                let left = 10_000 - (now - 7_000) % 10_000
                guard case .rateLimited(let answer, let wait) = injection?.kind else { throw FaultPlanTests.Missing() }
                #expect(wait == (left + 999) / 1000)
                #expect(answer.headers[.retryAfter] == String(wait))
            }
        }
    }

    /// Requests of several callers on many threads: as many of each caller's get through as one after another.
    @Test func threadOrderDoesNotChangeRates() async throws {
        let plan = try FaultPlanTests.plan("  - {name: l, inject: {rate_limit: {requests: 100, per: 1h, key: principal}}}")
        let passed = await withTaskGroup(of: [Int].self) { group in
            for _ in 0..<8 {
                group.addTask {
                    var passed = [0, 0, 0]
                    for number in 0..<300 {
                        if plan.decide(Self.event(principal: "p\(number % 3)"), now: .seconds(1)) == nil { passed[number % 3] += 1 }
                    }
                    return passed
                }
            }
            return await group.reduce(into: [0, 0, 0]) { sum, part in for place in 0..<3 { sum[place] += part[place] } }
        }
        #expect(passed == [100, 100, 100])
        #expect(plan.reports.map { [$0.matched, $0.fired] } == [[2400, 2100]])
    }

    @Test func staleReadsAreCountedByThingAndWrite() throws {
        let plan = try FaultPlanTests.plan("  - {name: s, when: {times: 6}, inject: {stale: {reads: 2}}}")
        func isStale(_ path: String, _ write: UInt64?) -> Bool { plan.decide(Self.event(path, lastWrite: write), now: .zero) != nil }
        #expect([isStale("/a", nil), isStale("/a", 1), isStale("/b", 1), isStale("/a", 1), isStale("/a", 1)] == [false, true, true, true, false])
        #expect([isStale("/a", 2), isStale("/a", 2), isStale("/a", 2)] == [true, true, false])
        // The sixth firing was the last; the read still counts as a match.
        #expect([isStale("/b", 1), isStale("/b", 2)] == [true, false])
        #expect(plan.reports.map { [$0.matched, $0.fired] } == [[7, 6]])
    }

    @Test func windowsAgainstThePlainCount() throws {
        var random = SeededRandom(seed: 5)
        for _ in 0..<200 {
            let skip = Int.random(in: 0...4, using: &random)
            let times = Int.random(in: 0...5, using: &random)
            let from = Int.random(in: 0...20, using: &random)
            let until = from + Int.random(in: 1...20, using: &random)
            let plan = try FaultPlanTests.plan(
                "  - {when: {skip: \(skip), times: \(times), from: \(from)s, until: \(until)s}, inject: {status: 500}}", now: .seconds(50))
            var matched = 0
            var fired = 0
            var now = 50
            for _ in 0..<30 {
                now += Int.random(in: 0...3, using: &random)
                let isOpen = (from..<until).contains(now - 50)
                let isDue = isOpen && matched >= skip && fired < times
                if isOpen { matched += 1 }
                if isDue { fired += 1 }
                #expect((plan.decide(Self.event(), now: .seconds(now)) != nil) == isDue)
            }
            #expect(plan.reports.map { [$0.matched, $0.fired] } == [[matched, fired]])
        }
    }
}

extension HoldTicket {
    /// The blocking wait, out of reach of an async function's overload.
    fileprivate func waitForNextOnThread() -> Bool { waitForNext(atMost: .zero) }
}
