import JSON
import Jobs
import Workspace

/// A run as the API shows it.
struct RunView {
    let run: Run
    let plan: JobPlan
    private let call: Call
    private(set) var attempts: [TaskRun] = []
    /// The latest attempt at each task, by its place in the plan.
    private var latest: [Int: TaskRun] = [:]
    var showsHistory = false
    var showsResolved = false

    /// Of the settings' fields that a run shows.
    init(_ run: Run, _ call: Call, plans: inout [Int: JobPlan]) throws {
        self.run = run
        self.call = call
        if let known = plans[run.version] {
            plan = known
        } else {
            guard let plan = try call.tenant.jobs.plan(run.version) else { throw JobsService.noRun(run.id) }
            self.plan = plan
            plans[run.version] = plan
        }
    }

    mutating func loadTasks() throws {
        attempts = try call.workspace.jobStore.taskRuns(of: run.id).compactMap { TaskRun($0) }
        for attempt in attempts where attempt.iteration == nil { latest[attempt.place] = attempt }
    }

    /// Of a run of the older form.
    var onlyTask: TaskRun? { plan.isSingleTask ? latest[0] : nil }

    func task(of attempt: TaskRun) -> TaskPlan? {
        guard plan.tasks.indices.contains(attempt.place) else { return nil }
        let task = plan.tasks[attempt.place]
        return attempt.iteration == nil ? task : task.inner.first ?? task
    }

    func kind(of attempt: TaskRun) -> TaskKind? { task(of: attempt)?.kind }

    func body(of attempt: TaskRun) -> JSONObject { attempt.resolved ?? task(of: attempt)?.body ?? JSONObject() }

    // MARK: The run

    func json(expanded: Bool) -> JSONObject {
        var json = head(run.id)
        json["original_attempt_run_id"] = .int(run.id)
        json["state"] = run.life.stateJSON
        json["status"] = run.life.statusJSON
        if run.trigger == "PERIODIC", let schedule = plan.settings["schedule"] { json["schedule"] = schedule }
        if expanded {
            json["tasks"] = .array(plan.tasks.indices.compactMap { latest[$0].map { taskJSON($0) } })
            if let clusters = plan.settings["job_clusters"] { json["job_clusters"] = clusters }
        }
        if plan.isSingleTask {
            var cluster = JSONObject()
            for name in ["existing_cluster_id", "new_cluster", "libraries"] { cluster[name] = plan.settings[name] }
            if !cluster.isEmpty { json["cluster_spec"] = .object(cluster) }
        }
        if !run.overriding.isEmpty { json["overriding_parameters"] = .object(run.overriding) }
        addTimes(run.life, isWhole: !plan.isSingleTask, to: &json)
        if let queued = run.queuedFor { json["queue_duration"] = .int(queued) }
        addTrigger(&json)
        json["run_name"] = .string(run.name)
        json["run_page_url"] = .string(pageURL(run.id))
        json["run_type"] = .string(run.type)
        if let git = plan.settings["git_source"] { json["git_source"] = git }
        if let description = plan.settings["description"] { json["description"] = description }
        if !run.parameters.isEmpty {
            json["job_parameters"] = .array(
                run.parameters.map { parameter in
                    var json = JSONObject([("name", .string(parameter.name))])
                    if let value = parameter.defaultValue { json["default"] = .string(value) }
                    json["value"] = .string(parameter.value)
                    return .object(json)
                })
        }
        if showsHistory { json["repair_history"] = .array(history) }
        return json
    }

    private func head(_ id: Int) -> JSONObject {
        JSONObject([
            // A submitted run has a job of its own, which cannot be looked at.
            ("job_id", .int(run.jobID ?? run.id)), ("run_id", .int(id)), ("job_run_id", .int(run.id)),
            ("creator_user_name", .string(run.creator)), ("number_in_job", .int(run.id)),
        ])
    }

    private func addTrigger(_ json: inout JSONObject) {
        if !run.trigger.isEmpty { json["trigger"] = .string(run.trigger) }
        var info = run.triggerInfo
        if let parent = run.parentTaskRun { info["run_id"] = .int(parent) }
        if !info.isEmpty { json["trigger_info"] = .object(info) }
    }

    private func pageURL(_ id: Int) -> String {
        "\(call.baseURL)/?o=\(call.workspace.id)#job/\(run.jobID ?? run.id)/run/\(id)"
    }

    /// The time of a run of several tasks is one figure, that of an attempt is split.
    private func addTimes(_ life: RunLife, isWhole: Bool, to json: inout JSONObject) {
        let end = life.end
        json["start_time"] = .int(life.start)
        let running = life.running ?? end ?? life.start
        json["setup_duration"] = .int(isWhole || life.running == nil ? 0 : max(0, running - life.start))
        json["execution_duration"] = .int(isWhole || life.running == nil ? 0 : end.map { max(0, $0 - running) } ?? 0)
        json["cleanup_duration"] = 0
        json["end_time"] = .int(end ?? 0)
        if let end { json["run_duration"] = .int(max(0, end - life.start)) }
    }

