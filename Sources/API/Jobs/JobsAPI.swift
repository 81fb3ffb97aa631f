import HTTPTypes
import JSON
import Jobs
import Workspace

/// Jobs: `/api/2.2/jobs`, and the older versions' prefixes.
package enum JobsAPI: APIGroup {
    package static let operations = [create, list, get, reset, update, delete]

    static let path = "/api/2.2/jobs"

    static func older(_ rest: String) -> [String] { ["/api/2.1/jobs" + rest, "/api/2.0/jobs" + rest] }

    static let create = Operation("jobs.create", .post, path + "/create", aliases: older("/create")) { call -> JSONValue in
        let object = try call.fields().object
        if try call.query.bool("dry_run") == true { return try validated(object, .job, call) }
        let id = try makeWithAccess(call, "jobs") { try call.tenant.jobs.create(object, by: call.principal) }
        return ["job_id": .int(id)]
    }

    static let reset = Operation("jobs.reset", .post, path + "/reset", aliases: older("/reset")) { call -> JSONValue in
        let fields = try call.fields()
        let id = try fields.int("job_id")
        let settings = try fields.object("new_settings").object
        try require("CAN_MANAGE", job: id, call)
        if try call.query.bool("dry_run") == true { return try validated(settings, .job, call) }
        try call.tenant.jobs.reset(id, settings)
        return .object(JSONObject())
    }

    static let update = Operation("jobs.update", .post, path + "/update", aliases: older("/update")) { call -> Void in
        let fields = try call.fields()
        let id = try fields.int("job_id")
        try require("CAN_MANAGE", job: id, call)
        try call.tenant.jobs.update(
            id, try fields.object(optional: "new_settings")?.object,
            removing: try fields.strings(optional: "fields_to_remove") ?? [])
    }

    static let delete = Operation("jobs.delete", .post, path + "/delete", aliases: older("/delete")) { call -> Void in
        let id = try call.fields().int("job_id")
        try require("IS_OWNER", job: id, call)
        try call.tenant.jobs.delete(id)
        try call.workspace.permissions.forget("jobs", String(id))
    }

    // MARK: Access

    /// Makes an object whose maker owns it and to which the request's access list applies.
    static func makeWithAccess(_ call: Call, _ type: String, _ make: () throws -> Int) throws -> Int {
        guard let known = PermissionType.named(type) else { return try make() }
        let lines = try PermissionsAPI.lines(try call.fields(), known)
        let id = try make()
        let permissions = call.workspace.permissions
        try permissions.grantOwner(call.principal, on: type, String(id))
        if !lines.isEmpty {
            do {
                try permissions.change(known, String(id), lines, replacing: false)
            } catch {
                try permissions.forget(type, String(id))
                try call.tenant.jobs.delete(id)
                throw error
            }
        }
        return id
    }

    /// Wording: the service's own. Asked before it is looked whether there is such a job.
    static func require(_ level: String, job id: Int, _ call: Call) throws {
        guard try !call.workspace.permissions.allows(call.principal, level, on: "jobs", String(id)) else { return }
        let levels =
            switch level {
            case "CAN_VIEW": "View or Admin or Manage Run or Owner"
            case "CAN_MANAGE_RUN": "Admin or Manage Run or Owner"
            case "IS_OWNER": "Admin or Owner"
            default: "Manage or Owner"
            }
        throw WorkspaceError(.permissionDenied, "User \(call.principal.userName) does not have \(levels) permissions on job \(id)")
    }

    /// A submitted run is its maker's alone.
    static func require(_ level: String, run id: Int, _ call: Call) throws {
        if call.principal.isAdmin { return }
        let store = call.workspace.jobStore
        let record = try store.run(id) ?? (try store.taskRun(id)).flatMap { try store.run($0.runID) }
        if let job = record?.jobID { return try require(level, job: job, call) }
        guard let run = record.flatMap({ Run($0) }), run.creator == call.principal.userName else {
            throw WorkspaceError(.permissionDenied, "User \(call.principal.userName) does not have View or Admin permissions on run \(id)")
        }
    }

    /// `?dry_run=true`, an addition of this program's: all checks are made, and nothing else is done. The answer has the settings as they would be.
    static func validated(_ object: JSONObject, _ origin: JobPlan.Origin, _ call: Call) throws -> JSONValue {
        let plan = try JobPlan(checking: object, origin, path: origin == .job ? "settings." : "")
        try call.tenant.jobs.checkReferences(plan)
        return ["dry_run": true, "settings": .object(plan.settings)]
    }

    // MARK: Looking

    private static let pageSize = 100

    static let get = Operation("jobs.get", .get, path + "/get", aliases: older("/get")) { call -> JSONValue in
        let id = try requiredInt(call, "job_id")
        try require("CAN_VIEW", job: id, call)
        let (record, plan) = try call.tenant.jobs.job(id)
        var json = job(record)
        json["run_as_user_name"] = .string(record.runAs)
        var settings = plan.settings
        if isPaged(call) {
            let page = try ElementPage(call, list: "jobs.get \(id)")
            if let next = page.cut(&settings, ["tasks", "job_clusters", "environments", "parameters"]) {
                json["has_more"] = true
                json["next_page_token"] = .string(next)
            }
        }
        json["settings"] = .object(settings)
        if try call.query.bool("include_trigger_state") == true { json["trigger_state"] = try triggerState(id, plan, call) }
        return .object(json)
    }

    static let list = Operation("jobs.list", .get, path + "/list", aliases: older("/list")) { call -> JSONValue in
        let limit = try limit(call, standard: 20, maximum: call.path.hasPrefix("/api/2.0/") ? 1_000 : 100)
        let name = call.query.string("name")
        let expands = try call.query.bool("expand_tasks") ?? false
        let place = try ListPlace(call, list: "jobs.list \(name ?? "")")
        let store = call.workspace.jobStore
        var records: [JobRecord]
        let offset = try call.query.int("offset") ?? 0
        guard offset >= 0 else { throw WorkspaceError.invalid("offset must not be negative, got \(offset).") }
        let position = place.keys.first
        if place.isBackward {
            records = try store.jobs(name: name, after: position ?? 0, limit: limit + 1)
        } else {
            records = try store.jobs(name: name, before: position, offset: offset, limit: limit + 1)
        }
        let hasMore = records.count > limit
        // What the caller may not see leaves its page shorter.
        let visible: (JobRecord) throws -> Bool = { record in
            try call.workspace.permissions.allows(call.principal, "CAN_VIEW", on: "jobs", String(record.jobID))
        }
        records = Array(records.prefix(limit))
        if place.isBackward { records.reverse() }
        var answer = JSONObject()
        let shown = call.principal.isAdmin ? records : try records.filter(visible)
        if !shown.isEmpty { answer["jobs"] = .array(shown.map { item($0, expands: expands, isPaged: isPaged(call)) }) }
        place.addTokens(to: &answer, first: records.first.map { [$0.position] }, last: records.last.map { [$0.position] }, hasMore: hasMore)
        return .object(answer)
    }

    private static func job(_ record: JobRecord) -> JSONObject {
        JSONObject([
            ("job_id", .int(record.jobID)), ("creator_user_name", .string(record.creator)), ("created_time", .int(record.createdAt)),
        ])
    }

    private static func item(_ record: JobRecord, expands: Bool, isPaged: Bool) -> JSONValue {
        var json = job(record)
        guard var settings = (try? JSONValue(parsing: record.settings))?.objectValue else { return .object(json) }
        if !expands {
            for name in ["tasks", "job_clusters", "environments"] { settings[name] = nil }
        } else if isPaged {
            for name in ["tasks", "job_clusters", "environments", "parameters"] {
                guard let elements = settings[name]?.arrayValue, elements.count > pageSize else { continue }
                settings[name] = .array(Array(elements.prefix(pageSize)))
                json["has_more"] = true
            }
        }
        json["settings"] = .object(settings)
        return .object(json)
    }

    private static func triggerState(_ id: Int, _ plan: JobPlan, _ call: Call) throws -> JSONValue {
        var state = try call.tenant.jobs.triggerMemory(of: id).shown(plan, workspaceID: call.workspace.id)
        guard let trigger = plan.settings["trigger"]?.objectValue else { return .object(state) }
        if trigger["file_arrival"] != nil { state["file_arrival"] = ["using_file_events": false] }
        if trigger["table_update"] != nil { state["table"] = ["using_scalable_monitoring": false] }
        if let status = trigger["pause_status"] { state["pause_status"] = status }
        return .object(state)
    }

    // MARK: Requests

    /// From version 2.2 on long lists inside a job or a run come in pages.
    static func isPaged(_ call: Call) -> Bool { call.path.hasPrefix("/api/2.2/") }

    static func requiredInt(_ call: Call, _ name: String) throws -> Int {
        guard let value = try call.query.int(name) else { throw WorkspaceError.missing(name) }
        return value
    }

    /// 0 means the maximum.
    static func limit(_ call: Call, standard: Int, maximum: Int) throws -> Int {
        guard let limit = try call.query.int("limit") else { return standard }
        guard (0...maximum).contains(limit) else { throw WorkspaceError.invalid("limit must be between 0 and \(maximum), got \(limit).") }
        return limit == 0 ? maximum : limit
    }
}
