import API
import Faults
import HTTPTypes
import JSON
import Server
import Synchronization
import Testing
import Warehouse
import Workspace

/// The pipeline over the simulator, without a socket.
struct ServedSimulator {
    let pipeline: Pipeline
    let simulator: Simulator
    let clock = VirtualClock()

    init(scenario: String? = nil, seed: UInt64 = 7) throws {
        let scenarios = try scenario.map { [try Scenario(parsing: $0, file: "test")] } ?? []
        let compartments = try Compartments(scenarios: scenarios, seed: nil, defaultSeed: seed, clock: clock, id: Simulator.mainID)
        simulator = try Simulator(.init(token: "admin"), compartments: compartments) { operation, error in
            Issue.record("\(operation): \(error)")
        }
        pipeline = Pipeline(backend: simulator, compartments: compartments, adminToken: "admin")
    }

    @discardableResult
    func send(_ method: HTTPRequest.Method, _ target: String, token: String = "admin", _ body: JSONValue? = nil) async -> (
        status: Int, json: JSONValue
    ) {
        let answer = await pipeline.respond(
            to: ServedRequest(
                method: method, target: target, headers: [.authorization: "Bearer \(token)"], body: body?.encoded() ?? [],
                baseURL: "http://127.0.0.1:1"))
        return (answer.status, (try? JSONValue(parsing: answer.body)) ?? .null)
    }

    func makeWorkspace(_ order: JSONValue = ["name": "w"]) async throws -> (id: Int, token: String, warehouse: String) {
        let made = await send(.post, "/_dbxsim/workspaces", order).json
        return (
            try #require(made["workspace_id"]?.intValue), try #require(made["token"]?.stringValue),
            try #require(made["warehouse_id"]?.stringValue)
        )
    }
}

@Suite struct IsolationTests {
    /// All that a workspace holds in memory, held weakly.
    private struct Remains {
        weak var workspace: Workspace?
        weak var sql: SQLService?
        weak var compartment: Compartment?
        weak var journal: Journal?
        weak var clock: VirtualClock?

        var count: Int {
            (workspace == nil ? 0 : 1) + (sql == nil ? 0 : 1) + (compartment == nil ? 0 : 1) + (journal == nil ? 0 : 1) + (clock == nil ? 0 : 1)
        }
    }

    private func remains(_ served: ServedSimulator, of token: String) -> Remains {
        let request = ServedRequest(method: .get, target: "/x", headers: [.authorization: "Bearer \(token)"], body: [], baseURL: "")
        guard case .admitted(let caller) = served.simulator.admit(request, .unknown) else {
            Issue.record("not admitted")
            return Remains()
        }
        return Remains(
            workspace: caller.tenant?.workspace, sql: caller.tenant?.sql, compartment: caller.compartment, journal: caller.compartment?.journal,
            clock: caller.compartment?.clock as? VirtualClock)
    }

    @Test func deletingAWorkspaceReleasesAllOfIt() async throws {
        let served = try ServedSimulator()
        let before = served.simulator.counts
        for round in 0..<3 {
            var all: [Remains] = []
            for number in 0..<8 {
                let w = try await served.makeWorkspace(["name": .string("w\(number)"), "seed": .int(number % 3)])
                await served.send(.post, "/api/2.1/unity-catalog/catalogs", token: w.token, ["name": "c"])
                await served.send(.post, "/api/2.0/token/create", token: w.token, [:])
                await served.send(.post, "/api/2.0/preview/scim/v2/ServicePrincipals", token: w.token, ["displayName": "robot"])
                await served.send(
                    .post, "/api/2.0/sql/statements", token: w.token,
                    ["statement": "CREATE TABLE main.default.t AS SELECT 1 AS n", "warehouse_id": .string(w.warehouse), "wait_timeout": "30s"])
                // One that waits for its warehouse on a clock that will not move any more.
                let slow = await served.send(.post, "/api/2.0/sql/warehouses", token: w.token, ["name": "slow", "cluster_size": "Small"]).json
                await served.send(
                    .post, "/api/2.0/sql/statements", token: w.token,
                    ["statement": "SELECT 1", "warehouse_id": slow["id"] ?? .null, "wait_timeout": "0s"])
                await served.send(.post, "/_dbxsim/snapshots", token: w.token, ["name": "s"])
                all.append(remains(served, of: w.token))
                if round == 1 { await served.send(.post, "/_dbxsim/reset", token: w.token) }
                if round == 2 { await served.send(.post, "/_dbxsim/snapshots/s/restore", token: w.token) }
                if round > 0 { all.append(remains(served, of: w.token)) }
                #expect(await served.send(.delete, "/_dbxsim/workspaces/\(w.id)").status == 200)
            }
            // Cancelled waits and the workers' last steps still hold on to it: they get their turn, however long that takes on this machine.
            for _ in 0..<1_000_000 where all.contains(where: { $0.count > 0 }) { await Task.yield() }
            #expect(all.map(\.count) == all.map { _ in 0 })
        }
        #expect(served.simulator.counts == before)
    }

    @Test func manyWorkspacesAtOnce() async throws {
        let served = try ServedSimulator()
        var made: [(id: Int, token: String, warehouse: String)] = []
        for _ in 0..<300 { made.append(try await served.makeWorkspace()) }
        #expect(Set(made.map(\.token)).count == 300)
        #expect(Set(made.map(\.warehouse)).count == 1)
        for w in made[..<5] { #expect(await served.send(.post, "/api/2.1/unity-catalog/catalogs", token: w.token, ["name": "c"]).status == 200) }
        #expect(await served.send(.get, "/api/2.1/unity-catalog/catalogs/c", token: made[299].token).status == 404)
        #expect(await served.send(.get, "/_dbxsim/workspaces").json["workspaces"]?.arrayValue?.count == 300)
    }

    @Test func aTokenThatChoosesNothingIsTheMainWorkspaces() async throws {
        let served = try ServedSimulator()
        let w = try await served.makeWorkspace()
        #expect(await served.send(.get, "/api/2.0/sql/warehouses", token: "dapi-nobody").status == 403)
        #expect(await served.send(.get, "/_dbxsim/journal", token: w.token).json["exchanges"] == [])
        #expect(await served.send(.get, "/_dbxsim/journal").json["exchanges"]?.arrayValue?.count == 1)
        #expect(await served.send(.get, "/_dbxsim/journal", token: "dapi-nobody").status == 401)
    }
}
