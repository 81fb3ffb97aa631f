import HTTPTypes
import JSON
import Jobs
import Workspace

/// Runs of jobs: `/api/2.2/jobs/run-now`, `/api/2.2/jobs/runs`, and the older versions' prefixes.
package enum RunsAPI: APIGroup {
    package static let operations = [runNow, submit, get, list, output, cancel, cancelAll, delete, export, repair]

    private static let path = JobsAPI.path + "/runs"

    private static func older(_ rest: String) -> [String] { JobsAPI.older("/runs" + rest) }

    static let limits =
        "SQL notebooks, and SQL tasks with a file or a query, run on the engine; other code is not run: it succeeds at once, or ends as a scenario's `runs` say; webhooks and mails are not sent"

    static let runNow = Operation(
        "jobs.run_now", .post, JobsAPI.path + "/run-now", aliases: JobsAPI.older("/run-now"), limits: limits
    ) { call -> Reply in
        let fields = try call.fields()
        if !call.principal.isAdmin { try JobsAPI.require("CAN_MANAGE_RUN", job: try fields.int("job_id"), call) }
        let id = try call.tenant.jobs.runNow(fields.object, by: call.principal)
        var writer = JSONWriter(capacity: 64)
        writer.beginObject()
        writer.member("run_id", id)
        writer.member("number_in_job", id)
        writer.endObject()
        return Reply(body: .encoded(writer.finish()))
    }

    static let submit = Operation("jobs.submit", .post, path + "/submit", aliases: older("/submit"), limits: limits) { call -> JSONValue in
        let object = try call.fields().object
        if try call.query.bool("dry_run") == true { return try JobsAPI.validated(object, .submission, call) }
        let parent = call.headers[.workflow]
        return [
            "run_id": .int(try call.tenant.jobs.submit(object, isWorkflow: parent != nil, parent: parent.flatMap { Int($0) }, by: call.principal))
        ]
    }

    static let cancel = Operation("jobs.cancel_run", .post, path + "/cancel", aliases: older("/cancel")) { call -> Void in
        let id = try call.fields().int("run_id")
        try JobsAPI.require("CAN_MANAGE_RUN", run: id, call)
        try call.tenant.jobs.cancel(id, by: call.principal)
    }

    static let cancelAll = Operation("jobs.cancel_all_runs", .post, path + "/cancel-all", aliases: older("/cancel-all")) { call -> Void in
        let fields = try call.fields()
        let job = try fields.int(optional: "job_id")
        let queuedOnly = try fields.bool(optional: "all_queued_runs") ?? false
        if let job { try JobsAPI.require("CAN_MANAGE_RUN", job: job, call) }
        guard job != nil || queuedOnly && call.principal.isAdmin else { throw WorkspaceError.missing("job_id") }
        try call.tenant.jobs.cancelAll(job: job, queuedOnly: queuedOnly, by: call.principal)
    }

    static let delete = Operation("jobs.delete_run", .post, path + "/delete", aliases: older("/delete")) { call -> Void in
        let id = try call.fields().int("run_id")
        try JobsAPI.require("CAN_MANAGE", run: id, call)
        try call.tenant.jobs.deleteRun(id)
    }

    static let repair = Operation("jobs.repair_run", .post, path + "/repair", aliases: older("/repair"), limits: limits) { call -> JSONValue in
        let fields = try call.fields()
        try JobsAPI.require("CAN_MANAGE_RUN", run: try fields.int("run_id"), call)
        return ["repair_id": .int(try call.tenant.jobs.repair(fields.object))]
    }

    // MARK: Looking

    static let get = Operation("jobs.get_run", .get, path + "/get", aliases: older("/get")) { call -> JSONValue in
        let id = try JobsAPI.requiredInt(call, "run_id")
        try await call.tenant.jobs.catchUp()
        let found = try FoundRun(id, call)
        var view = found.view
        view.showsHistory = try call.query.bool("include_history") ?? false
        view.showsResolved = try call.query.bool("include_resolved_values") ?? false
        var json = found.task.map { view.json(task: $0) } ?? view.json(expanded: true)
        if JobsAPI.isPaged(call) {
            let page = try ElementPage(call, list: "jobs.runs.get \(id)")
            if let next = page.cut(&json, ["tasks", "iterations", "job_clusters", "job_parameters", "repair_history"]) {
                json["has_more"] = true
                json["next_page_token"] = .string(next)
            }
        }
        return .object(json)
    }

    static let list = Operation("jobs.list_runs", .get, path + "/list", aliases: older("/list")) { call -> JSONValue in
        let limit = try JobsAPI.limit(call, standard: 20, maximum: call.path.hasPrefix("/api/2.0/") ? 1_000 : 25)
        let query = call.query
        var filter = RunFilter()
        filter.jobID = try query.int("job_id")
        let (activeOnly, completedOnly) = (try query.bool("active_only") ?? false, try query.bool("completed_only") ?? false)
        guard !(activeOnly && completedOnly) else { throw WorkspaceError.invalid("active_only and completed_only cannot both be true.") }
        if activeOnly { filter.isActive = true }
        if completedOnly { filter.isActive = false }
        if let type = query.string("run_type") {
            guard ["JOB_RUN", "SUBMIT_RUN", "WORKFLOW_RUN"].contains(type) else {
                throw WorkspaceError.invalid("Invalid value '\(type.prefix(64))' for run_type; valid values are: JOB_RUN, SUBMIT_RUN, WORKFLOW_RUN")
            }
            filter.type = type
        }
        filter.from = try query.int("start_time_from").map(Int64.init)
        filter.to = try query.int("start_time_to").map(Int64.init)
        filter.offset = try query.int("offset") ?? 0
        guard filter.offset >= 0 else { throw WorkspaceError.invalid("offset must not be negative, got \(filter.offset).") }
        let place = try ListPlace(call, list: "jobs.runs.list \(filter.jobID ?? 0)")
        if place.keys.count == 2 {
            filter.place = .init(startTime: place.keys[0], position: place.keys[1], isBackward: place.isBackward)
            filter.offset = 0
        } else if !place.keys.isEmpty {
            throw WorkspaceError.invalid("Invalid page token")
        }
        filter.limit = limit + 1
        let expands = try query.bool("expand_tasks") ?? false
        try await call.tenant.jobs.catchUp()
        var records = try call.workspace.jobStore.runs(filter)
        let hasMore = records.count > limit
        // Of a walk backwards the surplus one is the first.
        if hasMore { if place.isBackward { records.removeFirst() } else { records.removeLast() } }
        var plans: [Int: JobPlan] = [:]
        let runs = try records.compactMap { record -> JSONValue? in
            guard let run = Run(record), try isVisible(run, call) else { return nil }
            var view = try RunView(run, call, plans: &plans)
            if expands { try view.loadTasks() }
            var json = view.json(expanded: expands)
            if expands, JobsAPI.isPaged(call) {
                let page = try ElementPage(call, list: "")
                if page.cut(&json, ["tasks", "job_clusters"]) != nil { json["has_more"] = true }
            }
            return .object(json)
        }
        var answer = JSONObject()
        if !runs.isEmpty { answer["runs"] = .array(runs) }
        place.addTokens(
            to: &answer, first: records.first.map { [$0.startTime, $0.position] }, last: records.last.map { [$0.startTime, $0.position] },
            hasMore: hasMore)
        return .object(answer)
    }

    static let output = Operation("jobs.get_run_output", .get, path + "/get-output", aliases: older("/get-output")) { call -> JSONValue in
        let id = try JobsAPI.requiredInt(call, "run_id")
        try await call.tenant.jobs.catchUp()
        let found = try FoundRun(id, call)
        guard let task = found.task ?? found.view.onlyTask else {
            // Wording: the service's own.
            throw WorkspaceError.invalid(
                "Retrieving the output of runs with multiple tasks is not supported. Please retrieve the output of each individual task run instead.")
        }
        var answer = JSONObject([("metadata", .object(found.task.map { found.view.json(task: $0) } ?? found.view.json(expanded: true)))])
        for member in task.output?.members ?? [] where member.name != "rows" && member.name != "values" { answer[member.name] = member.value }
        if answer["notebook_output"] == nil, found.view.kind(of: task) == .notebook { answer["notebook_output"] = .object(JSONObject()) }
        return .object(answer)
    }

    static let export = Operation(
        "jobs.export_run", .get, path + "/export", aliases: older("/export"), limits: "the page has the notebook's path, parameters and result alone"
    ) { call -> JSONValue in
        let id = try JobsAPI.requiredInt(call, "run_id")
        let views = call.query.string("views_to_export") ?? "CODE"
        guard ["CODE", "DASHBOARDS", "ALL"].contains(views) else {
            throw WorkspaceError.invalid("Invalid value '\(views.prefix(64))' for views_to_export; valid values are: CODE, DASHBOARDS, ALL")
        }
        try await call.tenant.jobs.catchUp()
        let found = try FoundRun(id, call)
        guard let task = found.task ?? found.view.onlyTask, found.view.kind(of: task) == .notebook else {
            throw WorkspaceError.invalid("Only runs of notebook tasks can be exported; run \(id) is none.")
        }
        return views == "DASHBOARDS" ? .object(JSONObject()) : ["views": [NotebookPage.view(task, found.view)]]
    }
}

