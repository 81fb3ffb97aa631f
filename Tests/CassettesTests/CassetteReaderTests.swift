import Cassettes
import HTTPTypes
import JSON
import TestSupport
import Testing

@Suite struct CassetteReaderTests {
    static let example = """
        {"cassette":1,"recorded":"2026-11-20T10:00:00Z","upstream":"https://REDACTED","match":["method","path","query","body"],"ignore":{"body":["$.idempotency_token"]}}
        {"n":1,"operation":"sql.warehouses.start","request":{"method":"POST","path":"/api/2.0/sql/warehouses/abc/start","body":{}},"response":{"status":200,"headers":{"content-type":"application/json"},"body":{}},"ms":412}
        {"n":2,"operation":"sql.warehouses.get","request":{"method":"GET","path":"/api/2.0/sql/warehouses/abc"},"response":{"status":200,"body":{"id":"abc","state":"STARTING"}},"ms":57}
        {"n":3,"request":{"method":"PUT","path":"/k","query":"a=1&b=%20","host":"storage.example.com","headers":{"content-type":"text/csv"},"text":"a,\\"b\\"\\né"},"response":{"status":201}}

        """

    static func parse(_ text: String) throws(CassetteError) -> Cassette {
        try CassetteReader.parse(Array(text.utf8), name: "c") { name throws(CassetteError) in
            guard name.hasPrefix("0") else { throw CassetteError(file: "c/bodies/" + name, "cannot be read: No such file or directory") }
            return [1, 2, 3]
        }
    }

    @Test func theExampleIsReadAndPrintedBack() throws {
        let cassette = try Self.parse(Self.example)
        #expect(cassette.header.recorded == "2026-11-20T10:00:00Z")
        #expect(cassette.header.match == Set(CassetteHeader.MatchField.allCases))
        #expect(cassette.header.ignore.body.map(\.description) == ["$.idempotency_token"])
        #expect(cassette.exchanges.map(\.number) == [1, 2, 3])
        #expect(cassette.exchanges.map(\.operation) == ["sql.warehouses.start", "sql.warehouses.get", nil])
        #expect(cassette.exchanges.map(\.milliseconds) == [412, 57, nil])
        #expect(cassette.exchanges[0].response.headers == [.contentType: "application/json"])
        #expect(text(cassette.exchanges[1].response.body.bytes) == #"{"id":"abc","state":"STARTING"}"#)
        #expect(cassette.exchanges[2].request.query == "a=1&b=%20")
        #expect(cassette.exchanges[2].request.host == "storage.example.com")
        #expect(text(cassette.exchanges[2].request.body.bytes) == "a,\"b\"\né")
        #expect(cassette.exchanges[2].response.body.bytes.isEmpty)
        #expect(cassette.lines == [2, 3, 4])
        #expect(cassette.torn == nil)
        #expect(text(CassetteTools.format(cassette)) == Self.example)
    }

    @Test func bodiesAreTheFilesBytes() throws {
        let body = #"{"id":1.50,"x":"\u00e9\/","y":[1e3, 2]}"#
        let cassette = try Self.parse(standardHeader + "\n" + line(1, "GET", "/x", answer: body) + "\n")
        #expect(text(cassette.exchanges[0].response.body.bytes) == body)
        #expect(text(CassetteTools.format(cassette)).contains(body))
    }

    @Test func formatIsStable() throws {
        let messy = #" { "ms":1 , "response" : {"body":{"b": 1},"status":200},"n":7,"request":{"path":"/x","host":"h","query":"q","method":"GET"}}"#
        let cassette = try Self.parse(standardHeader + "\n" + messy + "\n")
        let once = CassetteTools.format(cassette)
        #expect(
            text(once).split(separator: "\n").last
                == #"{"n":1,"request":{"method":"GET","path":"/x","query":"q","host":"h"},"response":{"status":200,"body":{"b": 1}},"ms":1}"#)
        #expect(CassetteTools.format(try Self.parse(text(once))) == once)
    }

    static let file = #""bodies/\#(String(repeating: "0", count: 64))""#

