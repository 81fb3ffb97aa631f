import Cassettes
import HTTPTypes
import JSON
import TestSupport
import Testing

@Suite struct RedactorTests {
    static let hex32 = "0123456789abcdef0123456789abcdef"
    static let jwt = "eyJhbGciOiJSUzI1NiIsInR5cCI6IkpXVCJ9.eyJzdWIiOiJtZSIsImV4cCI6MTczNTY4OTYwMH0.c2lnbmF0dXJlLXNpZ25hdHVyZQ"

    @Test(arguments: Plant.all)
    func plantedSecretsDoNotReachTheDisk(_ plant: Plant) async throws {
        let folder = try TemporaryFolder()
        let writer = try CassetteWriter(folder: folder.path, mode: .once, header: .recording(at: "2026-01-01T00:00:00Z"), redactor: Redactor())
        try writer.append(plant.exchange)
        writer.finish()
        let written = text(try folder.everything())
        #expect(!written.contains(plant.secret), "\(written)")
        // What was written is a cassette, and its check finds nothing.
        let cassette = try CassetteReader.read(folder.path)
        #expect(cassette.exchanges.count == 1)
        #expect(CassetteTools.check(cassette, source: try folder.read("cassette.jsonl"), files: []).filter { $0.severity == .error } == [])
    }

