import HTTPTypes
import JSON
import Workspace

/// Database instances, their roles, catalogs of their databases, and tables that are in them: `/api/2.0/database`.
package enum DatabaseAPI: APIGroup {
    package static let operations = instances + DatabaseRoles.operations + catalogs + DatabaseTables.operations

    private static let path = "/api/2.0/database/instances"
    private static let instance = DatabaseInstances.resource

    private static let instances = [
        Operation("database.create_database_instance", .post, path, limits: "an instance has its states, and no Postgres server behind it") {
            call -> JSONValue in
            var object = try call.contractBody(.post, path)
            guard let name = object["name"]?.stringValue, !name.isEmpty else { throw WorkspaceError.missing("name") }
            try instance.rule?(&object, nil, call)
            let made = try call.workspace.resources.insert(instance, object, call)
            try DatabaseRoles.addCreator(of: made, call)
            return try instance.shown(made, call)
        },
        instance.get("database.get_database_instance", path + "/{name}"),
        instance.list("database.list_database_instances", path, items: "database_instances", paged: true),
        instance.update("database.update_database_instance", .patch, path + "/{name}", .mask), delete, findByUID, credential,
    ]

    private static let delete = Operation("database.delete_database_instance", .delete, path + "/{name}") { call -> Void in
        guard try call.query.bool("purge") ?? true else { throw WorkspaceError.invalid("purge must not be false: instances are deleted for good.") }
        let force = try call.query.bool("force") ?? false
        var doomed = [try DatabaseInstances.existing(call.path("name"), .write, call)]
        var next = 0
        while next < doomed.count {
            let children = try DatabaseInstances.children(of: doomed[next], call)
            guard force || children.isEmpty else {
                throw WorkspaceError.invalid("Database instance \(doomed[next].id) has child instances; delete them first, or use force=true.")
            }
            for child in children { try instance.authorize(.write, child, call) }
            doomed += children
            next += 1
        }
        for one in doomed.reversed() {
            _ = try call.workspace.resources.delete(instance.kind, one.id)
            try call.workspace.resources.deleteAll(DatabaseRoles.kind, parent: one.id)
            try call.workspace.permissions.forget("database-instances", one.id)
        }
    }

    private static let findByUID = Operation("database.find_database_instance_by_uid", .get, path + ":findByUid") { call -> JSONValue in
        let uid = try call.query.required("uid")
        guard let found = try call.workspace.resources.list(instance.kind).first(where: { DatabaseInstances.uid($0) == uid }) else {
            throw WorkspaceError(.resourceDoesNotExist, "Database instance with uid \(uid.prefix(64)) does not exist.")
        }
        try instance.authorize(.read, found, call)
        return try instance.shown(found, call)
    }

    /// How long a credential lives.
    static let credentialMillis: Int64 = 3_600_000

    private static let credential = Operation("database.generate_database_credential", .post, "/api/2.0/database/credentials") {
        call -> JSONValue in
        let body = try call.contractBody(.post, "/api/2.0/database/credentials")
        for name in (body["instance_names"]?.arrayValue ?? []).compactMap(\.stringValue) {
            _ = try DatabaseInstances.existing(name, .read, call)
        }
        let end = call.workspace.environment.nowMillis &+ credentialMillis
        return ["token": .string(newToken(call)), "expiration_time": .string(RFC3339.text(millis: end))]
    }

    /// A token that Postgres would take as a password.
    static func newToken(_ call: Call) -> String { "dbx-" + call.workspace.environment.ids.secretHex(byteCount: 32) }

    // MARK: Catalogs of databases

    private static let catalogKind = "database-catalog"
    private static let catalogPath = "/api/2.0/database/catalogs"
    private static let catalogSchema = Contract.FieldType.named("database.DatabaseCatalog")

    /// The database behind a catalog of Unity Catalog; nil if it is another kind of catalog, or gone.
    static func database(ofCatalog name: String, _ call: Call) throws -> (catalog: StoredResource, instance: String, database: String)? {
        guard let stored = try call.workspace.resources.get(catalogKind, name.lowercased()),
            let catalog = try call.workspace.catalogs.find(name), catalog.id == stored.body["uid"]?.stringValue
        else { return nil }
        return (stored, stored.body["database_instance_name"]?.stringValue ?? "", stored.body["database_name"]?.stringValue ?? "")
    }

    private static func existingCatalog(_ call: Call) throws -> StoredResource {
        let name = try call.path("name")
        guard let found = try database(ofCatalog: name, call) else {
            throw WorkspaceError(.resourceDoesNotExist, "Database catalog '\(name.prefix(255))' does not exist.")
        }
        _ = try call.workspace.catalogs.get(name, browse: true, by: call.principal)
        return found.catalog
    }

    private static func shown(_ catalog: StoredResource) -> JSONValue { Contract.known(.object(catalog.body), catalogSchema) }

    private static let catalogs = [
        Operation("database.create_database_catalog", .post, catalogPath) { call -> JSONValue in
            var object = try call.contractBody(.post, catalogPath)
            let values = try ["name", "database_instance_name", "database_name"].map { name -> String in
                guard let value = object[name]?.stringValue, !value.isEmpty else { throw WorkspaceError.missing(name) }
                return value
            }
            let instance = try DatabaseInstances.existing(values[1], .read, call)
            let creates = object["create_database_if_not_exists"]?.boolValue ?? false
            if !creates { try DatabaseInstances.require(values[2], in: instance, create: false, call) }
            let made = try call.workspace.catalogs.create(CatalogSpec(onlineNamed: values[0]), by: call.principal)
            try DatabaseInstances.require(values[2], in: instance, create: creates, call)
            object["name"] = .string(made.name)
            object["uid"] = .string(made.id)
            // What an earlier catalog of the name left behind.
            _ = try call.workspace.resources.delete(catalogKind, made.name)
            return shown(
                try call.workspace.resources.insert(
                    catalogKind, id: made.name, uniqueKey: nil, parent: instance.id, owner: call.principal.userName, object))
        },
        Operation("database.get_database_catalog", .get, catalogPath + "/{name}") { call -> JSONValue in shown(try existingCatalog(call)) },
        Operation("database.list_database_catalogs", .get, path + "/{instance_name}/catalogs") { call -> JSONValue in
            let instance = try DatabaseInstances.existing(call.path("instance_name"), .read, call)
            let paging = try Paging(call, list: "\(catalogKind) \(instance.id)", pageSize: 100, sizeName: "page_size")
            let rows = try call.workspace.resources.list(catalogKind, parent: instance.id, after: paging.after.flatMap { Int64($0) } ?? 0)
                .filter { try database(ofCatalog: $0.id, call) != nil }
            return paging.reply("database_catalogs", rows, key: { String($0.position) }, item: shown)
        },
        Operation("database.update_database_catalog", .patch, catalogPath + "/{name}", limits: "nothing of a catalog can be changed") {
            call -> JSONValue in
            let catalog = try existingCatalog(call)
            return try DatabaseTables.unchanged(shown(catalog), try call.contractBody(.patch, catalogPath + "/{name}"), "database catalog")
        },
        Operation("database.delete_database_catalog", .delete, catalogPath + "/{name}") { call -> Void in
            let catalog = try existingCatalog(call)
            try call.workspace.catalogs.delete(catalog.id, force: false, by: call.principal)
            _ = try call.workspace.resources.delete(catalogKind, catalog.id)
        },
    ]
}
