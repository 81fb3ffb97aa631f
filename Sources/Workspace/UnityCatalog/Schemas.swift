import GRDB

/// The schemas of a workspace's catalogs.
package struct Schemas: Sendable {
    package static let informationSchema = "information_schema"

    let store: StateStore
    let environment: Environment

    static let migration = Migration(
        "schema",
        """
        CREATE TABLE schema (
            key INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, catalog INTEGER NOT NULL REFERENCES catalog(key) ON DELETE CASCADE, name TEXT NOT NULL,
            comment TEXT, owner TEXT NOT NULL, storage_root TEXT, storage_location TEXT, optimization TEXT NOT NULL, properties TEXT NOT NULL,
            retention_hours INTEGER,
            created_at INTEGER NOT NULL, created_by TEXT NOT NULL, updated_at INTEGER NOT NULL, updated_by TEXT NOT NULL,
            UNIQUE (catalog, name)
        )
        """)

    private static let select = """
        SELECT s.key, s.id, c.name, c.kind, s.name, s.comment, s.owner, s.storage_root, s.storage_location, s.optimization, s.properties, \
        s.retention_hours, s.created_at, s.created_by, s.updated_at, s.updated_by, c.optimization, coalesce(s.storage_location, c.storage_location), \
        \(ParentRows.ofSchema) FROM catalog c JOIN schema s ON s.catalog = c.key
        """
    private static let byID = "\(select) WHERE s.id = ?"
    private static let byName = "\(select) WHERE c.name = ? AND s.name = ?"

    @discardableResult
    package func create(_ spec: SchemaSpec, by principal: Principal) throws -> SchemaInfo {
        let catalogName = try SecurableName.new(spec.catalog, rpc: "CreateSchema", field: "SchemaInfo.catalog_name")
        let name = try SecurableName.new(spec.name, rpc: "CreateSchema", field: "SchemaInfo.name")
        let now = environment.nowMillis
        return try store.write { database in
            guard let catalog = try Catalogs.find(database, catalogName) else { throw WorkspaceError.noSuch(.catalog, catalogName) }
            if catalog.kind.isReadOnly, principal != .system {
                throw WorkspaceError.noPrivilege("CREATE SCHEMA", on: .catalog, catalogName)
            }
            let access = try Access(principal, database)
            if try !access.isMetastoreAdmin() || catalog.isolationMode == Bindings.isolated { try access.requireUse(.createSchema, on: catalog.path) }
            try insert(
                database, catalog: catalog.key, name: name, comment: spec.comment.nonEmpty, owner: principal, now: now,
                storageRoot: spec.storageRoot,
                properties: spec.properties, retentionHours: spec.retentionHours)
            guard let info = try Schemas.find(database, SchemaName(catalog: catalogName, schema: name)) else {
                throw WorkspaceError.noSuch(.schema, "\(catalogName).\(name)")
            }
            return info
        }
    }

    /// Writes a row; a taken name is `SCHEMA_ALREADY_EXISTS`.
    func insert(
        _ database: Database, catalog: Int64, name: String, comment: String?, owner: Principal, now: Int64, storageRoot: String? = nil,
        properties: PropertyMap = .empty, retentionHours: Int? = nil
    ) throws {
        let id = environment.ids.uuid()
        let root = storageRoot.map { StorageURL.trimmed($0) }
        do {
            try database.run(
                "INSERT INTO schema VALUES (NULL, ?, ?, ?, ?, ?, ?, ?, 'INHERIT', ?, ?, ?, ?, ?, ?)",
                [
                    .text(id), .int(catalog), .text(name), .optional(comment), .text(owner.userName), .optional(root),
                    .optional(root.map { "\($0)/__unitystorage/schemas/\(id)" }), .text(properties.json), .optional(retentionHours), .int(now),
                    .text(owner.userName), .int(now), .text(owner.userName),
                ])
        } catch let error as DatabaseError where error.isUniqueViolation {
            throw WorkspaceError.exists(.schema, name)
        }
    }

    /// Nil if no schema has this id.
    package func find(id: String) throws -> SchemaInfo? {
        try store.read { try $0.first(Self.byID, [.text(id)]) { SchemaInfo($0) } }
    }

    /// Nil if there is no such schema (or no such catalog).
    package func find(_ name: SchemaName) throws -> SchemaInfo? { try store.read { try Schemas.find($0, name) } }

    /// The same for who may see it; throws `PERMISSION_DENIED` otherwise.
    package func visible(_ name: SchemaName, by principal: Principal) throws -> SchemaInfo? {
        try find(name) == nil ? nil : get(name.description, browse: true, by: principal)
    }

    /// Throws `SCHEMA_DOES_NOT_EXIST`, or `CATALOG_DOES_NOT_EXIST`.
    package func get(_ fullName: String, browse: Bool = false, by principal: Principal) throws -> SchemaInfo {
        let name = try lookupName(fullName, rpc: "GetSchema")
        return try store.read { database in
            var info = try Schemas.existing(database, name)
            if principal.isNamed(info.owner), info.parentRows.areOpen(to: principal) { return info }
            info.browseOnly = try Access(principal, database).requireSight(info.path, browse: browse)
            return info
        }
    }

    package func list(
        in catalog: String, after: String? = nil, limit: Int = .max, browse: Bool = false, by principal: Principal
    ) throws -> [SchemaInfo] {
        let catalog = try SecurableName.new(catalog, rpc: "ListSchemas", field: "ListSchemas.catalog_name")
        return try store.read { database in
            guard let parent = try Catalogs.find(database, catalog) else { throw WorkspaceError.noSuch(.catalog, catalog) }
            let everything = try Access(principal, database).seesAll(in: parent.path)
            let all = try database.all(
                "\(Schemas.select) WHERE c.name = ? AND s.name > ? ORDER BY s.name LIMIT ?",
                [.text(catalog), .text(after ?? ""), .limit(everything ? limit : .max)]
            ) { SchemaInfo($0) }
            if everything { return all }
            let access = try Access(principal, database, many: true)
            return try Array(access.visible(all, browse: browse, unbound: false, \.path, SchemaInfo.browsed).prefix(limit))
        }
    }

    /// All names in order, for SHOW SCHEMAS; nil if there is no such catalog.
    package func names(in catalog: String, by principal: Principal) throws -> [String]? {
        try store.read { database in
            guard let parent = try Catalogs.find(database, catalog.lowercased()) else { return nil }
            try Access(principal, database).requireSight(parent.path, browse: true)
            return try list(in: parent.name, browse: true, by: principal).map(\.name)
        }
    }

    package func update(_ fullName: String, _ change: SchemaChange, by principal: Principal) throws -> SchemaInfo {
        let name = try lookupName(fullName, rpc: "UpdateSchema")
        if change.isEmpty { throw WorkspaceError.nothingToUpdate("UpdateSchema") }
        let newName = try change.name.map { try SecurableName.new($0, rpc: "UpdateSchema", field: "SchemaInfo.name") }
        let now = environment.nowMillis
        return try store.write { database in
            var info = try Schemas.existing(database, name)
            try Access(principal, database).requireManage(info.path)
            try info.mustBeOwned(by: principal)
            var change = change
            change.owner = try change.owner.map { try Principals.existing($0, database) }
            info.apply(change, newName: newName, by: principal, now: now)
            do {
                try database.cachedStatement(
                    sql: """
                        UPDATE schema SET name = ?, comment = ?, owner = ?, optimization = ?, properties = ?, retention_hours = ?, updated_at = ?, \
                        updated_by = ? WHERE key = ?
                        """
                ).execute(arguments: [
                    info.name, info.comment, info.owner, info.predictiveOptimization.rawValue, info.properties.json, info.retentionHours,
                    info.updatedAt,
                    info.updatedBy, info.key,
                ])
            } catch let error as DatabaseError where error.isUniqueViolation {
                throw WorkspaceError.exists(.schema, info.name)
            }
            return info
        }
    }

    /// Deletes a schema; what is in it must be gone, or goes with it by `force`.
    @discardableResult
    package func delete(_ fullName: String, force: Bool, by principal: Principal) throws -> DroppedObjects {
        let name = try lookupName(fullName, rpc: "DeleteSchema")
        let now = environment.nowMillis
        return try store.write { database in
            let info = try Schemas.existing(database, name)
            try Access(principal, database).requireManage(info.path)
            try info.mustBeOwned(by: principal)
            let counts = try database.first(Schemas.contents, [.int(info.key)]) {
                (tables: $0[0] as Int64, volumes: $0[1] as Int64, functions: $0[2] as Int64)
            }
            let (tables, volumes, functions) = counts ?? (tables: 0, volumes: 0, functions: 0)
            if !force, tables + volumes + functions > 0 {
                // The service's own odd plural.
                throw WorkspaceError.unityCatalog(
                    .schemaNotEmpty,
                    "Schema '\(name)' is not empty. The schema has \(tables) tables(s), \(functions) functions(s), \(volumes) volumes(s)")
            }
            var dropped = DroppedObjects()
            if tables + volumes > 0 {
                dropped = try Schemas.managedObjects(database, "SELECT ?", info.key)
                try Tables.keep(database, where: "s.key = ?", info.key, now: now)
            }
            try database.run("DELETE FROM schema WHERE key = ?", [.int(info.key)])
            return dropped
        }
    }

    private static let contents = """
        SELECT (SELECT count(*) FROM relation WHERE schema = ?1), (SELECT count(*) FROM volume WHERE schema = ?1), \
        (SELECT count(*) FROM function WHERE schema = ?1)
        """

    /// Locations of the managed tables and volumes in the schemas that a query selects.
    static func managedObjects(_ database: Database, _ schemas: String, _ key: Int64) throws -> DroppedObjects {
        var dropped = DroppedObjects()
        dropped.tables = try String.fetchAll(
            database,
            sql:
                "SELECT location FROM relation WHERE schema IN (\(schemas)) AND type LIKE 'MANAGED%' AND location IS NOT NULL ORDER BY key",
            arguments: [key])
        dropped.volumes = try String.fetchAll(
            database, sql: "SELECT location FROM volume WHERE schema IN (\(schemas)) AND type = 'MANAGED' ORDER BY key", arguments: [key])
        return dropped
    }

    static func find(_ database: Database, _ name: SchemaName) throws -> SchemaInfo? {
        try database.first(byName, [.text(name.catalog), .text(name.schema)]) { SchemaInfo($0) }
    }

    /// Throws the error of what is missing first: the catalog or the schema.
    static func existing(_ database: Database, _ name: SchemaName) throws -> SchemaInfo {
        if let info = try find(database, name) { return info }
        guard try Catalogs.find(database, name.catalog) != nil else { throw WorkspaceError.noSuch(.catalog, name.catalog) }
        throw WorkspaceError.noSuch(.schema, name.description)
    }

    private func lookupName(_ fullName: String, rpc: String) throws(WorkspaceError) -> SchemaName {
        try SchemaName(fullName: fullName, rpc: rpc, field: "\(rpc).full_name_arg")
    }
}

