import API
import Faults
import HTTPTypes
import JSON
import Warehouse
import Workspace

/// The calls under `/_dbxsim/` by which a test suite steers the program, and `/metrics`.
///
/// The admin token (`--token`) is for the main workspace, or with `?workspace=ID` for another one. A workspace's own token is for that workspace alone.
struct ControlAPI: Sendable {
    let adminToken: Workspaces.TokenHash
    private let started: ContinuousClock.Instant

    init(adminToken: String) {
        self.adminToken = Workspaces.TokenHash(adminToken)
        started = ContinuousClock().now
    }

    /// A control call on its way: what it asks, and on which workspace.
    struct Request {
        let served: ServedRequest
        /// The path behind the prefix, percent-decoded.
        let path: [String]
        let query: QueryItems
        let pipeline: Pipeline
        let compartment: Compartment
        let isAdmin: Bool

        var isolation: (any Isolation)? { pipeline.backend.isolation }

        func json() throws(WorkspaceError) -> JSONValue {
            do {
                return try JSONValue(parsing: served.body)
            } catch {
                throw .malformed("The body is not JSON: \(error.message) (line \(error.line), column \(error.column))")
            }
        }

        /// The body's members; those that are not `known` are refused.
        func object(known: [String]) throws(WorkspaceError) -> JSONObject {
            guard case .object(let object) = try json() else { throw .malformed("The body must be a JSON object.") }
            for member in object.members where !known.contains(member.name) {
                throw .invalid("unknown key '\(member.name.prefix(60))' (known here: \(known.joined(separator: ", ")))")
            }
            return object
        }
    }

    func answer(_ request: ServedRequest, in pipeline: Pipeline) async -> Answer {
        if request.path == "/metrics", request.method == .get {
            var answer = Answer(
                status: 200,
                body: Array((pipeline.metrics.text() + ServiceMetrics.shared.text() + ScanFigures.metrics.map { $0 + "\n" }.joined()).utf8))
            answer.headers[.contentType] = "text/plain; version=0.0.4"
            return answer
        }
        let path = request.path.dropFirst("/_dbxsim/".count).utf8.split(separator: UInt8(ascii: "/")).map { PercentCoding.decode($0) }
        do throws(WorkspaceError) {
            if path == ["health"], request.method == .get { return Answer(.json(health(pipeline))) }
            return Answer(try await handle(try admitted(request, path, pipeline)))
        } catch {
            return Simulator.error(error, "control")
        }
    }

    /// Finds out on which workspace the caller may act.
    private func admitted(_ served: ServedRequest, _ path: [String], _ pipeline: Pipeline) throws(WorkspaceError) -> Request {
        let token = AuthorizationHeader.token(served.authorization).map { Workspaces.TokenHash($0) }
        let query = QueryItems(served.query)
        let asked = try query.int("workspace")
        let isolation = pipeline.backend.isolation
        if token == adminToken {
            var compartment = pipeline.compartments.main
            if let asked, asked != compartment.id {
                guard let isolation else { throw Self.noIsolation(pipeline.backend.mode) }
                guard let other = isolation.compartment(id: asked) else { throw Simulator.noWorkspace(asked) }
                compartment = other
            }
            return Request(served: served, path: path, query: query, pipeline: pipeline, compartment: compartment, isAdmin: true)
        }
        guard let token, let own = isolation?.compartment(administeredBy: token) else {
            throw WorkspaceError(
                .unauthenticated, "The control API needs the admin token (--token), or the token of a workspace, as a bearer token.")
        }
        guard asked == nil || asked == own.id else {
            throw WorkspaceError(.permissionDenied, "A workspace's token is for that workspace alone.")
        }
        return Request(served: served, path: path, query: query, pipeline: pipeline, compartment: own, isAdmin: false)
    }

    static func noIsolation(_ mode: String) -> WorkspaceError {
        WorkspaceError(.notImplemented, "Further workspaces and snapshots are not available in the mode '\(mode)'.")
    }

    private func health(_ pipeline: Pipeline) -> JSONValue {
        let uptime = (ContinuousClock().now - started).components
        return [
            "status": "ok", "version": .string(Version.text), "mode": .string(pipeline.backend.mode),
            "uptime_ms": .int(uptime.seconds * 1000 + uptime.attoseconds / 1_000_000_000_000_000),
        ]
    }

    private func handle(_ request: Request) async throws(WorkspaceError) -> Reply {
        let (path, faults, journal) = (request.path, request.compartment.faults, request.compartment.journal)
        switch (request.served.method, path.first, path.count) {
        case (.post, "reset", 1):
            try reset(request)
            return .emptyObject
        case (.get, "journal", 1): return .json(try JournalQuery(request.query).run(on: journal))
        case (.delete, "journal", 1):
            journal.clear()
            return .emptyObject
        case (.get, "faults", 1): return .json(["faults": faults.listing()])
        case (.post, "faults", 1): return .json(["names": .array(try faults.add(request.served.body).map { .string($0) })])
        case (.delete, "faults", 1):
            faults.removeAll()
            return .emptyObject
        case (.delete, "faults", 2):
            try faults.remove(path[1])
            return .emptyObject
        case (.post, "scenarios", 1):
            let (name, warnings) = try request.compartment.addScenario(request.served.body)
            return .json(.members([("name", .string(name))] + (warnings.isEmpty ? [] : [("warnings", .array(warnings.map { .string($0) }))])))
        case (.delete, "scenarios", 2):
            try faults.removeScenario(path[1])
            return .emptyObject
        case (.get, "clock", 1):
            let clock = request.compartment.clock
            return .json(["now": .string(ControlClock.text(clock.nowMicros)), "mode": clock is VirtualClock ? "virtual" : "real"])
        case (.post, "clock", 1):
            let answer = try ControlClock.move(request.compartment.clock, try request.json())
            await request.pipeline.backend.clockMoved(request.compartment)
            return .json(answer)
        case (_, "workspaces", _): return try workspaces(request)
        case (_, "snapshots", _): return try snapshots(request)
        case (.get, "report", 1): return report(request)
        case (.post, "journal", 2) where path[1] == "verify": return try verify(request)
        default: throw Self.noCall(request)
        }
    }

    static func noCall(_ request: Request) -> WorkspaceError {
        WorkspaceError(.endpointNotFound, "No control call for '\(request.served.method.rawValue) \(request.served.path.prefix(512))'")
    }

    private func reset(_ request: Request) throws(WorkspaceError) {
        let isMain = request.compartment === request.pipeline.compartments.main
        if isMain { try request.pipeline.backend.reset() } else { try request.isolation?.reset(request.compartment) }
        request.compartment.reset()
        if isMain { request.pipeline.metrics.clear() }
    }
}
