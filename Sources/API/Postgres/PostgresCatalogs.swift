import HTTPTypes
import JSON
import Workspace

/// Databases that are registered as catalogs of Unity Catalog.
enum PostgresCatalogs {
    static let operations = [create, get, delete]

    /// The schema that every database has.
    private static let firstSchema = "public"

    private static let create = PostgresAPI.operation(
        "create_catalog", .post, "catalogs", limits: "an object of the catalog; SQL reads nothing of the database"
    ) { tree, body in
        let call = tree.call
        let id = try PostgresNames.required(call.query.string("catalog_id"), "catalog_id")
        let spec = body["spec"]?.objectValue ?? JSONObject()
        let name = try PostgresNames.required(spec["postgres_database"]?.stringValue, "catalog.spec.postgres_database")
        let branchName = try PostgresNames.required(spec["branch"]?.stringValue, "catalog.spec.branch")
        let branch = try tree.branch(named: branchName, "catalog.spec.branch", .use)
        let creates = spec["create_database_if_missing"]?.boolValue ?? false
        if let database = try PostgresDatabases.find(name, in: branch, tree) {
            try checkFree(database, of: branch, tree)
        } else if !creates {
            _ = try PostgresDatabases.require(name, in: branch, create: false, tree)
        } else {
            _ = try PostgresNames.identifier(name, "catalog.spec.postgres_database")
        }
        let made = try call.workspace.catalogs.create(CatalogSpec(onlineNamed: id), by: call.principal)
        _ = try call.workspace.schemas.create(SchemaSpec(catalog: made.name, name: firstSchema), by: call.principal)
        let database = try PostgresDatabases.require(name, in: branch, create: creates, tree)
        // What an earlier catalog of the name left behind.
        try tree.remove(.catalog, PostgresTree.name(.catalog, made.name, of: ""))
        let catalog = try tree.insert(
            .catalog, made.name, of: "",
            JSONObject([
                ("uid", .string(made.id)), ("branch", .string(branch.id)), ("postgres_database", .string(name)),
                ("lineage", database.body["lineage"] ?? .null),
            ]))
        return try PostgresLongRunning.begin(.catalog, catalog.id, result: shown(catalog, tree), tree)
    }

    private static let get = PostgresAPI.operation("get_catalog", .get, "catalogs/{catalog_id}") { tree, _ in
        shown(try existing(tree), tree)
    }

    private static let delete = PostgresAPI.operation("delete_catalog", .delete, "catalogs/{catalog_id}") { tree, _ in
        let call = tree.call
        let catalog = try existing(tree)
        let name = catalog.lastPart
        // Its schemas are the database's, and go with it unless something is in them.
        let schemas = (try call.workspace.schemas.names(in: name, by: call.principal) ?? []).filter { $0 != "information_schema" }
        for schema in schemas {
            let tables = try call.workspace.tables.names(in: SchemaName(catalog: name, schema: schema), by: call.principal)
            guard tables?.isEmpty ?? true else {
                throw WorkspaceError(.catalogNotEmpty, "Catalog '\(name)' is not empty: schema '\(schema)' has tables.")
            }
        }
        for schema in schemas { _ = try call.workspace.schemas.delete("\(name).\(schema)", force: false, by: call.principal) }
        _ = try call.workspace.catalogs.delete(name, force: false, by: call.principal)
        try tree.remove(.catalog, catalog.id)
        return try PostgresLongRunning.begin(.catalog, catalog.id, result: nil, tree)
    }

    // MARK: Parts

    /// The database behind a catalog of Unity Catalog; nil if it is another kind of catalog, or gone.
    static func registered(_ catalog: String, _ tree: PostgresTree) throws -> StoredResource? {
        let name = PostgresTree.name(.catalog, catalog.lowercased(), of: "")
        guard let stored = try tree.store.get(PostgresKind.catalog.stored, name),
            let found = try tree.call.workspace.catalogs.find(catalog.lowercased()), .string(found.id) == stored.body["uid"]
        else { return nil }
        return stored
    }

    private static func existing(_ tree: PostgresTree) throws -> StoredResource {
        let id = try tree.call.path("catalog_id")
        guard let catalog = try registered(id, tree) else { throw tree.notFound(.catalog) }
        _ = try tree.call.workspace.catalogs.get(id, browse: true, by: tree.call.principal)
        return catalog
    }

    /// A database is registered once. Copies of it in child branches count as the same, until they are dropped and made again.
    private static func checkFree(_ database: StoredResource, of branch: StoredResource, _ tree: PostgresTree) throws {
        for catalog in try tree.store.list(PostgresKind.catalog.stored) where catalog.body["lineage"] == database.body["lineage"] {
            guard try registered(catalog.lastPart, tree) != nil else { continue }
            throw WorkspaceError(
                .alreadyExists,
                "database '\(database.settings["postgres_database"]?.stringValue ?? "")' of '\(branch.id)' is registered with catalog '\(catalog.lastPart)' already"
            )
        }
    }

    private static func shown(_ catalog: StoredResource, _ tree: PostgresTree) -> JSONObject {
        let branch = catalog.body["branch"]?.stringValue ?? ""
        return tree.shown(
            .catalog, catalog,
            status: JSONObject([
                ("branch", .string(branch)), ("postgres_database", catalog.body["postgres_database"] ?? .null),
                ("project", .string(branch.split(separator: "/").prefix(2).joined(separator: "/"))),
            ]))
    }
}
