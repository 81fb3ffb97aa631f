import GRDB
import JSON
import Workspace

/// The runs under way in a workspace, and what happens to them next. Synchronous and driven by the caller: time passes in `advance`, and changes are
/// written in `flush`. Work that it cannot do itself is handed out as `Effect`s, whose results come back by `finishWork`.
final class RunEngine {
    /// Work outside of the engine.
    enum Effect {
        case sql(SQLWork)
        case pipeline(PipelineWork)
        case python(PythonWork)
        case notify(RunNotice)
        case condition(ConditionWork)
        case scheduled(kind: String, id: String, place: Int, now: Int64)
        case stop(taskRun: Int)
    }

    static let queueLimit: Int64 = 48 * 3_600_000
    static let maxTaskRuns = 2_000
    static let maxDepth = 3
    private static let maxEvents = 2_000_000

    let store: JobStore
    let resources: ResourceStore
    let environment: Environment
    let workspaceID: Int
    /// A clock that stands still lets nothing happen while work is done.
    let isVirtual: Bool
    var script: RunScript
    /// The statements of a notebook whose language is SQL; nil for all else.
    var notebook: (String) -> String? = { _ in nil }
    var isContinuousPipeline: (String) -> Bool = { _ in false }
    /// Whether Python is run, and of which notebooks it is the language.
    var runsPython = false
    var isPythonNotebook: (String) -> Bool = { _ in false }
    /// What a user sees now of what a trigger watches, given what was seen before; nil if it cannot be read.
    var observe: (TriggerWatch, WatchState.Sight?, _ runAs: String) -> WatchState.Sight? = { _, _, _ in nil }
    /// When a version of a table was committed, in milliseconds.
    var commitTime: (_ table: String, _ version: Int, _ runAs: String) -> Int64? = { _, _, _ in nil }
    /// Milliseconds since 1970-01-01 UTC: how far things have happened.
    var now: Int64
    var active: [Int: ActiveRun] = [:]
    /// The run of each attempt that is not over.
    var owners: [Int: Int] = [:]
    /// Of each job, the runs under way and those that wait, in their order.
    var running: [Int: [Int]] = [:]
    var queued: [Int: [Int]] = [:]
    var events = EventQueue()
    var triggers: [Int: TriggerState] = [:]
    /// The jobs that wait for the end of a job's runs.
    var followers: [Int: Set<Int>] = [:]
    /// The ends of other jobs' runs that runs of a job are about to follow.
    var completions: [Int: [JSONValue]] = [:]
    /// The runs that wait for the condition of their job's trigger.
    var awaiting: [Int: RunOrder] = [:]
    /// What is done by schedules that are not those of jobs, by the document's place in the store.
    var schedules: [Int: ScheduleState] = [:]
    var scheduledKinds: [String: ScheduledKind] = [:]
    var scheduleStamp = 0
    /// Attempts whose work is done elsewhere.
    var working: Set<Int> = []
    /// Attempts that wait for the update of a continuous pipeline or for a process: time goes on meanwhile.
    var watching: Set<Int> = []
    /// The runs that an attempt's notebook has begun, which end with it where it is cancelled. Of processes, which do not outlive the server.
    var notebookRuns: [Int: [Int]] = [:]
    var effects: [Effect] = []
    private var plans: [Int: JobPlan] = [:]
    private var planOrder: [Int] = []
    private var dirtyRuns: [Int] = []
    private var dirtyRunSet: Set<Int> = []
    private var dirtyTasks: [(run: Int, task: Int)] = []
    private var dirtyTaskSet: Set<Int> = []
    private var ended: [Int] = []
    private var nextFires: [(job: Int, at: Int64?)] = []
    var fires: [Int: Int] = [:]
    /// Idempotency tokens of new runs.
    var tokens: [(token: String, run: Int)] = []

    init(store: JobStore, resources: ResourceStore, environment: Environment, workspaceID: Int, script: @escaping RunScript) {
        self.store = store
        self.resources = resources
        self.environment = environment
        self.workspaceID = workspaceID
        self.script = script
        isVirtual = environment.clock is VirtualClock
        now = environment.nowMillis
    }

    // MARK: Time

