import HTTPTypes
import JSON
import Workspace

/// Runs of experiments: `/api/2.0/mlflow/runs`. What is logged to them: `RunLoggingAPI`.
package enum ExperimentRunsAPI: APIGroup {
    package static let operations = [create, get, update, delete, restore, deleteMany, restoreMany, search, history]

    static let root = "/api/2.0/mlflow/runs/"

    // MARK: Access

    /// The run that a request names, under its new name or the old one.
    static func existing(_ id: String?, _ level: String, _ call: Call) throws -> TrackedRun {
        guard let id, !id.isEmpty else { throw WorkspaceError.missing("run_id") }
        let run = try call.workspace.trackedRuns.get(id)
        _ = try ExperimentsAPI.existing(String(run.experimentID), level, call)
        return run
    }

    static func existing(_ body: Fields, _ level: String, _ call: Call) throws -> TrackedRun {
        let id = try body.string(optional: "run_id").flatMap { $0.isEmpty ? nil : $0 } ?? body.string(optional: "run_uuid")
        return try existing(id, level, call)
    }

    static func queried(_ call: Call) throws -> TrackedRun {
        try existing(call.query.string("run_id") ?? call.query.string("run_uuid"), "CAN_READ", call)
    }

    // MARK: Showing

    static func info(_ run: TrackedRun) -> JSONValue {
        var json = JSONObject([
            ("run_id", .string(run.id)), ("run_uuid", .string(run.id)), ("experiment_id", .string(String(run.experimentID))),
            ("run_name", .string(run.name)), ("user_id", .string(run.userID)), ("status", .string(run.status)), ("start_time", .int(run.startTime)),
        ])
        if let end = run.endTime { json["end_time"] = .int(end) }
        json["artifact_uri"] = .string(run.artifactURI)
        json["lifecycle_stage"] = run.isActive ? "active" : "deleted"
        return .object(json)
    }

    static func metric(_ metric: TrackedMetric, run: String? = nil) -> JSONValue {
        let text = TrackedMetric.text(metric.value)
        var json = JSONObject([
            ("key", .string(metric.key)), ("value", metric.value.isFinite ? .number(text) : .string(text)), ("timestamp", .int(metric.timestamp)),
            ("step", .int(metric.step)),
        ])
        if !metric.modelID.isEmpty { json["model_id"] = .string(metric.modelID) }
        if !metric.datasetName.isEmpty { json["dataset_name"] = .string(metric.datasetName) }
        if !metric.datasetDigest.isEmpty { json["dataset_digest"] = .string(metric.datasetDigest) }
        if let run { json["run_id"] = .string(run) }
        return .object(json)
    }

    static func json(_ run: TrackedRun, _ call: Call) throws -> JSONValue {
        let logged = try call.workspace.trackedRuns.data(run.id)
        var data = JSONObject()
        if !logged.metrics.isEmpty { data["metrics"] = .array(logged.metrics.map { metric($0) }) }
        if !logged.params.isEmpty { data["params"] = ExperimentsAPI.entries(logged.params) }
        if !logged.tags.isEmpty { data["tags"] = ExperimentsAPI.entries(logged.tags) }
        var inputs = JSONObject()
        if let datasets = run.inputs["datasets"] { inputs["dataset_inputs"] = datasets }
        if let models = run.inputs["models"] { inputs["model_inputs"] = models }
        var json = JSONObject([("info", info(run)), ("data", .object(data)), ("inputs", .object(inputs))])
        if let outputs = run.inputs["outputs"] { json["outputs"] = ["model_outputs": outputs] }
        return .object(json)
    }

    // MARK: Life

    static let create = Operation("ml.experiments.create_run", .post, root + "create") { call -> JSONValue in
        let body = Fields(try call.contractBody(.post, root + "create"))
        let experiment = try ExperimentsAPI.existing(body.string("experiment_id"), "CAN_EDIT", call)
        let start = try body.int(optional: "start_time").map(Int64.init)
        if let start, start < 0 { throw WorkspaceError.invalid("Invalid value \(start) for parameter 'start_time' supplied.") }
        let run = try call.workspace.trackedRuns.create(
            in: experiment, name: try name(body), userID: try body.string(optional: "user_id") ?? "", startTime: start,
            tags: try ExperimentsAPI.tags(body))
        return ["run": try json(run, call)]
    }

    private static func name(_ body: Fields) throws -> String? {
        let name = try body.string(optional: "run_name")
        guard name?.utf8.count ?? 0 <= TrackingRules.maxTagValue else {
            throw TrackingRules.tooLong("run_name", TrackingRules.maxTagValue, "bytes")
        }
        return name
    }

    static let get = Operation("ml.experiments.get_run", .get, root + "get") { call -> JSONValue in ["run": try json(queried(call), call)] }

    static let update = Operation("ml.experiments.update_run", .post, root + "update") { call -> JSONValue in
        let body = Fields(try call.contractBody(.post, root + "update"))
        let run = try existing(body, "CAN_EDIT", call)
        let end = try body.int(optional: "end_time").map(Int64.init)
        if let end, end < 0 { throw WorkspaceError.invalid("Invalid value \(end) for parameter 'end_time' supplied.") }
        let changed = try call.workspace.trackedRuns.update(run, status: try body.string(optional: "status"), endTime: end, name: try name(body))
        return ["run_info": info(changed)]
    }

    static let delete = Operation("ml.experiments.delete_run", .post, root + "delete") { call -> Void in
        let body = Fields(try call.contractBody(.post, root + "delete"))
        try call.workspace.trackedRuns.setDeleted(true, [try existing(body, "CAN_EDIT", call).id])
    }

    static let restore = Operation("ml.experiments.restore_run", .post, root + "restore") { call -> Void in
        let body = Fields(try call.contractBody(.post, root + "restore"))
        let run = try existing(body, "CAN_EDIT", call)
        try call.workspace.experiments.checkActive(try call.workspace.experiments.existing(String(run.experimentID)))
        try call.workspace.trackedRuns.setDeleted(false, [run.id])
    }

    private static let many = "/api/2.0/mlflow/databricks/runs/"

    private static func most(_ body: Fields) throws -> Int {
        let most = try body.int(optional: "max_runs") ?? 10_000
        guard (1...10_000).contains(most) else {
            throw WorkspaceError.invalid("Invalid value \(most) for parameter 'max_runs' supplied: it must be from 1 to 10000.")
        }
        return most
    }

    /// The oldest ones first.
    static let deleteMany = Operation("ml.experiments.delete_runs", .post, many + "delete-runs") { call -> JSONValue in
        let body = Fields(try call.contractBody(.post, many + "delete-runs"))
        let experiment = try ExperimentsAPI.existing(body.string("experiment_id"), "CAN_EDIT", call)
        let (last, most) = (Int64(try body.int("max_timestamp_millis")), try most(body))
        let chosen = try call.workspace.trackedRuns.list(experiment.id, .active).reversed().filter { $0.startTime <= last }.prefix(most).map(\.id)
        try call.workspace.trackedRuns.setDeleted(true, chosen)
        return ["runs_deleted": .int(chosen.count)]
    }

    static let restoreMany = Operation("ml.experiments.restore_runs", .post, many + "restore-runs") { call -> JSONValue in
        let body = Fields(try call.contractBody(.post, many + "restore-runs"))
        let experiment = try ExperimentsAPI.existing(body.string("experiment_id"), "CAN_EDIT", call)
        try call.workspace.experiments.checkActive(experiment)
        let (first, most) = (Int64(try body.int("min_timestamp_millis")), try most(body))
        let chosen = try call.workspace.trackedRuns.list(experiment.id, .deleted).reversed().filter { $0.deletedAt ?? 0 >= first }.prefix(most)
            .map(\.id)
        try call.workspace.trackedRuns.setDeleted(false, chosen)
        return ["runs_restored": .int(chosen.count)]
    }

    // MARK: Search

    /// A function of its own: in the operation's closure, which is asynchronous, Swift 6.3's optimizer breaks down over it.
    static let search = Operation("ml.experiments.search_runs", .post, root + "search") { call -> JSONValue in try found(call) }

    private static func found(_ call: Call) throws -> JSONValue {
        let body = Fields(try call.contractBody(.post, root + "search"))
        let text = try body.string(optional: "filter") ?? ""
        let filter = try TrackingFilter(text, .runs)
        let given = try body.strings(optional: "order_by") ?? []
        let orders = try TrackingOrder.parse(given, .runs)
        var seen: Set<String> = []
        let ids = try (body.strings(optional: "experiment_ids") ?? []).filter { seen.insert($0).inserted }
        let experiments = try ids.map { try ExperimentsAPI.existing($0, "CAN_READ", call) }
        let view = try ExperimentsAPI.view(body, "run_view_type")
        let page = try SearchPage(body, standard: 1000, most: 50_000, scope: "runs \(ids) \(text) \(given) \(view)")
        let values = try RunValues(filter.fields + orders.map(\.field), experiments, call)
        let found = try experiments.flatMap { try call.workspace.trackedRuns.list($0.id, view) }
            .filter { run in filter.matches { values[$0, run] } }
            .sorted { $0.startTime != $1.startTime ? $0.startTime > $1.startTime : $0.id < $1.id }
        let (rows, token) = page.page(TrackingOrder.sort(found, orders) { values[$0, $1].first }) { $0.id }
        var reply = JSONObject()
        if !rows.isEmpty { reply["runs"] = .array(try rows.map { try json($0, call) }) }
        if let token { reply["next_page_token"] = .string(token) }
        return .object(reply)
    }

    // MARK: Metrics

    private static let historyPath = "/api/2.0/mlflow/metrics/get-history"

    static let history = Operation("ml.experiments.get_history", .get, historyPath) { call -> JSONValue in
        let run = try queried(call)
        let key = try call.query.required("metric_key")
        let most = try call.query.int("max_results")
        if let most, !(1...25_000).contains(most) {
            throw WorkspaceError.invalid("Invalid value \(most) for parameter 'max_results' supplied: it must be from 1 to 25000.")
        }
        let limit = most ?? 25_000
        let scope = SeededGenerator.hash("history \(run.id) \(key)", seed: 0)
        var offset = 0
        if let token = call.query.string("page_token"), !token.isEmpty {
            guard let count = PageToken.key(of: token, scope: scope).flatMap({ Int($0) }), count >= 0 else {
                throw WorkspaceError.invalid("Invalid page token: '\(token.prefix(64))'")
            }
            offset = count
        }
        let rows = try call.workspace.trackedRuns.history(run.id, key, offset: offset, limit: limit + 1)
        var reply = JSONObject()
        if !rows.isEmpty { reply["metrics"] = .array(rows.prefix(limit).map { metric($0, run: run.id) }) }
        if rows.count > limit, offset <= Int.max - limit {
            reply["next_page_token"] = .string(PageToken.make(after: String(offset + limit), scope: scope))
        }
        return .object(reply)
    }
}

