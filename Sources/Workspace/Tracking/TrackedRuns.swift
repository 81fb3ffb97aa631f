import GRDB
import JSON

/// Runs of experiments, and what is logged to them.
package struct TrackedRuns: Sendable {
    let workspace: Workspace

    static let columns = "id, experiment_id, name, user_id, status, start_time, end_time, deleted_at, artifact_uri, inputs"

    static func row(_ row: borrowing SQLRow) -> TrackedRun {
        let end: Int? = row[6]
        let deleted: Int? = row[7]
        let inputs: String = row[9]
        return TrackedRun(
            id: row[0], experimentID: Int(row[1] as Int64), name: row[2], userID: row[3], status: row[4], startTime: row[5],
            endTime: end.map(Int64.init),
            deletedAt: deleted.map(Int64.init), artifactURI: row[8],
            inputs: (try? JSONValue(parsing: Array(inputs.utf8)))?.objectValue ?? JSONObject())
    }

    static func notFound(_ id: String) -> WorkspaceError { WorkspaceError(.resourceDoesNotExist, "Run '\(id.prefix(256))' not found.") }

    // MARK: Reading

    package func get(_ id: String) throws -> TrackedRun {
        guard let run = try workspace.store.read({ try Self.get(id, $0) }) else { throw Self.notFound(id) }
        return run
    }

    static func get(_ id: String, _ database: Database) throws -> TrackedRun? {
        try database.first("SELECT \(columns) FROM tracked_run WHERE id = ?", [.text(id)], row)
    }

    /// Those of an experiment, the last started ones first.
    package func list(_ experimentID: Int, _ view: LifecycleView = .all) throws -> [TrackedRun] {
        try workspace.store.read {
            try $0.all(
                "SELECT \(Self.columns) FROM tracked_run WHERE experiment_id = ? ORDER BY start_time DESC, id", [.int(Int64(experimentID))], Self.row)
        }.filter { view.sees(active: $0.isActive) }
    }

    package func data(_ id: String) throws -> RunData {
        try workspace.store.read { database in
            RunData(
                metrics: try database.all(
                    "SELECT \(Self.metricColumns) FROM latest_metric WHERE run_id = ? ORDER BY key", [.text(id)], Self.metric),
                params: try Self.entries(id, .param, database), tags: try Self.entries(id, .tag, database))
        }
    }

    static let metricColumns = "key, value, timestamp, step, model_id, dataset_name, dataset_digest"

    static func metric(_ row: borrowing SQLRow) -> TrackedMetric {
        TrackedMetric(
            row[0], TrackedMetric.value(row[1]), timestamp: row[2], step: row[3], modelID: row[4], datasetName: row[5], datasetDigest: row[6])
    }

    /// A metric's values by time, step and value, from `offset` on.
    package func history(_ id: String, _ key: String, offset: Int, limit: Int) throws -> [TrackedMetric] {
        try workspace.store.read { database in
            try database.all(
                """
                SELECT \(Self.metricColumns) FROM tracked_metric WHERE run_id = ? AND key = ?
                ORDER BY timestamp, step, CAST(value AS REAL), value, model_id, dataset_name, dataset_digest LIMIT ? OFFSET ?
                """, [.text(id), .text(key), .limit(limit), .limit(offset)], Self.metric)
        }
    }

    /// One latest metric, tag or parameter of all runs of an experiment, as text by the run's id.
    package func latestMetrics(_ key: String, of experimentID: Int) throws -> [(run: String, value: String)] {
        try workspace.store.read {
            try $0.all(
                "SELECT r.id, m.value FROM tracked_run r JOIN latest_metric m ON m.run_id = r.id AND m.key = ? WHERE r.experiment_id = ?",
                [.text(key), .int(Int64(experimentID))]
            ) { row in (run: row[0] as String, value: row[1] as String) }
        }
    }

    package func entries(_ kind: TrackedEntry.Kind, _ key: String, of experimentID: Int) throws -> [(run: String, value: String)] {
        try workspace.store.read {
            try $0.all(
                """
                SELECT r.id, e.value FROM tracked_run r JOIN tracked_entry e ON e.owner = r.id AND e.kind = ? AND e.key = ? WHERE r.experiment_id = ?
                """, [.text(kind.rawValue), .text(key), .int(Int64(experimentID))]
            ) { row in (run: row[0] as String, value: row[1] as String) }
        }
    }

    // MARK: Entries

    /// By key.
    static func entries(_ owner: String, _ kind: TrackedEntry.Kind, _ database: Database) throws -> [TrackedEntry] {
        try database.all("SELECT key, value FROM tracked_entry WHERE owner = ? AND kind = ? ORDER BY key", [.text(owner), .text(kind.rawValue)]) {
            TrackedEntry($0[0], $0[1])
        }
    }

    static func entry(_ key: String, _ kind: TrackedEntry.Kind, of owner: String, _ database: Database) throws -> String? {
        try database.first(
            "SELECT value FROM tracked_entry WHERE owner = ? AND kind = ? AND key = ?", [.text(owner), .text(kind.rawValue), .text(key)]
        ) { $0[0] as String }
    }

    static func put(_ entry: TrackedEntry, _ kind: TrackedEntry.Kind, of owner: String, _ database: Database) throws {
        try database.run(
            "INSERT INTO tracked_entry VALUES (?, ?, ?, ?) ON CONFLICT DO UPDATE SET value = excluded.value",
            [.text(owner), .text(kind.rawValue), .text(entry.key), .text(entry.value)])
    }

    static func remove(_ key: String, _ kind: TrackedEntry.Kind, of owner: String, _ database: Database) throws {
        try database.run("DELETE FROM tracked_entry WHERE owner = ? AND kind = ? AND key = ?", [.text(owner), .text(kind.rawValue), .text(key)])
    }

    /// Parameters never change; the same value may come again.
    static func putParam(_ entry: TrackedEntry, of owner: String, _ database: Database) throws {
        if let old = try self.entry(entry.key, .param, of: owner, database) {
            guard old == entry.value else {
                throw WorkspaceError.invalid(
                    "Parameter with key \(entry.key) was already logged with a value of \(old.prefix(1000)). The attempted new value was "
                        + "\(entry.value.prefix(1000))")
            }
            return
        }
        try put(entry, .param, of: owner, database)
    }

    // MARK: Life

    /// Without a start time the run starts now; a name that is not given is made up, as the service does.
    package func create(
        in experiment: Experiment, name: String?, userID: String, startTime: Int64?, tags: [TrackedEntry]
    ) throws -> TrackedRun {
        try workspace.experiments.checkActive(experiment)
        let nameTag = tags.last { $0.key == TrackingRules.runNameTag }?.value
        let given = name.flatMap { $0.isEmpty ? nil : $0 }
        if let given, let nameTag, given != nameTag {
            throw WorkspaceError.invalid(
                "Both 'run_name' argument and 'mlflow.runName' tag are specified, but with different values (run_name='\(given.prefix(256))', "
                    + "mlflow.runName='\(nameTag.prefix(256))').")
        }
        let environment = workspace.environment
        let id = String(environment.ids.uuid().filter { $0 != "-" })
        let run = TrackedRun(
            id: id, experimentID: experiment.id, name: given ?? nameTag ?? RandomName.make(environment.ids), userID: userID, status: "RUNNING",
            startTime: startTime ?? environment.nowMillis, artifactURI: Self.child(of: experiment.artifactLocation, "\(id)/artifacts"),
            inputs: JSONObject())
        try workspace.store.write { database in
            try database.run(
                "INSERT INTO tracked_run VALUES (?, ?, ?, ?, ?, ?, NULL, NULL, ?, '{}')",
                [
                    .text(run.id), .int(Int64(run.experimentID)), .text(run.name), .text(run.userID), .text(run.status), .int(run.startTime),
                    .text(run.artifactURI),
                ])
            for tag in tags { try Self.put(tag, .tag, of: id, database) }
            if nameTag == nil { try Self.put(TrackedEntry(TrackingRules.runNameTag, run.name), .tag, of: id, database) }
        }
        return run
    }

    static func child(of location: String, _ path: String) -> String {
        (location.hasSuffix("/") ? String(location.dropLast()) : location) + "/" + path
    }

    package func update(_ run: TrackedRun, status: String?, endTime: Int64?, name: String?) throws -> TrackedRun {
        try checkActive(run)
        var run = run
        if let status { run.status = status }
        if let endTime { run.endTime = endTime }
        let name = name.flatMap { $0.isEmpty ? nil : $0 }
        if let name { run.name = name }
        try workspace.store.write { database in
            try database.run(
                "UPDATE tracked_run SET status = ?, end_time = ?, name = ? WHERE id = ?",
                [.text(run.status), run.endTime.map { .int($0) } ?? .null, .text(run.name), .text(run.id)])
            if let name { try Self.put(TrackedEntry(TrackingRules.runNameTag, name), .tag, of: run.id, database) }
        }
        return run
    }

    func checkActive(_ run: TrackedRun) throws {
        guard run.isActive else {
            throw WorkspaceError.invalid("The run \(run.id) must be in the 'active' state. Current state is deleted.")
        }
    }

    /// Marks runs for deletion, or takes the mark away; those that have the state already keep their times.
    package func setDeleted(_ deleted: Bool, _ ids: [String]) throws {
        let now = workspace.environment.nowMillis
        try workspace.store.write { database in
            for id in ids {
                if deleted {
                    try database.run("UPDATE tracked_run SET deleted_at = ? WHERE id = ? AND deleted_at IS NULL", [.int(now), .text(id)])
                } else {
                    try database.run("UPDATE tracked_run SET deleted_at = NULL WHERE id = ?", [.text(id)])
                }
            }
        }
    }
}
