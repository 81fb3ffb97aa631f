import Cassettes
import HTTPTypes
import JSON
import TestSupport
import Testing

@Suite struct VCRTests {
    private static func read(_ text: String, file: String = "x.yaml") throws -> CassetteImport.Result { try HARTests.read(text, file: file) }

    /// As VCR.py writes it: folded texts, escapes, bytes, a body that is compressed and one whose header only says so.
    private static let example = #"""
        interactions:
        - request:
            body: null
            headers:
              Accept: ['*/*']
              Authorization:
              - Bearer opaque-caller-token
            method: GET
            uri: http://127.0.0.1:37959/api/2.0/clusters/list?a=b+c&page_token=x
          response:
            body:
              string: '{"state":"RUNNING","you":"opaque-caller-token"}'
            headers:
              Content-Type:
              - application/json
              Date: ['Sat, 21 Nov 2026 06:52:48 GMT']
            status:
              code: 200
              message: OK
        - request:
            body: grant_type=client_credentials&client_secret=planted-secret
            headers:
              Content-Type:
              - application/x-www-form-urlencoded
            method: POST
            uri: http://127.0.0.1:37959/oidc/v1/token
          response:
            body:
              string: "{\"zipped\":\"\xE9\",\"token_value\":\"secret-thing-1\"}"
            headers:
              Content-Encoding:
              - gzip
            status:
              code: 201
              message: Created
        - request:
            body: !!binary |
              AP/+
            headers: {}
            method: POST
            uri: https://storage.example.com/up
          response:
            body:
              string: !!binary |
                H4sIAAAAAAACA6tWSlSyMqytRqEAEILcDBUAAAA=
            headers:
              content-encoding:
              - gzip
            status: {code: 200, message: OK}
        version: 1

