import JSON
import Jobs
import Storage
import Synchronization
import Warehouse
import Workspace

/// A workspace on a clock that stands still, with its jobs.
final class JobsFixture: Sendable {
    static let start: Int64 = VirtualClock.defaultStartMicros / 1_000
    private static let pool = WorkerPool(threads: 2)
    let clock = VirtualClock()
    let workspace: Workspace
    let sql: SQLService
    let jobs: JobsService
    let admin = Principal(id: "1", userName: "admin@example.com", displayName: "Admin", isAdmin: true)
    let script: ScriptBox

    init(seed: UInt64 = 7) throws {
        workspace = try Workspace(id: 1, name: "test", environment: Environment(seed: seed, clock: clock), admin: admin)
        sql = SQLService(workspace: workspace, objects: MemoryStore(), pool: Self.pool)
        let script = ScriptBox()
        jobs = JobsService(workspace: workspace, sql: sql, script: { script.ending($0) }, sources: { script.file($0) })
        self.script = script
    }

    /// How the attempts at a task end, in their order; the last one counts for all further ones.
    func ends(_ key: String, _ endings: ScriptedEnding...) { script.set(key, endings) }

    var warehouse: String { get throws { try workspace.warehouses.list(limit: 1).first?.id ?? "" } }

    func create(_ json: String) throws -> Int {
        guard case .object(let object) = try JSONValue(parsing: json) else { return 0 }
        return try jobs.create(object, by: admin)
    }

    func runNow(_ job: Int, _ more: String = "") throws -> Int {
        guard case .object(let object) = try JSONValue(parsing: "{\"job_id\": \(job)\(more.isEmpty ? "" : ", " + more)}") else { return 0 }
        return try jobs.runNow(object, by: admin)
    }

    func submit(_ json: String) throws -> Int {
        guard case .object(let object) = try JSONValue(parsing: json) else { return 0 }
        return try jobs.submit(object, by: admin)
    }

    func advance(_ millis: Int64) async throws {
        clock.advance(byMicros: millis * 1_000)
        try await jobs.catchUp()
    }

    func run(_ id: Int) async throws -> Run {
        try await jobs.catchUp()
        guard let run = try workspace.jobStore.run(id).flatMap({ Run($0) }) else { throw JobsService.noRun(id) }
        return run
    }

    /// The latest attempts by key.
    func tasks(_ id: Int) async throws -> [String: TaskRun] {
        try await jobs.catchUp()
        var tasks: [String: TaskRun] = [:]
        for attempt in try workspace.jobStore.taskRuns(of: id).compactMap({ TaskRun($0) }) where attempt.iteration == nil {
            tasks[attempt.key] = attempt
        }
        return tasks
    }

    func attempts(_ id: Int) throws -> [TaskRun] { try workspace.jobStore.taskRuns(of: id).compactMap { TaskRun($0) } }
}

final class ScriptBox: Sendable {
    private let state = Mutex<(endings: [String: [ScriptedEnding]], files: [String: String])>(([:], [:]))

    func set(_ key: String, _ endings: [ScriptedEnding]) { state.withLock { $0.endings[key] = endings } }
    func put(_ path: String, _ text: String) { state.withLock { $0.files[path] = text } }

    func ending(_ facts: TaskFacts) -> ScriptedEnding? {
        state.withLock { state in
            guard let all = state.endings[facts.taskKey], !all.isEmpty else { return nil }
            return all[min(facts.attempt, all.count - 1)]
        }
    }

    func file(_ path: String) -> String? { state.withLock { $0.files[path] } }
}

extension ScriptedEnding {
    static func ending(_ outcome: Outcome, setup: Int64 = 0, after duration: Int64 = 0, error: String? = nil, values: JSONObject = JSONObject())
        -> Self
    {
        var ending = ScriptedEnding()
        ending.outcome = outcome
        ending.setup = setup
        ending.duration = duration
        ending.error = error
        ending.values = values
        ending.isGiven = true
        return ending
    }

    static let failed = ending(.failed, error: "boom")
}

/// `{"task_key": …}` with a notebook, and whatever else is said.
func task(_ key: String, after dependencies: [String] = [], _ more: String = "") -> String {
    let depends = dependencies.map { "{\"task_key\": \"\($0)\"}" }.joined(separator: ", ")
    return
        "{\"task_key\": \"\(key)\", \"notebook_task\": {\"notebook_path\": \"/n\"}, \"depends_on\": [\(depends)]\(more.isEmpty ? "" : ", " + more)}"
}
