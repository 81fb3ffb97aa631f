import JSON
import Workspace

/// How the ends of tasks decide about the tasks behind them, and about the run.
extension RunEngine {
    /// What a task is to those that depend on it.
    private enum Ended {
        case success, failure, cancellation
        /// Not run, and no reason to worry.
        case excluded
    }

    /// Looks whether a task that waits can begin, or is to be skipped, now that another one has ended.
    func unblock(_ run: ActiveRun, _ place: Int) throws {
        guard let attempt = run.latestAttempt(place), attempt.life.phase == .blocked else { return }
        let task = run.plan.tasks[place]
        var ends: [Ended] = []
        for dependency in task.dependencies {
            guard let other = run.latestAttempt(dependency.task) else { continue }
            guard other.life.phase.isFinal, let result = other.life.result else { return }
            switch result {
            case .success, .successWithFailures, .disabled:
                ends.append(dependency.outcome == nil || dependency.outcome == other.outcome ? .success : .excluded)
            case .failed, .timedOut, .upstreamFailed, .maximumConcurrentRuns: ends.append(.failure)
            case .canceled, .upstreamCanceled: ends.append(.cancellation)
            case .excluded: ends.append(.excluded)
            }
        }
        if run.run.isCanceled {
            return try finish(run, attempt.id, .canceled, code: .userCanceled, message: "Run cancelled.", phase: .skipped)
        }
        let executed = ends.filter { $0 != .excluded }
        if executed.isEmpty, !ends.isEmpty {
            return try skip(run, attempt.id, .excluded, "The task is excluded: so are all tasks that it depends on.")
        }
        let (failed, canceled) = (executed.contains(.failure), executed.contains(.cancellation))
        let runs =
            switch task.runIf {
            case .allDone: true
            case .allSuccess, .noneFailed: !failed && !canceled
            case .atLeastOneSuccess: executed.contains(.success)
            case .allFailed: executed.allSatisfy { $0 == .failure }
            case .atLeastOneFailed: failed
            }
        if runs {
            change(run, attempt.id) { $0.life = RunLife(.pending, at: now) }
            return plan(run, attempt.id, .run, at: now)
        }
        switch task.runIf {
        case .allFailed, .atLeastOneFailed:
            try skip(run, attempt.id, .excluded, "The task is excluded: its run_if condition \(task.runIf.rawValue) is not met.")
        default:
            if failed {
                try skip(run, attempt.id, .upstreamFailed, "The task was skipped because a task that it depends on failed.")
            } else {
                try skip(run, attempt.id, .upstreamCanceled, "The task was skipped because a task that it depends on was cancelled.")
            }
        }
    }

    private func skip(_ run: ActiveRun, _ id: Int, _ result: RunLife.Result, _ message: String) throws {
        try finish(run, id, result, message: message, phase: .skipped)
    }

    /// All tasks have ended. Those on which no other depends decide how the run has.
    func complete(_ run: ActiveRun) throws {
        guard !run.run.life.phase.isFinal else { return }
        let last = run.latest.indices.compactMap { place -> TaskRun? in
            guard let attempt = run.latestAttempt(place) else { return nil }
            return run.plan.tasks[place].dependents.contains { run.isSelected($0) } ? nil : attempt
        }
        let results = last.compactMap(\.life.result)
        if run.isTimedOut {
            run.run.life.finish(.timedOut, at: now, message: "Run timed out.")
        } else if results.contains(where: \.isCancellation) || run.run.isCanceled {
            run.run.life.finish(.canceled, at: now, code: .userCanceled, message: "Run cancelled.")
        } else if results.contains(where: \.isFailure) {
            fail(run, results)
        } else {
            let hasFailures = run.latest.indices.contains { run.latestAttempt($0)?.life.result?.isFailure ?? false }
            run.run.life.finish(hasFailures ? .successWithFailures : .success, at: now)
        }
        if let repair = run.run.repairs.indices.last, !run.run.repairs[repair].life.phase.isFinal {
            let start = run.run.repairs[repair].life.start
            run.run.repairs[repair].life = run.run.life
            run.run.repairs[repair].life.start = start
        }
        try ended(run)
    }

    /// Wording: the service's own messages. A run of several tasks ends with an internal error, one of the older form as its task did.
    private func fail(_ run: ActiveRun, _ results: [RunLife.Result]) {
        let failures = run.latest.indices.compactMap { run.latestAttempt($0) }.filter { $0.life.result == .failed || $0.life.result == .timedOut }
        let onlyTimedOut = !results.contains(.failed) && !failures.isEmpty && failures.allSatisfy { $0.life.result == .timedOut }
        var message = ""
        if let first = failures.first {
            message = run.plan.isSingleTask ? first.life.message : "Task \(first.key) failed with message: \(first.life.message)."
            let skipped = run.plan.tasks[first.place].dependents.contains { run.latestAttempt($0)?.life.result == .upstreamFailed }
            if skipped { message += " This caused all downstream tasks to get skipped." }
        }
        if onlyTimedOut {
            run.run.life.finish(.timedOut, at: now, message: message)
        } else {
            run.run.life.finish(
                .failed, at: now, code: failures.first?.life.code, message: message, phase: run.plan.isSingleTask ? .terminated : .internalError)
        }
    }

    /// Of a run that has just begun, or not.
    static func count(_ run: ActiveRun) { ServiceMetrics.shared.submittedRun(type: run.run.type, status: run.run.life.phase.rawValue) }

    /// A run has ended: whoever waits for it goes on.
    func ended(_ run: ActiveRun) throws {
        forget(run)
        notifyEnd(run)
        let life = run.run.life
        if life.phase != .skipped { ServiceMetrics.shared.endedRun(type: run.run.type, millis: (life.end ?? life.start) &- life.start) }
        if let job = run.run.jobID {
            running[job]?.removeAll { $0 == run.run.id }
            try startQueued(job)
            if running[job]?.isEmpty ?? false { running[job] = nil }
            if queued[job]?.isEmpty ?? false { queued[job] = nil }
            continuousEnded(run)
            try completed(run)
        }
        if let parent = run.run.parentTaskRun, let outer = owners[parent].flatMap({ active[$0] }) { try childEnded(outer, parent, run.run) }
    }
}
