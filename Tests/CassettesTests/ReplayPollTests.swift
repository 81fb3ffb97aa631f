import Cassettes
import JSON
import TestSupport
import Testing

/// What comes of polls that were recorded with other requests between them.
@Suite struct ReplayPollTests {
    static let warehouse = "/api/2.0/sql/warehouses/abc"

    static func ask(_ index: ReplayIndex, as client: ReplayClient = .anonymous, _ requests: [(String, String, String)]) -> [String] {
        requests.map { method, target, body in
            let parts = target.split(separator: "?", maxSplits: 1).map(String.init)
            let request = ReplayRequest(method: method, path: parts[0], query: parts.count > 1 ? parts[1] : "", body: Array(body.utf8))
            switch index.next(request, for: client) {
            case .hit(let hit): return text(hit.storedBody)
            case .miss(let miss): return miss.exhausted == nil ? "miss" : "exhausted"
            }
        }
    }

    static func state(_ n: Int, _ state: String) -> String { line(n, "GET", warehouse, answer: #"{"id":"abc","state":"\#(state)"}"#) }
    static func states(_ index: ReplayIndex, _ count: Int) -> [String] {
        ask(index, Array(repeating: ("GET", warehouse, ""), count: count)).map { (try? JSONValue(parsing: $0))?["state"]?.stringValue ?? $0 }
    }

    /// What is under way goes on by itself: other threads' requests do not hold it back.
    @Test func requestsForOtherThingsAreOfNoAccount() throws {
        var lines: [String] = []
        for n in 0..<200 {
            lines.append(Self.state(2 * n + 1, "STARTING"))
            lines.append(
                n.isMultiple(of: 2)
                    ? line(2 * n + 2, "POST", "/api/2.0/sql/statements", body: #"{"statement":"SELECT \#(n)","warehouse_id":"abc"}"#, answer: "\(n)")
                    : line(2 * n + 2, "PATCH", "/api/2.0/sql/warehouses/other", body: "{}", answer: "{}"))
        }
        let index = ReplayIndex([try cassette(lines + [Self.state(401, "RUNNING")])])
        #expect(Self.states(index, 3) == ["STARTING", "RUNNING", "RUNNING"])
        #expect(index.collapsed.count == 199)
    }

    /// A warehouse at rest does not stop before the client has stopped it, however late the stop shows.
    @Test func aRestLastsUntilItIsEnded() throws {
        let lines = [
            Self.state(1, "RUNNING"), Self.state(2, "RUNNING"), line(3, "POST", Self.warehouse + "/stop", body: "{}", answer: "{}"),
            Self.state(4, "RUNNING"), Self.state(5, "RUNNING"), Self.state(6, "STOPPING"), Self.state(7, "STOPPING"), Self.state(8, "STOPPED"),
        ]
        let patient = ReplayIndex([try cassette(lines)])
        #expect(Self.states(patient, 3) == ["RUNNING", "RUNNING", "RUNNING"])
        #expect(Self.ask(patient, [("POST", Self.warehouse + "/stop", "{}")]) == ["{}"])
        #expect(Self.states(patient, 3) == ["STOPPING", "STOPPED", "STOPPED"])
        // It is not asked for at all: as often as recorded, then on. Nobody hangs.
        #expect(Self.states(ReplayIndex([try cassette(lines)]), 6) == ["RUNNING", "RUNNING", "RUNNING", "RUNNING", "STOPPING", "STOPPED"])
    }

    @Test func aRunRunsUntilItIsCancelled() throws {
        let run = "/api/2.1/jobs/runs/get"
        func poll(_ n: Int, _ state: String) -> String {
            line(n, "GET", run, query: "run_id=1", answer: #"{"run_id":1,"state":{"life_cycle_state":"\#(state)"}}"#)
        }
        func recorded(_ id: Int) throws -> ReplayIndex {
            ReplayIndex([
                try cassette([
                    poll(1, "RUNNING"), poll(2, "RUNNING"), line(3, "POST", "/api/2.1/jobs/runs/cancel", body: #"{"run_id":\#(id)}"#, answer: "{}"),
                    poll(4, "TERMINATED"),
                ])
            ])
        }
        func states(_ index: ReplayIndex, _ count: Int) -> [Bool] {
            Self.ask(index, Array(repeating: ("GET", run + "?run_id=1", ""), count: count)).map { $0.contains("RUNNING") }
        }
        let cancelled = try recorded(1)
        #expect(states(cancelled, 2) == [true, true])
        _ = Self.ask(cancelled, [("POST", "/api/2.1/jobs/runs/cancel", #"{"run_id":1}"#)])
        #expect(states(cancelled, 1) == [false])
        // Another run's cancel says nothing about this one.
        #expect(states(try recorded(2), 2) == [true, false])
    }

    /// A list does not show what has not been made yet, whatever makes it.
    @Test func aListWaitsForTheRequestBeforeItsChange() throws {
        let list = "/api/2.1/unity-catalog/tables"
        let index = ReplayIndex([
            try cassette([
                line(1, "GET", list, answer: "[]"), line(2, "GET", list, answer: "[]"), line(3, "GET", list, answer: "[]"),
                line(4, "POST", "/api/2.0/sql/statements", body: #"{"statement":"CREATE TABLE t (a INT)"}"#, answer: "{}"),
                line(5, "GET", list, answer: "[1]"),
            ])
        ])
        #expect(Self.ask(index, [("GET", list, ""), ("GET", list, "")]) == ["[]", "[]"])
        let positions = index.positions
        #expect(
            Self.ask(index, [("POST", "/api/2.0/sql/statements", #"{"statement":"CREATE TABLE t (a INT)"}"#), ("GET", list, "")]) == ["{}", "[1]"])
        index.restore(positions)
        #expect(Self.ask(index, [("GET", list, ""), ("GET", list, "")]) == ["[]", "[1]"])
    }

    /// Answers that alternate keep their order, and each run counts as one.
    @Test func runsKeepTheirOrder() throws {
        let states = ["STARTING", "STARTING", "RUNNING", "RUNNING", "STARTING", "STARTING", "STOPPED"]
        let index = ReplayIndex([try cassette(states.enumerated().map { Self.state($0.offset + 1, $0.element) })])
        #expect(Self.states(index, 5) == ["STARTING", "RUNNING", "STARTING", "STOPPED", "STOPPED"])
        let whole = ReplayIndex([try cassette(states.enumerated().map { Self.state($0.offset + 1, $0.element) })], polls: .recorded)
        #expect(Self.states(whole, 8) == states + ["STOPPED"])
    }

    /// Thrift polls by POST.
    @Test func thriftPolls() throws {
        func poll(_ n: Int, _ answer: String) -> String {
            #"{"n":\#(n),"operation":"thrift.GetOperationStatus","request":{"method":"POST","path":"/t","text":"p"},"response":{"status":200,"text":"\#(answer)"}}"#
        }
        let index = ReplayIndex([try cassette((1...50).map { poll($0, "running") } + [poll(51, "done")])])
        #expect(Self.ask(index, Array(repeating: ("POST", "/t", "p"), count: 3)) == ["running", "done", "done"])
    }

    /// Whatever was recorded, a client that asks on comes to the last answer, and no answer is given more often than it was recorded.
    @Test func nobodyHangs() throws {
        var random = SeededRandom(seed: 77)
        for _ in 0..<100 {
            let lines = (1...60).map { n in
                switch Int.random(in: 0..<6, using: &random) {
                case 0: line(n, "POST", "/api/2.0/sql/statements", body: #"{"n":\#(n)}"#, answer: "{}")
                case 1: line(n, "POST", Self.warehouse + "/\(["start", "stop"].randomElement(using: &random) ?? "")", answer: "{}")
                default: Self.state(n, ["STARTING", "RUNNING", "STOPPED"].randomElement(using: &random) ?? "")
                }
            }
            let recorded = try cassette(lines)
            let polls = recorded.exchanges.filter { $0.request.method == "GET" }
            let index = ReplayIndex([recorded])
            let given = Self.ask(index, Array(repeating: ("GET", Self.warehouse, ""), count: polls.count))
            let wanted = polls.map { text($0.response.body.bytes) }
            #expect(given.last == wanted.last)
            // With equal neighbours taken as one, what is given is what was recorded.
            func runs(_ answers: [String]) -> [String] { answers.reduce(into: []) { if $0.last != $1 { $0.append($1) } } }
            #expect(runs(given) == runs(wanted))
        }
    }
}

/// Each credential has its own place in the recording.
@Suite struct ReplayClientTests {
    @Test func tokensDoNotTakeEachOthersAnswers() throws {
        let index = ReplayIndex([
            try cassette([
                line(1, "POST", "/s", answer: "1"), line(2, "POST", "/s", answer: "2"), line(3, "GET", "/g", answer: "1"),
                line(4, "GET", "/g", answer: "2"),
            ])
        ])
        let one = index.client(authorization: "Bearer one")
        let two = index.client(authorization: "Bearer two")
        let post = ("POST", "/s", "")
        #expect(ReplayPollTests.ask(index, as: one, [post, ("GET", "/g", "")]) == ["1", "1"])
        #expect(ReplayPollTests.ask(index, as: two, [post, post, post]) == ["1", "2", "exhausted"])
        #expect(ReplayPollTests.ask(index, as: one, [post, ("GET", "/g", "")]) == ["2", "2"])
        #expect(ReplayPollTests.ask(index, as: index.client(authorization: nil), [post]) == ["1"])
        #expect(ReplayPollTests.ask(index, as: .anonymous, [post]) == ["2"])
        let positions = index.positions
        index.reset()
        #expect(ReplayPollTests.ask(index, as: one, [post]) == ["1"])
        index.restore(positions)
        #expect(ReplayPollTests.ask(index, as: one, [post]) == ["exhausted"])
        #expect(ReplayPollTests.ask(index, as: index.client(authorization: "Bearer two"), [("GET", "/g", "")]) == ["1"])
    }

    /// A token that is refreshed is still the same client's.
    @Test func tokensFromTheCassetteAreOneClient() throws {
        let index = ReplayIndex([
            try cassette([
                line(1, "POST", "/oidc/v1/token", answer: #"{"access_token":"REDACTED_TOKEN_1"}"#), line(2, "POST", "/s", answer: "1"),
                line(3, "POST", "/oidc/v1/token", answer: #"{"access_token":"REDACTED_TOKEN_2"}"#), line(4, "POST", "/s", answer: "2"),
            ])
        ])
        let tokens = ReplayPollTests.ask(index, [("POST", "/oidc/v1/token", ""), ("POST", "/oidc/v1/token", "")]).compactMap {
            (try? JSONValue(parsing: $0))?["access_token"]?.stringValue
        }
        #expect(tokens.count == 2 && tokens[0] != tokens[1])
        let clients = tokens.map { index.client(authorization: "Bearer " + $0) }
        #expect(clients[0] == clients[1] && clients[0] != .anonymous)
        #expect(ReplayPollTests.ask(index, as: clients[1], [("POST", "/s", ""), ("POST", "/s", "")]) == ["1", "2"])
    }

    /// Many tokens take bounded memory: those that have been silent for longest begin anew.
    @Test func positionsAreBounded() throws {
        let chains = (0..<4).map { chain in
            ReplayChain(
                number: chain, steps: (0..<3).map { .init(record: chain * 10 + $0, last: chain * 10 + $0) }, collapsed: [], standsAtEnd: false)
        }
        let cursors = ReplayCursors(limit: 100)
        let first = ReplayClient(authorization: "Bearer first")
        #expect(cursors.next(chains[0], for: first) == 0)
        for number in 0..<20 {
            for chain in chains { #expect(cursors.next(chain, for: ReplayClient(authorization: "Bearer \(number)")) == chain.number * 10) }
        }
        #expect(cursors.next(chains[0], for: first) == 1)
        for number in 20..<1000 {
            for chain in chains { _ = cursors.next(chain, for: ReplayClient(authorization: "Bearer \(number)")) }
            #expect(cursors.snapshot.cursors <= 100)
        }
        let kept = cursors.snapshot
        #expect(kept.clients.values.reduce(0) { $0 + $1.cursors.count } == kept.cursors)
        #expect(cursors.next(chains[1], for: ReplayClient(authorization: "Bearer 999")) == 11)
        #expect(cursors.next(chains[0], for: first) == 0)
    }
}