    /// The check finds each of them in a cassette that was written by hand, or at least does not pass it as clean.
    @Test func checkFindsSecretsOfOthers() throws {
        for (answer, kind) in [
            (#"{"a":"dapi\#(Self.hex32)"}"#, "TOKEN"), (#"{"access_token":"abc"}"#, "response body, $.access_token: holds a secret (TOKEN)"),
            (#"{"u":"https://b?X-Amz-Signature=0123456789abcdef"}"#, "SIGNATURE"),
        ] {
            let bad = try cassette([line(1, "GET", "/x", answer: answer)])
            let findings = CassetteTools.check(bad, source: CassetteTools.format(bad), files: [])
            #expect(findings.map(\.severity) == [.error])
            #expect(findings.first?.place == "c/cassette.jsonl:2")
            #expect(findings.first?.message.contains(kind) == true)
        }
    }

    @Test func harmlessThingsStay() {
        let redactor = Redactor()
        for body in [
            #"{"next_page_token":"eyJvZmZzZXQiOjEwMH0=","page_token":"abc","token_id":"t1","token_type":"Bearer","token_endpoint":"https://h/oidc/v1/token"}"#,
            #"{"idempotency_token":"5e3c","consistency_token":"x","max_tokens":5,"prompt_tokens":12,"secrets":[{"key":"k","last_updated_timestamp":1}]}"#,
            #"{"message":"Invalid access token.","error_code":403}"#, #"{"statement":"SELECT 'password' AS c, token FROM t WHERE sig = 1"}"#,
            #"{"description":"bearer token and basic authentication are supported"}"#,
            #"{"name":"secret","value":1,"access_token":null,"password":""}"#,
            #"{"conf":{"spark.databricks.secret.enabled":true}}"#, #"{"path":"dbfs:/a:b@c","url":"https://host:443/a@b"}"#,
        ] {
            let value = try? JSONValue(parsing: Array(body.utf8))
            #expect(value.map { redactor.json($0, operation: nil) } == value, "\(body)")
        }
        #expect(redactor.query("max_results=5&page_token=abc&x=%20") == "max_results=5&page_token=abc&x=%20")
        #expect(redactor.text("Bearer realm=\"DatabricksRealm\"") == "Bearer realm=\"DatabricksRealm\"")
        #expect(redactor.text("password must not be empty") == "password must not be empty")
    }

    /// Statements with an option's value behind a sign too many, a comment or a line's end, and in several literals.
    @Test(arguments: [
        "OPTIONS (password = = 'hunter2')", "OPTIONS (password == \"hunter2\")", "OPTIONS ('password' :\n 'hunter2')", "password = > 'hunter2'",
        "password\n'hunter2'", "password /* of h */ 'hunter2'", "password --x\n= 'hunter2'", "password--x\n'hunter2'",
        "password = r'hunter2'", "password 'x' 'hunter2'", "password 'x''hunter2'", "`client_secret` = = \n'hunter2'",
        #"{\"statement\":\"OPTIONS (password = =\\n'hunter2')\"}"#,
    ])
    func valuesOfOptionsAreHidden(statement: String) {
        #expect(!Redactor().text(statement).contains("hunter2"))
        #expect(!Redactor().json(["statement": .string(statement)], operation: nil).text.contains("hunter2"))
        // A document that cannot be parsed.
        #expect(!Redactor().text(JSONValue.string(statement).text.dropLast() + "").contains("hunter2"))
    }

    @Test(arguments: ["password:\nnext line", "the password is wrong -- 'x'", "tokens = = 'x'", "user 'u', port '1'"])
    func otherTextStays(text: String) { #expect(Redactor().text(text) == text) }

    @Test func equalValuesStayEqual() throws {
        let redactor = Redactor()
        let link = "https://b.s3.amazonaws.com/k?X-Amz-Signature=0123456789abcdef&a=1"
        let first = redactor.json(["external_link": .string(link)], operation: nil)
        #expect(first == ["external_link": "https://b.s3.amazonaws.com/k?X-Amz-Signature=REDACTED_SIGNATURE_1&a=1"])
        #expect(redactor.query("X-Amz-Signature=0123456789abcdef&a=1") == "X-Amz-Signature=REDACTED_SIGNATURE_1&a=1")
        #expect(redactor.query("X-Amz-Signature=fedcba9876543210&a=1") == "X-Amz-Signature=REDACTED_SIGNATURE_2&a=1")
        #expect(redactor.json(["token_value": "dapi1"], operation: nil) == ["token_value": "REDACTED_TOKEN_1"])
        #expect(redactor.json(["access_token": .string(Self.jwt)], operation: nil) == ["access_token": "REDACTED_JWT_1"])
        #expect(redactor.headers([.authorization: "Bearer abc.def-123"])[.authorization] == "Bearer REDACTED_TOKEN_2")
        #expect(redactor.headers([.cookie: "a=b", .accept: "*/*"])[.accept] == "*/*")
    }

    @Test func binaryBodiesKeepTheirLength() throws {
        let redactor = Redactor()
        let body = [0, 1, 255] + Array("https://b?X-Amz-Signature=0123456789abcdef0123456789abcdef".utf8) + [0, 0, 7]
        let exchange = try redactor.exchange(
            RawExchange(
                operation: nil, method: "POST", path: "/thrift", requestBody: body, status: 200, responseBody: body))
        #expect(exchange.response.body.bytes.count == body.count)
        #expect(text(exchange.response.body.bytes.dropFirst(3).dropLast(3)) == "https://b?X-Amz-Signature=REDACTED_SIGNATURE_1____________")
    }

    @Test func hostsOfTheUpstreamAreNotStored() throws {
        let redactor = Redactor(upstreamHosts: ["staging.example.com", "staging.example.com:8443"])
        let exchange = try redactor.exchange(.call(answer: #"{"a":"https://staging.example.com/oidc","b":"https:\/\/staging.example.com:8443\/x"}"#))
        #expect(text(exchange.response.body.bytes) == #"{"a":"https://REDACTED/oidc","b":"https://REDACTED/x"}"#)
    }

    @Test func redactionFiles() throws {
        let rules = try RedactionRules(
            parsing:
                "# who\nfield national_id\npath $.owner.email   # and this\nquery customer\nheader X-Trace\ntext Project Nightingale\nprefix acme_tok_\n",
            file: "r")
        let redactor = Redactor(rules)
        let exchange = try redactor.exchange(
            .call(
                query: "customer=me&x=1",
                body: #"{"a":{"national_id":"AB12"},"owner":{"email":"a@b.c","name":"n"},"t":"in Project Nightingale: acme_tok_zzz"}"#,
                responseHeaders: [.eTag: "acme_tok_1", .init("x-trace")!: "1"]))
        #expect(exchange.request.query == "customer=REDACTED_NAMED_5&x=1")
        #expect(
            text(exchange.request.body.bytes)
                == #"{"a":{"national_id":"REDACTED_NAMED_2"},"owner":{"email":"REDACTED_NAMED_1","name":"n"},"t":"in REDACTED_NAMED_3: REDACTED_NAMED_4"}"#
        )
        #expect(exchange.response.headers == [.eTag: "REDACTED_NAMED_6"])
        for (bad, hint) in [("field", "r:1"), ("\nfoo bar", "r:2: unknown rule 'foo'"), ("path x", "not a JSON path"), ("prefix a", "3 characters")] {
            do {
                _ = try RedactionRules(parsing: bad, file: "r")
                Issue.record("accepted: \(bad)")
            } catch {
                #expect(error.description.contains(hint))
            }
        }
    }

    @Test func whatSurvivesStopsTheRecording() async throws {
        let folder = try TemporaryFolder()
        let writer = try CassetteWriter(folder: folder.path, mode: .once, header: .recording(at: "t"), redactor: Redactor())
        try writer.append(.call())
        // A token behind percent escapes, which no rule undoes.
        let sly = "dapi" + String(repeating: "%61", count: 32)
        #expect(throws: CassetteError.self) { try writer.append(.call("POST", "/y", answer: #"{"x":"\#(sly)"}"#)) }
        #expect(throws: CassetteError.self) { try writer.append(.call()) }
        let reason = writer.stopReason?.description ?? ""
        #expect(reason.contains("TOKEN") && reason.contains("POST /y") && !reason.contains(sly))
        writer.finish()
        #expect(try CassetteReader.read(folder.path).exchanges.count == 1)
        #expect(!text(try folder.everything()).contains("%61%61"))
    }

    @Test func madeUpValuesAreWellFormed() throws {
        let recorded = try cassette([
            line(1, "POST", "/oidc/v1/token", answer: #"{"access_token":"REDACTED_JWT_1","refresh_token":"REDACTED_TOKEN_2"}"#),
            line(
                2, "GET", "/k", query: "X-Amz-Signature=REDACTED_SIGNATURE_1",
                answer: #"{"s":"REDACTED_SECRET_1","v":"REDACTED_VALUE_12","u":"REDACTED_NOTHING_1 REDACTED_"}"#),
        ])
        let index = ReplayIndex([recorded])
        guard case .hit(let token) = index.next(ReplayRequest(method: "POST", path: "/oidc/v1/token")),
            case .hit(let other) = index.next(ReplayRequest(method: "GET", path: "/k", query: "X-Amz-Signature=whatever-the-client-has"))
        else {
            Issue.record("no hits")
            return
        }
        let answer = try JSONValue(parsing: Array(token.storedBody))
        let jwt = try #require(answer["access_token"]?.stringValue)
        #expect(jwt.hasPrefix("eyJ") && jwt.split(separator: ".").count == 3)
        let refresh = try #require(answer["refresh_token"]?.stringValue)
        #expect(refresh.hasPrefix("dapi") && refresh.utf8.count == 36)
        let rest = try JSONValue(parsing: Array(other.storedBody))
        #expect(rest["s"]?.stringValue?.hasPrefix("dose") == true)
        #expect(rest["v"] == "bWFkZS11cCB2YWx1ZSAxMg==")
        #expect(rest["u"] == "REDACTED_NOTHING_1 REDACTED_")
        // The same placeholder is the same value wherever it stands.
        guard case .hit(let again) = ReplayIndex([recorded]).next(ReplayRequest(method: "POST", path: "/oidc/v1/token")) else { return }
        #expect(again.storedBody == token.storedBody)
    }

    /// Any text goes through without a trap, twice gives the same, and nothing that was planted comes out.
    @Test func fuzz() {
        var random = SeededRandom(seed: 21)
        let pieces = [
            "password", "=", ":", "\"", "'", "\\", " ", "&", "Bearer ", "dapi", Self.hex32, "eyJ", ".", "X-Amz-Signature=", "://u:", "@", "\n", "é",
            "\u{0}", "{", "}", "-----BEGIN ", "PRIVATE KEY-----", "REDACTED_TOKEN_1", "%3D", "aGVsbG8gd29ybGQ=",
        ]
        for _ in 0..<4000 {
            let text = (0..<Int.random(in: 0...14, using: &random)).map { _ in pieces.randomElement(using: &random) ?? "" }.joined()
            let redactor = Redactor()
            let once = redactor.text(text + " dapi\(Self.hex32)")
            #expect(!once.contains("dapi\(Self.hex32)"), "\(text)")
            #expect(redactor.text(once) == once, "\(text)")
            _ = redactor.query(text)
            _ = redactor.json(["a": .string(text)], operation: nil)
        }
    }
}
