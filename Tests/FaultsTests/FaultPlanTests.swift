import Faults
import HTTPTypes
import JSON
import Testing

@Suite struct FaultPlanTests {
    static func plan(_ faults: String, seed: UInt64? = nil, now: Duration = .zero) throws -> FaultPlan {
        try FaultPlan(scenarios: [Scenario(parsing: "scenario: s\nseed: 7\nfaults:\n\(faults)", file: "f")], seed: seed, now: now)
    }

    static func event(
        _ method: String = "GET", _ path: String = "/a", operation: String? = nil, phase: FaultEvent.Phase = .beforeHandler,
        principal: String? = nil, headers: HTTPFields = [:], query: String = "", body: String = ""
    ) -> FaultEvent {
        FaultEvent(
            phase: phase, operation: operation, method: method, path: path, principal: principal, headers: headers, query: query,
            body: Array(body.utf8))
    }

    static func names(_ plan: FaultPlan, _ events: [FaultEvent]) -> [String?] {
        events.map { plan.decide($0, now: .zero)?.rule }
    }

    @Test func withoutRulesNothingHappensAndNoClockIsRead() throws {
        let plan = try FaultPlan(now: .zero)
        func clock() -> Duration {
            Issue.record("the clock was read")
            return .zero
        }
        #expect(plan.decide(Self.event(), now: clock()) == nil)
    }

    @Test func usedUpRulesPassOn() throws {
        let plan = try Self.plan(
            """
              - {name: a, match: {path: /a}, when: {times: 1}, inject: {status: 429}}
              - {name: b, match: {path: /a}, when: {times: 1}, inject: {status: 503}}
              - {name: c, match: {path: /a}, when: {skip: 1, times: 2}, inject: {connection: reset}}
            """)
        #expect(Self.names(plan, Array(repeating: Self.event(), count: 6)) == ["a", "b", nil, "c", "c", nil])
        #expect(plan.reports.map { [$0.matched, $0.fired] } == [[6, 1], [5, 1], [4, 2]])
    }

