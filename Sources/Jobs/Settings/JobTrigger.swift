import JSON
package import SparkFunctions
import Workspace

/// What begins runs of a job by itself.
package enum JobTrigger: Sendable {
    case schedule(QuartzCron, SessionTimeZone, isPaused: Bool)
    /// Milliseconds between two runs.
    case periodic(Int64, isPaused: Bool)
    case continuous(retries: Bool, isPaused: Bool)
    /// Runs begin after changes of tables or the arrival of files.
    case watch(TriggerWatch, isPaused: Bool)
    /// A run follows each run of another job that ends so; nil: however it ends.
    case completion(job: Int, success: Bool?, isPaused: Bool)
    /// Kept, and begins no runs.
    case other(String)

    package var isPaused: Bool {
        switch self {
        case .schedule(_, _, let isPaused), .periodic(_, let isPaused), .continuous(_, let isPaused), .watch(_, let isPaused): isPaused
        case .completion(_, _, let isPaused): isPaused
        case .other: true
        }
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
        let kinds = ["file_arrival", "periodic", "table_update", "table", "model", "job_completion", "sql_condition"].filter { object[$0] != nil }
        guard kinds.count == 1, let kind = kinds.first, let body = object[kind]?.objectValue else {
            throw .invalid("\(path)trigger must have exactly one of file_arrival, periodic, table_update, model, job_completion and sql_condition.")
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
        case "job_completion":
            let monitored = body["jobs"]?.arrayValue ?? []
            guard !monitored.isEmpty else { throw .invalid("\(path)trigger.job_completion.jobs must name a job.") }
            // What is waited for of several jobs is not known.
            guard monitored.count == 1, let job = monitored[0]["job_id"].flatMap({ $0.intValue ?? Int($0.stringValue ?? "") }) else { break }
            let success: Bool? =
                switch body["if_status"]?.stringValue {
                case "SUCCESS": true
                case "FAILED": false
                default: nil
                }
            return .completion(job: job, success: success, isPaused: isPaused)
        default: break
        }
        return .other(kind)
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
            }
        case .completion: "JOB_COMPLETION"
        case .other: "ONE_TIME"
        }
    }
}
