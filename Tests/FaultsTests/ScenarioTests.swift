import Faults
import HTTPTypes
import JSON
import TestSupport
import Testing

@Suite struct ScenarioTests {
    static let full = """
        scenario: flaky-control-plane
        seed: 7
        faults:
          - name: throttle-run-now
            match: {operation: jobs.run_now, method: post, path: "/api/2.1/jobs/*", principal: "*@example.com", headers: {User-Agent: "re:sdk-py/"},
                    query: {expand: true}, body: {job_id: 7, "$.tags[0].key": "t*"}}
            when: {skip: 1, times: 3, probability: 0.5, from: 0s, until: 60s}
            at: after_handler
            inject: {status: 429, error_code: REQUEST_LIMIT_EXCEEDED, message: "slow down", headers: {Retry-After: 2}}
          - match: {point: "delta.commit.*"}
            inject: {hold: until_next}
          - inject: {delay: {lognormal: {median: 200ms, sigma: 0.5}}, connection: close_mid_body}
        runs:
          - match: {notebook_path: "/Shared/etl*", task_key: t, job_name: j, task_type: notebook_task, parameters: {date: "2026-*"}}
            duration: 3s
            outcome: FAILED
            error: "boom"
            output: {result: "42"}
          - outcome: SUCCESS
        expect:
          - {name: honours-retry-after, retries: {operation: jobs.run_now, respect_retry_after: true}}
          - {name: bounded, attempts: {operation: jobs.run_now, at_most: 5}}
          - {name: backs-off, backoff: {operation: "sql.*", base: 1s, factor: 2, tolerance: 0.5}}
          - {name: breaker-opens, circuit_breaker: {failures: 5, open_for: 60s, half_open_successes: 2}}
          - {name: called-once, calls: {operation: jobs.create, exactly: 1}}
          - calls: {path: /x, at_least: 1}
        """

    @Test func everythingIsRead() throws {
        let scenario = try Scenario(parsing: Self.full, file: "f.yaml")
        #expect(scenario.name == "flaky-control-plane")
        #expect(scenario.seed == 7)
        #expect(scenario.faults.map(\.name) == ["throttle-run-now", "fault-1", "fault-2"])
        let rule = scenario.faults[0]
        #expect(rule.match.method?.description == "POST")
        #expect(rule.match.headers.map(\.name.canonicalName) == ["user-agent"])
        #expect(rule.match.query.map(\.pattern.description) == ["true"])
        #expect(rule.match.body.map(\.selector.description) == ["$[\"job_id\"]", "$.tags[0].key"])
        #expect(rule.when == FaultWindow.of(skip: 1, times: 3, probability: 0.5, from: .zero, until: .seconds(60)))
        #expect(rule.at == .afterHandler)
        #expect(rule.line == 4)
        guard case .answer(let answer) = rule.effect else {
            Issue.record("no answer")
            return
        }
        #expect(answer.status == 429)
        #expect(answer.errorCode == "REQUEST_LIMIT_EXCEEDED")
        #expect(answer.headers[.retryAfter] == "2")
        #expect(scenario.faults[1].match.point?.description == "delta.commit.*")
        #expect(scenario.faults[1].effect == .hold)
        #expect(scenario.faults[2].effect == .connection(.closeMidBody))
        #expect(scenario.faults[2].delay == .lognormal(median: .milliseconds(200), sigma: 0.5))
        #expect(rule.source["when"]?["probability"] == .number("0.5"))

        #expect(scenario.runs.map(\.outcome) == [.failed, .success])
        #expect(scenario.runs[0].duration == .seconds(3))
        #expect(scenario.runs[0].output?.result == "42")
        #expect(
            scenario.runs[0].matches(
                notebookPath: "/Shared/etl_1", taskKey: "t", jobName: "j", taskType: "notebook_task", parameters: [("date", "2026-01-01")]))
        #expect(!scenario.runs[0].matches(notebookPath: "/Shared/etl_1", taskKey: "t", jobName: "j", taskType: "notebook_task", parameters: []))
        #expect(scenario.runs[1].matches(notebookPath: nil, taskKey: nil, jobName: nil, taskType: nil, parameters: []))