    /// Lets everything happen that is due; with a virtual clock no further than to where work is being done.
    func advance(to target: Int64) throws {
        var count = 0
        fires = [:]
        while let event = events.first, event.at <= target {
            if isVirtual, !working.isEmpty { return }
            guard count < Self.maxEvents, events.removeFirst() != nil else { return }
            count += 1
            now = max(now, event.at)
            try handle(event, target)
        }
        if isVirtual, !working.isEmpty { return }
        now = target
    }

    private func handle(_ event: EventQueue.Event, _ target: Int64) throws {
        switch event.kind {
        case .step:
            guard let run = owners[event.id].flatMap({ active[$0] }), let attempt = run.attempt(event.id), attempt.stamp == event.stamp else {
                return
            }
            try step(run, attempt.id)
        case .taskTimeout:
            guard let run = owners[event.id].flatMap({ active[$0] }) else { return }
            try timeOut(run, event.id)
        case .runTimeout:
            guard let run = active[event.id], run.run.stamp == event.stamp else { return }
            try timeOut(run)
        case .queueExpiry:
            guard let run = active[event.id], run.run.life.phase == .queued else { return }
            try endQueued(run, .maximumConcurrentRuns, code: .maxQueueSize, "The run was in the queue for more than 48 hours.", phase: .skipped)
        case .fire: try fire(event.id, event.stamp, target)
        case .completion: try follow(event.id, event.stamp)
        case .scheduled: try fireSchedule(event.id, event.stamp)
        case .slowRun:
            guard let run = active[event.id], run.run.stamp == event.stamp, !run.run.life.phase.isFinal else { return }
            notify(.slow, run)
        case .slowTask:
            guard let run = owners[event.id].flatMap({ active[$0] }), let attempt = run.attempt(event.id), !attempt.life.phase.isFinal else { return }
            notify(.slow, run, attempt)
        }
    }

    // MARK: Plans

    func plan(_ version: Int) throws -> JobPlan? {
        if let plan = plans[version] { return plan }
        guard let text = try store.settings(version: version), let plan = JobPlan(stored: text) else { return nil }
        keep(plan, version)
        return plan
    }

    func keep(_ plan: JobPlan, _ version: Int) {
        if plans.updateValue(plan, forKey: version) == nil { planOrder.append(version) }
        if planOrder.count > 1_000 { plans[planOrder.removeFirst()] = nil }
    }

    func newID() throws -> Int {
        while true {
            let id = environment.ids.numeric()
            if active[id] != nil || owners[id] != nil { continue }
            if try !store.isTaken(id) { return id }
        }
    }

    // MARK: Writing

    func touch(_ run: ActiveRun) {
        if dirtyRunSet.insert(run.run.id).inserted { dirtyRuns.append(run.run.id) }
    }

    func touch(_ run: ActiveRun, _ task: Int) {
        if dirtyTaskSet.insert(task).inserted { dirtyTasks.append((run.run.id, task)) }
    }

    func setNextFire(_ job: Int, _ at: Int64?) { nextFires.append((job, at)) }

    /// Of a run that is over: it is written once more, and forgotten.
    func forget(_ run: ActiveRun) {
        touch(run)
        ended.append(run.run.id)
    }

    /// Writes what has changed, in one transaction.
    func flush() throws {
        guard !dirtyRuns.isEmpty || !dirtyTasks.isEmpty || !nextFires.isEmpty || !tokens.isEmpty else { return }
        defer {
            for id in ended where active[id]?.run.life.phase.isFinal ?? false {
                for attempt in active[id]?.attempts ?? [] { owners[attempt.id] = nil }
                active[id] = nil
            }
            (dirtyRuns, dirtyRunSet, dirtyTasks, dirtyTaskSet, ended, nextFires, tokens) = ([], [], [], [], [], [], [])
        }
        try store.write { database in
            for id in dirtyRuns {
                if let run = active[id] { try JobStore.put(run.run.record, database) }
            }
            for (run, task) in dirtyTasks {
                if let attempt = active[run]?.attempt(task) { try JobStore.put(attempt.record(run: run), database) }
            }
            for (token, run) in tokens { try JobStore.put(token: token, run: run, database) }
            for (job, at) in nextFires { try JobStore.setNextFire(at, of: job, database) }
        }
    }
}
