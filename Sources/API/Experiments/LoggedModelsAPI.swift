import HTTPTypes
import JSON
import Workspace

/// Models that were logged to experiments: `/api/2.0/mlflow/logged-models`.
package enum LoggedModelsAPI: APIGroup {
    package static let operations = [create, get, finalize, delete, logParams, setTags, deleteTag, search]

    private static let root = "/api/2.0/mlflow/logged-models"

    static func existing(_ id: String, _ level: String, _ call: Call, allowDeleted: Bool = false) throws -> LoggedModel {
        let model = try call.workspace.loggedModels.get(id, allowDeleted: allowDeleted)
        _ = try ExperimentsAPI.existing(String(model.experimentID), level, call)
        return model
    }

    private static func json(_ model: LoggedModel, _ call: Call) throws -> JSONValue {
        let (logged, runs) = try call.workspace.loggedModels.data(model.id)
        var info = JSONObject([
            ("model_id", .string(model.id)), ("experiment_id", .string(String(model.experimentID))), ("name", .string(model.name)),
            ("creation_timestamp_ms", .int(model.createdAt)), ("last_updated_timestamp_ms", .int(model.updatedAt)),
            ("artifact_uri", .string(model.artifactURI)), ("status", .string(model.status)),
        ])
        if let creator = try call.workspace.identityID(of: model.owner) { info["creator_id"] = .int(creator) }
        if !model.modelType.isEmpty { info["model_type"] = .string(model.modelType) }
        if !model.sourceRunID.isEmpty { info["source_run_id"] = .string(model.sourceRunID) }
        if !logged.tags.isEmpty { info["tags"] = ExperimentsAPI.entries(logged.tags) }
        var data = JSONObject()
        if !logged.params.isEmpty { data["params"] = ExperimentsAPI.entries(logged.params) }
        if !logged.metrics.isEmpty {
            data["metrics"] = .array(zip(logged.metrics, runs).map { ExperimentRunsAPI.metric($0, run: $1) })
        }
        return ["info": .object(info), "data": .object(data)]
    }

    private static func params(_ body: Fields) throws -> [TrackedEntry] {
        let params = try RunLoggingAPI.params(body)
        var seen: Set<String> = []
        for param in params where !seen.insert(param.key).inserted {
            throw WorkspaceError.invalid("Duplicate parameter keys have been submitted: ['\(param.key)'].")
        }
        return params
    }

    static let create = Operation("ml.experiments.create_logged_model", .post, root) { call -> JSONValue in
        let body = Fields(try call.contractBody(.post, root))
        let experiment = try ExperimentsAPI.existing(body.string("experiment_id"), "CAN_EDIT", call)
        let name = try body.string(optional: "name").flatMap { $0.isEmpty ? nil : $0 }
        if let name {
            // mlflow's `_validate_logged_model_name`.
            guard name.utf8.count <= 500, !name.contains(where: { "/:.%\"'".contains($0) }) else {
                throw WorkspaceError.invalid(
                    "Invalid model name ('\(name.prefix(256))') provided. Model name must be a non-empty string of at most 500 bytes and cannot "
                        + "contain the following characters: / : . % \" '")
            }
        }
        let source = try body.string(optional: "source_run_id") ?? ""
        if !source.isEmpty { _ = try ExperimentRunsAPI.existing(source, "CAN_READ", call) }
        let model = try call.workspace.loggedModels.create(
            in: experiment, name: name, modelType: try body.string(optional: "model_type") ?? "", sourceRunID: source, params: try params(body),
            tags: try ExperimentsAPI.tags(body), by: call.principal)
        return ["model": try json(model, call)]
    }

    static let get = Operation("ml.experiments.get_logged_model", .get, root + "/{model_id}") { call -> JSONValue in
        let allowDeleted = try call.query.bool("allow_deleted") ?? false
        return ["model": try json(existing(call.path("model_id"), "CAN_READ", call, allowDeleted: allowDeleted), call)]
    }

    static let finalize = Operation("ml.experiments.finalize_logged_model", .patch, root + "/{model_id}") { call -> JSONValue in
        let body = Fields(try call.contractBody(.patch, root + "/{model_id}"))
        let status = try body.string("status")
        guard status != "LOGGED_MODEL_PENDING" else {
            throw WorkspaceError.invalid("Invalid value 'LOGGED_MODEL_PENDING' for field 'status': a model is finalized as ready or as failed.")
        }
        let model = try existing(call.path("model_id"), "CAN_EDIT", call)
        return ["model": try json(call.workspace.loggedModels.finalize(model, status), call)]
    }

    static let delete = Operation("ml.experiments.delete_logged_model", .delete, root + "/{model_id}") { call -> Void in
        try call.workspace.loggedModels.delete(try existing(call.path("model_id"), "CAN_EDIT", call))
    }

    static let logParams = Operation("ml.experiments.log_logged_model_params", .post, root + "/{model_id}/params") { call -> Void in
        let body = Fields(try call.contractBody(.post, root + "/{model_id}/params"))
        try call.workspace.loggedModels.log(try existing(call.path("model_id"), "CAN_EDIT", call), params: try params(body))
    }

    static let setTags = Operation("ml.experiments.set_logged_model_tags", .patch, root + "/{model_id}/tags") { call -> Void in
        let body = Fields(try call.contractBody(.patch, root + "/{model_id}/tags"))
        try call.workspace.loggedModels.log(try existing(call.path("model_id"), "CAN_EDIT", call), tags: try ExperimentsAPI.tags(body))
    }

    static let deleteTag = Operation("ml.experiments.delete_logged_model_tag", .delete, root + "/{model_id}/tags/{tag_key}") { call -> Void in
        try call.workspace.loggedModels.deleteTag(try call.path("tag_key"), try existing(call.path("model_id"), "CAN_EDIT", call))
    }

    // MARK: Search

    private struct Dataset: Sendable {
        let name: String
        let digest: String

        init(_ fields: Fields) throws {
            name = try fields.string(optional: "dataset_name") ?? ""
            digest = try fields.string(optional: "dataset_digest") ?? ""
            guard digest.isEmpty || !name.isEmpty else {
                throw WorkspaceError.invalid("`dataset_digest` can only be specified if `dataset_name` is also specified.")
            }
        }

        func fits(_ metric: TrackedMetric) -> Bool {
            (name.isEmpty || metric.datasetName == name) && (digest.isEmpty || metric.datasetDigest == digest)
        }
    }

    private struct Row {
        let model: LoggedModel
        let data: RunData

        func values(_ field: TrackingField, _ datasets: [Dataset]) -> [TrackingValue] {
            switch field {
            case .metric(let key):
                return data.metrics.filter { metric in metric.key == key && (datasets.isEmpty || datasets.contains { $0.fits(metric) }) }
                    .map { .number($0.value) }
            case .param(let key): return data.params.filter { $0.key == key }.map { .text($0.value) }
            case .tag(let key): return data.tags.filter { $0.key == key }.map { .text($0.value) }
            case .attribute("name"): return [.text(model.name)]
            case .attribute("model_id"): return [.text(model.id)]
            case .attribute("model_type"): return model.modelType.isEmpty ? [] : [.text(model.modelType)]
            case .attribute("source_run_id"): return model.sourceRunID.isEmpty ? [] : [.text(model.sourceRunID)]
            // Clients say READY, as mlflow's entities do.
            case .attribute("status"): return [.text(String(model.status.dropFirst("LOGGED_MODEL_".count)))]
            case .attribute("creation_timestamp"): return [.number(Double(model.createdAt))]
            case .attribute("last_updated_timestamp"): return [.number(Double(model.updatedAt))]
            case .attribute, .dataset: return []
            }
        }

        /// For sorting: a metric's last measured value on a dataset.
        func value(_ field: TrackingField, _ dataset: Dataset) -> TrackingValue? {
            guard case .metric(let key) = field else { return values(field, []).first }
            let measured = data.metrics.filter { $0.key == key && dataset.fits($0) }
            return measured.max { $0.timestamp < $1.timestamp }.map { .number($0.value) }
        }
    }

    /// A function of its own: in the operation's closure, which is asynchronous, Swift 6.3's optimizer breaks down over it.
    static let search = Operation("ml.experiments.search_logged_models", .post, root + "/search") { call -> JSONValue in try found(call) }

    private static func found(_ call: Call) throws -> JSONValue {
        let body = Fields(try call.contractBody(.post, root + "/search"))
        let text = try body.string(optional: "filter") ?? ""
        let filter = try TrackingFilter(text, .models)
        let datasets = try body.objects("datasets").map { try Dataset($0) }
        guard !datasets.contains(where: { $0.name.isEmpty }) else {
            throw WorkspaceError.invalid("`dataset_name` in the `datasets` clause must be specified.")
        }
        var orders: [(order: TrackingOrder, dataset: Dataset)] = try body.objects("order_by").map { item in
            let parsed = try TrackingOrder(try item.string("field_name"), .models)
            switch parsed.field {
            case .metric, .attribute: break
            default: throw WorkspaceError.invalid("Invalid order by field name: \(parsed.field.shown), only attributes and metrics are allowed.")
            }
            let dataset = try Dataset(item)
            if case .attribute = parsed.field, !dataset.name.isEmpty {
                throw WorkspaceError.invalid("`dataset_name` can only be specified if `field_name` is a metric.")
            }
            return (TrackingOrder(field: parsed.field, ascending: try item.bool(optional: "ascending") ?? true), dataset)
        }
        var seen: Set<String> = []
        let ids = try (body.strings(optional: "experiment_ids") ?? []).filter { seen.insert($0).inserted }
        let experiments = try ids.map { try ExperimentsAPI.existing($0, "CAN_READ", call) }
        let page = try SearchPage(body, standard: 50, most: 50, scope: "models \(ids) \(body.object.members.filter { $0.name != "page_token" })")
        let asksMetrics = filter.fields.contains { if case .metric = $0 { true } else { false } }
        // The last made ones first.
        var models: [LoggedModel] = []
        for experiment in experiments { models += try call.workspace.loggedModels.list(experiment.id) }
        models.sort { $0.createdAt != $1.createdAt ? $0.createdAt > $1.createdAt : $0.id < $1.id }
        var sorted: [Row] = []
        for model in models {
            let row = Row(model: model, data: try call.workspace.loggedModels.data(model.id).data)
            let isMeasured = row.data.metrics.contains { metric in datasets.contains { $0.fits(metric) } }
            guard asksMetrics || datasets.isEmpty || isMeasured else { continue }
            if filter.matches({ row.values($0, datasets) }) { sorted.append(row) }
        }
        // The last column first, as sorting keeps the order of what is equal.
        while let (order, dataset) = orders.popLast() { sorted = TrackingOrder.sort(sorted, [order]) { $1.value($0, dataset) } }
        let (found, token) = page.page(sorted) { $0.model.id }
        var reply = JSONObject()
        if !found.isEmpty { reply["models"] = .array(try found.map { try json($0.model, call) }) }
        if let token { reply["next_page_token"] = .string(token) }
        return .object(reply)
    }
}
