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
        "ml.feature_engineering.backfill_features", .post, path + ":backfill",
        limits: "over when it is answered; features of Delta tables with windows that tumble or slide"
    ) { call -> JSONValue in
        let body = try call.contractBody(.post, path + ":backfill")
        let request = body["request_id"]?.stringValue
        if let earlier = try FeatureOperations.earlier("backfill", request: request, call) { return earlier }
        let names = (body["feature_full_names"]?.arrayValue ?? []).compactMap(\.stringValue)
        guard !names.isEmpty else { throw WorkspaceError.missing("feature_full_names") }
        let given = body["backfill_ranges"]?.arrayValue ?? []
        guard !given.isEmpty else { throw WorkspaceError.missing("backfill_ranges") }
        let now = call.workspace.environment.nowMicros
        let ranges = try given.map { range -> (start: Int64?, end: Int64) in
            let texts = ["start_time", "end_time"].map { range[$0]?.stringValue }
            let times = texts.map { $0.flatMap(RFC3339.micros) }
            guard zip(texts, times).allSatisfy({ ($0 == nil) == ($1 == nil) }), times[0] ?? .min < times[1] ?? now else {
                throw WorkspaceError.invalid("A range of backfill_ranges must have a start_time before its end_time.")
            }
            return (times[0], times[1] ?? now)
        }
        var targets: [StoredResource] = []
        for name in names {
            let feature = try Features.existing(name, .write, call)
            let all = try MaterializedFeatures.all(of: feature.id, call)
            guard !all.isEmpty else {
                throw WorkspaceError.invalid("Feature '\(feature.id)' is not materialized: there is nothing to backfill.")
            }
            // Throws for one that is not computed.
            _ = try FeatureComputation(feature)
            targets += all.filter { $0.body["table_name"] != nil }
        }
        for target in targets {
            for range in ranges { try await call.tenant.materializer.backfill(target, from: range.start, to: range.end, at: now) }
        }
        let metadata = JSONObject([
            ("backfill_ranges", .array(given)), ("feature_full_names", .array(names.map { .string($0) })), ("state", "SUCCEEDED"),
        ])
        let operation = try FeatureOperations.done("backfill", metadata: metadata, response: [:], request: request, call)
        for target in targets {
            _ = try call.workspace.resources.update(FeatureMaterializer.kind, target.id) { $0.body["latest_backfill_operation"] = operation["name"] }
        }
        return operation
    }

    /// Takes away the rows of a feature's tables whose keys are in a table; stores that a feature has no table in answer NOT_APPLICABLE.
    private static let purge = Operation(
        "ml.feature_engineering.purge_feature_entities", .post, path + ":purgeFeatureEntities",
        limits: "over when it is answered; rows are deleted, whatever delete_rows says"
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
        var results: [JSONValue] = []
        for feature in features {
            var states = [false: "NOT_APPLICABLE", true: "NOT_APPLICABLE"]
            for one in try MaterializedFeatures.all(of: feature.id, call) where one.body["table_name"] != nil {
                try await call.tenant.materializer.purge(one, table, by: call.principal)
                states[one.body["is_online"]?.boolValue ?? false] = "SUCCEEDED"
            }
            results.append([
                "feature": .string(feature.id), "offline_state": .string(states[false] ?? ""), "online_state": .string(states[true] ?? ""),
            ])
        }
        let response: JSONValue = ["metadata": .object(metadata), "results": .array(results), "state": "SUCCEEDED"]
        return try FeatureOperations.done("purge", metadata: metadata, response: response, request: request, call)
    }
}
