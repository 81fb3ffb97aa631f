package import JSON
import Synchronization
package import Workspace

/// Runs: beginning, ending, repairing and looking at them.
extension JobsService {
    package static let maxToken = 64
    static let maxParameterBytes = 10_000

    /// Begins a run of a job; the same token begins no second one.
    package func runNow(_ object: JSONObject, by principal: Principal) throws -> Int {
        let request = try JobSchema.shared.read(object, as: "RunNow")
        let token = try Self.token(request)
        return try perform { engine in
            let id = request["job_id"]?.intValue ?? 0
            guard let job = try engine.store.job(id), let plan = try engine.plan(job.version) else { throw Self.noJob(id) }
            if let token, let run = try engine.knownRun(token) { return run }
            try Self.checkParameters(request, plan)
            try engine.checkLimits()
            var order = RunOrder(
                jobID: id, version: job.version, plan: plan, creator: principal.userName, runAs: job.runAs)
            order.parameters = Self.jobParameters(request)
            for name in RunParameters.names { order.overriding[name] = request[name] }
            order.only = try Self.only(request, plan)
            order.queue = request["queue"]?["enabled"]?.boolValue
            if case .continuous? = plan.trigger { order.trigger = "CONTINUOUS" }
            let run = try engine.begin(order, at: engine.now)
            if let token { engine.tokens.append((token, run.id)) }
            return run.id
        }
    }

    /// Runs tasks without a job.
    /// - Parameter parent: the attempt whose notebook begins this run and waits for it: where that is cancelled, so is this.
    package func submit(_ object: JSONObject, isWorkflow: Bool = false, parent: Int? = nil, by principal: Principal) throws -> Int {
        let token = try Self.token(try JobSchema.shared.read(object, as: "SubmitRun"))
        let plan = try JobPlan(checking: object, .submission, path: "")
        guard !plan.tasks.isEmpty else { throw WorkspaceError.invalid("Missing required field: tasks") }
        try checkReferences(plan)
        let runAs =
            plan.settings["run_as"]?["user_name"]?.stringValue ?? plan.settings["run_as"]?["service_principal_name"]?.stringValue
            ?? principal.userName
        return try perform { engine in
            if let token, let run = try engine.knownRun(token) { return run }
            try engine.checkLimits()
            if let parent, engine.owners[parent].flatMap({ engine.active[$0] })?.attempt(parent)?.life.phase.isFinal ?? true {
                throw WorkspaceError(.invalidState, "The run \(parent) of the notebook has ended.")
            }
            let version = try engine.store.write { try JobStore.addVersion(plan.text, $0) }
            engine.keep(plan, version)
            var order = RunOrder(jobID: nil, version: version, plan: plan, creator: principal.userName, runAs: runAs)
            order.type = isWorkflow ? "WORKFLOW_RUN" : "SUBMIT_RUN"
            let run = try engine.begin(order, at: engine.now)
            if let token { engine.tokens.append((token, run.id)) }
            if let parent { engine.notebookRuns[parent, default: []].append(run.id) }
            return run.id
        }
    }

    /// Ends a run, or one attempt at a task; what has ended stays as it is.
    package func cancel(_ id: Int, by principal: Principal) throws {
        try perform { engine in
            if let run = engine.active[id] { return try engine.cancel(run, by: principal.userName) }
            if engine.owners[id] != nil { return try engine.cancel(taskRun: id) }
            guard try engine.store.run(id) != nil || engine.store.taskRun(id) != nil else { throw Self.noRun(id) }
        }
    }

    /// Ends all runs of a job, or only those in its queue; without a job, the queues of all.
    package func cancelAll(job id: Int?, queuedOnly: Bool, by principal: Principal) throws {
        try perform { engine in
            if let id, try engine.store.job(id) == nil { throw Self.noJob(id) }
            let jobs = id.map { [$0] } ?? Set(engine.queued.keys).union(engine.running.keys).sorted()
            for job in jobs {
                // Those that wait first, so that none takes the place of one that ends.
                for run in engine.runs(of: job, queued: true).reversed() where !queuedOnly || run.run.life.phase == .queued {
                    try engine.cancel(run, by: principal.userName)
                }
            }
        }
    }

    package func deleteRun(_ id: Int) throws {
        try perform { engine in
            guard let record = try engine.store.run(id) else { throw Self.noRun(id) }
            guard !record.isActive, engine.active[id] == nil else {
                throw WorkspaceError.invalid("Run \(id) is still active: only runs that have ended can be deleted.")
            }
            try engine.store.write { try JobStore.deleteRun(record, $0) }
        }
    }

