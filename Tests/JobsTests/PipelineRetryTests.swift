import JSON
import Jobs
import Storage
import Synchronization
import Testing
import Warehouse
import Workspace

/// Failed updates that are begun again, on a clock that stands still.
@Suite struct PipelineRetryTests {
    private let jobs: JobsFixture

    init() throws { jobs = try JobsFixture() }

    private func pipeline(_ more: String = "", text: String = "CREATE MATERIALIZED VIEW t AS SELECT * FROM main.default.missing") throws -> String {
        jobs.script.put("/p.sql", text)
        let json = "{\"name\": \"p\", \"catalog\": \"main\", \"schema\": \"gold\", \"libraries\": [{\"file\": {\"path\": \"/p.sql\"}}]\(more)}"
        guard case .object(let spec) = try JSONValue(parsing: json) else { return "" }
        try jobs.jobs.pipelines.check(spec)
        return try jobs.jobs.pipelines.create(spec, allowsDuplicates: true, by: jobs.admin).id
    }

    /// States and causes, newest first, of all updates by now.
    private func updates(_ id: String) async throws -> [String] {
        await jobs.jobs.pipelines.settle(id)
        return try jobs.jobs.pipelines.updates(of: id).map { "\($0.body["state"]?.stringValue ?? "") \($0.body["cause"]?.stringValue ?? "")" }
    }

    private func pass(_ seconds: Int64) { jobs.clock.advance(byMicros: seconds * 1_000_000) }

    private func run(_ sql: String) async throws {
        let statement = try jobs.sql.submit(StatementRequest(text: sql, warehouseID: jobs.warehouse), as: jobs.admin)
        await statement.wait(atMost: .seconds(30))
        #expect(statement.status.error == nil)
    }

    @Test func aFailedUpdateIsBegunAgainUntilItSucceeds() async throws {
        let id = try pipeline()
        _ = try jobs.jobs.pipelines.start(id, JSONObject(), cause: "USER_ACTION")
        #expect(try await updates(id) == ["FAILED USER_ACTION"])
        pass(59)
        #expect(try await updates(id) == ["FAILED USER_ACTION"])
        pass(1)
        #expect(try await updates(id) == ["FAILED RETRY_ON_FAILURE", "FAILED USER_ACTION"])
        try await run("CREATE TABLE main.default.missing AS SELECT 1 AS a")
        pass(60)
        #expect(try await updates(id) == ["COMPLETED RETRY_ON_FAILURE", "FAILED RETRY_ON_FAILURE", "FAILED USER_ACTION"])
        pass(3600)
        #expect(try await updates(id).count == 3)
    }

    @Test(arguments: [
        ("", 6), (", \"development\": true", 1), (", \"configuration\": {\"pipelines.numUpdateRetryAttempts\": \"2\"}", 3),
        (", \"configuration\": {\"pipelines.numUpdateRetryAttempts\": \"0\"}", 1), (", \"continuous\": true", 11),
        (", \"continuous\": true, \"configuration\": {\"pipelines.numUpdateRetryAttempts\": \"1\"}", 2),
    ])
    func asOftenAsItIsSaid(_ more: String, _ count: Int) async throws {
        let id = try pipeline(more)
        _ = try jobs.jobs.pipelines.start(id, JSONObject(), cause: "API_CALL")
        for _ in 0..<10 {
            _ = try await updates(id)
            pass(60)
        }
        #expect(try await updates(id).count == count)
    }

    @Test func otherUpdatesStopsAndValidationsEndIt() async throws {
        let id = try pipeline()
        _ = try jobs.jobs.pipelines.start(id, JSONObject(), cause: "API_CALL")
        _ = try await updates(id)
        _ = try jobs.jobs.pipelines.start(id, JSONObject([("validate_only", true)]), cause: "API_CALL")
        _ = try await updates(id)
        pass(120)
        #expect(try await updates(id) == ["FAILED API_CALL", "FAILED API_CALL"])
        _ = try jobs.jobs.pipelines.start(id, JSONObject([("full_refresh", true)]), cause: "API_CALL")
        _ = try await updates(id)
        pass(60)
        #expect(try await updates(id).count == 4)
        #expect(try jobs.jobs.pipelines.updates(of: id).first?.body["full_refresh"] == true)
        try await jobs.jobs.pipelines.stop(id)
        pass(60)
        #expect(try await updates(id).count == 4)
    }

