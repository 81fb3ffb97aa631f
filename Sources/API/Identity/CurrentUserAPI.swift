import HTTPTypes
import JSON
import Workspace

/// The caller: `/api/2.0/preview/scim/v2/Me`.
package enum CurrentUserAPI: APIGroup {
    package static let operations = [me]

    static let me = Operation("iam.current_user.me", .get, "/api/2.0/preview/scim/v2/Me") { call -> Reply in
        guard let id = Int(call.principal.id) else { throw call.workspace.users.notFound(call.principal.id) }
        // A service principal sees itself as a user whose name is its application id.
        let resource: JSONObject
        if call.principal.kind == .user {
            resource = try IdentityResource(workspace: call.workspace, kind: .user).resource(try call.workspace.users.get(id))
        } else {
            let own = try IdentityResource(workspace: call.workspace, kind: .servicePrincipal).resource(
                try call.workspace.servicePrincipals.get(id))
            resource = JSONObject(
                own.members.map { name, value in
                    name == "applicationId" ? ("userName", value) : name == "schemas" ? (name, SCIM.userSchemas) : (name, value)
                })
        }
        return SCIM.reply(try SCIMQuery(call).shown(resource))
    }
}
