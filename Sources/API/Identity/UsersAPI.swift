import HTTPTypes
import Workspace

/// Users: `/api/2.0/preview/scim/v2/Users`.
package enum UsersAPI: APIGroup {
    package static let operations = [create, get, list, update, patch, delete]

    private static let path = "/api/2.0/preview/scim/v2/Users"
    private static func resource(_ call: Call) -> IdentityResource { IdentityResource(workspace: call.workspace, kind: .user) }

    static let create = Operation("iam.users.create", .post, path) { call -> Reply in try resource(call).create(call) }
    static let get = Operation("iam.users.get", .get, path + "/{id}") { call -> Reply in try resource(call).get(call) }
    static let list = Operation("iam.users.list", .get, path) { call -> Reply in try resource(call).list(call) }
    static let update = Operation("iam.users.update", .put, path + "/{id}") { call -> Reply in try resource(call).update(call) }
    static let patch = Operation("iam.users.patch", .patch, path + "/{id}") { call -> Reply in try resource(call).patch(call) }
    static let delete = Operation("iam.users.delete", .delete, path + "/{id}") { call -> Reply in try resource(call).delete(call) }
}
