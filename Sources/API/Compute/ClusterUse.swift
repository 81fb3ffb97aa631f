import JSON
import Jobs
import Warehouse
import Workspace

/// A cluster as the SQL drivers use it.
enum ClusterUse {
    /// Idle time begins anew with each call; not more often than so is it written down.
    private static let refreshMillis: Int64 = 60_000

    static func notFound(_ id: String) -> WorkspaceError {
        WorkspaceError(.resourceDoesNotExist, "No cluster found matching: \(id.prefix(256))")
    }

    /// Throws unless the cluster is up and the caller may use it. A terminated one starts by itself, if the caller may start it; while it is not up
    /// yet, the answer is 503 with the time after which to ask again.
    static func ready(_ id: String, _ call: Call) throws {
        let workspace = call.workspace
        guard let cluster = try workspace.resources.get("cluster", id) else { throw notFound(id) }
        try require("CAN_ATTACH_TO", id, call)
        let now = workspace.environment.nowMillis
        var life = ClusterLife(cluster.body)
        let timing = try workspace.warehouses.timing()
        switch life.steps.state(at: now) {
        case .running, .resizing:
            let idle = Int64(cluster.body["autotermination_minutes"]?.intValue ?? 0)
            guard idle > 0, let end = life.steps.next(after: now)?.at, end - now < min(idle, 10_000) * 60_000 - refreshMillis else { return }
            life = try change(id, call) { $0.run(from: .running, at: now, $1, .init(start: 0, stop: timing.stop)) }
        case .terminated:
            try require("CAN_RESTART", id, call)
            endWork(on: id, call)
            life = try change(id, call) { $0.run(from: .pending, at: now, $1, timing) }
            try ClustersAPI.note("STARTING", cluster, call)
        case .pending, .restarting, .terminating: break
        }
        let state = life.steps.state(at: now)
        guard state != .running, state != .resizing else { return }
        let up = life.steps.next(after: now)?.at ?? now
        throw WorkspaceError.starting("Cluster \(id)", millis: up - now)
    }

    /// What runs on a cluster that stops ends with it.
    static func endWork(on id: String, _ call: Call) {
        call.tenant.jobs.commands.end(cluster: id)
        call.tenant.sql.endStatements(of: id)
    }

    static func require(_ level: String, _ id: String, _ call: Call) throws {
        guard try call.workspace.permissions.allows(call.principal, level, on: "clusters", id) else {
            throw WorkspaceError(.permissionDenied, "\(call.principal.userName) does not have \(level) permissions on cluster \(id).")
        }
    }

    private static func change(_ id: String, _ call: Call, _ step: (inout ClusterLife, JSONObject) -> Void) throws -> ClusterLife {
        let changed = try call.workspace.resources.update("cluster", id, keepsKey: true) { stored in
            var life = ClusterLife(stored.body)
            ClusterEnforcement.settle(&stored.body, at: call.workspace.environment.nowMillis)
            step(&life, stored.body)
            life.store(in: &stored.body)
        }
        guard let changed else { throw notFound(id) }
        return ClusterLife(changed.body)
    }
}
