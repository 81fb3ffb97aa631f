import API
import HTTPTypes
import JSON
import Testing
import Workspace

/// Each simulated operation is called once as the contract has it, and then with one thing that is wrong at a time: a type, a field too few or too many, a
/// huge value, the path, the query, the body. The answer is below 500 or a refusal by name, and a refused call changes nothing.
@Suite struct ContractDeviationTests {
    private typealias World = ContractFuzzTests.World

    @Test func everyOperationBearsEachDeviation() async throws {
        var fuzz = ContractFuzz(seed: UInt64(ContractFuzzTests.setting("DBXSIM_FUZZ_SEED", 31)))
        let index = OperationIndex(simulated: APIGroups.all)
        let operations = APIGroups.all.filter { !$0.id.hasPrefix("thrift") }
        var world = try World()
        try await world.prepare(index)
        var met: [ContractFuzz.Deviation: Set<String>] = [:]
        var refused: [ContractFuzz.Deviation: Int] = [:]
        // Two rounds: the first one's answers name objects for the second.
        for _ in 0..<ContractFuzzTests.setting("DBXSIM_FUZZ_ROUNDS", 2) {
            for operation in operations {
                for (deviation, request) in fuzz.deviations(operation) {
                    guard case .simulated(let found, let parameters) = index.match(operation.method, request.path) else {
                        // A path that leads nowhere is one of the bad ones.
                        if deviation == .badPath { met[deviation, default: []].insert(operation.id) }
                        continue
                    }
                    met[deviation, default: []].insert(operation.id)
                    let before = try world.state()
                    let reply = await found.respond(to: world.call(operation.method, request, parameters, by: ContractFuzzTests.admin)) {
                        Issue.record("\(found.id) \(request.description): \($0)")
                    }
                    #expect(reply.status < 500 || reply.status == 501, "\(reply.status) \(deviation) \(found.id) \(request.description)")
                    if reply.status >= 400 {
                        refused[deviation, default: 0] += 1
                        let after = try world.state()
                        #expect(
                            after.rows == before.rows && after.files == before.files,
                            "a refused call changed something: \(deviation) \(found.id) \(request.description)")
                        #expect(ContractFuzzTests.hasErrorShape(reply, found), "\(found.id) \(request.description)")
                    } else {
                        try await world.rest()
                        if try !world.hasAdmin() {
                            world = try World()
                            try await world.prepare(index)
                        }
                        if let (bytes, type) = reply.payload, type.contains("json"), let body = try? JSONValue(parsing: bytes) {
                            fuzz.learn(found.id, body)
                        }
                    }
                }
            }
        }
        // Each kind was met wherever the contract has a place for it.
        for operation in operations {
            guard let endpoint = Contract.endpoint(operation.method, operation.path) else { continue }
            var expected: [ContractFuzz.Deviation] = [.badBody]
            switch endpoint.body {
            case .fields(let fields) where !fields.isEmpty: expected += [.wrongType, .hugeValue, .extraField]
            default: break
            }
            if operation.path.contains("{") { expected.append(.badPath) }
            if !endpoint.query.isEmpty { expected.append(.badQuery) }
            for kind in expected { #expect(met[kind]?.contains(operation.id) == true, "\(kind) \(operation.id)") }
        }
        for kind in ContractFuzz.Deviation.allCases where kind != .extraField { #expect((refused[kind] ?? 0) > 100, "\(kind) \(refused)") }
    }
}
