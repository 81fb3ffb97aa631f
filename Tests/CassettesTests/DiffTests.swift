import Cassettes
import HTTPTypes
import JSON
import TestSupport
import Testing

@Suite struct DiffTests {
    /// Plays a cassette against answers given in order; what was asked, and what differs.
    static func play(
        _ lines: [String], _ answers: [(Int, String)], ignoring: [String] = [], warehouse: String? = nil
    ) throws -> (requests: [DiffRequest], differences: [[String]]) {
        let recorded = try cassette(lines)
        var session = DiffSession(recorded.header, ignoring: try ignoring.map { try JSONPath($0) }, warehouse: warehouse)
        var requests: [DiffRequest] = []
        var differences: [[String]] = []
        for (exchange, answer) in zip(recorded.exchanges, answers) {
            guard let request = session.request(for: exchange) else {
                differences.append(["unreachable"])
                continue
            }
            requests.append(request)
            let live = DiffAnswer(status: answer.0, contentType: "application/json", body: Array(answer.1.utf8))
            differences.append(session.compare(exchange, live).map(\.description))
        }
        return (requests, differences)
    }

    @Test func referencesAreFollowed() throws {
        let (one, other) = ("01ef9de4-936a-1e69-a6d6-79b0fe6ba048", "01f00000-0000-1000-8000-000000000001")
        let (requests, differences) = try Self.play(
            [
                line(
                    1, "POST", "/api/2.0/sql/statements", body: #"{"statement":"x","warehouse_id":"aaaaaaaaaaaaaaaa"}"#,
                    answer: #"{"statement_id":"\#(one)"}"#),
                line(
                    2, "GET", "/api/2.0/sql/statements/\(one)", query: "id=\(one)&x=1",
                    answer: #"{"statement_id":"\#(one)","link":"/s/\#(one)/chunks/1"}"#),
                line(3, "POST", "/api/2.1/jobs/create", body: #"{"name":"j"}"#, answer: #"{"job_id":12}"#),
                line(4, "POST", "/api/2.1/jobs/run-now", body: #"{"job_id":12,"max":12}"#, answer: #"{"run_id":5,"job_id":12}"#),
                line(5, "GET", "/api/2.1/jobs/runs/get", query: "run_id=5", answer: #"{"run_id":5,"job_id":12}"#),
            ],
            [
                (200, #"{"statement_id":"\#(other)"}"#), (200, #"{"statement_id":"\#(other)","link":"/s/\#(other)/chunks/1"}"#),
                (200, #"{"job_id":77}"#),
                (200, #"{"run_id":99,"job_id":77}"#), (200, #"{"run_id":98,"job_id":77}"#),
            ], warehouse: "bbbbbbbbbbbbbbbb")
        #expect(text(requests[0].body) == #"{"statement":"x","warehouse_id":"bbbbbbbbbbbbbbbb"}"#)
        #expect(requests[1].path == "/api/2.0/sql/statements/\(other)")
        #expect(requests[1].query == "id=\(other)&x=1")
        #expect(text(requests[3].body) == #"{"job_id":77,"max":12}"#)
        #expect(requests[4].query == "run_id=99")
        #expect(differences == [[], [], [], [], ["reference $.run_id: recorded 5, now 98"]])
    }

    @Test func whatTheServiceChoosesIsMasked() throws {
        let recorded =
            #"{"id":"1","created_at":1,"etag":"a","owner":"me@example.com","name":"n","message":"at https://a.example.com/x by 01ef9de4-936a-1e69-a6d6-79b0fe6ba048","value":"858383038103191"}"#
        let live =
            #"{"id":"2","created_at":2,"etag":"b","owner":"admin","name":"n","message":"at http://127.0.0.1:80/x by 11ef9de4-936a-1e69-a6d6-79b0fe6ba048","value":"188855755515170"}"#
        #expect(try Self.play([line(1, "GET", "/x", answer: recorded)], [(200, live)]).differences == [[]])
        // But not its type, and not in rows.
        #expect(
            try Self.play([line(1, "GET", "/x", answer: #"{"id":"1","a_time":1}"#)], [(200, #"{"id":1,"a_time":"1"}"#)]).differences == [
                [#"type $.id: recorded "1", now 1"#, #"type $.a_time: recorded 1, now "1""#]
            ])
        let rows = #"{"result":{"data_array":[["01ef9de4-936a-1e69-a6d6-79b0fe6ba048"]]}}"#
        #expect(try Self.play([line(1, "GET", "/x", answer: rows)], [(200, rows.replacing("01ef", with: "02ef"))]).differences[0].count == 0)
        #expect(
            try Self.play([line(1, "GET", "/x", answer: #"{"data_array":[["2026-01-01","1"]]}"#)], [(200, #"{"data_array":[["2026-01-02","1"]]}"#)])
                .differences == [[#"value $.data_array[0][0]: recorded "2026-01-01", now "2026-01-02""#]])
    }

    @Test func shapesAreCompared() throws {
        let (_, differences) = try Self.play(
            [line(1, "GET", "/x", answer: #"{"a":{"b":1,"c":[1,2]},"d":null,"gone":true}"#)], [(200, #"{"a":{"b":2,"c":[1,2,3]},"d":0,"new":[]}"#)])
        #expect(
            differences == [
                [
                    "value $.a.b: recorded 1, now 2", "extra $.a.c[2]: 3", "type $.d: recorded null, now 0", "missing $.gone: recorded true",
                    "extra $.new: []",
                ]
            ])
        let ignored = try Self.play(
            [line(1, "GET", "/x", answer: #"{"a":[{"b":1},{"b":2}],"c":1}"#)], [(200, #"{"a":[{"b":3},{"b":4}],"c":2}"#)], ignoring: ["$.a[*].b"])
        #expect(ignored.differences == [["value $.c: recorded 1, now 2"]])
        // Order of members and spelling of numbers are not differences.
        #expect(try Self.play([line(1, "GET", "/x", answer: #"{"a":1.0,"b":2}"#)], [(200, #"{"b":2,"a":1}"#)]).differences == [[]])
    }

    @Test func errorsAreComparedByStatusAndCode() throws {
        let recorded = line(1, "GET", "/x", status: 404, answer: #"{"error_code":"A","message":"m"}"#)
        func differences(_ status: Int, _ body: String) throws -> [String] { try Self.play([recorded], [(status, body)]).differences[0] }
        #expect(try differences(404, #"{"error_code":"A","message":"m"}"#) == [])
        #expect(try differences(404, #"{"error_code":"B","message":"m"}"#) == ["error_code: recorded A, now B"])
        #expect(
            try differences(400, #"{"error_code":"B","message":"m"}"#) == ["status: recorded 404, now 400 B: m", "error_code: recorded A, now B"])
        #expect(try differences(200, "{}") == ["status: recorded 404, now 200"])
        #expect(try differences(404, #"{"error_code":"A","message":"other"}"#) == [#"value $.message: recorded "m", now "other""#])
    }

    @Test func pollsAreOneQuestion() throws {
        func state(_ n: Int, _ state: String) -> String { line(n, "GET", "/api/2.0/sql/warehouses/a", answer: #"{"state":"\#(state)"}"#) }
        let recorded = try cassette([state(1, "STARTING"), state(2, "STARTING"), line(3, "GET", "/other", answer: "1"), state(4, "RUNNING")])
        #expect(DiffSession.roles(recorded) == [.earlierPoll, .earlierPoll, .play, .play])
        let session = DiffSession(recorded.header)
        let starting = DiffAnswer(status: 200, body: Array(#"{"state":"STARTING"}"#.utf8))
        #expect(session.isToBeAwaited(recorded.exchanges[3], starting))
        #expect(!session.isToBeAwaited(recorded.exchanges[0], starting))
        let statement = DiffRequest(method: "POST", path: "/api/2.0/sql/statements")
        let pending = DiffAnswer(status: 200, body: Array(#"{"statement_id":"s-1","status":{"state":"PENDING"}}"#.utf8))
        #expect(session.poll(after: statement, pending)?.path == "/api/2.0/sql/statements/s-1")
        // One of the two has gone further: no difference, and its names are learned.
        let (requests, differences) = try Self.play(
            [
                line(1, "POST", "/api/2.0/sql/statements", answer: #"{"statement_id":"aaaaaaaa-1","status":{"state":"PENDING"}}"#),
                line(2, "GET", "/api/2.0/sql/statements/aaaaaaaa-1", answer: #"{"statement_id":"aaaaaaaa-1","status":{"state":"SUCCEEDED"}}"#),
            ],
            [
                (200, #"{"statement_id":"bbbbbbbb-2","status":{"state":"SUCCEEDED"},"result":{}}"#),
                (200, #"{"statement_id":"bbbbbbbb-2","status":{"state":"SUCCEEDED"}}"#),
            ])
        #expect(requests[1].path == "/api/2.0/sql/statements/bbbbbbbb-2")
        #expect(differences == [[], []])
    }

    @Test func linksAreFollowed() throws {
        let (requests, differences) = try Self.play(
            [
                line(1, "GET", "/r", answer: #"{"external_links":[{"external_link":"https://s.example.com/k/1?sig=REDACTED_SIGNATURE_1"}]}"#),
                #"{"n":2,"request":{"method":"GET","path":"/k/1","query":"sig=REDACTED_SIGNATURE_1","host":"s.example.com"},"response":{"status":200,"body":[["1"]]}}"#,
                #"{"n":3,"request":{"method":"GET","path":"/k/2","host":"s.example.com"},"response":{"status":200,"body":1}}"#,
            ],
            [(200, #"{"external_links":[{"external_link":"http://127.0.0.1:1/x?y"}]}"#), (200, #"[["2"]]"#), (200, "1")])
        #expect(requests.map(\.link) == [nil, "http://127.0.0.1:1/x?y"])
        #expect(differences == [[], [#"value $[0][0]: recorded "1", now "2""#], ["unreachable"]])
    }

    /// A recording compared with itself is equal, and so it is with all its ids exchanged throughout.
    @Test func consistentRenamingIsNoDifference() throws {
        var random = SeededRandom(seed: 5)
        for _ in 0..<50 {
            let ids = (0..<5).map { _ in String(UInt64.random(in: 1 << 60 ..< .max, using: &random), radix: 16).padded }
            let renamed = ids.shuffled(using: &random)
            let lines = (1...20).map { n in
                let id = ids.randomElement(using: &random) ?? ""
                return line(n, "GET", "/api/x/\(id)", answer: #"{"x_id":"\#(id)","list":[{"id":"\#(id)","path":"/x/\#(id)/y"}],"n":\#(n)}"#)
            }
            let answers = try cassette(lines).exchanges.map { exchange in
                var body = text(exchange.response.body.bytes)
                for index in ids.indices { body = body.replacing(ids[index], with: "<\(index)>") }
                for index in ids.indices { body = body.replacing("<\(index)>", with: renamed[index]) }
                return (200, body)
            }
            #expect(try Self.play(lines, answers).differences.allSatisfy(\.isEmpty))
        }
    }

    /// Any two answers are compared without a trap.
    @Test func fuzz() throws {
        var random = SeededRandom(seed: 6)
        let pieces = [
            "{", "}", "[", "]", "\"id\"", ":", ",", "1", "-1e999", "\"https://\"", "\"REDACTED_TOKEN_1\"", "null", "\"\\u0000\"", "\"data_array\"",
        ]
        for _ in 0..<3000 {
            func body() -> String { (0..<Int.random(in: 0...8, using: &random)).map { _ in pieces.randomElement(using: &random) ?? "" }.joined() }
            let answer = body()
            let isJSON = (try? JSONValue(parsing: answer)) != nil
            let lines = [line(1, "GET", "/x", answer: isJSON ? answer : "[]"), line(2, "POST", "/y", body: isJSON ? answer : nil, answer: "{}")]
            _ = try Self.play(lines, [(200, body()), (Int.random(in: 0...999, using: &random), body())])
        }
    }

    @Test func reportCountsByOperation() {
        var report = DiffReport()
        let missing = AnswerDifference(.missing, path: "$.a[3].b", recorded: "1")
        let other = AnswerDifference(.missing, path: "$.a[12].b", recorded: "2")
        #expect(missing.family == "missing $.a[*].b")
        report.add(.init(operation: "x.get", place: "c:2", request: "GET /x", differences: []))
        report.add(.init(operation: "x.get", place: "c:3", request: "GET /x", differences: [missing, other]))
        report.add(.init(operation: "y.get", place: "c:4", request: "GET /y", differences: []))
        report.addEarlierPoll()
        report.addNotCompared("Thrift")
        #expect(
            report.text == """
                x.get: 1 of 2 with differences
                  2 × missing $.a[3].b: recorded 1
                      first at c:3
                3 exchanges played, 2 equal, 1 with differences (2 in all); 1 earlier poll left out; not compared: 1 Thrift
                """)
        #expect(report.json["operations"]?["x.get"]?["equal"] == 1)
        #expect(report.json["exchanges"]?[0]?["differences"]?[1]?["path"] == "$.a[12].b")
    }
}

extension String {
    fileprivate var padded: String { String(repeating: "0", count: max(0, 16 - count)) + self }
}
