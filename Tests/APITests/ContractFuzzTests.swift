import API
import HTTPTypes
import JSON
import Jobs
import Storage
import Testing
import Warehouse
import Workspace

import class Foundation.ProcessInfo

/// Every simulated operation is called with what `ContractFuzz` makes: the answer is below 500 or a refusal by name, errors have one of the service's shapes,
/// and a refused call changes nothing. `DBXSIM_FUZZ_ROUNDS` and `DBXSIM_FUZZ_SEED` make longer and other runs.
@Suite struct ContractFuzzTests {
    static let admin = Principal(id: "1001", userName: "admin@example.com", displayName: "Ada Admin", isAdmin: true)
    static let pool = WorkerPool(threads: 1)

    static func setting(_ name: String, _ standard: Int) -> Int { ProcessInfo.processInfo.environment[name].flatMap { Int($0) } ?? standard }

    /// A workspace in use: a volume with files, and what else calls may name.
    struct World {
        let workspace: Workspace
        let objects = MemoryStore()
        let tenant: Tenant
        let user: Principal

        init() throws {
            workspace = try Workspace(id: 42, name: "test", environment: Environment(seed: 7, clock: VirtualClock()), admin: ContractFuzzTests.admin)
            tenant = Tenant(workspace: workspace, sql: SQLService(workspace: workspace, objects: objects, pool: ContractFuzzTests.pool))
            let made = try workspace.users.create(Identity(id: 0, kind: .user, userName: "user@example.com", displayName: "Una User"))
            user = Principal(id: String(made.id), userName: "user@example.com", displayName: "Una User", isAdmin: false)
        }

        func call(_ method: HTTPRequest.Method, _ request: ContractFuzz.Request, _ parameters: PathParameters, by principal: Principal) -> Call {
            Call(
                tenant: tenant, principal: principal, method: method, path: request.path, pathParameters: parameters,
                query: QueryItems(request.query), body: request.body, requestID: "r", baseURL: "http://127.0.0.1:8080")
        }

        func prepare(_ index: OperationIndex) async throws {
            for (method, path, body) in [
                (
                    HTTPRequest.Method.post, "/api/2.1/unity-catalog/volumes",
                    #"{"catalog_name":"main","schema_name":"default","name":"files","volume_type":"MANAGED"}"#
                ),
                (.put, "/api/2.0/fs/files/Volumes/main/default/files/a", "a file"),
                (.post, "/api/2.0/dbfs/put", #"{"path":"/tmp/a","contents":"eA=="}"#),
                (.post, "/api/2.0/secrets/scopes/create", #"{"scope":"x"}"#),
                (.post, "/api/2.0/workspace/mkdirs", #"{"path":"/Shared/x"}"#),
                (.post, "/api/2.0/mlflow/registered-models/create", #"{"name":"x"}"#),
                (.post, "/api/2.0/mlflow/model-versions/create", #"{"name":"x","source":"dbfs:/tmp/a"}"#),
            ] {
                guard case .simulated(let operation, let parameters) = index.match(method, path) else { continue }
                let request = ContractFuzz.Request(path: path, query: "", body: Array(body.utf8))
                let reply = await operation.respond(to: call(method, request, parameters, by: ContractFuzzTests.admin))
                try #require(reply.status < 300, "\(path)")
            }
        }

        /// Whether nobody has deleted the caller.
        func hasAdmin() throws -> Bool {
            let found = try workspace.users.find(userName: ContractFuzzTests.admin.userName)
            return found?.isActive ?? false
        }

        /// Waits for what accepted calls have begun and what goes on behind their answers.
        func rest() async throws {
            await tenant.jobs.settle()
            for pipeline in try workspace.resources.list(PipelinesService.kind) { await tenant.jobs.pipelines.settle(pipeline.id) }
        }

        /// All that a refused call must leave as it was.
        func state() throws -> (rows: Int, files: [ObjectInfo]) {
            (try workspace.store.changeCount, try objects.list("", after: nil, limit: .max))
        }
    }

    static func hasErrorShape(_ reply: Reply, _ operation: Operation) -> Bool {
        guard operation.method != .head, let (bytes, type) = reply.payload else { return true }
        guard type.contains("json") else { return operation.access != .token }
        guard let body = try? JSONValue(parsing: bytes) else { return false }
        if body["error_code"]?.stringValue != nil { return body["message"]?.stringValue != nil }
        if body["errorCode"]?.stringValue != nil { return body["message"]?.stringValue != nil }
        return body["error"]?.stringValue != nil || body["detail"]?.stringValue != nil
    }

    @Test func everyOperationBearsEverything() async throws {
        var fuzz = ContractFuzz(seed: UInt64(Self.setting("DBXSIM_FUZZ_SEED", 23)))
        let index = OperationIndex(simulated: APIGroups.all)
        let operations = APIGroups.all.filter { !$0.id.hasPrefix("thrift") }
        let rounds = Self.setting("DBXSIM_FUZZ_ROUNDS", 12)
        var world = try World()
        var count = 0
        var accepted = Set<String>()
        for round in 0..<rounds {
            if round % 6 == 0 {
                world = try World()
                try await world.prepare(index)
            }
            for operation in round % 6 == 0 ? operations : operations.shuffled(using: &fuzz.random) {
                let request = fuzz.request(operation)
                guard case .simulated(let found, let parameters) = index.match(operation.method, request.path) else { continue }
                let principal = Int.random(in: 0..<6, using: &fuzz.random) == 0 ? world.user : Self.admin
                let before = try world.state()
                let reply = await found.respond(to: world.call(operation.method, request, parameters, by: principal)) {
                    Issue.record("\(found.id) \(request.description): \($0)")
                }
                #expect(reply.status < 500 || reply.status == 501, "\(reply.status) \(found.id) \(request.description)")
                if reply.status >= 400 {
                    let after = try world.state()
                    #expect(
                        after.rows == before.rows && after.files == before.files,
                        "a refused call changed something: \(found.id) \(request.description)")
                    #expect(Self.hasErrorShape(reply, found), "\(found.id) \(request.description)")
                } else {
                    accepted.insert(found.id)
                    try await world.rest()
                    if try !world.hasAdmin() {
                        world = try World()
                        try await world.prepare(index)
                    }
                    if let (bytes, type) = reply.payload, type.contains("json") {
                        if let body = try? JSONValue(parsing: bytes) {
                            fuzz.learn(found.id, body)
                        } else {
                            Issue.record("no JSON: \(found.id) \(request.description)")
                        }
                    }
                }
                count += 1
            }
        }
        #expect(count > rounds * operations.count * 3 / 4)
        // Not everything is refused: the values are near enough to what is right, where the contract says what that is.
        let described = operations.filter { Contract.endpoint($0.method, $0.path) != nil }.count
        #expect(accepted.count > described / 4, "\(accepted.count) of \(described)")
    }
}