    @Test func aTaskWaitsForTheLastAttempt() async throws {
        let id = try pipeline(", \"configuration\": {\"pipelines.numUpdateRetryAttempts\": \"1\"}")
        let job = try jobs.create("{\"name\": \"j\", \"tasks\": [{\"task_key\": \"p\", \"pipeline_task\": {\"pipeline_id\": \"\(id)\"}}]}")
        let first = try jobs.runNow(job)
        #expect(try await jobs.run(first).life.phase == .running)
        #expect(try await updates(id) == ["FAILED JOB_TASK"])
        try await jobs.advance(60_000)
        #expect(try await jobs.run(first).life.result == .failed)
        #expect(try await updates(id) == ["FAILED RETRY_ON_FAILURE", "FAILED JOB_TASK"])
        let second = try jobs.runNow(job)
        #expect(try await jobs.run(second).life.phase == .running)
        try await run("CREATE TABLE main.default.missing AS SELECT 1 AS a")
        try await jobs.advance(60_000)
        #expect(try await jobs.run(second).life.result == .success)
        let third = try jobs.runNow(job)
        #expect(try await jobs.run(third).life.result == .success)
    }

    @Test func settingsMustBeNumbers() {
        for value in ["many", "-1", "1.5"] {
            #expect(throws: WorkspaceError.self) { try pipeline(", \"configuration\": {\"pipelines.numUpdateRetryAttempts\": \"\(value)\"}") }
            #expect(throws: WorkspaceError.self) { try pipeline(", \"configuration\": {\"pipelines.maxFlowRetryAttempts\": \"\(value)\"}") }
        }
    }

    @Test(arguments: [(0, "COMPLETED"), (2, "COMPLETED"), (3, "FAILED")])
    func aFlowIsTriedAgainWhereTheStoreFails(_ failures: Int, _ state: String) async throws {
        let store = FlakyStore()
        let sql = SQLService(workspace: jobs.workspace, objects: store, pool: WorkerPool(threads: 1))
        let service = JobsService(workspace: jobs.workspace, sql: sql, sources: { [jobs] in jobs.script.file($0) })
        let id = try pipeline(", \"development\": true", text: "CREATE MATERIALIZED VIEW t AS SELECT 1 AS a")
        store.failures.withLock { $0 = failures }
        _ = try service.pipelines.start(id, JSONObject(), cause: "API_CALL")
        await service.pipelines.settle(id)
        #expect(try service.pipelines.updates(of: id).first?.body["state"]?.stringValue == state)
        let states = try service.pipelines.events(of: id).compactMap { $0.body["details"]?["flow_progress"]?["status"]?.stringValue }
        let ending = state == "FAILED" ? ["RUNNING", "FAILED"] : ["RUNNING", "COMPLETED"]
        #expect(states == [[String]](repeating: ["RUNNING", "FAILED"], count: min(failures, 2)).flatMap { $0 } + ending)
    }
}

/// A store in memory whose next new objects cannot be written.
private final class FlakyStore: ObjectStore {
    let inner = MemoryStore()
    let failures = Mutex(0)

    func get(_ path: String) throws(StorageError) -> [UInt8] { try inner.get(path) }
    func get(_ path: String, range: Range<Int>) throws(StorageError) -> [UInt8] { try inner.get(path, range: range) }
    func put(_ path: String, _ bytes: [UInt8]) throws(StorageError) { try inner.put(path, bytes) }
    func putIfAbsent(_ path: String, _ bytes: [UInt8]) throws(StorageError) -> Bool {
        let fails = failures.withLock { left in
            if left == 0 { return false }
            left -= 1
            return true
        }
        if fails { throw .system(path: path, operation: "put", code: 5, text: "Input/output error") }
        return try inner.putIfAbsent(path, bytes)
    }
    func list(_ prefix: String, after: String?, limit: Int) throws(StorageError) -> [ObjectInfo] {
        try inner.list(prefix, after: after, limit: limit)
    }
    func delete(_ path: String) throws(StorageError) { try inner.delete(path) }
    func info(_ path: String) throws(StorageError) -> ObjectInfo? { try inner.info(path) }
    func identity(_ path: String) throws(StorageError) -> ObjectIdentity? { try inner.identity(path) }
    func beginUpload() throws(StorageError) -> any ObjectUpload { try inner.beginUpload() }
}
