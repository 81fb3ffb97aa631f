import HTTPTypes
import JSON
import Warehouse
import Workspace

/// Feature engineering with declared features: `/api/2.0/feature-engineering`.
package enum FeatureEngineeringAPI: APIGroup {
    package static let operations =
        Features.operations + FeatureSpecs.operations + KafkaConfigs.operations + Streams.operations + MaterializedFeatures.operations
        + MaterializationSets.operations + FeatureOperations.operations + [backfill, purge]

    private static let path = "/api/2.0/feature-engineering/features"
    private static let mostPurged = 10_000

    private static let backfill = Operation(
        "ml.feature_engineering.backfill_features", .post, path + ":backfill", limits: "refused once it is checked: no values are computed"
    ) { call -> JSONValue in
        let body = try call.contractBody(.post, path + ":backfill")
        let names = (body["feature_full_names"]?.arrayValue ?? []).compactMap(\.stringValue)
        guard !names.isEmpty else { throw WorkspaceError.missing("feature_full_names") }
        let ranges = body["backfill_ranges"]?.arrayValue ?? []
        guard !ranges.isEmpty else { throw WorkspaceError.missing("backfill_ranges") }
        for range in ranges {
            guard let start = range["start_time"]?.stringValue.flatMap(RFC3339.micros),
                let end = range["end_time"]?.stringValue.flatMap(RFC3339.micros),
                start < end
            else { throw WorkspaceError.invalid("A range of backfill_ranges must have a start_time before its end_time.") }
        }
        for name in names {
            let feature = try Features.existing(name, .write, call)
            guard try !MaterializedFeatures.all(of: feature.id, call).isEmpty else {
                throw WorkspaceError.invalid("Feature '\(feature.id)' is not materialized: there is nothing to backfill.")
            }
        }
        throw WorkspaceError(
            .notImplemented, "ml.feature_engineering.backfill_features (POST \(path):backfill): computing the values of features is not simulated.")
    }

    /// No values are ever computed, so that there are none to purge: every feature's stores answer NOT_APPLICABLE.
    private static let purge = Operation(
        "ml.feature_engineering.purge_feature_entities", .post, path + ":purgeFeatureEntities",
        limits: "no values are computed: there are none to purge"
    ) { call -> JSONValue in
        let body = try call.contractBody(.post, path + ":purgeFeatureEntities")
        let request = body["request_id"]?.stringValue
        if let earlier = try FeatureOperations.earlier("purge", request: request, call) { return earlier }
        let names = (body["features"]?.arrayValue ?? []).compactMap(\.stringValue)
        guard !names.isEmpty, names.count <= mostPurged, names.allSatisfy({ !$0.isEmpty }) else {
            throw WorkspaceError.invalid("features must have between 1 and \(mostPurged) names.")
        }
        let features = try names.map { try Features.existing($0, .write, call) }
        guard Set(features.map(\.id)).count == features.count else { throw WorkspaceError.invalid("A feature is in features more than once.") }
        let entities = try Tables.name(body.required("entities_table"), rpc: "PurgeFeatureEntities")
        let table = try call.workspace.tables.get(entities, requiring: .select, by: call.principal)
        for feature in features {
            let keys = Set((feature.body["entities"]?.arrayValue ?? []).compactMap { $0["name"]?.stringValue?.lowercased() })
            for column in table.columns.all where !keys.contains(column.name.lowercased()) {
                throw WorkspaceError.invalid("Column '\(column.name)' of '\(entities)' is not an entity column of feature '\(feature.id)'.")
            }
        }
        var metadata = JSONObject([
            ("create_time", .string(RFC3339.text(millis: call.workspace.environment.nowMillis))), ("entities_table", .string(entities.description)),
            ("features", .array(features.map { .string($0.id) })), ("delete_rows", body["delete_rows"] ?? false), ("state", "SUCCEEDED"),
        ])
        metadata["entities_table_version"] = try call.tenant.sql.version(of: table).map { .string(String($0)) }
        let results = features.map { feature -> JSONValue in
            ["feature": .string(feature.id), "offline_state": "NOT_APPLICABLE", "online_state": "NOT_APPLICABLE"]
        }
        let response: JSONValue = ["metadata": .object(metadata), "results": .array(results), "state": "SUCCEEDED"]
        return try FeatureOperations.done("purge", metadata: metadata, response: response, request: request, call)
    }
}
