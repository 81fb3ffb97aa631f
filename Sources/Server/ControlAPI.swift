import API
import Faults
import HTTPTypes
import JSON
import Workspace

/// The calls under `/_dbxsim/` by which a test suite steers the program, and `/metrics`.
struct ControlAPI: Sendable {
    private let adminToken: Workspaces.TokenHash
    private let clock: any WorkspaceClock
    private let started: ContinuousClock.Instant

    init(adminToken: String, clock: any WorkspaceClock) {
        self.adminToken = Workspaces.TokenHash(adminToken)
        self.clock = clock
        started = ContinuousClock().now
    }

    func answer(_ request: ServedRequest, in pipeline: Pipeline) async -> Answer {
        if request.path == "/metrics", request.method == .get {
            var answer = Answer(status: 200, body: Array(pipeline.metrics.text().utf8))
            answer.headers[.contentType] = "text/plain; version=0.0.4"
            return answer
        }
        let path = request.path.dropFirst("/_dbxsim/".count).split(separator: "/").map(String.init)
        do throws(WorkspaceError) {
            if path == ["health"], request.method == .get { return Answer(.json(health(pipeline))) }
            guard isAdmin(request) else {
                throw WorkspaceError(.unauthenticated, "The control API needs the admin token (--token) as a bearer token.")
            }
            return Answer(.json(try await handle(request, path, pipeline)))
        } catch {
            return Simulator.error(error, "control")
        }
    }

    private func isAdmin(_ request: ServedRequest) -> Bool {
        guard let header = request.headers[.authorization] else { return false }
        let parts = header.split(separator: " ", maxSplits: 1)
        return parts.count == 2 && parts[0].lowercased() == "bearer" && Workspaces.TokenHash(String(parts[1])) == adminToken
    }

    private func health(_ pipeline: Pipeline) -> JSONValue {
        let uptime = (ContinuousClock().now - started).components
        return [
            "status": "ok", "version": .string(Version.text), "mode": .string(pipeline.backend.mode),
            "uptime_ms": .int(uptime.seconds * 1000 + uptime.attoseconds / 1_000_000_000_000_000),
        ]
    }

    private func handle(_ request: ServedRequest, _ path: [String], _ pipeline: Pipeline) async throws(WorkspaceError) -> JSONValue {
        switch (request.method, path.first, path.count) {
        case (.post, "reset", 1):
            try pipeline.backend.reset()
            pipeline.faults.reset()
            pipeline.journal.clear()
            pipeline.metrics.clear()
            return [:]
        case (.get, "journal", 1): return try JournalQuery(QueryItems(request.query)).run(on: pipeline.journal)
        case (.delete, "journal", 1):
            pipeline.journal.clear()
            return [:]
        case (.get, "faults", 1): return ["faults": pipeline.faults.listing()]
        case (.post, "faults", 1): return ["names": .array(try pipeline.faults.add(request.body).map { .string($0) })]
        case (.delete, "faults", 1):
            pipeline.faults.removeAll()
            return [:]
        case (.delete, "faults", 2):
            try pipeline.faults.remove(path[1])
            return [:]
        case (.post, "scenarios", 1):
            return ["name": .string(try pipeline.faults.addScenario(request.body))]
        case (.delete, "scenarios", 2):
            try pipeline.faults.removeScenario(path[1])
            return [:]
        case (.get, "clock", 1):
            return ["now": .string(ControlClock.text(clock.nowMicros)), "mode": clock is VirtualClock ? "virtual" : "real"]
        case (.post, "clock", 1): return try ControlClock.move(clock, json(request))
        case (_, "snapshots", _), (_, "workspaces", _), (_, "report", _), (.post, "journal", 2):
            throw WorkspaceError(.notImplemented, "\(request.method.rawValue) \(request.path) is not available yet.")
        default:
            throw WorkspaceError(.endpointNotFound, "No control call for '\(request.method.rawValue) \(request.path.prefix(512))'")
        }
    }

    private func json(_ request: ServedRequest) throws(WorkspaceError) -> JSONValue {
        do {
            return try JSONValue(parsing: request.body)
        } catch {
            throw .malformed("The body is not JSON: \(error.message) (line \(error.line), column \(error.column))")
        }
    }
}
