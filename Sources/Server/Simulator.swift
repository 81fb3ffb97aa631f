package import API
import HTTPTypes
import JSON
import Storage
import Synchronization
import Warehouse
package import Workspace

/// The simulated service: workspaces chosen by token, each with its own state, clock and seed.
package final class Simulator: Backend {
    package struct Options: Sendable {
        package var token: String
        package var seed: UInt64
        /// nil: the system's clock.
        package var virtualClock: VirtualClock?
        package var oauthLifetimeSeconds: Int
        /// nil: everything in memory.
        package var dataDirectory: String?

        package init(token: String, seed: UInt64, virtualClock: VirtualClock?, oauthLifetimeSeconds: Int, dataDirectory: String?) {
            self.token = token
            self.seed = seed
            self.virtualClock = virtualClock
            self.oauthLifetimeSeconds = oauthLifetimeSeconds
            self.dataDirectory = dataDirectory
        }
    }

    /// All that a reset makes anew.
    private struct World: Sendable {
        let authenticator: Authenticator
        let main: Tenant
    }

    package let mode = "serve"
    private let options: Options
    private let pool: WorkerPool
    private let world: Mutex<World>
    private let onFault: @Sendable (_ operation: String, _ error: any Error) -> Void

    package init(_ options: Options, onFault: @escaping @Sendable (_ operation: String, _ error: any Error) -> Void) throws {
        self.options = options
        self.onFault = onFault
        pool = WorkerPool()
        world = Mutex(try Self.makeWorld(options, pool))
    }

    private static func makeWorld(_ options: Options, _ pool: WorkerPool) throws -> World {
        let clock: any WorkspaceClock = options.virtualClock ?? RealClock()
        let objects: any ObjectStore
        var path: String?
        if let directory = options.dataDirectory {
            objects = try DirectoryStore(root: directory + "/storage")
            path = directory + "/workspace.sqlite"
        } else {
            objects = MemoryStore()
        }
        let workspace = try Workspace(
            id: workspaceID, name: "dbxsim", path: path, environment: Environment(seed: options.seed, clock: clock), admin: admin)
        let workspaces = Workspaces()
        workspaces.add(workspace)
        let authenticator = Authenticator(workspaces: workspaces, oauthLifetime: options.oauthLifetimeSeconds)
        try authenticator.admit(workspace, adminToken: options.token)
        let sql = SQLService(workspace: workspace, objects: objects, pool: pool)
        try sql.installSamples()
        return World(authenticator: authenticator, main: Tenant(workspace: workspace, sql: sql))
    }

    private static let workspaceID = 7_474_650_000_000_001
    private static let admin = Principal(id: "7474650000000101", userName: "admin@example.com", displayName: "Workspace Admin", isAdmin: true)

    package var mainWorkspace: Workspace { world.withLock { $0.main.workspace } }

    /// The warehouse that a new workspace has.
    package var starterWarehouseID: String { (try? mainWorkspace.warehouses.list(limit: 1).first?.id) ?? "" }

    /// Brings the start state back. Calls under way end on the state that they began with.
    package func reset() throws(WorkspaceError) {
        guard options.dataDirectory == nil else {
            throw WorkspaceError(.notImplemented, "reset is not available with --data-dir: the directory keeps everything.")
        }
        options.virtualClock?.set(micros: VirtualClock.defaultStartMicros)
        do {
            let fresh = try Self.makeWorld(options, pool)
            world.withLock { $0 = fresh }
        } catch {
            onFault("reset", error)
            throw WorkspaceError(.internalError, "The start state could not be made; the log has the reason.")
        }
    }

    package func admit(_ request: ServedRequest, _ match: OperationIndex.Match) -> Admission {
        let world = world.withLock { $0 }
        if case .simulated(let operation, _) = match, operation.access == .open { return .admitted(Caller(tenant: world.main)) }
        do throws(AuthenticationFailure) {
            let caller = try world.authenticator.authenticate(authorization: request.headers[.authorization])
            return .admitted(Caller(name: caller.principal.userName, tenant: world.main, principal: caller.principal))
        } catch {
            var answer = Answer(status: error.status, body: error.body().encoded())
            answer.headers[.contentType] = AuthenticationFailure.contentType
            for (name, value) in error.headers {
                if let name = HTTPField.Name(name) { answer.headers[name] = value }
            }
            return .refused(answer)
        }
    }

    package func answer(_ call: AdmittedCall) async -> (answer: Answer, note: String?) {
        let request = call.request
        switch call.match {
        case .unknown: return (Self.error(ErrorReply.unknownPath(request.method, request.path), call.requestID), nil)
        case .known(let operation): return (Self.error(ErrorReply.notSimulated(operation), call.requestID), nil)
        case .simulated(let operation, let parameters):
            let decoded = Call(
                tenant: call.caller.tenant ?? world.withLock { $0.main }, principal: call.caller.principal ?? .system, method: request.method,
                path: request.path, pathParameters: parameters, query: QueryItems(request.query), headers: request.headers,
                body: request.body, requestID: call.requestID, baseURL: request.baseURL)
            return (Answer(await operation.respond(to: decoded) { onFault(operation.id, $0) }), nil)
        }
    }

    static func error(_ error: WorkspaceError, _ requestID: String) -> Answer { Answer(ErrorReply.reply(for: error, requestID: requestID)) }
}