        #expect(scenario.expectations.map(\.name) == ["honours-retry-after", "bounded", "backs-off", "breaker-opens", "called-once", "calls-6"])
        #expect(scenario.expectations.map(\.kind.name) == ["retries", "attempts", "backoff", "circuit_breaker", "calls", "calls"])
        guard case .backoff(let backoff) = scenario.expectations[2].kind,
            case .circuitBreaker(let failures, let openFor, let successes) = scenario.expectations[3].kind,
            case .calls(let bounds) = scenario.expectations[4].kind
        else {
            Issue.record("wrong kinds")
            return
        }
        #expect((backoff.base, backoff.factor, backoff.tolerance) == (.seconds(1), 2, 0.5))
        #expect((failures, openFor, successes) == (5, .seconds(60), 2))
        #expect(bounds.contain(1) && !bounds.contain(0) && !bounds.contain(2))
        #expect(scenario.expectations[2].target.matches(operation: "sql.statements.get", method: "GET", path: "/"))
        #expect(!scenario.expectations[2].target.matches(operation: nil, method: "GET", path: "/"))
    }

    @Test func theSameAsJSON() throws {
        let scenario = try Scenario(
            parsing: #"{"scenario":"j","faults":[{"name":"a","match":{"body":{"a.b":7}},"inject":{"status":503,"body":{"error":"x"}}}]}"#,
            file: "body")
        #expect(scenario.faults[0].match.body[0].selector.values(in: ["a.b": 7]) == [7])
        guard case .answer(let answer) = scenario.faults[0].effect else {
            Issue.record("no answer")
            return
        }
        #expect(answer.body == ["error": "x"])
    }

    /// Each mistake, on one line of an otherwise good file, is reported at that line and says what was expected.
    @Test(arguments: [
        ("scenario: 3", 1, "expected a name, found the number 3"),
        ("scenrio: x", 1, "unknown key 'scenrio'"),
        ("scenario: s\nfaults: {}", 2, "expected a list of rules, found a mapping"),
        ("scenario: s\nfaults:\n  - inject: {status: many}", 3, "faults[0].inject.status: expected an HTTP status, found the text \"many\""),
        ("scenario: s\nfaults:\n  - inject: {status: \"429\"}", 3, "expected an HTTP status"),
        ("scenario: s\nfaults:\n  - inject: {status: 99}", 3, "from 200 to 599, found 99"),
        ("scenario: s\nfaults:\n  - injekt: {status: 99}", 3, "unknown key 'injekt'"),
        ("scenario: s\nfaults:\n  - match: {}\n", 3, "'inject' is missing"),
        ("scenario: s\nfaults:\n  - inject: {}\n", 3, "expected one of status, delay"),
        ("scenario: s\nfaults:\n  - match: {path: 3}\n    inject: {status: 500}", 3, "faults[0].match.path: expected a pattern"),
        ("scenario: s\nfaults:\n  - match:\n      path: \"re:(\"\n    inject: {status: 500}", 4, "not a regular expression"),
        ("scenario: s\nfaults:\n  - match: {path: \"/a?b=1\"}\n    inject: {status: 500}", 3, "without the query"),
        ("scenario: s\nfaults:\n  - inject:\n      status: 500\n      connection: reset", 4, "one thing"),
        ("scenario: s\nfaults:\n  - inject: {connection: explode}", 3, "expected reset, close, close_mid_body, stall or malformed_chunk"),
        ("scenario: s\nfaults:\n  - inject: {delay: 2s}", 3, "expected a mapping with fixed, uniform or lognormal"),
        ("scenario: s\nfaults:\n  - inject: {delay: {fixed: 2}}", 3, "expected a duration such as 2s"),
        ("scenario: s\nfaults:\n  - inject: {delay: {uniform: [2s, 1s]}}", 3, "shorter duration first"),
        ("scenario: s\nfaults:\n  - inject: {delay: {uniform: [2s]}}", 3, "two durations"),
        ("scenario: s\nfaults:\n  - inject: {throttle: {bytes_per_second: 0}}", 3, "from 1 to"),
        ("scenario: s\nfaults:\n  - inject: {rate_limit: {requests: 10}}", 3, "'per' is missing"),
        ("scenario: s\nfaults:\n  - inject: {expire_token: false}", 3, "expected true"),
        ("scenario: s\nfaults:\n  - inject: {hold: forever}", 3, "expected until_next"),
        ("scenario: s\nfaults:\n  - inject: {status: 500, headers: {\"Bad Name\": x}}", 3, "not a valid HTTP header"),
        ("scenario: s\nfaults:\n  - inject: {status: 500, headers: {Content-Length: 3}}", 3, "set by the server"),
        ("scenario: s\nfaults:\n  - inject: {status: 500}\n    when: {times: -1}", 4, "from 0 to"),
        ("scenario: s\nfaults:\n  - inject: {status: 500}\n    when: {probability: 2}", 4, "from 0.0 to 1.0"),
        ("scenario: s\nfaults:\n  - inject: {status: 500}\n    when: {from: 5s, until: 5s}", 4, "after 'from'"),
        ("scenario: s\nfaults:\n  - inject: {status: 500}\n    at: during", 4, "expected before_handler or after_handler"),
        ("scenario: s\nfaults:\n  - {name: a, inject: {status: 500}}\n  - {name: a, inject: {status: 500}}", 4, "taken by a rule above"),
        ("scenario: s\nruns:\n  - outcome: MAYBE", 3, "expected SUCCESS, FAILED, TIMEDOUT or CANCELED"),
        ("scenario: s\nexpect:\n  - {name: x}", 3, "expected one of retries"),
        ("scenario: s\nexpect:\n  - {attempts: {operation: a}}", 3, "exactly, at_least or at_most"),
        ("scenario: s\nexpect:\n  - {backoff: {operation: a}}", 3, "'base' is missing"),
        ("scenario: s\nexpect:\n  - {circuit_breaker: {failures: 0, open_for: 1s}}", 3, "from 1 to"),
        ("scenario: s\nscenario: t", 2, "stands twice"),
        ("scenario: s\n  bad: indentation", 2, "mapping values are not allowed"),
        ("scenario: s\nfaults: [", 3, "did not find expected"),
        ("scenario: s\nx: *nowhere", 2, "undefined alias"),
        ("scenario: s\n? [a]\n: b", 2, "a key must be a text"),
    ])
    func mistakesAreNamedWithTheirLine(_ text: String, _ line: Int, _ message: String) {
        do {
            _ = try Scenario(parsing: text, file: "f.yaml")
            Issue.record("accepted: \(text)")
        } catch {
            #expect(error.description.hasPrefix("f.yaml:"))
            #expect(
                error.problems.contains { $0.line == line && $0.message.contains(message) }
                    || (message == "stands twice" && error.problems[0].message.contains(message)),
                "\(error.problems)")
        }
    }

    @Test func allMistakesAreListed() {
        let text = "scenario: s\nfoo: 1\nfaults:\n  - inject: {status: x}\n  - inject: {nothing: 1}\n"
        do {
            _ = try Scenario(parsing: text, file: "f.yaml")
            Issue.record("accepted")
        } catch {
            #expect(error.problems.map(\.line) == [2, 4, 5])
            #expect(error.description == "f.yaml:2: unknown key 'foo' (known here: scenario, seed, faults, runs, expect) (and 2 more)")
        }
    }

    @Test func rulesForTheControlAPI() throws {
        let one = try FaultRuleDraft.list(parsing: Array(#"{"match":{"path":"/a"},"inject":{"status":429}}"#.utf8))
        #expect(one.map(\.name) == [nil])
        let two = try FaultRuleDraft.list(
            parsing: Array(#"{"faults":[{"name":"a","inject":{"status":429}},{"inject":{"delay":{"fixed":"1s"}}}]}"#.utf8))
        #expect(two.map(\.name) == ["a", nil])
        for (text, hint) in [
            (#"{"inject":{"status":"many"}}"#, "status"), (#"{"injekt":{}}"#, "injekt"), (#"{"match":{"path":3},"inject":{"status":500}}"#, "path"),
            (#"{"match":{}}"#, "inject"), ("[]", "mapping"), ("", "empty"),
            (#"{"faults":[{"name":"a","inject":{"status":429}},{"name":"a","inject":{"status":429}}]}"#, "taken"),
        ] {
            do {
                _ = try FaultRuleDraft.list(parsing: Array(text.utf8))
                Issue.record("accepted: \(text)")
            } catch {
                #expect(error.description.contains(hint), "\(error)")
            }
        }
        #expect(throws: ScenarioError.self) { try FaultRuleDraft.list(parsing: [0x7B, 0xFF, 0x7D]) }
    }

    @Test(
        arguments: [
            ("2s", 2_000_000), ("100ms", 100_000), ("1h", 3_600_000_000), ("90s", 90_000_000), ("1m30s", 90_000_000), ("1.5s", 1_500_000), ("0s", 0),
            ("0", 0), ("1d2h3m4s5ms6us", 93_784_005_006), ("0.25ms", 250), ("1.000001s", 1_000_001),
        ] as [(String, Int64)])
    func durations(_ text: String, _ micros: Int64) {
        #expect(DurationText.parse(text) == .microseconds(micros))
        #expect(DurationText.parse(DurationText.text(.microseconds(micros))) == .microseconds(micros))
    }

    @Test(arguments: [
        "", "s", "2", "-2s", "2 s", "1s1m", "1s1s", "1.s", ".5s", "2x", "1e3s", "99999999999999999999s", "11y", "4000d", "1.1234567s", "2S",
    ])
    func noDurations(_ text: String) {
        #expect(DurationText.parse(text) == nil)
    }

    /// The examples of the documentation are accepted, and make the kind that they are an example of.
    @Test(arguments: FaultKind.all.map(\.name))
    func examplesAreRules(_ name: String) throws {
        let kind = try #require(FaultKind.all.first { $0.name == name })
        let indented = kind.example.split(separator: "\n").map { "  " + $0 }.joined(separator: "\n")
        let scenario = try Scenario(parsing: "scenario: example\nfaults:\n" + indented, file: name)
        let rule = try #require(scenario.faults.first)
        #expect(scenario.faults.count == 1)
        #expect(rule.source["inject"]?[kind.keys[0]] != nil)
        #expect(!kind.summary.isEmpty && !kind.description.isEmpty)
    }

    /// Mutations of a good file are read or refused with a line inside the file, and never trap.
    @Test func fuzz() {
        var random = SeededRandom(seed: 3)
        let original = Array(Self.full.utf8)
        let pieces = [
            "{", "}", "[", "]", ":", "- ", "\n", "  ", "*a", "&a ", "\"", "'", "|", "#", "? ", "re:(", "\t", "!!int ", "99999999999999999999", "~",
            "\u{0}", "é", "---\n",
        ]
        var accepted = 0
        for _ in 0..<1500 {
            var bytes = original
            for _ in 0..<Int.random(in: 1...4, using: &random) {
                let place = Int.random(in: 0..<bytes.count, using: &random)
                switch Int.random(in: 0..<4, using: &random) {
                case 0: bytes[place] = UInt8.random(in: 0...255, using: &random)
                case 1: bytes.removeSubrange(place..<min(bytes.count, place + Int.random(in: 1...30, using: &random)))
                case 2: bytes.insert(contentsOf: Array((pieces.randomElement(using: &random) ?? "").utf8), at: place)
                default: bytes.removeLast(bytes.count - place)
                }
                if bytes.isEmpty { bytes = [0x61] }
            }
            do {
                _ = try Scenario(parsing: bytes, file: "f")
                accepted += 1
            } catch {
                #expect(!error.problems.isEmpty)
                let lines = bytes.reduce(2) { $1 == 0x0A || $1 == 0x0D ? $0 + 1 : $0 }
                #expect(error.problems.allSatisfy { ($0.line ?? 1) <= lines })
            }
        }
        #expect(accepted > 50)
    }

    @Test func hugeAndDeepTextsAreRefused() {
        for text in [
            String(repeating: "[", count: 100_000), String(repeating: "- ", count: 50_000), String(repeating: "{a: ", count: 50_000),
            String(repeating: #"{"a":"#, count: 50_000), String(repeating: "? ", count: 50_000),
            "a: &a [x,x,x,x,x,x,x,x,x]\n"
                + (1...20).map { "b\($0): &b\($0) [*\($0 == 1 ? "a" : "b\($0 - 1)"),*\($0 == 1 ? "a" : "b\($0 - 1)"),*a,*a,*a]\n" }.joined(),
        ] {
            #expect(throws: ScenarioError.self) { try Scenario(parsing: text, file: "f") }
        }
    }
}

extension FaultWindow {
    static func of(skip: Int, times: Int?, probability: Double, from: Duration?, until: Duration?) -> FaultWindow {
        var window = FaultWindow()
        window.skip = skip
        window.times = times
        window.probability = probability
        window.from = from
        window.until = until
        return window
    }
}
