import API
import JSON
import Workspace

/// Requests that differ in one thing from one that is right by the contract.
extension ContractFuzz {
    enum Deviation: Hashable, CaseIterable {
        case none, wrongType, missingField, extraField, hugeValue, badPath, badQuery, badBody
    }

    private static let badSegments = [
        "", ".", "..", "%2e%2e%2f%2e%2e%2fetc", "%00", "%", "%ff%fe", "-1", "9223372036854775808", "é💥", "a.b.c.d.e", "'; --",
        String(repeating: "n", count: 5_000), "%2F%2F", "\u{7F}", "null",
    ]
    private static let badBodies: [[UInt8]] = [
        Array("{".utf8), Array("[]".utf8), Array("\"x\"".utf8), Array("null".utf8), Array("{\"a\":\"\u{FF}".utf8), [0xFF, 0xFE, 0x00],
        Array("{\"a\":1}{}".utf8), Array(repeating: UInt8(ascii: "["), count: 20_000), Array("grant_type=x&a=%".utf8),
    ]
    private static let huge: [JSONValue] = [
        .string(String(repeating: "h", count: 70_000)), .number("1" + String(repeating: "0", count: 400)), .number("-9223372036854775808"),
        .array(Array(repeating: "x", count: 3_000)), .members((0..<2_000).map { ("k\($0)", .string("v")) }),
        (0..<150).reduce(JSONValue.number("1")) { inner, _ in [inner] },
    ]
    /// Values of each type of JSON.
    private static let ofEachType: [JSONValue] = [.null, true, .number("3"), .number("2.5"), "x", ["x"], ["x": "x"], [["x": .null]]]

    /// A request that is right by the contract, and for each kind of deviation those that differ from it.
    mutating func deviations(_ operation: Operation) -> [(Deviation, Request)] {
        oddness = 1_000_000
        let endpoint = Contract.endpoint(operation.method, operation.path)
        let resource = Self.resource(operation.id)
        let path = self.path(operation, resource)
        var found: [(Deviation, Request)] = []

        var fields: [Contract.Field] = []
        switch endpoint?.body {
        case .fields(let all)?: fields = all
        case .object(.named(let schema))?: if case .object(let all)? = Contract.schema(schema) { fields = all }
        case .object, .opaque, .none?, nil: break
        }
        var right = JSONObject()
        for field in fields where field.isRequired || chance(2) { right[field.name] = value(field.name, field.type, resource) }
        if right["wait_timeout"] != nil { right["wait_timeout"] = "0s" }
        let hasBody = !fields.isEmpty
        let query = (endpoint?.query ?? []).map { field in "\(field.name)=\(PercentCoding.encode(queryValue(field, resource)))" }
        func request(_ object: JSONObject) -> Request {
            Request(path: path, query: query.joined(separator: "&"), body: hasBody ? JSONValue.object(object).encoded() : [])
        }
        found.append((.none, request(right)))

        for field in fields {
            for _ in 0..<2 {
                var wrong = right
                wrong[field.name] = Self.ofEachType.randomElement(using: &random) ?? .null
                found.append((.wrongType, request(wrong)))
            }
            // Inside of what the field holds, too.
            if case .object(let inner)? = right[field.name], let name = inner.members.randomElement(using: &random)?.0 {
                var wrong = inner
                wrong[name] = Self.ofEachType.randomElement(using: &random) ?? .null
                var outer = right
                outer[field.name] = .object(wrong)
                found.append((.wrongType, request(outer)))
            }
            if right[field.name] != nil {
                var missing = right
                missing[field.name] = nil
                found.append((.missingField, request(missing)))
            }
        }
        if hasBody {
            for value in Self.huge.shuffled(using: &random).prefix(2) {
                var object = right
                object[fields.randomElement(using: &random)?.name ?? "x"] = value
                found.append((.hugeValue, request(object)))
            }
            var object = right
            object["no_such_field"] = ["a": [1]]
            object[""] = "x"
            found.append((.extraField, request(object)))
        }
        for _ in 0..<2 {
            var wrong = request(right)
            wrong.body = Self.badBodies.randomElement(using: &random) ?? []
            found.append((.badBody, wrong))
        }
        for place in operation.path.indices where operation.path[place] == "{" {
            guard let close = operation.path[place...].firstIndex(of: "}") else { continue }
            for _ in 0..<3 {
                var bad = operation.path
                bad.replaceSubrange(place...close, with: Self.badSegments.randomElement(using: &random) ?? "")
                found.append((.badPath, Request(path: self.filled(bad, resource), query: query.joined(separator: "&"), body: request(right).body)))
            }
        }
        for field in endpoint?.query ?? [] {
            let bad = [
                "", "x", "-1", "1e9", "99999999999999999999", "%00", "%", "%ff", "true", String(repeating: "q", count: 8_000), "[]",
                "a&\(field.name)=b",
            ]
            let others = query.filter { !$0.hasPrefix(field.name + "=") }
            let text = (others + ["\(field.name)=\(bad.randomElement(using: &random) ?? "")"]).joined(separator: "&")
            found.append((.badQuery, Request(path: path, query: text, body: request(right).body)))
        }
        return found
    }

    private mutating func path(_ operation: Operation, _ resource: String) -> String { filled(operation.path, resource) }

    /// The path with a value in each placeholder.
    private mutating func filled(_ template: String, _ resource: String) -> String {
        var path = template
        while let open = path.firstIndex(of: "{"), let close = path[open...].firstIndex(of: "}") {
            let name = String(path[path.index(after: open)..<close])
            let isRest = open > path.startIndex && path[path.index(before: open)] != "/"
            var text = isRest ? "/Volumes/main/default/files/a" : self.text(name, resource)
            // Else the path would be another one.
            if ["", ".", ".."].contains(text) { text = "x" }
            path.replaceSubrange(open...close, with: isRest ? text : PercentCoding.encode(text))
        }
        return path
    }

    private mutating func queryValue(_ field: Contract.Field, _ resource: String) -> String {
        switch value(field.name, field.type, resource) {
        case .string(let text), .number(let text): text
        case .bool(let flag): flag ? "true" : "false"
        case .null, .array, .object: ""
        }
    }
}
