import HTTPTypes
import JSON
import Workspace

extension ModelRegistryAPI {
    static let versions: [Operation] = [
        operation(
            "create_model_version", .post, "model-versions/create", limits: "nothing is copied: a version is ready at once", createVersion),
        operation("get_model_version", .get, "model-versions/get") { fields, call in
            let (model, version) = try existing(fields, .read, call)
            return answer(version, of: model)
        },
        operation("update_model_version", .patch, "model-versions/update") { fields, call in
            let (model, version) = try existing(fields, .edit, call)
            let description = fields.value("description")
            return answer(try change(version, of: model, call) { if let description { $0["description"] = description } }, of: model)
        },
        operation("delete_model_version", .delete, "model-versions/delete", deleteVersion),
        operation(
            "get_model_version_download_uri", .get, "model-versions/get-download-uri", limits: "the version's source: nothing is copied from there"
        ) { fields, call in
            let (_, version) = try existing(fields, .read, call)
            return ["artifact_uri": version.body["storage_location"] ?? version.body["source"] ?? ""]
        },
        operation("search_model_versions", .get, "model-versions/search") { fields, call in
            try ModelSearch.versions(fields, call, filter: try fields.string(optional: "filter") ?? "", order: call.query.all("order_by"))
        },
        operation("set_model_version_tag", .post, "model-versions/set-tag") { fields, call in
            let (model, version) = try existing(fields, .edit, call)
            let (key, value) = (try fields.string("key"), try fields.string(optional: "value") ?? "")
            _ = try change(version, of: model, call) { $0["tags"] = .array(try ModelRegistry.setting($0["tags"]?.arrayValue ?? [], key, value)) }
            RegistryEvents.send([.tagSet(model, version, key: key, value: value, by: call.principal.userName)], call)
            return .object(JSONObject())
        },
        operation("delete_model_version_tag", .delete, "model-versions/delete-tag") { fields, call in
            let (model, version) = try existing(fields, .edit, call)
            let key = try fields.string("key")
            _ = try change(version, of: model, call) { $0["tags"] = ModelRegistry.removing($0["tags"]?.arrayValue ?? [], key) }
            return .object(JSONObject())
        },
        operation("transition_stage", .post, "databricks/model-versions/transition-stage") { fields, call in
            let moved = try transition(fields, call)
            return ["model_version_databricks": .object(try ModelRegistry.shownByService(moved.version, of: moved.model, call))]
        },
        // MLflow's own client asks here.
        operation("transition_stage", .post, "model-versions/transition-stage") { fields, call in
            let moved = try transition(fields, call)
            return answer(moved.version, of: moved.model)
        },
    ]

    private static func answer(_ version: StoredResource, of model: StoredResource) -> JSONValue {
        ["model_version": .object(ModelRegistry.shown(version, of: ModelRegistry.name(model)))]
    }

    /// The version that a request names.
    static func existing(
        _ fields: Fields, _ level: ModelRegistry.Level, _ call: Call, _ transaction: ResourceTransaction? = nil
    ) throws -> (model: StoredResource, version: StoredResource) {
        try ModelRegistry.version(try fields.string("name"), try fields.string("version"), level, call, transaction)
    }

    private static func change(
        _ version: StoredResource, of model: StoredResource, _ call: Call, _ change: (inout JSONObject) throws -> Void
    ) throws -> StoredResource {
        let changed = try call.workspace.resources.update(ModelRegistry.versionKind, version.id) { try change(&$0.body) }
        guard let changed else {
            throw WorkspaceError(
                .resourceDoesNotExist,
                "Model Version (name=\(ModelRegistry.name(model).prefix(256)), version=\(ModelRegistry.number(version))) not found")
        }
        return changed
    }

    private static func createVersion(_ fields: Fields, _ call: Call) throws -> JSONValue {
        let (name, source) = (try fields.string("name"), try fields.string("source"))
        guard !source.isEmpty else { throw RegistryRules.missing("source") }
        let tags = try ModelRegistry.tags(fields)
        let (model, version) = try call.workspace.resources.transaction { transaction in
            let model = try ModelRegistry.model(name, .edit, call, transaction)
            let number = model.body["next_version"]?.intValue ?? 1
            let (next, overflow) = number.addingReportingOverflow(1)
            guard !overflow else { throw WorkspaceError(.resourceLimitExceeded, "The model has too many versions.", status: 400) }
            _ = try transaction.update(ModelRegistry.modelKind, model.id, keepsKey: true) { $0.body["next_version"] = .int(next) }
            var body = JSONObject([
                ("version", .int(number)), ("stage", .string(ModelStage.none.rawValue)), ("staged_at", .int(transaction.now)),
                ("source", .string(source)),
            ])
            for member in ["run_id", "run_link", "description"] { body[member] = fields.value(member) }
            body["tags"] = tags
            if let (location, run) = try location(source, call, transaction) {
                body["storage_location"] = location
                if body["run_id"] == nil { body["run_id"] = run }
            }
            let version = try transaction.insert(
                ModelRegistry.versionKind, id: ModelRegistry.versionID(model, number), parent: model.id, owner: call.principal.userName, body)
            return (model, version)
        }
        RegistryEvents.send([.versionCreated(model, version, by: call.principal.userName)], call)
        return answer(version, of: model)
    }

