package import Cassettes
import HTTPTypes
package import Workspace

/// A simulated workspace beside the recording. Recorded answers change nothing in it. Who is let in by replay is its administrator, unless
/// the token is one of its own; the recorded warehouse's id stands for that of its starter warehouse.
package struct SimulatorFallback: ReplayFallback {
    package let name = "the simulator"
    private let simulator: Simulator
    private let pipeline: Pipeline
    private let token: String
    private let recordedWarehouse: String?

    /// `pipeline` is the simulator's own; `token` its administrator's.
    package init(_ simulator: Simulator, _ pipeline: Pipeline, token: String, recordedWarehouse: String?) {
        self.simulator = simulator
        self.pipeline = pipeline
        self.token = token
        self.recordedWarehouse = recordedWarehouse
    }

    package func answer(_ call: AdmittedCall, _ link: LinkRewriter.Target?) async -> Answer {
        let request = call.request
        var headers = request.headers
        if case .refused = simulator.admit(request, call.match) { headers[.authorization] = "Bearer \(token)" }
        let own = simulator.starterWarehouseID
        let recorded = recordedWarehouse ?? own
        let path = request.path.replacing(recorded, with: own)
        let query = request.query.replacing(recorded, with: own)
        var answer = await pipeline.respond(
            to: ServedRequest(
                method: request.method, target: query.isEmpty ? path : "\(path)?\(query)", headers: headers,
                body: Self.replacing(recorded, own, in: request.body), baseURL: request.baseURL))
        answer.body = Self.replacing(own, recorded, in: answer.body)
        return answer
    }

    private static func replacing(_ old: String, _ new: String, in bytes: [UInt8]) -> [UInt8] {
        old == new || old.isEmpty || bytes.isEmpty ? bytes : bytes.replacing(Array(old.utf8), with: Array(new.utf8))
    }

    package func reset() throws(WorkspaceError) { try simulator.reset() }
}
