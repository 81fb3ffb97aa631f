import Columnar
import JSON
import SparkErrors
import SparkSyntax
import Synchronization
import Warehouse
import Workspace

/// The statements of a SQL task.
struct SQLWork: Sendable {
    enum Source: Sendable {
        case file(String)
        case query(String)
        case text(String)
        case alert(AlertRule.Kind, String)
        /// A dashboard's id
        case dashboard(String)
    }

    let taskRun: Int
    let source: Source
    let warehouseID: String
    let runAs: String
    let parameters: [(name: String, value: String)]
    /// When it was due; nil: now.
    var now: Int64?
}

/// How they ended.
struct SQLOutcome: Sendable {
    /// Nil: they succeeded.
    var error: String?
    /// The statements could not be begun.
    var code: RunLife.Code?
    var output = JSONObject()
}

/// Statements under way, so that they can be stopped.
final class SQLRun: Sendable {
    private let state = Mutex<(isStopped: Bool, statement: Warehouse.Statement?)>((false, nil))

    var isStopped: Bool { state.withLock { $0.isStopped } }

    func stop(atMicros now: Int64) {
        let statement = state.withLock { state in
            state.isStopped = true
            return state.statement
        }
        statement?.cancel(atMicros: now)
    }

    /// False if they are to stop.
    func begin(_ statement: Warehouse.Statement) -> Bool {
        state.withLock { state in
            state.statement = statement
            return !state.isStopped
        }
    }
}

extension JobsService {
    /// Runs the statements one after another; the first that fails ends the task.
    func execute(_ work: SQLWork, _ run: SQLRun) async -> SQLOutcome {
        var outcome = SQLOutcome()
        let text: String
        do {
            guard let principal = try workspace.principal(named: work.runAs) ?? workspace.administrator() else {
                return Self.notFound("The user \(work.runAs) does not exist")
            }
            switch work.source {
            case .alert(let kind, let id): return try await evaluate(kind, id, work, run, principal)
            case .dashboard(let id): return try await refresh(dashboard: id, work, run, principal)
            case .text(let given): text = given
            case .query(let id):
                guard let query = try workspace.resources.get("query", id), query.body["lifecycle_state"] != "TRASHED",
                    let found = query.body["query_text"]?.stringValue
                else {
                    return Self.notFound("Query \(id) does not exist")
                }
                text = found
            case .file(let path):
                guard let found = try sources(path) else { return Self.notFound("The SQL file \(path) does not exist in the workspace") }
                text = found
            }
            let filled = DynamicValues.resolve(text) { name in work.parameters.first { $0.name == name }?.value }
            let statements = StatementSplitter.statements(in: filled)
            guard !statements.isEmpty else { return SQLOutcome(error: "There is no statement in the text.") }
            let warehouseID = try work.warehouseID.isEmpty ? workspace.warehouses.list(limit: 1).first?.id ?? "" : work.warehouseID
            var keys: [JSONValue] = []
            var last: ResultSet?
            for statement in statements {
                var request = StatementRequest(text: statement, warehouseID: warehouseID)
                request.parameters = work.parameters.map { .init(name: $0.name, ordinal: nil, value: $0.value, type: "STRING") }
                let submitted = try sql.submit(request, as: principal)
                keys.append(["lookup_key": .string(submitted.id)])
                if !run.begin(submitted) { submitted.cancel(atMicros: workspace.environment.nowMicros) }
                while !submitted.status.state.isFinal { await submitted.wait(atMost: .seconds(60)) }
                let status = submitted.status
                if let error = status.error {
                    outcome.error = error.message
                    break
                }
                if status.state == .canceled {
                    outcome.error = "The statement was cancelled."
                    break
                }
                last = status.result
            }
            outcome.output = Self.output(work, filled, keys, last)
        } catch let error as WorkspaceError {
            return SQLOutcome(error: error.message, code: error.code == .permissionDenied ? .resourceNotFound : .internalError)
        } catch {
            return SQLOutcome(error: "The statement could not be run.", code: .internalError)
        }
        return outcome
    }

    static func notFound(_ message: String) -> SQLOutcome { SQLOutcome(error: message, code: .resourceNotFound) }

    private static let shownRows = 1_000

