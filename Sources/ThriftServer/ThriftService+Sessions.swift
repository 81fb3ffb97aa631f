import SparkErrors
import Synchronization
import Warehouse
import Workspace

extension ThriftService {
    /// Sessions that nobody used for that long are over (HiveServer2, `hive.server2.idle.session.timeout`).
    private static let idleMicros: Int64 = 8 * 3_600_000_000

    func openSession(_ request: ThriftStructure, _ context: Context) throws -> Fields {
        let asked = request.integer(1282) ?? request.integer(1) ?? TCLI.newestProtocol
        let version = Int32(truncatingIfNeeded: min(max(asked, TCLI.oldestProtocol), TCLI.newestProtocol))
        let namespace = request.structure(1284)
        let catalog = namespace?.string(1).flatMap { $0.isEmpty || $0.lowercased() == "spark" ? nil : $0 }
        let schema = namespace?.string(2).flatMap { $0.isEmpty ? nil : $0 }
        let settings = request.stringMap(4).filter { !Self.isDriverFlag($0.key) }
        let session: Session
        do {
            session = try sql.openSession(
                warehouseID: context.computeID, isOnCluster: context.isOnCluster, catalog: catalog, schema: schema, settings: settings,
                by: context.principal)
        } catch let error as WorkspaceError where error.code == .invalidParameterValue {
            throw TStatus(error.message, sqlState: "42000")
        }
        let handle = newHandle(session.id)
        let now = sql.workspace.environment.nowMicros
        let expired = state.withLock { state -> [OpenSession] in
            let expired = state.sessions.values.filter { now - $0.lastUsed > Self.idleMicros }
            for session in expired { Self.remove(session, from: &state) }
            state.sessions[handle.guid] = OpenSession(handle: handle, session: session, lastUsed: now)
            return expired
        }
        for session in expired { sql.closeSession(session.session.id, by: .system) }
        let names = (catalog: namespace?.string(1)?.lowercased() ?? session.current.catalog, schema: session.current.schema)
        return { writer in
            TStatus.success(&writer)
            writer.i32(2, version)
            writer.structure(3) { writer in
                handle.write(1, to: &writer)
                writer.i32(3329, version)
            }
            writer.stringMap(4, [])
            writer.structure(1284) { writer in
                writer.string(1, names.catalog)
                writer.string(2, names.schema)
            }
            writer.bool(1285, true)
        }
    }

    /// What drivers tell of themselves and of the form of results, which is no setting of SQL.
    private static func isDriverFlag(_ key: String) -> Bool {
        let key = key.lowercased()
        return key.hasPrefix("spark.thriftserver.") || key.hasPrefix("spark.sql.thriftserver.") || key.hasPrefix("use:") || key == "set:hiveconf:"
    }

    func closeSession(_ request: ThriftStructure, _ context: Context) throws -> Fields {
        let session = try session(request, context, isClosing: true)
        let operations = state.withLock { state -> [ThriftOperation] in
            let operations = (state.sessions[session.handle.guid]?.operations ?? []).compactMap { state.operations[$0] }
            Self.remove(session, from: &state)
            return operations
        }
        for operation in operations { end(operation) }
        sql.closeSession(session.session.id, by: context.principal)
        return Self.done
    }

    private static func remove(_ session: OpenSession, from state: inout State) {
        guard let session = state.sessions.removeValue(forKey: session.handle.guid) else { return }
        for guid in session.operations { state.operations[guid] = nil }
    }

    /// The session of a call: its first field is the handle. Another principal's session is as unknown as one that never was, or that ended with
    /// its warehouse.
    func session(_ request: ThriftStructure, _ context: Context, isClosing: Bool = false) throws -> OpenSession {
        guard let handle = Handle(request.structure(1)?.structure(1)) else { throw TStatus.missing("sessionHandle") }
        let now = sql.workspace.environment.nowMicros
        let session = state.withLock { state -> OpenSession? in
            guard let session = state.sessions[handle.guid], session.handle.secret == handle.secret, now - session.lastUsed <= Self.idleMicros,
                session.session.owner == context.principal.id, session.session.warehouseID == context.computeID
            else { return nil }
            state.sessions[handle.guid]?.lastUsed = now
            return session
        }
        guard let session else { throw Self.noSession(handle.guid, context, isClosing: isClosing) }
        guard sql.hasSession(session.session.id) else {
            state.withLock { Self.remove(session, from: &$0) }
            throw Self.noSession(handle.guid, context, isClosing: isClosing)
        }
        return session
    }

    /// A cluster's Thrift server says it itself (recorded answers). Before a warehouse stands a gateway that answers by HTTP: 404 to the closing,
    /// which drivers take for done (databricks-sql-connector `auth/retry.py`), 400 to all else (databricks-sql-python, issues 160 and 400).
    private static func noSession(_ guid: [UInt8], _ context: Context, isClosing: Bool) -> any Error {
        if context.isOnCluster { return TStatus.noSession(guid) }
        let id = Handle.text(guid)
        if isClosing { return WorkspaceError(.resourceDoesNotExist, "Session \(id) does not exist.") }
        return WorkspaceError(.badRequest, "Invalid SessionHandle: Session [\(id)] is closed.")
    }

    /// `GetInfo`: what the server is called.
    func info(_ request: ThriftStructure, _ context: Context) throws -> Fields {
        _ = try session(request, context)
        let kind = request.integer(2)
        let text: String
        switch kind {
        case 13: text = "Spark SQL"
        case 17: text = "Spark SQL"
        case 18: text = "4.0.0"
        default: throw TStatus("Unrecognized GetInfoType value: \(kind ?? -1)", sqlState: "HYC00")
        }
        return { writer in
            TStatus.success(&writer)
            writer.structure(2) { $0.string(1, text) }
        }
    }
}
