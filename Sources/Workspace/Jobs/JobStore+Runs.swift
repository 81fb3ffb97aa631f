package import GRDB

/// Runs and their attempts.
extension JobStore {
    private static let runColumns = "run_id, job_id, run_type, is_active, start_time, version, document, position FROM job_run"

    private static func run(_ row: borrowing SQLRow) -> RunRecord {
        RunRecord(
            runID: Int(row[0] as Int64), jobID: row[1], type: row[2], isActive: (row[3] as Int64) != 0, startTime: row[4],
            version: Int(row[5] as Int64), document: row[6], position: row[7])
    }

    private static let taskColumns = "task_run_id, run_id, document, output FROM job_task_run"

    private static func taskRun(_ row: borrowing SQLRow) -> TaskRunRecord {
        TaskRunRecord(taskRunID: Int(row[0] as Int64), runID: Int(row[1] as Int64), document: row[2], output: row[3])
    }

    package func run(_ id: Int) throws -> RunRecord? {
        try workspace.store.read { try $0.first("SELECT \(Self.runColumns) WHERE run_id = ?", [.int(Int64(id))], Self.run) }
    }

    package func activeRuns() throws -> [RunRecord] {
        try workspace.store.read { try $0.all("SELECT \(Self.runColumns) WHERE is_active ORDER BY position", [], Self.run) }
    }

    package func runs(_ filter: RunFilter) throws -> [RunRecord] {
        try workspace.store.read { database in
            var conditions: [String] = []
            var arguments: [SQLArgument] = []
            func add(_ condition: String, _ values: Int64...) {
                conditions.append(condition)
                arguments += values.map { .int($0) }
            }
            if let job = filter.jobID { add("job_id = ?", Int64(job)) }
            if let type = filter.type {
                conditions.append("run_type = ?")
                arguments.append(.text(type))
            }
            if let isActive = filter.isActive { conditions.append(isActive ? "is_active" : "NOT is_active") }
            if let from = filter.from { add("start_time >= ?", from) }
            if let to = filter.to { add("start_time <= ?", to) }
            let isBackward = filter.place?.isBackward ?? false
            if let place = filter.place {
                add("(start_time, position) \(isBackward ? ">" : "<") (?, ?)", place.startTime, place.position)
            }
            let condition = conditions.isEmpty ? "" : " WHERE " + conditions.joined(separator: " AND ")
            let order = isBackward ? "ASC" : "DESC"
            arguments += [.limit(filter.limit), .limit(filter.offset)]
            let runs = try database.all(
                "SELECT \(Self.runColumns)\(condition) ORDER BY start_time \(order), position \(order) LIMIT ? OFFSET ?", arguments, Self.run)
            return isBackward ? runs.reversed() : runs
        }
    }

    package func taskRun(_ id: Int) throws -> TaskRunRecord? {
        try workspace.store.read { try $0.first("SELECT \(Self.taskColumns) WHERE task_run_id = ?", [.int(Int64(id))], Self.taskRun) }
    }

    /// The attempts of a run in the order of their making.
    package func taskRuns(of run: Int) throws -> [TaskRunRecord] {
        try workspace.store.read {
            try $0.all("SELECT \(Self.taskColumns) WHERE run_id = ? ORDER BY position", [.int(Int64(run))], Self.taskRun)
        }
    }

    package static func put(_ run: RunRecord, _ database: Database) throws {
        try database.execute(
            cached: """
                INSERT INTO job_run (run_id, job_id, run_type, is_active, start_time, version, document) VALUES (?, ?, ?, ?, ?, ?, ?)
                ON CONFLICT (run_id) DO UPDATE SET is_active = excluded.is_active, start_time = excluded.start_time, document = excluded.document
                """,
            [
                .int(Int64(run.runID)), run.jobID.map { .int(Int64($0)) } ?? .null, .text(run.type), .int(run.isActive ? 1 : 0),
                .int(run.startTime), .int(Int64(run.version)), .text(run.document),
            ])
    }

    package static func put(_ task: TaskRunRecord, _ database: Database) throws {
        try database.execute(
            cached: """
                INSERT INTO job_task_run (task_run_id, run_id, document, output) VALUES (?, ?, ?, ?)
                ON CONFLICT (task_run_id) DO UPDATE SET document = excluded.document, output = excluded.output
                """,
            [.int(Int64(task.taskRunID)), .int(Int64(task.runID)), .text(task.document), task.output.map { .text($0) } ?? .null])
    }

    package static func deleteRun(_ run: RunRecord, _ database: Database) throws {
        try database.execute(cached: "DELETE FROM job_task_run WHERE run_id = ?", [.int(Int64(run.runID))])
        try database.execute(cached: "DELETE FROM job_run WHERE run_id = ?", [.int(Int64(run.runID))])
        try dropVersion(run.version, database)
    }

    /// The run that an idempotency token began; it stays when the run is deleted.
    package func run(forToken token: String) throws -> Int? {
        try workspace.store.read {
            try $0.first("SELECT run_id FROM job_token WHERE token = ?", [.text(token)]) { Int($0[0] as Int64) }
        }
    }

    package static func put(token: String, run: Int, _ database: Database) throws {
        try database.execute(cached: "INSERT INTO job_token VALUES (?, ?)", [.text(token), .int(Int64(run))])
    }
}

extension JobStore {
    /// Whether there are runs under way, or triggers that begin some.
    package func hasWork() throws -> Bool {
        try workspace.store.read {
            try $0.first("SELECT EXISTS (SELECT 1 FROM job_run WHERE is_active) OR EXISTS (SELECT 1 FROM job WHERE next_fire IS NOT NULL)") {
                ($0[0] as Int64) != 0
            } ?? false
        }
    }

    package func isTaken(_ id: Int) throws -> Bool { try workspace.store.read { try Self.isTaken(id, $0) } }
}
