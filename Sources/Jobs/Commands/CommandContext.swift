import JSON
import SparkErrors
import Synchronization
import Warehouse
import Workspace

/// One execution context: the SQL session or the interpreter that its commands share, and the commands, one after another.
final class CommandContext: Sendable {
    enum CommandState: String, Sendable {
        case queued = "Queued"
        case running = "Running"
        case cancelling = "Cancelling"
        case finished = "Finished"
        case cancelled = "Cancelled"
        case error = "Error"

        var isFinal: Bool { self == .finished || self == .cancelled || self == .error }
    }

    struct Command: Sendable {
        let id: String
        let text: String
        var state = CommandState.queued
        var results: JSONObject?
    }

    enum Engine: Sendable {
        case sql(SQLService, session: String)
        case python(PythonSession)
    }

    private struct State {
        var commands: [String: Command] = [:]
        /// Those that are kept, oldest first.
        var order: [String] = []
        var waiting: [String] = []
        var running: String?
        var run: SQLRun?
    }

    /// Older ones are forgotten.
    private static let mostCommands = 1_000

    let id: String
    let cluster: String
    let language: String
    let owner: Principal
    private let engine: Engine
    private let nowMicros: @Sendable () -> Int64
    private let state = Mutex(State())

    init(id: String, cluster: String, language: String, owner: Principal, engine: Engine, nowMicros: @escaping @Sendable () -> Int64) {
        self.id = id
        self.cluster = cluster
        self.language = language
        self.owner = owner
        self.engine = engine
        self.nowMicros = nowMicros
    }

    /// `Pending`, `Running` or `Error`.
    var status: String {
        switch engine {
        case .sql(let sql, let session): sql.hasSession(session) ? "Running" : "Error"
        case .python(let python): python.isOver ? "Error" : python.isReady ? "Running" : "Pending"
        }
    }

    func command(_ id: String) -> Command? { state.withLock { $0.commands[id] } }

    func add(_ id: String, _ text: String) throws(WorkspaceError) {
        let mayBegin = try state.withLock { state throws(WorkspaceError) -> Bool in
            while state.order.count >= Self.mostCommands {
                guard let place = state.order.firstIndex(where: { state.commands[$0]?.state.isFinal ?? true }) else {
                    throw WorkspaceError(.resourceExhausted, "The context has more than \(Self.mostCommands) commands that wait.")
                }
                state.commands[state.order.remove(at: place)] = nil
            }
            state.commands[id] = Command(id: id, text: text)
            state.order.append(id)
            state.waiting.append(id)
            return state.running == nil && state.waiting.count == 1
        }
        if mayBegin { Task { await self.work() } }
    }

    /// Runs what waits, until nothing does.
    private func work() async {
        while let (command, run) = next() {
            let (ended, results) = await carryOut(command, run)
            state.withLock { state in
                state.commands[command.id]?.state = ended
                state.commands[command.id]?.results = results
                state.running = nil
                state.run = nil
            }
        }
    }

    private func next() -> (Command, SQLRun)? {
        state.withLock { state in
            guard state.running == nil, !state.waiting.isEmpty else { return nil }
            let id = state.waiting.removeFirst()
            guard let command = state.commands[id] else { return nil }
            let run = SQLRun()
            state.commands[id]?.state = .running
            state.running = id
            state.run = run
            return (command, run)
        }
    }

    /// What waits does not begin; what runs is stopped, and has its end when it has stopped.
    func cancel(_ id: String) {
        let run = state.withLock { state -> SQLRun? in
            guard let command = state.commands[id], !command.state.isFinal else { return nil }
            if let place = state.waiting.firstIndex(of: id) {
                state.waiting.remove(at: place)
                state.commands[id]?.state = .cancelled
                return nil
            }
            state.commands[id]?.state = .cancelling
            return state.run
        }
        guard let run else { return }
        run.stop(atMicros: nowMicros())
        if case .python(let python) = engine { python.interrupt() }
    }

    /// Ends the context with all that it runs.
    func end() {
        let waiting = state.withLock { state -> SQLRun? in
            for id in state.waiting { state.commands[id]?.state = .cancelled }
            state.waiting = []
            return state.run
        }
        waiting?.stop(atMicros: nowMicros())
        switch engine {
        case .sql(let sql, let session): sql.closeSession(session, by: owner)
        case .python(let python): python.stop()
        }
    }

    private func carryOut(_ command: Command, _ run: SQLRun) async -> (CommandState, JSONObject?) {
        switch engine {
        case .sql(let sql, let session): await execute(command.text, sql, session, run)
        case .python(let python): await python.execute(command.text, run)
        }
    }

    /// Statements one after another; the last one's rows are the result.
    private func execute(_ text: String, _ sql: SQLService, _ session: String, _ run: SQLRun) async -> (CommandState, JSONObject?) {
        var last = ResultSet.none
        for statement in SQLText.statements(in: text) {
            var request = StatementRequest(text: statement, warehouseID: cluster)
            request.isOnCluster = true
            request.sessionID = session
            request.rowLimit = NotebookTable.mostRows
            request.keepsRowsUpTo = .max
            let submitted: Warehouse.Statement
            do {
                submitted = try sql.submit(request, as: owner)
            } catch {
                return (.error, Self.error((error as? WorkspaceError)?.message ?? "The statement could not be run.", cause: ""))
            }
            if !run.begin(submitted) { submitted.cancel(atMicros: nowMicros()) }
            while !submitted.status.state.isFinal { await submitted.wait(atMost: .seconds(60)) }
            let status = submitted.status
            if status.state == .canceled { return (.cancelled, nil) }
            if let message = status.error?.message ?? status.refusal { return (.finished, Self.error(message, cause: message)) }
            last = status.result ?? .none
        }
        return (.finished, NotebookTable.json(last))
    }

    /// The summary is HTML.
    static func error(_ message: String, name: String? = nil, cause: String) -> JSONObject {
        let escaped = message.replacing("&", with: "&amp;").replacing("<", with: "&lt;").replacing(">", with: "&gt;")
        let summary = name.map { "<span class=\"ansi-red-fg\">\($0)</span>: \(escaped)" } ?? escaped
        return JSONObject([("resultType", "error"), ("summary", .string(summary)), ("cause", .string(cause))])
    }
}
