import HTTPTypes
import JSON
import Workspace

/// Experiments of MLflow: `/api/2.0/mlflow/experiments`. Access lists: `PermissionsAPI`.
package enum ExperimentsAPI: APIGroup {
    package static let operations = [create, get, getByName, list, search, update, delete, restore, setTag, deleteTag]

    static let root = "/api/2.0/mlflow/experiments/"

    // MARK: Access

    /// The experiment with this id, if the caller may do what needs the level.
    static func existing(_ id: String, _ level: String, _ call: Call) throws -> Experiment {
        let experiment = try call.workspace.experiments.existing(id)
        try require(level, experiment, call)
        return experiment
    }

    static func require(_ level: String, _ experiment: Experiment, _ call: Call) throws {
        guard try call.workspace.experiments.allows(call.principal, level, experiment) else {
            throw WorkspaceError(
                .permissionDenied,
                "\(call.principal.userName) does not have \(level) permissions on the experiment \(experiment.id). Please contact the owner or an "
                    + "administrator for access.")
        }
    }

    // MARK: Showing

    static func entries(_ entries: [TrackedEntry]) -> JSONValue {
        .array(entries.map { ["key": .string($0.key), "value": .string($0.value)] })
    }

    private static func json(_ experiment: Experiment, _ call: Call) throws -> JSONValue {
        var json = JSONObject([
            ("experiment_id", .string(String(experiment.id))), ("name", .string(experiment.name)),
            ("artifact_location", .string(experiment.artifactLocation)), ("lifecycle_stage", experiment.isActive ? "active" : "deleted"),
            ("last_update_time", .int(experiment.updatedAt)), ("creation_time", .int(experiment.createdAt)),
        ])
        let tags = try call.workspace.experiments.tags(experiment.id)
        if !tags.isEmpty { json["tags"] = entries(tags) }
        return .object(json)
    }

    // MARK: Reading requests

    static func tags(_ fields: Fields, _ name: String = "tags") throws -> [TrackedEntry] {
        try fields.objects(name).enumerated().map { position, item in
            let tag = TrackedEntry(try item.string(optional: "key") ?? "", try item.string(optional: "value") ?? "")
            try TrackingRules.checkTag(tag, "\(name)[\(position)].")
            return tag
        }
    }

    static func view(_ fields: Fields, _ name: String) throws -> LifecycleView {
        try fields.string(optional: name).flatMap { LifecycleView(rawValue: $0) } ?? .active
    }

    /// An experiment's name is a path of the workspace's tree.
    private static func path(_ name: String) throws -> String {
        guard name.hasPrefix("/") else {
            throw WorkspaceError.invalid(
                "Got an invalid experiment name '\(name.prefix(256))'. An experiment name must be an absolute path within the Databricks workspace, "
                    + "e.g. '/Users/<some-username>/my-experiment'.")
        }
        guard name.unicodeScalars.count <= TrackingRules.maxExperimentName else {
            throw TrackingRules.tooLong("name", TrackingRules.maxExperimentName)
        }
        let path = try WorkspacePath.normalize(name)
        guard path != "/" else { throw WorkspaceError.invalid("Invalid experiment name: '\(name.prefix(256))'") }
        return path
    }

    private static func requireFolder(_ path: String, _ call: Call) throws {
        let folder = WorkspacePath.parent(of: path)
        guard try call.workspace.objects.allows(call.principal, "CAN_EDIT", folder) else {
            throw WorkspaceError(
                .permissionDenied,
                "\(call.principal.userName) does not have CAN_EDIT permissions on \(folder.prefix(512)). Please contact the owner or an "
                    + "administrator for access.")
        }
    }

    // MARK: Operations

    static let create = Operation(
        "ml.experiments.create", .post, root + "create", limits: "Unity Catalog locations for traces are refused"
    ) { call -> JSONValue in
        let body = Fields(try call.contractBody(.post, root + "create"))
        guard !body.has("trace_location") else {
            throw WorkspaceError(.notImplemented, "ml.experiments.create: traces are not simulated, and so no trace_location.")
        }
        let path = try path(body.string("name"))
        let location = try body.string(optional: "artifact_location").flatMap { $0.isEmpty ? nil : $0 }
        if let location { try TrackingRules.checkArtifactLocation(location) }
        let tags = try tags(body)
        try requireFolder(path, call)
        let made = try call.workspace.experiments.create(path, artifactLocation: location, tags: tags, by: call.principal)
        return ["experiment_id": .string(String(made.id))]
    }

    static let get = Operation("ml.experiments.get", .get, root + "get") { call -> JSONValue in
        ["experiment": try json(existing(call.query.required("experiment_id"), "CAN_READ", call), call)]
    }

    static let getByName = Operation("ml.experiments.get_by_name", .get, root + "get-by-name") { call -> JSONValue in
        let name = try call.query.required("experiment_name")
        guard name.hasPrefix("/"), let path = try? WorkspacePath.normalize(name), let found = try call.workspace.experiments.named(path) else {
            throw WorkspaceError(.resourceDoesNotExist, "Node \(name.prefix(512)) does not exist.")
        }
        try require("CAN_READ", found, call)
        return ["experiment": try json(found, call)]
    }

    private static func readable(_ view: LifecycleView, _ call: Call) throws -> [Experiment] {
        let all = try call.workspace.experiments.list(view)
        return call.principal.isAdmin ? all : try all.filter { try call.workspace.experiments.allows(call.principal, "CAN_READ", $0) }
    }

    static let list = Operation("ml.experiments.list", .get, root + "list") { call -> JSONValue in
        let paging = try Paging(call, list: "experiments", pageSize: 1000, unlimitedByDefault: true)
        var view = LifecycleView.active
        if let text = call.query.string("view_type") {
            guard let known = LifecycleView(rawValue: text) else {
                throw WorkspaceError.invalid(
                    "Invalid value '\(text.prefix(64))' for field 'view_type'; valid values are: ACTIVE_ONLY, ALL, DELETED_ONLY")
            }
            view = known
        }
        // All ids have the same number of digits.
        let rows = paging.rest(try readable(view, call)) { String($0.id) }
        let page = paging.limit.map { rows.prefix($0) } ?? rows[...]
        var reply = JSONObject()
        if !page.isEmpty { reply["experiments"] = .array(try page.map { try json($0, call) }) }
        if let token = paging.nextToken(page: page, rows: rows, key: { String($0.id) }) { reply["next_page_token"] = .string(token) }
        return .object(reply)
    }

    /// A function of its own, as the searches of runs and models are for the optimizer's sake.
    static let search = Operation("ml.experiments.search", .post, root + "search") { call -> JSONValue in try found(call) }

    private static func found(_ call: Call) throws -> JSONValue {
        let body = Fields(try call.contractBody(.post, root + "search"))
        let text = try body.string(optional: "filter") ?? ""
        let filter = try TrackingFilter(text, .experiments)
        let given = try body.strings(optional: "order_by") ?? []
        var orders = try TrackingOrder.parse(given, .experiments)
        for order in orders {
            guard case .attribute = order.field else { throw WorkspaceError.invalid("Invalid order_by entity: \(order.field.shown)") }
        }
        if orders.isEmpty { orders = [TrackingOrder(field: .attribute("creation_time"), ascending: false)] }
        let view = try view(body, "view_type")
        let page = try SearchPage(body, standard: 1000, most: 3000, scope: "experiments \(text) \(given) \(view)")
        let asksTags = filter.fields.contains { if case .tag = $0 { true } else { false } }
        // Ties go by id, the largest first.
        let found = try readable(view, call).reversed().filter { experiment in
            let tags = asksTags ? try call.workspace.experiments.tags(experiment.id) : []
            return filter.matches { value($0, experiment, tags).map { [$0] } ?? [] }
        }
        let (rows, token) = page.page(TrackingOrder.sort(found, orders) { value($0, $1, []) }) { String($0.id) }
        var reply = JSONObject()
        if !rows.isEmpty { reply["experiments"] = .array(try rows.map { try json($0, call) }) }
        if let token { reply["next_page_token"] = .string(token) }
        return .object(reply)
    }

    private static func value(_ field: TrackingField, _ experiment: Experiment, _ tags: [TrackedEntry]) -> TrackingValue? {
        switch field {
        case .tag(let key): tags.first { $0.key == key }.map { .text($0.value) }
        case .attribute("name"): .text(experiment.name)
        case .attribute("experiment_id"): .text(String(experiment.id))
        case .attribute("creation_time"): .number(Double(experiment.createdAt))
        case .attribute("last_update_time"): .number(Double(experiment.updatedAt))
        default: nil
        }
    }

    static let update = Operation("ml.experiments.update", .post, root + "update") { call -> Void in
        let body = Fields(try call.contractBody(.post, root + "update"))
        let experiment = try existing(body.string("experiment_id"), "CAN_MANAGE", call)
        guard let name = try body.string(optional: "new_name") else { return }
        let path = try path(name)
        try requireFolder(path, call)
        try call.workspace.experiments.rename(experiment, to: path)
    }

    static let delete = Operation("ml.experiments.delete", .post, root + "delete") { call -> Void in
        let body = Fields(try call.contractBody(.post, root + "delete"))
        try call.workspace.experiments.delete(try existing(body.string("experiment_id"), "CAN_MANAGE", call))
    }

    static let restore = Operation("ml.experiments.restore", .post, root + "restore") { call -> Void in
        let body = Fields(try call.contractBody(.post, root + "restore"))
        try call.workspace.experiments.restore(try existing(body.string("experiment_id"), "CAN_MANAGE", call))
    }

    static let setTag = Operation("ml.experiments.set_experiment_tag", .post, root + "set-experiment-tag") { call -> Void in
        let body = Fields(try call.contractBody(.post, root + "set-experiment-tag"))
        let tag = TrackedEntry(try body.string("key"), try body.string("value"))
        try TrackingRules.checkTag(tag, "")
        try call.workspace.experiments.setTag(tag, try existing(body.string("experiment_id"), "CAN_EDIT", call))
    }

    /// Of mlflow's public REST API; the published SDK does not have it.
    static let deleteTag = Operation("ml.experiments.delete_experiment_tag", .post, root + "delete-experiment-tag") { call -> Void in
        let body = try call.fields()
        let key = try body.string("key")
        try call.workspace.experiments.deleteTag(key, try existing(body.string("experiment_id"), "CAN_EDIT", call))
    }
}
