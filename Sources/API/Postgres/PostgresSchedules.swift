import HTTPTypes
import JSON
import Workspace

/// When snapshots of a branch are taken by themselves. They are there when somebody looks, as of the times at which they were due.
enum PostgresSchedules {
    static let operations = [get, update]

    private static let path = "projects/{project_id}/branches/{branch_id}/snapshot-schedule"
    private static let dayMillis: Int64 = 86_400_000
    /// A longer retention is refused, so that a clock that jumps makes no more than so many days' snapshots.
    private static let longestDays: Int64 = 3650
    private static let mostCadences = 100
    private static let weekdays = ["SUNDAY", "MONDAY", "TUESDAY", "WEDNESDAY", "THURSDAY", "FRIDAY", "SATURDAY"]

    private static let get = PostgresAPI.operation("get_snapshot_schedule", .get, path) { tree, _ in
        let branch = try tree.branch(.use)
        let stored = try tree.store.get(PostgresKind.schedule.stored, PostgresTree.name(.schedule, "", of: branch.id))
        return shown(stored?.body["schedule"], of: branch)
    }

    private static let rules = PostgresMask.Rules(leaves: ["schedule"], root: "")

    private static let update = PostgresAPI.operation(
        "update_snapshot_schedule", .patch, path, limits: "at most \(mostCadences) cadences, and \(longestDays) days' retention"
    ) { tree, body in
        let branch = try tree.branch(.manage)
        _ = try PostgresMask(tree.call, body, rules)
        let schedule = body["schedule"] ?? []
        guard schedule.arrayValue?.count ?? 0 <= mostCadences else {
            throw WorkspaceError.invalid("schedule must have at most \(mostCadences) entries.")
        }
        for (position, cadence) in (schedule.arrayValue ?? []).enumerated() { try check(cadence, "schedule[\(position)]") }
        let name = PostgresTree.name(.schedule, "", of: branch.id)
        let new = JSONObject([("schedule", schedule), ("taken_until", .int(tree.now))])
        if let old = try tree.store.get(PostgresKind.schedule.stored, name) {
            _ = try tree.change(.schedule, old) { $0 = new }
        } else {
            _ = try tree.insert(.schedule, "", of: branch.id, new)
        }
        return try PostgresLongRunning.begin(.schedule, name, result: shown(schedule, of: branch), tree)
    }

    private static func shown(_ schedule: JSONValue?, of branch: StoredResource) -> JSONObject {
        JSONObject([("name", .string(PostgresTree.name(.schedule, "", of: branch.id))), ("schedule", schedule ?? [])])
    }

    private static func check(_ cadence: JSONValue, _ place: String) throws {
        let given = ["daily_schedule", "monthly_schedule", "weekly_schedule"].filter { cadence[$0] != nil }
        guard given.count == 1, let plan = given.first.flatMap({ cadence[$0] }) else {
            throw WorkspaceError.invalid("\(place) must have exactly one of daily_schedule, weekly_schedule and monthly_schedule.")
        }
        guard try PostgresDuration.checked(cadence["retention"], place + ".retention", 3600...(longestDays * 86_400)) != nil else {
            throw WorkspaceError.missing(place + ".retention")
        }
        guard (0...23).contains(plan["hour"]?.intValue ?? 0) else { throw WorkspaceError.invalid("\(place): hour must be between 0 and 23.") }
        if given == ["monthly_schedule"], !(1...31).contains(plan["day"]?.intValue ?? 0) {
            throw WorkspaceError.invalid("\(place): day must be between 1 and 31.")
        }
        if given == ["weekly_schedule"], plan["day_of_week"]?.stringValue == nil {
            throw WorkspaceError.missing(place + ".weekly_schedule.day_of_week")
        }
    }

    // MARK: Taking

    /// Takes the snapshots that were due since the last look, up to a time; those that have expired since are left out.
    static func takeDue(_ branch: StoredResource, until end: Int64, _ tree: PostgresTree) throws {
        guard let stored = try tree.store.get(PostgresKind.schedule.stored, PostgresTree.name(.schedule, "", of: branch.id)),
            let begin = stored.millis("taken_until"), begin < end
        else { return }
        let due = due(stored.body["schedule"]?.arrayValue ?? [], after: begin, until: end, now: tree.now)
        guard let last = due.last else { return }
        _ = try tree.change(.schedule, stored, touches: false) { $0["taken_until"] = .int(last.time) }
        let contents = try PostgresContents(of: branch, at: nil, tree)
        for (time, expireAt) in due where expireAt > tree.now {
            let id = "auto-" + tree.call.workspace.environment.ids.hex16()
            _ = try PostgresSnapshots.make(id, of: branch, contents, created: time, expireAt: expireAt, tree)
        }
    }

    /// The times at which snapshots are due, in order, with the ends of their lives: the longest one where several cadences meet.
    static func due(_ schedule: [JSONValue], after begin: Int64, until end: Int64, now: Int64) -> [(time: Int64, expireAt: Int64)] {
        let cadences = schedule.map { (plan: $0, retention: $0["retention"]?.stringValue.flatMap(PostgresDuration.millis) ?? 0) }
        let longest = min(cadences.map(\.retention).max() ?? 0, longestDays * dayMillis)
        // What was due earlier is gone by now.
        let first = max(begin, now &- longest &- dayMillis)
        guard longest > 0, first < end else { return [] }
        var found: [Int64: Int64] = [:]
        for day in (first / dayMillis)...(end / dayMillis) {
            for (plan, retention) in cadences {
                guard let hour = hour(plan, on: day) else { continue }
                let time = day * dayMillis + hour * 3_600_000
                if time > begin, time <= end { found[time] = max(found[time] ?? 0, time &+ retention) }
            }
        }
        return found.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
    }

    /// The hour of this day at which a cadence takes a snapshot; nil if it takes none. `day`: days since 1970-01-01, a Thursday.
    private static func hour(_ cadence: JSONValue, on day: Int64) -> Int64? {
        if let plan = cadence["daily_schedule"] { return Int64(plan["hour"]?.intValue ?? 0) }
        if let plan = cadence["weekly_schedule"] {
            let name = weekdays[Int(((day + 4) % 7 + 7) % 7)]
            return plan["day_of_week"]?.stringValue == name ? Int64(plan["hour"]?.intValue ?? 0) : nil
        }
        guard let plan = cadence["monthly_schedule"], let wanted = plan["day"]?.intValue else { return nil }
        let today = dayOfMonth(day)
        // In shorter months the last day stands for the missing ones.
        guard today == wanted || today < wanted && dayOfMonth(day + 1) == 1 else { return nil }
        return Int64(plan["hour"]?.intValue ?? 0)
    }

    private static func dayOfMonth(_ day: Int64) -> Int {
        Int(RFC3339.text(millis: day * dayMillis).prefix(10).suffix(2)) ?? 0
    }
}
