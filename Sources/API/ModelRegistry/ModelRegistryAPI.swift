import HTTPTypes
import JSON
import Workspace

/// The workspace's model registry: `/api/2.0/mlflow`. Its permissions are the permissions API's.
package enum ModelRegistryAPI: APIGroup {
    package static let operations = models + versions + ModelActivities.operations + RegistryWebhooksAPI.operations

    static let root = "/api/2.0/mlflow/"

    /// An operation whose request has fields of the contract.
    static func operation(
        _ name: String, _ method: HTTPRequest.Method, _ path: String, limits: String? = nil,
        _ handler: @escaping @Sendable (Fields, Call) async throws -> JSONValue
    ) -> Operation {
        Operation("ml.model_registry." + name, method, root + path, limits: limits) { call -> JSONValue in
            try await handler(try call.mlflowFields(method, root + path), call)
        }
    }

    // MARK: Models

    static let models: [Operation] = [
        operation("create_model", .post, "registered-models/create", createModel),
        operation("get_model", .get, "databricks/registered-models/get") { fields, call in
            let model = try ModelRegistry.model(try fields.string("name"), .read, call)
            return ["registered_model_databricks": .object(try ModelRegistry.shownByService(model, call))]
        },
        // MLflow's own client asks here.
        operation("get_model", .get, "registered-models/get") { fields, call in
            try answer(try ModelRegistry.model(try fields.string("name"), .read, call), call)
        },
        operation("rename_model", .post, "registered-models/rename", renameModel),
        operation("update_model", .patch, "registered-models/update") { fields, call in
            let model = try ModelRegistry.model(try fields.string("name"), .edit, call)
            let description = fields.value("description")
            let changed = try change(model, call) { if let description { $0["description"] = description } }
            return try answer(changed, call)
        },
        operation("delete_model", .delete, "registered-models/delete", deleteModel),
        operation("set_model_tag", .post, "registered-models/set-tag") { fields, call in
            let model = try ModelRegistry.model(try fields.string("name"), .edit, call)
            let (key, value) = (try fields.string("key"), try fields.string(optional: "value") ?? "")
            _ = try change(model, call) { $0["tags"] = .array(try ModelRegistry.setting($0["tags"]?.arrayValue ?? [], key, value)) }
            return .object(JSONObject())
        },
        operation("delete_model_tag", .delete, "registered-models/delete-tag") { fields, call in
            let model = try ModelRegistry.model(try fields.string("name"), .edit, call)
            let key = try fields.string("key")
            _ = try change(model, call) { $0["tags"] = ModelRegistry.removing($0["tags"]?.arrayValue ?? [], key) }
            return .object(JSONObject())
        },
        operation("list_models", .get, "registered-models/list") { fields, call in try ModelSearch.models(fields, call) },
        operation("search_models", .get, "registered-models/search") { fields, call in
            try ModelSearch.models(fields, call, filter: try fields.string(optional: "filter") ?? "", order: call.query.all("order_by"))
        },
        operation("get_latest_versions", .post, "registered-models/get-latest-versions", latestVersions),
        operation("get_latest_versions", .get, "registered-models/get-latest-versions", latestVersions),
    ]

    private static func answer(_ model: StoredResource, _ call: Call) throws -> JSONValue {
        ["registered_model": .object(try ModelRegistry.shown(model, call))]
    }

    private static func change(_ model: StoredResource, _ call: Call, _ change: (inout JSONObject) throws -> Void) throws -> StoredResource {
        let changed = try call.workspace.resources.update(ModelRegistry.modelKind, model.id, keepsKey: true) { try change(&$0.body) }
        guard let changed else { throw ModelRegistry.notFound(ModelRegistry.name(model)) }
        return changed
    }

    private static func createModel(_ fields: Fields, _ call: Call) throws -> JSONValue {
        let name = try fields.string("name")
        try RegistryRules.checkModelName(name)
        var body = JSONObject([("name", .string(name)), ("next_version", 1)])
        body["description"] = fields.value("description")
        body["tags"] = try ModelRegistry.tags(fields)
        let ids = call.workspace.environment.ids
        let model: StoredResource
        do {
            // The service's ids of models are uuids without dashes.
            model = try call.workspace.resources.insert(
                ModelRegistry.modelKind, id: ids.uuid().filter { $0 != "-" }, uniqueKey: name, owner: call.principal.userName, body)
        } catch is ResourceStore.Taken {
            throw ModelRegistry.taken(name)
        }
        try call.workspace.permissions.grantOwner(call.principal, on: ModelRegistry.permissions, model.id)
        RegistryEvents.send([.modelCreated(model, by: call.principal.userName)], call)
        return try answer(model, call)
    }

    private static func renameModel(_ fields: Fields, _ call: Call) throws -> JSONValue {
        let (name, new) = (try fields.string("name"), try fields.string(optional: "new_name") ?? "")
        try RegistryRules.checkModelName(new, "new_name")
        let renamed = try call.workspace.resources.transaction { transaction in
            let model = try ModelRegistry.model(name, .manage, call, transaction)
            try requireUnused(model, "rename", try transaction.list(ModelRegistry.versionKind, parent: model.id))
            do {
                return try transaction.update(ModelRegistry.modelKind, model.id, uniqueKey: { _ in new }) { $0.body["name"] = .string(new) }
            } catch is ResourceStore.Taken {
                throw ModelRegistry.taken(new)
            }
        }
        guard let renamed else { throw ModelRegistry.notFound(name) }
        return try answer(renamed, call)
    }

    /// Docs: "Manage model lifecycle using the Workspace Model Registry".
    private static func requireUnused(_ model: StoredResource, _ action: String, _ versions: [StoredResource]) throws {
        guard let used = versions.first(where: { ModelRegistry.stage($0).isActive }) else { return }
        throw WorkspaceError.invalid(
            "Cannot \(action) the registered model '\(ModelRegistry.name(model).prefix(256))': its version \(ModelRegistry.number(used)) is in the stage \(ModelRegistry.stage(used).rawValue). All versions must be in the stage None or Archived."
        )
    }

    private static func deleteModel(_ fields: Fields, _ call: Call) throws -> JSONValue {
        let name = try fields.string("name")
        let id = try call.workspace.resources.transaction { transaction in
            let model = try ModelRegistry.model(name, .manage, call, transaction)
            let versions = try transaction.list(ModelRegistry.versionKind, parent: model.id)
            try requireUnused(model, "delete", versions)
            for version in versions { try transaction.deleteAll(ModelRegistry.activityKind, parent: version.id) }
            try transaction.deleteAll(ModelRegistry.versionKind, parent: model.id)
            try transaction.deleteAll(ModelRegistry.webhookKind, parent: model.id)
            try transaction.delete(ModelRegistry.modelKind, model.id)
            return model.id
        }
        try call.workspace.permissions.forget(ModelRegistry.permissions, id)
        return .object(JSONObject())
    }

    private static let latestVersions: @Sendable (Fields, Call) async throws -> JSONValue = { fields, call in
        let model = try ModelRegistry.model(try fields.string("name"), .read, call)
        // In a query the name is repeated.
        let named = call.method == .get ? call.query.all("stages") : try fields.strings(optional: "stages") ?? []
        let stages = try named.map { try ModelStage(reading: $0) }
        let latest = ModelRegistry.latest(try ModelRegistry.versions(model, call)).filter {
            stages.isEmpty || stages.contains(ModelRegistry.stage($0))
        }
        guard !latest.isEmpty else { return .object(JSONObject()) }
        return ["model_versions": .array(latest.map { .object(ModelRegistry.shown($0, of: ModelRegistry.name(model))) })]
    }
}
