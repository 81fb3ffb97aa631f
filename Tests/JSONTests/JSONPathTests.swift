import JSON
import Testing

@Suite struct JSONPathTests {
    let document: JSONValue = ["a": ["b": [1, 2, ["c": "x"]], "odd.name": true], "list": [["id": 1, "k": 5], ["id": 2], 3]]

    static let found: [(String, [JSONValue])] = [
        ("$.a.b[0]", [1]), ("$.a.b[2].c", ["x"]), ("$.a[\"odd.name\"]", [true]), ("$['a']['b'][1]", [2]), ("$.list[*].id", [1, 2]),
        ("$.list.*", [["id": 1, "k": 5], ["id": 2], 3]),
        ("$.a.b[9]", []), ("$.nothing.at.all", []), ("$.list[0].*", [1, 5]), ("$.a.b.c", []),
    ]

    @Test(arguments: found) func values(path: String, expected: [JSONValue]) throws {
        #expect(try JSONPath(path).values(in: document) == expected)
    }

    @Test func root() throws {
        #expect(try JSONPath("$").values(in: document) == [document])
        #expect(try JSONPath("$").removing(from: document) == .null)
    }

    @Test func removing() throws {
        #expect(try JSONPath("$.a.b").removing(from: document).text == #"{"a":{"odd.name":true},"list":[{"id":1,"k":5},{"id":2},3]}"#)
        #expect(try JSONPath("$.list[*].id").removing(from: document)["list"] == [["k": 5], [:], 3])
        #expect(try JSONPath("$.a.b[1]").removing(from: document)["a"]?["b"] == [1, ["c": "x"]])
        #expect(try JSONPath("$.a.b[*]").removing(from: document)["a"]?["b"] == [])
        #expect(try JSONPath("$.x.y").removing(from: document) == document)
    }

    @Test func replacing() throws {
        let masked = try JSONPath("$.list[*].id").replacing(in: document) { _ in "***" }
        #expect(masked["list"] == [["id": "***", "k": 5], ["id": "***"], 3])
    }

    static let refused = [
        "", "a", "$a", "$.", "$..a", "$[", "$[]", "$[-1]", "$[1", "$[\"a]", "$[a]", "$.a[99999999999999999999]", "$['a'x]",
    ]

    @Test(arguments: refused) func refuses(_ path: String) {
        #expect(throws: JSONError.self) { try JSONPath(path) }
    }
}
