/// How simulated runs that match end.
package struct RunRule: Sendable {
    package enum Outcome: String, Sendable, Hashable, CaseIterable {
        case success = "SUCCESS"
        case failed = "FAILED"
        case timedOut = "TIMEDOUT"
        case canceled = "CANCELED"
    }

    package struct Match: Sendable {
        package var notebookPath: Pattern?
        package var taskKey: Pattern?
        package var jobName: Pattern?
        /// `notebook_task`, `spark_python_task`, `sql_task`, …: the member of the task that says what it is.
        package var taskType: Pattern?
        package var parameters: [(name: String, pattern: Pattern)] = []
        /// The number of the attempt: 0 is the first.
        package var attempt: Pattern?
    }

    /// What `runs/get-output` answers.
    package struct Output: Sendable, Hashable {
        package var result: String?
        package var truncated: Bool?
        package var logs: String?
        package var errorTrace: String?
        /// Task values, which later tasks of the run can refer to.
        package var values: [(name: String, value: String)] = []

        package static func == (left: Output, right: Output) -> Bool {
            (left.result, left.truncated, left.logs, left.errorTrace) == (right.result, right.truncated, right.logs, right.errorTrace)
                && left.values.elementsEqual(right.values, by: ==)
        }

        package func hash(into hasher: inout Hasher) { hasher.combine(result) }
    }

    package let match: Match
    /// Which of the matching attempts the rule decides; the others go on to the next rule.
    package let when: FaultWindow
    /// How long an attempt is PENDING; nil for not at all.
    package let setup: Duration?
    /// By the workspace's clock; nil leaves the simulator's own.
    package let duration: Duration?
    package let outcome: Outcome
    package let error: String?
    package let output: Output?
    package let line: Int?

    /// All given conditions must hold; a condition on something that the run does not have does not.
    package func matches(
        notebookPath: String?, taskKey: String?, jobName: String?, taskType: String?, parameters: [(name: String, value: String)], attempt: Int = 0
    ) -> Bool {
        for (pattern, value) in [
            (match.notebookPath, notebookPath), (match.taskKey, taskKey), (match.jobName, jobName), (match.taskType, taskType),
            (match.attempt, String(attempt)),
        ] {
            guard let pattern else { continue }
            guard let value, pattern.matches(value) else { return false }
        }
        return match.parameters.allSatisfy { wanted in
            parameters.contains { $0.name == wanted.name && wanted.pattern.matches($0.value) }
        }
    }
}
