import Cassettes
import HTTPTypes
import JSON
import Testing

/// What `cassette check` says about secrets in files that no recorder of ours wrote.
@Suite struct SecretCheckTests {
    /// The exchange as a careless tool would have stored it: with all headers, and nothing replaced.
    private static func stored(_ raw: RawExchange) -> Exchange {
        func body(_ bytes: [UInt8]) -> RecordedBody {
            if bytes.isEmpty { return .none }
            return (try? JSONValue(parsing: bytes)) == nil ? .text(bytes[...]) : .json(bytes[...])
        }
        return Exchange(
            number: 1, operation: raw.operation,
            request: RecordedRequest(
                method: raw.method, path: raw.path, query: raw.query, host: raw.host, headers: raw.requestHeaders, body: body(raw.requestBody)),
            response: RecordedResponse(status: raw.status, headers: raw.responseHeaders, body: body(raw.responseBody)), milliseconds: nil)
    }

    @Test(arguments: Plant.all)
    func plantedSecretsAreFound(_ plant: Plant) throws {
        let bytes = CassetteFormat.line(.recording(at: "t")) + [0x0A] + CassetteFormat.line(Self.stored(plant.exchange)) + [0x0A]
        let planted = try CassetteReader.parse(bytes, name: "c") { file throws(CassetteError) in throw CassetteError(file: file, "none") }
        let errors = CassetteTools.check(planted, source: bytes, files: []).filter { $0.severity == .error }
        #expect(!errors.isEmpty)
        for error in errors {
            #expect(error.place == "c/cassette.jsonl:2")
            #expect(error.message.contains("holds a secret ("))
            #expect(!error.message.contains(plant.secret))
        }
        // And 'cassette redact' mends it.
        let mended = try CassetteTools.redact(planted, RedactionRules())
        let source = CassetteTools.format(mended)
        #expect(CassetteTools.check(mended, source: source, files: []).filter { $0.severity == .error } == [])
        #expect(!text(source).contains(plant.secret), "\(text(source))")
    }

    @Test func kindsAreDistinct() { #expect(Set(Plant.all.map(\.kind)).count == Plant.all.count && Plant.all.count > 80) }

    @Test func placesAreNamed() throws {
        let bad = try cassette([
            #"{"n":1,"request":{"method":"GET","path":"/x","query":"a=1&token=abc"},"response":{"status":200,"headers":{"set-cookie":"s=1"},"body":{"tokens":[{"activation_url":"https://h/a?n1"}],"x":{"password":"p"}}}}"#,
            line(2, "GET", "/y", answer: #"{"text":"dapi\#(RedactorTests.hex32)"}"#),
        ])
        #expect(
            CassetteTools.check(bad, source: CassetteTools.format(bad), files: []).map(\.description) == [
                "c/cassette.jsonl:2: error: query, token: holds a secret (TOKEN)",
                "c/cassette.jsonl:2: error: response header set-cookie: holds a secret (CREDENTIALS)",
                "c/cassette.jsonl:2: error: response body, $.tokens[0].activation_url: holds a secret (ACTIVATION)",
                "c/cassette.jsonl:2: error: response body, $.x.password: holds a secret (PASSWORD)",
                "c/cassette.jsonl:3: error: response body, $.text: holds a secret (TOKEN)",
            ])
    }

    /// References to secrets, settings that tell nothing, and names that only sound secret.
    @Test func harmlessThingsAreNotReported() throws {
        let fine = try cassette([
            line(
                1, "GET", "/a",
                answer: #"{"spark_env_vars":{"PYSPARK_PYTHON":"/databricks/python3/bin/python3","K":"{{secrets/s/k}}","N":"3","T":"true"}}"#),
            line(
                2, "GET", "/b", query: "next_page_token=abc&page_token=REDACTED",
                answer: #"{"openai_api_key":"{{secrets/s/k}}","api_token_uc_secret":"c.s.n"}"#),
            line(
                3, "GET", "/c",
                answer: #"{"environment_variables":[{"environment_variables_key":"default","spec":{"files":["a"]}}],"secret_scope":"s"}"#),
            line(
                4, "GET", "/d",
                answer: #"{"secrets":[{"key":"k","name":"n"}],"forward_user_access_token":true,"price_per_token":"0.1","max_tokens":4}"#),
            line(
                5, "GET", "/e",
                answer: #"{"git_url":"https://someone@dev.azure.com/org/p","abfss":"abfss://container0123456789abcdef@acct.dfs.core.windows.net/x"}"#),
            line(
                6, "GET", "/f",
                answer: #"{"webhook_notifications":{"on_start":[{"id":"1"}]},"webhooks":[{"id":"w","http_url_spec":{"url":"https://h/x"}}]}"#),
        ])
        #expect(CassetteTools.check(fine, source: CassetteTools.format(fine), files: []).filter { $0.severity == .error } == [])
    }
}
