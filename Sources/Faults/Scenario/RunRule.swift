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
    }

    /// What `runs/get-output` answers.
    package struct Output: Sendable, Hashable {
        package var result: String?
        package var truncated: Bool?
        package var logs: String?
        package var errorTrace: String?
    }

    package let match: Match
    /// By the workspace's clock; nil leaves the simulator's own.
    package let duration: Duration?
    package let outcome: Outcome
    package let error: String?
    package let output: Output?
    package let line: Int?

    /// All given conditions must hold; a condition on something that the run does not have does not.
    package func matches(
        notebookPath: String?, taskKey: String?, jobName: String?, taskType: String?, parameters: [(name: String, value: String)]
    ) -> Bool {
        for (pattern, value) in [
            (match.notebookPath, notebookPath), (match.taskKey, taskKey), (match.jobName, jobName), (match.taskType, taskType),
        ] {
            guard let pattern else { continue }
            guard let value, pattern.matches(value) else { return false }
        }
        return match.parameters.allSatisfy { wanted in
            parameters.contains { $0.name == wanted.name && wanted.pattern.matches($0.value) }
        }
    }
}
