package import GRDB

/// Jobs, runs and attempts in the workspace's database. What they mean is the `Jobs` target's business.
package struct JobStore: Sendable {
    let workspace: Workspace

    static let migration = Migration(
        "jobs",
        """
        CREATE TABLE job_version (version INTEGER PRIMARY KEY AUTOINCREMENT, settings TEXT NOT NULL);
        CREATE TABLE job (
            position INTEGER PRIMARY KEY AUTOINCREMENT, job_id INTEGER NOT NULL UNIQUE, name TEXT NOT NULL COLLATE NOCASE, creator TEXT NOT NULL,
            run_as TEXT NOT NULL, created_at INTEGER NOT NULL, version INTEGER NOT NULL REFERENCES job_version (version), next_fire INTEGER
        );
        CREATE INDEX job_name ON job (name, position);
        CREATE TABLE job_run (
            position INTEGER PRIMARY KEY AUTOINCREMENT, run_id INTEGER NOT NULL UNIQUE, job_id INTEGER, run_type TEXT NOT NULL,
            is_active INTEGER NOT NULL, start_time INTEGER NOT NULL, version INTEGER NOT NULL REFERENCES job_version (version),
            document TEXT NOT NULL
        );
        CREATE INDEX job_run_time ON job_run (start_time, position);
        CREATE INDEX job_run_job ON job_run (job_id, start_time, position);
        CREATE INDEX job_run_type ON job_run (run_type, start_time, position);
        CREATE INDEX job_run_active ON job_run (start_time, position) WHERE is_active;
        CREATE INDEX job_run_version ON job_run (version);
        CREATE TABLE job_task_run (
            position INTEGER PRIMARY KEY AUTOINCREMENT, task_run_id INTEGER NOT NULL UNIQUE, run_id INTEGER NOT NULL, document TEXT NOT NULL,
            output TEXT
        );
        CREATE INDEX job_task_run_run ON job_task_run (run_id, position);
        CREATE TABLE job_token (token TEXT PRIMARY KEY, run_id INTEGER NOT NULL) WITHOUT ROWID;
        """)

    package func write<T>(_ body: (Database) throws -> T) throws -> T { try workspace.store.write(body) }

    // MARK: Jobs

    private static let jobColumns = """
        job.job_id, job.creator, job.run_as, job.created_at, job.version, job_version.settings, job.next_fire, job.position
        FROM job JOIN job_version ON job_version.version = job.version
        """

    private static func job(_ row: borrowing SQLRow) -> JobRecord {
        JobRecord(
            jobID: Int(row[0] as Int64), creator: row[1], runAs: row[2], createdAt: row[3], version: Int(row[4] as Int64), settings: row[5],
            nextFire: (row[6] as Int?).map(Int64.init), position: row[7])
    }

    package func job(_ id: Int) throws -> JobRecord? {
        try workspace.store.read { try $0.first("SELECT \(Self.jobColumns) WHERE job.job_id = ?", [.int(Int64(id))], Self.job) }
    }

    /// All jobs that a trigger begins by itself.
    package func triggeredJobs() throws -> [JobRecord] {
        try workspace.store.read { try $0.all("SELECT \(Self.jobColumns) WHERE job.next_fire IS NOT NULL ORDER BY job.position", [], Self.job) }
    }

    /// Newest first, as the service lists them. `name`: exactly this one, in any case.
    package func jobs(name: String?, before position: Int64?, offset: Int, limit: Int) throws -> [JobRecord] {
        try workspace.store.read { database in
            var sql = "SELECT \(Self.jobColumns) WHERE job.position < ?"
            var arguments: [SQLArgument] = [.int(position ?? .max)]
            if let name {
                sql += " AND job.name = ?"
                arguments.append(.text(name))
            }
            arguments += [.limit(limit), .limit(offset)]
            return try database.all(sql + " ORDER BY job.position DESC LIMIT ? OFFSET ?", arguments, Self.job)
        }
    }

    /// Jobs behind a place, nearest first: for the page before.
    package func jobs(name: String?, after position: Int64, limit: Int) throws -> [JobRecord] {
        try workspace.store.read { database in
            var sql = "SELECT \(Self.jobColumns) WHERE job.position > ?"
            var arguments: [SQLArgument] = [.int(position)]
            if let name {
                sql += " AND job.name = ?"
                arguments.append(.text(name))
            }
            arguments.append(.limit(limit))
            return try database.all(sql + " ORDER BY job.position LIMIT ?", arguments, Self.job)
        }
    }

    package static func count(_ database: Database) throws -> Int { try database.first("SELECT count(*) FROM job") { Int($0[0] as Int64) } ?? 0 }

    package static func isTaken(_ id: Int, _ database: Database) throws -> Bool {
        try database.first(
            """
            SELECT EXISTS (SELECT 1 FROM job WHERE job_id = ?1) OR EXISTS (SELECT 1 FROM job_run WHERE run_id = ?1)
            OR EXISTS (SELECT 1 FROM job_task_run WHERE task_run_id = ?1)
            """, [.int(Int64(id))]
        ) { ($0[0] as Int64) != 0 } ?? false
    }

    /// Keeps settings; the number by which jobs and runs refer to them.
    package static func addVersion(_ settings: String, _ database: Database) throws -> Int {
        try database.execute(
            cached: "INSERT INTO job_version (settings) VALUES (?)", [.text(settings)])
        return Int(database.lastInsertedRowID)
    }

    package static func insert(_ job: JobRecord, name: String, _ database: Database) throws {
        try database.execute(
            cached: "INSERT INTO job (job_id, name, creator, run_as, created_at, version, next_fire) VALUES (?, ?, ?, ?, ?, ?, ?)",
            [
                .int(Int64(job.jobID)), .text(name), .text(job.creator), .text(job.runAs), .int(job.createdAt), .int(Int64(job.version)),
                job.nextFire.map { .int($0) } ?? .null,
            ])
    }

    /// Puts new settings in force; those that nobody refers to any more go.
    package static func update(_ job: JobRecord, name: String, replacing old: Int, _ database: Database) throws {
        try database.execute(
            cached: "UPDATE job SET name = ?, run_as = ?, version = ?, next_fire = ? WHERE job_id = ?",
            [
                .text(name), .text(job.runAs), .int(Int64(job.version)), job.nextFire.map { .int($0) } ?? .null, .int(Int64(job.jobID)),
            ])
        try dropVersion(old, database)
    }

    package static func setNextFire(_ next: Int64?, of job: Int, _ database: Database) throws {
        try database.execute(
            cached: "UPDATE job SET next_fire = ? WHERE job_id = ?", [next.map { .int($0) } ?? .null, .int(Int64(job))])
    }

    package static func delete(_ job: JobRecord, _ database: Database) throws {
        try database.execute(cached: "DELETE FROM job WHERE job_id = ?", [.int(Int64(job.jobID))])
        try dropVersion(job.version, database)
    }

    static func dropVersion(_ version: Int, _ database: Database) throws {
        try database.execute(
            cached: """
                DELETE FROM job_version WHERE version = ?1 AND NOT EXISTS (SELECT 1 FROM job_run WHERE version = ?1)
                AND NOT EXISTS (SELECT 1 FROM job WHERE version = ?1)
                """, [.int(Int64(version))])
    }

    package func settings(version: Int) throws -> String? {
        try workspace.store.read {
            try $0.first("SELECT settings FROM job_version WHERE version = ?", [.int(Int64(version))]) { $0[0] as String }
        }
    }
}

extension Workspace {
    package var jobStore: JobStore { JobStore(workspace: self) }
}

extension Database {
    /// Runs a cached statement that gives no rows.
    package func execute(cached sql: String, _ arguments: [SQLArgument] = []) throws { _ = try all(sql, arguments) { _ in } }
}
