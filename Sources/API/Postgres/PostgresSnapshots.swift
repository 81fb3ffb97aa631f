import HTTPTypes
import JSON
import Workspace

/// Snapshots of a project's branches: what a branch passes on, kept beyond it.
enum PostgresSnapshots {
    static let operations = [create, get, list, delete]

    private static let path = "projects/{project_id}/snapshots"

    private static let create = PostgresAPI.operation(
        "create_snapshot", .post, path, limits: "roles and databases are kept, and no data; no positions in a log (LSN)"
    ) { tree, body in
        let project = try tree.project(.manage)
        let id = try PostgresNames.id(tree.call.query.string("snapshot_id"), "snapshot_id")
        let spec = body["spec"]?.objectValue ?? JSONObject()
        let expiration = try PostgresExpiration(spec, created: tree.now, now: tree.now)
        let name = try PostgresNames.required(spec["source_branch"]?.stringValue, "snapshot.spec.source_branch")
        let source = try tree.branch(named: name, "snapshot.spec.source_branch", .manage)
        guard source.parent == project.id else { throw tree.notFound(.branch) }
        let time = try PostgresBranches.moment(spec, of: source, in: project, tree)
        let snapshot = try make(id, of: source, PostgresContents(of: source, at: time, tree), expireAt: expiration.time, tree)
        return try PostgresLongRunning.begin(.snapshot, snapshot.id, result: shown(snapshot, tree), tree)
    }

    private static let get = PostgresAPI.operation("get_snapshot", .get, path + "/{snapshot_id}") { tree, _ in
        shown(try tree.child(.snapshot, parameter: "snapshot_id", of: tree.project(.use)), tree)
    }

    private static let list = PostgresAPI.operation("list_snapshots", .get, path) { tree, _ in
        let project = try tree.project(.use)
        return try tree.page("snapshots", of: project.id, tree.children(.snapshot, of: project.id)) { shown($0, tree) }
    }

    private static let delete = PostgresAPI.operation("delete_snapshot", .delete, path + "/{snapshot_id}") { tree, _ in
        let snapshot = try tree.child(.snapshot, parameter: "snapshot_id", of: tree.project(.manage))
        try tree.remove(.snapshot, snapshot.id)
        return try PostgresLongRunning.begin(.snapshot, snapshot.id, result: nil, tree)
    }

    /// `created`: when it was taken, if that was before this call. `expireAt`: nil for never.
    static func make(
        _ id: String, of branch: StoredResource, _ contents: PostgresContents, created: Int64? = nil, expireAt: Int64?, _ tree: PostgresTree
    ) throws -> StoredResource {
        var body = JSONObject(contents.stored + [("uid", .string(tree.call.workspace.environment.ids.uuid())), ("source", .string(branch.id))])
        if let created { body["created"] = .int(created) }
        if let expireAt { body["expire_at"] = .int(expireAt) }
        return try tree.insert(.snapshot, id, of: branch.parent, owner: created == nil ? nil : branch.owner, body)
    }

    private static func shown(_ snapshot: StoredResource, _ tree: PostgresTree) -> JSONObject {
        var status = JSONObject([("source_branch", snapshot.body["source"] ?? .null), ("full_size_bytes", 0)])
        if let time = snapshot.expireAt {
            status["expire_time"] = .string(RFC3339.text(millis: time))
            status["no_expiry"] = false
        } else {
            status["no_expiry"] = true
        }
        return tree.shown(.snapshot, snapshot, status: status)
    }
}
