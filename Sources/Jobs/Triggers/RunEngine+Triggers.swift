import JSON
import Workspace

/// What is known of a job's trigger.
struct TriggerState {
    /// Nil: it was taken away.
    var trigger: JobTrigger?
    var stamp: Int
    /// Runs of a continuous job that failed one after another.
    var failures = 0
    /// Nil until the first look.
    var watched: WatchState?
}

/// The triggers that begin runs by themselves.
extension RunEngine {
    /// Pause between two runs of a continuous job, and the longest one after failures.
    private static let pause: Int64 = 10_000
    private static let longestPause: Int64 = 3_600_000
    /// A schedule that is further behind than so many runs goes on from now.
    private static let maxCatchUp = 1_000

    /// Puts a job's trigger in force; the answer is when it begins a run.
    func setTrigger(_ job: Int, _ trigger: JobTrigger?, at now: Int64, next stored: Int64? = nil) -> Int64? {
        let stamp = (triggers[job]?.stamp ?? 0) + 1
        guard let trigger, let next = stored ?? trigger.next(after: now) else {
            // The stamp must not come again.
            if triggers[job] != nil { triggers[job] = TriggerState(trigger: trigger, stamp: stamp) }
            return nil
        }
        var state = TriggerState(trigger: trigger, stamp: stamp)
        if case .watch(let watch, _) = trigger, case .watch(let before, _)? = triggers[job]?.trigger, watch == before {
            state.watched = triggers[job]?.watched
        }
        triggers[job] = state
        if case .completion(let others, _, _) = trigger { for other in others { followers[other, default: []].insert(job) } }
        events.add(.fire, job, at: next, stamp: stamp)
        return next
    }

    /// A run of a job has ended: jobs that wait for it follow once the others that they wait for have ended one, too, since they followed last. A moment
    /// later, so that jobs that wait for each other let time go on.
    func completed(_ run: ActiveRun) throws {
        guard let job = run.run.jobID, let waiting = followers[job], let result = run.run.life.result, run.run.life.phase != .skipped else { return }
        for follower in waiting.sorted() {
            guard let state = triggers[follower], case .completion(let jobs, let success, isPaused: false)? = state.trigger, jobs.contains(job)
            else { continue }
            var memory = TriggerMemory(try resources.get(TriggerMemory.kind, String(follower))?.body)
            if let success, success != result.isSuccess {
                memory.missed(job, run.run)
            } else {
                memory.completed(job, run.run, workspaceID)
                if let all = memory.takeCompletions(of: jobs) {
                    completions[follower, default: []].append(all)
                    events.add(.completion, follower, at: now + 1_000, stamp: state.stamp)
                }
            }
            try remember(follower, memory)
        }
    }

    func follow(_ job: Int, _ stamp: Int) throws {
        guard let all = completions[job]?.first else { return }
        completions[job]?.removeFirst()
        guard let state = triggers[job], state.stamp == stamp, let record = try store.job(job), let plan = try plan(record.version) else { return }
        var order = RunOrder(jobID: job, version: record.version, plan: plan, creator: record.creator, runAs: record.runAs)
        order.trigger = state.trigger?.name ?? ""
        order.triggerInfo["job_completion"] = ["completed_jobs": all]
        try beginIfMet(order, job)
    }

    func fire(_ job: Int, _ stamp: Int, _ target: Int64) throws {
        guard let state = triggers[job], state.stamp == stamp, let trigger = state.trigger, let record = try store.job(job),
            let plan = try plan(record.version)
        else { return }
        var order = RunOrder(jobID: job, version: record.version, plan: plan, creator: record.creator, runAs: record.runAs)
        order.trigger = trigger.name
        if case .continuous = trigger {
            guard running[job]?.isEmpty ?? true else { return }
            if state.failures > 0 { order.trigger = "CONTINUOUS_RESTART" }
            setNextFire(job, nil)
            try begin(order, at: now)
            return
        }
        if case .completion = trigger {
            let next = trigger.next(after: now)
            if let next { events.add(.fire, job, at: next, stamp: stamp) }
            return setNextFire(job, next)
        }
        fires[job, default: 0] += 1
        let from = fires[job, default: 0] >= Self.maxCatchUp ? max(now, target) : now
        if case .watch(let watch, _) = trigger {
            events.add(.fire, job, at: from + TriggerWatch.interval, stamp: stamp)
            if let values = look(job, watch, as: record.runAs) {
                order.triggerValues = values
                // The tables' commits are looked up only for a run.
                let times = (values["versions"]?.objectValue?.members ?? []).compactMap { table in
                    table.value.intValue.flatMap { commitTime(table.name, $0, record.runAs) }.map { (table.name, JSONValue.int($0)) }
                }
                if !times.isEmpty { order.triggerValues["times"] = .members(times) }
                try beginIfMet(order, job)
            }
            return
        }
        let next = trigger.next(after: from)
        if let next { events.add(.fire, job, at: next, stamp: stamp) }
        setNextFire(job, next)
        try beginIfMet(order, job)
    }

