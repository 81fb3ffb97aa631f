import JSON
import Warehouse
import Workspace

/// What a trigger waits for in tables or among files. Times are milliseconds.
package struct TriggerWatch: Sendable, Hashable {
    package enum Subject: Sendable, Hashable {
        /// Full names; whether all of them must have changed, or any.
        case tables([String], all: Bool)
        /// A volume's path, or the URL of an external location.
        case files(String)
    }

    /// The service looks about once a minute (docs: "Trigger jobs when new files arrive").
    static let interval: Int64 = 60_000

    let subject: Subject
    /// Between two runs.
    let pause: Int64
    /// Since the last change.
    let rest: Int64

    init(_ subject: Subject, _ body: JSONObject) {
        self.subject = subject
        pause = Int64(body["min_time_between_triggers_seconds"]?.intValue ?? 0) * 1_000
        rest = Int64(body["wait_after_last_change_seconds"]?.intValue ?? 0) * 1_000
    }
}

/// What was seen of a watched subject.
struct WatchState {
    /// Versions by table, or files, each with 0.
    typealias Sight = [String: Int]

    /// At the time of the last run.
    var base: Sight
    var latest: Sight
    var changedAt: Int64 = 0
    var firedAt: Int64?

    init(_ sight: Sight) {
        base = sight
        latest = sight
    }

    /// Whether a run is to begin now; then what is there counts as seen.
    mutating func fires(_ watch: TriggerWatch, _ sight: Sight, at now: Int64) -> Bool {
        if sight != latest {
            latest = sight
            changedAt = now
        }
        // A file that went away may arrive again.
        if case .files = watch.subject { base = base.filter { sight[$0.key] != nil } }
        let hasChanged =
            switch watch.subject {
            case .tables(let names, all: true): names.allSatisfy { sight[$0] != base[$0] }
            case .tables(let names, all: false): names.contains { sight[$0] != base[$0] }
            case .files: sight.keys.contains { base[$0] == nil }
            }
        guard hasChanged, now - changedAt >= watch.rest, firedAt.map({ now - $0 >= watch.pause }) ?? true else { return false }
        base = sight
        firedAt = now
        return true
    }

    static func observe(
        _ watch: TriggerWatch, _ before: Sight?, runAs: String, _ workspace: Workspace, _ sql: SQLService
    ) throws -> Sight? {
        guard let principal = try workspace.principal(named: runAs) ?? workspace.administrator() else { return nil }
        switch watch.subject {
        case .tables(let names, _):
            var sight: Sight = [:]
            for name in names {
                // A table that is not there, or hidden, may come later.
                sight[name] = (try? sql.dataVersion(of: name, after: before?[name], by: principal)) ?? before?[name]
            }
            return sight
        case .files(let path): return Dictionary(try sql.files(below: path, by: principal).map { ($0, 0) }, uniquingKeysWith: { $1 })
        }
    }
}
