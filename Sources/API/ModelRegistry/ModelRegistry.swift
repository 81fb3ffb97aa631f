import JSON
import Workspace

/// The workspace's registered models and their versions, as they are kept: documents, the versions' parents being the models' ids.
/// Versions do not know their model's name, so that renaming a model changes nothing else.
enum ModelRegistry {
    static let modelKind = "registered-model"
    static let versionKind = "model-version"
    static let activityKind = "model-activity"
    static let webhookKind = "registry-webhook"

    static let permissions = "registered-models"
    /// The list that all models inherit from.
    static let root = "root"

    /// Of a model, weakest first. Who may do what is in "MLflow model ACLs" of the service's documentation.
    enum Level: String {
        case read = "CAN_READ"
        case edit = "CAN_EDIT"
        case manageStaging = "CAN_MANAGE_STAGING_VERSIONS"
        case manageProduction = "CAN_MANAGE_PRODUCTION_VERSIONS"
        case manage = "CAN_MANAGE"
    }

    // MARK: Access

    /// The strongest level that the caller has on a model; nil: none.
    static func level(_ model: StoredResource, _ call: Call) throws -> String? {
        if call.principal.isAdmin { return Level.manage.rawValue }
        let lists = call.workspace.permissions
        let own = try lists.level(of: call.principal, on: permissions, model.id)
        guard let inherited = try lists.level(of: call.principal, on: permissions, root) else { return own }
        guard let own, let type = PermissionType.named(permissions), type.allows(own, inherited) else { return inherited }
        return own
    }

    static func allows(_ level: Level, _ model: StoredResource, _ call: Call) throws -> Bool {
        guard let have = try self.level(model, call), let type = PermissionType.named(permissions) else { return false }
        return type.allows(have, level.rawValue)
    }

    static func require(_ level: Level, _ model: StoredResource, _ call: Call) throws {
        guard try allows(level, model, call) else { throw denied(level, model, call) }
    }

    static func denied(_ level: Level, _ model: StoredResource, _ call: Call) -> WorkspaceError {
        WorkspaceError(
            .permissionDenied,
            "\(call.principal.userName) does not have the permission \(level.rawValue) on the registered model '\(name(model).prefix(256))'.")
    }

    // MARK: Look-up

    static func name(_ model: StoredResource) -> String { model.body["name"]?.stringValue ?? "" }

    static func number(_ version: StoredResource) -> Int { version.body["version"]?.intValue ?? 0 }

    static func stage(_ version: StoredResource) -> ModelStage {
        version.body["stage"]?.stringValue.flatMap { ModelStage(rawValue: $0) } ?? .none
    }

    /// The model of this name, if the caller may do what needs the level.
    static func model(_ name: String, _ level: Level, _ call: Call, _ transaction: ResourceTransaction? = nil) throws -> StoredResource {
        try RegistryRules.checkModelName(name)
        let found = try transaction.map { try $0.find(modelKind, uniqueKey: name) } ?? call.workspace.resources.find(modelKind, uniqueKey: name)
        guard let found else { throw notFound(name) }
        try require(level, found, call)
        return found
    }

    static func notFound(_ name: String) -> WorkspaceError {
        WorkspaceError(.resourceDoesNotExist, "Registered Model with name=\(name.prefix(256)) not found")
    }

    static func taken(_ name: String) -> WorkspaceError {
        WorkspaceError(.resourceAlreadyExists, "Registered Model (name=\(name.prefix(256))) already exists.", status: 400)
    }

    static func versionID(_ model: StoredResource, _ number: Int) -> String { "\(model.id)/\(number)" }

    /// A version, and the model that it belongs to, if the caller may do what needs the level.
    static func version(
        _ name: String, _ text: String, _ level: Level, _ call: Call, _ transaction: ResourceTransaction? = nil
    ) throws -> (model: StoredResource, version: StoredResource) {
        let model = try Self.model(name, level, call, transaction)
        guard let number = Int(text) else { throw WorkspaceError.invalid("Parameter 'version' must be an integer, got '\(text.prefix(64))'.") }
        let id = versionID(model, number)
        let found = try transaction.map { try $0.get(versionKind, id) } ?? call.workspace.resources.get(versionKind, id)
        guard let found else {
            throw WorkspaceError(.resourceDoesNotExist, "Model Version (name=\(name.prefix(256)), version=\(number)) not found")
        }
        return (model, found)
    }

    /// By their numbers, the first one first.
    static func versions(_ model: StoredResource, _ call: Call) throws -> [StoredResource] {
        try call.workspace.resources.list(versionKind, parent: model.id)
    }

