import GRDB
import JSON

/// Experiments of MLflow and who may use them. Runs: `TrackedRuns`; logged models: `LoggedModels`.
package struct Experiments: Sendable {
    let workspace: Workspace

    static let migration = Migration(
        "experiments",
        """
        CREATE TABLE experiment (
            id INTEGER PRIMARY KEY, name TEXT NOT NULL, artifact_location TEXT NOT NULL, active INTEGER NOT NULL, owner TEXT NOT NULL,
            created_at INTEGER NOT NULL, updated_at INTEGER NOT NULL
        );
        CREATE TABLE tracked_run (
            id TEXT PRIMARY KEY, experiment_id INTEGER NOT NULL, name TEXT NOT NULL, user_id TEXT NOT NULL, status TEXT NOT NULL,
            start_time INTEGER NOT NULL, end_time INTEGER, deleted_at INTEGER, artifact_uri TEXT NOT NULL, inputs TEXT NOT NULL
        ) WITHOUT ROWID;
        CREATE INDEX tracked_run_experiment ON tracked_run (experiment_id, start_time);
        CREATE TABLE tracked_entry (
            owner TEXT NOT NULL, kind TEXT NOT NULL, key TEXT NOT NULL, value TEXT NOT NULL, PRIMARY KEY (owner, kind, key)
        ) WITHOUT ROWID;
        CREATE TABLE tracked_metric (
            run_id TEXT NOT NULL, key TEXT NOT NULL, timestamp INTEGER NOT NULL, step INTEGER NOT NULL, value TEXT NOT NULL, model_id TEXT NOT NULL,
            dataset_name TEXT NOT NULL, dataset_digest TEXT NOT NULL,
            PRIMARY KEY (run_id, key, timestamp, step, value, model_id, dataset_name, dataset_digest)
        ) WITHOUT ROWID;
        CREATE INDEX tracked_metric_model ON tracked_metric (model_id) WHERE model_id <> '';
        CREATE TABLE latest_metric (
            run_id TEXT NOT NULL, key TEXT NOT NULL, value TEXT NOT NULL, timestamp INTEGER NOT NULL, step INTEGER NOT NULL, model_id TEXT NOT NULL,
            dataset_name TEXT NOT NULL, dataset_digest TEXT NOT NULL, PRIMARY KEY (run_id, key)
        ) WITHOUT ROWID;
        """)

    private static let columns = "id, name, artifact_location, active, owner, created_at, updated_at"

    private static func row(_ row: borrowing SQLRow) -> Experiment {
        Experiment(
            id: Int(row[0] as Int64), name: row[1], artifactLocation: row[2], isActive: row[3] as Int64 != 0, owner: row[4], createdAt: row[5],
            updatedAt: row[6])
    }

    // MARK: Finding

    package func get(_ id: Int) throws -> Experiment? { try workspace.store.read { try Self.get(id, $0) } }

    static func get(_ id: Int, _ database: Database) throws -> Experiment? {
        try database.first("SELECT \(columns) FROM experiment WHERE id = ?", [.int(Int64(id))], row)
    }

    /// The active experiment at a path, or else the last one that was deleted there.
    package func named(_ path: String) throws -> Experiment? {
        try workspace.store.read {
            try $0.first("SELECT \(Self.columns) FROM experiment WHERE name = ? ORDER BY active DESC, updated_at DESC, id", [.text(path)], Self.row)
        }
    }

    /// In the order of their ids.
    package func list(_ view: LifecycleView) throws -> [Experiment] {
        try workspace.store.read { try $0.all("SELECT \(Self.columns) FROM experiment ORDER BY id", [], Self.row) }.filter {
            view.sees(active: $0.isActive)
        }
    }

    /// The experiment with an id that a client sent; throws the service's error if there is none.
    package func existing(_ text: String) throws -> Experiment {
        guard let id = Int(text) else {
            throw WorkspaceError.invalid("Invalid experiment ID '\(text.prefix(64))'. Experiment ID must be a valid integer.")
        }
        if let experiment = try get(id) { return experiment }
        guard let object = try workspace.objects.get(id: id) else {
            throw WorkspaceError(.resourceDoesNotExist, "Node ID \(id) does not exist.")
        }
        if object.kind == .notebook {
            throw WorkspaceError(.notImplemented, "The experiment of the notebook \(id): experiments of notebooks are not simulated.")
        }
        throw WorkspaceError.invalid("Expected id '\(id)' to be an MLflow experiment or Databricks notebook, found '\(object.kind.rawValue)'.")
    }

    /// By the experiment's own list, or those of the folders above it.
    package func allows(_ principal: Principal, _ wanted: String, _ experiment: Experiment) throws -> Bool {
        if try workspace.permissions.allows(principal, wanted, on: "experiments", String(experiment.id)) { return true }
        return try workspace.objects.allows(principal, wanted, WorkspacePath.parent(of: experiment.name))
    }

    package func tags(_ id: Int) throws -> [TrackedEntry] {
        try workspace.store.read { try TrackedRuns.entries(String(id), .tag, $0) }
    }

    // MARK: Changing

    /// Makes an experiment at a path of the tree, whose folder must be there.
    package func create(_ path: String, artifactLocation: String?, tags: [TrackedEntry], by principal: Principal) throws -> Experiment {
        let now = workspace.environment.nowMillis
        let experiment = try workspace.store.write { database in
            let home = "/Users/\(principal.userName)"
            // The service makes a user's folder together with the user.
            if WorkspacePath.parent(of: path) == home { try workspace.objects.makeDirectory(home, database) }
            let id = try workspace.objects.place(path, .experiment, id: nil, database)
            let experiment = Experiment(
                id: id, name: path, artifactLocation: artifactLocation ?? "dbfs:/databricks/mlflow-tracking/\(id)", isActive: true,
                owner: principal.userName, createdAt: now, updatedAt: now)
            try database.run(
                "INSERT INTO experiment VALUES (?, ?, ?, 1, ?, ?, ?)",
                [
                    .int(Int64(id)), .text(path), .text(experiment.artifactLocation), .text(experiment.owner), .int(now), .int(now),
                ])
            let own = [
                TrackedEntry("mlflow.experiment.sourceName", path), TrackedEntry("mlflow.ownerId", principal.id),
                TrackedEntry("mlflow.ownerEmail", principal.userName), TrackedEntry("mlflow.experimentType", "MLFLOW_EXPERIMENT"),
            ]
            for tag in own + tags { try TrackedRuns.put(tag, .tag, of: String(id), database) }
            return experiment
        }
        try workspace.permissions.grantOwner(principal, on: "experiments", String(experiment.id))
        return experiment
    }

    package func rename(_ experiment: Experiment, to path: String) throws {
        try checkActive(experiment, "Cannot rename a non-active experiment.")
        guard path != experiment.name else { return }
        try workspace.store.write { database in
            try workspace.objects.move(experiment.name, to: path, database)
            try database.run(
                "UPDATE experiment SET name = ?, updated_at = ? WHERE id = ?",
                [.text(path), .int(workspace.environment.nowMillis), .int(Int64(experiment.id))])
            try TrackedRuns.put(TrackedEntry("mlflow.experiment.sourceName", path), .tag, of: String(experiment.id), database)
        }
    }

    /// Marks an experiment and its runs for deletion; its place in the tree becomes free.
    package func delete(_ experiment: Experiment) throws {
        guard experiment.isActive else { throw WorkspaceError(.resourceDoesNotExist, "Node ID \(experiment.id) does not exist.") }
        try workspace.objects.delete(experiment.name, recursive: false)
    }

    static func markDeleted(_ id: Int, now: Int64, _ database: Database) throws {
        try database.run("UPDATE experiment SET active = 0, updated_at = ? WHERE id = ?", [.int(now), .int(Int64(id))])
        try database.run("UPDATE tracked_run SET deleted_at = ? WHERE experiment_id = ? AND deleted_at IS NULL", [.int(now), .int(Int64(id))])
    }

    /// Brings a deleted experiment back with all its runs, if its place is free.
    package func restore(_ experiment: Experiment) throws {
        guard !experiment.isActive else {
            throw WorkspaceError.invalid("The experiment \(experiment.id) must be in the 'deleted' state. Current state is active.")
        }
        try workspace.store.write { database in
            _ = try workspace.objects.place(experiment.name, .experiment, id: experiment.id, database)
            try database.run(
                "UPDATE experiment SET active = 1, updated_at = ? WHERE id = ?",
                [.int(workspace.environment.nowMillis), .int(Int64(experiment.id))])
            try database.run("UPDATE tracked_run SET deleted_at = NULL WHERE experiment_id = ?", [.int(Int64(experiment.id))])
        }
    }

    package func setTag(_ tag: TrackedEntry, _ experiment: Experiment) throws {
        try checkActive(experiment)
        try workspace.store.write { database in
            try TrackedRuns.put(tag, .tag, of: String(experiment.id), database)
            try database.run(
                "UPDATE experiment SET updated_at = ? WHERE id = ?", [.int(workspace.environment.nowMillis), .int(Int64(experiment.id))])
        }
    }

    package func deleteTag(_ key: String, _ experiment: Experiment) throws {
        try checkActive(experiment)
        try workspace.store.write { database in
            guard try TrackedRuns.entry(key, .tag, of: String(experiment.id), database) != nil else {
                throw WorkspaceError(.resourceDoesNotExist, "No tag with name: \(key.prefix(256)) in experiment with id \(experiment.id)")
            }
            try TrackedRuns.remove(key, .tag, of: String(experiment.id), database)
        }
    }

    package func checkActive(_ experiment: Experiment, _ message: String? = nil) throws {
        guard experiment.isActive else {
            throw message.map { WorkspaceError(.invalidState, $0) }
                ?? WorkspaceError.invalid("The experiment \(experiment.id) must be in the 'active' state. Current state is deleted.")
        }
    }
}

extension Workspace {
    package var experiments: Experiments { Experiments(workspace: self) }
    package var trackedRuns: TrackedRuns { TrackedRuns(workspace: self) }
    package var loggedModels: LoggedModels { LoggedModels(workspace: self) }
}
