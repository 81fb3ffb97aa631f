import Cassettes
import HTTPTypes
import JSON
import TestSupport
import Testing

@Suite struct ReplayIndexTests {
    static func answers(_ index: ReplayIndex, _ method: String, _ path: String, query: String = "", bodies: [String]) -> [String] {
        bodies.map { body in
            switch index.next(ReplayRequest(method: method, path: path, query: query, body: Array(body.utf8))) {
            case .hit(let hit): text(hit.storedBody)
            case .miss(let miss): miss.exhausted == nil ? "miss" : "exhausted"
            }
        }
    }

    @Test func getChainsStandAtTheirEnd() throws {
        let recorded = try cassette([
            line(1, "GET", "/w", answer: "1"), line(2, "GET", "/w", answer: "2"), line(3, "POST", "/s", answer: "3"),
            line(4, "POST", "/s", answer: "4"),
        ])
        let index = ReplayIndex([recorded])
        #expect(Self.answers(index, "GET", "/w", bodies: ["", "", "", ""]) == ["1", "2", "2", "2"])
        #expect(Self.answers(index, "POST", "/s", bodies: ["", "", ""]) == ["3", "4", "exhausted"])
        #expect(Self.answers(index, "DELETE", "/s", bodies: [""]) == ["miss"])
        index.reset()
        #expect(Self.answers(index, "POST", "/s", bodies: [""]) == ["3"])
        let positions = index.positions
        #expect(Self.answers(index, "POST", "/s", bodies: ["", ""]) == ["4", "exhausted"])
        index.restore(positions)
        #expect(Self.answers(index, "POST", "/s", bodies: [""]) == ["4"])
        #expect(index.ungiven == ["c/cassette.jsonl:2", "c/cassette.jsonl:3"])
    }

