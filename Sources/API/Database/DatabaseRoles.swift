import HTTPTypes
import JSON
import Workspace

/// Postgres roles of an instance: `/api/2.0/database/instances/{instance_name}/roles`.
enum DatabaseRoles {
    static let kind = "database-role"
    private static let path = "/api/2.0/database/instances/{instance_name}/roles"
    private static let schema = Contract.FieldType.named("database.DatabaseInstanceRole")

    static let operations = [create, get, list, delete]

    private static let create = Operation("database.create_database_instance_role", .post, path) { call -> JSONValue in
        let object = try call.contractBody(.post, path)
        let instance = try DatabaseInstances.existing(call.path("instance_name"), .write, call)
        guard let name = object["name"]?.stringValue, !name.isEmpty else { throw WorkspaceError.missing("name") }
        guard name.utf8.count <= 255 else { throw WorkspaceError.invalid("A role's name must have at most 255 bytes.") }
        let type = object["identity_type"]?.stringValue ?? "PG_ONLY"
        switch type {
        case "USER", "SERVICE_PRINCIPAL":
            guard try call.workspace.identityID(of: name) != nil else {
                throw WorkspaceError(.resourceDoesNotExist, "Principal '\(name.prefix(255))' does not exist in this workspace.")
            }
        default: break
        }
        return try shown(insert(object, name, type, in: instance, call))
    }

    /// The one who makes an instance is a superuser in it.
    static func addCreator(of instance: StoredResource, _ call: Call) throws {
        let type = call.principal.userName.contains("@") ? "USER" : "SERVICE_PRINCIPAL"
        _ = try insert(
            JSONObject([("membership_role", "DATABRICKS_SUPERUSER")]), call.principal.userName, type, in: instance, call)
    }

    private static func insert(_ object: JSONObject, _ name: String, _ type: String, in instance: StoredResource, _ call: Call) throws
        -> StoredResource
    {
        var object = object
        object["name"] = .string(name)
        object["instance_name"] = .string(instance.id)
        object["identity_type"] = .string(type)
        let asked = object["attributes"]?.objectValue ?? JSONObject()
        let isSuper = object["membership_role"] != nil
        object["effective_attributes"] = .object(
            JSONObject(["bypassrls", "createdb", "createrole"].map { ($0, asked[$0] ?? .bool(isSuper)) }))
        do {
            return try call.workspace.resources.insert(
                kind, id: id(instance.id, name), uniqueKey: nil, parent: instance.id, owner: call.principal.userName, object)
        } catch is ResourceStore.Taken {
            throw WorkspaceError(.resourceAlreadyExists, "Role '\(name.prefix(255))' already exists in instance '\(instance.id)'.")
        }
    }

    private static let get = Operation("database.get_database_instance_role", .get, path + "/{name}") { call -> JSONValue in
        let instance = try DatabaseInstances.existing(call.path("instance_name"), .read, call)
        let name = try call.path("name")
        guard let role = try call.workspace.resources.get(kind, id(instance.id, name)) else { throw notFound(name, instance) }
        return shown(role)
    }

    private static let list = Operation("database.list_database_instance_roles", .get, path) { call -> JSONValue in
        let instance = try DatabaseInstances.existing(call.path("instance_name"), .read, call)
        let paging = try Paging(call, list: "\(kind) \(instance.id)", pageSize: 100, sizeName: "page_size")
        let rows = try call.workspace.resources.list(kind, parent: instance.id, after: paging.after.flatMap { Int64($0) } ?? 0)
        return paging.reply("database_instance_roles", rows, key: { String($0.position) }, item: shown)
    }

    private static let delete = Operation("database.delete_database_instance_role", .delete, path + "/{name}") { call -> Void in
        let instance = try DatabaseInstances.existing(call.path("instance_name"), .write, call)
        let name = try call.path("name")
        let mayBeMissing = try call.query.bool("allow_missing") ?? false
        if let heir = call.query.string("reassign_owned_to") {
            guard try call.workspace.resources.get(kind, id(instance.id, heir)) != nil else { throw notFound(heir, instance) }
        }
        guard try call.workspace.resources.delete(kind, id(instance.id, name)) || mayBeMissing else { throw notFound(name, instance) }
    }

    private static func id(_ instance: String, _ name: String) -> String { "\(instance)/\(name)" }

    private static func shown(_ role: StoredResource) -> JSONValue { Contract.known(.object(role.body), schema) }

    private static func notFound(_ name: String, _ instance: StoredResource) -> WorkspaceError {
        WorkspaceError(.resourceDoesNotExist, "Role '\(name.prefix(255))' does not exist in instance '\(instance.id)'.")
    }
}
