import JSON
import Workspace

/// Ending runs on request, and running parts of them again.
extension RunEngine {
    /// Ends a run and all that it began; one that has ended stays as it is.
    func cancel(_ run: ActiveRun, by who: String) throws {
        guard !run.run.life.phase.isFinal, !run.run.isCanceled else { return }
        if run.run.life.phase == .queued { return try endQueued(run, .canceled, code: .userCanceled, "Run cancelled.") }
        run.run.isCanceled = true
        touch(run)
        for attempt in run.attempts where !attempt.life.phase.isFinal && attempt.iteration == nil {
            try finish(run, attempt.id, .canceled, code: .userCanceled, message: "Run cancelled.")
        }
        if !run.run.life.phase.isFinal { try complete(run) }
    }

    /// Ends one attempt; the run goes on without it.
    func cancel(taskRun id: Int) throws {
        guard let run = owners[id].flatMap({ active[$0] }) else { return }
        try finish(run, id, .canceled, code: .userCanceled, message: "Run cancelled.")
    }

    /// What a repair runs again.
    struct RepairOrder {
        var tasks: [String]?
        var allFailed = false
        var dependents = false
        var parameters: [(name: String, value: String)] = []
        var overriding = JSONObject()
    }

    /// Runs tasks of a run that has ended again, under the settings with which it began.
    func repair(_ run: ActiveRun, _ order: RepairOrder) throws -> Int {
        let plan = run.plan
        var places: Set<Int> = []
        for key in order.tasks ?? [] {
            guard let place = plan.task(key), run.isSelected(place) else {
                throw WorkspaceError.invalid("The task '\(key.prefix(128))' is not a task of the run \(run.run.id).")
            }
            places.insert(place)
        }
        if order.allFailed {
            for place in plan.tasks.indices {
                guard let result = run.latestAttempt(place)?.life.result else { continue }
                if result.isFailure || result.isCancellation { places.insert(place) }
            }
        }
        if order.dependents { for place in places { places.formUnion(TaskSelection(plan).reach(place) { plan.tasks[$0].dependents }) } }
        places = places.filter { run.isSelected($0) }
        guard !places.isEmpty else {
            throw WorkspaceError.invalid("There is nothing to repair in the run \(run.run.id): no task is to be run again.")
        }
        let id = try newID()
        active[run.run.id] = run
        for (name, value) in order.parameters {
            if let place = run.run.parameters.firstIndex(where: { $0.name == name }) {
                run.run.parameters[place].value = value
            } else {
                run.run.parameters.append((name, nil, value))
            }
        }
        for member in order.overriding.members { run.run.overriding[member.name] = member.value }
        if run.run.repairs.isEmpty {
            run.run.repairs = [Run.Repair(id: 0, life: run.run.life, taskRuns: run.attempts.filter { $0.iteration == nil }.map(\.id))]
        }
        var taskRuns: [Int] = []
        run.run.isCanceled = false
        run.run.stamp += 1
        run.run.life.phase = .pending
        run.run.life.result = nil
        run.run.life.code = nil
        run.run.life.message = ""
        run.run.life.end = nil
        var free: [Int] = []
        for place in places.sorted() {
            guard let before = run.latestAttempt(place) else { continue }
            let task = plan.tasks[place]
            let isFree = !task.dependencies.contains { places.contains($0.task) }
            let taskRun = try newID()
            run.add(
                TaskRun(
                    id: taskRun, place: place, key: task.key, attempt: before.attempt + 1, repair: id, original: before.original,
                    life: RunLife(.blocked, at: now)))
            owners[taskRun] = run.run.id
            taskRuns.append(taskRun)
            touch(run, taskRun)
            if isFree { free.append(place) }
        }
        run.open = taskRuns.count
        run.run.repairs.append(Run.Repair(id: id, life: RunLife(.pending, at: now), taskRuns: taskRuns))
        touch(run)
        if let job = run.run.jobID { running[job, default: []].append(run.run.id) }
        if plan.timeout > 0 { events.add(.runTimeout, run.run.id, at: now + plan.timeout, stamp: run.run.stamp) }
        // A task whose dependencies are not run again is judged by how they ended before.
        for place in free { try unblock(run, place) }
        return id
    }
}
