import JSON
import Jobs
import Storage
import Testing
import Warehouse
import Workspace

/// Runs of jobs: limits, queues, schedules, repairs, SQL, what is kept.
@Suite struct JobRunTests {
    private func one(_ more: String) -> String { "{\"name\": \"j\", \"tasks\": [\(task("a"))]\(more.isEmpty ? "" : ", " + more)}" }

    private func newest(_ fixture: JobsFixture, _ job: Int) throws -> [Run] {
        var filter = RunFilter()
        filter.jobID = job
        filter.limit = 10_000
        return try fixture.workspace.jobStore.runs(filter).compactMap { Run($0) }
    }

    @Test func aRunBeyondTheLimitIsSkippedOrQueued() async throws {
        let fixture = try JobsFixture()
        fixture.ends("a", .ending(.success, after: 10_000))
        let job = try fixture.create(one(""))
        let first = try fixture.runNow(job)
        let second = try fixture.runNow(job)
        let skipped = try await fixture.run(second).life
        #expect(skipped.phase == .skipped && skipped.result == .maximumConcurrentRuns)
        let third = try fixture.runNow(job, "\"queue\": {\"enabled\": true}")
        let fourth = try fixture.runNow(job, "\"queue\": {\"enabled\": true}")
        #expect(try await fixture.run(third).life.phase == .queued)
        #expect(try await fixture.run(third).life.statusJSON["queue_details"]?["code"] == "MAX_CONCURRENT_RUNS_REACHED")
        try await fixture.advance(10_000)
        #expect(try await fixture.run(first).life.result == .success)
        #expect(try await fixture.run(third).life.phase == .running)
        #expect(try await fixture.run(third).queuedFor == 10_000)
        #expect(try await fixture.run(fourth).life.phase == .queued)
        try fixture.jobs.cancelAll(job: job, queuedOnly: true, by: fixture.admin)
        #expect(try await fixture.run(fourth).life.result == .canceled)
        #expect(try await fixture.run(third).life.phase == .running)
        try fixture.jobs.cancelAll(job: job, queuedOnly: false, by: fixture.admin)
        #expect(try await fixture.run(third).life.result == .canceled)
    }

    @Test func aQueuedRunExpiresAfterTwoDays() async throws {
        let fixture = try JobsFixture()
        fixture.ends("a", .ending(.success, after: 100 * 3_600_000))
        let job = try fixture.create(one("\"queue\": {\"enabled\": true}"))
        _ = try fixture.runNow(job)
        let waiting = try fixture.runNow(job)
        try await fixture.advance(48 * 3_600_000)
        #expect(try await fixture.run(waiting).life.phase == .skipped)
    }

    @Test func aTokenBeginsOneRun() async throws {
        let fixture = try JobsFixture()
        let job = try fixture.create(one(""))
        let first = try fixture.runNow(job, "\"idempotency_token\": \"t\"")
        #expect(try fixture.runNow(job, "\"idempotency_token\": \"t\"") == first)
        #expect(try fixture.runNow(job, "\"idempotency_token\": \"u\"") != first)
        try fixture.jobs.deleteRun(first)
        #expect(throws: WorkspaceError.self) { try fixture.runNow(job, "\"idempotency_token\": \"t\"") }
        #expect(throws: WorkspaceError.self) { try fixture.runNow(job, "\"idempotency_token\": \"\(String(repeating: "x", count: 65))\"") }
    }

    @Test func aScheduleBeginsRuns() async throws {
        let fixture = try JobsFixture()
        let job = try fixture.create(one("\"schedule\": {\"quartz_cron_expression\": \"0 0 * * * ?\", \"timezone_id\": \"UTC\"}"))
        try await fixture.advance(3 * 3_600_000)
        let runs = try newest(fixture, job)
        #expect(runs.map(\.life.start) == [3, 2, 1].map { JobsFixture.start + $0 * 3_600_000 })
        #expect(runs.allSatisfy { $0.trigger == "PERIODIC" && $0.life.result == .success })
        guard
            case .object(let pause) = try JSONValue(
                parsing: "{\"schedule\": {\"quartz_cron_expression\": \"0 0 * * * ?\", \"timezone_id\": \"UTC\", \"pause_status\": \"PAUSED\"}}")
        else { return }
        try fixture.jobs.update(job, pause, removing: [])
        try await fixture.advance(3 * 3_600_000)
        #expect(try newest(fixture, job).count == 3)
    }

    @Test func aScheduleFarBehindGoesOnFromNow() async throws {
        let fixture = try JobsFixture()
        let job = try fixture.create(one("\"schedule\": {\"quartz_cron_expression\": \"* * * * * ?\", \"timezone_id\": \"UTC\"}"))
        try await fixture.advance(365 * 86_400_000)
        #expect(try newest(fixture, job).count == 1_000)
        try await fixture.advance(2_000)
        #expect(try newest(fixture, job).count == 1_002)
    }

    @Test func aContinuousJobRunsUntilItIsEnded() async throws {
        let fixture = try JobsFixture()
        let job = try fixture.create(one("\"continuous\": {}"))
        try await fixture.advance(86_400_000)
        var runs = try newest(fixture, job)
        #expect(runs.count == 1)
        #expect(runs[0].life.phase == .running && runs[0].trigger == "CONTINUOUS" && runs[0].life.start == JobsFixture.start)
        try fixture.jobs.cancel(runs[0].id, by: fixture.admin)
        try await fixture.advance(86_400_000)
        runs = try newest(fixture, job)
        #expect(runs.map(\.life.result) == [.canceled])
        // One that ends by itself is followed by the next.
        fixture.ends("a", .ending(.success, after: 50_000))
        _ = try fixture.runNow(job)
        try await fixture.advance(61_000)
        #expect(try newest(fixture, job).map(\.life.phase) == [.running, .terminated, .terminated])
    }

