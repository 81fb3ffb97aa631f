import API
import HTTPTypes
import JSON
import Storage
import Testing
import Warehouse
import Workspace

/// A workspace behind the operations of identity and warehouses, without HTTP.
struct IdentityClient {
    struct Answer {
        let status: Int
        let json: JSONValue
        let reply: Reply

        var text: String { reply.payload.map { String(decoding: $0.bytes, as: UTF8.self) } ?? "" }
    }

    static let groups: [any APIGroup.Type] = [
        CurrentUserAPI.self, UsersAPI.self, GroupsAPI.self, ServicePrincipalsAPI.self, ServicePrincipalSecretsAPI.self, TokensAPI.self,
        TokenManagementAPI.self, OAuthAPI.self, WarehousesAPI.self,
    ]
    static let index = OperationIndex(simulated: groups.flatMap { $0.operations }, known: KnownOperations.all)
    static let admin = Principal(id: "1001", userName: "admin@example.com", displayName: "Ada Admin", isAdmin: true, groups: ["admins", "users"])

    let clock = VirtualClock()
    let workspaces = Workspaces()
    let authenticator: Authenticator
    let workspace: Workspace
    var principal = IdentityClient.admin
    var headers: HTTPFields = [:]
    var baseURL = "http://127.0.0.1:8080"
    /// No statement runs here.
    private let tenant: Tenant

    init() throws {
        authenticator = Authenticator(workspaces: workspaces)
        workspace = try Workspace(id: 42, name: "test", environment: Environment(seed: 7, clock: clock), admin: Self.admin)
        workspaces.add(workspace)
        try authenticator.admit(workspace, adminToken: "dapi-admin")
        tenant = Tenant(workspace: workspace, sql: SQLService(workspace: workspace, objects: MemoryStore(), pool: Self.pool))
    }

    private static let pool = WorkerPool(threads: 1)

    /// The principal that a bearer token belongs to, as the caller from now on.
    func with(token: String) throws -> IdentityClient {
        var client = self
        client.principal = try authenticator.authenticate([.authorization: "Bearer \(token)"]).principal
        return client
    }

    func raw(_ method: HTTPRequest.Method, _ target: String, _ body: [UInt8] = []) async throws -> Answer {
        let parts = target.split(separator: "?", maxSplits: 1).map(String.init)
        guard case .simulated(let operation, let parameters) = Self.index.match(method, parts[0]) else {
            Issue.record("\(method.rawValue) \(target) is not simulated")
            return Answer(status: 0, json: .null, reply: Reply())
        }
        let call = Call(
            tenant: tenant, principal: principal, method: method, path: parts[0], pathParameters: parameters,
            query: QueryItems(parts.count > 1 ? parts[1] : ""), headers: headers, body: body, requestID: "r", baseURL: baseURL)
        let reply = await operation.respond(to: call)
        let json = try reply.payload.map { try JSONValue(parsing: $0.bytes) } ?? .null
        return Answer(status: reply.status, json: json, reply: reply)
    }

    func send(_ method: HTTPRequest.Method, _ target: String, _ body: JSONValue? = nil) async throws -> Answer {
        try await raw(method, target, body?.encoded() ?? [])
    }

    func get(_ target: String) async throws -> JSONValue { try await send(.get, target).json }
    func post(_ target: String, _ body: JSONValue) async throws -> JSONValue { try await send(.post, target, body).json }

    func form(_ target: String, _ text: String) async throws -> Answer { try await raw(.post, target, Array(text.utf8)) }
}

extension JSONValue {
    /// The texts of a member of each element.
    func all(_ name: String) -> [String] { (arrayValue ?? []).compactMap { $0[name]?.stringValue } }
}
