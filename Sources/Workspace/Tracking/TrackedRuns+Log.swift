import GRDB
package import JSON

extension TrackedRuns {
    /// Logs all of it or, if something is refused, nothing.
    package func log(_ run: TrackedRun, metrics: [TrackedMetric] = [], params: [TrackedEntry] = [], tags: [TrackedEntry] = []) throws {
        try checkActive(run)
        var seen: Set<String> = []
        for param in params where !seen.insert(param.key).inserted {
            throw WorkspaceError.invalid(
                "Duplicate parameter keys have been submitted: ['\(param.key)']. Please ensure the request contains only one param value per param key."
            )
        }
        for model in Set(metrics.map(\.modelID)).sorted() where !model.isEmpty { _ = try workspace.loggedModels.get(model) }
        try workspace.store.write { database in
            for param in params { try Self.putParam(param, of: run.id, database) }
            for metric in metrics { try Self.put(metric, of: run.id, database) }
            for tag in tags {
                try Self.put(tag, .tag, of: run.id, database)
                if tag.key == TrackingRules.runNameTag {
                    try database.run("UPDATE tracked_run SET name = ? WHERE id = ?", [.text(tag.value), .text(run.id)])
                }
            }
        }
    }

    private static func put(_ metric: TrackedMetric, of run: String, _ database: Database) throws {
        // Adding a zero makes one of the two zeros, which are equal.
        let value = TrackedMetric.text(metric.value + 0)
        let rest: [SQLArgument] = [.text(metric.modelID), .text(metric.datasetName), .text(metric.datasetDigest)]
        try database.run(
            "INSERT INTO tracked_metric VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING",
            [.text(run), .text(metric.key), .int(metric.timestamp), .int(metric.step), .text(value)] + rest)
        let latest = try database.first(
            "SELECT \(metricColumns) FROM latest_metric WHERE run_id = ? AND key = ?", [.text(run), .text(metric.key)], Self.metric)
        if let latest, !metric.isLater(than: latest) { return }
        try database.run(
            "INSERT OR REPLACE INTO latest_metric VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            [.text(run), .text(metric.key), .text(value), .int(metric.timestamp), .int(metric.step)] + rest)
    }

    package func deleteTag(_ key: String, _ run: TrackedRun) throws {
        try checkActive(run)
        try workspace.store.write { database in
            guard try Self.entry(key, .tag, of: run.id, database) != nil else {
                throw WorkspaceError(.resourceDoesNotExist, "No tag with name: \(key.prefix(256)) in run with id \(run.id)")
            }
            try Self.remove(key, .tag, of: run.id, database)
        }
    }

    /// Adds a model's description to the tag that keeps a run's history of models.
    package func recordModel(_ model: JSONValue, _ run: TrackedRun) throws {
        try checkActive(run)
        try workspace.store.write { database in
            let old = try Self.entry(TrackingRules.loggedModelsTag, .tag, of: run.id, database) ?? "[]"
            let models = (try? JSONValue(parsing: Array(old.utf8)))?.arrayValue ?? []
            let tag = TrackedEntry(TrackingRules.loggedModelsTag, JSONValue.array(models + [model]).text)
            try TrackingRules.checkTag(tag, "")
            try Self.put(tag, .tag, of: run.id, database)
        }
    }

    /// Adds inputs or outputs (`datasets`, `models`, `outputs`); one that is there already, by `identity`, is merged with the new one.
    package func add(
        _ new: [JSONValue], to list: String, _ run: TrackedRun, identity: (JSONValue) -> String, merge: (JSONValue, JSONValue) -> JSONValue
    ) throws {
        try checkActive(run)
        guard !new.isEmpty else { return }
        try workspace.store.write { database in
            guard var fresh = try Self.get(run.id, database) else { throw Self.notFound(run.id) }
            var items = fresh.inputs[list]?.arrayValue ?? []
            for item in new {
                if let known = items.firstIndex(where: { identity($0) == identity(item) }) {
                    items[known] = merge(items[known], item)
                } else {
                    items.append(item)
                }
            }
            guard items.count <= 10_000 else { throw WorkspaceError(.resourceLimitExceeded, "A run can have at most 10000 \(list).", status: 400) }
            fresh.inputs[list] = .array(items)
            try database.run("UPDATE tracked_run SET inputs = ? WHERE id = ?", [.text(JSONValue.object(fresh.inputs).text), .text(run.id)])
        }
    }
}