    /// `sql_output` of the API, and the rows for references.
    private static func output(_ work: SQLWork, _ text: String, _ keys: [JSONValue], _ result: ResultSet?) -> JSONObject {
        if case .text = work.source { return JSONObject() }
        var answer = JSONObject([
            ("query_text", .string(SecretLiterals.hidden(in: text))), ("warehouse_id", .string(work.warehouseID)), ("sql_statements", .array(keys)),
        ])
        var output = JSONObject()
        var rows: [JSONValue] = []
        if let result, result.schema.count > 0 {
            var writer = JSONWriter(capacity: 1_024)
            writer.beginArray()
            let text = ResultText(timeZoneID: result.timeZoneID)
            var left = shownRows
            for batch in result.batches where left > 0 {
                text.write(batch, to: &writer)
                left -= batch.rowCount
            }
            writer.endArray()
            let values = Array(((try? JSONValue(parsing: writer.finish()))?.arrayValue ?? []).prefix(shownRows))
            let names = result.schema.fields.map(\.name)
            rows = values.map { row in .members(zip(names, row.arrayValue ?? []).map { ($0, $1) }) }
            if case .file = work.source {
                answer["query_result"] = [
                    "columns": .array(names.map { ["name": .string($0)] }),
                    "rows": .array(
                        values.map { row in
                            [
                                "values": .array(
                                    (row.arrayValue ?? []).map { $0.isNull ? .object(JSONObject()) : ["string_value": $0] })
                            ]
                        }),
                    "truncated": .bool(result.rowCount > shownRows),
                ]
            }
        }
        if case .file = work.source {
            output["sql_output"] = ["file_output": .object(answer)]
        } else {
            answer["endpoint_id"] = .string(work.warehouseID)
            output["sql_output"] = ["query_output": .object(answer)]
        }
        if !rows.isEmpty { output["rows"] = .array(rows) }
        return output
    }
}

extension RunEngine {
    /// Hands a SQL task's statements out; a dashboard of the older kind has none that are known here, and is simulated.
    func beginSQL(_ run: ActiveRun, _ id: Int, _ body: JSONObject, _ scripted: ScriptedEnding?) throws {
        let source: SQLWork.Source
        if let path = body["file"]?["path"]?.stringValue {
            guard body["file"]?["source"]?.stringValue != "GIT" else {
                return try finish(
                    run, id, .failed, code: .resourceNotFound,
                    message: "The SQL file \(path) is in a Git repository, which is not read", phase: .internalError)
            }
            source = .file(path)
        } else if let query = body["query"]?["query_id"]?.stringValue {
            source = .query(query)
        } else if scripted == nil, let alert = body["alert"]?["alert_id"]?.stringValue {
            source = .alert(.older, alert)
        } else {
            change(run, id) { $0.ending = scripted ?? ScriptedEnding() }
            return enterRunning(run, id)
        }
        begun(run, id)
        if let scripted { change(run, id) { $0.ending = scripted } }
        working.insert(id)
        effects.append(
            .sql(
                SQLWork(
                    taskRun: id, source: source, warehouseID: body["warehouse_id"]?.stringValue ?? "", runAs: run.run.runAs,
                    parameters: (body["parameters"]?.objectValue?.members ?? []).map { ($0.name, $0.value.bareText) })))
    }

    /// A notebook's statements run on the warehouse that it names, or on the workspace's first one.
    func beginNotebook(_ run: ActiveRun, _ id: Int, _ body: JSONObject, _ text: String) throws {
        begun(run, id)
        working.insert(id)
        effects.append(
            .sql(
                SQLWork(
                    taskRun: id, source: .text(text), warehouseID: body["warehouse_id"]?.stringValue ?? "", runAs: run.run.runAs,
                    parameters: (body["base_parameters"]?.objectValue?.members ?? []).map { ($0.name, $0.value.bareText) })))
    }

    /// The outcome of work that was handed out. With a virtual clock no time has passed meanwhile.
    func finishWork(_ id: Int, _ outcome: SQLOutcome) throws {
        guard working.remove(id) != nil || watching.remove(id) != nil, let run = owners[id].flatMap({ active[$0] }) else { return }
        guard let error = outcome.error else {
            if let ending = run.attempt(id)?.ending, ending.duration > 0 {
                change(run, id) { $0.output = outcome.output }
                return plan(run, id, .end, at: max(now, (run.attempt(id)?.life.running ?? now) + ending.duration))
            }
            return try finish(run, id, .success, output: outcome.output)
        }
        var output = outcome.output
        output["error"] = .string(error)
        if let code = outcome.code {
            try finish(run, id, .failed, code: code, message: error, phase: .internalError, output: output)
        } else {
            try finish(run, id, .failed, code: .runExecutionError, message: Self.workloadFailed, output: output)
        }
    }
}
