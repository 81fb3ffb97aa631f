import Faults
import HTTPTypes
import TestSupport
import Testing

/// The rules by which attempts are grouped and clients are judged, on journals made by hand.
@Suite struct JudgeTests {
    /// A journal in the making: exchanges one after another unless said otherwise.
    private struct Story {
        var exchanges: [ObservedExchange] = []
        var time: Int64 = 1_767_225_600_000_000

        /// An exchange that begins `wait` seconds after the end of the one before, or that arrived after exchange number `after`.
        mutating func add(
            _ status: Int, wait: Double = 0, after: Int? = nil, method: String = "GET", path: String = "/a", body: String = "",
            principal: String? = "me",
            credential: String = "t", retryAfter: Double? = nil, headers: HTTPFields = [:], succeeded: Bool? = nil, tookEffect: Bool? = nil,
            refused: Bool = false, isRepeatable: Bool? = nil
        ) {
            time += Int64(wait * 1_000_000)
            let number = exchanges.count + 1
            let success = succeeded ?? (200..<400).contains(status)
            exchanges.append(
                ObservedExchange(
                    number: number, after: after ?? number - 1, arrived: time, completed: time + 1000, operation: nil, method: method, path: path,
                    query: "", principal: principal, credential: credential, headers: headers, body: Array(body.utf8), status: status,
                    retryAfter: retryAfter, succeeded: success, tookEffect: tookEffect ?? success, isRepeatable: isRepeatable ?? (method == "POST"),
                    tokenRefused: refused))
            time += 1000
        }

        func judge(_ expectation: String, lost: Int = 0, idle: Double = 0) throws -> Finding {
            let scenario = try Scenario(parsing: "scenario: s\nexpect:\n  - {\(expectation)}\n", file: "f.yaml")
            let judge = Judge(exchanges, lost: lost, now: time + Int64(idle * 1_000_000))
            return try #require(judge.judge(scenario).first).finding
        }
    }

    private func story(_ statuses: [Int], waits: [Double] = []) -> Story {
        var story = Story()
        for (index, status) in statuses.enumerated() { story.add(status, wait: index > 0 && waits.count >= index ? waits[index - 1] : 0) }
        return story
    }

    @Test(arguments: [
        // No failure, nothing to judge.
        ([200, 200, 200], "at_most: 1", Verdict.inconclusive),
        ([503, 200], "at_most: 2", .pass), ([503, 503, 200], "at_most: 2", .fail), ([503, 503], "at_most: 2", .pass),
        // A success ends a call, the same request is a new one.
        ([503, 200, 503, 200], "at_most: 2", .pass), ([503, 200, 503, 503, 200], "exactly: 2", .fail),
        // So does an absence, which is polled for.
        ([404, 404, 404, 503, 200], "at_most: 2", .pass),
        // Fewer attempts are fine if the last one succeeded.
        ([503, 200], "exactly: 5", .pass), ([503, 503], "exactly: 5", .fail), ([503, 503], "at_least: 2", .pass),
        ([400], "exactly: 1", .pass), ([400, 400], "exactly: 1", .fail),
    ])
    func attempts(_ statuses: [Int], _ bounds: String, _ verdict: Verdict) throws {
        #expect(try story(statuses).judge("attempts: {\(bounds)}").verdict == verdict)
    }

    @Test func aPauseEndsACall() throws {
        let story = story([503, 503, 503, 503], waits: [1, 121, 1])
        #expect(try story.judge("attempts: {at_most: 2}").verdict == .pass)
        #expect(try story.judge("attempts: {at_most: 2, gap: 5m}").verdict == .fail)
        // A long Retry-After does not.
        var asked = Story()
        asked.add(429, retryAfter: 600)
        asked.add(429, wait: 601)
        #expect(try asked.judge("attempts: {at_most: 1}").verdict == .fail)
    }

    @Test func callsAtOnceAreNoRetries() throws {
        var story = Story()
        for _ in 0..<4 { story.add(503, after: 0) }
        #expect(try story.judge("attempts: {at_most: 1}").verdict == .pass)
        // Each of them is tried once more, and then one a third time.
        for _ in 0..<4 { story.add(503, after: 4) }
        #expect(try story.judge("attempts: {exactly: 2}").verdict == .pass)
        story.add(200, after: 8)
        let finding = try story.judge("attempts: {at_most: 2}")
        #expect(finding.verdict == .fail)
        #expect(finding.exchanges.count == 3 && finding.exchanges.last == 9)
    }

