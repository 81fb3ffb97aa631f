import Cassettes
import HTTPTypes
import JSON
import TestSupport
import Testing

@Suite struct WireMockTests {
    private static func read(_ text: String) throws -> CassetteImport.Result { try HARTests.read(text, file: "m.json") }

    /// As WireMock's recorder writes them.
    private static let example = #"""
        {"mappings":[
        {"id":"8c5db8b0-2db4-4ad7-a99f-38c9b00da3f7","name":"api_20_jobs_get","request":{"url":"/api/2.0/jobs/get?job_id=1","method":"GET"},
         "response":{"status":200,"body":"{\"job_id\":1}","headers":{"Content-Type":"application/json","X-Many":["a","b"]}},
         "uuid":"8c5db8b0-2db4-4ad7-a99f-38c9b00da3f7","persistent":true,"insertionIndex":4},
        {"request":{"urlPath":"/api/2.0/list","method":"get","queryParameters":{"b":{"equalTo":"x y"},"a":{"equalTo":"1"},"c":{"absent":true}}},
         "response":{"status":404,"jsonBody":{"error_code":"RESOURCE_DOES_NOT_EXIST"},"fixedDelayMilliseconds":50}},
        {"request":{"urlPathPattern":"/api/2\\.0/token","method":"POST","bodyPatterns":[{"equalToJson":"{ \"client_secret\": \"planted-secret\" }","ignoreArrayOrder":true,"ignoreExtraElements":true}]},
         "response":{"jsonBody":{"access_token":"planted-access"},"transformers":[]},"metadata":{"x":1}},
        {"request":{"urlPathTemplate":"/api/{v}/x","pathParameters":{"v":{"equalTo":"2.0"}},"method":"PUT","bodyPatterns":[{"binaryEqualTo":"AAEC"}]},
         "response":{"status":200,"base64Body":"AP8="}}
        ],"meta":{"total":4}}
        """#

    @Test func mappings() throws {
        let result = try Self.read(Self.example)
        #expect(result.problems == [])
        #expect(
            result.cassette.exchanges.map { text(CassetteFormat.line($0)) }.prefix(3) == [
                #"{"n":1,"request":{"method":"GET","path":"/api/2.0/jobs/get","query":"job_id=1"},"response":{"status":200,"headers":{"content-type":"application/json"},"body":{"job_id":1}}}"#,
                #"{"n":2,"request":{"method":"GET","path":"/api/2.0/list","query":"b=x%20y&a=1"},"response":{"status":404,"body":{"error_code":"RESOURCE_DOES_NOT_EXIST"}},"ms":50}"#,
                #"{"n":3,"request":{"method":"POST","path":"/api/2.0/token","body":{"client_secret":"REDACTED_SECRET_1"}},"response":{"status":200,"body":{"access_token":"REDACTED_TOKEN_1"}}}"#,
            ])
        #expect(result.cassette.exchanges[3].request.path == "/api/2.0/x")
        #expect(result.cassette.exchanges[3].request.body.bytes == [0, 1, 2])
        #expect(result.cassette.exchanges[3].response.body.bytes == [0, 255])
        #expect(
            result.notes.map(\.description) == [
                "m.json: $.mappings[2].request.bodyPatterns[0].ignoreArrayOrder: a cassette compares bodies as equal JSON values",
                "m.json: $.mappings[2].request.bodyPatterns[0].ignoreExtraElements: a cassette compares bodies as equal JSON values",
                "m.json: $.mappings[2].request: a cassette answers this request without a query only",
            ])
    }

    @Test func scenariosThatAreChains() throws {
        func stub(_ from: String, _ to: String?, _ answer: String, path: String = "/p") -> String {
            let to = to.map { #","newScenarioState":"\#($0)""# } ?? ""
            return
                #"{"scenarioName":"scenario-1-p","requiredScenarioState":"\#(from)"\#(to),"request":{"method":"GET","url":"\#(path)"},"response":{"status":200,"body":"\#(answer)"}}"#
        }
        let result = try Self.read(
            #"{"mappings":[\#(stub("s2", nil, "three")),\#(stub("Started", "s1", "one")),\#(stub("s1", "s2", "two"))]}"#)
        #expect(result.problems == [])
        #expect(result.cassette.exchanges.map { text($0.response.body.bytes) } == ["one", "two", "three"])
        let index = ReplayIndex([result.cassette])
        for expected in ["one", "two", "three", "three"] {
            guard case .hit(let answer) = index.next(ReplayRequest(method: "GET", path: "/p")) else {
                Issue.record("a miss")
                return
            }
            #expect(text(answer.storedBody) == expected)
        }
        let several = try Self.read(#"{"mappings":[\#(stub("Started", "s1", "one")),\#(stub("s1", nil, "two", path: "/q"))]}"#)
        #expect(several.problems.map(\.place) == ["$.mappings[1].scenarioName"])
        let broken = try Self.read(#"{"mappings":[\#(stub("Started", "s7", "one")),\#(stub("s1", nil, "two"))]}"#)
        #expect(broken.problems.map(\.message) == ["the states of this scenario are no simple sequence"])
    }

    @Test(arguments: [
        (#""method":"GET","urlPattern":"/a/.*""#, "", "$.request.urlPattern: the regular expression '/a/.*' stands for many requests"),
        (#""method":"GET","urlPathPattern":"/a/[0-9]""#, "", "$.request.urlPathPattern: the regular expression"),
        (#""method":"GET","urlPathTemplate":"/a/{x}""#, "", "$.request.urlPathTemplate: '{x}' stands for many"),
        (#""method":"ANY","url":"/a""#, "", "$.request.method: the method ANY"),
        (#""method":"GET","url":"/a","headers":{"X-A":{"equalTo":"1"}}"#, "", "$.request.headers.X-A: a cassette does not look at headers"),
        (
            #""method":"GET","urlPath":"/a","queryParameters":{"q":{"matches":"x.*"}}"#, "",
            "$.request.queryParameters.q.matches: the matcher 'matches'"
        ),
        (#""method":"POST","url":"/a","bodyPatterns":[{"matchesJsonPath":"$.x"}]"#, "", "$.request.bodyPatterns[0].matchesJsonPath: the matcher"),
        (#""method":"POST","url":"/a","bodyPatterns":[{"contains":"x"}]"#, "", "the matcher 'contains'"),
        (#""method":"POST","url":"/a","bodyPatterns":[{"equalToJson":"{\"a\":\"${json-unit.any-string}\"}"}]"#, "", "placeholders in JSON"),
        (#""method":"GET","url":"/a","customMatcher":{"name":"x"}"#, "", "$.request.customMatcher: 'customMatcher' cannot be represented"),
        (#""method":"GET","url":"/a""#, #""transformers":["response-template"]"#, "$.response.transformers: answers made by templates"),
        (#""method":"GET","url":"/a""#, #""fault":"EMPTY_RESPONSE""#, "$.response.fault: faults are for scenario files"),
        (#""method":"GET","url":"/a""#, #""proxyBaseUrl":"http://x""#, "$.response.proxyBaseUrl: a cassette does not forward"),
        (#""method":"GET","url":"/a""#, #""status":"x""#, "$.response.status: expected an HTTP status"),
        (#""method":"GET","url":"/a""#, #""bodyFileName":"../../etc/passwd""#, "$.response.bodyFileName: '../../etc/passwd' leads out of __files"),
        (#""method":"GET","url":"/a""#, #""bodyFileName":"none.json""#, "$.response.bodyFileName: there is no file __files/none.json"),
        (#""method":"GET""#, "", "$.request: none of url,"), (#""url":"/a""#, "", "$.request: the member 'method' is missing"),
    ])
    func whatCannotBeRepresentedIsNamed(_ request: String, _ response: String, _ message: String) throws {
        let result = try Self.read(#"{"request":{\#(request)},"response":{\#(response)}}"#)
        #expect(result.cassette.exchanges.isEmpty)
        #expect(result.problems.count == 1)
        #expect(result.problems.first?.description.contains(message) == true, "\(result.problems)")
    }

    @Test func prioritiesAndShadowedStubs() throws {
        let stub = #"{"request":{"method":"GET","url":"/a"},"response":{"status":200}}"#
        let priority = #"{"priority":1,"request":{"method":"GET","url":"/a"},"response":{"status":500}}"#
        let result = try Self.read(#"{"mappings":[\#(stub),\#(priority),\#(stub)]}"#)
        #expect(result.cassette.exchanges.count == 1)
        #expect(
            result.problems.map(\.description) == [
                "m.json: $.mappings[1].priority: priorities cannot be represented: a request has one recorded answer",
                "m.json: $.mappings[2]: answers the same requests as m.json $.mappings[0]; WireMock gives the newer answer, a cassette both in turn",
            ])
    }

    @Test func folders() throws {
        let folder = try TemporaryFolder()
        try folder.write(#"{"request":{"method":"GET","url":"/b"},"response":{"status":200,"bodyFileName":"sub/b.txt"}}"#, "mappings/b.json")
        try folder.write(#"{"request":{"method":"GET","url":"/a"},"response":{"status":200,"body":"a"}}"#, "mappings/deep/a.json")
        try folder.write("from a file", "__files/sub/b.txt")
        let result = try CassetteImport.read([folder.path], name: "c")
        #expect(result.cassette.exchanges.map(\.request.path) == ["/b", "/a"])
        #expect(result.cassette.exchanges.map { text($0.response.body.bytes) } == ["from a file", "a"])
        #expect(
            try CassetteImport.read([folder.path + "/mappings/b.json"], name: "c").cassette.exchanges.map { text($0.response.body.bytes) } == [
                "from a file"
            ])
        #expect(throws: CassetteError.self) { try CassetteImport.read([folder.path + "/__files"], name: "c") }
    }

    @Test func fuzz() {
        var random = SeededRandom(seed: 8)
        let base = Array(Self.example.utf8)
        for _ in 0..<300 { _ = try? CassetteImport.parse(Mutation.of(base, &random), file: "m.json", name: "c") }
    }
}