    private var history: [JSONValue] {
        if run.repairs.isEmpty {
            return [repair(Run.Repair(id: 0, life: run.life, taskRuns: attempts.filter { $0.iteration == nil }.map(\.id)))]
        }
        return run.repairs.map(repair)
    }

    private func repair(_ repair: Run.Repair) -> JSONValue {
        var json = JSONObject([
            ("type", repair.id == 0 ? "ORIGINAL" : "REPAIR"), ("start_time", .int(repair.life.start)), ("end_time", .int(repair.life.end ?? 0)),
            ("state", repair.life.stateJSON), ("status", repair.life.statusJSON),
        ])
        if repair.id != 0 { json["id"] = .int(repair.id) }
        json["task_run_ids"] = .array(repair.taskRuns.map { .int($0) })
        return .object(json)
    }

    // MARK: Its tasks

    /// An attempt by itself: `runs/get` with its id.
    func json(task attempt: TaskRun) -> JSONObject {
        var json = head(attempt.id)
        json["original_attempt_run_id"] = .int(attempt.original)
        json["attempt_number"] = .int(attempt.attempt)
        json["state"] = attempt.life.stateJSON
        json["status"] = attempt.life.statusJSON
        json["tasks"] = [taskJSON(attempt)]
        if attempt.inputs != nil {
            json["iterations"] = .array(iterations(of: attempt).map { taskJSON($0) })
        }
        addTimes(attempt.life, isWhole: false, to: &json)
        addTrigger(&json)
        json["run_name"] = .string(attempt.key)
        json["run_page_url"] = .string(pageURL(attempt.id))
        json["run_type"] = .string(run.type)
        return json
    }

    /// The latest attempt at each input that was begun, in their order.
    private func iterations(of attempt: TaskRun) -> [TaskRun] {
        var byIndex: [Int: TaskRun] = [:]
        for other in attempts { if let iteration = other.iteration, iteration.parent == attempt.id { byIndex[iteration.index] = other } }
        return byIndex.keys.sorted().compactMap { byIndex[$0] }
    }

    func taskJSON(_ attempt: TaskRun) -> JSONValue {
        var json = JSONObject([("run_id", .int(attempt.id)), ("task_key", .string(attempt.key))])
        if let task = task(of: attempt) {
            for member in task.json.members where member.name != "task_key" && member.name != "health" { json[member.name] = member.value }
            if attempt.iteration != nil { json["task_key"] = .string(attempt.key) }
            switch task.kind {
            case .condition:
                var body = attempt.resolved ?? task.body
                if let outcome = attempt.outcome { body["outcome"] = .string(outcome) }
                json[task.kind.rawValue] = .object(body)
            case .forEach:
                var body = task.body
                if let inputs = attempt.inputs { body["stats"] = stats(attempt, inputs.count) }
                json[task.kind.rawValue] = .object(body)
            default: break
            }
            if showsResolved, let resolved = resolved(attempt, task) { json["resolved_values"] = resolved }
        }
        json["attempt_number"] = .int(attempt.attempt)
        json["state"] = attempt.life.stateJSON
        json["status"] = attempt.life.statusJSON
        addTimes(attempt.life, isWhole: false, to: &json)
        json["run_page_url"] = .string(pageURL(attempt.id))
        if let git = plan.settings["git_source"] { json["git_source"] = git }
        return .object(json)
    }

    private func stats(_ attempt: TaskRun, _ total: Int) -> JSONValue {
        let iterations = iterations(of: attempt)
        let ended = iterations.filter { $0.life.phase.isFinal }
        let succeeded = ended.count { $0.life.result == .success }
        var messages: [(text: String, count: Int)] = []
        for iteration in ended where iteration.life.result == .failed {
            if let place = messages.firstIndex(where: { $0.text == iteration.life.message }) {
                messages[place].count += 1
            } else {
                messages.append((iteration.life.message, 1))
            }
        }
        var stats = JSONObject([
            (
                "task_run_stats",
                [
                    "total_iterations": .int(total), "scheduled_iterations": .int(iterations.count),
                    "active_iterations": .int(iterations.count - ended.count), "completed_iterations": .int(ended.count),
                    "succeeded_iterations": .int(succeeded), "failed_iterations": .int(ended.count - succeeded),
                ]
            )
        ])
        if !messages.isEmpty {
            stats["error_message_stats"] = .array(
                messages.map { ["error_message": .string($0.text), "count": .int($0.count), "termination_category": "RUN_EXECUTION_ERROR"] })
        }
        return .object(stats)
    }

    private func resolved(_ attempt: TaskRun, _ task: TaskPlan) -> JSONValue? {
        guard attempt.life.phase != .blocked else { return nil }
        let body = attempt.resolved ?? task.body
        let names: [String]
        switch task.kind {
        case .condition: names = ["left", "right"]
        case .notebook: names = ["base_parameters"]
        case .pythonWheel: names = ["named_parameters", "parameters"]
        case .dbt: names = ["commands"]
        case .runJob: names = ["job_parameters"]
        case .sparkJar, .sparkPython, .sparkSubmit, .sql, .pipeline: names = ["parameters"]
        default: return nil
        }
        var values = JSONObject()
        for name in names { values[name] = body[name] }
        return [task.kind.rawValue: .object(values)]
    }
}