    @Test func whatIsTheSameRequest() throws {
        func verdict(_ first: String, _ second: String, principal: String? = "me") throws -> Verdict {
            var story = Story()
            story.add(503, method: "POST", body: first)
            story.add(503, method: "POST", body: second, principal: principal)
            return try story.judge("attempts: {at_most: 1}").verdict
        }
        #expect(try verdict(#"{"a": 1, "b": [1, 2]}"#, #"{"b":[1,2],"a":1}"#) == .fail)
        #expect(try verdict(#"{"a": 1}"#, #"{"a": 2}"#) == .pass)
        #expect(try verdict(#"{"a": 1, "idempotency_token": "x"}"#, #"{"a": 1, "idempotency_token": "y"}"#) == .fail)
        #expect(try verdict("text", "text") == .fail)
        #expect(try verdict("{}", "{}", principal: "you") == .pass)
        #expect(try verdict("{}", "{}", principal: nil) == .fail)
    }

    @Test func retryAfter() throws {
        var story = Story()
        story.add(429, retryAfter: 2)
        #expect(try story.judge("retries: {respect_retry_after: true}").verdict == .fail)
        story.add(429, wait: 2, retryAfter: 3)
        #expect(try story.judge("retries: {respect_retry_after: true}").verdict == .pass)
        story.add(200, wait: 2.9)
        let finding = try story.judge("retries: {respect_retry_after: true}")
        #expect(finding.verdict == .fail)
        #expect(finding.reason == "exchange 3 came 2.9 s after exchange 2, whose Retry-After was 3 s")
        #expect(finding.exchanges == [2, 3])
        #expect(try story.judge("retries: {respect_retry_after: false}").verdict == .pass)
        #expect(try story.judge("retries: {on: 503}").verdict == .inconclusive)
        // Without a Retry-After there is nothing to honour.
        #expect(try self.story([503, 200]).judge("retries: {respect_retry_after: true}").verdict == .inconclusive)
    }

    @Test(arguments: [
        ([1.0, 2.0], Verdict.pass), ([0.5, 3.0], .pass), ([0.48, 2.0], .fail), ([1.0, 1.0], .pass), ([1.0, 0.9], .fail), ([1.6, 2.0], .fail),
        ([], .inconclusive),
    ])
    func backoff(_ waits: [Double], _ verdict: Verdict) throws {
        let story = story(Array(repeating: 503, count: waits.count + 1), waits: waits)
        #expect(try story.judge("backoff: {base: 1s, factor: 2, tolerance: 0.5}").verdict == verdict)
    }

    @Test func backoffHasACap() throws {
        let story = story([503, 503, 503, 503], waits: [1, 2, 2])
        #expect(try story.judge("backoff: {base: 1s, tolerance: 0.1, max: 2s}").verdict == .pass)
        #expect(try story.judge("backoff: {base: 1s, tolerance: 0.1}").verdict == .fail)
    }

    // MARK: Breaker

    private static let breaker = "circuit_breaker: {failures: 3, open_for: 60s, half_open_successes: 2}"

    @Test func aBreakerThatOpensAndClosesAgain() throws {
        var story = story([503, 503])
        #expect(try story.judge(Self.breaker).verdict == .inconclusive)
        story.add(503)
        #expect(try story.judge(Self.breaker, idle: 5).reason.contains("only 5 s of 60 s have passed"))
        #expect(try story.judge(Self.breaker, idle: 100).verdict == .inconclusive)
        story.add(200, wait: 60)
        #expect(try story.judge(Self.breaker).reason.contains("1 of 2 successes"))
        story.add(200)
        let finding = try story.judge(Self.breaker)
        #expect(finding.verdict == .pass)
        #expect(finding.exchanges == [1, 2, 3, 4, 5])
        // What follows is judged as before.
        for _ in 0..<4 { story.add(500) }
        #expect(try story.judge(Self.breaker).reason.contains("exchange 9 came 0 s after exchange 8"))
    }