    /// Runs tasks of a run that has ended again; the repair's id.
    package func repair(_ object: JSONObject) throws -> Int {
        let request = try JobSchema.shared.read(object, as: "RepairRun")
        let id = request["run_id"]?.intValue ?? 0
        return try perform { engine in
            guard let record = try engine.store.run(id), let run = Run(record), let plan = try engine.plan(record.version) else {
                throw Self.noRun(id)
            }
            guard engine.active[id] == nil, !record.isActive else {
                throw WorkspaceError.invalid("Run \(id) is still active: only runs that have ended can be repaired.")
            }
            guard run.life.phase != .skipped else { throw WorkspaceError.invalid("Run \(id) was skipped: there is nothing to repair.") }
            let last = run.repairs.last.map(\.id) ?? 0
            let given = request["latest_repair_id"]?.intValue ?? 0
            guard last == given else {
                throw WorkspaceError.invalid(
                    last == 0
                        ? "latest_repair_id \(given) is wrong: run \(id) has not been repaired."
                        : "latest_repair_id must be \(last), the id of the latest repair of run \(id).")
            }
            var order = RunEngine.RepairOrder()
            order.tasks = request["rerun_tasks"]?.arrayValue?.compactMap(\.stringValue)
            order.allFailed = request["rerun_all_failed_tasks"]?.boolValue ?? false
            order.dependents = request["rerun_dependent_tasks"]?.boolValue ?? false
            guard order.tasks == nil || !order.allFailed else {
                throw WorkspaceError.invalid("Only one of rerun_tasks and rerun_all_failed_tasks can be used.")
            }
            try Self.checkParameters(request, plan)
            order.parameters = Self.jobParameters(request)
            for name in RunParameters.names { order.overriding[name] = request[name] }
            let active = ActiveRun(run, plan)
            active.restore(try engine.store.taskRuns(of: id).compactMap { TaskRun($0) })
            return try engine.repair(active, order)
        }
    }

    // MARK: Checks

    private static func token(_ request: JSONObject) throws(WorkspaceError) -> String? {
        guard let token = request["idempotency_token"]?.stringValue, !token.isEmpty else { return nil }
        guard token.count <= maxToken else { throw .invalid("The idempotency_token must have at most \(maxToken) characters.") }
        return token
    }

    private static func jobParameters(_ request: JSONObject) -> [(name: String, value: String)] {
        (request["job_parameters"]?.objectValue?.members ?? []).map { ($0.name, $0.value.stringValue ?? "") }
    }

    private static func checkParameters(_ request: JSONObject, _ plan: JobPlan) throws(WorkspaceError) {
        for name in RunParameters.names + ["job_parameters"] {
            guard let value = request[name] else { continue }
            guard value.encoded().count <= maxParameterBytes else {
                throw .invalid("The JSON representation of \(name) cannot exceed \(maxParameterBytes) bytes.")
            }
            if name != "job_parameters", name != "pipeline_params", !plan.parameters.isEmpty || request["job_parameters"] != nil {
                throw .invalid("\(name) cannot be used together with job parameters.")
            }
        }
        if request["notebook_params"] != nil, request["jar_params"] != nil {
            throw .invalid("notebook_params cannot be specified in conjunction with jar_params.")
        }
    }

    private static func only(_ request: JSONObject, _ plan: JobPlan) throws(WorkspaceError) -> [String]? {
        guard let keys = request["only"]?.arrayValue?.compactMap(\.stringValue), !keys.isEmpty else { return nil }
        for key in keys {
            let name = String(key.drop { $0 == "+" }.reversed().drop { $0 == "+" }.reversed())
            guard plan.task(name) != nil else { throw .invalid("The task '\(key.prefix(128))' of 'only' is not a task of the job.") }
        }
        return keys
    }

    /// Wording: the service's own; the SDK recognises it.
    package static func noRun(_ id: Int) -> WorkspaceError { .invalid("Run \(id) does not exist.") }
}

extension RunEngine {
    /// The runs of a job that have not ended, in the order of their beginning.
    func runs(of job: Int, queued withQueue: Bool) -> [ActiveRun] {
        ((running[job] ?? []) + (withQueue ? queued[job] ?? [] : [])).compactMap { active[$0] }
    }

    /// The run that a token began; one that was deleted since is an error.
    func knownRun(_ token: String) throws -> Int? {
        guard let id = try store.run(forToken: token) else { return nil }
        guard try store.run(id) != nil || active[id] != nil else {
            throw WorkspaceError.invalid("The run that the idempotency_token began was deleted.")
        }
        return id
    }

    /// Documented: a workspace has at most 2,000 concurrent task runs, and a request beyond that is refused with 429.
    func checkLimits() throws(WorkspaceError) {
        guard owners.count >= Self.maxTaskRuns else { return }
        let count = owners.count { id, run in
            guard let phase = active[run]?.attempt(id)?.life.phase else { return false }
            return phase == .running || phase == .pending
        }
        guard count >= Self.maxTaskRuns else { return }
        throw WorkspaceError(
            .requestLimitExceeded, "The workspace has reached its limit of \(Self.maxTaskRuns) concurrent task runs.", headers: ["retry-after": "1"])
    }
}

extension JobsService {
    /// The settings under which a run began.
    package func plan(_ version: Int) throws -> JobPlan? {
        if let plan = knownPlans.withLock({ $0[version] }) { return plan }
        guard let text = try workspace.jobStore.settings(version: version), let plan = JobPlan(stored: text) else { return nil }
        knownPlans.withLock { plans in
            if plans.count >= 1_000 { plans = [:] }
            plans[version] = plan
        }
        return plan
    }
}