        """#

    @Test func cassettesOfPython() throws {
        let result = try Self.read(Self.example)
        #expect(result.problems == [] && result.notes == [])
        #expect(
            result.cassette.exchanges.map { text(CassetteFormat.line($0)) } == [
                #"{"n":1,"request":{"method":"GET","path":"/api/2.0/clusters/list","query":"a=b+c&page_token=x"},"response":{"status":200,"headers":{"content-type":"application/json"},"body":{"state":"RUNNING","you":"REDACTED_TOKEN_1"}}}"#,
                #"{"n":2,"request":{"method":"POST","path":"/oidc/v1/token","headers":{"content-type":"application/x-www-form-urlencoded"},"text":"grant_type=client_credentials&client_secret=REDACTED_SECRET_1"},"response":{"status":201,"body":{"zipped":"é","token_value":"REDACTED_TOKEN_2"}}}"#,
                #"{"n":3,"request":{"method":"POST","path":"/up","host":"storage.example.com","file":"bodies/a30c8acc2d7d12f8e06e1c11c0f4bb50dd6e4b7a32b8ebd2d26c5e40b0b6c4d7"},"response":{"status":200,"text":"{\"a\":1}{\"a\":1}{\"a\":1}"}}"#
                    .replacing("a30c8acc2d7d12f8e06e1c11c0f4bb50dd6e4b7a32b8ebd2d26c5e40b0b6c4d7", with: BodyPolicy.name(of: [0, 0xFF, 0xFE])),
            ])
    }

    /// The serializer for JSON, and Ruby's VCR.
    @Test func otherSpellings() throws {
        let json = try Self.read(
            #"{"version":1,"interactions":[{"request":{"method":"GET","uri":"https://h/api/x","body":null,"headers":{}},"response":{"status":{"code":200,"message":"OK"},"headers":{"A":["b"]},"body":{"string":"😀\ud83d\ude00"}}}]}"#,
            file: "x.json")
        #expect(json.cassette.exchanges.map { text($0.response.body.bytes) } == ["😀😀"])
        let ruby = try Self.read(
            """
            ---
            http_interactions:
            - request:
                method: get
                uri: https://h/api/x
                body:
                  encoding: US-ASCII
                  string: ''
                headers: {}
              response:
                status:
                  code: 200
                  message: OK
                headers:
                  Content-Type:
                  - text/plain
                body:
                  encoding: ASCII-8BIT
                  base64_string: |
                    AAEC
              recorded_at: Mon, 01 Jan 2026 00:00:00 GMT
            recorded_with: VCR 6.1.0
            """)
        #expect(ruby.cassette.exchanges.map { Array($0.response.body.bytes) } == [[0, 1, 2]])
        #expect(ruby.cassette.exchanges.map(\.request.method) == ["GET"])
        #expect(ruby.cassette.header.recorded == "Mon, 01 Jan 2026 00:00:00 GMT")
    }

    @Test func whatCannotBeRepresentedIsNamed() throws {
        let result = try Self.read(
            """
            interactions:
            - request: {method: GET, uri: 'ftp://h/x'}
              response: {status: {code: 200}}
            - request:
                method: POST
                uri: https://h/x
                body: !!python/object/new:_io.BytesIO
                  state: !!python/tuple [a, 0, null]
              response: {status: {code: 200}}
            - request: {method: GET, uri: 'https://h/x'}
              response:
                status: {code: 99}
            - request: {method: GET, uri: 'https://h/x'}
              response:
                status: {code: 200}
                headers: {Content-Encoding: [gzip]}
                body: {string: !!binary "H4sIAAAAAAACAw=="}
            - {}
            - request: {method: GET, uri: 'https://h/x'}
              response:
                status: {code: 200}
                body: {string: [1]}
            """)
        #expect(
            result.problems.map(\.description) == [
                "x.yaml: line 2: 'uri' is no http or https link",
                "x.yaml: line 7: a body must be a text or bytes, not 'tag:yaml.org,2002:python/object/new:_io.BytesIO'",
                "x.yaml: line 12: 'status.code' is missing or no HTTP status", "x.yaml: line 13: the compressed body is cut off",
                "x.yaml: line 18: expected the keys 'request' and 'response'", "x.yaml: line 22: a body must be a text or bytes",
            ])
    }

    @Test(arguments: [
        ("a: [", "x.yaml:2: not YAML: "), ("a: 1", "x.yaml: no cassette of VCR: expected the key 'interactions'"),
        ("interactions: 1", "x.yaml:1: expected a list of interactions"), ("", "x.yaml:1: the file is empty"),
        ("interactions:\n- request:\n    body: !!binary '%%'", "x.yaml:3: is no base64"), ("? [a]\n: b", "x.yaml:1: a key must be a text"),
        ("- a: 1\n  a: 2", "x.yaml:1: not YAML: the key 'a' stands twice"),
    ])
    func otherFilesAreRefused(_ file: String, _ message: String) throws {
        do {
            _ = try Self.read(file)
            Issue.record("accepted \(file)")
        } catch let error as CassetteError {
            #expect(error.description.hasPrefix(message), "\(error)")
        }
    }

    @Test func fuzz() {
        var random = SeededRandom(seed: 6)
        let base = Array(Self.example.utf8)
        let pieces = ["!!binary ", "- ", ": ", "'", "\"", "|\n", "&a ", "*a", "{", "[", "%", "\t", "\u{85}", "? "]
        for _ in 0..<150 { _ = try? CassetteImport.parse(Mutation.of(base, &random, pieces: pieces), file: "x.yaml", name: "c") }
        // Aliases of aliases stay small, whatever they stand for.
        let bomb =
            "a: &a [x,x,x,x,x,x,x,x,x]\n"
            + (1...9).map {
                "\("abcdefghij".dropFirst($0).prefix(1)): &\("abcdefghij".dropFirst($0).prefix(1)) [*\("abcdefghij".dropFirst($0 - 1).prefix(1)),*\("abcdefghij".dropFirst($0 - 1).prefix(1))]\n"
            }.joined()
        _ = try? CassetteImport.parse(Array(bomb.utf8), file: "x.yaml", name: "c")
    }

    /// Damaged compressed bodies are named.
    @Test func damagedCompression() {
        var random = SeededRandom(seed: 7)
        let gzip: [UInt8] = [
            0x1F, 0x8B, 8, 0, 0, 0, 0, 0, 2, 3, 0xAB, 0x56, 0x4A, 0x54, 0xB2, 0x32, 0xAC, 0xAD, 0x46, 0xA1, 0x00, 0x10, 0x82, 0xDC, 0x0C, 0x15, 0, 0,
            0,
        ]
        var read = 0
        for _ in 0..<400 {
            let body = JSONValue.string(HARTests.base64(Mutation.of(gzip, &random, pieces: ["\u{0}", "~", "AB"]))).text
            let file =
                #"{"log":{"entries":[{"request":{"method":"GET","url":"https://h/x"},"response":{"status":200,"headers":[{"name":"content-encoding","value":"gzip"}],"content":{"size":1,"text":\#(body),"encoding":"base64"}}}]}}"#
            guard let result = try? HARTests.read(file) else { continue }
            read += result.cassette.exchanges.count + result.problems.count
        }
        #expect(read == 400)
    }
}
