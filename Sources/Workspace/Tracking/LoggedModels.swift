import GRDB
import JSON

/// A model that was logged to an experiment, without its parameters, tags and metrics.
package struct LoggedModel: Sendable {
    package let id: String
    package let experimentID: Int
    package let name: String
    package let modelType: String
    package let sourceRunID: String
    /// LOGGED_MODEL_PENDING, LOGGED_MODEL_READY or LOGGED_MODEL_UPLOAD_FAILED.
    package let status: String
    package let owner: String
    /// Milliseconds since 1970-01-01 UTC.
    package let createdAt: Int64
    package let updatedAt: Int64
    package let artifactURI: String
    package let isActive: Bool
}

package struct LoggedModels: Sendable {
    let workspace: Workspace

    private static let kind = "logged-model"

    private func notFound(_ id: String) -> WorkspaceError {
        WorkspaceError(.resourceDoesNotExist, "Logged model with ID '\(id.prefix(256))' not found.")
    }

    private func model(_ stored: StoredResource) -> LoggedModel {
        func text(_ name: String) -> String { stored.body[name]?.stringValue ?? "" }
        return LoggedModel(
            id: stored.id, experimentID: Int(stored.parent) ?? 0, name: text("name"), modelType: text("model_type"),
            sourceRunID: text("source_run_id"),
            status: text("status"), owner: stored.owner, createdAt: stored.createdAt, updatedAt: stored.updatedAt, artifactURI: text("artifact_uri"),
            isActive: stored.body["deleted"] == nil)
    }

    package func get(_ id: String, allowDeleted: Bool = false) throws -> LoggedModel {
        guard let stored = try workspace.resources.get(Self.kind, id) else { throw notFound(id) }
        let model = model(stored)
        guard allowDeleted || model.isActive else { throw notFound(id) }
        return model
    }

    /// The active ones of an experiment, in the order of their making.
    package func list(_ experimentID: Int) throws -> [LoggedModel] {
        try workspace.resources.list(Self.kind, parent: String(experimentID)).map(model).filter(\.isActive)
    }

    package func create(
        in experiment: Experiment, name: String?, modelType: String, sourceRunID: String, params: [TrackedEntry], tags: [TrackedEntry],
        by principal: Principal
    ) throws -> LoggedModel {
        try workspace.experiments.checkActive(experiment)
        let ids = workspace.environment.ids
        let id = "m-" + ids.uuid().filter { $0 != "-" }
        var body = JSONObject([
            ("name", .string(name ?? RandomName.make(ids))), ("status", "LOGGED_MODEL_PENDING"),
            ("artifact_uri", .string(TrackedRuns.child(of: experiment.artifactLocation, "logged_models/\(id)"))),
        ])
        if !modelType.isEmpty { body["model_type"] = .string(modelType) }
        if !sourceRunID.isEmpty { body["source_run_id"] = .string(sourceRunID) }
        let stored: StoredResource
        do {
            stored = try workspace.resources.insert(
                Self.kind, id: id, uniqueKey: nil, parent: String(experiment.id), owner: principal.userName, body)
        } catch is ResourceStore.Taken {
            throw WorkspaceError(.aborted, "No id was free; try again.")
        }
        let model = model(stored)
        try log(model, params: params, tags: tags)
        return model
    }

    private func change(_ model: LoggedModel, _ name: String, _ value: JSONValue) throws {
        _ = try workspace.resources.update(Self.kind, model.id) { $0.body[name] = value }
    }

    package func finalize(_ model: LoggedModel, _ status: String) throws -> LoggedModel {
        try change(model, "status", .string(status))
        return try get(model.id)
    }

    package func delete(_ model: LoggedModel) throws { try change(model, "deleted", true) }

    package func log(_ model: LoggedModel, params: [TrackedEntry] = [], tags: [TrackedEntry] = []) throws {
        try workspace.store.write { database in
            for param in params { try TrackedRuns.putParam(param, of: model.id, database) }
            for tag in tags { try TrackedRuns.put(tag, .tag, of: model.id, database) }
        }
    }

    package func deleteTag(_ key: String, _ model: LoggedModel) throws {
        try workspace.store.write { database in
            guard try TrackedRuns.entry(key, .tag, of: model.id, database) != nil else {
                throw WorkspaceError(.resourceDoesNotExist, "No tag with key '\(key.prefix(256))' found for model with ID '\(model.id)'.")
            }
            try TrackedRuns.remove(key, .tag, of: model.id, database)
        }
    }

    /// Parameters, tags, and the latest value of each metric on each dataset, with the run that measured it.
    package func data(_ id: String) throws -> (data: RunData, runs: [String]) {
        try workspace.store.read { database in
            let measured = try database.all(
                """
                SELECT \(TrackedRuns.metricColumns), run_id FROM tracked_metric WHERE model_id = ?
                ORDER BY key, dataset_name, dataset_digest, run_id, timestamp, step, CAST(value AS REAL), value
                """, [.text(id)]
            ) { (metric: TrackedRuns.metric($0), run: $0[7] as String) }
            var latest: [(metric: TrackedMetric, run: String)] = []
            for (metric, run) in measured {
                if let last = latest.last, last.metric.key == metric.key, last.metric.datasetName == metric.datasetName,
                    last.metric.datasetDigest == metric.datasetDigest, last.run == run
                {
                    if metric.isLater(than: last.metric) { latest[latest.count - 1] = (metric, run) }
                } else {
                    latest.append((metric, run))
                }
            }
            let data = RunData(
                metrics: latest.map(\.metric), params: try TrackedRuns.entries(id, .param, database),
                tags: try TrackedRuns.entries(id, .tag, database))
            return (data, latest.map(\.run))
        }
    }
}
