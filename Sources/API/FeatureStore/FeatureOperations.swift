import HTTPTypes
import JSON
import Workspace

/// Long-running operations of feature engineering, by `operations/{operation_id}`. Each is over when it is answered.
enum FeatureOperations {
    static let operations = [get, cancel]

    private static let path = "/api/2.0/feature-engineering"
    private static let kind = "feature-operation"
    private static let collection = "operations/"

    private static let get = Operation(
        "ml.feature_engineering.get_operation", .get, path + "/{name}", aliases: [path + "/operations/{operation_id}"]
    ) { call -> JSONValue in shown(try existing(call)) }

    private static let cancel = Operation(
        "ml.feature_engineering.cancel_operation", .post, path + "/{name}:cancel", aliases: [path + "/operations/{operation_id}:cancel"],
        limits: "an operation is over when it is answered, and stays as it is"
    ) { call -> Void in _ = try existing(call) }

    /// One that has succeeded. `request` is the client's idempotency token, if it gave one.
    static func done(_ type: String, metadata: JSONObject, response: JSONValue, request: String?, _ call: Call) throws -> JSONValue {
        let id = call.workspace.environment.ids.uuid()
        let body = JSONObject([("done", true), ("metadata", .object(metadata)), ("response", response)])
        return shown(
            try call.workspace.resources.insert(
                kind, id: id, uniqueKey: key(type, request, call), owner: call.principal.userName, body))
    }

    /// What the same request was answered before.
    static func earlier(_ type: String, request: String?, _ call: Call) throws -> JSONValue? {
        guard let key = key(type, request, call) else { return nil }
        return try call.workspace.resources.list(kind).first { $0.uniqueKey == key }.map(shown)
    }

    private static func key(_ type: String, _ request: String?, _ call: Call) -> String? {
        request.flatMap { $0.isEmpty ? nil : "\(type) \(call.principal.userName) \($0)" }
    }

    private static func existing(_ call: Call) throws -> StoredResource {
        let name = call.pathParameters.all.last?.value ?? ""
        let id = name.hasPrefix(collection) ? String(name.dropFirst(collection.count)) : name
        guard let found = try call.workspace.resources.get(kind, id), call.principal.isAdmin || found.owner == call.principal.userName else {
            throw WorkspaceError(.resourceDoesNotExist, "Operation '\(name.prefix(128))' does not exist.")
        }
        return found
    }

    private static func shown(_ operation: StoredResource) -> JSONValue {
        var object = operation.body
        object["name"] = .string(collection + operation.id)
        return .object(object)
    }
}
