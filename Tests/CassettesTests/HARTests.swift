import Cassettes
import Foundation
import HTTPTypes
import JSON
import TestSupport
import Testing

@Suite struct HARTests {
    static func read(_ text: String, file: String = "x.har", _ options: CassetteImport.Options = .init()) throws -> CassetteImport.Result {
        try CassetteImport.parse(Array(text.utf8), file: file, name: "c", options)
    }

    static func base64(_ bytes: [UInt8]) -> String { Data(bytes).base64EncodedString() }

    private static func lines(_ result: CassetteImport.Result) -> [String] { result.cassette.exchanges.map { text(CassetteFormat.line($0)) } }

    /// As Chrome saves it: HTTP/2's own fields, base64, a body whose encoding is undone already.
    static let chrome = #"""
        {"log":{"version":"1.2","creator":{"name":"WebInspector","version":"537.36"},"pages":[],"entries":[
        {"_initiator":{"type":"script"},"_priority":"High","_resourceType":"fetch","cache":{},"connection":"443",
         "request":{"method":"GET","url":"https://adb-1.2.azuredatabricks.net/api/2.0/clusters/list?page_size=2&x=a%20b#frag","httpVersion":"h2",
          "headers":[{"name":":authority","value":"adb-1.2.azuredatabricks.net"},{"name":"authorization","value":"Bearer opaque-caller-token"}],
          "queryString":[{"name":"page_size","value":"2"}],"cookies":[{"name":"s","value":"cookie-1"}],"headersSize":-1,"bodySize":0},
         "response":{"status":200,"statusText":"","httpVersion":"h2","headers":[{"name":"content-encoding","value":"br"},{"name":"content-type","value":"application/json"},
          {"name":"set-cookie","value":"a=1\nb=2"}],"cookies":[],"content":{"size":28,"mimeType":"application/json","text":"{\"you\":\"opaque-caller-token\"}"},
          "redirectURL":"","headersSize":-1,"bodySize":-1,"_transferSize":500},
         "startedDateTime":"2026-03-04T05:06:07.000Z","time":41.7,"timings":{"send":0.1,"wait":40,"receive":1}},
        {"request":{"method":"POST","url":"https://adb-1.2.azuredatabricks.net/api/2.1/jobs/create","headers":[{"name":"content-type","value":"application/json"}],
          "postData":{"mimeType":"application/json","text":"{\"name\":\"é\"}"}},
         "response":{"status":200,"headers":[],"content":{"size":3,"mimeType":"application/octet-stream","encoding":"base64","text":"AAEC"}},"time":-1},
        {"request":{"method":"GET","url":"https://b.s3.amazonaws.com/k?X-Amz-Signature=0123456789abcdef","headers":[]},
         "response":{"status":204,"headers":[],"content":{"size":0,"mimeType":"x-unknown"}},"time":2}]}}
        """#

    @Test func chromesArchives() throws {
        let result = try Self.read(Self.chrome)
        #expect(result.problems == [])
        #expect(result.cassette.header.recorded == "2026-03-04T05:06:07.000Z")
        #expect(
            Self.lines(result)[0]
                == #"{"n":1,"request":{"method":"GET","path":"/api/2.0/clusters/list","query":"page_size=2&x=a%20b"},"response":{"status":200,"headers":{"content-type":"application/json"},"body":{"you":"REDACTED_TOKEN_1"}},"ms":42}"#
        )
        #expect(result.cassette.exchanges[1].response.body.bytes == [0, 1, 2])
        #expect(text(result.cassette.exchanges[1].request.body.bytes) == #"{"name":"é"}"#)
        #expect(result.cassette.exchanges[1].milliseconds == nil)
        #expect(
            Self.lines(result)[2]
                == #"{"n":3,"request":{"method":"GET","path":"/k","query":"X-Amz-Signature=REDACTED_SIGNATURE_1","host":"b.s3.amazonaws.com"},"response":{"status":204},"ms":2}"#
        )
    }

    /// As mitmproxy saves it: forms by their text and their fields, bytes as lone surrogates, a request without an answer.
    @Test func mitmproxysArchives() throws {
        let result = try Self.read(
            #"""
            {"log":{"version":"1.2","creator":{"name":"mitmproxy exporthar","version":"0.1","comment":"mitmproxy version 11.0.0"},"pages":[],"entries":[
            {"startedDateTime":"2026-01-01T00:00:00+00:00","time":12.4,"request":{"method":"POST","url":"http://127.0.0.1:9/oidc/v1/token","cookies":[],
              "headers":[{"name":"Content-Type","value":"application/x-www-form-urlencoded"}],"queryString":[],"headersSize":4,"bodySize":40,
              "postData":{"mimeType":"application/x-www-form-urlencoded","text":"grant_type=client_credentials&client_secret=planted-secret",
               "params":[{"name":"grant_type","value":"client_credentials"}]}},
             "response":{"status":200,"headers":[{"name":"Content-Type","value":"application/json"}],
              "content":{"size":3,"compression":0,"mimeType":"application/json","text":"{\"access_token\":\"planted-access\"}"},"bodySize":3}},
            {"time":1,"request":{"method":"POST","url":"http://127.0.0.1:9/sql/1.0/endpoints/a","headers":[{"name":"Content-Type","value":"application/x-thrift"}],
              "postData":{"mimeType":"application/x-thrift","text":"\udc80\u0001\\udc80é\ud83d\ude00\udcff","params":[]}},
             "response":{"status":200,"headers":[],"content":{"size":2,"mimeType":"application/x-thrift","text":"gAE=","encoding":"base64"}}},
            {"time":1,"request":{"method":"GET","url":"http://127.0.0.1:9/x","headers":[]},
             "response":{"status":0,"statusText":"","headers":[],"content":{},"_error":"connection refused"}}]}}
            """#)
        #expect(
            result.problems.map(\.description)
                == ["x.har: $.log.entries[2].response.status: the request got no answer: connection refused"])
        let exchanges = result.cassette.exchanges
        #expect(exchanges.count == 2)
        #expect(text(exchanges[0].request.body.bytes) == "grant_type=client_credentials&client_secret=REDACTED_SECRET_1")
        #expect(text(exchanges[0].response.body.bytes) == #"{"access_token":"REDACTED_TOKEN_1"}"#)
        #expect(Array(exchanges[1].request.body.bytes) == [0x80, 1] + Array("\\udc80é😀".utf8) + [0xFF])
        #expect(exchanges[1].response.body.bytes == [0x80, 1])
        #expect(exchanges[1].request.host == nil)
    }

    /// A secret is replaced also in exchanges before the one that tells that it is a secret.
    @Test func secretsAreLearnedFromTheWholeFile() throws {
        func entry(_ answer: String) -> String {
            #"{"request":{"method":"GET","url":"https://h/api/x"},"response":{"status":200,"content":{"size":1,"mimeType":"application/json","text":"\#(answer)"}}}"#
        }
        let entries = [entry(#"{\"a\":\"unshaped-token-9\"}"#), entry(#"{\"token_value\":\"unshaped-token-9\"}"#)].joined(separator: ",")
        let result = try Self.read(#"{"log":{"entries":[\#(entries)]}}"#)
        #expect(
            result.cassette.exchanges.map { text($0.response.body.bytes) } == [#"{"a":"REDACTED_TOKEN_1"}"#, #"{"token_value":"REDACTED_TOKEN_1"}"#])
    }

    @Test(arguments: [
        (#""url":"ws://h/x","method":"GET""#, #""status":200"#, "$.log.entries[0].request.url: is no http or https link"),
        (#""url":"https://h/x","method":"CONNECT""#, #""status":200"#, "$.log.entries[0].request.method: the method CONNECT cannot be replayed"),
        (#""url":"https://h/x","method":"GET""#, #""status":101"#, "$.log.entries[0].response.status: a connection that was taken over"),
        (#""url":"https://h/x","method":"GET""#, #""status":"200""#, "$.log.entries[0].response.status: expected an HTTP status"),
        (
            #""url":"https://h/x","method":"GET""#, #""content":{"size":5,"mimeType":"x"},"status":200"#,
            "$.log.entries[0].response.content: the answer's body (5 bytes) is not in the file"
        ),
        (
            #""url":"https://h/x","method":"GET""#, #""content":{"text":"%%","encoding":"base64"},"status":200"#,
            "$.log.entries[0].response.content.text: is no base64"
        ),
        (#""url":"https://h/x","method":"GET""#, #""content":{"text":"a","encoding":"rot13"},"status":200"#, "the encoding rot13 is not known"),
        (
            #""url":"https://h/x","method":"GET""#, #""content":{"text":"\ufffd\ufffd","mimeType":"application/x-thrift"},"status":200"#,
            "its bytes are lost"
        ),
        (
            #""url":"https://h/x","method":"GET""#, #""headers":[{"name":"a b","value":"c"}],"status":200"#,
            "$.log.entries[0].response.headers[0]: 'a b' is no header's name"
        ),
        (
            #""url":"https://h/x","method":"POST","bodySize":7"#, #""status":200"#,
            "$.log.entries[0].request: the request's body (7 bytes) is not in the file"
        ),
        (#""url":"https://h/x""#, #""status":200"#, "$.log.entries[0].request: the member 'method' is missing"),
    ])
    func whatCannotBeRepresentedIsNamed(_ request: String, _ response: String, _ message: String) throws {
        let result = try Self.read(#"{"log":{"entries":[{"request":{\#(request)},"response":{\#(response)}}]}}"#)
        #expect(result.cassette.exchanges.isEmpty)
        #expect(result.problems.count == 1 && result.problems[0].description.contains("x.har: \(message.hasPrefix("$") ? message : "")"))
        #expect(result.problems[0].description.contains(message))
    }

    @Test(arguments: [
        ("{}", "x.har: no HTTP archive: $: the member 'log' is missing"), ("{\n{", "x.har:2: not JSON: "),
        (#"{"log":{"entries":{}}}"#, "x.har: no HTTP archive: $.log.entries: expected a list"),
    ])
    func otherFilesAreRefused(_ file: String, _ message: String) throws {
        do {
            _ = try Self.read(file)
            Issue.record("accepted \(file)")
        } catch let error as CassetteError {
            #expect(error.description.hasPrefix(message), "\(error)")
        }
    }

    @Test func exportsComeBack() throws {
        let original = try cassette([
            #"{"n":1,"operation":"sql.warehouses.start","request":{"method":"POST","path":"/api/2.0/sql/warehouses/abc/start","query":"a=1&b=%20","body":{}},"response":{"status":200,"headers":{"content-type":"application/json"},"body":{"t":"REDACTED_TOKEN_1"}},"ms":412}"#,
            #"{"n":2,"request":{"method":"PUT","path":"/api/2.0/fs/files/x","headers":{"content-type":"text/csv"},"text":"a,b\n"},"response":{"status":204},"ms":0}"#,
            #"{"n":3,"request":{"method":"GET","path":"/k","host":"b.s3.amazonaws.com"},"response":{"status":404,"headers":{"content-type":"text/plain"},"text":"né"},"ms":3}"#,
        ])
        var binary = original
        binary.exchanges.append(
            Exchange(
                number: 4, operation: nil, request: RecordedRequest(method: "GET", path: "/sql/b"),
                response: RecordedResponse(status: 200, body: .file(name: BodyPolicy.name(of: [0, 255]), bytes: [0, 255])), milliseconds: 7))
        let document = HARExport.document(binary, version: "0")
        #expect(
            document["log"]?["entries"]?[3]?["response"]?["content"] == [
                "size": 2, "mimeType": "application/octet-stream", "text": "AP8=", "encoding": "base64",
            ])
        #expect(document["log"]?["entries"]?[0]?["request"]?["url"] == "https://REDACTED/api/2.0/sql/warehouses/abc/start?a=1&b=%20")
        var options = CassetteImport.Options()
        options.operation = { _, path in path.hasSuffix("/start") ? "sql.warehouses.start" : nil }
        let result = try Self.read(document.text, options)
        #expect(result.problems == [] && result.notes == [])
        #expect(Self.lines(result) == binary.exchanges.map { text(CassetteFormat.line($0)) })
        // And once more, to the same file.
        #expect(HARExport.document(result.cassette, version: "0")["log"]?["entries"]?[2] == document["log"]?["entries"]?[2])
    }

    @Test func compressedBodies() throws {
        // `python3 -c "import gzip,base64;print(base64.b64encode(gzip.compress(b'{\"a\":1}'*3,mtime=0)))"` and zlib.compress.
        for (encoding, body) in [("gzip", "H4sIAAAAAAACA6tWSlSyMqytRqEAEILcDBUAAAA="), ("deflate", "eJyrVkpUsjKsrUahAEMmBhk=")] {
            let result = try Self.read(
                #"{"log":{"entries":[{"request":{"method":"GET","url":"https://h/x"},"response":{"status":200,"headers":[{"name":"Content-Encoding","value":"\#(encoding)"}],"content":{"size":1,"text":"\#(body)","encoding":"base64"}}}]}}"#
            )
            #expect(result.cassette.exchanges.map { text($0.response.body.bytes) } == [#"{"a":1}{"a":1}{"a":1}"#], "\(result.problems)")
        }
    }

    /// Damaged archives are refused or read, and never crash.
    @Test func fuzz() {
        var random = SeededRandom(seed: 5)
        let base = Array(Self.chrome.utf8)
        for _ in 0..<300 { _ = try? CassetteImport.parse(Mutation.of(base, &random), file: "x.har", name: "c") }
    }
}
