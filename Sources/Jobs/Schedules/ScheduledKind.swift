package import SparkFunctions
import Synchronization
package import Workspace

/// When the workspace's clock begins work that is no run of a job.
package enum ScheduleTiming: Sendable {
    case cron(QuartzCron, SessionTimeZone)
    /// After changes of what is watched, as this user sees it.
    case watch(TriggerWatch, runAs: String)
}

extension ScheduleTiming {
    /// - Parameter field: the expression's name in requests, for the message of one that is wrong.
    package init(cron text: String, _ field: String, zone zoneID: String) throws(WorkspaceError) {
        guard let cron = QuartzCron(text) else { throw .invalid("Invalid \(field): \(text.prefix(256)).") }
        guard let zone = SessionTimeZone(zoneID) else { throw .invalid("Invalid timezone_id: \(zoneID.prefix(64)).") }
        self = .cron(cron, zone)
    }
}

/// A kind of documents with schedules of their own, such as alerts.
package struct ScheduledKind: Sendable {
    package typealias Work = @Sendable (_ service: JobsService, _ id: String, _ now: Int64) async -> Void

    let kind: String
    let timing: @Sendable (StoredResource) -> ScheduleTiming?
    let work: Work

    /// - Parameters:
    ///   - timing: nil for a document without a schedule, and for one whose schedule is paused.
    ///   - work: what is due; `now` is the time at which it was due, in milliseconds since 1970-01-01 UTC.
    package init(_ kind: String, timing: @escaping @Sendable (StoredResource) -> ScheduleTiming?, work: @escaping Work) {
        self.kind = kind
        self.timing = timing
        self.work = work
    }
}

/// A document's schedule in force.
struct ScheduleState {
    let kind: String
    let id: String
    let timing: ScheduleTiming
    let stamp: Int
    /// Nil until the first look.
    var watched: WatchState?
}

extension RunEngine {
    /// Puts the schedule of a document in force, as it is now; a document that is gone has none any more.
    func reschedule(_ kind: String, _ id: String) throws {
        if let known = schedules.first(where: { $0.value.kind == kind && $0.value.id == id }) { schedules[known.key] = nil }
        if let document = try resources.get(kind, id) { schedule(document) }
    }

    func schedule(_ document: StoredResource) {
        guard let timing = scheduledKinds[document.kind]?.timing(document) else { return }
        let next: Int64?
        switch timing {
        case .cron(let cron, let zone): next = cron.next(after: now, in: zone)
        // What is there at the beginning is looked at at once.
        case .watch: next = now
        }
        guard let next else { return }
        // A stamp must not come again.
        scheduleStamp += 1
        let place = Int(clamping: document.position)
        schedules[place] = ScheduleState(kind: document.kind, id: document.id, timing: timing, stamp: scheduleStamp)
        events.add(.scheduled, place, at: next, stamp: scheduleStamp)
    }

    /// All documents of a kind, when it becomes known.
    func loadSchedules(_ kind: ScheduledKind) throws {
        scheduledKinds[kind.kind] = kind
        for document in try resources.list(kind.kind) { schedule(document) }
    }

    func fireSchedule(_ place: Int, _ stamp: Int) throws {
        guard var state = schedules[place], state.stamp == stamp else { return }
        var isDue = true
        switch state.timing {
        case .cron(let cron, let zone):
            if let next = cron.next(after: now, in: zone) { events.add(.scheduled, place, at: next, stamp: stamp) }
        case .watch(let watch, let runAs):
            events.add(.scheduled, place, at: now + TriggerWatch.interval, stamp: stamp)
            guard let sight = observe(watch, state.watched?.latest, runAs) else { return }
            isDue = state.watched != nil
            var watched = state.watched ?? WatchState(sight)
            if isDue { isDue = watched.fires(watch, sight, at: now) }
            state.watched = watched
            schedules[place] = state
        }
        // What is still being done is not begun once more.
        guard isDue, working.insert(Self.scheduledWork(place)).inserted else { return }
        effects.append(.scheduled(kind: state.kind, id: state.id, place: place, now: now))
    }

    func scheduleDone(_ place: Int) { working.remove(Self.scheduledWork(place)) }

    /// Other work has ids that are nearer to zero.
    private static func scheduledWork(_ place: Int) -> Int { Int.min + place }
}

extension JobsService {
    /// Makes a kind of documents known whose schedules are kept from now on.
    package func register(_ kind: ScheduledKind) {
        kinds.withLock { $0.append(kind) }
    }

    /// To be called when a document with a schedule was made, changed or deleted.
    package func scheduleChanged(_ kind: String, _ id: String) throws { try perform { try $0.reschedule(kind, id) } }

    func hasSchedules() throws -> Bool {
        try kinds.withLock { $0 }.contains { try !workspace.resources.list($0.kind, limit: 1).isEmpty }
    }
}
