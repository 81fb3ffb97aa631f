import HTTPTypes
import JSON
import Warehouse
import Workspace

/// Brings clusters into line with their policies: at once, or when they end or restart.
enum ClusterEnforcement {
    /// What waits for the end of a cluster, among the members of its document.
    private static let pending = "_pending"
    private static let root = "/api/2.0/policies/clusters/"

    static func policy(_ object: JSONObject, _ call: Call) throws -> ClusterPolicy? {
        guard let id = object["policy_id"]?.stringValue, let policy = try call.workspace.resources.get("cluster-policy", id) else { return nil }
        return ClusterPolicy(policy.body["definition"]?.stringValue ?? "{}")
    }

    // MARK: What waits

    /// A cluster that has ended since is what the enforcement made of it.
    static func settle(_ object: inout JSONObject, at now: Int64) {
        guard let waiting = object[pending]?.objectValue else { return }
        guard ClusterLife(object).steps.state(at: now) == .terminated else { return }
        apply(waiting, to: &object)
    }

    /// A restart is an end, too.
    static func restarted(_ object: inout JSONObject) {
        if let waiting = object[pending]?.objectValue { apply(waiting, to: &object) }
    }

    /// A cluster that is edited has been held against its policy.
    static func forget(_ object: inout JSONObject) { object[pending] = nil }

    private static func apply(_ waiting: JSONObject, to object: inout JSONObject) {
        for name in waiting["removed"]?.arrayValue ?? [] { name.stringValue.map { object[$0] = nil } }
        for (name, value) in waiting["set"]?.objectValue?.members ?? [] { object[name] = value }
        object[pending] = nil
    }

    static func shown(_ object: JSONObject) -> JSONValue? {
        guard let waiting = object[pending] else { return nil }
        var target = object
        restarted(&target)
        var shown = JSONObject([
            ("enforcement_status", "ACTIVE"), ("target_changes", waiting["changes"] ?? []),
            ("target_spec", Contract.known(.object(target), .named("compute.EnforcePolicyComplianceForClusterResponseClusterSettings"))),
        ])
        for name in ["initiate_time", "initiator_user"] { shown[name] = waiting[name] }
        return .object(shown)
    }

    // MARK: Changes

    /// The members that differ, by name: `prefix` stands before each.
    static func changes(from old: JSONObject, to new: JSONObject, prefix: String = "") -> [JSONValue] {
        Set(new.names + old.names).sorted().filter { new[$0] != old[$0] }.map { name in
            ["field": .string(prefix + name), "previous_value": .string(text(old[name])), "new_value": .string(text(new[name]))]
        }
    }

    private static func text(_ value: JSONValue?) -> String {
        guard let value else { return "" }
        return value.scalar ?? value.text
    }

    static let enforce = Operation("clusters.policy_compliance.enforce_compliance", .post, root + "enforce-compliance") { call -> JSONValue in
        let body = try call.contractBody(.post, root + "enforce-compliance")
        let cluster = try ClustersAPI.cluster.existing(call, .write, body)
        let now = call.workspace.environment.nowMillis
        let waits = body["enforce_mode"] == "WAIT_FOR_TERMINATION"
        if waits, !call.principal.isAdmin {
            throw WorkspaceError(.permissionDenied, "Only workspace administrators can let an enforcement wait for a cluster's termination.")
        }
        var current = cluster.body
        settle(&current, at: now)
        guard let policy = try policy(current, call) else { return ["has_changes": false, "enforce_result": "NO_CHANGES"] }
        let fixed = try policy.enforced(current)
        guard fixed != current else { return ["has_changes": false, "enforce_result": "NO_CHANGES"] }
        let changes = JSONValue.array(changes(from: current, to: fixed))
        if body["validate_only"] == true { return ["has_changes": true, "changes": changes] }
        let state = ClusterLife(current).steps.state(at: now)
        let isDeferred = waits && state != .terminated
        guard isDeferred || state == .terminated || state == .running else {
            throw WorkspaceError(.invalidState, "Cluster \(cluster.id) is in unexpected state \(state.rawValue).")
        }
        let timing = try call.workspace.warehouses.timing()
        let changed = try call.workspace.resources.update(ClustersAPI.cluster, cluster.id, call) { stored in
            if isDeferred {
                stored.body[pending] = [
                    "set": .members(fixed.members.filter { current[$0.name] != $0.value }.map { ($0.name, $0.value) }),
                    "removed": .array(current.names.filter { fixed[$0] == nil }.map { .string($0) }), "changes": changes,
                    "initiate_time": .string(RFC3339.text(millis: now)), "initiator_user": .string(call.principal.userName),
                ]
                return
            }
            stored.body = fixed
            guard state == .running else { return }
            var life = ClusterLife(stored.body)
            life.run(from: .restarting, at: now, stored.body, timing)
            life.store(in: &stored.body)
        }
        if !isDeferred {
            try ClustersAPI.note("EDITED", changed, call)
            if state == .running { call.tenant.sql.endStatements(of: cluster.id) }
        }
        return ["has_changes": true, "changes": changes, "enforce_result": isDeferred ? "DEFERRED" : "APPLIED"]
    }

    private static let cancelPath = "/api/2.0/policies/clusters:cancelPendingClusterEnforcement"

    static let cancel = Operation("clusters.policy_compliance.cancel_pending_cluster_enforcement", .post, cancelPath) { call -> Void in
        let body = try call.contractBody(.post, cancelPath)
        guard call.principal.isAdmin else {
            throw WorkspaceError(.permissionDenied, "Only workspace administrators can cancel pending enforcements.")
        }
        let cluster = try ClustersAPI.cluster.existing(call, .write, body)
        let now = call.workspace.environment.nowMillis
        _ = try call.workspace.resources.update(ClustersAPI.cluster, cluster.id, call) { stored in
            settle(&stored.body, at: now)
            guard stored.body[pending] != nil else {
                if body["allow_missing"] == true { return }
                throw WorkspaceError(.resourceDoesNotExist, "Cluster \(cluster.id) has no pending enforcement.")
            }
            guard ClusterLife(stored.body).steps.state(at: now) != .terminating else {
                throw WorkspaceError(.invalidState, "Cluster \(cluster.id) is in unexpected state TERMINATING.")
            }
            forget(&stored.body)
        }
    }
}
