import API
import HTTPTypes
import JSON
import Storage
import Testing
import Warehouse
import Workspace

/// Every simulated operation that the contract knows is called with wrong types, missing, further and huge values, and bad paths: the answer is below 500 or a
/// refusal by name, and a refused call changes nothing.
@Suite struct ContractFuzzTests {
    private static let admin = Principal(id: "1001", userName: "admin@example.com", displayName: "Ada Admin", isAdmin: true)
    private static let pool = WorkerPool(threads: 1)
    private static let texts = [
        "", "x", "main", "admin@example.com", "0123456789abcdef", "1", "-1", "../..", "/Shared/x", "/a/../b", "a.b.c", "é💥", "'; --", "{}", "null",
        "arn:aws:iam::1:instance-profile/p", "16.4.x-scala2.12", "2026-01-01T00:00:00Z", "5s", "eA==",
        "{\"num_workers\":{\"type\":\"fixed\",\"value\":1}}",
        String(repeating: "y", count: 3_000), "\u{202E}", "%00", "10.0.0.0/33", "9223372036854775808",
    ]
    private static let odd: [JSONValue] = [
        .null, true, 0, -1, .number("1e999"), .number("9223372036854775807"), .number("-9223372036854775808"), .number("1.5"), "", "x", [], [[]], [:],
        [.null], ["a": 1], ["\u{0}"], .string("\u{0}"), [["x": ["y": [1, 2, 3]]]], .string(String(repeating: "z", count: 20_000)),
    ]

    private var random = SeededGenerator(seed: 23)

    private mutating func value(_ type: Contract.FieldType, depth: Int = 0) -> JSONValue {
        if Int.random(in: 0..<8, using: &random) == 0 { return Self.odd.randomElement(using: &random) ?? .null }
        switch type {
        case .string, .bytes, .timestamp, .duration, .fieldMask, .anything: return .string(Self.texts.randomElement(using: &random) ?? "")
        case .integer: return .number(["0", "1", "2", "-1", "50", "9223372036854775807"].randomElement(using: &random) ?? "0")
        case .number: return .number(["0", "1.5", "-1e300"].randomElement(using: &random) ?? "0")
        case .boolean: return .bool(Bool.random(using: &random))
        case .list(let element): return .array((0..<Int.random(in: 0...2, using: &random)).map { _ in value(element, depth: depth + 1) })
        case .map(let element): return .members([(Self.texts.randomElement(using: &random) ?? "k", value(element, depth: depth + 1))])
        case .named(let name):
            switch Contract.schema(name) {
            case .values(let values)?: return .string(values.randomElement(using: &random) ?? "")
            case .object(let fields)?: return depth > 4 ? [:] : .object(object(fields, depth: depth + 1))
            case nil: return [:]
            }
        }
    }

    private mutating func object(_ fields: [Contract.Field], depth: Int = 0) -> JSONObject {
        var object = JSONObject()
        for field in fields where Int.random(in: 0..<10, using: &random) < (field.isRequired ? 9 : 5) {
            object[field.name] = value(field.type, depth: depth)
        }
        if Int.random(in: 0..<10, using: &random) == 0 { object["unknown"] = 1 }
        return object
    }

    @Test func everyOperationBearsEverything() async throws {
        var fuzz = self
        try await fuzz.run()
    }

    private mutating func run() async throws {
        let environment = Environment(seed: 7, clock: VirtualClock())
        let workspace = try Workspace(id: 42, name: "test", environment: environment, admin: Self.admin)
        let tenant = Tenant(workspace: workspace, sql: SQLService(workspace: workspace, objects: MemoryStore(), pool: Self.pool))
        let index = OperationIndex(simulated: APIGroups.all)
        var count = 0
        var accepted = Set<String>()
        for operation in APIGroups.all where !operation.id.hasPrefix("sql.statements") && !operation.id.hasPrefix("thrift") {
            let endpoint = Contract.endpoint(operation.method, operation.path)
            for _ in 0..<12 {
                var path = operation.path
                while let open = path.firstIndex(of: "{"), let close = path[open...].firstIndex(of: "}") {
                    path.replaceSubrange(open...close, with: PercentCoding.encode(Self.texts.randomElement(using: &random) ?? "x"))
                }
                guard case .simulated(let found, let parameters) = index.match(operation.method, path) else { continue }
                let query = (endpoint?.query ?? []).filter { _ in Bool.random(using: &random) }.map {
                    "\($0.name)=\(PercentCoding.encode(Self.texts.randomElement(using: &random) ?? ""))"
                }
                var body: [UInt8] = []
                switch endpoint?.body {
                case .fields(let fields)?: body = JSONValue.object(object(fields)).encoded()
                case .object(let type)?: body = value(type).encoded()
                default: break
                }
                if !body.isEmpty, Int.random(in: 0..<20, using: &random) == 0 { body.removeLast(Int.random(in: 0...body.count, using: &random)) }
                let before = try workspace.store.changeCount
                let call = Call(
                    tenant: tenant, principal: Self.admin, method: operation.method, path: path, pathParameters: parameters,
                    query: QueryItems(query.joined(separator: "&")), body: body, requestID: "r", baseURL: "http://127.0.0.1:8080")
                let what = "\(found.id) \(path.prefix(200)) \(query) \(String(decoding: body.prefix(600), as: UTF8.self))"
                let reply = await found.respond(to: call) { Issue.record("\(what): \($0)") }
                #expect(reply.status < 500 || reply.status == 501, "\(what)")
                if reply.status >= 400 {
                    #expect(try workspace.store.changeCount == before, "a refused call changed something: \(what)")
                } else {
                    accepted.insert(found.id)
                }
                count += 1
            }
        }
        #expect(count > 2_000)
        // Not everything is refused: the values are near enough to what is right.
        #expect(accepted.count > 60)
        let users = try workspace.users.list()
        #expect(users.contains { $0.userName == Self.admin.userName })
    }
}