/// What the caller may not see leaves its page shorter.
private func isVisible(_ run: Run, _ call: Call) throws -> Bool {
    if call.principal.isAdmin { return true }
    guard let job = run.jobID else { return run.creator == call.principal.userName }
    return try call.workspace.permissions.allows(call.principal, "CAN_VIEW", on: "jobs", String(job))
}

/// A run, or an attempt at one of its tasks, by its id.
private struct FoundRun {
    var view: RunView
    let task: TaskRun?

    init(_ id: Int, _ call: Call) throws {
        try JobsAPI.require("CAN_VIEW", run: id, call)
        let store = call.workspace.jobStore
        var plans: [Int: JobPlan] = [:]
        if let run = try store.run(id).flatMap({ Run($0) }) {
            view = try RunView(run, call, plans: &plans)
            try view.loadTasks()
            task = nil
            return
        }
        guard let record = try store.taskRun(id), let found = TaskRun(record), let run = try store.run(record.runID).flatMap({ Run($0) }) else {
            throw JobsService.noRun(id)
        }
        view = try RunView(run, call, plans: &plans)
        try view.loadTasks()
        task = found
    }
}

/// The page that an export gives.
private enum NotebookPage {
    static func view(_ task: TaskRun, _ view: RunView) -> JSONValue {
        let body = view.body(of: task)
        let path = body["notebook_path"]?.stringValue ?? task.key
        var lines = [
            "<!DOCTYPE html>", "<html><head><meta charset=\"utf-8\"><title>\(escaped(path))</title></head><body>", "<h1>\(escaped(path))</h1>",
        ]
        for member in body["base_parameters"]?.objectValue?.members ?? [] {
            lines.append("<p>\(escaped(member.name)): \(escaped(member.value.stringValue ?? ""))</p>")
        }
        if let result = task.output?["notebook_output"]?["result"]?.stringValue { lines.append("<pre>\(escaped(result))</pre>") }
        lines.append("</body></html>")
        let name = path.split(separator: "/").last.map(String.init) ?? path
        return ["content": .string(lines.joined(separator: "\n")), "name": .string(name), "type": "NOTEBOOK"]
    }

    private static func escaped(_ text: String) -> String {
        text.replacing("&", with: "&amp;").replacing("<", with: "&lt;").replacing(">", with: "&gt;").replacing("\"", with: "&quot;")
    }
}

extension HTTPField.Name {
    /// Sent by `dbutils.notebook.run` of a task's process: the run of that task. The runs are of a type of their own.
    fileprivate static let workflow = HTTPField.Name("x-dbxsim-workflow")!
}