    @Test func aFailedProbeOpensItAgain() throws {
        var story = story([503, 503, 503])
        story.add(503, wait: 60)
        story.add(200, wait: 59)
        #expect(try story.judge(Self.breaker).verdict == .fail)
        var patient = self.story([503, 503, 503])
        patient.add(503, wait: 60)
        patient.add(200, wait: 60)
        patient.add(200)
        #expect(try patient.judge(Self.breaker).verdict == .pass)
    }

    @Test func probesComeOneAtATime() throws {
        var story = story([503, 503, 503])
        story.add(200, wait: 61)
        story.add(200, after: 3)
        #expect(try story.judge(Self.breaker).reason == "exchange 5 came while exchange 4 was still trying the half-open breaker")
    }

    @Test func requestsUnderWayWhenItOpensAreNotHeldAgainstAClient() throws {
        var story = Story()
        for _ in 0..<8 { story.add(503, after: 0) }
        story.add(200, wait: 61)
        story.add(200)
        #expect(try story.judge(Self.breaker).verdict == .pass)
    }

    @Test func whatCountsAsAFailureCanBeChosen() throws {
        let story = story([429, 429, 429, 429, 0, 0, 200])
        #expect(try story.judge(Self.breaker).verdict == .inconclusive)
        #expect(try story.judge("circuit_breaker: {failures: 3, open_for: 60s, on: [429]}").verdict == .fail)
    }

    // MARK: Effects

