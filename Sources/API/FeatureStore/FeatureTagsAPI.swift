import HTTPTypes
import JSON
import Workspace

/// Tags and lineage of a feature table's features: `/api/2.0/feature-store/feature-tables/{table_name}/features/{feature_name}`. A feature is a column,
/// and its tags are those that Unity Catalog has of the column.
package enum FeatureTagsAPI: APIGroup {
    package static let operations = [create, get, list, update, delete, lineage]

    private static let path = "/api/2.0/feature-store/feature-tables/{table_name}/features/{feature_name}"

    private static let create = Operation("ml.materialized_features.create_feature_tag", .post, path + "/tags") { call -> JSONValue in
        let body = try call.contractBody(.post, path + "/tags")
        let key = try body.required("key")
        return try set(key, body["value"]?.scalar, isNew: true, call)
    }

    private static let get = Operation("ml.materialized_features.get_feature_tag", .get, path + "/tags/{key}") { call -> JSONValue in
        shown(try call.workspace.tags.get(feature(call), key: call.path("key"), by: call.principal))
    }

    private static let list = Operation("ml.materialized_features.list_feature_tags", .get, path + "/tags") { call -> JSONValue in
        let feature = try feature(call)
        let paging = try Paging(call, list: "feature-tags \(feature.name) \(feature.column ?? "")", pageSize: 100, sizeName: "page_size")
        let rows = paging.rest(try call.workspace.tags.list(feature, by: call.principal), key: \.key)
        return paging.reply("feature_tags", rows, key: \.key, item: shown)
    }

    private static let update = Operation("ml.materialized_features.update_feature_tag", .patch, path + "/tags/{key}") { call -> JSONValue in
        let body = try call.contractBody(.patch, path + "/tags/{key}")
        let key = try call.path("key")
        for field in (call.query.string("update_mask") ?? "value").split(separator: ",") where !["value", "*"].contains(field.trimmingSpaces()) {
            throw WorkspaceError.invalid("Invalid field in update_mask: '\(field.prefix(64))'; only value can be changed.")
        }
        return try set(key, body["value"]?.scalar, isNew: false, call)
    }

    private static let delete = Operation("ml.materialized_features.delete_feature_tag", .delete, path + "/tags/{key}") { call -> Void in
        try call.workspace.tags.remove(feature(call), [call.path("key")], mustExist: true, by: call.principal)
    }

    private static let lineage = Operation(
        "ml.materialized_features.get_feature_lineage", .get, path + "/lineage", limits: "models are not known to use features"
    ) { call -> JSONValue in
        let feature = try feature(call)
        let name = try Tables.name(feature.name, rpc: "GetFeatureLineage")
        let table = try call.workspace.tables.get(name, by: call.principal)
        guard let column = table.columns.all.first(where: { $0.name.lowercased() == feature.column?.lowercased() })?.name else {
            throw WorkspaceError(.resourceDoesNotExist, "Feature '\(feature.column?.prefix(255) ?? "")' does not exist in table '\(name)'.")
        }
        let specs = try FeatureSpecs.all(reading: column, of: name, call)
        let online = try PublishedTables.all(of: name, call).reversed()
        return [
            "feature_specs": .array(specs.map { ["name": .string($0)] }), "models": [],
            "online_features": .array(online.map { ["feature_name": .string(column), "table_name": .string($0.name)] }),
        ]
    }

    private static func feature(_ call: Call) throws -> Tags.Entity {
        let name = try Tables.name(call.path("table_name"), rpc: "GetFeature")
        return Tags.Entity(type: .table, name: name.description, column: try call.path("feature_name"))
    }

    private static func set(_ key: String, _ value: String?, isNew: Bool, _ call: Call) throws -> JSONValue {
        let tags = try call.workspace.tags.set(feature(call), [(key, value)], isNew: isNew, by: call.principal)
        guard let tag = tags.first(where: { $0.key == key }) else { throw WorkspaceError(.resourceDoesNotExist, "Tag '\(key)' is gone.") }
        return shown(tag)
    }

    private static func shown(_ tag: Tag) -> JSONValue {
        var object = JSONObject([("key", .string(tag.key))])
        object["value"] = tag.value.map { .string($0) }
        return .object(object)
    }
}
