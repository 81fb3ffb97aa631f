import HTTPTypes
import JSON
import Jobs
import Workspace

/// Features that are materialized together: `/api/2.0/feature-engineering/materialization-sets`. Changes are operations, which are over at once.
enum MaterializationSets {
    static let operations = [create, get, update, delete]

    private static let path = "/api/2.0/feature-engineering/materialization-sets"
    private static let resource = Resource(
        "materialization-set", "Materialization set", schema: "ml.MaterializationSet", id: "materialization_set_id")
    private static let features = MaterializedFeatures.resource

    private static let create = Operation(
        "ml.feature_engineering.create_materialization_set", .post, path, limits: MaterializedFeatures.limits
    ) { call -> JSONValue in
        let body = try call.contractBody(.post, path)
        let request = call.query.string("request_id")
        if let earlier = try FeatureOperations.earlier("create-set", request: request, call) { return earlier }
        let wanted = try await MaterializedFeatures.prepareAll(try members(body), call)
        var object = JSONObject()
        object["notifications"] = body["notifications"]
        let set = try call.workspace.resources.insert(resource, object, call)
        do {
            _ = try await MaterializedFeatures.insertAll(wanted, set: set.id, call)
        } catch {
            _ = try call.workspace.resources.delete(resource.kind, set.id)
            throw error
        }
        return try FeatureOperations.done(
            "create-set", metadata: try metadata(set, call), response: try shown(set, call), request: request, call)
    }

    private static let get = Operation(
        "ml.feature_engineering.get_materialization_set", .get, path + "/{materialization_set_id}"
    ) { call -> JSONValue in try shown(try existing(call, .read), call) }

    private static let update = Operation(
        "ml.feature_engineering.update_materialization_set", .patch, path + "/{materialization_set_id}", limits: MaterializedFeatures.limits
    ) { call -> JSONValue in
        let body = try call.contractBody(.patch, path + "/{materialization_set_id}")
        let request = call.query.string("request_id")
        if let earlier = try FeatureOperations.earlier("update-set", request: request, call) { return earlier }
        let set = try existing(call, .write)
        let mask = try call.query.required("update_mask").split(separator: ",").map { String($0.trimmingSpaces()) }
        for field in mask where field != "materialized_features" && field != "notifications" {
            throw WorkspaceError.invalid("Invalid field in update_mask: '\(field.prefix(64))'.")
        }
        var updated: [String] = []
        var deleted: [String] = []
        if mask.contains("materialized_features") {
            let old = try content(set, call)
            // One that is named by its id, or by its feature, stays the same one.
            let given = try members(body)
            let wanted = try await MaterializedFeatures.prepareAll(given, call)
            let changes = zip(given, wanted).map { given, new -> (old: StoredResource?, new: MaterializedFeatures.Prepared) in
                let known = old.first { one in
                    given["materialized_feature_id"].map { $0.stringValue == one.id }
                        ?? (given["feature_name"]?.stringValue?.lowercased() == one.body["feature_name"]?.stringValue)
                }
                return (known, new)
            }
            for change in changes {
                if let known = change.old {
                    try await update(known, change.new, of: set, call)
                    updated.append(known.id)
                } else {
                    updated.append(try await MaterializedFeatures.insert(change.new, set: set.id, call).id)
                }
            }
            for one in old where !updated.contains(one.id) {
                try MaterializedFeatures.remove(one, call)
                deleted.append(one.id)
            }
        }
        if mask.contains("notifications") {
            _ = try call.workspace.resources.update(resource, set.id, call) { $0.body["notifications"] = body["notifications"] }
        }
        let now = try existing(call, .read)
        var metadata = try metadata(now, call)
        metadata["update_progress"] = [
            "updated_materialized_feature_ids": .array(updated.map { .string($0) }),
            "deleted_materialized_feature_ids": .array(deleted.map { .string($0) }),
        ]
        return try FeatureOperations.done("update-set", metadata: metadata, response: try shown(now, call), request: request, call)
    }