    @Test func aLostAnswerMustNotBeRepeatedBlindly() throws {
        var story = Story()
        story.add(0, method: "POST", body: "{}", tookEffect: true)
        #expect(try story.judge("no_duplicates: {}").verdict == .pass)
        // The service says that it is there: no second effect.
        var careful = story
        careful.add(409, method: "POST", body: "{}")
        #expect(try careful.judge("no_duplicates: {}").verdict == .pass)
        story.add(200, method: "POST", body: "{}")
        let finding = try story.judge("no_duplicates: {}")
        #expect(finding.verdict == .fail)
        #expect(finding.reason == "exchange 2 did again what exchange 1 had done already, whose answer was lost")
        // A mark tells the service that it is a repeat.
        var marked = Story()
        for status in [0, 200] { marked.add(status, method: "POST", body: #"{"idempotency_token": "x"}"#, tookEffect: true) }
        #expect(try marked.judge("no_duplicates: {}").verdict == .pass)
        #expect(try self.story([503, 200]).judge("no_duplicates: {}").verdict == .inconclusive)
        // Methods that may be repeated.
        var reading = Story()
        for status in [0, 200] { reading.add(status, tookEffect: true) }
        #expect(try reading.judge("no_duplicates: {}").verdict == .inconclusive)
    }

    @Test func idempotencyKeys() throws {
        func verdict(_ keys: [String?], header: Bool = false, bodies: [String]? = nil) throws -> Verdict {
            var story = Story()
            for (index, key) in keys.enumerated() {
                let member = header ? nil : key.map { ", \"token\": \"\($0)\"" }
                var headers = HTTPFields()
                if header, let key, let name = HTTPField.Name("Idempotency-Key") { headers[name] = key }
                story.add(
                    index == keys.count - 1 ? 200 : 503, method: "POST", body: "{\"a\": \(bodies?[index] ?? "1")\(member ?? "")}", headers: headers)
            }
            return try story.judge("idempotency: {\(header ? "header: idempotency-key" : "field: token")}").verdict
        }
        #expect(try verdict(["x", "x"]) == .pass)
        #expect(try verdict(["x", "x"], header: true) == .pass)
        #expect(try verdict(["x", "y"]) == .fail)
        #expect(try verdict(["x", nil]) == .fail)
        #expect(try verdict([nil, nil], header: true) == .fail)
        #expect(try verdict(["x"]) == .inconclusive)
        // One key for two different calls.
        #expect(try verdict(["x", "x"], bodies: ["1", "2"]) == .fail)
    }

    @Test func tokens() throws {
        var story = Story()
        story.add(401, credential: "old", refused: true)
        #expect(try story.judge("token_refresh: {}").verdict == .fail)
        story.add(200, credential: "new")
        #expect(try story.judge("token_refresh: {}").verdict == .pass)
        var stubborn = Story()
        for _ in 0..<2 { stubborn.add(401, principal: nil, credential: "old", refused: true) }
        #expect(try stubborn.judge("token_refresh: {}").verdict == .fail)
        var restless = Story()
        for credential in ["a", "b", "c"] { restless.add(401, credential: credential, refused: true) }
        #expect(try restless.judge("token_refresh: {at_most: 2}").verdict == .pass)
        #expect(try restless.judge("token_refresh: {}").reason == "2 refreshes for one call; expected at most 1")
    }

    // MARK: Evidence

    @Test func calls() throws {
        let story = story([200, 503, 200])
        #expect(try story.judge("calls: {path: /a, exactly: 3}").verdict == .pass)
        #expect(try story.judge("calls: {path: /a, at_most: 2}").verdict == .fail)
        #expect(try story.judge("calls: {path: /a, on: 503, exactly: 1}").verdict == .pass)
        #expect(try story.judge("calls: {path: /b, exactly: 0}").verdict == .pass)
        #expect(try story.judge("calls: {path: /b, exactly: 1}").verdict == .inconclusive)
        #expect(try Story().judge("calls: {path: /b, exactly: 0}").verdict == .inconclusive)
        #expect(try story.judge("calls: {principal: me, exactly: 3}").verdict == .pass)
        #expect(try story.judge("calls: {principal: you, at_most: 3}").verdict == .pass)
    }

    @Test func lostEvidenceMakesNoPass() throws {
        let story = story([503, 200])
        #expect(try story.judge("attempts: {at_most: 2}", lost: 3).verdict == .inconclusive)
        #expect(try story.judge("attempts: {at_most: 1}", lost: 3).verdict == .fail)
        #expect(try story.judge("calls: {at_least: 3}", lost: 1).verdict == .inconclusive)
        #expect(try story.judge("calls: {at_least: 3}", lost: 1).reason.hasSuffix("(1 earlier exchange fell out of the journal)"))
    }

    @Test func ofSeveralVerdictsTheWorstCounts() {
        #expect(Verdict.all([]) == .inconclusive)
        #expect(Verdict.all([.pass, .pass]) == .pass)
        #expect(Verdict.all([.pass, .inconclusive]) == .inconclusive)
        #expect(Verdict.all([.inconclusive, .fail, .pass]) == .fail)
    }

    /// Times and numbers far out must not trap.
    @Test func wildJournals() throws {
        var random = SeededRandom(seed: 3)
        for _ in 0..<300 {
            var exchanges: [ObservedExchange] = []
            for number in 1...20 {
                exchanges.append(
                    ObservedExchange(
                        number: number, after: Int.random(in: -5...25, using: &random), arrived: .random(in: .min ... .max, using: &random),
                        completed: .random(in: .min ... .max, using: &random), operation: nil, method: "POST",
                        path: "/\(Int.random(in: 0...2, using: &random))",
                        query: "", principal: nil, credential: nil, headers: [:], body: Array("{\"a\":\(number % 2)}".utf8),
                        status: [0, 200, 401, 429, 503][number % 5], isBroken: number % 7 == 0,
                        retryAfter: number % 3 == 0 ? .random(in: 0...1e12, using: &random) : nil, succeeded: number % 4 == 0,
                        tookEffect: number % 2 == 0,
                        tokenRefused: number % 6 == 0))
            }
            let text = """
                scenario: s
                expect:
                  - {retries: {respect_retry_after: true}}
                  - {attempts: {at_most: 2}}
                  - {backoff: {base: 1s, factor: 1000}}
                  - {circuit_breaker: {failures: 2, open_for: 1s}}
                  - {no_duplicates: {}}
                  - {idempotency: {field: a}}
                  - {token_refresh: {}}
                  - {calls: {exactly: 3}}
                """
            let findings = Judge(exchanges, lost: 0, now: .random(in: .min ... .max, using: &random)).judge(try Scenario(parsing: text, file: "f"))
            #expect(findings.count == 8)
            for (_, finding) in findings { #expect(Set(finding.exchanges).isSubset(of: Set(1...20)) && !finding.reason.isEmpty) }
        }
    }
}
