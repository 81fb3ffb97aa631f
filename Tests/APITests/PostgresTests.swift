import API
import HTTPTypes
import JSON
import Storage
import Testing
import Warehouse
import Workspace

@Suite struct PostgresTests {
    private static let index = OperationIndex(simulated: PostgresAPI.operations, known: [])
    private static let admin = Principal(id: "1001", userName: "admin@example.com", displayName: "Ada Admin", isAdmin: true)
    private static let pool = WorkerPool(threads: 1)

    private let clock = VirtualClock()
    private let tenant: Tenant

    init() throws {
        let workspace = try Workspace(id: 42, name: "test", environment: Environment(seed: 7, clock: clock), admin: Self.admin)
        tenant = Tenant(workspace: workspace, sql: SQLService(workspace: workspace, objects: MemoryStore(), pool: Self.pool))
    }

    private func send(_ method: HTTPRequest.Method, _ target: String, _ body: String = "") async throws -> (status: Int, json: JSONValue) {
        let path = "/api/2.0/postgres/" + target.prefix { $0 != "?" }
        guard case .simulated(let operation, let parameters) = Self.index.match(method, path) else { return (0, .null) }
        let query = target.split(separator: "?", maxSplits: 1).dropFirst().first.map(String.init) ?? ""
        let call = Call(
            tenant: tenant, principal: Self.admin, method: method, path: path, pathParameters: parameters, query: QueryItems(query),
            body: Array(body.utf8), requestID: "r")
        let reply = await operation.respond(to: call) { Issue.record("\(method) \(target.prefix(200)): \($0)") }
        return (reply.status, try JSONValue(parsing: reply.payload?.bytes ?? []))
    }

    @Test func operationsEndWithTheStatesThatTheyWaitFor() async throws {
        try tenant.workspace.warehouses.set(.init(start: 5000, stop: 2000))
        let begun = try await send(.post, "projects?project_id=shop", "{}").json
        #expect(begun["done"] == false)
        #expect(begun["response"] == nil)
        let name = begun["name"]?.stringValue ?? ""
        #expect(name.hasPrefix("projects/shop/operations/"))
        let branch = "projects/shop/branches/production"
        var status = try await send(.get, branch).json["status"]
        #expect(status?["current_state"] == "INIT" && status?["pending_state"] == "READY")
        status = try await send(.get, branch + "/endpoints/primary").json["status"]
        #expect(status?["current_state"] == "INIT" && status?["pending_state"] == "ACTIVE" && status?["last_active_time"] == nil)
        clock.advance(byMicros: 5 * 1_000_000)
        let ended = try await send(.get, name).json
        #expect(ended["done"] == true)
        #expect(ended["response"]?["status"]?["owner"] == "admin@example.com")
        status = try await send(.get, branch).json["status"]
        #expect(status?["current_state"] == "READY" && status?["pending_state"] == nil)
        let stopping = try await send(
            .patch, branch + "/endpoints/primary?update_mask=spec.disabled", #"{"spec":{"endpoint_type":"ENDPOINT_TYPE_READ_WRITE","disabled":true}}"#
        ).json
        #expect(stopping["done"] == false)
        status = try await send(.get, branch + "/endpoints/primary").json["status"]
        #expect(status?["current_state"] == "ACTIVE" && status?["pending_state"] == "IDLE")
        clock.advance(byMicros: 2 * 1_000_000)
        let stopped = try await send(.get, stopping["name"]?.stringValue ?? "").json
        #expect(stopped["done"] == true && stopped["response"]?["status"]?["current_state"] == "IDLE")
    }

