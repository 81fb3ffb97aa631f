import HTTPTypes
import JSON
import Workspace

/// What is logged to a run: metrics, parameters, tags, inputs and outputs.
package enum RunLoggingAPI: APIGroup {
    package static let operations = [logMetric, logParam, setTag, deleteTag, logBatch, logInputs, logOutputs, logModel]

    private static let root = ExperimentRunsAPI.root

    /// A number, or protobuf's words for what JSON has no numbers for.
    private static func metric(_ item: Fields, _ place: String) throws -> TrackedMetric {
        let value: Double
        switch item.value("value") {
        case nil: throw WorkspaceError.invalid("Missing value for required parameter '\(place)value'.")
        case .string(let text)? where ["NaN", "Infinity", "-Infinity"].contains(text): value = TrackedMetric.value(text)
        default: value = try item.double(optional: "value") ?? 0
        }
        guard let timestamp = try item.int(optional: "timestamp") else {
            throw WorkspaceError.invalid("Missing value for required parameter '\(place)timestamp'.")
        }
        let metric = TrackedMetric(
            try item.string(optional: "key") ?? "", value, timestamp: Int64(timestamp), step: Int64(try item.int(optional: "step") ?? 0),
            modelID: try item.string(optional: "model_id") ?? "", datasetName: try item.string(optional: "dataset_name") ?? "",
            datasetDigest: try item.string(optional: "dataset_digest") ?? "")
        try TrackingRules.checkMetric(metric, place)
        return metric
    }

    static func params(_ body: Fields) throws -> [TrackedEntry] {
        try body.objects("params").enumerated().map { position, item in
            let param = TrackedEntry(try item.string(optional: "key") ?? "", try item.string(optional: "value") ?? "")
            try TrackingRules.checkParam(param, "params[\(position)].")
            return param
        }
    }

    static let logMetric = Operation("ml.experiments.log_metric", .post, root + "log-metric") { call -> Void in
        let body = Fields(try call.contractBody(.post, root + "log-metric"))
        let metric = try metric(body, "")
        try call.workspace.trackedRuns.log(try ExperimentRunsAPI.existing(body, "CAN_EDIT", call), metrics: [metric])
    }

    static let logParam = Operation("ml.experiments.log_param", .post, root + "log-parameter") { call -> Void in
        let body = Fields(try call.contractBody(.post, root + "log-parameter"))
        let param = TrackedEntry(try body.string("key"), try body.string("value"))
        try TrackingRules.checkParam(param, "")
        try call.workspace.trackedRuns.log(try ExperimentRunsAPI.existing(body, "CAN_EDIT", call), params: [param])
    }

    static let setTag = Operation("ml.experiments.set_tag", .post, root + "set-tag") { call -> Void in
        let body = Fields(try call.contractBody(.post, root + "set-tag"))
        let tag = TrackedEntry(try body.string("key"), try body.string("value"))
        try TrackingRules.checkTag(tag, "")
        try call.workspace.trackedRuns.log(try ExperimentRunsAPI.existing(body, "CAN_EDIT", call), tags: [tag])
    }

    static let deleteTag = Operation("ml.experiments.delete_tag", .post, root + "delete-tag") { call -> Void in
        let body = Fields(try call.contractBody(.post, root + "delete-tag"))
        try call.workspace.trackedRuns.deleteTag(try body.string("key"), try ExperimentRunsAPI.existing(body, "CAN_EDIT", call))
    }

    static let logBatch = Operation("ml.experiments.log_batch", .post, root + "log-batch") { call -> Void in
        guard call.body.count <= TrackingRules.maxBatchBytes else {
            throw WorkspaceError.invalid(
                "Batched logging API requests must be at most \(TrackingRules.maxBatchBytes) bytes, got a request of size \(call.body.count).")
        }
        let body = Fields(try call.contractBody(.post, root + "log-batch"))
        let run = try ExperimentRunsAPI.existing(body, "CAN_EDIT", call)
        func count(_ name: String) throws -> Int { try body.array(optional: name)?.count ?? 0 }
        try TrackingRules.checkBatch(metrics: try count("metrics"), params: try count("params"), tags: try count("tags"))
        let metrics = try body.objects("metrics").enumerated().map { position, item in try metric(item, "metrics[\(position)].") }
        try call.workspace.trackedRuns.log(run, metrics: metrics, params: try params(body), tags: try ExperimentsAPI.tags(body))
    }

    // MARK: Inputs and outputs

    /// mlflow's `_validate_dataset`: what must be there, and the most characters of each member.
    private static let datasetLimits: [(name: String, limit: Int, isRequired: Bool)] = [
        ("name", 500, true), ("digest", 36, true), ("source_type", 65_535, true), ("source", 65_535, true), ("schema", 1_048_575, false),
        ("profile", 16_777_215, false),
    ]

    private static func dataset(_ item: Fields, _ place: String) throws -> JSONValue {
        guard let dataset = try item.object(optional: "dataset") else {
            throw WorkspaceError.invalid("Missing value for required parameter '\(place)dataset'.")
        }
        for (name, limit, isRequired) in datasetLimits {
            let text = try dataset.string(optional: name) ?? ""
            if isRequired, text.isEmpty { throw WorkspaceError.invalid("Missing value for required parameter '\(place)dataset.\(name)'.") }
            guard text.unicodeScalars.count <= limit else { throw TrackingRules.tooLong("\(place)dataset.\(name)", limit) }
        }
        for tag in try item.objects("tags") {
            guard let key = try tag.string(optional: "key"), !key.isEmpty else {
                throw WorkspaceError.invalid("Missing value for required parameter '\(place)tags.key'.")
            }
            guard key.unicodeScalars.count <= 255 else { throw TrackingRules.tooLong("\(place)tags.key", 255) }
            guard try (tag.string(optional: "value") ?? "").unicodeScalars.count <= 500 else {
                throw TrackingRules.tooLong("\(place)tags.value", 500)
            }
        }
        return .object(item.object)
    }

    /// Tags of the new use are added to those of the known one.
    private static func merged(_ old: JSONValue, _ new: JSONValue) -> JSONValue {
        var tags = old["tags"]?.arrayValue ?? []
        for tag in new["tags"]?.arrayValue ?? [] {
            tags.removeAll { $0["key"] == tag["key"] }
            tags.append(tag)
        }
        guard var object = old.objectValue, !tags.isEmpty else { return old }
        object["tags"] = .array(tags)
        return .object(object)
    }

    private static func checkModels(_ models: [Fields], _ call: Call) throws {
        for model in models { _ = try LoggedModelsAPI.existing(try model.string("model_id"), "CAN_READ", call) }
    }

    static let logInputs = Operation("ml.experiments.log_inputs", .post, root + "log-inputs") { call -> Void in
        let body = Fields(try call.contractBody(.post, root + "log-inputs"))
        let run = try ExperimentRunsAPI.existing(body, "CAN_EDIT", call)
        guard try body.array(optional: "datasets")?.count ?? 0 <= 1000 else {
            throw WorkspaceError.invalid("A request can contain at most 1000 datasets.")
        }
        let datasets = try body.objects("datasets").enumerated().map { position, item in try dataset(item, "datasets[\(position)].") }
        let models = try body.objects("models")
        try checkModels(models, call)
        try call.workspace.trackedRuns.add(
            datasets, to: "datasets", run,
            identity: { "\($0["dataset"]?["digest"]?.stringValue ?? "") \($0["dataset"]?["name"]?.stringValue ?? "")" }, merge: merged)
        try call.workspace.trackedRuns.add(
            models.map { .object($0.object) }, to: "models", run, identity: { $0["model_id"]?.stringValue ?? "" }, merge: { old, _ in old })
    }

    static let logOutputs = Operation("ml.experiments.log_outputs", .post, root + "outputs") { call -> Void in
        let body = Fields(try call.contractBody(.post, root + "outputs"))
        let run = try ExperimentRunsAPI.existing(body, "CAN_EDIT", call)
        let models = try body.objects("models")
        try checkModels(models, call)
        let outputs = try models.map { model -> JSONValue in
            ["model_id": .string(try model.string("model_id")), "step": .int(try model.int(optional: "step") ?? 0)]
        }
        try call.workspace.trackedRuns.add(outputs, to: "outputs", run, identity: { $0.text }, merge: { old, _ in old })
    }

    static let logModel = Operation("ml.experiments.log_model", .post, root + "log-model") { call -> Void in
        let body = Fields(try call.contractBody(.post, root + "log-model"))
        let run = try ExperimentRunsAPI.existing(body, "CAN_EDIT", call)
        guard let model = try? JSONValue(parsing: Array(try body.string("model_json").utf8)), let members = model.objectValue else {
            throw WorkspaceError.invalid("Malformed model info: model_json must be a JSON object.")
        }
        // mlflow's own handler asks for these.
        let missing = ["artifact_path", "flavors", "utc_time_created", "run_id"].filter { members[$0] == nil }
        guard missing.isEmpty else {
            throw WorkspaceError.invalid("Model json is missing mandatory fields: \(missing.joined(separator: ", "))")
        }
        try call.workspace.trackedRuns.recordModel(model, run)
    }
}
