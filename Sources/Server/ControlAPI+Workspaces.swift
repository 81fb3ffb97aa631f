import API
import HTTPTypes
import JSON
import Workspace

/// Isolated workspaces and snapshots.
extension ControlAPI {
    func workspaces(_ request: Request) throws(WorkspaceError) -> Reply {
        guard let isolation = request.isolation else { throw Self.noIsolation(request.pipeline.backend.mode) }
        switch (request.served.method, request.path.count) {
        case (.post, 1):
            try requireAdmin(request)
            let made = try isolation.create(try order(request), from: request.compartment)
            return .json(Self.json(made, host: request.served.baseURL))
        case (.get, 1):
            try requireAdmin(request)
            return .json(["workspaces": .array(isolation.list().map { Self.json($0, host: request.served.baseURL) })])
        case (.get, 2), (.delete, 2):
            guard let id = Int(request.path[1]) else { throw .invalid("'\(request.path[1].prefix(64))' is not the id of a workspace.") }
            guard request.isAdmin || request.compartment.id == id else { throw Self.adminOnly }
            if request.served.method == .delete {
                try isolation.delete(id: id)
                return .emptyObject
            }
            guard let found = isolation.list().first(where: { $0.id == id }) else { throw Simulator.noWorkspace(id) }
            return .json(Self.json(found, host: request.served.baseURL))
        default: throw Self.noCall(request)
        }
    }

    private static let adminOnly = WorkspaceError(
        .permissionDenied, "This call needs the admin token (--token): a workspace's token is for that workspace alone.")

    private func requireAdmin(_ request: Request) throws(WorkspaceError) {
        guard request.isAdmin else { throw Self.adminOnly }
    }

    private func order(_ request: Request) throws(WorkspaceError) -> WorkspaceOrder {
        let body = try request.object(known: ["name", "snapshot", "seed"])
        var order = WorkspaceOrder(name: try Self.name(body["name"]))
        if let snapshot = body["snapshot"], !snapshot.isNull {
            guard let text = snapshot.stringValue else { throw .invalid("snapshot takes the name of a snapshot.") }
            order.snapshot = text
        }
        if let seed = body["seed"], !seed.isNull {
            guard let number = seed.intValue, number >= 0 else { throw .invalid("seed takes a whole number that is not negative.") }
            order.seed = UInt64(number)
        }
        return order
    }

    /// Names stand in paths and listings.
    private static func name(_ value: JSONValue?) throws(WorkspaceError) -> String {
        guard let value, !value.isNull else { throw .missing("name") }
        guard let name = value.stringValue, !name.isEmpty, name.utf8.count <= 200,
            name.utf8.allSatisfy({ $0 >= 0x20 && $0 != 0x7F && $0 != UInt8(ascii: "/") })
        else { throw .invalid("name takes a text of 1 to 200 bytes with neither '/' nor control characters.") }
        return name
    }

    private static func json(_ workspace: IsolatedWorkspace, host: String) -> JSONValue {
        var object = JSONObject([
            ("workspace_id", .int(workspace.id)), ("name", .string(workspace.name)), ("host", .string(host)),
        ])
        if let token = workspace.token { object["token"] = .string(token) }
        object["warehouse_id"] = workspace.warehouseID.map { .string($0) } ?? .null
        object["seed"] = .int(workspace.seed)
        return .object(object)
    }

    // MARK: Snapshots

    func snapshots(_ request: Request) throws(WorkspaceError) -> Reply {
        guard let isolation = request.isolation else { throw Self.noIsolation(request.pipeline.backend.mode) }
        let (compartment, path) = (request.compartment, request.path)
        switch (request.served.method, path.count) {
        case (.post, 1):
            let name = try Self.name(try request.object(known: ["name"])["name"])
            return .json(Self.json(try isolation.takeSnapshot(name, of: compartment)))
        case (.get, 1): return .json(["snapshots": .array(try isolation.snapshots(of: compartment).map(Self.json))])
        case (.post, 3) where path[2] == "restore":
            try isolation.restoreSnapshot(path[1], of: compartment)
            return .emptyObject
        case (.delete, 2):
            try isolation.deleteSnapshot(path[1], of: compartment)
            return .emptyObject
        default: throw Self.noCall(request)
        }
    }

    private static func json(_ snapshot: SnapshotInfo) -> JSONValue {
        ["name": .string(snapshot.name), "at": .string(ControlClock.text(snapshot.at))]
    }
}
