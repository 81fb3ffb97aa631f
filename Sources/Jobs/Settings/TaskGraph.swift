import JSON
import Workspace

/// Turns the tasks of a job into a graph, and refuses those that are none.
struct TaskGraph {
    let path: String
    let settings: JSONObject
    /// For-each tasks may not contain each other.
    var isInner = false

    mutating func compile(_ listed: [JSONValue]) throws(WorkspaceError) -> [TaskPlan] {
        guard listed.count <= JobPlan.maxTasks else {
            throw .invalid("The job has \(listed.count) tasks; the maximum number of tasks in a job is \(JobPlan.maxTasks).")
        }
        var tasks: [TaskPlan] = []
        tasks.reserveCapacity(listed.count)
        var places: [String: Int] = [:]
        for item in listed {
            guard case .object(let object) = item else { continue }
            let task = try self.task(object)
            guard places.updateValue(tasks.count, forKey: task.key) == nil else {
                throw .invalid("Task key '\(task.key)' is not unique: the keys of the tasks of a job must differ from each other.")
            }
            tasks.append(task)
        }
        for place in tasks.indices {
            for item in tasks[place].json["depends_on"]?.arrayValue ?? [] {
                guard let key = item["task_key"]?.stringValue else { continue }
                // Wording of the first: the service's own answer.
                guard key != tasks[place].key else { throw .invalid("Invalid dependency graph, task '\(key)' can not reference itself.") }
                guard let other = places[key] else {
                    throw .invalid(
                        "Invalid dependency graph, task '\(tasks[place].key)' depends on the task '\(key.prefix(128))', which does not exist.")
                }
                let outcome = item["outcome"]?.stringValue
                if let outcome {
                    guard tasks[other].kind == .condition else {
                        throw .invalid("Task '\(tasks[place].key)' waits for an outcome of the task '\(key)', which is no condition task.")
                    }
                    guard outcome == "true" || outcome == "false" else {
                        throw .invalid("The outcome of the condition task '\(key)' is 'true' or 'false', not '\(outcome.prefix(64))'.")
                    }
                }
                tasks[place].dependencies.append(.init(task: other, outcome: outcome))
                tasks[other].dependents.append(place)
            }
        }
        try refuseCycles(tasks)
        return tasks
    }

    private func refuseCycles(_ tasks: [TaskPlan]) throws(WorkspaceError) {
        var waiting = tasks.map(\.dependencies.count)
        var free = tasks.indices.filter { waiting[$0] == 0 }
        var done = 0
        while let next = free.popLast() {
            done += 1
            for dependency in tasks[next].dependents {
                waiting[dependency] -= 1
                if waiting[dependency] == 0 { free.append(dependency) }
            }
        }
        guard done < tasks.count else { return }
        let names = tasks.indices.filter { waiting[$0] > 0 }.prefix(10).map { "'\(tasks[$0].key)'" }.joined(separator: ", ")
        throw .invalid("Invalid dependency graph, there is a cycle among the tasks \(names).")
    }

