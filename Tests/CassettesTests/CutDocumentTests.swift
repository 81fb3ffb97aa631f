import Cassettes
import JSON
import Testing

@Suite struct CutDocumentTests {
    private func shown(_ text: String, operation: String? = nil, path: String = "/api") -> String {
        Redactor().text(body: Array(text.utf8), operation: operation, path: path)
    }

    @Test(arguments: [
        (#"{"a":1,"b":"some te"#, #"{"a":1,"b":"some te"#),
        (#"{"a":1,"b":tru"#, #"{"a":1"#),
        (#"{"a":1,"bc"#, #"{"a":1"#),
        (#"{"a":[1, 2, {"x": "\u00"#, #"{"a":[1, 2, {"x": ""#),
        (#"{"a":1} trailing"#, #"{"a":1}"#),
        (#"{"a":01}"#, "{"),
        ("[[[", "[[["),
        ("plain words", "plain words"),
        ("{\"a\":1}\n{\"b\":2}\n{\"c\":\"", "{\"a\":1}\n{\"b\":2}\n{\"c\":\""),
    ])
    func textsWithoutSecretsAreShownAsFarAsTheyCanBeRead(text: String, expected: String) {
        #expect(shown(text) == expected)
    }

    @Test(arguments: [
        #"{"password":"hunter22hunter"#, #"{"password":{"value":"hunter22hunter"#, #"{"password":["x","hunter22hunter"],"#,
        #"{"spark_env_vars":{"A":"hunter22hunter","B"#, #"{"secrets":{"k":["hunter22hunter"]},"z":"#,
        #"{"env_vars":[{"value":"hunter22hunter"}"#, #"{"generic_webhook":{"url":"hunter22hunter"#,
        #"{"a":{"client_secret":{"plaintext":"hunter22hunter"}}"#,
        #"{"client_secret":"hunter22hunter"} {"client_secret":"hunter22hunter"} x"#,
        "{\"a\":1}\n{\"password\":[\"hunter22hunter\"],\n",
    ])
    func secretsOfCutDocumentsAreHidden(text: String) {
        let result = shown(text)
        #expect(!result.contains("hunter"), "\(result)")
    }

    @Test func codesOfTokenEndpointsAreHiddenInForms() {
        let form = "grant_type=authorization_code&code=hunter22hunter&client_id=x"
        #expect(!shown(form, operation: "azure.token", path: "/x/oauth2/token").contains("hunter"))
        #expect(shown(form, operation: "jobs.list", path: "/api/2.2/jobs/list").contains("hunter"))
    }

    @Test func optionsWithWeakNamesAreSecretsInListsOnly() {
        #expect(!shown("CREATE CONNECTION c OPTIONS (user 'u', token 'hunter22hunter')").contains("hunter"))
        #expect(!shown("OPTIONS (`secret` 'hunter22hunter')").contains("hunter"))
        #expect(shown("The token 'hunter22hunter' does not exist").contains("hunter22hunter"))
    }

    /// Objects that tell about secrets kept elsewhere stay as they are.
    @Test func descriptionsStay() throws {
        let text = #"{"secret":{"scope":"s","key":"k","permission":"READ"},"token":{"token_id":"t1","comment":"c"},"#
        #expect(shown(text) == String(text.dropLast()))
        let nested = Redactor().json(try JSONValue(parsing: #"{"client_secret":{"a":{"b":["hunter22",3]},"uc_secret":"main.s.k"}}"#), operation: nil)
        #expect(nested["client_secret"]?["uc_secret"] == "main.s.k")
        #expect(!nested.text.contains("hunter22"))
    }

    /// Every beginning of a document is shown without its secrets, and as something.
    @Test func everyBeginning() {
        let text =
            #"{"name":"é\n\ud83d\ude00","list":[1,-2.5e3,null,true,{}],"auth":{"password":"hunter22hunter","pin":{"api_key":[7777777]}},"last":"x"}"#
        let bytes = Array(text.utf8)
        for end in 1...bytes.count {
            let result = Redactor().text(body: Array(bytes[..<end]), operation: nil, path: "/")
            #expect(result.hasPrefix("{"))
            #expect(!result.contains("hunt") && !result.contains("777"), "\(result)")
        }
    }
}