    /// Looks at what a trigger watches; what references to it stand for if a run is to begin. What cannot be read counts as unchanged.
    private func look(_ job: Int, _ watch: TriggerWatch, as runAs: String) -> JSONObject? {
        let before = triggers[job]?.watched
        guard let sight = observe(watch, before?.latest, runAs) else { return nil }
        var state = before ?? WatchState(sight)
        defer { triggers[job]?.watched = state }
        let values = state.values(watch, sight)
        return before != nil && state.fires(watch, sight, at: now) ? values : nil
    }

    /// The next run of a continuous job follows, unless somebody has ended this one.
    func continuousEnded(_ run: ActiveRun) {
        guard let job = run.run.jobID, var state = triggers[job], case .continuous(_, isPaused: false)? = state.trigger,
            run.run.trigger.hasPrefix("CONTINUOUS"), !run.run.isCanceled
        else { return }
        state.failures = run.run.life.result?.isSuccess ?? false ? 0 : state.failures + 1
        state.stamp += 1
        triggers[job] = state
        let next = now + min(Self.longestPause, Self.pause << Int64(min(20, max(0, state.failures - 1))))
        events.add(.fire, job, at: next, stamp: state.stamp)
        setNextFire(job, next)
    }

    /// Brings the runs under way and the triggers back from the store.
    func load() throws {
        for record in try store.activeRuns() {
            guard let run = Run(record), let plan = try plan(record.version) else { continue }
            let active = ActiveRun(run, plan)
            active.restore(try store.taskRuns(of: run.id).compactMap { TaskRun($0) })
            self.active[run.id] = active
            if run.life.phase == .queued {
                if let job = run.jobID { queued[job, default: []].append(run.id) }
                events.add(.queueExpiry, run.id, at: run.life.start + Self.queueLimit, stamp: 0)
                continue
            }
            if let job = run.jobID { running[job, default: []].append(run.id) }
            if plan.timeout > 0 { events.add(.runTimeout, run.id, at: run.life.start + plan.timeout, stamp: 0) }
            for attempt in active.attempts where !attempt.life.phase.isFinal {
                owners[attempt.id] = run.id
                let timeout = task(active, attempt).timeout
                if timeout > 0 { events.add(.taskTimeout, attempt.id, at: attempt.life.start + timeout, stamp: 0) }
                if let next = attempt.next { events.add(.step, attempt.id, at: next.at, stamp: attempt.stamp) }
            }
        }
        let interrupted = active.values.sorted { $0.run.life.start < $1.run.life.start }.flatMap { run in
            run.attempts.filter { !$0.life.phase.isFinal && isLost(run, $0) }.map { (run, $0.id) }
        }
        for (run, id) in interrupted {
            try finish(run, id, .failed, code: .internalError, message: "The server ended while the task ran", phase: .internalError)
        }
        for job in try store.triggeredJobs() {
            guard let plan = try plan(job.version), let next = job.nextFire else { continue }
            // What was due while no server ran is left out.
            let isLate = !isVirtual && next < now - 1_000
            setNextFire(job.jobID, setTrigger(job.jobID, plan.trigger, at: now, next: isLate ? nil : next))
        }
    }

    /// Work was being done of which nothing is known any more.
    private func isLost(_ run: ActiveRun, _ attempt: TaskRun) -> Bool {
        guard attempt.life.phase == .running, attempt.next == nil else { return false }
        let kind = task(run, attempt).kind
        return kind == .sql || (kind == .alert || kind == .dashboard) && attempt.ending == nil
            || (kind == .notebook || kind == .pipeline || kind == .sparkPython) && attempt.ending == nil
    }
}
