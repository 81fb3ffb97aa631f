package import JSON
package import SparkFunctions
package import Workspace

/// What begins runs of a job by itself.
package enum JobTrigger: Sendable {
    case schedule(QuartzCron, SessionTimeZone, isPaused: Bool)
    /// Milliseconds between two runs.
    case periodic(Int64, isPaused: Bool)
    case continuous(retries: Bool, isPaused: Bool)
    /// Runs begin after changes of tables or models, or the arrival of files.
    case watch(TriggerWatch, isPaused: Bool)
    /// A run follows once each of the jobs has ended a run so again; nil: however it ended.
    case completion(jobs: [Int], success: Bool?, isPaused: Bool)

    package var isPaused: Bool {
        switch self {
        case .schedule(_, _, let isPaused), .periodic(_, let isPaused), .continuous(_, let isPaused), .watch(_, let isPaused): isPaused
        case .completion(_, _, let isPaused): isPaused
        }
    }

    private static let mostJobs = 10
    private static let mostAliases = 10

    /// Throws unless these are the expression and the time zone of a schedule, as jobs have it.
    package static func checkSchedule(_ object: JSONObject) throws(WorkspaceError) {
        _ = try JobTrigger(JSONObject([("schedule", .object(object))]), path: "")
    }

    init?(_ settings: JSONObject, path: String) throws(WorkspaceError) {
        let given = ["schedule", "continuous", "trigger"].filter { settings[$0] != nil }
        guard given.count <= 1 else {
            throw .invalid("A job can have only one of schedule, continuous and trigger; there are \(given.joined(separator: " and ")).")
        }
        guard let name = given.first, let object = settings[name]?.objectValue else { return nil }
        let isPaused = object["pause_status"]?.stringValue == "PAUSED"
        switch name {
        case "schedule":
            let text = object["quartz_cron_expression"]?.stringValue ?? ""
            guard let cron = QuartzCron(text) else {
                // Wording: the service's own answer.
                throw .invalid(
                    "Invalid quartz_cron_expression: \(text.prefix(256)). Databricks uses Quartz cron syntax, which is different from the standard cron syntax. See http://www.quartz-scheduler.org/documentation/quartz-2.1.x/tutorials/crontrigger.html for more details."
                )
            }
            let zoneID = object["timezone_id"]?.stringValue ?? ""
            guard let zone = SessionTimeZone(zoneID) else { throw .invalid("Invalid timezone_id: \(zoneID.prefix(64)).") }
            self = .schedule(cron, zone, isPaused: isPaused)
        case "continuous":
            if let count = settings["max_concurrent_runs"]?.intValue, count != 1 {
                throw .invalid("A continuous job runs once at a time: max_concurrent_runs must be 1, got \(count).")
            }
            self = .continuous(retries: object["task_retry_mode"]?.stringValue == "ON_FAILURE", isPaused: isPaused)
        default:
            self = try Self.event(object, isPaused: isPaused, path)
        }
    }

    private static func event(_ object: JSONObject, isPaused: Bool, _ path: String) throws(WorkspaceError) -> JobTrigger {
        let kinds = ["file_arrival", "periodic", "table_update", "model", "job_completion"].filter { object[$0] != nil }
        guard kinds.count == 1, let kind = kinds.first, let body = object[kind]?.objectValue else {
            throw .invalid("\(path)trigger must have exactly one of file_arrival, periodic, table_update, model and job_completion.")
        }
        for name in ["min_time_between_triggers_seconds", "wait_after_last_change_seconds"] {
            if let seconds = body[name]?.intValue, seconds != 0, seconds < 60 {
                throw .invalid("\(path)trigger.\(kind).\(name) must be at least 60 seconds, got \(seconds).")
            }
        }
        switch kind {
        case "file_arrival":
            guard let url = body["url"]?.stringValue, url.hasPrefix("/Volumes/") || url.contains("://") else {
                throw .invalid("\(path)trigger.file_arrival.url must be a path of a volume or the URL of an external location.")
            }
            return .watch(TriggerWatch(.files(url), body), isPaused: isPaused)
        case "table_update":
            guard let names = body["table_names"]?.arrayValue, (1...10).contains(names.count) else {
                throw .invalid("\(path)trigger.table_update.table_names must name 1 to 10 tables.")
            }
            let tables = names.compactMap(\.stringValue)
            return .watch(TriggerWatch(.tables(tables, all: body["condition"]?.stringValue == "ALL_UPDATED"), body), isPaused: isPaused)
        case "periodic":
            let interval = body["interval"]?.intValue ?? 0
            guard (1...100_000).contains(interval) else { throw .invalid("\(path)trigger.periodic.interval must be positive, got \(interval).") }
            let unit: Int64 =
                switch body["unit"]?.stringValue {
                case "MINUTES": 60_000
                case "HOURS": 3_600_000
                case "WEEKS": 604_800_000
                default: 86_400_000
                }
            return .periodic(Int64(interval) * unit, isPaused: isPaused)
        case "model": return .watch(try models(body, path), isPaused: isPaused)
        default: return try completion(body, isPaused: isPaused, path)
        }
    }

    /// Scopes and limits: docs, "Trigger jobs when models are updated".
    private static func models(_ body: JSONObject, _ path: String) throws(WorkspaceError) -> TriggerWatch {
        guard let event = body["condition"]?.stringValue.flatMap(TriggerWatch.ModelEvent.init) else {
            throw .invalid("\(path)trigger.model.condition is missing.")
        }
        let scope = (body["securable_name"]?.stringValue ?? "").lowercased()
        guard scope.isEmpty || [2, 3].contains(scope.split(separator: ".", omittingEmptySubsequences: false).filter { !$0.isEmpty }.count) else {
            throw .invalid("\(path)trigger.model.securable_name must be the full name of a model or of a schema, or be empty for the metastore.")
        }
        let aliases = (body["aliases"]?.arrayValue ?? []).compactMap { $0.stringValue?.lowercased() }
        if event == .aliasSet {
            guard (1...mostAliases).contains(aliases.count) else {
                throw .invalid("\(path)trigger.model.aliases must name 1 to \(mostAliases) aliases.")
            }
        } else if !aliases.isEmpty {
            throw .invalid("\(path)trigger.model.aliases can only be used with the condition MODEL_ALIAS_SET.")
        }
        return TriggerWatch(.models(scope, event, aliases: aliases), body)
    }

    /// Docs: "Trigger jobs when upstream jobs complete".
    private static func completion(_ body: JSONObject, isPaused: Bool, _ path: String) throws(WorkspaceError) -> JobTrigger {
        let monitored = body["jobs"]?.arrayValue ?? []
        guard (1...mostJobs).contains(monitored.count) else {
            throw .invalid("\(path)trigger.job_completion.jobs must name 1 to \(mostJobs) jobs.")
        }
        var jobs: [Int] = []
        for item in monitored {
            guard let job = item["job_id"].flatMap({ $0.intValue ?? Int($0.stringValue ?? "") }) else {
                throw .invalid("\(path)trigger.job_completion.jobs.job_id must be a number.")
            }
            if jobs.contains(job) { throw .invalid("\(path)trigger.job_completion.jobs names the job \(job) more than once.") }
            jobs.append(job)
        }
        let success: Bool? =
            switch body["if_status"]?.stringValue {
            case "DONE": nil
            case "FAILED": false
            default: true
            }
        return .completion(jobs: jobs, success: success, isPaused: isPaused)
    }

    /// When the trigger begins a run next; nil if it does not.
    package func next(after now: Int64) -> Int64? {
        switch self {
        case .schedule(let cron, let zone, isPaused: false): cron.next(after: now, in: zone)
        case .periodic(let interval, isPaused: false): now + interval
        // What is there at the beginning is looked at at once.
        case .continuous(_, isPaused: false), .watch(_, isPaused: false): now
        // Nothing begins by itself, but what has a time is known again after a restart.
        case .completion(_, _, isPaused: false): now + 86_400_000
        default: nil
        }
    }

    /// As `Run.trigger` names it.
    package var name: String {
        switch self {
        case .schedule, .periodic: "PERIODIC"
        case .continuous: "CONTINUOUS"
        case .watch(let watch, _):
            switch watch.subject {
            case .files: "FILE_ARRIVAL"
            case .tables: "TABLE"
            // The API has no name for it: such a run shows none.
            case .models: ""
            }
        case .completion: "JOB_COMPLETION"
        }
    }
}
