import SparkErrors
import Synchronization
package import Warehouse
package import Workspace

/// The drivers' side of a workspace's SQL: TCLIService over HTTP, one call a request, on the sessions and statements that the REST API has, too.
///
/// Facts: answers recorded of the real service, with databricks-sql-connector's `ttypes.py` for the numbers.
package final class ThriftService: Sendable {
    /// Who calls, and how.
    package struct Context: Sendable {
        /// Of the warehouse, or of the cluster.
        let computeID: String
        let isOnCluster: Bool
        /// Scheme and host by which the client reached the server.
        let baseURL: String
        let principal: Principal
        let hooks: StatementHooks?
        /// The link to a chunk of a statement's result, and its end in milliseconds since 1970-01-01 UTC.
        let link: @Sendable (_ statement: String, _ chunk: Int) -> (url: String, expiryMillis: Int64)

        package init(
            computeID: String, isOnCluster: Bool = false, baseURL: String, principal: Principal, hooks: StatementHooks?,
            link: @escaping @Sendable (_ statement: String, _ chunk: Int) -> (url: String, expiryMillis: Int64)
        ) {
            self.computeID = computeID
            self.isOnCluster = isOnCluster
            self.baseURL = baseURL
            self.principal = principal
            self.hooks = hooks
            self.link = link
        }
    }

    /// The fields of an answer; a call that went wrong throws `TStatus` instead.
    typealias Fields = @Sendable (inout BinaryWriter) -> Void

    struct OpenSession: Sendable {
        let handle: Handle
        let session: Session
        var operations: [[UInt8]] = []
        /// By the workspace's clock.
        var lastUsed: Int64
    }

    struct State: Sendable {
        var sessions: [[UInt8]: OpenSession] = [:]
        var operations: [[UInt8]: ThriftOperation] = [:]
    }

    static let maxOperationsPerSession = 1_000

    package let sql: SQLService
    let state = Mutex(State())

    package init(sql: SQLService) { self.sql = sql }

    /// The calls that a driver may make; others are refused as Thrift has it.
    package static let calls: Set<String> = [
        "OpenSession", "CloseSession", "GetInfo", "ExecuteStatement", "GetTypeInfo", "GetCatalogs", "GetSchemas", "GetTables", "GetTableTypes",
        "GetColumns", "GetFunctions", "GetPrimaryKeys", "GetCrossReference", "GetOperationStatus", "CancelOperation", "CloseOperation",
        "GetResultSetMetadata", "FetchResults",
    ]

    /// Answers one message with one message. Throws `ThriftError` if the bytes are no call at all, and the errors of the warehouse that HTTP tells.
    package func answer(_ body: [UInt8], _ context: Context) async throws -> [UInt8] {
        let head = try BinaryReader.head(body)
        guard Self.calls.contains(head.name) else {
            return BinaryWriter.exception(head.name, head.sequence, code: 1, "Invalid method name: '\(head.name.prefix(64))'")
        }
        let call: ThriftCall
        do {
            call = try BinaryReader.call(body)
        } catch {
            return BinaryWriter.exception(head.name, head.sequence, code: 7, "\(error.reason)")
        }
        guard let request = call.arguments.structure(1) else {
            return BinaryWriter.exception(head.name, head.sequence, code: 7, "the call has no argument 'req'")
        }
        let fields: Fields
        do {
            fields = try await carryOut(call.name, request, context)
        } catch let status as TStatus {
            fields = { $0.structure(1) { status.write(to: &$0) } }
        }
        return BinaryWriter.message(call.name, call.sequence, kind: 2) { $0.structure(0, fields) }
    }

    private func carryOut(_ name: String, _ request: ThriftStructure, _ context: Context) async throws -> Fields {
        switch name {
        case "OpenSession": try openSession(request, context)
        case "CloseSession": try closeSession(request, context)
        case "GetInfo": try info(request, context)
        case "ExecuteStatement": try await execute(request, context)
        case "GetOperationStatus": try await operationStatus(request, context)
        case "GetResultSetMetadata": try await resultMetadata(request, context)
        case "FetchResults": try await fetch(request, context)
        case "CancelOperation": try cancelOperation(request, context)
        case "CloseOperation": try closeOperation(request, context)
        default: try await metadata(name, request, context)
        }
    }

    static let done: Fields = { TStatus.success(&$0) }

    /// The handle of a session or statement: its id, by which the query history and the real service's messages name it, and a secret from the
    /// workspace's seed.
    func newHandle(_ id: String) -> Handle {
        Handle(guid: Handle.bytes(hex: id), secret: Handle.bytes(hex: sql.workspace.environment.ids.secretHex(byteCount: 16)))
    }
}