/// What a search of runs compares and sorts by, looked up once.
private struct RunValues {
    private var known: [TrackingField: [String: TrackingValue]] = [:]

    init(_ fields: [TrackingField], _ experiments: [Experiment], _ call: Call) throws {
        let runs = call.workspace.trackedRuns
        for field in fields where known[field] == nil {
            var values: [String: TrackingValue] = [:]
            for experiment in experiments {
                switch field {
                case .metric(let key):
                    for (run, value) in try runs.latestMetrics(key, of: experiment.id) { values[run] = .number(TrackedMetric.value(value)) }
                case .param(let key): for (run, value) in try runs.entries(.param, key, of: experiment.id) { values[run] = .text(value) }
                case .tag(let key): for (run, value) in try runs.entries(.tag, key, of: experiment.id) { values[run] = .text(value) }
                case .attribute, .dataset: break
                }
            }
            known[field] = values
        }
    }

    subscript(_ field: TrackingField, _ run: TrackedRun) -> [TrackingValue] {
        switch field {
        case .attribute("run_id"): [.text(run.id)]
        case .attribute("run_name"): [.text(run.name)]
        case .attribute("user_id"): [.text(run.userID)]
        case .attribute("status"): [.text(run.status)]
        case .attribute("artifact_uri"): [.text(run.artifactURI)]
        case .attribute("start_time"): [.number(Double(run.startTime))]
        case .attribute("end_time"): run.endTime.map { [.number(Double($0))] } ?? []
        case .attribute: []
        case .dataset(let key): datasets(key, run)
        case .metric, .param, .tag: known[field]?[run.id].map { [$0] } ?? []
        }
    }

    /// A dataset's context is a tag of its use.
    private func datasets(_ key: String, _ run: TrackedRun) -> [TrackingValue] {
        (run.inputs["datasets"]?.arrayValue ?? []).flatMap { input -> [TrackingValue] in
            guard key == "context" else { return input["dataset"]?[key]?.stringValue.map { [.text($0)] } ?? [] }
            return (input["tags"]?.arrayValue ?? []).compactMap { tag in
                tag["key"] == "mlflow.data.context" ? tag["value"]?.stringValue.map { .text($0) } : nil
            }
        }
    }
}
