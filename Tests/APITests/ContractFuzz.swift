import API
import HTTPTypes
import JSON
import Workspace

/// Makes requests from the contract: right and wrong types, missing, further and huge values, odd paths. What earlier answers named is used again, so that
/// calls get to objects that exist.
struct ContractFuzz {
    struct Request {
        let path: String
        let query: String
        var body: [UInt8]

        var description: String { "\(path.prefix(200)) ?\(query.prefix(300)) \(String(decoding: body.prefix(600), as: UTF8.self))" }
    }

    static let texts = [
        "", "x", "main", "admin@example.com", "0123456789abcdef", "1", "-1", "../..", "/Shared/x", "/a/../b", "a.b.c", "é💥", "'; --", "{}", "null",
        "arn:aws:iam::1:instance-profile/p", "16.4.x-scala2.12", "2026-01-01T00:00:00Z", "5s", "eA==",
        "{\"num_workers\":{\"type\":\"fixed\",\"value\":1}}", "SELECT 1", "default", "main.default", "main.default.files", "users", "name",
        String(repeating: "y", count: 3_000), "\u{202E}", "%00", "10.0.0.0/33", "9223372036854775808", "*", "/", "0 0 0 * * ?", "UTC",
    ]
    static let paths = [
        "/Volumes/main/default/files", "/Volumes/main/default/files/a", "/Volumes/main/default/files/../../x", "/Volumes/main/default/files/%2e%2e/x",
        "/Volumes/main/default/../default/files/a", "/Volumes/../../etc/passwd", "/Volumes/main/default/files/./a//b/", "/..", "//", "/dbfs/../x",
        "/tmp/a", "/tmp/../../a", "dbfs:/tmp/a", "/Users/admin@example.com/n", "/Workspace/Shared/n", "/Shared/../../n", "/tmp/\u{0}", "/~/x",
        "/Volumes/main/default/files/" + String(repeating: "d/", count: 400), "/Volumes/main/default/files/" + String(repeating: "n", count: 300),
    ]
    static let odd: [JSONValue] = [
        .null, true, 0, -1, .number("1e999"), .number("9223372036854775807"), .number("-9223372036854775808"), .number("1.5"), "", "x", [], [[]], [:],
        [.null], ["a": 1], ["\u{0}"], .string("\u{0}"), [["x": ["y": [1, 2, 3]]]], .string(String(repeating: "z", count: 20_000)),
        .number("1e-400"), .number("123456789012345678901234567890"), [1, "x", .null], ["": ""],
    ]
    /// Values of one name that are kept; more are not better.
    private static let mostKnown = 24

    var random: SeededGenerator
    /// Values of members of answers, by the member's name and by the operation's client and the member's name.
    private var known: [String: [String]] = [:]
    /// One value in so many is an odd one.
    var oddness = 8

    init(seed: UInt64) { random = SeededGenerator(seed: seed) }

    // MARK: What answers named

    static func resource(_ operation: String) -> String {
        operation.lastIndex(of: ".").map { String(operation[..<$0]) } ?? operation
    }

    mutating func learn(_ operation: String, _ answer: JSONValue) {
        learn(Self.resource(operation), answer, depth: 0)
    }

    private mutating func learn(_ resource: String, _ value: JSONValue, depth: Int) {
        guard depth < 4 else { return }
        switch value {
        case .object(let object):
            for (name, member) in object.members.prefix(60) {
                let text = member.stringValue ?? member.intValue.map { String($0) }
                if let text, !text.isEmpty, text.utf8.count < 500 {
                    keep(name, text)
                    keep(resource + "/" + name, text)
                } else {
                    learn(resource, member, depth: depth + 1)
                }
            }
        case .array(let elements): for element in elements.prefix(8) { learn(resource, element, depth: depth + 1) }
        default: break
        }
    }

    private mutating func keep(_ name: String, _ text: String) {
        var values = known[name] ?? []
        guard !values.contains(text) else { return }
        if values.count >= Self.mostKnown { values.removeFirst() }
        values.append(text)
        known[name] = values
    }

    // MARK: Values

    mutating func chance(_ one: Int) -> Bool { Int.random(in: 0..<one, using: &random) == 0 }