    /// Where the files of a source are that is itself a model, `models:/name/3` or `models:/m-…`, and the run that logged it; nil for an address.
    private static func location(
        _ source: String, _ call: Call, _ transaction: ResourceTransaction
    ) throws -> (location: JSONValue, run: JSONValue?)? {
        guard source.hasPrefix("models:/") else { return nil }
        let parts = source.dropFirst(8).split(separator: "/", omittingEmptySubsequences: false)
        if parts.count == 1, parts[0].hasPrefix("m-") {
            let model = try LoggedModelsAPI.existing(String(parts[0]), "CAN_READ", call)
            return (.string(model.artifactURI), model.sourceRunID.isEmpty ? nil : .string(model.sourceRunID))
        }
        guard parts.count == 2, Int(parts[1]) != nil else {
            throw WorkspaceError.invalid(
                "Unable to fetch model from model URI source artifact location '\(source.prefix(256))': it must be models:/name/version or models:/ and a logged model's id."
            )
        }
        let (_, version) = try ModelRegistry.version(String(parts[0]), String(parts[1]), .read, call, transaction)
        return (version.body["storage_location"] ?? version.body["source"] ?? "", nil)
    }

    private static func deleteVersion(_ fields: Fields, _ call: Call) throws -> JSONValue {
        try call.workspace.resources.transaction { transaction in
            let (model, version) = try existing(fields, .manage, call, transaction)
            let stage = ModelRegistry.stage(version)
            guard !stage.isActive else {
                throw WorkspaceError.invalid(
                    "Cannot delete the version \(ModelRegistry.number(version)) of the registered model '\(ModelRegistry.name(model).prefix(256))' in the stage \(stage.rawValue): it must be in the stage None or Archived."
                )
            }
            try transaction.deleteAll(ModelRegistry.activityKind, parent: version.id)
            try transaction.delete(ModelRegistry.versionKind, version.id)
            try ModelRegistry.touch(model, transaction)
        }
        return .object(JSONObject())
    }

    // MARK: Stages

    private static func transition(_ fields: Fields, _ call: Call) throws -> StageChange.Result {
        let change = try StageChange(fields)
        let result = try call.workspace.resources.transaction { transaction in
            let (model, version) = try existing(fields, .read, call, transaction)
            return try change.perform(model, version, as: "APPLIED_TRANSITION", call, transaction)
        }
        RegistryEvents.send(result.events, call)
        return result
    }
}

/// A version's way to another stage, with those that it drives out.
struct StageChange {
    struct Result {
        let model: StoredResource
        let version: StoredResource
        let activity: StoredResource
        let events: [RegistryEvent]
    }

    let stage: ModelStage
    let archives: Bool
    let comment: String?

    init(_ fields: Fields) throws {
        let text = try fields.string("stage")
        stage = try ModelStage(reading: text)
        archives = try fields.bool(optional: "archive_existing_versions") ?? false
        comment = try fields.string(optional: "comment")
        guard !archives || stage.isActive else {
            throw WorkspaceError.invalid(
                "Model version transition cannot archive existing model versions because '\(text.prefix(64))' is not an Active stage. Valid stages are ['Staging', 'Production']"
            )
        }
    }

    /// Between None, Archived and Staging the managers of staging versions may move.
    static func level(from: ModelStage, to: ModelStage) -> ModelRegistry.Level {
        from == .production || to == .production ? .manageProduction : .manageStaging
    }

    /// `type`: of the activity that is noted.
    func perform(
        _ model: StoredResource, _ version: StoredResource, as type: String, _ call: Call, _ transaction: ResourceTransaction
    ) throws -> Result {
        let old = ModelRegistry.stage(version)
        try ModelRegistry.require(Self.level(from: old, to: stage), model, call)
        let user = call.principal.userName
        var events: [RegistryEvent] = []
        if archives {
            for other in try transaction.list(ModelRegistry.versionKind, parent: model.id)
            where other.id != version.id && ModelRegistry.stage(other) == stage {
                _ = try move(other, to: .archived, transaction)
                _ = try ModelActivities.note(
                    "SYSTEM_TRANSITION", on: other, from: stage, to: .archived, systemComment: Self.reason(version, stage), call, transaction)
                events.append(.staged(model, other, from: stage, to: .archived, by: user))
            }
        }
        let moved = try move(version, to: stage, transaction)
        let activity = try ModelActivities.note(type, on: version, from: old, to: stage, comment: comment, call, transaction)
        try ModelRegistry.touch(model, transaction)
        if old != stage { events.append(.staged(model, version, from: old, to: stage, by: user)) }
        return Result(model: model, version: moved, activity: activity, events: events)
    }

    private static func reason(_ version: StoredResource, _ stage: ModelStage) -> String {
        "Archived because version \(ModelRegistry.number(version)) was moved to \(stage.rawValue)."
    }

    private func move(_ version: StoredResource, to stage: ModelStage, _ transaction: ResourceTransaction) throws -> StoredResource {
        let moved = try transaction.update(ModelRegistry.versionKind, version.id) {
            $0.body["stage"] = .string(stage.rawValue)
            $0.body["staged_at"] = .int(transaction.now)
        }
        return moved ?? version
    }
}
