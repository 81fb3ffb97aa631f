import JSON
import Workspace

/// What is asked of a new run.
struct RunOrder {
    var jobID: Int?
    var version: Int
    var plan: JobPlan
    var creator: String
    var runAs: String
    var type = "JOB_RUN"
    var trigger = "ONE_TIME"
    var parameters: [(name: String, value: String)] = []
    var overriding = JSONObject()
    var only: [String]?
    var queue: Bool?
    var parentTaskRun: Int?
    var depth = 0
    var triggerInfo = JSONObject()
    var triggerValues = JSONObject()
}

extension RunEngine {
    /// Begins a run, or queues or skips it: its job may have as many under way as it is allowed.
    @discardableResult
    func begin(_ order: RunOrder, at now: Int64) throws -> Run {
        let plan = order.plan
        var parameters: [(name: String, defaultValue: String?, value: String)] = plan.parameters.map { ($0.name, $0.value, $0.value) }
        for (name, value) in order.parameters {
            if let place = parameters.firstIndex(where: { $0.name == name }) {
                parameters[place].value = value
            } else {
                parameters.append((name, nil, value))
            }
        }
        parameters.sort { $0.name < $1.name }
        let run = ActiveRun(
            Run(
                id: try newID(), jobID: order.jobID, version: order.version, creator: order.creator, runAs: order.runAs, name: plan.name,
                type: order.type, trigger: order.trigger, parentTaskRun: order.parentTaskRun, depth: order.depth,
                life: RunLife(.pending, at: now), parameters: parameters, overriding: order.overriding, only: order.only,
                triggerInfo: order.triggerInfo, triggerValues: order.triggerValues), plan)
        active[run.run.id] = run
        resolveParameters(run)
        touch(run)
        if let job = order.jobID, running[job, default: []].count >= plan.maxConcurrentRuns {
            if order.queue ?? plan.isQueued {
                run.run.life.phase = .queued
                run.run.life.message = "Queued due to reaching maximum concurrent runs of \(plan.maxConcurrentRuns)."
                queued[job, default: []].append(run.run.id)
                events.add(.queueExpiry, run.run.id, at: now + Self.queueLimit, stamp: run.run.stamp)
            } else {
                run.run.life.finish(
                    .maximumConcurrentRuns, at: now,
                    message: "Skipping this run because the limit of \(plan.maxConcurrentRuns) maximum concurrent runs has been reached.",
                    phase: .skipped)
                try ended(run)
            }
            Self.count(run)
            return run.run
        }
        try start(run, at: now)
        Self.count(run)
        return run.run
    }

    /// Job parameters may refer to the job and the run.
    private func resolveParameters(_ run: ActiveRun) {
        for place in run.run.parameters.indices where run.run.parameters[place].value.contains("{{") {
            run.run.parameters[place].value = DynamicValues.resolve(run.run.parameters[place].value) { dynamicValue($0, run, nil) }
        }
    }

    func start(_ run: ActiveRun, at now: Int64) throws {
        if let job = run.run.jobID { running[job, default: []].append(run.run.id) }
        notify(.start, run)
        run.run.life.phase = .pending
        run.run.life.message = ""
        touch(run)
        if run.plan.timeout > 0 { events.add(.runTimeout, run.run.id, at: now + run.plan.timeout, stamp: run.run.stamp) }
        if let limit = Self.slowness(run.plan.settings) { events.add(.slowRun, run.run.id, at: now + limit, stamp: run.run.stamp) }
        let selected = run.run.only.map { TaskSelection(run.plan).places($0) }
        var first: [Int] = []
        for place in run.plan.tasks.indices where selected?.contains(place) ?? true {
            let task = run.plan.tasks[place]
            let isFree = task.dependencies.allSatisfy { !(selected?.contains($0.task) ?? true) }
            let id = try newID()
            run.add(TaskRun(id: id, place: place, key: task.key, life: RunLife(isFree ? .pending : .blocked, at: now)))
            owners[id] = run.run.id
            touch(run, id)
            run.open += 1
            if isFree { first.append(id) }
        }
        if run.open == 0 { return try complete(run) }
        for id in first { plan(run, id, .run, at: now) }
    }

    /// Plans an attempt's next step.
    func plan(_ run: ActiveRun, _ id: Int, _ what: TaskRun.Next, at: Int64) {
        change(run, id) { $0.next = (what, at) }
        events.add(.step, id, at: at, stamp: run.attempt(id)?.stamp ?? 0)
    }

    /// Changes an attempt; what was planned for it is void.
    func change(_ run: ActiveRun, _ id: Int, _ body: (inout TaskRun) -> Void) {
        guard let place = run.places[id] else { return }
        run.attempts[place].stamp += 1
        run.attempts[place].next = nil
        body(&run.attempts[place])
        touch(run, id)
    }

    // MARK: The queue

    func endQueued(_ run: ActiveRun, _ result: RunLife.Result, code: RunLife.Code?, _ message: String, phase: RunLife.Phase = .terminated) throws {
        if let job = run.run.jobID { queued[job]?.removeAll { $0 == run.run.id } }
        run.run.queuedFor = now - run.run.life.start
        run.run.life.finish(result, at: now, code: code, message: message, phase: phase)
        try ended(run)
    }

    func startQueued(_ job: Int) throws {
        while let id = queued[job]?.first, let run = active[id], running[job, default: []].count < run.plan.maxConcurrentRuns {
            queued[job]?.removeFirst()
            run.run.queuedFor = now - run.run.life.start
            run.run.stamp += 1
            try start(run, at: now)
        }
    }
}

/// The tasks that `only` names: keys, with `+` before for all that they depend on and behind for all that depend on them.
struct TaskSelection {
    let plan: JobPlan

    init(_ plan: JobPlan) { self.plan = plan }

    func places(_ keys: [String]) -> Set<Int> {
        var chosen: Set<Int> = []
        for key in keys {
            let name = String(key.drop { $0 == "+" }.reversed().drop { $0 == "+" }.reversed())
            guard let place = plan.task(name) else { continue }
            chosen.insert(place)
            if key.hasPrefix("+") { chosen.formUnion(reach(place) { self.plan.tasks[$0].dependencies.map(\.task) }) }
            if key.hasSuffix("+"), key.count > 1 { chosen.formUnion(reach(place) { self.plan.tasks[$0].dependents }) }
        }
        return chosen
    }

    func reach(_ place: Int, _ next: (Int) -> [Int]) -> Set<Int> {
        var found: Set<Int> = []
        var open = [place]
        while let place = open.popLast() {
            for other in next(place) where found.insert(other).inserted { open.append(other) }
        }
        return found
    }
}
