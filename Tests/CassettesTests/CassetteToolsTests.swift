import Cassettes
import HTTPTypes
import Testing

@Suite struct CassetteToolsTests {
    @Test func listing() throws {
        let rows = CassetteTools.list(try CassetteReaderTests.parse(CassetteReaderTests.example))
        #expect(
            rows.map(\.target) == ["/api/2.0/sql/warehouses/abc/start", "/api/2.0/sql/warehouses/abc", "https://storage.example.com/k?a=1&b=%20"])
        #expect(rows.map(\.bytes) == [2, 31, 0])
        #expect(rows.map(\.status) == [200, 200, 201])
    }

    @Test func showing() throws {
        let exchanges = try CassetteReaderTests.parse(CassetteReaderTests.example).exchanges
        #expect(
            CassetteTools.show(exchanges[1]) == """
                #2 sql.warehouses.get 57 ms
                GET /api/2.0/sql/warehouses/abc

                HTTP 200

                {
                  "id": "abc",
                  "state": "STARTING"
                }

                """)
        #expect(CassetteTools.show(exchanges[2]).contains("content-type: text/csv\n\na,\"b\"\né\n\nHTTP 201\n"))
    }

    @Test func checking() throws {
        let recorded = try cassette([
            line(1, "GET", "/w", answer: "1"), line(3, "GET", "/w", answer: "1"),
            #"{"n":3,"request":{"method":"GET","path":"/f"},"response":{"status":200,"headers":{"content-encoding":"gzip"},"text":"x"}}"#,
        ])
        let findings = CassetteTools.check(
            recorded, source: CassetteTools.format(recorded), files: ["bodies", "bodies/stray", "cassette.jsonl", "notes.txt"])
        #expect(
            findings.map(\.description) == [
                "c/cassette.jsonl:3: warning: 'n' is 3, expected 2",
                "c/cassette.jsonl:4: error: the response's body is encoded (gzip); it cannot be searched",
                "c/bodies/stray: warning: no exchange uses this file", "c/notes.txt: warning: is no part of a cassette",
                "c/cassette.jsonl:3: note: repeats the answer before it; it is only given with --polls recorded",
            ])
        let clean = try cassette([line(1, "GET", "/w", answer: "1")], header: #"{"cassette":1,"match":["method","path","query","body"],"ignore":{}}"#)
        #expect(CassetteTools.check(clean, source: CassetteTools.format(clean), files: []) == [])
        #expect(CassetteTools.check(clean, source: [], files: []).map(\.severity) == [.note])
        let wrong = try CassetteReader.parse(
            Array(
                (standardHeader + "\n"
                    + #"{"n":1,"request":{"method":"GET","path":"/x"},"response":{"status":200,"file":\#(CassetteReaderTests.file)}}"# + "\n").utf8),
            name: "c"
        ) { _ throws(CassetteError) in [1] }
        #expect(CassetteTools.check(wrong, source: CassetteTools.format(wrong), files: []).map(\.severity) == [.error])
    }

    @Test func mergingAndRedacting() throws {
        let first = try cassette([line(1, "GET", "/a", answer: #"{"t":"REDACTED_TOKEN_3","owner":"me@example.com"}"#)])
        let second = try cassette([line(1, "GET", "/b", answer: #"{"access_token":"left"}"#)])
        let merged = try CassetteTools.merge([first, second], name: "m")
        #expect(merged.exchanges.map(\.number) == [1, 2])
        var rules = RedactionRules()
        rules.fields = ["owner"]
        let redacted = try CassetteTools.redact(merged, rules)
        #expect(
            redacted.exchanges.map { text($0.response.body.bytes) } == [
                #"{"t":"REDACTED_TOKEN_3","owner":"REDACTED_NAMED_1"}"#, #"{"access_token":"REDACTED_TOKEN_4"}"#,
            ])
        let other = try cassette([], header: #"{"cassette":1,"match":["path"]}"#)
        #expect(throws: CassetteError.self) { try CassetteTools.merge([first, other], name: "m") }
    }

    @Test func links() throws {
        let rewriter = LinkRewriter(base: "http://127.0.0.1:8080", service: "REDACTED") { $0.hasSuffix("amazonaws.com") }
        func rewritten(_ body: String) -> String? { rewriter.rewrite(Array(body.utf8)[...]).map { String(decoding: $0, as: UTF8.self) } }
        #expect(
            rewritten(#"{"external_link":"https://b.s3.amazonaws.com/k?a=1","t":"https:\/\/REDACTED\/oidc","o":"https://elsewhere.com/"}"#)
                == #"{"external_link":"http://127.0.0.1:8080/_dbxsim/links/https/b.s3.amazonaws.com/k?a=1","t":"http://127.0.0.1:8080\/oidc","o":"https://elsewhere.com/"}"#
        )
        #expect(rewritten("https://REDACTED_HOST/ http://") == nil)
        #expect(rewritten("none") == nil)
        #expect(rewriter.rewrite([0, 1] + Array("https://REDACTED/".utf8)) == nil)
        #expect(
            LinkRewriter.target(ofPath: "/_dbxsim/links/https/b.s3.amazonaws.com/k/l")
                == .init(scheme: "https", host: "b.s3.amazonaws.com", path: "/k/l"))
        #expect(LinkRewriter.target(ofPath: "/_dbxsim/links/https/host:99") == .init(scheme: "https", host: "host:99", path: "/"))
        for path in ["/", "/_dbxsim/links/ftp/h/x", "/_dbxsim/links/https//x", "/_dbxsim/links/https"] {
            #expect(LinkRewriter.target(ofPath: path) == nil)
        }
    }
}
