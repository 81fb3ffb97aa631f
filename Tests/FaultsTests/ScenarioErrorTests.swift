import Faults
import TestSupport
import Testing

@Suite struct ScenarioErrorTests {
    static func problems(_ text: String) -> [String] {
        do {
            _ = try Scenario(parsing: text, file: "f.yaml")
            return []
        } catch {
            return error.problems.map(\.description)
        }
    }

    /// Each slip is named with its line, and with the word that was probably meant.
    @Test func slipsAreNamed() {
        let text = """
            scenario: s
            falts: []
            faults:
              - name: a
                macth: {path: /x}
                inject: {status: 429, mesage: x}
              - match: {operation: 3, point: delta.commit.before_putt}
                when: {skipp: 1, times: many, from: 10, until: 5s}
                at: before
                inject: {conection: rest}
              - inject: {connection: rest}
              - inject: {status: 500, hold: until_next}
              - at: after_handler
                inject: {conflict: true}
              - match: {point: delta.commit.after_put}
                inject: {throttle: {bytes_per_second: 10}}
              - inject: {rate_limit: {requests: 1, per: 1s, key: principle}}
            runs:
              - {outcome: FAILD}
            """
        let expected: [(line: Int, [String])] = [
            (2, ["unknown key 'falts'", "did you mean 'faults'?"]), (5, ["unknown key 'macth'", "did you mean 'match'?"]),
            (6, ["unknown key 'mesage'", "did you mean 'message'?"]), (7, ["expected a pattern", "found the number 3"]),
            (7, ["there is no point", "did you mean 'delta.commit.before_put'?"]), (8, ["unknown key 'skipp'", "did you mean 'skip'?"]),
            (8, ["expected a whole number", "many"]), (8, ["expected a duration such as 2s", "found the number 10"]),
            (9, ["expected before_handler or after_handler", "found the text \"before\""]), (10, ["did you mean 'connection'?"]),
            (11, ["expected reset, close, close_mid_body, stall or malformed_chunk", "did you mean 'reset'?"]),
            (12, ["a rule injects one thing", "'status' and 'hold'"]), (13, ["'conflict' acts before_handler or at a point, not after_handler"]),
            (15, ["'throttle' acts before_handler or after_handler, not at a point"]), (17, ["did you mean 'principal'?"]),
            (19, ["expected SUCCESS, FAILED, TIMEDOUT or CANCELED", "did you mean 'FAILED'?"]),
        ]
        let problems = Self.problems(text)
        for (line, parts) in expected {
            #expect(
                problems.contains { problem in problem.hasPrefix("f.yaml:\(line): ") && parts.allSatisfy(problem.contains) },
                "line \(line): \(parts)\n\(problems.joined(separator: "\n"))")
        }
        #expect(problems.count == expected.count, "\(problems.joined(separator: "\n"))")
    }

    @Test(
        arguments: [
            ("injct", "inject"), ("staus", "status"), ("inejct", "inject"), ("zzz", nil), ("", nil), ("Status", "status"), ("x", nil),
        ] as [(String, String?)])
    func spelling(_ word: String, _ meant: String?) {
        #expect(Spelling.nearest(word, ["name", "inject", "status", "delay"]) == meant)
    }

    /// Cut, doubled and overwritten pieces of a scenario, as YAML and as JSON: an error or a scenario, never a crash.
    @Test func damagedTexts() {
        let yaml = """
            scenario: s
            seed: 7
            faults:
              - name: a
                match: {operation: "jobs.*", path: "re:^/api/(2\\\\.[01])/x{1,3}$", headers: {X: "*"}, body: {"$.a[0]": 1}}
                when: {skip: 1, times: 2, probability: 0.5, from: 1s, until: 1m30s}
                at: after_handler
                inject: {delay: {uniform: [1ms, 2ms]}, status: 429, headers: {Retry-After: "1"}}
              - &x {match: {point: "delta.*"}, inject: {hold: until_next}}
              - *x
            expect:
              - {name: b, backoff: {operation: "sql.*", base: 1s, factor: 2}}
            """
        let json = #"{"scenario":"s","faults":[{"match":{"path":"re:(a|b)*[c-e]\\d{2,}"},"inject":{"rate_limit":{"requests":1,"per":"1s"}}}]}"#
        var random = SeededRandom(seed: 11)
        let noise = Array("{}[]:,-&*!|>'\"%@`#\\ \n\t\u{0}é0.e9re:^$()?+~".utf8)
        var read = 0
        for round in 0..<1500 {
            var bytes = Array((round % 2 == 0 ? yaml : json).utf8)
            for _ in 0..<Int.random(in: 1...4, using: &random) where !bytes.isEmpty {
                let place = Int.random(in: 0..<bytes.count, using: &random)
                switch Int.random(in: 0..<4, using: &random) {
                case 0: bytes[place] = noise.randomElement(using: &random) ?? 0
                case 1: bytes.insert(noise.randomElement(using: &random) ?? 0, at: place)
                case 2: bytes.removeSubrange(place..<min(bytes.count, place + Int.random(in: 1...9, using: &random)))
                default: bytes += bytes[place..<min(bytes.count, place + 30)]
                }
            }
            do {
                let scenario = try Scenario(parsing: bytes, file: "f")
                let plan = try FaultPlan(scenarios: [scenario], now: .zero)
                _ = plan.decide(FaultPlanTests.event("GET", "/api/2.1/xx", operation: "jobs.get", body: #"{"a":[1]}"#), now: .seconds(2))
                read += 1
            } catch let error as ScenarioError {
                #expect(!error.problems.isEmpty)
            } catch {
                Issue.record(error)
            }
        }
        #expect(read > 20)
    }

    /// Expressions of random pieces compile to the same answer alone and among others, or are refused.
    @Test func randomExpressions() throws {
        let pieces = ["a", "b", ".", "*", "+", "?", "(", ")", "|", "[", "]", "^", "$", "\\d", "\\b", "{2}", "{1,3}", "-", "(?i)", "\\", "é", "(?:"]
        var random = SeededRandom(seed: 2)
        var compiled = 0
        for _ in 0..<3000 {
            let text = (0..<Int.random(in: 1...8, using: &random)).map { _ in pieces.randomElement(using: &random) ?? "a" }.joined()
            guard let pattern = try? Pattern("re:" + text) else { continue }
            compiled += 1
            for value in ["", "a", "ab1-é\nB", String(repeating: "ab", count: 30)] { _ = pattern.matches(value) }
        }
        #expect(compiled > 500)
    }
}