    @Test func conditions() throws {
        let plan = try Self.plan(
            """
              - name: all
                match: {operation: "jobs.*", method: POST, path: "/api/*/jobs/run-now", principal: "*@example.com", headers: {user-agent: "re:sdk-py/0"},
                        query: {expand: "true", x: "a b"}, body: {job_id: 7, "$.tags[0].key": "k*", flag: true, "$.deep": '{"a":[1]}'}}
                inject: {status: 500}
            """)
        let good = Self.event(
            "POST", "/api/2.1/jobs/run-now", operation: "jobs.run_now", principal: "me@example.com", headers: [.userAgent: "x databricks-sdk-py/0.1"],
            query: "x=a%20b&expand=true", body: #"{"job_id":7,"tags":[{"key":"k1"}],"flag":true,"deep":{"a":[1]}}"#)
        #expect(plan.decide(good, now: .zero)?.rule == "all")
        let changes: [(inout FaultEvent) -> Void] = [
            { $0.operation = "sql.x" }, { $0.operation = nil }, { $0.method = "PUT" }, { $0.path = "/api/2.1/jobs/run-now/" }, { $0.principal = nil },
            { $0.principal = "me@example.org" }, { $0.headers = [:] }, { $0.query = "expand=true" }, { $0.query = "x=a+b&expand=false" },
            { $0.body = [] }, { $0.body = Array("{".utf8) }, { $0.body = Array(#"{"job_id":"8"}"#.utf8) }, { $0.phase = .afterHandler },
            { $0.phase = .point("p") },
        ]
        for (index, change) in changes.enumerated() {
            var event = good
            change(&event)
            #expect(plan.decide(event, now: .zero) == nil, "change \(index)")
        }
        var plus = good
        plus.query = "expand=true&x=a+b"
        #expect(plan.decide(plus, now: .zero) != nil)
    }

    @Test func windowsCountFromTheLoad() throws {
        let plan = try Self.plan("  - {name: w, when: {from: 10s, until: 20s}, inject: {status: 500}}", now: .seconds(100))
        let fired = [100, 109, 110, 119, 120].map { plan.decide(Self.event(), now: .seconds($0)) != nil }
        #expect(fired == [false, false, true, true, false])
        #expect(plan.reports[0].matched == 2)
        _ = try plan.add(FaultRuleDraft.list(parsing: Array(#"{"name":"x","when":{"until":"5s"},"inject":{"status":500}}"#.utf8)), now: .seconds(200))
        #expect(plan.decide(Self.event(), now: .seconds(204))?.rule == "x")
        #expect(plan.decide(Self.event(), now: .seconds(205)) == nil)
    }

    @Test func answers() throws {
        let plan = try Self.plan(
            """
              - {name: plain, match: {path: /1}, inject: {status: 429, headers: {Retry-After: "2"}}}
              - {name: own, match: {path: /2}, inject: {status: 409, error_code: ABORTED, message: "no \\"way\\""}}
              - {name: json, match: {path: /3}, inject: {status: 401, body: {error: invalid_client}}}
              - {name: text, match: {path: /4}, inject: {status: 502, body: "<html>", headers: {Content-Type: text/html}}}
              - {name: empty, match: {path: /5}, inject: {status: 204}}
            """)
        func answer(_ path: String) throws -> FaultAnswer {
            guard case .answer(let answer) = try #require(plan.decide(Self.event("GET", path), now: .zero)).kind else { throw Missing() }
            return answer
        }
        let plain = try answer("/1")
        #expect(plain.status == 429)
        #expect(plain.headers == [.retryAfter: "2", .contentType: "application/json"])
        #expect(
            String(decoding: plain.body, as: UTF8.self) == #"{"error_code":"REQUEST_LIMIT_EXCEEDED","message":"Injected by the fault rule 'plain'."}"#
        )
        #expect(String(decoding: try answer("/2").body, as: UTF8.self) == #"{"error_code":"ABORTED","message":"no \"way\""}"#)
        #expect(String(decoding: try answer("/3").body, as: UTF8.self) == #"{"error":"invalid_client"}"#)
        #expect(try answer("/4").headers == [.contentType: "text/html"])
        #expect(try answer("/5") == answer("/5"))
        #expect(try answer("/5").body.isEmpty && answer("/5").headers.isEmpty)
    }

    struct Missing: Error {}

    @Test func rateLimitLetsThroughAndSaysWhenToComeBack() throws {
        let plan = try Self.plan(
            """
              - {name: limit, inject: {rate_limit: {requests: 2, per: 10s}}}
              - {name: below, inject: {status: 500}}
            """, now: .seconds(5))
        func kind(_ seconds: Double) -> (String?, Int?) {
            let injection = plan.decide(Self.event(), now: .seconds(seconds))
            guard case .rateLimited(let answer, let wait) = injection?.kind else { return (injection?.rule, nil) }
            return (answer.headers[.retryAfter], wait)
        }
        #expect(kind(5) == ("below", nil))
        #expect(kind(6) == ("below", nil))
        #expect(kind(7) == ("8", 8))
        #expect(kind(14.5) == ("1", 1))
        #expect(kind(15) == ("below", nil))
    }

    @Test func everyKindReachesTheServer() throws {
        let plan = try Self.plan(
            """
              - {match: {path: /1}, inject: {delay: {fixed: 2s}}}
              - {match: {path: /2}, inject: {delay: {uniform: [100ms, 2s]}, connection: stall}}
              - {match: {path: /3}, inject: {throttle: {bytes_per_second: 1024}}}
              - {match: {path: /4}, inject: {stale: {reads: 2}}}
              - {match: {path: /5}, inject: {expire_token: true}}
              - {match: {point: "delta.commit.before_put", path: /6}, inject: {hold: until_next}}
              - {match: {path: /7}, inject: {conflict: true}}
            """)
        func decide(_ path: String, _ phase: FaultEvent.Phase = .beforeHandler) throws -> Injection {
            var event = Self.event("GET", path, phase: phase)
            event.abilities = [.compete, .expireToken, .hold]
            event.lastWrite = 1
            return try #require(plan.decide(event, now: .zero))
        }
        #expect(try decide("/1").delay == .seconds(2))
        #expect(try decide("/1").kind == .proceed)
        #expect(try decide("/2").kind == .connection(.stall))
        let delays = try (0..<200).map { _ in try decide("/2").delay ?? .zero }
        #expect(delays.allSatisfy { $0 >= .milliseconds(100) && $0 < .seconds(2) })
        #expect(Set(delays).count > 190)
        #expect(try decide("/3").kind == .throttle(bytesPerSecond: 1024))
        #expect(try decide("/4").kind == .stale)
        #expect(try decide("/5").kind == .expireToken)
        guard case .hold(let ticket) = try decide("/6", .point("delta.commit.before_put")).kind else { throw Missing() }
        #expect(try decide("/6", .point("delta.commit.before_put")).kind == .follow(ticket))
        #expect(plan.decide(Self.event("GET", "/6"), now: .zero) == nil)
        #expect(try decide("/7", .point("delta.commit.before_put")).kind == .conflict)
        #expect(try decide("/7").kind == .conflict)
        // Nothing can compete, no token can expire, no write was made.
        for path in ["/4", "/5", "/7"] { #expect(plan.decide(Self.event("GET", path), now: .zero) == nil) }
    }

    @Test func lognormalDelaysHaveTheirMedian() throws {
        let plan = try Self.plan("  - {inject: {delay: {lognormal: {median: 200ms, sigma: 0.5}}}}")
        let delays = (0..<2001).map { _ in plan.decide(Self.event(), now: .zero)?.delay ?? .zero }.sorted()
        #expect(delays[1000] > .milliseconds(190) && delays[1000] < .milliseconds(210))
        // One standard deviation up: 200 ms × e^0.5 = 330 ms at 84 %.
        #expect(delays[1683] > .milliseconds(300) && delays[1683] < .milliseconds(360))
    }

    @Test func probabilityIsKeptAndSeeded() throws {
        let rule = "  - {name: p, when: {probability: 0.3}, inject: {status: 500}}"
        func pattern(_ plan: FaultPlan) -> [Bool] { (0..<2000).map { _ in plan.decide(Self.event(), now: .zero) != nil } }
        let first = pattern(try Self.plan(rule))
        #expect(first == pattern(try Self.plan(rule)))
        #expect(first != pattern(try Self.plan(rule, seed: 8)))
        #expect((500...700).contains(first.count { $0 }))
        // A rule above that matches nothing changes no draw.
        #expect(first == pattern(try Self.plan("  - {name: other, match: {path: /other}, inject: {status: 500}}\n" + rule)))
    }

    /// Which match counts fire does not depend on who comes when: many threads together get what one gets alone.
    @Test func threadOrderDoesNotChangeDraws() async throws {
        let rules = """
              - {name: a, when: {probability: 0.4, skip: 10, times: 300}, inject: {delay: {uniform: [1ms, 5s]}}}
              - {name: b, when: {probability: 0.5}, inject: {status: 503}}
            """
        func tally(_ injections: [Injection?]) -> [String: Int] {
            Dictionary(injections.map { ("\($0?.rule ?? "-") \($0?.delay ?? .zero)", 1) }, uniquingKeysWith: +)
        }
        let alone = try Self.plan(rules)
        let expected = tally((0..<4000).map { _ in alone.decide(Self.event(), now: .zero) })
        let plan = try Self.plan(rules)
        let got = await withTaskGroup(of: [Injection?].self) { group in
            for _ in 0..<8 { group.addTask { (0..<500).map { _ in plan.decide(Self.event(), now: .zero) } } }
            return await group.reduce(into: []) { $0 += $1 }
        }
        #expect(tally(got) == expected)
        #expect(plan.reports.map(\.fired) == alone.reports.map(\.fired))
    }

    @Test func rulesAreAddedListedAndRemoved() throws {
        let plan = try Self.plan("  - {name: s1, match: {path: /a}, when: {times: 1}, inject: {status: 500}}")
        func add(_ text: String) throws -> [String] { try plan.add(FaultRuleDraft.list(parsing: Array(text.utf8)), now: .zero) }
        #expect(try add(#"{"match":{"path":"/a"},"inject":{"status":429}}"#) == ["fault-1"])
        #expect(
            try add(#"{"faults":[{"name":"fault-2","match":{"path":"/a"},"inject":{"status":409}},{"inject":{"status":409}}]}"#) == [
                "fault-2", "fault-3",
            ])
        #expect(throws: FaultPlanError.ruleExists("s1")) { try add(#"{"name":"s1","inject":{"status":429}}"#) }
        // All or none: "x" is not added either.
        #expect(throws: FaultPlanError.ruleExists("fault-1")) {
            try add(#"{"faults":[{"name":"x","inject":{"status":429}},{"name":"fault-1","inject":{"status":429}}]}"#)
        }
        #expect(plan.reports.map(\.name) == ["s1", "fault-1", "fault-2", "fault-3"])
        #expect(Self.names(plan, [Self.event(), Self.event()]) == ["s1", "fault-1"])
        #expect(plan.remove("fault-1"))
        #expect(!plan.remove("fault-1"))
        #expect(Self.names(plan, [Self.event()]) == ["fault-2"])
        #expect(plan.reports.map(\.rule)[1]["inject"]?["status"] == 409)
        plan.reset(now: .zero)
        #expect(plan.reports.map(\.name) == ["s1"])
        #expect(plan.reports[0].matched == 0)
        plan.removeAll()
        #expect(plan.reports.isEmpty && plan.scenarios.map(\.name) == ["s"])
        #expect(plan.decide(Self.event(), now: .zero) == nil)
        #expect(throws: FaultPlanError.scenarioExists("s")) { try plan.load(plan.scenarios[0], now: .zero) }
        #expect(plan.unload(scenario: "s") && !plan.unload(scenario: "s"))
    }

    /// The index finds what a walk over all rules would find, in order.
    @Test func indexAgreesWithOrder() throws {
        let plan = try Self.plan(
            """
              - {name: generic, match: {method: DELETE}, inject: {status: 500}}
              - {name: path-glob, match: {path: "/api/2.1/jobs/*"}, when: {times: 1}, inject: {status: 500}}
              - {name: operation, match: {operation: jobs.get}, when: {times: 1}, inject: {status: 500}}
              - {name: path, match: {path: /api/2.1/jobs/get}, when: {times: 1}, inject: {status: 500}}
              - {name: operation-glob, match: {operation: "jobs.*"}, when: {times: 1}, inject: {status: 500}}
              - {name: expression, match: {path: "re:jobs"}, when: {times: 1}, inject: {status: 500}}
              - {name: star, match: {path: "*get", operation: "*"}, when: {times: 1}, inject: {status: 500}}
              - {name: last, inject: {status: 500}}
            """)
        let event = Self.event("GET", "/api/2.1/jobs/get", operation: "jobs.get")
        #expect(
            Self.names(plan, Array(repeating: event, count: 8))
                == ["path-glob", "operation", "path", "operation-glob", "expression", "star", "last", "last"])
        #expect(plan.decide(Self.event("DELETE", "/x"), now: .zero)?.rule == "generic")
        #expect(plan.decide(Self.event("GET", "/ap"), now: .zero)?.rule == "last")
    }

    @Test func seedsAreChosen() throws {
        let scenario = try Scenario(parsing: "scenario: s\nseed: 7", file: "f")
        let bare = try Scenario(parsing: "scenario: t", file: "f")
        let plan = try FaultPlan(scenarios: [scenario, bare], defaultSeed: 5, now: .zero)
        #expect([plan.seed(of: scenario), plan.seed(of: bare), plan.seed] == [7, 5, 5])
        let forced = try FaultPlan(scenarios: [scenario], seed: 9, now: .zero)
        #expect([forced.seed(of: scenario), forced.seed] == [9, 9])
    }
}
