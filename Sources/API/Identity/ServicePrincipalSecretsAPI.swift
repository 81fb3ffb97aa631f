import HTTPTypes
import JSON
import Workspace

/// OAuth secrets of service principals, by the workspace's door: `/api/2.0/accounts/servicePrincipals/{id}/credentials/secrets`.
package enum ServicePrincipalSecretsAPI: APIGroup {
    package static let operations = [create, list, delete]

    private static let path = "/api/2.0/accounts/servicePrincipals/{service_principal_id}/credentials/secrets"

    static let create = Operation("oauth2.service_principal_secrets.create", .post, path, limits: "scopes are ignored") {
        call -> JSONValue in
        try requireAdmin(call)
        let fields = try call.fields()
        let lifetime = try fields.string(optional: "lifetime").map { text throws in try seconds(text) }
        let (value, info) = try call.workspace.oauth.createSecret(for: try call.pathInt("service_principal_id"), lifetime: lifetime)
        var json = json(info, call)
        json["secret"] = .string(value)
        return .object(json)
    }

    static let list = Operation("oauth2.service_principal_secrets.list", .get, path) { call -> JSONValue in
        try requireAdmin(call)
        let id = try call.pathInt("service_principal_id")
        let paging = try Paging(
            call, list: "oauth2.service_principal_secrets \(id)", pageSize: 100, unlimitedByDefault: true, sizeName: "page_size")
        let rows = paging.rest(try call.workspace.oauth.secrets(of: id), key: key)
        return paging.reply("secrets", rows, key: key) { .object(json($0, call)) }
    }

    static let delete = Operation("oauth2.service_principal_secrets.delete", .delete, path + "/{secret_id}") { call -> Void in
        try requireAdmin(call)
        try call.workspace.oauth.deleteSecret(try call.path("secret_id"), of: try call.pathInt("service_principal_id"))
    }

    /// In the order of the list: time, then id.
    private static func key(_ secret: OAuthSecret) -> String {
        let time = String(secret.createdAt)
        return String(repeating: "0", count: max(0, 20 - time.count)) + time + " " + secret.id
    }

    private static func json(_ info: OAuthSecret, _ call: Call) -> JSONObject {
        JSONObject([
            ("id", .string(info.id)), ("secret_hash", .string(info.hash)), ("create_time", .string(RFC3339.text(millis: info.createdAt))),
            ("update_time", .string(RFC3339.text(millis: info.createdAt))),
            ("status", info.expiresAt > call.workspace.environment.nowMillis ? "ACTIVE" : "EXPIRED"),
            ("expire_time", .string(RFC3339.text(millis: info.expiresAt))),
        ])
    }

    /// `"3600s"`, a duration as protobuf's JSON has it; whole seconds.
    private static func seconds(_ text: String) throws(WorkspaceError) -> Int {
        guard text.hasSuffix("s"), let seconds = Int(text.dropLast()) else {
            throw .malformed("Could not parse request object: Invalid duration format: \(text.prefix(64))")
        }
        return seconds
    }

    private static func requireAdmin(_ call: Call) throws {
        guard call.principal.isAdmin else {
            throw WorkspaceError(.permissionDenied, "Only workspace administrators can manage secrets of service principals.")
        }
    }
}