    @Test func monthlySnapshotsFallOnTheLastDayOfShorterMonths() async throws {
        _ = try await send(.post, "projects?project_id=shop", "{}")
        let schedule = #"{"schedule":[{"retention":"31536000s","monthly_schedule":{"day":31,"hour":1}}]}"#
        let path = "projects/shop/branches/production/snapshot-schedule?update_mask=schedule"
        #expect(try await send(.patch, path, schedule).status == 200)
        clock.advance(byMicros: 100 * 86_400 * 1_000_000)
        let list = try await send(.get, "projects/shop/snapshots").json["snapshots"]?.arrayValue ?? []
        #expect(
            list.map { $0["create_time"] } == ["2026-01-31T01:00:00Z", "2026-02-28T01:00:00Z", "2026-03-31T01:00:00Z"])
    }

    /// Of many who want one name, one gets it; of many changes of different members none is lost.
    @Test func writersAtTheSameTime() async throws {
        _ = try await send(.post, "projects?project_id=shop", "{}")
        let branch = "projects/shop/branches/production"
        let statuses = try await withThrowingTaskGroup(of: Int.self) { group in
            for number in 0..<16 {
                group.addTask {
                    try await send(.post, "\(branch)/roles?role_id=role\(number)", #"{"spec":{"postgres_role":"app"}}"#).status
                }
            }
            return try await group.reduce(into: [Int]()) { $0.append($1) }
        }
        #expect(statuses.filter { $0 == 200 }.count == 1 && statuses.filter { $0 == 400 }.count == 15)
        let roles = try await send(.get, branch + "/roles").json["roles"]?.arrayValue ?? []
        #expect(roles.map { $0["status"]?["postgres_role"] } == ["admin@example.com", "app"])
        let changes = [
            ("spec.suspension", #"{"spec":{"suspend_timeout_duration":"600s"}}"#), ("spec.disabled", #"{"spec":{"disabled":true}}"#),
            ("spec.settings.pg_settings", #"{"spec":{"settings":{"pg_settings":{"a":"1"}}}}"#),
            ("spec.autoscaling_limit_max_cu", #"{"spec":{"autoscaling_limit_max_cu":8}}"#),
        ]
        try await withThrowingTaskGroup(of: Void.self) { group in
            for (mask, body) in changes {
                group.addTask {
                    let status = try await send(.patch, "\(branch)/endpoints/primary?update_mask=\(mask)", body).status
                    #expect(status == 200)
                }
            }
            try await group.waitForAll()
        }
        let status = try await send(.get, branch + "/endpoints/primary").json["status"]
        #expect(status?["suspend_timeout_duration"] == "600s" && status?["disabled"] == true && status?["autoscaling_limit_max_cu"] == 8)
        #expect(status?["settings"]?["pg_settings"] == ["a": "1"])
    }

    /// Made-up requests change nothing for the worse: each is answered, none with a 5xx but 501.
    @Test func madeUpRequestsAreAnswered() async throws {
        var random = SeededGenerator(seed: 5, stream: "postgres")
        func pick<T>(_ items: [T]) -> T { items[Int(random.next() % UInt64(items.count))] }
        let values = [
            "null", "true", "-1", "0", "1e308", "9223372036854775807", "\"\"", "\"5s\"", "\"-5s\"", "\"99999999999999s\"", "\"1.5s\"",
            "\"2026-01-01T00:00:00Z\"", "\"9999-12-31T23:59:59Z\"", "\"0000-01-01T00:00:00Z\"", "\"projects/a/branches/production\"", "\"é/\"", "[]",
            "{}",
            "[{}]", #"[{"retention":"3600s","daily_schedule":{"hour":1}}]"#, #"["public"]"#, #"{"min":1,"max":1}"#,
        ]
        let members = [
            "expire_time", "ttl", "no_expiry", "is_protected", "source_branch", "source_branch_time", "source_snapshot", "endpoint_type",
            "autoscaling_limit_min_cu", "autoscaling_limit_max_cu", "suspend_timeout_duration", "group", "role", "postgres_role", "postgres_database",
            "attributes", "identity_type", "auth_method", "display_name", "history_retention_duration", "default_endpoint_settings", "schedule",
            "db_schemas", "db_max_rows", "default_branch", "pg_version",
        ]
        let places = [
            "projects", "projects/a", "projects/a/branches", "projects/a/branches/production", "projects/a/branches/production/endpoints",
            "projects/a/branches/production/endpoints/primary", "projects/a/branches/production/roles", "projects/a/branches/production/roles/r",
            "projects/a/branches/production/databases", "projects/a/branches/production/databases/databricks-postgres",
            "projects/a/branches/production/databases/databricks-postgres/data-api", "projects/a/branches/production/snapshot-schedule",
            "projects/a/snapshots", "catalogs", "synced_tables", "credentials", "projects/a/undelete", "projects/a/branches/production/undelete",
        ]
        for round in 0..<600 {
            if round % 100 == 0 { _ = try await send(.post, "projects?project_id=a", "{}") }
            let spec = (0..<3).map { _ in "\"\(pick(members))\":\(pick(values))" }.joined(separator: ",")
            let body = pick(["{\"spec\":{\(spec)}}", "{\(spec)}", "{\"spec\":\(pick(values))}", pick(values)])
            let mask = pick(["spec", "*", "spec." + pick(members), "", "schedule", ".", "spec..x"])
            let id = pick(["r", "b", "é", "A", ""])
            let query =
                "update_mask=\(mask)&"
                + ["project", "branch", "endpoint", "role", "database", "snapshot", "catalog", "synced_table"].map { "\($0)_id=\(id)" }.joined(
                    separator: "&")
            let (status, json) = try await send(pick([.get, .post, .patch, .patch, .post]), "\(pick(places))?\(query)", body)
            #expect(status < 500 || status == 501, "\(body) \(json)")
        }
    }
}
