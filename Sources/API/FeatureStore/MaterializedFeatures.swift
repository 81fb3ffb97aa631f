import HTTPTypes
import JSON
import Jobs
import Workspace

/// Materialized features: which features are to be computed, when, and where to. `/api/2.0/feature-engineering/materialized-features`.
enum MaterializedFeatures {
    static let operations = [create, batchCreate, get, list, update, delete]

    private static let path = "/api/2.0/feature-engineering/materialized-features"
    static let limits =
        "values of Delta tables are computed for windows that tumble or slide, as one table each and without a job of their own; those of other sources and windows are kept alone"

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
        let feature = try await prepare(try call.contractBody(.post, path), call)
        return try resource.shown(try await insert(feature, set: "", call), call)
    }

    private static let batchCreate = Operation(
        "ml.feature_engineering.batch_create_materialized_features", .post, path + ":batchCreate", limits: limits
    ) { call -> JSONValue in
        let requests = try call.contractBody(.post, path + ":batchCreate")["requests"]?.arrayValue ?? []
        guard !requests.isEmpty else { throw WorkspaceError.missing("requests") }
        let wanted = try await prepareAll(requests.map { $0["materialized_feature"]?.objectValue ?? JSONObject() }, call)
        let made = try await insertAll(wanted, set: "", call)
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
        try call.tenant.jobs.scheduleChanged(resource.kind, found.id)
        return try resource.shown(updated, call)
    }

    private static let delete = Operation(
        "ml.feature_engineering.delete_materialized_feature", .delete, path + "/{materialized_feature_id}",
        limits: "its online table goes; an offline table stays with its rows"
    ) { call -> Void in
        let found = try existing(call, .write)
        if !found.parent.isEmpty {
            throw WorkspaceError(.invalidState, "Materialized feature \(found.id) belongs to the materialization set \(found.parent).")
        }
        try remove(found, call)
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
    private static func checked(_ given: JSONObject, _ call: Call) throws -> JSONObject {
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
        _ = try FeatureMaterializer.cron(object)
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

    /// One that may be made, after every check: a refused request leaves nothing behind.
    struct Prepared {
        var object: JSONObject
        let isComputed: Bool
    }

    static func prepare(_ given: JSONObject, _ call: Call) async throws -> Prepared {
        let object = try checked(given, call)
        return Prepared(object: object, isComputed: try await call.tenant.materializer.check(object, by: call.principal))
    }

    static func prepareAll(_ given: [JSONObject], _ call: Call) async throws -> [Prepared] {
        guard given.count <= mostAtOnce else { throw WorkspaceError.invalid("At most \(mostAtOnce) features can be materialized at once.") }
        var prepared: [Prepared] = []
        for object in given { prepared.append(try await prepare(object, call)) }
        return prepared
    }

    /// With its table; what could not be computed is taken back.
    static func insert(_ prepared: Prepared, set: String, _ call: Call) async throws -> StoredResource {
        var object = prepared.object
        if !set.isEmpty { object["materialization_set_id"] = .string(set) }
        let made = try call.workspace.resources.insert(resource, object, parent: set, call)
        guard prepared.isComputed else { return made }
        do {
            return try await begin(made, call)
        } catch {
            try await call.tenant.materializer.abandon(made.id)
            throw error
        }
    }

    static func begin(_ made: StoredResource, _ call: Call) async throws -> StoredResource {
        let begun = try await call.tenant.materializer.begin(made)
        try call.tenant.jobs.scheduleChanged(resource.kind, made.id)
        return begun
    }

    static func remove(_ one: StoredResource, _ call: Call) throws {
        try call.tenant.materializer.end(one)
        _ = try call.workspace.resources.delete(resource.kind, one.id)
        try call.tenant.jobs.scheduleChanged(resource.kind, one.id)
    }

    /// All of them or none.
    static func insertAll(_ prepared: [Prepared], set: String, _ call: Call) async throws -> [StoredResource] {
        var made: [StoredResource] = []
        do {
            for one in prepared { made.append(try await insert(one, set: set, call)) }
        } catch {
            for one in made { try await call.tenant.materializer.abandon(one.id) }
            throw error
        }
        return made
    }
}