    @Test func aRepairRunsFailedTasksAgain() async throws {
        let fixture = try JobsFixture()
        fixture.ends("b", .failed, .ending(.success))
        let id = try fixture.submit("{\"tasks\": [\(task("a")), \(task("b", after: ["a"])), \(task("c", after: ["b"]))]}")
        #expect(try await fixture.run(id).life.result == .failed)
        guard case .object(let order) = try JSONValue(parsing: "{\"run_id\": \(id), \"rerun_all_failed_tasks\": true}") else { return }
        let repair = try fixture.jobs.repair(order)
        let run = try await fixture.run(id)
        #expect(run.life.phase == .terminated && run.life.result == .success)
        #expect(run.repairs.map(\.id) == [0, repair])
        #expect(run.repairs.map(\.life.result) == [.failed, .success])
        #expect(run.repairs[1].taskRuns.count == 2)
        #expect(try await fixture.tasks(id).mapValues(\.attempt) == ["a": 0, "b": 1, "c": 1])
        // The next one must name it.
        #expect(throws: WorkspaceError.self) { try fixture.jobs.repair(order) }
    }

    @Test func statementsOfAFileReallyRun() async throws {
        let fixture = try JobsFixture()
        fixture.script.put("/q.sql", "CREATE TABLE main.default.t AS SELECT 1 AS id, :name AS name; SELECT * FROM main.default.t;")
        fixture.script.put("/bad.sql", "SELECT * FROM main.default.nothing")
        func task(_ path: String) throws -> String {
            """
            {"tasks": [{"task_key": "s", "sql_task": {"warehouse_id": "\(try fixture.warehouse)", "file": {"path": "\(path)"}, "parameters": {"name": "x"}}}]}
            """
        }
        let id = try fixture.submit(try task("/q.sql"))
        #expect(try await fixture.run(id).life.result == .success)
        let output = try await fixture.tasks(id)["s"]?.output?["sql_output"]?["file_output"]
        #expect(output?["query_result"]?["rows"] == [["values": [["string_value": "1"], ["string_value": "x"]]]])
        #expect(output?["sql_statements"]?.arrayValue?.count == 2)
        let bad = try fixture.submit(try task("/bad.sql"))
        #expect(try await fixture.run(bad).life.result == .failed)
        #expect(try await fixture.tasks(bad)["s"]?.output?["error"]?.stringValue?.hasPrefix("[TABLE_OR_VIEW_NOT_FOUND]") == true)
        let missing = try fixture.submit(try task("/none.sql"))
        #expect(try await fixture.tasks(missing)["s"]?.life.phase == .internalError)
        #expect(try await fixture.tasks(missing)["s"]?.life.terminationCode == "RESOURCE_NOT_FOUND")
    }

    @Test func onlySomeTasksRun() async throws {
        let fixture = try JobsFixture()
        let job = try fixture.create("{\"name\": \"j\", \"tasks\": [\(task("a")), \(task("b", after: ["a"])), \(task("c", after: ["b"]))]}")
        for (only, keys) in [("\"b\"", ["b"]), ("\"b+\"", ["b", "c"]), ("\"+b\"", ["a", "b"])] {
            let id = try fixture.runNow(job, "\"only\": [\(only)]")
            #expect(try await fixture.tasks(id).keys.sorted() == keys)
            #expect(try await fixture.run(id).life.result == .success)
        }
    }

    @Test func whatRunsGoesOnInACopyOfTheWorkspace() async throws {
        let fixture = try JobsFixture()
        fixture.ends("a", .ending(.success, after: 60_000))
        let job = try fixture.create(one("\"schedule\": {\"quartz_cron_expression\": \"0 0 0/2 * * ?\", \"timezone_id\": \"UTC\"}"))
        let id = try fixture.runNow(job)
        try await fixture.advance(30_000)
        let clock = VirtualClock(startMicros: fixture.clock.nowMicros)
        let copy = try Workspace(
            id: 2, name: "copy", snapshot: try fixture.workspace.snapshot(), environment: Environment(seed: 7, clock: clock), resumeIDs: true)
        let jobs = JobsService(workspace: copy, sql: SQLService(workspace: copy, objects: MemoryStore(), pool: WorkerPool(threads: 1)))
        try jobs.resume()
        clock.advance(byMicros: 30_000_000)
        try await jobs.catchUp()
        let run = try #require(try copy.jobStore.run(id).flatMap { Run($0) })
        #expect(run.life.result == .success && run.life.end == JobsFixture.start + 60_000)
        clock.advance(byMicros: 7_200_000_000)
        try await jobs.catchUp()
        var filter = RunFilter()
        filter.jobID = job
        #expect(try copy.jobStore.runs(filter).count == 2)
        // The first one has not moved.
        #expect(try await fixture.run(id).life.phase == .running)
    }

    @Test func oneSeedGivesTheSameRuns() async throws {
        func trace() async throws -> [String] {
            let fixture = try JobsFixture(seed: 11)
            fixture.ends("b", .failed)
            let job = try fixture.create("{\"name\": \"j\", \"tasks\": [\(task("a")), \(task("b", after: ["a"], "\"max_retries\": 2"))]}")
            let id = try fixture.runNow(job)
            return try fixture.attempts(id).map { "\($0.id) \($0.key) \($0.life)" }
        }
        #expect(try await trace() == trace())
    }
}
