package import JSON

/// What a task does: the member of its JSON that says so.
package enum TaskKind: String, Sendable, Hashable, CaseIterable {
    case notebook = "notebook_task"
    case sparkJar = "spark_jar_task"
    case sparkPython = "spark_python_task"
    case sparkSubmit = "spark_submit_task"
    case pythonWheel = "python_wheel_task"
    case pipeline = "pipeline_task"
    case sql = "sql_task"
    case dbt = "dbt_task"
    case dbtCloud = "dbt_cloud_task"
    case dbtPlatform = "dbt_platform_task"
    case runJob = "run_job_task"
    case condition = "condition_task"
    case forEach = "for_each_task"
    case dashboard = "dashboard_task"
    case alert = "alert_task"
    case cleanRoomsNotebook = "clean_rooms_notebook_task"
    case powerBI = "power_bi_task"
    case genAICompute = "gen_ai_compute_task"
    case pythonOperator = "python_operator_task"
    case aiFunction = "ai_function_task"
    case aiRuntime = "ai_runtime_task"

    /// Whether the task is decided by the service itself and takes no compute.
    var isControl: Bool { self == .condition || self == .forEach || self == .runJob }
}

/// When a task runs, by how those before it ended.
package enum RunIf: String, Sendable, Hashable, CaseIterable {
    case allSuccess = "ALL_SUCCESS"
    case allDone = "ALL_DONE"
    case noneFailed = "NONE_FAILED"
    case atLeastOneSuccess = "AT_LEAST_ONE_SUCCESS"
    case allFailed = "ALL_FAILED"
    case atLeastOneFailed = "AT_LEAST_ONE_FAILED"
}

/// A task of a job's settings, ready to be run.
package struct TaskPlan: Sendable {
    package struct Dependency: Sendable {
        /// The place of the other task in the plan.
        package let task: Int
        /// Of a condition: the outcome that is waited for.
        package let outcome: String?
    }

    package let key: String
    package let kind: TaskKind
    /// The whole task, as the API shows it.
    package let json: JSONObject
    package let runIf: RunIf
    package let isDisabled: Bool
    /// -1: without end.
    package let maxRetries: Int
    package let retryInterval: Int64
    package let retryOnTimeout: Bool
    /// Milliseconds; 0 for none.
    package let timeout: Int64
    package internal(set) var dependencies: [Dependency] = []
    /// One entry for each dependency on this task.
    package internal(set) var dependents: [Int] = []
    /// The task of a for-each task: one element, or none.
    package let inner: [TaskPlan]
    let hasReferences: Bool

    /// The member that says what the task does.
    package var body: JSONObject { json[kind.rawValue]?.objectValue ?? JSONObject() }

    package var dependencyKeys: [String] {
        (json["depends_on"]?.arrayValue ?? []).compactMap { $0["task_key"]?.stringValue }
    }
}