    /// The last version of each stage, in the order in which the stages have their first ones.
    static func latest(_ versions: [StoredResource]) -> [StoredResource] {
        var order: [ModelStage] = []
        var last: [ModelStage: StoredResource] = [:]
        for version in versions {
            let stage = Self.stage(version)
            if last.updateValue(version, forKey: stage) == nil { order.append(stage) }
        }
        return order.compactMap { last[$0] }
    }

    /// A version changes its model's time, too.
    static func touch(_ model: StoredResource, _ transaction: ResourceTransaction) throws {
        _ = try transaction.update(modelKind, model.id, keepsKey: true) { _ in }
    }

    // MARK: Showing

    static func shown(_ model: StoredResource, _ call: Call) throws -> JSONObject {
        var object = JSONObject([
            ("name", .string(name(model))), ("creation_timestamp", .int(model.createdAt)), ("last_updated_timestamp", .int(model.updatedAt)),
            ("user_id", .string(model.owner)),
        ])
        object["description"] = model.body["description"]
        let latest = Self.latest(try versions(model, call))
        if !latest.isEmpty { object["latest_versions"] = .array(latest.map { .object(shown($0, of: name(model))) }) }
        object["tags"] = model.body["tags"]
        return object
    }

    static func shown(_ version: StoredResource, of name: String) -> JSONObject {
        var object = JSONObject([
            ("name", .string(name)), ("version", .string(String(number(version)))), ("creation_timestamp", .int(version.createdAt)),
            ("last_updated_timestamp", .int(version.updatedAt)), ("user_id", .string(version.owner)),
            ("current_stage", .string(stage(version).rawValue)),
        ])
        for member in ["description", "source", "run_id", "run_link"] { object[member] = version.body[member] }
        object["status"] = "READY"
        object["tags"] = version.body["tags"]
        return object
    }

    /// With what the service adds to MLflow's answer.
    static func shownByService(_ model: StoredResource, _ call: Call) throws -> JSONObject {
        var object = try shown(model, call)
        object["id"] = .string(model.id)
        object["permission_level"] = try level(model, call).map { .string($0) }
        return object
    }

    static func shownByService(_ version: StoredResource, of model: StoredResource, _ call: Call) throws -> JSONObject {
        var object = shown(version, of: name(model))
        object["permission_level"] = try level(model, call).map { .string($0) }
        let requests = try ModelActivities.openRequests(version.id, call)
        if !requests.isEmpty { object["open_requests"] = .array(requests.map { .object(ModelActivities.shown($0)) }) }
        return object
    }

    // MARK: Tags

    /// From a request's `tags`: the last value of each key.
    static func tags(_ fields: Fields) throws -> JSONValue? {
        var tags: [JSONValue] = []
        for tag in try fields.objects("tags") {
            tags = try setting(tags, try tag.string(optional: "key") ?? "", try tag.string(optional: "value") ?? "")
        }
        return tags.isEmpty ? nil : .array(tags)
    }

    static func setting(_ tags: [JSONValue], _ key: String, _ value: String) throws -> [JSONValue] {
        guard !key.isEmpty else { throw RegistryRules.missing("key") }
        try RegistryRules.checkModelTag(key, value)
        var tags = tags
        let tag: JSONValue = ["key": .string(key), "value": .string(value)]
        if let place = tags.firstIndex(where: { $0["key"]?.stringValue == key }) { tags[place] = tag } else { tags.append(tag) }
        return tags
    }

    static func removing(_ tags: [JSONValue], _ key: String) -> JSONValue? {
        let left = tags.filter { $0["key"]?.stringValue != key }
        return left.isEmpty ? nil : .array(left)
    }
}

/// Of a model version.
enum ModelStage: String, CaseIterable {
    case none = "None"
    case staging = "Staging"
    case production = "Production"
    case archived = "Archived"

    /// In any case, as MLflow takes it.
    init(reading text: String) throws(WorkspaceError) {
        guard let stage = Self.allCases.first(where: { $0.rawValue.lowercased() == text.lowercased() }) else {
            let names = Self.allCases.map(\.rawValue).joined(separator: ", ")
            throw .invalid("Invalid Model Version stage: \(text.prefix(64)). Value must be one of \(names).")
        }
        self = stage
    }

    /// In use: versions of these stages cannot be deleted, and their models neither be deleted nor renamed.
    var isActive: Bool { self == .staging || self == .production }
}
