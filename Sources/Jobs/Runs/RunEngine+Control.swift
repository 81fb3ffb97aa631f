import JSON
import SparkFunctions
import Workspace

/// The tasks that the service decides by itself: conditions, runs of other jobs, loops.
extension RunEngine {
    // MARK: Conditions

    func evaluate(_ run: ActiveRun, _ id: Int, _ body: JSONObject) throws {
        begun(run, id)
        let (left, right) = (body["left"]?.stringValue ?? "", body["right"]?.stringValue ?? "")
        let name = body["op"]?.stringValue ?? ""
        let holds: Bool
        switch name {
        case "EQUAL_TO": holds = left == right
        case "NOT_EQUAL": holds = left != right
        default:
            guard let leftNumber = Double(left), let rightNumber = Double(right) else {
                let wrong = Double(left) == nil ? left : right
                return try finish(
                    run, id, .failed, code: .invalidRunConfiguration,
                    message: "The operand '\(wrong.prefix(128))' of the condition is not a number, which \(name) needs")
            }
            holds =
                switch name {
                case "GREATER_THAN": leftNumber > rightNumber
                case "GREATER_THAN_OR_EQUAL": leftNumber >= rightNumber
                case "LESS_THAN": leftNumber < rightNumber
                default: leftNumber <= rightNumber
                }
        }
        change(run, id) { $0.outcome = holds ? "true" : "false" }
        try finish(run, id, .success)
    }

    // MARK: Runs of other jobs

    func beginChild(_ run: ActiveRun, _ id: Int, _ body: JSONObject) throws {
        begun(run, id)
        let jobID = body["job_id"]?.intValue ?? 0
        guard let job = try store.job(jobID), let plan = try plan(job.version) else {
            return try finish(
                run, id, .failed, code: .resourceNotFound, message: "Job \(jobID) does not exist", phase: .internalError)
        }
        guard run.run.depth < Self.maxDepth else {
            return try finish(
                run, id, .failed, code: .invalidRunConfiguration, message: "More than \(Self.maxDepth) levels of nested job runs",
                phase: .internalError)
        }
        var order = RunOrder(jobID: jobID, version: job.version, plan: plan, creator: run.run.creator, runAs: job.runAs)
        order.trigger = "RUN_JOB_TASK"
        order.parentTaskRun = id
        order.depth = run.run.depth + 1
        order.parameters = (body["job_parameters"]?.objectValue?.members ?? []).map { ($0.name, $0.value.stringValue ?? "") }
        for name in RunParameters.names { order.overriding[name] = body[name] }
        // The child may end before the answer is here.
        let child = try begin(order, at: now)
        change(run, id) {
            $0.childRun = child.id
            var output = $0.output ?? JSONObject()
            output["run_job_output"] = ["run_id": .int(child.id)]
            $0.output = output
        }
        if let ended = active[child.id], ended.run.life.phase.isFinal { try childEnded(run, id, ended.run) }
    }

    func childEnded(_ run: ActiveRun, _ id: Int, _ child: Run) throws {
        guard run.attempt(id)?.childRun == child.id else { return }
        change(run, id) { $0.childRun = nil }
        switch child.life.result {
        case .success, .successWithFailures: try finish(run, id, .success)
        case .canceled, .upstreamCanceled: try finish(run, id, .canceled, code: .canceled, message: "The run \(child.id) was cancelled")
        case .timedOut: try finish(run, id, .timedOut, message: "The run \(child.id) timed out")
        default: try finish(run, id, .failed, code: .runExecutionError, message: Self.workloadFailed)
        }
    }

    // MARK: Loops

    func beginIterations(_ run: ActiveRun, _ id: Int, _ body: JSONObject) throws {
        begun(run, id)
        let inputs: [JSONValue]
        do {
            inputs = try ForEachInputs.read(body["inputs"]?.stringValue ?? "", run.attempt(id)?.key ?? "")
        } catch {
            return try finish(run, id, .failed, code: .invalidRunConfiguration, message: error.message, phase: .internalError)
        }
        change(run, id) { $0.inputs = inputs }
        if inputs.isEmpty { return try finish(run, id, .success) }
        run.iterations[id] = Array(repeating: nil, count: inputs.count)
        let concurrency = min(max(1, body["concurrency"]?.intValue ?? 1), 100)
        for _ in 0..<min(concurrency, inputs.count) { try nextIteration(run, id) }
    }

    private func nextIteration(_ run: ActiveRun, _ parent: Int) throws {
        guard let attempt = run.attempt(parent), let inputs = attempt.inputs, let index = run.iterations[parent]?.firstIndex(where: { $0 == nil })
        else { return }
        let id = try newID()
        let key = run.plan.tasks[attempt.place].inner.first?.key ?? attempt.key
        run.add(
            TaskRun(
                id: id, place: attempt.place, key: key, repair: attempt.repair, iteration: (parent, index, inputs[index]),
                life: RunLife(.pending, at: now)))
        owners[id] = run.run.id
        plan(run, id, .run, at: now)
    }

    func iterationEnded(_ run: ActiveRun, _ parent: Int) throws {
        guard let attempt = run.attempt(parent), !attempt.life.phase.isFinal, let iterations = run.iterations[parent] else { return }
        if iterations.contains(nil) { return try nextIteration(run, parent) }
        let results = iterations.compactMap { $0.flatMap { run.attempts[$0].life.result } }
        guard results.count == iterations.count else { return }
        let failed = results.count { $0.isFailure }
        if failed > 0 {
            try finish(run, parent, .failed, code: .runExecutionError, message: "\(failed) of \(results.count) iterations failed")
        } else if results.contains(where: \.isCancellation) {
            try finish(run, parent, .canceled, code: .canceled, message: "Iterations were cancelled")
        } else {
            try finish(run, parent, .success)
        }
    }

    func cancelIterations(_ run: ActiveRun, _ parent: Int) throws {
        for place in (run.iterations[parent] ?? []).compactMap({ $0 }) where !run.attempts[place].life.phase.isFinal {
            try finish(run, run.attempts[place].id, .canceled, code: .canceled, message: "Run cancelled.")
        }
    }
}

/// The parameters of the older kind, by the names that requests, runs and run-job tasks have for them.
enum RunParameters {
    static let names = [
        "dbt_commands", "jar_params", "notebook_params", "pipeline_params", "python_named_params", "python_params", "spark_submit_params",
        "sql_params",
    ]
}
