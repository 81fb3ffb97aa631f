import JSON
import SparkFunctions
import Workspace

/// The checks of a job's own settings, and the values that the service fills in.
struct SettingsCheck {
    let settings: JSONObject
    let path: String

    private static let maxTimeout = 1_000_000_000

    func completed(isSingleTask: Bool, _ origin: JobPlan.Origin) throws(WorkspaceError) -> JSONObject {
        try checkTexts()
        try checkNumbers()
        try checkGit()
        try checkClusters(isSingleTask: isSingleTask)
        try checkParameters()
        try checkWebhooks(settings, path)
        try checkUnique("environments", "environment_key")
        var completed = settings
        func fill(_ name: String, _ value: JSONValue) { if completed[name] == nil { completed[name] = value } }
        if origin == .job {
            fill("name", "Untitled")
            fill("max_concurrent_runs", 1)
        } else {
            fill("run_name", "Untitled")
        }
        fill("email_notifications", .object(JSONObject()))
        fill("webhook_notifications", .object(JSONObject()))
        fill("timeout_seconds", 0)
        if origin == .job {
            completed["format"] = isSingleTask ? "SINGLE_TASK" : "MULTI_TASK"
            if let schedule = settings["schedule"]?.objectValue { completed["schedule"] = Self.unpaused(schedule) }
            if let continuous = settings["continuous"]?.objectValue { completed["continuous"] = Self.unpaused(continuous) }
            if let trigger = settings["trigger"]?.objectValue { completed["trigger"] = Self.unpaused(trigger) }
        }
        return completed
    }

    private static func unpaused(_ object: JSONObject) -> JSONValue {
        var object = object
        if object["pause_status"] == nil { object["pause_status"] = "UNPAUSED" }
        return .object(object)
    }

    private func checkTexts() throws(WorkspaceError) {
        for name in ["name", "run_name"] {
            if let text = settings[name]?.stringValue, text.utf8.count > JobPlan.maxNameBytes {
                throw .invalid("The length of field '\(path)\(name)' must not be greater than \(JobPlan.maxNameBytes) bytes.")
            }
        }
        if let text = settings["description"]?.stringValue, text.count > 27_700 {
            throw .invalid("The length of field '\(path)description' must not be greater than 27700 characters.")
        }
        if let tags = settings["tags"]?.objectValue, tags.count > JobPlan.maxTags {
            throw .invalid("The maximum number of tags of a job is \(JobPlan.maxTags); there are \(tags.count).")
        }
    }

    private func checkNumbers() throws(WorkspaceError) {
        if let count = settings["max_concurrent_runs"]?.intValue, !(0...JobPlan.maxConcurrent).contains(count) {
            throw .invalid("max_concurrent_runs must be between 0 and \(JobPlan.maxConcurrent), got \(count).")
        }
        try Self.checkTimeout(settings, path)
    }

    static func checkTimeout(_ object: JSONObject, _ path: String) throws(WorkspaceError) {
        if let seconds = object["timeout_seconds"]?.intValue, !(0...maxTimeout).contains(seconds) {
            throw .invalid("\(path)timeout_seconds must be between 0 and \(maxTimeout), got \(seconds).")
        }
    }

    private func checkGit() throws(WorkspaceError) {
        guard let git = settings["git_source"]?.objectValue else { return }
        let references = ["git_branch", "git_tag", "git_commit"].filter { git[$0]?.stringValue?.isEmpty == false }
        if references.count > 1 {
            throw .invalid(
                "Only one of git_branch, git_tag and git_commit may be given in git_source; there are \(references.joined(separator: ", ")).")
        }
    }

    private func checkClusters(isSingleTask: Bool) throws(WorkspaceError) {
        guard let clusters = settings["job_clusters"]?.arrayValue, !clusters.isEmpty else { return }
        // Wording: the service's own answer.
        if isSingleTask || settings["tasks"] == nil {
            throw .invalid("Shared job cluster feature is only supported in multi-task jobs.")
        }
        guard clusters.count <= JobPlan.maxJobClusters else {
            throw .invalid("The maximum number of job clusters of a job is \(JobPlan.maxJobClusters); there are \(clusters.count).")
        }
        for cluster in clusters {
            guard let key = cluster["job_cluster_key"]?.stringValue else { continue }
            try Self.checkKey(key, "job_cluster_key")
            if let libraries = cluster["new_cluster"]?["libraries"]?.arrayValue, !libraries.isEmpty {
                throw .invalid("Libraries cannot be declared in a shared job cluster. You must declare dependent libraries in task settings.")
            }
        }
        try checkUnique("job_clusters", "job_cluster_key")
    }

    /// Letters, digits, dashes and underscores, at most 100 of them.
    static func checkKey(_ key: String, _ what: String) throws(WorkspaceError) {
        let isValid = key.utf8.allSatisfy { byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "0")...UInt8(ascii: "9"),
                UInt8(ascii: "-"), UInt8(ascii: "_"):
                true
            default: false
            }
        }
        guard isValid, (1...100).contains(key.utf8.count) else {
            throw .invalid(
                "The \(what) '\(key.prefix(128))' is invalid: it must have 1 to 100 characters, which are letters, digits, dashes and underscores."
            )
        }
    }

    private func checkParameters() throws(WorkspaceError) {
        guard let parameters = settings["parameters"]?.arrayValue else { return }
        for parameter in parameters {
            guard let name = parameter["name"]?.stringValue else { continue }
            let isValid =
                !name.isEmpty
                && name.utf8.allSatisfy { byte in
                    switch byte {
                    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "0")...UInt8(ascii: "9"),
                        UInt8(ascii: "-"), UInt8(ascii: "_"), UInt8(ascii: "."):
                        true
                    default: false
                    }
                }
            guard isValid else {
                throw .invalid("The job parameter name '\(name.prefix(128))' is invalid: it may only contain alphanumeric characters, _, - and .")
            }
        }
        try checkUnique("parameters", "name")
    }

    private func checkUnique(_ list: String, _ key: String) throws(WorkspaceError) {
        var seen: Set<String> = []
        for item in settings[list]?.arrayValue ?? [] {
            guard let name = item[key]?.stringValue else { continue }
            guard seen.insert(name).inserted else { throw .invalid("\(path)\(list).\(key) '\(name.prefix(128))' occurs more than once.") }
        }
    }

    private func checkWebhooks(_ object: JSONObject, _ path: String) throws(WorkspaceError) {
        for member in object["webhook_notifications"]?.objectValue?.members ?? [] where (member.value.arrayValue?.count ?? 0) > 3 {
            throw .invalid("A maximum of 3 destinations can be specified for the \(member.name) property of webhook_notifications.")
        }
    }
}
