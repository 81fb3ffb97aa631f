package import API
import HTTPTypes
import JSON
package import Jobs
import S3
import Storage
import Synchronization
package import Upstream
import Warehouse
package import Workspace

/// The simulated service: workspaces chosen by token, each with its own state, clock and seed.
package final class Simulator: Backend {
    package struct Options: Sendable {
        package var token: String
        package var oauthLifetimeSeconds: Int
        /// nil: everything in memory. Only the main workspace is kept there.
        package var dataDirectory: String?
        /// Requests with fields, parameters or values that the contract does not know are refused.
        package var isStrict: Bool
        /// Runs the Python of jobs' tasks; nil: they are simulated.
        package var python: LocalPython?
        /// Sends the webhooks of jobs and of the model registry; nil: they are not sent.
        package var webhooks: Webhooks?
        /// How sharing servers outside of this one are reached.
        package var outside = UpstreamOptions()

        package init(
            token: String, oauthLifetimeSeconds: Int = 3600, dataDirectory: String? = nil, isStrict: Bool = false, python: LocalPython? = nil,
            webhooks: Webhooks? = nil
        ) {
            self.python = python
            self.webhooks = webhooks
            self.token = token
            self.isStrict = isStrict
            self.oauthLifetimeSeconds = oauthLifetimeSeconds
            self.dataDirectory = dataDirectory
        }
    }

    /// The rooms by workspace id, and what they are made of.
    struct World: Sendable {
        var rooms: [Int: Room] = [:]
        var nextID = Simulator.mainID + 1
        /// Start states by seed, the last used last.
        var startImages: [(seed: UInt64, image: WorkspaceImage)] = []
    }

    package static let mainID = 7_474_650_000_000_001
    static let admin = Principal(id: "7474650000000101", userName: "admin@example.com", displayName: "Workspace Admin", isAdmin: true)

    package let mode = "serve"
    let options: Options
    /// Where the main workspace is kept; nil: nowhere.
    let directory: DataDirectory?
    let compartments: Compartments
    let pool = WorkerPool()
    let authenticator: Authenticator
    let world = Mutex(World())
    /// Held while a workspace's state is replaced or taken away, which takes milliseconds; requests do not wait for it.
    let changes = Mutex(())
    let earlierStates = EarlierStates()
    let neighbours = SharingNeighbours()
    let onFault: @Sendable (_ operation: String, _ error: any Error) -> Void

    package init(
        _ options: Options, compartments: Compartments, onFault: @escaping @Sendable (_ operation: String, _ error: any Error) -> Void
    ) throws {
        self.options = options
        self.compartments = compartments
        self.onFault = onFault
        authenticator = Authenticator(workspaces: Workspaces(), oauthLifetime: options.oauthLifetimeSeconds)
        authenticator.issuerKeys.connect { [keys = LoopbackKeys()] issuer, address in try await keys.keys(of: issuer, at: address) }
        let main = compartments.main
        let objects: any ObjectStore
        var path: String?
        let clock = main.clock
        directory = try options.dataDirectory.map { try DataDirectory($0, seed: main.seed) }
        if let folder = directory?.folder {
            objects = try Self.storedObjects(in: folder, clock)
            path = DataDirectory.database(in: folder)
        } else {
            objects = MemoryStore(now: { clock.nowMillis })
        }
        let workspace = try Workspace(
            id: main.id, name: "dbxsim", path: path, environment: Environment(seed: main.seed, clock: main.clock), admin: Self.admin)
        let sql = SQLService(workspace: workspace, objects: objects, pool: pool, storageKey: Self.storageKey(options, main), neighbours: neighbours)
        try sql.installSamples()
        let room = Room(
            compartment: main, tenant: Self.tenant(workspace, sql, main, options), objects: objects, token: Workspaces.TokenHash(options.token),
            warehouseID: try Self.starterWarehouse(workspace), origin: nil)
        try authenticator.admit(workspace, adminToken: room.token)
        world.withLock { $0.rooms[main.id] = room }
        try room.tenant.jobs.resume()
        neighbours.connect { [weak self] in self?.services ?? [] }
        neighbours.connect(outside: SharingConnections(options.outside))
    }

    /// A virtual clock dates objects; else the system does.
    static func storedObjects(in folder: String, _ clock: any WorkspaceClock) throws -> DirectoryStore {
        var now: (@Sendable () -> Int64)?
        if clock is VirtualClock { now = { clock.nowMillis } }
        return try DirectoryStore(root: DataDirectory.objects(in: folder), now: now)
    }

    /// Not the seed alone, which is no secret.
    static func storageKey(_ options: Options, _ compartment: Compartment) -> StorageKey {
        StorageKey(secret: "\(Workspaces.TokenHash(options.token).hex) \(compartment.seed) \(compartment.id)")
    }

    static func starterWarehouse(_ workspace: Workspace) throws -> String { try workspace.warehouses.list(limit: 1).first?.id ?? "" }

    /// The warehouse that the main workspace has from the start.
    package var starterWarehouseID: String { room(compartments.main.id)?.warehouseID ?? "" }

    /// Of all workspaces, by id.
    private var services: [SQLService] {
        world.withLock { Array($0.rooms.values) }.sorted { $0.compartment.id < $1.compartment.id }.map(\.tenant.sql)
    }

    func room(_ id: Int) -> Room? { world.withLock { $0.rooms[id] } }

    package var isolation: (any Isolation)? { self }

    package func reset() throws(WorkspaceError) { try reset(compartments.main) }

    package func admit(_ request: ServedRequest, _ match: OperationIndex.Match) -> Admission {
        if case .simulated(let operation, _) = match, operation.access == .signed { return admitSigned(request) }
        if case .simulated(let operation, let parameters) = match, operation.access == .open {
            guard let room = openRoom(request, parameters) else { return .refused(Self.gone) }
            return .admitted(Caller(tenant: room.tenant, compartment: room.compartment))
        }
        let authorization = request.authorization
        do throws(AuthenticationFailure) {
            let caller = try authenticator.authenticate(authorization: authorization)
            guard let room = room(caller.workspace.id) else { throw .invalid }
            if let rules = caller.workspace.ipAccess.rules(of: caller.workspace), let address = request.clientAddress, !rules.allows(address) {
                return .refused(Self.blocked(address, caller.workspace.id), in: room.compartment)
            }
            return .admitted(
                Caller(name: caller.principal.userName, tenant: room.tenant, principal: caller.principal, compartment: room.compartment))
        } catch {
            return .refused(Self.refusal(error), in: authenticator.workspace(chosenBy: authorization).flatMap { room($0.id)?.compartment })
        }
    }

    /// A request without a token: a link names its workspace, that of an OAuth client is for the client's workspace, any other for the main one.
    private func openRoom(_ request: ServedRequest, _ parameters: PathParameters) -> Room? {
        if let id = parameters["workspace_id"] { return Int(id).flatMap(room) }
        // A recipient's token, or the link by which it is fetched.
        if let metastore = parameters["metastore_id"] {
            if let workspace = authenticator.workspace(chosenBy: request.authorization) { return room(workspace.id) }
            // Another issuer's token names no workspace: the metastore does.
            let rooms = world.withLock { Array($0.rooms.values) }.sorted { $0.compartment.id < $1.compartment.id }
            let id = metastore.lowercased()
            if let room = rooms.first(where: { (try? $0.tenant.workspace.metastore.id) == id }) { return room }
        }
        if let link = parameters["activation_url"] {
            let nonce = RecipientActivation.nonce(link, QueryItems(request.query))
            if let workspace = authenticator.workspace(chosenBy: "Bearer \(nonce)") { return room(workspace.id) }
        }
        // `o` is how links of the service name a workspace.
        if let id = QueryItems(request.query).string("o").flatMap({ Int($0) }), let room = room(id) { return room }
        let form = request.method == .post ? QueryItems(String(decoding: request.body, as: UTF8.self)) : .empty
        if let id = OAuthAPI.workspaceID(of: form), let room = room(id) { return room }
        if request.method == .post, let (client, secret) = OAuthAPI.clientCredentials(request.headers, form),
            let workspace = authenticator.workspace(forClient: client, secret: secret), let room = room(workspace.id)
        {
            return room
        }
        if OAuthAPI.isExchange(form), let client = form.string("client_id"), let workspace = authenticator.workspace(forClient: client),
            let room = room(workspace.id)
        {
            return room
        }
        return room(compartments.main.id)
    }

    static func refusal(_ failure: AuthenticationFailure) -> Answer {
        var answer = Answer(status: failure.status, body: failure.body().encoded())
        answer.headers[.contentType] = AuthenticationFailure.contentType
        for (name, value) in failure.headers {
            if let name = HTTPField.Name(name) { answer.headers[name] = value }
        }
        return answer
    }

    /// The refusal of an address by the workspace's IP access lists.
    private static func blocked(_ address: String, _ workspace: Int) -> Answer {
        error(WorkspaceError(.permissionDenied, "Source IP address: \(address) is blocked by Databricks IP ACL for workspace: \(workspace)"), "")
    }

    private static var gone: Answer { error(WorkspaceError(.notFound, "The workspace is gone."), "") }

    package func answer(_ call: AdmittedCall) async -> (answer: Answer, note: String?) {
        let request = call.request
        switch call.match {
        case .unknown: return (Self.error(ErrorReply.unknownPath(request.method, request.path), call.requestID), nil)
        case .known(let operation): return (Self.error(ErrorReply.notSimulated(operation), call.requestID), nil)
        case .simulated(let operation, let parameters):
            guard let tenant = call.caller.tenant else { return (Self.gone, nil) }
            if request.method != .get, request.method != .head { noteWrite(call, tenant) }
            return (await run(operation, parameters, call, tenant), nil)
        }
    }

    func run(_ operation: Operation, _ parameters: PathParameters, _ call: AdmittedCall, _ tenant: Tenant) async -> Answer {
        let request = call.request
        let decoded = Call(
            tenant: tenant, principal: call.caller.principal ?? .system, method: request.method,
            path: request.path, pathParameters: parameters, query: QueryItems(request.query), headers: request.headers,
            body: request.body, rest: request.rest, requestID: call.requestID, baseURL: request.baseURL, clientAddress: request.clientAddress,
            hooks: call.hooks)
        if options.isStrict, let refusal = ContractCheck.refusal(of: operation, decoded) { return Self.error(refusal, call.requestID) }
        return Answer(await operation.respond(to: decoded) { onFault(operation.id, $0) })
    }

    static func error(_ error: WorkspaceError, _ requestID: String) -> Answer { Answer(ErrorReply.reply(for: error, requestID: requestID)) }
}
