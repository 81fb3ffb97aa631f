import HTTPTypes
import JSON
import Workspace

/// Materialized features: which features are to be computed, when, and where to. `/api/2.0/feature-engineering/materialized-features`.
enum MaterializedFeatures {
    static let operations = [create, batchCreate, get, list, update, delete]

    private static let path = "/api/2.0/feature-engineering/materialized-features"
    static let limits = "kept with its schedule; no values are computed, so that it has no table and no time of its last run"

    static let resource = Resource(
        "materialized-feature", "Materialized feature", schema: "ml.MaterializedFeature", id: "materialized_feature_id")

    private static let outputs = [
        "is_online", "job_id", "last_materialization_time", "latest_backfill_operation", "materialization_set_id", "materialized_feature_id",
        "pipeline_id", "table_name",
    ]
    private static let mostTags = 25
    private static let mostAtOnce = 1000

    private static let create = Operation(
        "ml.feature_engineering.create_materialized_feature", .post, path, limits: limits
    ) { call -> JSONValue in
        let feature = try checked(try call.contractBody(.post, path), call)
        return try resource.shown(try insert(feature, set: "", call), call)
    }

    private static let batchCreate = Operation(
        "ml.feature_engineering.batch_create_materialized_features", .post, path + ":batchCreate", limits: limits
    ) { call -> JSONValue in
        let requests = try call.contractBody(.post, path + ":batchCreate")["requests"]?.arrayValue ?? []
        guard !requests.isEmpty else { throw WorkspaceError.missing("requests") }
        let made = try insertAll(requests.map { $0["materialized_feature"]?.objectValue ?? JSONObject() }, set: "", call)
        return ["materialized_features": .array(try made.map { try resource.shown($0, call) })]
    }

    private static let get = Operation(
        "ml.feature_engineering.get_materialized_feature", .get, path + "/{materialized_feature_id}"
    ) { call -> JSONValue in try resource.shown(try existing(call, .read), call) }

    private static let list = Operation("ml.feature_engineering.list_materialized_features", .get, path) { call -> JSONValue in
        let name = call.query.string("feature_name")?.lowercased()
        let paging = try Paging(
            call, list: "materialized-features \(name ?? "")", pageSize: 100, most: 1_000, refusesMore: true, sizeName: "page_size")
        let rows = try call.workspace.resources.list(resource.kind, after: paging.after.flatMap { Int64($0) } ?? 0).filter { row in
            let feature = row.body["feature_name"]?.stringValue ?? ""
            return (name ?? feature) == feature && (try? Features.existing(feature, .read, call)) != nil
        }
        let items = try rows.prefix(paging.fetchLimit).map { try (position: $0.position, item: resource.shown($0, call)) }
        return paging.reply("materialized_features", items, key: { String($0.position) }, item: \.item)
    }

    private static let update = Operation(
        "ml.feature_engineering.update_materialized_feature", .patch, path + "/{materialized_feature_id}"
    ) { call -> JSONValue in
        let change = try call.contractBody(.patch, path + "/{materialized_feature_id}")
        let found = try existing(call, .write)
        for field in try call.query.required("update_mask").split(separator: ",") where field.trimmingSpaces() != "pipeline_schedule_state" {
            throw WorkspaceError.invalid("Invalid field in update_mask: '\(field.prefix(64))'; only pipeline_schedule_state can be changed.")
        }
        let state = try change.required("pipeline_schedule_state")
        guard state == "ACTIVE" || state == "PAUSED" else {
            throw WorkspaceError.invalid("A materialized feature can be made ACTIVE or PAUSED, not \(state).")
        }
        guard found.body["pipeline_schedule_state"] != "SNAPSHOT" else {
            throw WorkspaceError.invalid("A materialized feature without a schedule cannot be paused or resumed.")
        }
        let updated = try call.workspace.resources.update(resource, found.id, call) { $0.body["pipeline_schedule_state"] = .string(state) }
        return try resource.shown(updated, call)
    }

    private static let delete = Operation(
        "ml.feature_engineering.delete_materialized_feature", .delete, path + "/{materialized_feature_id}"
    ) { call -> Void in
        let found = try existing(call, .write)
        if !found.parent.isEmpty {
            throw WorkspaceError(.invalidState, "Materialized feature \(found.id) belongs to the materialization set \(found.parent).")
        }
        _ = try call.workspace.resources.delete(resource.kind, found.id)
    }

    // MARK: Parts

    static func all(of feature: String, _ call: Call) throws -> [StoredResource] {
        try call.workspace.resources.list(resource.kind).filter { $0.body["feature_name"]?.stringValue == feature }
    }

    private static func existing(_ call: Call, _ action: Resource.Action) throws -> StoredResource {
        let id = try call.path("materialized_feature_id")
        guard let found = try call.workspace.resources.get(resource.kind, id) else { throw resource.notFound(id) }
        _ = try Features.existing(found.body["feature_name"]?.stringValue ?? "", action, call)
        return found
    }

    /// A new one after the service's checks, completed.
    static func checked(_ given: JSONObject, _ call: Call) throws -> JSONObject {
        var object = given
        for name in outputs { object[name] = nil }
        let feature = try Features.existing(object.required("feature_name"), .write, call)
        object["feature_name"] = .string(feature.id)
        let kind = try object.one(of: ["offline_store_config", "online_store_config"], "")
        let store = object[kind]?.objectValue ?? JSONObject()
        let names = try ["catalog_name", "schema_name", "table_name_prefix"].map { try store.required($0, kind + ".") }
        try call.workspace.require(.createTable, on: .schema, "\(names[0]).\(names[1])", for: call.principal)
        if kind == "online_store_config" { _ = try OnlineStoresAPI.existing(store.required("online_store_name", kind + "."), .read, call) }
        object["is_online"] = .bool(kind == "online_store_config")
        let triggers = object.present(["cron_schedule", "cron_schedule_trigger", "streaming_mode", "table_trigger"])
        guard triggers.count <= 1 else { throw WorkspaceError.invalid("At most one of \(triggers.joined(separator: ", ")) may be given.") }
        if let tags = object["tags"]?.objectValue, tags.count > mostTags { throw WorkspaceError.invalid("There may be at most \(mostTags) tags.") }
        switch object["pipeline_schedule_state"]?.stringValue {
        case nil: object["pipeline_schedule_state"] = triggers.isEmpty ? "SNAPSHOT" : "ACTIVE"
        case "SNAPSHOT"? where !triggers.isEmpty, "ACTIVE"? where triggers.isEmpty, "PAUSED"? where triggers.isEmpty:
            throw WorkspaceError.invalid("pipeline_schedule_state does not fit the schedule: SNAPSHOT is for features without one.")
        default: break
        }
        return object
    }

    static func insert(_ checked: JSONObject, set: String, _ call: Call) throws -> StoredResource {
        var object = checked
        if !set.isEmpty { object["materialization_set_id"] = .string(set) }
        return try call.workspace.resources.insert(resource, object, parent: set, call)
    }

    /// All of them or none.
    static func insertAll(_ objects: [JSONObject], set: String, _ call: Call) throws -> [StoredResource] {
        guard objects.count <= mostAtOnce else { throw WorkspaceError.invalid("At most \(mostAtOnce) features can be materialized at once.") }
        return try objects.map { try checked($0, call) }.map { try insert($0, set: set, call) }
    }
}
