import JSON
import Workspace

/// The steps of an attempt.
extension RunEngine {
    /// The message of the service for whatever a task's code did wrong.
    static let workloadFailed = "Workload failed, see run output for details"

    func step(_ run: ActiveRun, _ id: Int) throws {
        guard let attempt = run.attempt(id), let next = attempt.next else { return }
        switch next.what {
        case .retry:
            change(run, id) { $0.life.phase = .pending }
            try launch(run, id)
        case .run where attempt.ending == nil: try launch(run, id)
        case .run: enterRunning(run, id)
        case .end: try finishScripted(run, id)
        }
    }

    /// The task's plan; an iteration has its own.
    func task(_ run: ActiveRun, _ attempt: TaskRun) -> TaskPlan {
        let task = run.plan.tasks[attempt.place]
        return attempt.iteration == nil ? task : task.inner.first ?? task
    }

    /// Begins the work of an attempt.
    private func launch(_ run: ActiveRun, _ id: Int) throws {
        guard let attempt = run.attempt(id) else { return }
        let task = task(run, attempt)
        if task.isDisabled {
            return try finish(run, id, .disabled, message: "The task is disabled.", phase: .skipped)
        }
        if task.timeout > 0 { events.add(.taskTimeout, id, at: attempt.life.start + task.timeout, stamp: 0) }
        if !run.plan.isSingleTask, let limit = Self.slowness(task.json) { events.add(.slowTask, id, at: attempt.life.start + limit, stamp: 0) }
        let body = resolvedBody(run, attempt, task)
        if body != task.body {
            change(run, id) { $0.resolved = body }
        }
        switch task.kind {
        case .condition: try evaluate(run, id, body)
        case .runJob: try beginChild(run, id, body)
        case .forEach: try beginIterations(run, id, body)
        default:
            let scripted = script(facts(run, attempt, task, body))
            if task.kind == .sql, scripted == nil || scripted?.outcome == .success {
                return try beginSQL(run, id, body, scripted)
            }
            if task.kind == .notebook, scripted == nil, body["source"]?.stringValue != "GIT",
                let text = notebook(body["notebook_path"]?.stringValue ?? "")
            {
                return try beginNotebook(run, id, body, text)
            }
            if task.kind == .alert || task.kind == .dashboard, scripted == nil { return try beginWidget(run, id, task.kind, body) }
            if task.kind == .pipeline, scripted == nil { return beginPipeline(run, id, body) }
            if scripted == nil, beginPython(run, id, task.kind, body) { return }
            simulate(run, id, scripted)
        }
    }

    private func simulate(_ run: ActiveRun, _ id: Int, _ scripted: ScriptedEnding?) {
        let ending = scripted ?? ScriptedEnding()
        change(run, id) { $0.ending = ending }
        if ending.setup > 0 { plan(run, id, .run, at: now + ending.setup) } else { enterRunning(run, id) }
    }

    /// The attempt runs; one of a continuous job does so until it is ended, unless a script says otherwise.
    func enterRunning(_ run: ActiveRun, _ id: Int) {
        begun(run, id)
        guard let ending = run.attempt(id)?.ending else { return }
        if case .continuous? = run.plan.trigger, !ending.isGiven { return }
        plan(run, id, .end, at: now + ending.duration)
    }

    func begun(_ run: ActiveRun, _ id: Int) {
        change(run, id) {
            $0.life.phase = .running
            $0.life.running = now
        }
        if let attempt = run.attempt(id) { notify(.start, run, attempt) }
        guard run.run.life.phase == .pending else { return }
        run.run.life.phase = .running
        run.run.life.running = now
        touch(run)
    }

    private func finishScripted(_ run: ActiveRun, _ id: Int) throws {
        guard let ending = run.attempt(id)?.ending else { return }
        var output = run.attempt(id)?.output ?? JSONObject()
        if let result = ending.result {
            output["notebook_output"] = ["result": .string(result), "truncated": .bool(ending.isTruncated)]
        }
        if let logs = ending.logs {
            output["logs"] = .string(logs)
            output["logs_truncated"] = false
        }
        if !ending.values.isEmpty { output["values"] = .object(ending.values) }
        switch ending.outcome {
        case .success: try finish(run, id, .success, output: output)
        case .failed:
            output["error"] = .string(ending.error ?? Self.workloadFailed)
            if let trace = ending.errorTrace { output["error_trace"] = .string(trace) }
            try finish(run, id, .failed, code: .runExecutionError, message: Self.workloadFailed, output: output)
        case .timedOut: try finish(run, id, .timedOut, message: ending.error ?? "Run timed out.", output: output)
        case .canceled: try finish(run, id, .canceled, code: .userCanceled, message: ending.error ?? "Run cancelled.", output: output)
        }
    }

