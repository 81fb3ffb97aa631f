import JSON
import Warehouse
import Workspace

/// What a trigger waits for in tables, among models or among files. Times are milliseconds.
package struct TriggerWatch: Sendable, Hashable {
    package enum ModelEvent: String, Sendable, Hashable {
        case created = "MODEL_CREATED"
        case versionReady = "MODEL_VERSION_READY"
        case aliasSet = "MODEL_ALIAS_SET"
    }

    package enum Subject: Sendable, Hashable {
        /// Full names; whether all of them must have changed, or any.
        case tables([String], all: Bool)
        /// A volume's path, or the URL of an external location.
        case files(String)
        /// The full name of a model or of a schema, or nothing for the metastore, in lower case.
        case models(String, ModelEvent, aliases: [String])
    }

    /// The service looks about once a minute (docs: "Trigger jobs when new files arrive").
    static let interval: Int64 = 60_000
    /// One run handles so many updates of models; the others wait for the next look (docs: "Trigger jobs when models are updated").
    static let modelBatch = 9

    let subject: Subject
    /// Between two runs.
    let pause: Int64
    /// Since the last change.
    let rest: Int64

    package init(_ subject: Subject, pause: Int64 = 0, rest: Int64 = 0) {
        self.subject = subject
        self.pause = pause
        self.rest = rest
    }

    init(_ subject: Subject, _ body: JSONObject) {
        self.subject = subject
        pause = Int64(body["min_time_between_triggers_seconds"]?.intValue ?? 0) * 1_000
        rest = Int64(body["wait_after_last_change_seconds"]?.intValue ?? 0) * 1_000
    }
}

/// What was seen of a watched subject.
struct WatchState {
    /// Versions by table; files, each with 0; models and their versions with the time of their making, their aliases with a version.
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

    /// What references of the form `{{job.trigger.…}}` stand for in a run that begins now (docs: "Dynamic value references"): the tables that changed
    /// since the last run, with their versions, or where files arrived.
    func values(_ watch: TriggerWatch, _ sight: Sight) -> JSONObject {
        switch watch.subject {
        case .tables(let names, _):
            let changed = names.filter { sight[$0] != base[$0] }
            let versions = changed.compactMap { name in sight[name].map { (name, JSONValue.int($0)) } }
            return JSONObject([("updated_tables", .array(changed.map { .string($0) })), ("versions", .members(versions))])
        case .files(let location): return JSONObject([("location", .string(location))])
        case .models: return JSONObject()
        }
    }

    /// Whether a run is to begin now; then what is there counts as seen.
    mutating func fires(_ watch: TriggerWatch, _ sight: Sight, at now: Int64) -> Bool {
        if sight != latest {
            latest = sight
            changedAt = now
        }
        // What went away may come again.
        switch watch.subject {
        case .files, .models: base = base.filter { sight[$0.key] != nil }
        case .tables: break
        }
        let hasChanged =
            switch watch.subject {
            case .tables(let names, all: true): names.allSatisfy { sight[$0] != base[$0] }
            case .tables(let names, all: false): names.contains { sight[$0] != base[$0] }
            case .files: sight.keys.contains { base[$0] == nil }
            case .models: sight.contains { base[$0.key] != $0.value }
            }
        guard hasChanged, now - changedAt >= watch.rest, firedAt.map({ now - $0 >= watch.pause }) ?? true else { return false }
        if case .models = watch.subject {
            let new = sight.filter { base[$0.key] != $0.value }.sorted { ($0.value, $0.key) < ($1.value, $1.key) }
            for (key, value) in new.prefix(TriggerWatch.modelBatch) { base[key] = value }
        } else {
            base = sight
        }
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
        case .models(let scope, let event, let aliases): return try models(scope, event, aliases, workspace, principal)
        case .files(let path): return Dictionary(try sql.files(below: path, by: principal).map { ($0, 0) }, uniquingKeysWith: { $1 })
        }
    }

    private static func models(
        _ scope: String, _ event: TriggerWatch.ModelEvent, _ aliases: [String], _ workspace: Workspace, _ principal: Principal
    ) throws -> Sight {
        var sight: Sight = [:]
        for model in try workspace.catalogObjects(.model).everywhere(browse: false, by: principal) {
            let name = model.fullName.lowercased()
            guard scope.isEmpty || name == scope || name.hasPrefix(scope + ".") else { continue }
            switch event {
            case .created: sight[name] = Int(clamping: model.createdAt)
            case .versionReady:
                for version in try workspace.modelVersions.list(model.fullName, by: principal).versions
                where (version.fields["status"]?.stringValue ?? "READY") == "READY" {
                    sight["\(name)/\(version.name)"] = Int(clamping: version.createdAt)
                }
            case .aliasSet:
                for alias in model.aliases where aliases.contains(alias.name.lowercased()) { sight["\(name)@\(alias.name)"] = alias.version }
            }
        }
        return sight
    }
}
