import Synchronization

/// A rule for runs with its count. Which matches it decides is a function of the rule and its own count alone.
final class RunRuleState: Sendable {
    let rule: RunRule
    private let loadedAt: Duration
    private let seed: UInt64
    private let digest: UInt64
    private let counts = Mutex((matched: 0, fired: 0))

    init(_ rule: RunRule, number: Int, scenario: String, seed: UInt64, loadedAt: Duration) {
        self.rule = rule
        self.loadedAt = loadedAt
        self.seed = seed
        digest = Draw.digest("run \(scenario) \(number)")
    }

    /// Counts a match; false if the rule lets it pass on to the next one.
    func decides(at now: Duration) -> Bool {
        let elapsed = now - loadedAt
        if let from = rule.when.from, elapsed < from { return false }
        if let until = rule.when.until, elapsed >= until { return false }
        return counts.withLock { counts in
            let count = counts.matched
            counts.matched += 1
            guard count >= rule.when.skip, rule.when.times.map({ counts.fired < $0 }) ?? true else { return false }
            if rule.when.probability < 1, Draw.unit(seed: seed, rule: digest, count: count, lane: .probability) >= rule.when.probability {
                return false
            }
            counts.fired += 1
            return true
        }
    }
}

/// What is asked about an attempt at a task.
package struct RunFacts: Sendable {
    package var notebookPath: String?
    package var taskKey: String?
    package var jobName: String?
    package var taskType: String?
    package var parameters: [(name: String, value: String)]
    package var attempt: Int

    package init(
        notebookPath: String?, taskKey: String?, jobName: String?, taskType: String?, parameters: [(name: String, value: String)], attempt: Int
    ) {
        self.notebookPath = notebookPath
        self.taskKey = taskKey
        self.jobName = jobName
        self.taskType = taskType
        self.parameters = parameters
        self.attempt = attempt
    }
}

extension FaultPlan {
    /// How an attempt at a task ends: the first rule of the scenarios' `runs` that matches and is due. Nil leaves it to the simulator.
    package func run(_ facts: RunFacts, now: @autoclosure () -> Duration) -> RunRule? {
        let rules = runRules
        if rules.isEmpty { return nil }
        let now = now()
        for state in rules
        where state.rule.matches(
            notebookPath: facts.notebookPath, taskKey: facts.taskKey, jobName: facts.jobName, taskType: facts.taskType,
            parameters: facts.parameters, attempt: facts.attempt) && state.decides(at: now)
        {
            return state.rule
        }
        return nil
    }
}
