import Columnar
import JSON
import SparkErrors
import SparkSyntax
import Warehouse
import Workspace

/// The evaluation of a trigger's SQL condition.
struct ConditionWork: Sendable {
    let job: Int
    let condition: SQLCondition
    let runAs: String
}

/// How it ended. A query that cannot be run, or whose result cannot be compared, does not meet the condition.
struct ConditionResult: Sendable {
    /// The query has rows.
    var hasRows = false
    /// Its only value; nil if it has none or more.
    var value: JSONValue?
    var statement: String?
}

extension RunEngine {
    /// Begins a trigger's run, after its condition was evaluated if it has one. While that lasts the trigger begins no other run.
    func beginIfMet(_ order: RunOrder, _ job: Int) throws {
        guard let condition = order.plan.condition else {
            try begin(order, at: now)
            return
        }
        guard awaiting[job] == nil else { return }
        awaiting[job] = order
        working.insert(Self.conditionWork(job))
        effects.append(.condition(ConditionWork(job: job, condition: condition, runAs: order.runAs)))
    }

    /// Ids of attempts and jobs are positive.
    private static func conditionWork(_ job: Int) -> Int { -job }

    func conditionEvaluated(_ work: ConditionWork, _ result: ConditionResult) throws {
        working.remove(Self.conditionWork(work.job))
        guard var order = awaiting.removeValue(forKey: work.job), try store.job(work.job) != nil else { return }
        var memory = TriggerMemory(try resources.get(TriggerMemory.kind, String(work.job))?.body)
        let isMet =
            switch work.condition.mode {
            case .rows: result.hasRows
            case .change: result.value.map { memory.isNew($0, work.condition) } ?? false
            }
        memory.evaluated(work.condition, isMet, value: result.value, statement: result.statement)
        try remember(work.job, memory)
        guard isMet else { return }
        var shown = JSONObject([("condition_evaluation_satisfied", true)])
        shown["condition_evaluation_sql_statement_id"] = result.statement.map { .string($0) }
        order.triggerInfo["sql_condition"] = .object(shown)
        try begin(order, at: now)
    }
}

extension JobsService {
    /// Runs the saved query as the job's own identity, which must be allowed to open it.
    func evaluate(_ work: ConditionWork) async -> ConditionResult {
        var found = ConditionResult()
        let condition = work.condition
        guard let principal = try? workspace.principal(named: work.runAs) ?? workspace.administrator(),
            let query = try? workspace.resources.get("query", condition.queryID),
            principal.isAdmin || query.owner == principal.userName
                || (try? workspace.permissions.level(of: principal, on: "queries", query.id)) ?? nil != nil
        else { return found }
        // Only what reads is run.
        let statements = StatementSplitter.statements(in: query.body["query_text"]?.stringValue ?? "")
        guard statements.count == 1, let text = statements.first, let parsed = try? Parser.parse(text), case .query = parsed.kind,
            let submitted = try? sql.submit(StatementRequest(text: text, warehouseID: condition.warehouseID), as: principal)
        else { return found }
        found.statement = submitted.id
        while !submitted.status.state.isFinal { await submitted.wait(atMost: .seconds(60)) }
        guard submitted.status.state != .canceled, let result = submitted.status.result else { return found }
        found.hasRows = result.rowCount > 0
        guard result.rowCount == 1, result.schema.count == 1 else { return found }
        var writer = JSONWriter(capacity: 256)
        writer.beginArray()
        for batch in result.batches { ResultText(timeZoneID: result.timeZoneID).write(batch, to: &writer) }
        writer.endArray()
        found.value = (try? JSONValue(parsing: writer.finish()))?.arrayValue?.first
        return found
    }
}