extension Workspace {
    package var schemas: Schemas { Schemas(store: store, environment: environment) }
}

extension SchemaInfo {
    fileprivate init(_ row: borrowing SQLRow) {
        key = row[0]
        id = row[1]
        catalog = row[2]
        catalogKind = CatalogInfo.Kind(rawValue: row[3]) ?? .managed
        name = row[4]
        comment = row[5]
        owner = row[6]
        storageRoot = row[7]
        storageLocation = row[8]
        predictiveOptimization = PredictiveOptimization(rawValue: row[9]) ?? .inherit
        properties = PropertyMap(json: row[10])
        retentionHours = row[11]
        createdAt = row[12]
        createdBy = row[13]
        updatedAt = row[14]
        updatedBy = row[15]
        catalogPredictiveOptimization = PredictiveOptimization(rawValue: row[16]) ?? .inherit
        managedRoot = row[17]
        parentRows = ParentRows(row, from: 18, inSchema: false)
    }

    fileprivate mutating func apply(_ change: SchemaChange, newName: String?, by principal: Principal, now: Int64) {
        name = newName ?? name
        if let comment = change.comment { self.comment = comment.isEmpty ? nil : comment }
        owner = change.owner ?? owner
        predictiveOptimization = change.predictiveOptimization ?? predictiveOptimization
        properties = change.properties ?? properties
        retentionHours = change.retentionHours ?? retentionHours
        updatedAt = now
        updatedBy = principal.userName
    }

    func mustBeOwned(by principal: Principal) throws(WorkspaceError) {
        if catalogKind.isReadOnly || isInformationSchema, principal != .system { throw .notOwner(of: .schema, fullName) }
    }
}