    // MARK: The end of an attempt

    /// Ends an attempt, and lets follow what follows: a retry, the tasks behind it, the end of the run.
    func finish(
        _ run: ActiveRun, _ id: Int, _ result: RunLife.Result, code: RunLife.Code? = nil, message: String = "", phase: RunLife.Phase = .terminated,
        output: JSONObject? = nil
    ) throws {
        guard let before = run.attempt(id), !before.life.phase.isFinal else { return }
        if working.remove(id) != nil || watching.remove(id) != nil { effects.append(.stop(taskRun: id)) }
        change(run, id) {
            $0.life.finish(result, at: now, code: code, message: message, phase: phase)
            if let output, !output.isEmpty { $0.output = output }
        }
        var children = before.childRun.map { [$0] } ?? []
        let begun = notebookRuns.removeValue(forKey: id) ?? []
        if result == .canceled || result == .timedOut { children += begun }
        for child in children { if let run = active[child] { try cancel(run, by: "its parent run") } }
        try cancelIterations(run, id)
        guard let attempt = run.attempt(id) else { return }
        let isRetried = try retry(run, attempt)
        notifyEnd(run, attempt, isRetried: isRetried)
        if isRetried { return }
        owners[id] = nil
        if let iteration = attempt.iteration {
            try iterationEnded(run, iteration.parent)
        } else {
            run.open -= 1
            for dependent in run.plan.tasks[attempt.place].dependents { try unblock(run, dependent) }
            if run.open == 0 { try complete(run) }
        }
    }

    /// Plans another attempt if the task wants one.
    private func retry(_ run: ActiveRun, _ attempt: TaskRun) throws -> Bool {
        let task = task(run, attempt)
        guard !run.run.isCanceled, let result = attempt.life.result, result == .failed || result == .timedOut && task.retryOnTimeout else {
            return false
        }
        var limit = task.maxRetries
        if case .continuous(let retries, _)? = run.plan.trigger, retries { limit = max(limit, 3) }
        let count = attempt.attempt - (firstAttempt(run, attempt)?.attempt ?? 0)
        guard limit == -1 || count < limit else { return false }
        // A clock that stands still would never come to an end of retries without a pause.
        let pause = max(task.retryInterval, count >= 10 ? 1_000 : 0)
        let id = try newID()
        var next = TaskRun(
            id: id, place: attempt.place, key: attempt.key, attempt: attempt.attempt + 1, repair: attempt.repair, iteration: attempt.iteration,
            original: attempt.original, life: RunLife(pause > 0 ? .waitingForRetry : .pending, at: now))
        next.next = (.retry, now + pause)
        owners[attempt.id] = nil
        owners[id] = run.run.id
        run.add(next)
        touch(run, id)
        if !run.run.repairs.isEmpty, attempt.repair != 0, let last = run.run.repairs.indices.last {
            run.run.repairs[last].taskRuns.append(id)
            touch(run)
        }
        plan(run, id, .retry, at: now + pause)
        return true
    }

    /// The first attempt of the same repair.
    private func firstAttempt(_ run: ActiveRun, _ attempt: TaskRun) -> TaskRun? {
        run.attempts.first {
            $0.place == attempt.place && $0.repair == attempt.repair && $0.iteration?.index == attempt.iteration?.index
                && $0.iteration?.parent == attempt.iteration?.parent
        }
    }

    // MARK: Time limits

    func timeOut(_ run: ActiveRun, _ id: Int) throws {
        try finish(run, id, .timedOut, message: "Run timed out.")
    }

    func timeOut(_ run: ActiveRun) throws {
        run.run.isCanceled = true
        run.isTimedOut = true
        for attempt in run.attempts where !attempt.life.phase.isFinal && attempt.iteration == nil {
            try finish(run, attempt.id, .timedOut, message: "Run timed out.")
        }
    }
}