    private func task(_ given: JSONObject) throws(WorkspaceError) -> TaskPlan {
        let key = given["task_key"]?.stringValue ?? ""
        try SettingsCheck.checkKey(key, "task_key")
        let kinds = TaskKind.allCases.filter { given[$0.rawValue] != nil }
        guard let kind = kinds.first else {
            throw .invalid("Task '\(key)' does not say what to run: exactly one of notebook_task, sql_task, spark_python_task … must be given.")
        }
        guard kinds.count == 1 else {
            throw .invalid("Task '\(key)' must have exactly one task type; there are \(kinds.map(\.rawValue).joined(separator: ", ")).")
        }
        var json = given
        let body = given[kind.rawValue]?.objectValue ?? JSONObject()
        try checkCompute(given, key, kind)
        try SettingsCheck.checkTimeout(given, "tasks.")
        let maxRetries = given["max_retries"]?.intValue ?? 0
        guard maxRetries >= -1 else { throw .invalid("max_retries of the task '\(key)' must be -1 or more, got \(maxRetries).") }
        let interval = given["min_retry_interval_millis"]?.intValue ?? 0
        guard (0...1_000_000_000_000).contains(interval) else {
            throw .invalid("min_retry_interval_millis of the task '\(key)' must not be negative, got \(interval).")
        }
        if kind == .condition, maxRetries != 0 { throw .invalid("The condition task '\(key)' cannot have retries.") }
        try TaskBodyCheck(key: key, body: body, settings: settings).check(kind)
        var inner: [TaskPlan] = []
        if kind == .forEach {
            guard !isInner else { throw .invalid("The for each task '\(key)' cannot be the task of another one.") }
            guard case .object(let nested)? = body["task"] else { throw .missing("tasks.for_each_task.task") }
            guard nested["depends_on"]?.arrayValue?.isEmpty ?? true else {
                throw .invalid("The task of the for each task '\(key)' cannot depend on other tasks.")
            }
            var graph = self
            graph.isInner = true
            inner = [try graph.task(nested)]
            guard inner.first?.kind != .condition else {
                throw .invalid("A condition task cannot be the task of the for each task '\(key)'.")
            }
            var completed = body
            completed["task"] = inner.first.map { .object($0.json) }
            json[kind.rawValue] = .object(completed)
        }
        fill(&json, kind)
        let runIf = RunIf(rawValue: json["run_if"]?.stringValue ?? "") ?? .allSuccess
        return TaskPlan(
            key: key, kind: kind, json: json, runIf: runIf, isDisabled: given["disabled"]?.boolValue ?? false, maxRetries: maxRetries,
            retryInterval: Int64(interval), retryOnTimeout: given["retry_on_timeout"]?.boolValue ?? false,
            timeout: Int64(given["timeout_seconds"]?.intValue ?? 0) * 1_000, inner: inner,
            hasReferences: Self.hasReferences(.object(json[kind.rawValue]?.objectValue ?? JSONObject())))
    }

    private static func hasReferences(_ value: JSONValue) -> Bool {
        switch value {
        case .string(let text): text.contains("{{")
        case .array(let elements): elements.contains(where: hasReferences)
        case .object(let object): object.members.contains { hasReferences($0.value) }
        default: false
        }
    }

    private func checkCompute(_ task: JSONObject, _ key: String, _ kind: TaskKind) throws(WorkspaceError) {
        let given = ["existing_cluster_id", "new_cluster", "job_cluster_key"].filter { task[$0] != nil }
        if given.count > 1 {
            throw .invalid(
                "Task '\(key)' may have only one of existing_cluster_id, new_cluster and job_cluster_key; there are \(given.joined(separator: ", "))."
            )
        }
        if kind.isControl, let name = given.first {
            throw .invalid("Task '\(key)' is a \(kind.rawValue), which takes no compute: '\(name)' must not be given.")
        }
        if let cluster = task["job_cluster_key"]?.stringValue, !contains("job_clusters", "job_cluster_key", cluster) {
            throw .invalid("Job cluster '\(cluster.prefix(128))' of the task '\(key)' is not defined in field 'job_clusters'.")
        }
        if let environment = task["environment_key"]?.stringValue, !contains("environments", "environment_key", environment) {
            throw .invalid("Environment '\(environment.prefix(128))' of the task '\(key)' is not defined in field 'environments'.")
        }
    }

    private func contains(_ list: String, _ key: String, _ name: String) -> Bool {
        settings[list]?.arrayValue?.contains { $0[key]?.stringValue == name } ?? false
    }

    /// What the service fills in: measured with bundles' acceptance tests against the cloud.
    private func fill(_ task: inout JSONObject, _ kind: TaskKind) {
        if task["run_if"] == nil { task["run_if"] = "ALL_SUCCESS" }
        if task["timeout_seconds"] == nil { task["timeout_seconds"] = 0 }
        if task["email_notifications"] == nil { task["email_notifications"] = .object(JSONObject()) }
        if let dependencies = task["depends_on"]?.arrayValue {
            task["depends_on"] = .array(
                dependencies.sorted { ($0["task_key"]?.stringValue ?? "") < ($1["task_key"]?.stringValue ?? "") })
        }
        let source: JSONValue = settings["git_source"] == nil ? "WORKSPACE" : "GIT"
        switch kind {
        case .notebook, .dbt:
            guard var body = task[kind.rawValue]?.objectValue, body["source"] == nil else { return }
            body["source"] = source
            task[kind.rawValue] = .object(body)
        case .sql:
            guard var body = task[kind.rawValue]?.objectValue, var file = body["file"]?.objectValue, file["source"] == nil else { return }
            file["source"] = source
            body["file"] = .object(file)
            task[kind.rawValue] = .object(body)
        default: break
        }
    }
}
