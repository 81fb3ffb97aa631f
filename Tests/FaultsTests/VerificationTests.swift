import Faults
import TestSupport
import Testing

@Suite struct VerificationTests {
    private func misses(_ text: String, status: Int = 200, fault: String? = nil, body: String = "") throws -> [String] {
        try Verification(parsing: Array(text.utf8)).misses(
            FaultEvent(
                phase: .beforeHandler, operation: "jobs.create", method: "POST", path: "/api/2.1/jobs/create", principal: "me", query: "a=1",
                body: Array(body.utf8)),
            status: status, fault: fault)
    }

    @Test func eachConditionIsNamed() throws {
        #expect(try misses(#"{"match": {"operation": "jobs.*", "method": "post", "query": {"a": 1}}}"#) == [])
        #expect(
            try misses(#"{"match": {"method": "GET", "path": "/x", "principal": "you", "status": 201, "fault": "f*"}}"#) == [
                "method is 'POST'; expected 'GET'", "path is '/api/2.1/jobs/create'; expected '/x'", "principal is 'me'; expected 'you'",
                "status is 200; expected 201", "fault is absent; expected 'f*'",
            ])
        #expect(try misses(#"{"match": {"body": {"name": "x"}}}"#, body: #"{"name": "secret"}"#) == [#"body '$["name"]' differs; expected 'x'"#])
        #expect(try misses(#"{"match": {"headers": {"x-a": "1"}}}"#) == ["header 'x-a' is absent; expected '1'"])
        #expect(try misses(#"{"match": {"fault": "f*"}}"#, fault: "f1") == [])
    }

    @Test func times() throws {
        func bounds(_ text: String) throws -> String { try Verification(parsing: Array(text.utf8)).times.text }
        #expect(try bounds("{}") == "at least 1")
        #expect(try bounds(#"{"times": 0}"#) == "exactly 0")
        #expect(try bounds(#"{"times": {"at_least": 1, "at_most": 5}}"#) == "at least 1 and at most 5")
        for text in [#"{"times": -1}"#, #"{"times": []}"#, #"{"times": {}}"#, #"{"match": {"point": "x"}}"#, "[", "", #"{"match": 3}"#] {
            #expect(throws: ScenarioError.self, "\(text)") { try bounds(text) }
        }
    }

    private static let signs = Array("-9:{}[],\"'x ".utf8)

    /// Damaged questions and expectations are read or refused, and never trap.
    @Test func damagedTexts() {
        let texts = [
            #"{"match": {"operation": "jobs.*", "body": {"$.a[0]": "x", "b": 1}, "status": 200}, "times": {"at_least": 1, "at_most": 5}}"#,
            """
            scenario: s
            expect:
              - {name: a, retries: {on: [429, 5xx, connection], respect_retry_after: true, gap: 1m}}
              - {name: b, backoff: {base: 1s, factor: 2, max: 1m}}
              - {name: c, circuit_breaker: {failures: 5, open_for: 60s}}
              - {name: d, idempotency: {header: Idempotency-Key}}
              - {name: e, token_refresh: {at_most: 1}}
            """,
        ].map { Array($0.utf8) }
        var random = SeededRandom(seed: 11)
        var read = 0
        for _ in 0..<300 {
            var text = texts[Int.random(in: 0..<2, using: &random)]
            for _ in 0..<Int.random(in: 1...4, using: &random) {
                let place = Int.random(in: 0..<text.count, using: &random)
                switch Int.random(in: 0..<3, using: &random) {
                case 0: text[place] = UInt8.random(in: 0...255, using: &random)
                case 1: text.remove(at: place)
                default: text.insert(Self.signs[Int.random(in: 0..<Self.signs.count, using: &random)], at: place)
                }
            }
            if (try? Verification(parsing: text)) != nil { read += 1 }
            if (try? Scenario(parsing: text, file: "f")) != nil { read += 1 }
        }
        #expect(read > 0)
    }
}
