import Columnar
package import S3
import SparkErrors
package import SparkSQL
package import Storage
import Synchronization
package import Workspace

/// The SQL side of a workspace: takes statements, runs them on the pool, and keeps them until their time is over.
package final class SQLService: Sendable {
    /// A statement's status stays readable for 12 hours, its result for one (API page "Statement Execution").
    private static let keepStatusMicros: Int64 = 12 * 3_600_000_000
    private static let keepResultMicros: Int64 = 3_600_000_000
    /// Older statements go before their time when there are more than these.
    private static let maxStatements = 10_000
    private static let maxSessions = 10_000
    private static let maxHistory = 10_000

    private struct State {
        var statements: [String: Statement] = [:]
        /// Ids in the order of submission, from `head`.
        var order: [String] = []
        var head = 0
        /// Oldest first; of those whose result is given up only what the history shows is left.
        var history: [Statement] = []
        var sessions: [String: Session] = [:]
    }

    package let workspace: Workspace
    package let tables: TableStore
    let pool: WorkerPool
    /// Makes and knows temporary credentials for the object store.
    package let storageKey: StorageKey
    /// Which of the optimiser's rules run; results are the same without them.
    let optimizer: OptimizerOptions
    let neighbours: SharingNeighbours
    let viewData = SharedViewData()
    private let state = Mutex(State())

    package init(
        workspace: Workspace, objects: any ObjectStore, pool: WorkerPool, storageKey: StorageKey = StorageKey(secret: ""),
        optimizer: OptimizerOptions = .standard, neighbours: SharingNeighbours = SharingNeighbours()
    ) {
        self.workspace = workspace
        self.storageKey = storageKey
        tables = TableStore(workspace: workspace, objects: objects)
        self.pool = pool
        self.optimizer = optimizer
        self.neighbours = neighbours
    }

    /// Takes a statement; its warehouse starts if it is stopped, and the statement waits for it.
    package func submit(_ request: StatementRequest, as principal: Principal) throws -> Statement {
        let session: Session
        do {
            session = try self.session(for: request, principal)
        } catch {
            // What is wrong with the warehouse is said first; a statement that is refused starts none.
            if !request.isOnCluster { _ = try workspace.warehouses.settings(of: request.warehouseID, usedBy: principal) }
            throw error
        }
        var readyMicros: Int64 = 0
        var timeout: Int?
        if !request.isOnCluster {
            let (ready, settings) = try workspace.warehouses.readied(request.warehouseID, by: principal)
            if request.isRefusedDuringStart, !settings.serverless {
                try Self.requireStarted(request.warehouseID, ready, at: workspace.environment.nowMicros)
            }
            (readyMicros, timeout) = (ready, settings.statementTimeout)
        }
        let now = workspace.environment.nowMicros
        let statement = Statement(
            id: workspace.environment.ids.timeOrdered(), request: request, principal: principal, submittedMicros: now,
            timeoutSeconds: Int64(timeout ?? 0))
        keep(statement, now)
        if readyMicros > now {
            Task { [self] in
                try? await workspace.environment.clock.sleep(untilMicros: readyMicros)
                enqueue(statement, session)
            }
        } else {
            enqueue(statement, session)
        }
        return statement
    }

    /// Throws what clients are to ask again after while something starts.
    private static func requireStarted(_ warehouseID: String, _ ready: Int64, at now: Int64) throws(WorkspaceError) {
        guard ready > now else { return }
        throw .starting("SQL warehouse \(warehouseID)", millis: (ready - now) / 1000)
    }

    private func enqueue(_ statement: Statement, _ session: Session) {
        do {
            try pool.run { [self] in run(statement, session) }
        } catch {
            statement.request.hooks?.ended()
            statement.fail(SQLError(.tooManyStatements), atMicros: workspace.environment.nowMicros)
        }
    }

    private func run(_ statement: Statement, _ session: Session) {
        defer { statement.request.hooks?.ended() }
        guard statement.begin(atMicros: workspace.environment.nowMicros) else { return }
        let limit = session.current.statementTimeout(warehouse: statement.timeoutSeconds)
        statement.cancellation.limit(seconds: statement.request.timeoutSeconds.map { min($0, limit) } ?? limit)
        do throws(SQLError) {
            let result = try StatementRunner(service: self, session: session, statement: statement).run()
            if let limit = statement.request.keepsRowsUpTo, result.batches.reduce(0, { $0 + $1.byteSize }) <= limit {
                return statement.succeed(result, nil, atMicros: workspace.environment.nowMicros)
            }
            do throws(ChunkEncoder.Failure) {
                let delivery = try ResultDelivery(
                    result, statement.request.form, parallelism: pool.parallelism, cancellation: statement.cancellation)
                let kept = delivery.form.disposition == .inline ? result : ResultSet(schema: result.schema, batches: [])
                statement.succeed(kept, delivery, atMicros: workspace.environment.nowMicros)
            } catch {
                switch error {
                case .tooLarge: statement.refuse(Self.tooLarge, atMicros: workspace.environment.nowMicros)
                case .ended(let error): throw error
                }
            }
        } catch {
            statement.fail(error.with(statement: statement.request.text), atMicros: workspace.environment.nowMicros)
        }
    }

    /// The beginning is the real service's.
    private static let tooLarge =
        "Inline byte limit exceeded. Statements executed with disposition=INLINE can have a result size of at most "
        + "\(ResultForm.maxInlineBytes) bytes. Please execute the statement with disposition=EXTERNAL_LINKS if you want to download the full result."

    /// Ends what runs on a warehouse that stops or is deleted.
    package func endStatements(of warehouseID: String) {
        let now = workspace.environment.nowMicros
        let ended = state.withLock { state in
            state.sessions = state.sessions.filter { $0.value.warehouseID != warehouseID }
            return state.statements.values.filter { $0.request.warehouseID == warehouseID }
        }
        for statement in ended { statement.cancel(atMicros: now) }
    }

    package func sessionCount(of warehouseID: String) -> Int {
        state.withLock { state in state.sessions.isEmpty ? 0 : state.sessions.values.count { $0.warehouseID == warehouseID } }
    }

    /// The statements that the caller may see: his own, or all for administrators.
    package func history(for principal: Principal) -> QueryHistory {
        let all = state.withLock { $0.history }
        return QueryHistory(statements: all.reversed().filter { principal.isAdmin || $0.principal.id == principal.id })
    }

    /// A statement's result by its id alone, for links that are signed; nil if it is there no more.
    package func delivery(of id: String) -> ResultDelivery? {
        guard let statement = state.withLock({ $0.statements[id] }) else { return nil }
        if let ended = statement.finishedMicros, workspace.environment.nowMicros - ended > Self.keepResultMicros { statement.close() }
        return statement.status.delivery
    }

    /// A statement of this caller; nil if there is none, or none any more.
    package func statement(_ id: String, for principal: Principal) -> Statement? {
        let now = workspace.environment.nowMicros
        guard let statement = state.withLock({ $0.statements[id] }) else { return nil }
        guard statement.principal.id == principal.id || principal.isAdmin else { return nil }
        if let ended = statement.finishedMicros {
            if now - ended > Self.keepStatusMicros { return nil }
            if now - ended > Self.keepResultMicros { statement.close() }
        }
        return statement
    }

    private func keep(_ statement: Statement, _ now: Int64) {
        state.withLock { state in
            state.statements[statement.id] = statement
            state.order.append(statement.id)
            // The history is that of warehouses.
            if !statement.request.isOnCluster { state.history.append(statement) }
            if state.history.count >= 2 * Self.maxHistory { state.history.removeFirst(Self.maxHistory) }
            while state.head < state.order.count {
                guard let oldest = state.statements[state.order[state.head]] else {
                    state.head += 1
                    continue
                }
                guard let ended = oldest.finishedMicros else { break }
                guard now - ended > Self.keepStatusMicros || state.statements.count > Self.maxStatements else { break }
                state.statements[oldest.id] = nil
                oldest.close()
                state.head += 1
            }
            if state.head > 4096 {
                state.order.removeFirst(state.head)
                state.head = 0
            }
        }
    }

    // MARK: Sessions

    func session(for request: StatementRequest, _ principal: Principal) throws -> Session {
        guard let id = request.sessionID, !id.isEmpty else {
            return makeSession(id: "", request.warehouseID, catalog: request.catalog, schema: request.schema, owner: principal.id)
        }
        guard let session = state.withLock({ $0.sessions[id] }), session.owner == principal.id || principal.isAdmin else {
            throw WorkspaceError(.notFound, "The session \(id.prefix(64)) was not found.")
        }
        return session
    }

    private func makeSession(id: String, _ warehouseID: String, catalog: String?, schema: String?, owner: String) -> Session {
        Session(
            id: id, warehouseID: warehouseID, owner: owner, catalog: (catalog ?? "main").lowercased(), schema: (schema ?? "default").lowercased())
    }

    /// Opens a session whose statements share catalog, schema and settings.
    package func openSession(
        warehouseID: String, isOnCluster: Bool = false, catalog: String?, schema: String?, settings: [(key: String, value: String)],
        by principal: Principal
    ) throws -> Session {
        if !isOnCluster { _ = try workspace.warehouses.use(warehouseID, by: principal) }
        let session = makeSession(
            id: workspace.environment.ids.timeOrdered(), warehouseID, catalog: catalog, schema: schema, owner: principal.id)
        for (key, value) in settings {
            do throws(SQLError) {
                try session.update { (state) throws(SQLError) in try state.set(key, to: value) }
            } catch {
                throw WorkspaceError.invalid("The session setting \(key.prefix(64)) was refused.")
            }
        }
        return try state.withLock { state in
            guard state.sessions.count < Self.maxSessions else {
                throw WorkspaceError(.resourceExhausted, "There are too many open sessions.")
            }
            state.sessions[session.id] = session
            return session
        }
    }

    /// Whether a session is still there: those of a warehouse end when it is stopped.
    package func hasSession(_ id: String) -> Bool { state.withLock { $0.sessions[id] != nil } }

    package func closeSession(_ id: String, by principal: Principal) {
        state.withLock { state in
            guard let session = state.sessions[id], session.owner == principal.id || principal.isAdmin else { return }
            state.sessions[id] = nil
        }
    }
}