    /// A text for a field of this name.
    mutating func text(_ name: String, _ resource: String) -> String {
        if !chance(4) {
            let singular = resource.split(separator: ".").last.map { $0.hasSuffix("s") ? String($0.dropLast()) : String($0) } ?? ""
            let places = [resource + "/" + name, name, resource + "/id", name == "id" ? singular + "_id" : "name"]
            for place in places {
                if let value = known[place]?.randomElement(using: &random) { return value }
            }
        }
        if name.hasSuffix("path"), !chance(4) { return Self.paths.randomElement(using: &random) ?? "" }
        return Self.texts.randomElement(using: &random) ?? ""
    }

    mutating func value(_ name: String, _ type: Contract.FieldType, _ resource: String, depth: Int = 0) -> JSONValue {
        if chance(oddness) { return Self.odd.randomElement(using: &random) ?? .null }
        switch type {
        case .string, .bytes, .timestamp, .duration, .fieldMask, .anything: return .string(text(name, resource))
        case .integer:
            if chance(2), let known = known[name]?.randomElement(using: &random), Int(known) != nil { return .number(known) }
            return .number(["0", "1", "2", "-1", "50", "9223372036854775807", "-9223372036854775808"].randomElement(using: &random) ?? "0")
        case .number: return .number(["0", "1.5", "-1e300"].randomElement(using: &random) ?? "0")
        case .boolean: return .bool(Bool.random(using: &random))
        case .list(let element):
            return .array((0..<Int.random(in: 0...2, using: &random)).map { _ in value(name, element, resource, depth: depth + 1) })
        case .map(let element): return .members([(text("key", resource), value("value", element, resource, depth: depth + 1))])
        case .named(let schema):
            switch Contract.schema(schema) {
            case .values(let values)?: return .string(values.randomElement(using: &random) ?? "")
            case .object(let fields)?: return depth > 4 ? [:] : .object(object(fields, resource, depth: depth + 1))
            case nil: return [:]
            }
        }
    }

    mutating func object(_ fields: [Contract.Field], _ resource: String, depth: Int = 0) -> JSONObject {
        var object = JSONObject()
        // Few fields are accepted more often than all of them.
        let share = [2, 5, 9].randomElement(using: &random) ?? 5
        for field in fields where Int.random(in: 0..<10, using: &random) < (field.isRequired ? 9 : share) {
            object[field.name] = value(field.name, field.type, resource, depth: depth)
        }
        if chance(10) { object["unknown"] = 1 }
        return object
    }

    // MARK: Requests

    mutating func request(_ operation: Operation) -> Request {
        oddness = [2, 8, 25, 1_000].randomElement(using: &random) ?? 8
        let endpoint = Contract.endpoint(operation.method, operation.path)
        let resource = Self.resource(operation.id)
        var path = operation.path
        while let open = path.firstIndex(of: "{"), let close = path[open...].firstIndex(of: "}") {
            let name = String(path[path.index(after: open)..<close])
            let isRest = open > path.startIndex && path[path.index(before: open)] != "/"
            // Raw slashes and dots where several segments are taken; everything is encoded elsewhere.
            let text = isRest ? Self.paths.randomElement(using: &random) ?? "" : text(name, resource)
            let isRaw = isRest && !text.contains("{") && !text.contains("\u{0}")
            path.replaceSubrange(open...close, with: isRaw ? text : PercentCoding.encode(text))
        }
        let query = (endpoint?.query ?? []).filter { Int.random(in: 0..<10, using: &random) < ($0.isRequired ? 9 : 5) }.map {
            "\($0.name)=\(PercentCoding.encode(text($0.name, resource)))"
        }
        var body: [UInt8] = []
        switch endpoint?.body {
        case .fields(let fields)?:
            var object = object(fields, resource)
            // Nobody waits for what a fuzzed statement does.
            if object["wait_timeout"] != nil { object["wait_timeout"] = chance(4) ? "soon" : "0s" }
            body = JSONValue.object(object).encoded()
        case .object(let type)?: body = value("", type, resource).encoded()
        case .opaque?: body = Array(Self.texts.randomElement(using: &random)?.utf8 ?? "".utf8)
        case .none?, nil: if chance(10) { body = Array("{\"unknown\":[1]}".utf8) }
        }
        if !body.isEmpty, chance(20) { body.removeLast(Int.random(in: 0...body.count, using: &random)) }
        if chance(60) { body = Array(repeating: UInt8(ascii: "["), count: 20_000) }
        return Request(path: path, query: query.joined(separator: "&"), body: body)
    }
}
