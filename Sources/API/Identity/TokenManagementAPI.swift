import HTTPTypes
import JSON
import Workspace

/// All tokens of the workspace, for administrators: `/api/2.0/token-management`.
package enum TokenManagementAPI: APIGroup {
    package static let operations = [list, get, delete, update, createOnBehalfOf]

    private static let path = "/api/2.0/token-management/tokens"

    static let list = Operation("token_management.list", .get, path) { call -> JSONValue in
        try requireAdmin(call)
        let creator = try call.query.int("created_by_id")
        let name = call.query.string("created_by_username")
        let tokens = try call.workspace.tokens.list().filter {
            (creator == nil || $0.createdByID == creator) && (name == nil || $0.createdByName == name)
        }
        return tokens.isEmpty ? .object(JSONObject()) : ["token_infos": .array(tokens.map { json($0, call) })]
    }

    static let get = Operation("token_management.get", .get, path + "/{token_id}") { call -> JSONValue in
        try requireAdmin(call)
        return ["token_info": json(try call.workspace.tokens.get(try call.path("token_id")), call)]
    }

    static let delete = Operation("token_management.delete", .delete, path + "/{token_id}") { call -> Void in
        try requireAdmin(call)
        try call.workspace.tokens.delete(try call.path("token_id"))
    }

    static let update = Operation("token_management.update", .patch, path + "/{token_id}") { call -> JSONValue in
        try requireAdmin(call)
        try TokensAPI.change(call, owner: nil)
        return json(try call.workspace.tokens.get(try call.path("token_id")), call)
    }

    static let createOnBehalfOf = Operation(
        "token_management.create_obo_token", .post, "/api/2.0/token-management/on-behalf-of/tokens",
        limits: "scopes are kept and shown, but restrict nothing; autoscope_enabled is ignored"
    ) { call -> JSONValue in
        try requireAdmin(call)
        let fields = try call.fields()
        let application = try fields.string("application_id")
        guard let owner = try call.workspace.servicePrincipals.find(userName: application) else {
            throw WorkspaceError(.resourceDoesNotExist, "Service principal with application ID \(application.prefix(64)) does not exist.")
        }
        let (value, info) = try call.workspace.tokens.create(
            for: owner.id, by: call.principal, comment: try fields.string(optional: "comment"),
            lifetime: try fields.int(optional: "lifetime_seconds"),
            scopes: try fields.strings(optional: "scopes") ?? [])
        return ["token_value": .string(value), "token_info": json(info, call)]
    }

    private static func json(_ info: TokenInfo, _ call: Call) -> JSONValue {
        var json = TokensAPI.json(info)
        json["created_by_id"] = .int(info.createdByID)
        json["created_by_username"] = .string(info.createdByName)
        json["owner_id"] = .int(info.ownerID)
        json["workspace_id"] = .int(call.workspace.id)
        return .object(json)
    }

    private static func requireAdmin(_ call: Call) throws {
        guard call.principal.isAdmin else {
            throw WorkspaceError(.permissionDenied, "Only workspace administrators can manage the tokens of others.")
        }
    }
}
