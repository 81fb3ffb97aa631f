package import JSON
import Synchronization
import Warehouse
package import Workspace

/// The pipelines of a workspace: documents of the workspace's store, and their updates, which run as SQL statements.
package final class PipelinesService: Sendable {
    package static let kind = PipelineRecords.kind
    static let updateKind = "pipeline-update"
    static let eventKind = PipelineRecords.eventKind
    /// A continuous update looks for new rows this often; the service's standard for streaming queries.
    static let interval: Int64 = 5_000_000
    /// A failed update is begun again after this time. The service does not say how long it waits.
    static let retryDelay: Int64 = 60_000_000
    private static let activeStates: Set<String> = [
        "QUEUED", "CREATED", "WAITING_FOR_RESOURCES", "INITIALIZING", "RESETTING", "SETTING_UP_TABLES", "RUNNING", "STOPPING",
    ]

    package let workspace: Workspace
    let sql: SQLService
    let sources: JobsService.Sources
    private let runs = Mutex<[String: PipelineRun]>([:])

    init(workspace: Workspace, sql: SQLService, sources: @escaping JobsService.Sources) {
        self.workspace = workspace
        self.sql = sql
        self.sources = sources
    }

    deinit {
        let now = workspace.environment.nowMicros
        for run in runs.withLock({ Array($0.values) }) {
            run.statements.stop(atMicros: now)
            run.retry?.giveUp()
        }
    }

    // MARK: Pipelines

    package static func notFound(_ id: String) -> WorkspaceError {
        WorkspaceError(.resourceDoesNotExist, "The specified pipeline \(id.prefix(64)) was not found.")
    }

    package func pipeline(_ id: String) throws -> StoredResource {
        guard let pipeline = try workspace.resources.get(Self.kind, id) else { throw Self.notFound(id) }
        return pipeline
    }

    package func isContinuous(_ id: String) -> Bool { (try? workspace.resources.get(Self.kind, id))?.body["continuous"]?.boolValue ?? false }

    /// Refuses a specification that has no meaning.
    package func check(_ spec: JSONObject) throws {
        for name in ["catalog", "schema", "target"] {
            guard let text = spec[name]?.stringValue else { continue }
            guard !text.isEmpty, !text.contains(where: { " ./\\".contains($0) }), text.utf8.allSatisfy({ $0 >= 0x20 && $0 != 0x7F }) else {
                throw WorkspaceError.invalid("The \(name) '\(text.prefix(255))' is not a valid name.")
            }
        }
        if spec["target"] != nil, spec["schema"] != nil { throw WorkspaceError.invalid("Only one of 'schema' and 'target' may be given.") }
        if let key = RetryLimits.invalidKey(spec) {
            throw WorkspaceError.invalid("The value of the configuration '\(key)' must be a number that is not negative.")
        }
        if spec["storage"] != nil, spec["catalog"] != nil { throw WorkspaceError.invalid("Only one of 'catalog' and 'storage' may be given.") }
    }

    /// Refuses a name that another pipeline has. For writers: in their transaction.
    package func requireFreeName(_ spec: JSONObject, id: String?) throws {
        guard let name = spec["name"]?.stringValue else { return }
        let rivals = try workspace.resources.list(Self.kind).filter { $0.id != id && $0.body["name"]?.stringValue == name }
        guard rivals.isEmpty else {
            throw WorkspaceError(
                .resourceConflict,
                "The pipeline name '\(name.prefix(255))' is already used by another pipeline. This check can be skipped by setting `allow_duplicate_names = true` in the request."
            )
        }
    }

    package func create(_ spec: JSONObject, allowsDuplicates: Bool, by principal: Principal) throws -> StoredResource {
        try workspace.resources.insert(Self.kind, id: workspace.environment.ids.uuid(), uniqueKey: nil, owner: principal.userName, spec) {
            if !allowsDuplicates { try requireFreeName(spec, id: nil) }
        }
    }

    package func edit(_ id: String, _ spec: JSONObject, allowsDuplicates: Bool, ifUnchangedSince time: Int64?) throws {
        let changed = try workspace.resources.update(Self.kind, id) { pipeline in
            if !allowsDuplicates { try requireFreeName(spec, id: id) }
            if let time, time != pipeline.updatedAt {
                throw WorkspaceError(.resourceConflict, "The pipeline \(id) was modified after the expected time \(time).")
            }
            pipeline.body = spec
        }
        if changed == nil { throw Self.notFound(id) }
    }

    /// Ends its update and takes its tables with it.
    package func delete(_ id: String, by principal: Principal) async throws {
        _ = try pipeline(id)
        try await stop(id)
        for update in try updates(of: id) {
            for name in update.body["tables"]?.arrayValue ?? [] {
                guard let parts = name.stringValue?.split(separator: ".", maxSplits: 2).map(String.init), parts.count == 3 else { continue }
                let name = ObjectName(catalog: parts[0], schema: parts[1], name: parts[2])
                if try workspace.tables.find(name) != nil { try workspace.tables.delete(name, by: principal) }
            }
        }
        try workspace.resources.deleteAll(Self.updateKind, parent: id)
        try workspace.resources.deleteAll(Self.eventKind, parent: id)
        _ = try workspace.resources.delete(Self.kind, id)
    }

    // MARK: Updates

    /// Newest first. An update that ended with the program that ran it was cancelled by that.
    package func updates(of id: String) throws -> [StoredResource] {
        let run = runs.withLock { $0[id] }
        return try workspace.resources.list(Self.updateKind, parent: id).reversed().map { update in
            guard Self.isActive(update), run?.updateID != update.id else { return update }
            return try workspace.resources.update(Self.updateKind, update.id) { $0.body["state"] = "CANCELED" } ?? update
        }
    }

    package func update(_ updateID: String, of id: String) throws -> StoredResource {
        guard let update = try updates(of: id).first(where: { $0.id == updateID }) else {
            throw WorkspaceError(.resourceDoesNotExist, "The specified update \(updateID.prefix(64)) was not found.")
        }
        return update
    }

    package static func isActive(_ update: StoredResource) -> Bool { activeStates.contains(update.body["state"]?.stringValue ?? "") }

    /// Events of all updates, oldest first.
    package func events(of id: String) throws -> [StoredResource] { try workspace.resources.list(Self.eventKind, parent: id) }

    /// Begins an update; its id. `options`: the members of the request.
    package func start(_ id: String, _ options: JSONObject, cause: String) throws -> String {
        try start(id, options, cause: cause, attempt: 0)
    }

    /// - Parameter attempt: how many updates have failed in a row before this one, which is the next attempt at the same
    private func start(_ id: String, _ options: JSONObject, cause: String, attempt: Int) throws -> String {
        let pipeline = try pipeline(id)
        if let active = try updates(of: id).first(where: Self.isActive) {
            throw WorkspaceError(.resourceConflict, "An active update \(active.id) already exists.")
        }
        var body = options
        body["state"] = "CREATED"
        body["cause"] = .string(cause)
        body["config"] = .object(pipeline.body)
        let run = PipelineRun(workspace.environment.ids.uuid())
        // Of two that begin at once, one is told of the other.
        let (rival, overtaken) = runs.withLock { runs -> (String?, PipelineRetry?) in
            if let other = runs[id], !other.isOver { return (other.updateID, nil) }
            let overtaken = runs[id]?.retry
            runs[id] = run
            return (nil, overtaken)
        }
        overtaken?.giveUp()
        if let rival { throw WorkspaceError(.resourceConflict, "An active update \(rival) already exists.") }
        let update: StoredResource
        do {
            update = try workspace.resources.insert(Self.updateKind, id: run.updateID, uniqueKey: nil, parent: id, owner: pipeline.owner, body)
        } catch {
            run.end()
            throw error
        }
        let clock = workspace.environment.clock
        // A workspace that goes does not wait for the next round.
        Task { [weak self] in
            await self?.begin(pipeline, update, run)
            var failures = attempt
            while !run.isOver, await self?.round(pipeline, update, run) ?? false {
                failures = 0
                let next = clock.nowMicros &+ Self.interval
                run.rest(true)
                if !run.statements.isStopped { try? await clock.sleep(untilMicros: next) }
                run.rest(false)
            }
            let retry = run.isOver ? nil : self?.retry(of: pipeline, update, attempt: failures &+ 1)
            run.end(retry)
            guard let retry else { return }
            do { try await clock.sleep(untilMicros: retry.deadline) } catch { return retry.giveUp() }
            self?.begin(retry, of: id)
        }
        return run.updateID
    }

    private func begin(_ pipeline: StoredResource, _ update: StoredResource, _ run: PipelineRun) async {
        PipelineUpdate(service: self, pipeline: pipeline, update: update, run: run).begin()
    }

    private func round(_ pipeline: StoredResource, _ update: StoredResource, _ run: PipelineRun) async -> Bool {
        await PipelineUpdate(service: self, pipeline: pipeline, update: update, run: run).round()
    }

    /// What follows a failed update; nil for one that ended otherwise, or was the last one.
    private func retry(of pipeline: StoredResource, _ update: StoredResource, attempt: Int) -> PipelineRetry? {
        guard let ended = try? workspace.resources.get(Self.updateKind, update.id), ended.body["state"] == "FAILED",
            !(ended.body["validate_only"]?.boolValue ?? false), attempt <= RetryLimits(pipeline.body).updates
        else { return nil }
        let options = JSONObject(ended.body.members.filter { Self.optionNames.contains($0.name) }.map { ($0.name, $0.value) })
        return PipelineRetry(at: workspace.environment.nowMicros &+ Self.retryDelay, options, attempt: attempt)
    }

    private static let optionNames: Set<String> = ["full_refresh", "full_refresh_selection", "refresh_selection", "parameters"]

    private func begin(_ retry: PipelineRetry, of id: String) {
        guard retry.take() else { return }
        // Somebody else's update, or the pipeline's end, is in the way.
        retry.end(try? start(id, retry.options, cause: "RETRY_ON_FAILURE", attempt: retry.attempt))
    }

    /// Ends the active update, if there is one, and waits until it has ended. One that is to be begun again is not.
    package func stop(_ id: String, update: String? = nil) async throws {
        guard let run = runs.withLock({ $0[id] }), update == nil || update == run.updateID else { return }
        run.retry?.giveUp()
        guard !run.isOver else { return }
        _ = try workspace.resources.update(Self.updateKind, run.updateID) { update in
            if Self.isActive(update) { update.body["state"] = "STOPPING" }
        }
        run.statements.stop(atMicros: workspace.environment.nowMicros)
        // A continuous update may be asleep for as long as a virtual clock stands still.
        if run.isResting, let update = try workspace.resources.get(Self.updateKind, run.updateID) {
            PipelineUpdate(service: self, pipeline: try pipeline(id), update: update, run: run).cancel()
            run.end()
            return
        }
        await run.wait(forEnd: true)
    }

    /// The state in which an update ended, and what is to be done if that is a failure.
    func end(of updateID: String, _ id: String) async -> (state: String, message: String, retry: PipelineRetry?) {
        var retry: PipelineRetry?
        if let run = runs.withLock({ $0[id] }), run.updateID == updateID {
            await run.wait(forEnd: true)
            retry = run.retry
        }
        let update = try? workspace.resources.get(Self.updateKind, updateID)
        return (update?.body["state"]?.stringValue ?? "CANCELED", update?.body["error"]?.stringValue ?? "", retry)
    }

    /// With a virtual clock no time passes while an update works: whoever looks waits for it, and for one that is due after a failure.
    package func settle(_ id: String) async {
        guard workspace.environment.clock is VirtualClock else { return }
        repeat {
            guard let run = runs.withLock({ $0[id] }) else { return }
            await run.wait(forEnd: false)
        } while await beginDue(id)
    }

    /// Begins the update that is due after a failure; false if there is none.
    func beginDue(_ id: String) async -> Bool {
        guard let retry = runs.withLock({ $0[id] })?.retry, retry.isPending, retry.deadline <= workspace.environment.nowMicros else { return false }
        begin(retry, of: id)
        return await retry.update() != nil
    }
}
