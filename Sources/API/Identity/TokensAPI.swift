import HTTPTypes
import JSON
import Workspace

/// The caller's personal access tokens: `/api/2.0/token`.
package enum TokensAPI: APIGroup {
    package static let operations = [create, list, update, delete]

    static let create = Operation(
        "tokens.create", .post, "/api/2.0/token/create",
        limits: "scopes are kept and shown, but restrict nothing; autoscope_enabled is ignored"
    ) { call -> JSONValue in
        let fields = try call.fields()
        try WorkspaceConfAPI.checkToken(lifetime: try fields.int(optional: "lifetime_seconds"), call)
        guard try call.workspace.permissions.allows(call.principal, "CAN_USE", on: "authorization", "tokens") else {
            throw WorkspaceError(.permissionDenied, "\(call.principal.userName) is not authorized to use tokens.")
        }
        let (value, info) = try call.workspace.tokens.create(
            for: try owner(call), by: call.principal, comment: try fields.string(optional: "comment"),
            lifetime: try fields.int(optional: "lifetime_seconds"),
            scopes: try fields.strings(optional: "scopes") ?? [])
        return ["token_value": .string(value), "token_info": .object(json(info))]
    }

    static let list = Operation("tokens.list", .get, "/api/2.0/token/list") { call -> JSONValue in
        let tokens = try call.workspace.tokens.list(owner: try owner(call))
        return tokens.isEmpty ? .object(JSONObject()) : ["token_infos": .array(tokens.map { .object(json($0)) })]
    }

    static let update = Operation("tokens.update", .patch, "/api/2.0/token/{token_id}") { call -> Void in
        try change(call, owner: try owner(call))
    }

    static let delete = Operation("tokens.delete", .post, "/api/2.0/token/delete") { call -> Void in
        try call.workspace.tokens.delete(try call.fields().string("token_id"), owner: try owner(call))
    }

    /// `{"token": {…}, "update_mask": "comment,scopes"}`; what the mask names and the token lacks is cleared.
    static func change(_ call: Call, owner: Int?) throws {
        let fields = try call.fields()
        let token = try fields.object("token")
        var comment: String?
        var scopes: [String]?
        for name in try fields.string("update_mask").split(separator: ",") {
            switch name {
            case "comment": comment = try token.string(optional: "comment") ?? ""
            case "scopes": scopes = try token.strings(optional: "scopes") ?? []
            case "*":
                comment = try token.string(optional: "comment") ?? ""
                scopes = try token.strings(optional: "scopes") ?? []
            default:
                throw WorkspaceError.invalid("Invalid field in update_mask: '\(name.prefix(64))'. Only comment and scopes can be updated.")
            }
        }
        do {
            try call.workspace.tokens.update(try call.path("token_id"), owner: owner, comment: comment, scopes: scopes)
        } catch let error as WorkspaceError where error.code == .resourceDoesNotExist {
            throw WorkspaceError(.notFound, error.message)
        }
    }

    static func json(_ info: TokenInfo) -> JSONObject {
        var json = JSONObject([
            ("token_id", .string(info.id)), ("creation_time", .int(info.createdAt)), ("expiry_time", .int(info.expiresAt ?? -1)),
        ])
        if let comment = info.comment { json["comment"] = .string(comment) }
        if !info.scopes.isEmpty { json["scopes"] = .array(info.scopes.map { .string($0) }) }
        return json
    }

    private static func owner(_ call: Call) throws -> Int {
        guard let id = Int(call.principal.id) else {
            throw WorkspaceError(.permissionDenied, "\(call.principal.userName) cannot have tokens.")
        }
        return id
    }
}
