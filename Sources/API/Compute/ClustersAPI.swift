import HTTPTypes
import JSON
import Warehouse
import Workspace

/// Clusters: `/api/2.1/clusters`. They have every state by the workspace's clock, and compute nothing.
package enum ClustersAPI: APIGroup {
    static let path = "/api/2.1/clusters/"
    static let older = "/api/2.0/clusters/"

    static let cluster = Resource("cluster", "Cluster", schema: "compute.ClusterDetails", id: "cluster_id", .given).with {
        $0.access = .permissions("clusters")
        // The service answers so, with status 400.
        $0.missing = .invalidParameterValue
        $0.children = ["cluster-event", "cluster-library"]
        $0.stamps = [("creator_user_name", .owner), ("start_time", .createdMillis)]
        $0.show = ClusterView.complete
    }

    package static let operations: [Operation] = [
        create, edit, update, get, list, permanentDelete, events, changeOwner, nodeTypes, zones, sparkVersions,
        action("clusters.start", "start", "CAN_RESTART", event: "STARTING") { life, object, now, timing in
            try require(life, [.terminated], at: now, object)
            life.run(from: .pending, at: now, object, timing)
        },
        action("clusters.restart", "restart", "CAN_RESTART", event: "RESTARTING") { life, object, now, timing in
            try require(life, [.running, .resizing], at: now, object)
            object["last_restarted_time"] = .int(now)
            ClusterEnforcement.restarted(&object)
            life.run(from: .restarting, at: now, object, timing)
        },
        action("clusters.delete", "delete", "CAN_RESTART", event: "TERMINATING") { life, object, now, timing in
            switch life.steps.state(at: now) {
            case .terminated, .terminating: break
            default:
                life.terminate(at: now, timing)
                object["_ended"] = "USER_REQUEST"
            }
        },
        action("clusters.pin", "pin", "CAN_MANAGE", event: "PINNED", admin: true) { _, object, _, _ in object[ClusterLife.pinnedMember] = true },
        action("clusters.unpin", "unpin", "CAN_MANAGE", event: "UNPINNED", admin: true) { _, object, _, _ in object[ClusterLife.pinnedMember] = nil },
        resize,
    ]

    // MARK: Making and changing

    static let create = Operation(
        "clusters.create", .post, path + "create", aliases: [older + "create"], limits: "a cluster has its states, and runs nothing"
    ) { call -> JSONValue in
        var object = try call.contractBody(.post, path + "create")
        object["clone_from"] = nil
        try ClusterRules.check(&object, call)
        let workspace = call.workspace
        let now = workspace.environment.nowMillis
        object["cluster_id"] = .string(ClusterRules.makeID(workspace))
        if object["cluster_name"] == nil { object["cluster_name"] = "" }
        object["cluster_source"] = "API"
        ClusterLife(startingAt: now, object, try workspace.warehouses.timing()).store(in: &object)
        let made = try workspace.resources.insert(cluster, object, call)
        try note("CREATING", made, call)
        return ["cluster_id": .string(made.id)]
    }

    static let edit = Operation("clusters.edit", .post, path + "edit", aliases: [older + "edit"]) { call -> Void in
        var new = try call.contractBody(.post, path + "edit")
        try ClusterRules.check(&new, call)
        try change(call, "CAN_MANAGE", new, event: "EDITED") { life, object, now, timing in
            try require(life, [.running, .terminated], at: now, object)
            for (name, value) in object.members where name.hasPrefix("_") || ["cluster_source", "cluster_name"].contains(name) {
                if new[name] == nil { new[name] = value }
            }
            object = new
            ClusterEnforcement.forget(&object)
            if life.steps.state(at: now) == .running { life.run(from: .restarting, at: now, object, timing) }
        }
    }

    static let update = Operation("clusters.update", .post, path + "update", aliases: [older + "update"]) { call -> Void in
        let body = try call.contractBody(.post, path + "update")
        let new = body["cluster"]?.objectValue ?? JSONObject()
        let mask = (body["update_mask"]?.stringValue ?? "").split(separator: ",").map { String($0.trimmingSpaces()) }
        try change(call, "CAN_MANAGE", body, event: "EDITED") { life, object, now, timing in
            try require(life, [.running, .terminated], at: now, object)
            for path in mask {
                guard let name = path.split(separator: ".").first.map(String.init) else { continue }
                guard case .object(let fields)? = Contract.schema("compute.UpdateClusterResource"), fields.contains(where: { $0.name == name }) else {
                    throw WorkspaceError.invalid("Invalid field in update_mask: '\(path.prefix(64))'.")
                }
                object[name] = new[name]
            }
            if mask.contains("num_workers") { object["autoscale"] = nil }
            if mask.contains("autoscale") { object["num_workers"] = nil }
            try ClusterRules.check(&object, call)
            ClusterEnforcement.forget(&object)
            if life.steps.state(at: now) == .running { life.run(from: .restarting, at: now, object, timing) }
        }
    }

    static let resize = Operation("clusters.resize", .post, path + "resize", aliases: [older + "resize"]) { call -> Void in
        let body = try call.contractBody(.post, path + "resize")
        guard (body["num_workers"] == nil) != (body["autoscale"] == nil) else {
            throw WorkspaceError.invalid("Exactly one of num_workers and autoscale must be specified.")
        }
        try change(call, "CAN_RESTART", body, event: "RESIZING") { life, object, now, timing in
            try require(life, [.running], at: now, object)
            object["num_workers"] = body["num_workers"]
            object["autoscale"] = body["autoscale"]
            try ClusterRules.check(&object, call)
            life.run(from: .resizing, at: now, object, timing)
        }
    }

    static let changeOwner = Operation("clusters.change_owner", .post, path + "change-owner", aliases: [older + "change-owner"]) { call -> Void in
        let body = try call.contractBody(.post, path + "change-owner")
        guard call.principal.isAdmin else { throw WorkspaceError(.permissionDenied, "Only workspace administrators can change a cluster's owner.") }
        let resource = try cluster.existing(call, .write, body)
        let name = body["owner_username"]?.stringValue ?? ""
        guard try call.workspace.identityID(of: name) != nil else { throw WorkspaceError.invalid("User \(name.prefix(128)) does not exist.") }
        let now = call.workspace.environment.nowMillis
        _ = try call.workspace.resources.update(cluster, resource.id, call) { stored in
            try require(ClusterLife(stored.body), [.terminated], at: now, stored.body)
            stored.owner = name
        }
    }

    static let permanentDelete = Operation(
        "clusters.permanent_delete", .post, path + "permanent-delete", aliases: [older + "permanent-delete"]
    ) { call -> Void in
        let resource = try cluster.existing(call, .write, try call.contractBody(.post, path + "permanent-delete"))
        _ = try call.workspace.resources.delete("cluster", resource.id)
        ClusterUse.endWork(on: resource.id, call)
        for child in cluster.children { try call.workspace.resources.deleteAll(child, parent: resource.id) }
        try call.workspace.permissions.forget("clusters", resource.id)
    }

    private typealias Step = @Sendable (inout ClusterLife, inout JSONObject, Int64, Warehouses.Timing) throws -> Void

    private static func action(
        _ id: String, _ name: String, _ level: String, event: String, admin: Bool = false, _ step: @escaping Step
    ) -> Operation {
        Operation(id, .post, path + name, aliases: [older + name]) { call -> Void in
            if admin, !call.principal.isAdmin { throw WorkspaceError(.permissionDenied, "Only workspace administrators can \(name) clusters.") }
            let id = try change(call, level, try call.contractBody(.post, path + name), event: event, step)
            // What SQL drivers and commands have running there ends with it.
            if name == "delete" || name == "restart" { ClusterUse.endWork(on: id, call) }
        }
    }

    @discardableResult
    private static func change(
        _ call: Call, _ level: String, _ body: JSONObject, event: String,
        _ step: (inout ClusterLife, inout JSONObject, Int64, Warehouses.Timing) throws -> Void
    ) throws -> String {
        let resource = try cluster.existing(call, .read, body)
        guard try call.workspace.permissions.allows(call.principal, level, on: "clusters", resource.id) else {
            throw WorkspaceError(
                .permissionDenied, "\(call.principal.userName) does not have \(level) permissions on cluster \(resource.id).")
        }
        let now = call.workspace.environment.nowMillis
        let timing = try call.workspace.warehouses.timing()
        let changed = try call.workspace.resources.update(cluster, resource.id, call) { stored in
            var life = ClusterLife(stored.body)
            ClusterEnforcement.settle(&stored.body, at: now)
            try step(&life, &stored.body, now, timing)
            stored.body["cluster_id"] = .string(stored.id)
            life.store(in: &stored.body)
        }
        try note(event, changed, call)
        return changed.id
    }

    private static func require(_ life: ClusterLife, _ states: [ClusterState], at now: Int64, _ object: JSONObject) throws {
        let state = life.steps.state(at: now)
        guard !states.contains(state) else { return }
        let id = object["cluster_id"]?.stringValue ?? ""
        let name = state.rawValue.prefix(1) + state.rawValue.dropFirst().lowercased()
        throw WorkspaceError(.invalidState, "Cluster \(id) is in unexpected state \(name).")
    }

    // MARK: Reading

    static let get = Operation("clusters.get", .get, path + "get", aliases: [older + "get"]) { call -> JSONValue in
        _ = try call.contractBody(.get, path + "get")
        return try cluster.shown(try cluster.existing(call, .read, JSONObject()), call)
    }

    static let list = Operation("clusters.list", .get, path + "list", aliases: [older + "list"]) { call -> JSONValue in
        _ = try call.contractBody(.get, path + "list")
        let now = call.workspace.environment.nowMillis
        let states = Set(call.query.all("filter_by.cluster_states"))
        let policy = call.query.string("filter_by.policy_id")
        let pinned = try call.query.bool("filter_by.is_pinned")
        let rows = try call.workspace.resources.list("cluster").filter { row in
            try cluster.isAllowed(.read, row, call)
                && (states.isEmpty || states.contains(ClusterLife(row.body).steps.state(at: now).rawValue))
                && (policy == nil || row.body["policy_id"]?.stringValue == policy)
                && (pinned == nil || (row.body[ClusterLife.pinnedMember] == true) == pinned)
        }
        let page = try RowPage(call, rows, scope: "clusters")
        return .object(try page.reply("clusters", backward: true) { try cluster.shown($0, call) })
    }

    static let nodeTypes = Operation("clusters.list_node_types", .get, path + "list-node-types", aliases: [older + "list-node-types"]) {
        _ -> JSONValue in ["node_types": ClusterView.nodeTypes]
    }

    static let zones = Operation("clusters.list_zones", .get, path + "list-zones", aliases: [older + "list-zones"]) { _ -> JSONValue in
        ["zones": ["us-west-2a", "us-west-2b", "us-west-2c"], "default_zone": "us-west-2a"]
    }

    static let sparkVersions = Operation("clusters.spark_versions", .get, path + "spark-versions", aliases: [older + "spark-versions"]) {
        _ -> JSONValue in ["versions": ClusterView.sparkVersions]
    }

    // MARK: Events

    static func note(_ type: String, _ resource: StoredResource, _ call: Call) throws {
        let now = call.workspace.environment.nowMillis
        _ = try call.workspace.resources.insert(
            "cluster-event", id: call.workspace.environment.ids.uuid(), uniqueKey: nil, parent: resource.id, owner: call.principal.userName,
            JSONObject([
                ("cluster_id", .string(resource.id)), ("timestamp", .int(now)), ("type", .string(type)),
                ("details", ["user": .string(call.principal.userName)]),
            ]))
    }

    static let events = Operation(
        "clusters.events", .post, path + "events", aliases: [older + "events"],
        limits: "what callers did to a cluster; states reached by time alone have no event"
    ) { call -> JSONValue in
        let body = try call.contractBody(.post, path + "events")
        let resource = try cluster.existing(call, .read, body)
        let limit = body["limit"]?.intValue ?? 50
        let offset = body["offset"]?.intValue ?? 0
        guard (0...500).contains(limit), offset >= 0 else { throw WorkspaceError.invalid("limit must be between 0 and 500, offset not negative.") }
        // What is outside of the range is brought to its ends.
        let size = min(500, max(0, body["page_size"]?.intValue ?? 0))
        let token = body["page_token"]?.stringValue
        let from = body["start_time"]?.intValue ?? 0
        let until = body["end_time"]?.intValue ?? .max
        let types = Set((body["event_types"]?.arrayValue ?? []).compactMap(\.stringValue))
        var rows = try call.workspace.resources.list("cluster-event", parent: resource.id).filter { row in
            let time = row.body["timestamp"]?.intValue ?? 0
            return time >= from && time <= until && (types.isEmpty || types.contains(row.body["type"]?.stringValue ?? ""))
        }
        if body["order"]?.stringValue != "ASC" { rows.reverse() }
        let page = try RowPage(
            rows, scope: "cluster-events \(resource.id) \(body["order"]?.stringValue ?? "DESC")", token: token,
            limit: size > 0 ? size : limit > 0 ? limit : 50, offset: offset, id: \.id)
        var reply = page.reply("events", backward: true) { .object($0.body) }
        if let next = reply["next_page_token"] {
            var request = body
            request["cluster_id"] = .string(resource.id)
            if token != nil || body["page_size"] != nil {
                request["page_token"] = next
                request["offset"] = nil
            } else {
                request["offset"] = .int(offset + page.count)
                request["limit"] = .int(page.count)
            }
            reply["next_page"] = .object(request)
        }
        reply["total_count"] = .int(rows.count)
        return .object(reply)
    }
}
