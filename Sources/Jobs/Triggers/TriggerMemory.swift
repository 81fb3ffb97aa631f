package import JSON
import Workspace

/// What a job's trigger has seen and must know after a restart, too: a document of the workspace by the job's id.
package struct TriggerMemory: Sendable {
    static let kind = "job-trigger"

    /// Of one monitored job.
    private struct Upstream {
        /// A run that counts has ended since the trigger began a run last.
        var isSeen = false
        /// The last one that counted, as `CompletedJob` has it.
        var last: JSONValue?
        var missed: String?
    }

    private var upstream: [String: Upstream] = [:]
    /// How the condition was evaluated last.
    private(set) var condition: JSONObject?

    init(_ body: JSONObject?) {
        for member in body?["upstream"]?.objectValue?.members ?? [] {
            upstream[member.name] = Upstream(
                isSeen: member.value["seen"]?.boolValue ?? false, last: member.value["last"], missed: member.value["missed"]?.stringValue)
        }
        condition = body?["condition"]?.objectValue
    }

    var body: JSONObject {
        var body = JSONObject()
        var states = JSONObject()
        for (job, state) in upstream.sorted(by: { $0.key < $1.key }) {
            var object = JSONObject([("seen", .bool(state.isSeen))])
            object["last"] = state.last
            object["missed"] = state.missed.map { .string($0) }
            states[job] = .object(object)
        }
        if !states.isEmpty { body["upstream"] = .object(states) }
        body["condition"] = condition.map { .object($0) }
        return body
    }

    // MARK: Ends of other jobs' runs

    mutating func completed(_ job: Int, _ run: Run, _ workspaceID: Int) {
        upstream[String(job), default: Upstream()].isSeen = true
        upstream[String(job)]?.last = [
            "job_id": .string(String(job)), "workspace_id": .string(String(workspaceID)), "run_id": .string(String(run.id)),
            "completion_time": .string(RunTime(millis: run.life.end ?? run.life.start).part("iso_datetime") ?? ""),
            "termination_code": .string(run.life.terminationCode),
        ]
    }

    mutating func missed(_ job: Int, _ run: Run) { upstream[String(job), default: Upstream()].missed = run.life.terminationCode }

    /// Once all of the jobs have ended a run: the latest of each; each must end another one before the next time.
    mutating func takeCompletions(of jobs: [Int]) -> JSONValue? {
        let names = jobs.map(String.init)
        let all = names.compactMap { name in upstream[name].flatMap { $0.isSeen ? $0.last : nil } }
        guard all.count == names.count else { return nil }
        for name in names { upstream[name]?.isSeen = false }
        return .array(all)
    }

    // MARK: Conditions

    private static func key(_ condition: SQLCondition) -> JSONValue { .string("\(condition.mode.rawValue) \(condition.queryID)") }

    /// Whether the value is another one than the same condition found last; the first one always is.
    func isNew(_ value: JSONValue, _ condition: SQLCondition) -> Bool {
        self.condition?["key"] != Self.key(condition) || self.condition?["value"] != value
    }

    /// - Parameter value: what the query found; nil: nothing that could be compared.
    mutating func evaluated(_ condition: SQLCondition, _ isMet: Bool, value: JSONValue?, statement: String?) {
        let isSame = self.condition?["key"] == Self.key(condition)
        var object = JSONObject([("key", Self.key(condition)), ("satisfied", .bool(isMet))])
        object["value"] = value ?? (isSame ? self.condition?["value"] : nil)
        object["statement_id"] = statement.map { .string($0) }
        self.condition = object
    }

    // MARK: Showing

    /// `trigger_state` of the API, as far as it is remembered.
    package func shown(_ plan: JobPlan, workspaceID: Int) -> JSONObject {
        var state = JSONObject()
        if case .completion(let jobs, _, _)? = plan.trigger {
            let states = jobs.map { job -> JSONValue in
                let known = upstream[String(job)] ?? Upstream()
                var object = JSONObject([
                    ("job_id", .string(String(job))), ("workspace_id", .string(String(workspaceID))), ("has_seen_completion", .bool(known.isSeen)),
                ])
                object["last_seen_completion_time"] = known.last?["completion_time"]
                object["last_seen_result"] = known.last?["termination_code"]
                object["last_seen_run_id"] = known.last?["run_id"]
                object["latest_non_matching_result"] = known.missed.map { .string($0) }
                return .object(object)
            }
            state["job_completion"] = ["monitored_job_states": .array(states)]
        }
        if plan.condition != nil {
            var object = JSONObject()
            object["latest_condition_evaluation_satisfied"] = condition?["satisfied"]
            object["latest_condition_evaluation_sql_statement_id"] = condition?["statement_id"]
            state["sql_condition"] = .object(object)
        }
        return state
    }
}

extension JobsService {
    package func triggerMemory(of job: Int) throws -> TriggerMemory {
        TriggerMemory(try workspace.resources.get(TriggerMemory.kind, String(job))?.body)
    }
}

extension RunEngine {
    func remember(_ job: Int, _ memory: TriggerMemory) throws {
        let id = String(job)
        let body = memory.body
        if try resources.update(TriggerMemory.kind, id, { $0.body = body }) == nil {
            _ = try resources.insert(TriggerMemory.kind, id: id, uniqueKey: nil, owner: "", body)
        }
    }

    func forgetMemory(of job: Int) throws { _ = try resources.delete(TriggerMemory.kind, String(job)) }
}