    @Test func pollsAreCollapsed() throws {
        let polls =
            (1...40).map { line($0, "GET", "/w", answer: #"{"state":"STARTING"}"#) } + [line(41, "GET", "/w", answer: #"{"state":"RUNNING"}"#)]
        let recorded = try cassette(polls)
        let collapsed = ReplayIndex([recorded])
        #expect(
            Self.answers(collapsed, "GET", "/w", bodies: ["", "", ""]) == [
                #"{"state":"STARTING"}"#, #"{"state":"RUNNING"}"#, #"{"state":"RUNNING"}"#,
            ])
        #expect(collapsed.collapsed.count == 39)
        let whole = ReplayIndex([recorded], polls: .recorded)
        #expect(Self.answers(whole, "GET", "/w", bodies: Array(repeating: "", count: 41)).filter { $0.contains("STARTING") }.count == 40)
        #expect(whole.collapsed.isEmpty)
    }

    @Test func bodiesAreComparedAsValues() throws {
        let index = ReplayIndex([
            try cassette([
                line(1, "POST", "/s", body: #"{"statement":"SELECT 1","n":1.0,"idempotency_token":"a"}"#, answer: "1"),
                line(2, "POST", "/s", body: #"{"statement":"SELECT 2","n":10}"#, answer: "2"),
                line(3, "POST", "/one", body: #"{"a":1,"b":[1,2]}"#, answer: "3"),
            ])
        ])
        #expect(Self.answers(index, "POST", "/s", bodies: [#"{"n":1e1,"statement":"SELECT 2"}"#]) == ["2"])
        #expect(Self.answers(index, "POST", "/s", bodies: [#"{ "n" : 1, "idempotency_token":"zzz", "statement":"SELECT \u0031"}"#]) == ["1"])
        #expect(Self.answers(index, "POST", "/s", bodies: [#"{"statement":"SELECT 3"}"#, "", "text"]) == ["miss", "miss", "miss"])
        #expect(
            Self.answers(index, "POST", "/one", bodies: [#"{"b":[2,1],"a":1}"#, #"{"b":[1,2],"a":1}"#, #"{"b":[1,2],"a":1}"#]) == [
                "miss", "3", "exhausted",
            ])
    }

    @Test func queriesAndPathsAreCanonical() throws {
        let index = ReplayIndex([
            try cassette([
                line(1, "GET", "/a%2fb/c%3Ad", query: "x=1&y=a%20b&empty", answer: "1"), line(2, "GET", "/a%2fb/c%3Ad", answer: "2"),
            ])
        ])
        #expect(Self.answers(index, "GET", "/a%2Fb/c:d", query: "y=a+b&empty=&x=1", bodies: [""]) == ["1"])
        #expect(Self.answers(index, "GET", "/a%2Fb/c:d", bodies: [""]) == ["2"])
        #expect(Self.answers(index, "GET", "/a/b/c:d", bodies: [""]) == ["miss"])
        #expect(Self.answers(index, "GET", "/a%2Fb/c:d", query: "x=1&x=1&y=a+b&empty", bodies: [""]) == ["miss"])
    }

    @Test func headersOfTheCassetteSayWhatIsMatched() throws {
        let lines = [
            line(1, "POST", "/s", query: "a=1&run=7", body: #"{"x":1}"#, answer: "1"),
            line(2, "POST", "/s", query: "a=1&run=8", body: #"{"x":2}"#, answer: "2"),
        ]
        let loose = ReplayIndex([try cassette(lines, header: #"{"cassette":1,"match":["method","path"]}"#)])
        #expect(Self.answers(loose, "POST", "/s", query: "z", bodies: ["anything", ""]) == ["1", "2"])
        let ignoring = ReplayIndex([try cassette(lines, header: #"{"cassette":1,"match":["method","path","query"],"ignore":{"query":["run"]}}"#)])
        #expect(Self.answers(ignoring, "POST", "/s", query: "run=99&a=1", bodies: ["", "", ""]) == ["1", "2", "exhausted"])
        #expect(Self.answers(ignoring, "POST", "/s", query: "a=2", bodies: [""]) == ["miss"])
    }

    @Test func secretsOfTheClientDoNotMatter() throws {
        let index = ReplayIndex([
            try cassette([
                #"{"n":1,"request":{"method":"POST","path":"/oidc/v1/token","text":"grant_type=client_credentials&client_secret=REDACTED_SECRET_1&scope=a+b"},"response":{"status":200,"body":1}}"#,
                line(2, "POST", "/c", body: #"{"options":{"password":"REDACTED_PASSWORD_1","user":"u"}}"#, answer: "2"),
                line(3, "POST", "/c", body: #"{"options":{"password":"REDACTED_PASSWORD_2","user":"v"}}"#, answer: "3"),
                line(4, "GET", "/k", query: "X-Amz-Signature=REDACTED_SIGNATURE_1&part=1", answer: "4"),
                line(5, "GET", "/activation/REDACTED_ACTIVATION_1", answer: #"{"a":"REDACTED_ACTIVATION_1"}"#),
                line(6, "POST", "/n", body: #"{"text":"run with REDACTED_TOKEN_1"}"#, answer: "6"),
                line(7, "POST", "/n", body: #"{"text":"other"}"#, answer: "7"),
            ])
        ])
        #expect(Self.answers(index, "POST", "/oidc/v1/token", bodies: ["scope=a%20b&client_secret=mine&grant_type=client_credentials"]) == ["1"])
        #expect(
            Self.answers(index, "POST", "/c", bodies: [#"{"options":{"password":"x","user":"v"}}"#, #"{"options":{"password":"y","user":"u"}}"#]) == [
                "3", "2",
            ])
        #expect(Self.answers(index, "GET", "/k", query: "part=1&X-Amz-Signature=zzz", bodies: [""]) == ["4"])
        #expect(Self.answers(index, "POST", "/n", bodies: [#"{"text":"run with dapi\#(RedactorTests.hex32)"}"#]) == ["6"])
        // What the client was given in place of a secret is what it comes back with.
        let nonce = "/activation/" + MadeUp.expanded("REDACTED_ACTIVATION_1")
        #expect(Self.answers(index, "GET", nonce, bodies: [""]) == [#"{"a":"\#(MadeUp.expanded("REDACTED_ACTIVATION_1"))"}"#])
    }

    @Test func linkedHostsAreApart() throws {
        let index = ReplayIndex([
            try cassette([
                #"{"n":1,"request":{"method":"GET","path":"/k","host":"s.example.com"},"response":{"status":200,"text":"theirs"}}"#,
                line(2, "GET", "/k", answer: "2"),
            ])
        ])
        guard case .hit(let theirs) = index.next(ReplayRequest(method: "GET", host: "s.example.com", path: "/k")) else {
            Issue.record("no hit")
            return
        }
        #expect(text(theirs.storedBody) == "theirs")
        #expect(Self.answers(index, "GET", "/k", bodies: [""]) == ["2"])
    }

    @Test func severalCassettesFollowEachOther() throws {
        let first = try cassette([line(1, "POST", "/s", answer: "1"), line(2, "GET", "/g", answer: "1")], name: "a")
        let second = try cassette([line(1, "POST", "/s", answer: "2"), line(2, "GET", "/only", answer: "2")], name: "b")
        let other = try cassette([line(1, "POST", "/s", answer: "3")], header: #"{"cassette":1,"match":["path"]}"#, name: "c")
        let index = ReplayIndex([first, second, other])
        #expect(Self.answers(index, "POST", "/s", bodies: ["", "", "x", ""]) == ["1", "2", "3", "exhausted"])
        #expect(Self.answers(index, "GET", "/only", bodies: [""]) == ["2"])
        guard case .hit(let hit) = index.next(ReplayRequest(method: "GET", path: "/only")) else { return }
        #expect(hit.place == "b/cassette.jsonl:3")
    }

    /// All answers of a chain are given exactly once, whoever asks.
    @Test func concurrentRequests() async throws {
        let index = ReplayIndex([try cassette((1...1000).map { line($0, "POST", "/s", answer: "\($0)") })])
        let given = await withTaskGroup(of: [String].self) { group in
            for _ in 0..<10 { group.addTask { Self.answers(index, "POST", "/s", bodies: Array(repeating: "", count: 100)) } }
            return await group.reduce(into: []) { $0 += $1 }
        }
        #expect(Set(given) == Set((1...1000).map(String.init)))
        #expect(index.ungiven.isEmpty)
    }

    @Test func numbers() throws {
        for (left, right, equal) in [
            ("1", "1.0", true), ("10", "1e1", true), ("0", "-0.0", true), ("1.50", "1.5", true), ("1", "1.0000000000000000000001", false),
            ("9007199254740993", "9007199254740992", false), ("1e400", "1e401", false), ("-1", "1", false), ("100", "1E+2", true),
            ("1e-2", "0.01", true),
            ("1e99999999999999999999", "1e99999999999999999998", false),
        ] {
            func body(_ number: String) -> CanonicalRequest {
                CanonicalRequest(ReplayRequest(method: "POST", path: "/", body: Array("[\(number)]".utf8)), CassetteHeader())
            }
            #expect((body(left) == body(right)) == equal, "\(left) \(right)")
        }
    }

    /// The index agrees with a walk over all exchanges that compares canonical requests.
    @Test func agreesWithAModel() throws {
        var random = SeededRandom(seed: 41)
        for _ in 0..<60 {
            var lines: [String] = []
            for number in 1...Int.random(in: 1...30, using: &random) {
                let method = ["GET", "POST"].randomElement(using: &random) ?? "GET"
                let body = method == "GET" ? nil : ["{}", #"{"a":1}"#, #"{"a":2}"#, nil].randomElement(using: &random) ?? nil
                lines.append(
                    line(
                        number, method, ["/a", "/b"].randomElement(using: &random) ?? "/a",
                        query: ["x=1", "x=2", nil].randomElement(using: &random) ?? nil,
                        body: body, answer: "\(number)"))
            }
            let recorded = try cassette(lines)
            let index = ReplayIndex([recorded], polls: .recorded)
            var used: [Int: Bool] = [:]
            for _ in 0..<60 {
                let request = ReplayRequest(
                    method: ["GET", "POST"].randomElement(using: &random) ?? "GET", path: ["/a", "/b"].randomElement(using: &random) ?? "/a",
                    query: ["x=1", "x=2", ""].randomElement(using: &random) ?? "",
                    body: Array((["", "{}", #"{"a":1}"#, #"{"a": 2}"#].randomElement(using: &random) ?? "").utf8))
                let wanted = CanonicalRequest(request, recorded.header)
                let same = recorded.exchanges.indices.filter { position in
                    let exchange = recorded.exchanges[position]
                    return CanonicalRequest(
                        ReplayRequest(
                            method: exchange.request.method, path: exchange.request.path, query: exchange.request.query ?? "",
                            body: Array(exchange.request.body.bytes)),
                        recorded.header) == wanted
                }
                let next = same.first { used[$0] != true } ?? (request.method == "GET" ? same.last : nil)
                if let next { used[next] = true }
                let got = Self.answers(index, request.method, request.path, query: request.query, bodies: [text(request.body)])[0]
                #expect(got == next.map { "\($0 + 1)" } ?? (same.isEmpty ? "miss" : "exhausted"))
            }
        }
    }
}

extension MadeUp {
    static func expanded(_ text: String) -> String { expand(Array(text.utf8)[...]).map { String(decoding: $0, as: UTF8.self) } ?? text }
}
