import JSON
import Workspace

/// The checks of what a task says about its own work.
struct TaskBodyCheck {
    let key: String
    let body: JSONObject
    let settings: JSONObject

    func check(_ kind: TaskKind) throws(WorkspaceError) {
        switch kind {
        case .notebook:
            let path = body["notebook_path"]?.stringValue ?? ""
            guard !path.isEmpty else { throw .missing("tasks.notebook_task.notebook_path") }
            let isGit = body["source"]?.stringValue == "GIT" || body["source"] == nil && settings["git_source"] != nil
            if isGit, settings["git_source"] == nil {
                throw .invalid("The notebook of the task '\(key)' is in a Git repository, but there is no git_source.")
            }
            if !isGit, !path.hasPrefix("/") {
                throw .invalid("Only absolute paths are supported for notebooks in the workspace: '\(path.prefix(256))'.")
            }
            if isGit, path.hasPrefix("/") {
                throw .invalid("Only relative paths are supported for notebooks in a Git repository: '\(path.prefix(256))'.")
            }
        case .sparkJar:
            guard body["main_class_name"]?.stringValue?.isEmpty == false || body["jar_uri"] != nil else {
                throw .missing("tasks.spark_jar_task.main_class_name")
            }
        case .sparkPython:
            guard body["python_file"]?.stringValue?.isEmpty == false else { throw .missing("tasks.spark_python_task.python_file") }
        case .sparkSubmit:
            guard body["parameters"]?.arrayValue?.isEmpty == false else { throw .missing("tasks.spark_submit_task.parameters") }
        case .pythonWheel:
            if body["parameters"] != nil, body["named_parameters"] != nil {
                throw .invalid("The task '\(key)' may have either parameters or named_parameters, not both.")
            }
        case .sql:
            let kinds = ["query", "file", "dashboard", "alert"].filter { body[$0] != nil }
            guard kinds.count == 1 else {
                throw .invalid("The sql_task of the task '\(key)' must have exactly one of query, file, dashboard and alert.")
            }
            guard body["warehouse_id"]?.stringValue?.isEmpty == false else { throw .missing("tasks.sql_task.warehouse_id") }
        case .dbt:
            guard let commands = body["commands"]?.arrayValue, (1...10).contains(commands.count) else {
                throw .invalid("The dbt_task of the task '\(key)' must have 1 to 10 commands.")
            }
        case .forEach:
            guard let inputs = body["inputs"]?.stringValue else { throw .missing("tasks.for_each_task.inputs") }
            guard inputs.utf8.count <= 48 << 10 else { throw .invalid("The inputs of the for each task '\(key)' are larger than 48 KB.") }
            if !inputs.contains("{{") { _ = try ForEachInputs.read(inputs, key) }
            if let concurrency = body["concurrency"]?.intValue, !(1...100).contains(concurrency) {
                throw .invalid("The concurrency of the for each task '\(key)' must be between 1 and 100, got \(concurrency).")
            }
        case .runJob:
            guard let id = body["job_id"]?.intValue, id > 0 else { throw .invalid("The job_id of the task '\(key)' must be positive.") }
        default: break
        }
    }
}

/// The inputs of a for-each task: a JSON array.
enum ForEachInputs {
    static let maximum = 5_000

    /// Each element as text: texts bare, the rest as JSON.
    static func read(_ text: String, _ key: String) throws(WorkspaceError) -> [JSONValue] {
        guard case .array(let elements)? = try? JSONValue(parsing: text) else {
            throw .invalid("The inputs of the for each task '\(key)' must be a JSON array.")
        }
        guard elements.count <= maximum else {
            throw .invalid("The for each task '\(key)' has \(elements.count) inputs; the maximum is \(maximum).")
        }
        return elements
    }
}
