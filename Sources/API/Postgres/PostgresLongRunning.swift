import HTTPTypes
import JSON
import Workspace

/// Operations that take time: each change answers with one, and clients poll it until it is `done`. The change itself is there at once, in the state
/// that it begins with; the operation ends when the workspace's clock has reached the last of its states.
enum PostgresLongRunning {
    private static let types = "type.googleapis.com/databricks.postgres.v1."

    /// Begins an operation on an object. `result`: the object as it is when the operation ends; nil if it is gone.
    static func begin(_ kind: PostgresKind, _ name: String, result: JSONObject?, done: Int64? = nil, _ tree: PostgresTree) throws -> JSONObject {
        let schema = kind.view.schema
        var response = JSONObject([("@type", .string(result == nil ? "type.googleapis.com/google.protobuf.Empty" : types + schema))])
        for (member, value) in result?.members ?? [] { response[member] = value }
        let root = name.split(separator: "/").prefix(2).joined(separator: "/")
        let body = JSONObject([
            ("type", .string(types + schema + "OperationMetadata")), ("done_at", .int(done ?? tree.now)), ("response", .object(response)),
        ])
        let kind = PostgresKind.operation
        let made = try tree.store.insert(
            kind.stored, id: "\(name)/operations/\(tree.call.workspace.environment.ids.uuid())", uniqueKey: nil, parent: root,
            owner: tree.call.principal.userName, body)
        return shown(made, tree)
    }

    static let get = Operation("postgres.get_operation", .get, PostgresAPI.root + "{name...}") { call -> JSONValue in
        let tree = PostgresTree(call)
        guard let operation = try tree.store.get(PostgresKind.operation.stored, call.path("name")) else { throw tree.notFound(.operation) }
        let principal = call.principal
        if !principal.isAdmin, operation.owner != principal.userName {
            let parts = operation.parent.split(separator: "/")
            guard parts.first == "projects", let id = parts.last else {
                throw WorkspaceError(.permissionDenied, "\(principal.userName) does not have permission to view operation '\(operation.id)'.")
            }
            _ = try tree.project(String(id), .use, deleted: true)
        }
        return .object(shown(operation, tree))
    }

    private static func shown(_ operation: StoredResource, _ tree: PostgresTree) -> JSONObject {
        let isDone = operation.millis("done_at").map { $0 <= tree.now } ?? true
        var object = JSONObject([
            ("name", .string(operation.id)), ("metadata", ["@type": operation.body["type"] ?? .null]), ("done", .bool(isDone)),
        ])
        if isDone { object["response"] = operation.body["response"] }
        return object
    }
}
