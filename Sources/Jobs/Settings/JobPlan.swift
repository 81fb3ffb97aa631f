package import JSON
import SparkFunctions
package import Workspace

/// A job's settings, checked and completed, with its tasks as a graph. Immutable: runs share the plan under which they began.
package final class JobPlan: Sendable {
    package static let maxTasks = 1_000
    static let maxNameBytes = 4_096
    static let maxTags = 25
    static let maxJobClusters = 100
    static let maxConcurrent = 1_000

    package enum Origin: Sendable {
        /// `jobs/create`, `reset`, `update`
        case job
        /// `runs/submit`
        case submission
    }

    /// As the API shows them.
    package let settings: JSONObject
    package let name: String
    package let tasks: [TaskPlan]
    package let parameters: [(name: String, value: String)]
    package let maxConcurrentRuns: Int
    package let isQueued: Bool
    /// Milliseconds; 0 for none.
    package let timeout: Int64
    package let trigger: JobTrigger?
    package let condition: SQLCondition?
    /// The older form: one task, its fields beside the settings.
    package let isSingleTask: Bool
    /// The settings' text, for the store.
    package let text: String

    /// Reads what a request says, with every check that needs nothing but the settings themselves.
    package convenience init(checking object: JSONObject, _ origin: Origin, path: String = "settings.") throws(WorkspaceError) {
        let read = try JobSchema.shared.read(object, as: origin == .job ? "JobSettings" : "SubmitRun", at: path)
        try self.init(completing: read, origin, path: path)
    }

    /// Settings that were checked before.
    package convenience init?(stored text: String) {
        guard case .object(let object)? = try? JSONValue(parsing: text) else { return nil }
        try? self.init(completing: object, .job, path: "settings.")
    }

    private init(completing read: JSONObject, _ origin: Origin, path: String) throws(WorkspaceError) {
        let isSingleTask = read["tasks"] == nil && TaskKind.allCases.contains { read[$0.rawValue] != nil }
        var settings = try SettingsCheck(settings: read, path: path).completed(isSingleTask: isSingleTask, origin)
        var graph = TaskGraph(path: path, settings: settings)
        let listed = isSingleTask ? [.object(Self.singleTask(settings))] : settings["tasks"]?.arrayValue ?? []
        let tasks = try graph.compile(listed)
        if !isSingleTask, settings["tasks"] != nil { settings["tasks"] = .array(tasks.map { .object($0.json) }) }
        self.tasks = tasks
        self.isSingleTask = isSingleTask
        name = settings[origin == .job ? "name" : "run_name"]?.stringValue ?? "Untitled"
        parameters = (settings["parameters"]?.arrayValue ?? []).compactMap { item in
            guard let name = item["name"]?.stringValue else { return nil }
            return (name, item["default"]?.stringValue ?? "")
        }
        maxConcurrentRuns = settings["max_concurrent_runs"]?.intValue ?? 1
        isQueued = settings["queue"]?["enabled"]?.boolValue ?? false
        timeout = Int64(settings["timeout_seconds"]?.intValue ?? 0) * 1_000
        trigger = try JobTrigger(settings, path: path)
        condition = try SQLCondition(settings, path: path)
        self.settings = settings
        text = JSONValue.object(settings).text
    }

    /// The only task of the older form, which has no key of its own.
    private static func singleTask(_ settings: JSONObject) -> JSONObject {
        var task = JSONObject([("task_key", "main")])
        let names =
            TaskKind.allCases.map(\.rawValue) + [
                "existing_cluster_id", "new_cluster", "libraries", "max_retries", "min_retry_interval_millis", "retry_on_timeout",
            ]
        for name in names { task[name] = settings[name] }
        return task
    }

    package func task(_ key: String) -> Int? { tasks.firstIndex { $0.key == key } }
}
