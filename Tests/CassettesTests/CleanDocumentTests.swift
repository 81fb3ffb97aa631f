import Cassettes
import HTTPTypes
import JSON
import TestSupport
import Testing

/// Documents without secrets are stored as they came, without a walk through their tree. Rules for names keep a redactor from this short way, so that both
/// ways can be compared.
@Suite struct CleanDocumentTests {
    private static func redactors() -> (short: Redactor, long: Redactor) {
        var rules = RedactionRules()
        rules.fields = ["no such name"]
        return (Redactor(upstreamHosts: ["up.example.com"]), Redactor(rules, upstreamHosts: ["up.example.com"]))
    }

    private static func line(_ redactor: Redactor, _ raw: RawExchange) -> String {
        do {
            return text(CassetteFormat.line(try redactor.exchange(raw)))
        } catch {
            return "\(error)"
        }
    }

    @Test(arguments: Plant.all)
    func bothWaysStoreTheSameOfPlants(_ plant: Plant) {
        let (short, long) = Self.redactors()
        #expect(Self.line(short, plant.exchange) == Self.line(long, plant.exchange))
    }

    private static let names = [
        "a", "name", "key", "value", "password", "token", "next_page_token", "secrets", "slack", "url", "spark_env_vars", "variables", "env_vars",
        "comment", "type_json", "client_secret", "max_tokens", "id", "spark.hadoop.fs.azure.account.key", "statement", "a=b", "AKIAIOSFODNN7EXAMPLE",
        "a rather long name that is no secret at all", "webhook", "tags",
    ]
    private static let texts = [
        "", "x", "main", "0.5", "s3://bucket/a/b", "password", "a = 1", "password=hunter22", "https://u:pw@h/", "up.example.com", "hunter2hunter2",
        "dapi0123456789abcdef0123456789abcdef", #"{\"a\":1}"#, #"{\"password\":\"inner-pw-1\"}"#, #"{\"a\":\"{\\\"token\\\":\\\"deep-pw-1\\\"}\"}"#,
        #"[ERROR] no"#, #"[1,2]"#, #"tab\tand\nline"#, #"\/"#, #"\u003c"#, "ä€😀", "sig=0123456789abcdef", "Bearer abcdefgh1",
        "ZGFwaTAxMjM0NTY3ODlhYmNkZWYwMTIzNDU2Nzg5YWJjZGVm", "f3b1c8a0-0c5d-4a43-9ffb-2a0d3f6f5a11", "SELECT 'it''s' AS a WHERE token = 1",
        "true", "{{secrets/a/b}}", "REDACTED_TOKEN_1", #"{\"name\":\"id\",\"type\":\"long\",\"nullable\":true,\"metadata\":{}}"#,
    ]
    private static let numbers = ["0", "-1", "1.50", "1e5", "12345678901", "0.25E-3"]

    private static func document(_ depth: Int, _ random: inout SeededRandom) -> String {
        let gap = Int.random(in: 0..<40, using: &random) == 0 ? " " : ""
        switch Int.random(in: 0..<(depth > 0 ? 7 : 4), using: &random) {
        case 0: return ["true", "false", "null"].randomElement(using: &random) ?? ""
        case 1: return numbers.randomElement(using: &random) ?? ""
        case 2, 3: return "\"\(texts.randomElement(using: &random) ?? "")\""
        case 4: return "[" + (0..<Int.random(in: 0...3, using: &random)).map { _ in document(depth - 1, &random) }.joined(separator: "," + gap) + "]"
        default:
            let members = (0..<Int.random(in: 0...4, using: &random)).map { _ in
                "\"\(names.randomElement(using: &random) ?? "")\":\(gap)\(document(depth - 1, &random))"
            }
            return "{" + members.joined(separator: ",") + "}"
        }
    }

    @Test func bothWaysStoreTheSame() {
        var random = SeededRandom(seed: 20_261_121)
        var kept = 0
        for _ in 0..<600 {
            let (short, long) = Self.redactors()
            let operation = Bool.random(using: &random) ? nil : "secrets.getSecret"
            // What one exchange tells is known in the next.
            for _ in 0..<2 {
                var answer = Array(Self.document(4, &random).utf8)
                if Int.random(in: 0..<4, using: &random) == 0 { answer = Mutation.of(answer, &random) }
                let raw = RawExchange.call(operation: operation, body: Self.document(2, &random), answer: text(answer))
                let line = Self.line(short, raw)
                #expect(line == Self.line(long, raw), "\(text(answer))")
                if !line.contains("REDACTED") { kept += 1 }
            }
        }
        // Both ways were gone.
        #expect((120..<1100).contains(kept), "\(kept)")
    }

    @Test func secretsThatAreJSONAreReplaced() throws {
        for secret in ["[1,2,3,4,5,6,7,8]", #"{"a":1,"b":[2,3]}"#, "-12345678.5", "true and more: [1]", "12345678.25"] {
            let redactor = Redactor()
            let quoted = JSONValue.string(secret).text
            _ = try redactor.exchange(.call(body: #"{"password":\#(quoted)}"#))
            var body = #"{"note":\#(quoted),"in":\#(JSONValue.string("{\"a\":\(secret)}").text),"list":[\#(quoted)]}"#
            if secret.hasSuffix("5") { body += "\n" }
            let stored = text(try redactor.exchange(.call(answer: body)).response.body.bytes)
            #expect(!stored.contains(secret) && !stored.contains(quoted.dropFirst().dropLast()), "\(stored)")
            #expect(stored.contains(#""note":"REDACTED_PASSWORD_1""#), "\(stored)")
            #expect(stored.contains(#""list":["REDACTED_PASSWORD_1"]"#), "\(stored)")
        }
        // A number that spells a secret.
        let redactor = Redactor()
        _ = try redactor.exchange(.call(body: #"{"password":"-12345678"}"#))
        #expect(
            text(try redactor.exchange(.call(answer: #"{"n":-12345678,"m":-1234567}"#)).response.body.bytes)
                == #"{"n":"REDACTED_PASSWORD_1","m":-1234567}"#)
    }

    @Test func secretsThatAreNamesAreReplaced() throws {
        let redactor = Redactor()
        _ = try redactor.exchange(.call(body: #"{"password":"hunter22hunter22"}"#))
        let stored = text(
            try redactor.exchange(.call(answer: #"{"AKIAIOSFODNN7EXAMPLE":1,"hunter22hunter22":2,"Bearer abcdefgh1":3,"harmless_name":4}"#)).response
                .body.bytes)
        #expect(stored == #"{"REDACTED_ACCESS_KEY_1":1,"REDACTED_PASSWORD_1":2,"Bearer REDACTED_TOKEN_1":3,"harmless_name":4}"#)
    }

    /// Numbers keep their digits, strings their escapes.
    @Test func cleanDocumentsAreStoredAsTheyCame() throws {
        for body in [
            #"{"a":1.50,"b":[1e5,-0,true,null],"c":"tab\there","d":"ä","e":"{\"x\":\"{\\\"y\\\":1}\"}"}"#, "[]", "{}", #""text""#, #"{"a":"\u003c"}"#,
            #"{"a": 1}"#, #"{"a":"\/"}"#, #"{"a":1,"a":2}"#,
        ] {
            let stored = try Redactor().exchange(.call(answer: body)).response.body
            #expect(text(stored.bytes) == body)
            // Only what prints so stands in the line as JSON.
            let prints = (try? JSONValue(parsing: body))?.text == body
            switch stored {
            case .json: #expect(prints, "\(body)")
            default: #expect(!prints, "\(body)")
            }
        }
    }
}
