import JSON

/// A run that has not ended, with its attempts.
final class ActiveRun {
    var run: Run
    let plan: JobPlan
    /// All attempts in the order of their making.
    var attempts: [TaskRun] = []
    /// The place of each attempt in `attempts`.
    var places: [Int: Int] = [:]
    /// The latest attempt at each task of the plan; nil for tasks that are not run.
    var latest: [Int?]
    /// The latest attempts at the iterations of a for-each attempt, by input; nil for those not begun.
    var iterations: [Int: [Int?]] = [:]
    /// Tasks of the plan that have not ended.
    var open = 0
    /// Its time is over, which ends all tasks.
    var isTimedOut = false

    init(_ run: Run, _ plan: JobPlan) {
        self.run = run
        self.plan = plan
        latest = Array(repeating: nil, count: plan.tasks.count)
    }

    func attempt(_ id: Int) -> TaskRun? { places[id].map { attempts[$0] } }

    func latestAttempt(_ place: Int) -> TaskRun? { latest[place].map { attempts[$0] } }

    func isSelected(_ place: Int) -> Bool { latest[place] != nil }

    func add(_ attempt: TaskRun) {
        places[attempt.id] = attempts.count
        if let iteration = attempt.iteration {
            iterations[iteration.parent]?[iteration.index] = attempts.count
        } else {
            latest[attempt.place] = attempts.count
        }
        attempts.append(attempt)
    }

    /// Attempts that were stored: the last of each task and input counts.
    func restore(_ stored: [TaskRun]) {
        for attempt in stored {
            if let inputs = attempt.inputs, iterations[attempt.id] == nil { iterations[attempt.id] = Array(repeating: nil, count: inputs.count) }
            if let iteration = attempt.iteration, iteration.index >= (iterations[iteration.parent]?.count ?? 0) { continue }
            guard plan.tasks.indices.contains(attempt.place) else { continue }
            add(attempt)
        }
        open = latest.count { $0.map { !attempts[$0].life.phase.isFinal } ?? false }
    }
}
