import API
import HTTPTypes
import JSON
import Storage
import Testing
import Warehouse
import Workspace

/// A workspace behind the operations of Unity Catalog, without HTTP.
struct CatalogClient {
    static let admin = Principal(id: "1001", userName: "admin@example.com", displayName: "Ada Admin", isAdmin: true)
    static let groups: [any APIGroup.Type] = [
        MetastoresAPI.self, CatalogsAPI.self, SchemasAPI.self, TablesAPI.self, VolumesAPI.self,
        FunctionsAPI.self, RegisteredModelsAPI.self, ModelVersionsAPI.self, StorageCredentialsAPI.self, CredentialsAPI.self,
        ExternalLocationsAPI.self,
        ConnectionsAPI.self, GrantsAPI.self, WorkspaceBindingsAPI.self, EntityTagAssignmentsAPI.self, SystemSchemasAPI.self, TableConstraintsAPI.self,
        OnlineTablesAPI.self, QualityMonitorsAPI.self, ArtifactAllowlistsAPI.self, ResourceQuotasAPI.self,
    ]
    static let index = OperationIndex(simulated: groups.flatMap { $0.operations }, known: KnownOperations.all)
    private static let pool = WorkerPool(threads: 1)

    let clock = VirtualClock()
    let workspace: Workspace
    let tenant: Tenant
    let prefix: String

    init(prefix: String = "/api/2.1/unity-catalog") throws {
        self.prefix = prefix
        workspace = try Workspace(id: 42, name: "test", environment: Environment(seed: 7, clock: clock), admin: Self.admin)
        tenant = Tenant(workspace: workspace, sql: SQLService(workspace: workspace, objects: MemoryStore(), pool: Self.pool))
    }

    /// A request by its whole target; 404 and 501 are made as the server makes them.
    func raw(_ method: HTTPRequest.Method, _ target: String, _ body: [UInt8] = []) async -> Reply {
        let path = target.prefix { $0 != "?" }
        switch Self.index.match(method, String(path)) {
        case .unknown: return ErrorReply.reply(for: ErrorReply.unknownPath(method, String(path)), requestID: "r")
        case .known(let operation): return ErrorReply.reply(for: ErrorReply.notSimulated(operation), requestID: "r")
        case .simulated(let operation, let parameters):
            let call = Call(
                tenant: tenant, principal: Self.admin, method: method, path: String(path), pathParameters: parameters,
                query: QueryItems(String(target.dropFirst(path.count + 1))), body: body, requestID: "r", baseURL: "http://127.0.0.1:8080")
            return await operation.respond(to: call) { Issue.record("\(method) \(target.prefix(200)): \($0)") }
        }
    }

    func send(_ method: HTTPRequest.Method, _ path: String, _ body: JSONValue? = nil) async throws -> (status: Int, json: JSONValue) {
        let reply = await raw(method, prefix + path, body?.encoded() ?? [])
        return (reply.status, try JSONValue(parsing: reply.payload?.bytes ?? []))
    }

    func get(_ path: String) async throws -> JSONValue { try await send(.get, path).json }

    /// Status, code and message of a refusal in one text.
    func refusal(_ method: HTTPRequest.Method, _ path: String, _ body: JSONValue? = nil) async throws -> String {
        let (status, json) = try await send(method, path, body)
        return "\(status) \(json["error_code"]?.stringValue ?? "") \(json["message"]?.stringValue ?? "")"
    }

    /// Makes a table as SQL does.
    @discardableResult
    func table(_ fullName: String, type: TableType = .managed, details: String? = nil) throws -> TableInfo {
        let parts = fullName.split(separator: ".").map(String.init)
        var spec = TableSpec(ObjectName(catalog: parts[0], schema: parts[1], name: parts[2]), type, format: type.isView ? nil : "DELTA")
        spec.columns = ColumnList([
            ColumnInfo(
                name: "id", typeText: "bigint", typeName: "LONG", typeJSON: #"{"name":"id","type":"long","nullable":false,"metadata":{}}"#,
                position: 0,
                nullable: false),
            ColumnInfo(
                name: "d", typeText: "decimal(10,2)", typeName: "DECIMAL", typeJSON: "", precision: 10, scale: 2, position: 1,
                partitionIndex: 0),
        ])
        spec.properties = PropertyMap([("delta.minReaderVersion", "1")])
        spec.details = details
        if type.isView { spec.viewDefinition = "SELECT 1" } else { spec.location = "s3://b/t" }
        if parts[2] == "t" { spec.id = "00000000-0000-4000-8000-000000000001" }
        return try workspace.tables.create(spec, by: Self.admin).table
    }
}
