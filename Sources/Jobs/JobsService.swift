import JSON
import Synchronization
package import Warehouse
package import Workspace

/// The jobs of a workspace: what is asked of them, and the passing of time.
///
/// All that happens by itself happens in `RunEngine`, under one lock, in the order of its times; whoever looks makes it happen first. With the system's clock
/// a sleeper wakes it for what nobody looks at. A virtual clock stands still while a statement runs, so that the same moves give the same runs.
package final class JobsService: Sendable {
    /// Gives the text of a file or notebook in the workspace; nil if there is none.
    package typealias Sources = @Sendable (_ path: String) throws -> String?

    private struct Waker {
        var deadline: Int64?
        var task: Task<Void, Never>?
    }

    package let workspace: Workspace
    let sql: SQLService
    let sources: Sources
    private let script: RunScript
    /// A copy of an earlier state, which is looked at and does nothing.
    private let isPassive: Bool
    private let engine = Mutex<RunEngine?>(nil)
    private let waker = Mutex(Waker())
    let works = Mutex<[Int: SQLRun]>([:])
    let python: LocalPython?
    private let notify: @Sendable (RunNotice) -> Void
    private let processes = Mutex<[Int: LocalProcess]>([:])
    package let pipelines: PipelinesService
    package let commands: CommandService
    /// The updates that tasks wait for, by the task's run.
    let pipelineWorks = Mutex<[Int: (pipeline: String, update: String?, isStopped: Bool)]>([:])
    /// The documents whose schedules are kept.
    let kinds = Mutex<[ScheduledKind]>([AlertSchedule.kind])
    let knownPlans = Mutex<[Int: JobPlan]>([:])
    private let waiters = Mutex<(next: Int, all: [Int: CheckedContinuation<Void, Never>])>((0, [:]))

    package init(
        workspace: Workspace, sql: SQLService, script: @escaping RunScript = { _ in nil }, isPassive: Bool = false,
        python: LocalPython? = nil, notify: @escaping @Sendable (RunNotice) -> Void = { _ in }, sources: Sources? = nil
    ) {
        self.notify = notify
        self.python = python
        self.workspace = workspace
        self.sql = sql
        self.script = script
        self.isPassive = isPassive
        commands = CommandService(workspace: workspace, sql: sql, python: python)
        let found: Sources = sources ?? { try WorkspaceSources.text($0, workspace) }
        self.sources = found
        pipelines = PipelinesService(workspace: workspace, sql: sql, sources: found)
    }

    deinit { waker.withLock { $0.task?.cancel() } }

    /// Ends the processes of tasks and commands; to be called before the workspace goes away.
    package func stopProcesses() {
        for process in processes.withLock({ Array($0.values) }) { process.stop() }
        commands.stop()
    }

    var isVirtual: Bool { workspace.environment.clock is VirtualClock }

    /// Does something with the engine, after all that is due by now; what it leads to at once has happened on return.
    @discardableResult
    func perform<T: Sendable>(_ body: @Sendable (RunEngine) throws -> T) throws -> T {
        if isPassive { throw WorkspaceError(.internalError, "An earlier state of the workspace cannot be changed.") }
        let (result, effects, next) = try engine.withLock { slot -> (Result<T, any Error>, [RunEngine.Effect], Int64?) in
            let engine: RunEngine
            let now = workspace.environment.nowMillis
            if let known = slot {
                engine = known
            } else {
                engine = RunEngine(
                    store: workspace.jobStore, resources: workspace.resources, environment: workspace.environment, workspaceID: workspace.id,
                    script: script)
                engine.notebook = { [workspace] in try? WorkspaceSources.sqlNotebook($0, workspace) }
                engine.isContinuousPipeline = { [pipelines] in pipelines.isContinuous($0) }
                engine.runsPython = python != nil
                engine.isPythonNotebook = { [workspace] in (try? WorkspaceSources.isPythonNotebook($0, workspace)) ?? false }
                engine.observe = { [workspace, sql] in try? WatchState.observe($0, $1, runAs: $2, workspace, sql) }
                engine.commitTime = { [workspace, sql] table, version, runAs in
                    guard let principal = try? workspace.principal(named: runAs) ?? workspace.administrator() else { return nil }
                    return (try? sql.commitTime(of: table, version: version, by: principal)) ?? nil
                }
                try engine.load()
                for kind in kinds.withLock({ $0 }) { try engine.loadSchedules(kind) }
                slot = engine
            }
            try engine.advance(to: now)
            let result = Result { try body(engine) }
            try engine.advance(to: now)
            try engine.flush()
            defer { engine.effects = [] }
            return (result, engine.effects, engine.events.first?.at)
        }
        for effect in effects { carryOut(effect) }
        if !isVirtual { wake(at: next) }
        return try result.get()
    }

    /// Lets happen what is due, for those who look. A virtual clock's statements are waited for.
    package func catchUp() async throws {
        if isPassive { return }
        try perform { _ in }
        guard isVirtual else { return }
        for pipeline in Set(pipelineWorks.withLock { $0.values.map(\.pipeline) }).sorted() { _ = await pipelines.beginDue(pipeline) }
        await settle()
    }

    /// To be called when a workspace is opened: runs and triggers of the store go on.
    package func resume() throws {
        if isPassive { return }
        let store = workspace.jobStore
        if try store.hasWork() || hasSchedules() { try perform { _ in } }
    }

    // MARK: Time

    private func wake(at next: Int64?) {
        waker.withLock { waker in
            guard let next else {
                waker.task?.cancel()
                waker = Waker()
                return
            }
            if let deadline = waker.deadline, deadline <= next { return }
            waker.task?.cancel()
            waker.deadline = next
            let clock = workspace.environment.clock
            let (micros, overflow) = next.multipliedReportingOverflow(by: 1_000)
            waker.task = Task { [weak self] in
                try? await clock.sleep(untilMicros: overflow ? .max : micros)
                if !Task.isCancelled { self?.awake() }
            }
        }
    }

    private func awake() {
        waker.withLock { $0 = Waker() }
        // Whoever looks next sees the failure.
        _ = try? perform { _ in }
    }

    // MARK: Work

    /// Waits until no statement runs: the end of the last one wakes whoever waits. Only a statement that never ends lets the limit pass, in real time
    /// because a virtual clock stands still meanwhile; then whoever looks is told what is, instead of hanging.
    package func settle() async {
        if isBusy { await waitForWork(atMost: .seconds(30)) }
    }

    private func waitForWork(atMost limit: Duration) async {
        let number = waiters.withLock { waiters in
            waiters.next += 1
            return waiters.next
        }
        let timer = Task { [weak self] in
            do { try await Task.sleep(for: limit) } catch { return }
            self?.release(number)
        }
        await withCheckedContinuation { continuation in
            waiters.withLock { $0.all[number] = continuation }
            // The work may have ended before.
            if !isBusy { release(number) }
        }
        timer.cancel()
    }

    private var isBusy: Bool { engine.withLock { !($0?.working.isEmpty ?? true) } }

    private func release(_ number: Int) { waiters.withLock { $0.all.removeValue(forKey: number) }?.resume() }

    private func carryOut(_ effect: RunEngine.Effect) {
        switch effect {
        case .stop(let id):
            works.withLock { $0[id] }?.stop(atMicros: workspace.environment.nowMicros)
            processes.withLock { $0[id] }?.stop()
            let work = pipelineWorks.withLock { works in
                works[id]?.isStopped = true
                return works[id]
            }
            if let work, let update = work.update { Task { [pipelines] in try? await pipelines.stop(work.pipeline, update: update) } }
        case .notify(let notice): notify(notice)
        case .condition(let work):
            Task { [self] in
                let result = await evaluate(work)
                ended { try $0.conditionEvaluated(work, result) }
            }
        case .scheduled(let kind, let id, let place, let now):
            guard let known = kinds.withLock({ $0.first { $0.kind == kind } }) else { return ended { $0.scheduleDone(place) } }
            Task { [self] in
                await known.work(self, id, now)
                ended { $0.scheduleDone(place) }
            }
        case .python(let work):
            let process = LocalProcess()
            processes.withLock { $0[work.taskRun] = process }
            Task { [self] in
                let outcome = await execute(work, process)
                processes.withLock { $0[work.taskRun] = nil }
                finished(work.taskRun, outcome)
            }
        case .pipeline(let work):
            pipelineWorks.withLock { $0[work.taskRun] = (work.pipelineID, nil, false) }
            Task { [self] in
                let outcome = await execute(work)
                pipelineWorks.withLock { $0[work.taskRun] = nil }
                finished(work.taskRun, outcome)
            }
        case .sql(let work):
            let run = SQLRun()
            works.withLock { $0[work.taskRun] = run }
            Task { [self] in
                let outcome = await execute(work, run)
                works.withLock { $0[work.taskRun] = nil }
                finished(work.taskRun, outcome)
            }
        }
    }

    private func finished(_ taskRun: Int, _ outcome: SQLOutcome) { ended { try $0.finishWork(taskRun, outcome) } }

    /// Work that was handed out is over.
    private func ended(_ body: @Sendable (RunEngine) throws -> Void) {
        // A failure to write is seen by whoever looks next.
        _ = try? perform(body)
        releaseIfIdle()
    }

    /// Whether an attempt's work waits for a time to come.
    func mark(_ taskRun: Int, isWaiting: Bool) throws {
        try perform { engine in
            if isWaiting, engine.working.remove(taskRun) != nil { engine.watching.insert(taskRun) }
            if !isWaiting, engine.watching.remove(taskRun) != nil { engine.working.insert(taskRun) }
        }
        releaseIfIdle()
    }

    private func releaseIfIdle() {
        if isBusy { return }
        for waiter in waiters.withLock({ Array($0.all.keys) }) { release(waiter) }
    }
}
