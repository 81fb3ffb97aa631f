import HTTPTypes
import JSON
import Workspace

enum ClusterState: String, Sendable, Hashable {
    case pending = "PENDING"
    case running = "RUNNING"
    case restarting = "RESTARTING"
    case resizing = "RESIZING"
    case terminating = "TERMINATING"
    case terminated = "TERMINATED"
}

/// What a cluster is at a moment: kept among the members of its document, under names that the contract does not have and that are never shown.
struct ClusterLife {
    static let member = "_life"
    static let pinnedMember = "_pinned"

    var steps: Lifecycle<ClusterState>

    init(_ object: JSONObject) {
        steps = object[Self.member]?.stringValue.flatMap(Lifecycle.init(text:)) ?? Lifecycle(.terminated, at: 0)
    }

    init(startingAt now: Int64, _ object: JSONObject, _ timing: Warehouses.Timing) {
        steps = Lifecycle(.terminated, at: now)
        run(from: .pending, at: now, object, timing)
    }

    /// Running after the time that it takes, and terminated by itself after the idle time: nothing runs on a simulated cluster.
    mutating func run(from state: ClusterState, at now: Int64, _ object: JSONObject, _ timing: Warehouses.Timing) {
        let minutes = Int64(object["autotermination_minutes"]?.intValue ?? 0)
        let idle: [(state: ClusterState, after: Int64)] =
            minutes > 0 ? [(.terminating, min(minutes, 10_000) * 60_000), (.terminated, timing.stop)] : []
        steps.enter(state, at: now, then: [(.running, timing.start)] + idle)
    }

    mutating func terminate(at now: Int64, _ timing: Warehouses.Timing) {
        steps.enter(.terminating, at: now, then: [(.terminated, timing.stop)])
    }

    func store(in object: inout JSONObject) { object[Self.member] = .string(steps.text) }
}