    @Test func filesAreLookedUpOnce() throws {
        let cassette = try Self.parse(
            standardHeader + "\n" + #"{"n":1,"request":{"method":"GET","path":"/x"},"response":{"status":200,"file":\#(Self.file)}}"# + "\n")
        #expect(Array(cassette.exchanges[0].response.body.bytes) == [1, 2, 3])
    }

    @Test(arguments: [
        ("", "c/cassette.jsonl:1: the file is empty"), ("\n", "c/cassette.jsonl:1: not JSON"),
        ("{\"cassette\":9}\n", "c/cassette.jsonl:1: cassette version 9"),
        ("{\"cassette\":\"1\"}\n", "version \"1\""), ("{}\n", "'cassette'"), ("[]\n", "expected a header"),
        ("{\"cassette\":1,\"x\":1}\n", "unknown member 'x'"),
        ("{\"cassette\":1,\"match\":[\"port\"]}\n", "unknown match field"), ("{\"cassette\":1,\"ignore\":{\"body\":[\"x\"]}}\n", "no JSON path"),
        ("{\"cassette\":1}\nnonsense\n", "c/cassette.jsonl:2: not JSON"), ("{\"cassette\":1}\n\n", ":2: not JSON"),
        ("{\"cassette\":1}\n{}\n", ":2: the member 'n' is missing"),
        (
            "{\"cassette\":1}\n{\"n\":1,\"request\":{\"method\":\"GET\",\"path\":\"/\"},\"response\":{\"status\":200}}x\n",
            ":2: not JSON: expected the end"
        ),
        (
            "{\"cassette\":1}\n{\"n\":1,\"request\":{\"method\":\"GET\",\"path\":\"/\"},\"response\":{\"status\":200},\"extra\":1}\n",
            "unknown member 'extra'"
        ),
        ("{\"cassette\":1}\n{\"n\":1,\"request\":{\"method\":\"GET\"},\"response\":{\"status\":200}}\n", "'request.path'"),
        ("{\"cassette\":1}\n{\"n\":1,\"request\":{\"method\":\"GET\",\"path\":\"/\"},\"response\":{\"status\":99}}\n", "'response.status'"),
        (
            "{\"cassette\":1}\n{\"n\":1,\"request\":{\"method\":\"GET\",\"path\":\"/\",\"body\":1,\"text\":\"\"},\"response\":{\"status\":200}}\n",
            "more than one"
        ),
        (
            "{\"cassette\":1}\n{\"n\":1,\"request\":{\"method\":\"GET\",\"path\":\"/\",\"file\":\"../../etc/passwd\"},\"response\":{\"status\":200}}\n",
            "SHA-256"
        ),
        (
            "{\"cassette\":1}\n{\"n\":1,\"request\":{\"method\":\"GET\",\"path\":\"/\",\"file\":\"bodies/\(String(repeating: "f", count: 64))\"},\"response\":{\"status\":200}}\n",
            ":2: c/bodies/ffff"
        ),
        ("{\"cassette\":1}\n{\"n\":1,\"n\":2,\"request\":{\"method\":\"GET\",\"path\":\"/\"},\"response\":{\"status\":200}}\n", "stands twice"),
        (
            "{\"cassette\":1}\n{\"n\":1,\"request\":{\"method\":\"GET\",\"path\":\"/\"},\"response\":{\"status\":200,\"headers\":{\"a b\":\"x\"}}}\n",
            "no header's name"
        ),
        (
            "{\"cassette\":1}\n{\"n\":1,\"request\":{\"method\":\"GET\",\"path\":\"/\"},\"response\":{\"status\":200,\"body\":{\"a\":01}}}\n",
            "not JSON"
        ),
        (
            "{\"cassette\":1}\n{\"n\":1,\"request\":{\"method\":\"GET\",\"path\":\"/\"},\"response\":{\"status\":200,\"body\":\"\\ud800\"}}\n",
            "surrogate"
        ),
        ("{\"cassette\":1", "not JSON"),
    ])
    func whatIsNotUnderstoodIsRefused(_ text: String, _ message: String) {
        do {
            _ = try Self.parse(text)
            Issue.record("accepted: \(text)")
        } catch {
            #expect(error.description.contains(message), "\(error)")
            #expect(!error.description.contains("\n"))
        }
    }

    @Test func invalidUTF8IsRefused() {
        let bytes = Array(standardHeader.utf8) + [0x0A] + Array(#"{"n":1,"operation":""#.utf8) + [0xFF] + Array("\"}\n".utf8)
        #expect(throws: CassetteError.self) {
            try CassetteReader.parse(bytes, name: "c") { name throws(CassetteError) in throw CassetteError(file: name, "") }
        }
    }

    @Test func aTornLastLineIsReported() throws {
        let whole = Array(Self.example.utf8)
        let secondEnd = text(whole).split(separator: "\n")[...2].map { $0.utf8.count + 1 }.reduce(0, +)
        for cut in (secondEnd + 1)..<(whole.count - 1) {
            let cassette = try Self.parse(String(decoding: whole[..<cut], as: UTF8.self))
            #expect(cassette.exchanges.count == 2)
            #expect(cassette.torn?.line == 4)
            #expect(cassette.torn?.bytes == String(decoding: whole[secondEnd..<cut], as: UTF8.self).utf8.count)
        }
        // Only the newline is missing: the line is whole.
        #expect(try Self.parse(String(Self.example.dropLast())).exchanges.count == 3)
        let findings = CassetteTools.check(try Self.parse(String(decoding: whole[..<(whole.count - 9)], as: UTF8.self)), source: [], files: [])
        #expect(findings.contains { $0.severity == .error && $0.place == "c/cassette.jsonl:4" })
    }

    @Test func fuzz() throws {
        var random = SeededRandom(seed: 31)
        let original = Array((Self.example + line(4, "GET", "/x", answer: #"{"a":[[{"b":"\u00e9\n"}],null,true,-1.5e-3],"c":{}}"#) + "\n").utf8)
        var accepted = 0
        for _ in 0..<4000 {
            let bytes = Mutation.of(original, &random)
            do {
                let cassette = try CassetteReader.parse(bytes, name: "c") { name throws(CassetteError) in throw CassetteError(file: name, "none") }
                accepted += 1
                // What was read can be written and read again, and means the same.
                let again = CassetteTools.format(cassette)
                #expect(
                    CassetteTools.format(
                        try CassetteReader.parse(again, name: "c") { name throws(CassetteError) in throw CassetteError(file: name, "none") }) == again
                )
                _ = ReplayIndex([cassette])
            } catch {
                #expect(error.line != nil)
            }
        }
        #expect(accepted > 100)
    }

    @Test func deepNestingIsRefused() {
        let deep = String(repeating: "[", count: 100_000)
        #expect(throws: CassetteError.self) {
            try Self.parse(standardHeader + "\n" + #"{"n":1,"request":{"method":"GET","path":"/","body":\#(deep)"# + "\n")
        }
    }

    @Test func nothingIsThere() {
        #expect(throws: CassetteError.self) { try CassetteReader.read("/nonexistent/folder/") }
        do {
            _ = try CassetteReader.read("/nonexistent/folder/")
        } catch {
            #expect(error.description == "/nonexistent/folder/cassette.jsonl: cannot be read: No such file or directory")
        }
    }
}