    private static let delete = Operation(
        "ml.feature_engineering.delete_materialization_set", .delete, path + "/{materialization_set_id}"
    ) { call -> JSONValue in
        let request = call.query.string("request_id")
        if let earlier = try FeatureOperations.earlier("delete-set", request: request, call) { return earlier }
        let id = try call.path("materialization_set_id")
        if try call.query.bool("allow_missing") ?? false, try call.workspace.resources.get(resource.kind, id) == nil {
            let metadata = JSONObject([("materialization_set_id", .string(id)), ("state", "SUCCEEDED")])
            return try FeatureOperations.done("delete-set", metadata: metadata, response: [:], request: request, call)
        }
        let set = try existing(call, .write)
        var metadata = try metadata(set, call)
        let deleted = try content(set, call).map(\.id)
        metadata["deletion_progress"] = ["deleted_materialized_feature_ids": .array(deleted.map { .string($0) })]
        for one in try content(set, call) { try MaterializedFeatures.remove(one, call) }
        _ = try call.workspace.resources.delete(resource.kind, set.id)
        return try FeatureOperations.done("delete-set", metadata: metadata, response: [:], request: request, call)
    }

    // MARK: Parts

    /// What was computed stays as long as the feature and its destination do.
    private static func update(
        _ known: StoredResource, _ prepared: MaterializedFeatures.Prepared, of set: StoredResource, _ call: Call
    ) async throws {
        var new = prepared.object
        new["materialization_set_id"] = .string(set.id)
        let isSame = ["feature_name", "offline_store_config", "online_store_config"].allSatisfy { known.body[$0] == new[$0] }
        if isSame {
            for name in FeatureMaterializer.results { new[name] = known.body[name] }
        } else {
            try call.tenant.materializer.end(known)
        }
        let changed = try call.workspace.resources.update(features, known.id, call) { $0.body = new }
        if !isSame, prepared.isComputed { _ = try await MaterializedFeatures.begin(changed, call) }
        try call.tenant.jobs.scheduleChanged(features.kind, known.id)
    }

    private static func members(_ body: JSONObject) throws -> [JSONObject] {
        let members = (body["materialized_features"]?.arrayValue ?? []).compactMap(\.objectValue)
        guard !members.isEmpty else { throw WorkspaceError.missing("materialized_features") }
        let names = members.compactMap { $0["feature_name"]?.stringValue?.lowercased() }
        guard Set(names).count == names.count else { throw WorkspaceError.invalid("A feature is in materialized_features more than once.") }
        return members
    }

    private static func existing(_ call: Call, _ action: Resource.Action) throws -> StoredResource {
        let id = try call.path("materialization_set_id")
        guard let set = try call.workspace.resources.get(resource.kind, id) else { throw resource.notFound(id) }
        if action == .write, !call.principal.isAdmin, set.owner != call.principal.userName {
            throw WorkspaceError(.permissionDenied, "\(call.principal.userName) does not have permission to manage Materialization set \(id).")
        }
        for one in try content(set, call) { _ = try Features.existing(one.body["feature_name"]?.stringValue ?? "", .read, call) }
        return set
    }

    private static func content(_ set: StoredResource, _ call: Call) throws -> [StoredResource] {
        try call.workspace.resources.list(features.kind, parent: set.id)
    }

    private static func metadata(_ set: StoredResource, _ call: Call) throws -> JSONObject {
        JSONObject([
            ("create_time", .string(RFC3339.text(millis: call.workspace.environment.nowMillis))),
            ("feature_full_names", .array(try content(set, call).compactMap { $0.body["feature_name"] })),
            ("materialization_set_id", .string(set.id)), ("state", "SUCCEEDED"),
        ])
    }

    private static func shown(_ set: StoredResource, _ call: Call) throws -> JSONValue {
        var object = set.body
        object["materialization_set_id"] = .string(set.id)
        object["materialized_features"] = .array(try content(set, call).map { try features.shown($0, call) })
        return Contract.known(.object(object), .named(resource.schema))
    }
}
