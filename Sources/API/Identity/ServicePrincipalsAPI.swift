import HTTPTypes
import Workspace

/// Service principals: `/api/2.0/preview/scim/v2/ServicePrincipals`.
package enum ServicePrincipalsAPI: APIGroup {
    package static let operations = [create, get, list, update, patch, delete]

    private static let path = "/api/2.0/preview/scim/v2/ServicePrincipals"
    private static func resource(_ call: Call) -> IdentityResource { IdentityResource(workspace: call.workspace, kind: .servicePrincipal) }

    static let create = Operation("iam.service_principals.create", .post, path) { call -> Reply in try resource(call).create(call) }
    static let get = Operation("iam.service_principals.get", .get, path + "/{id}") { call -> Reply in try resource(call).get(call) }
    static let list = Operation("iam.service_principals.list", .get, path) { call -> Reply in try resource(call).list(call) }
    static let update = Operation("iam.service_principals.update", .put, path + "/{id}") { call -> Reply in try resource(call).update(call)
    }
    static let patch = Operation("iam.service_principals.patch", .patch, path + "/{id}") { call -> Reply in try resource(call).patch(call) }
    static let delete = Operation("iam.service_principals.delete", .delete, path + "/{id}") { call -> Reply in
        try resource(call).delete(call)
    }
}
