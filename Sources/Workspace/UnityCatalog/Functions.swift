import GRDB

/// The SQL functions of a workspace's catalogs.
package struct Functions: Sendable {
    let store: StateStore
    let environment: Environment

    static let migration = Migration(
        "function",
        """
        CREATE TABLE function (
            key INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, schema INTEGER NOT NULL REFERENCES schema(key) ON DELETE CASCADE, name TEXT NOT NULL,
            definition TEXT NOT NULL, details TEXT, comment TEXT, owner TEXT NOT NULL, created_at INTEGER NOT NULL, created_by TEXT NOT NULL,
            UNIQUE (schema, name)
        )
        """)

    static let updateMigration = Migration(
        "function-updates", "ALTER TABLE function ADD COLUMN updated_at INTEGER; ALTER TABLE function ADD COLUMN updated_by TEXT")

    private static let select = """
        SELECT f.key, f.id, c.name, s.name, f.name, f.definition, f.details, f.comment, f.owner, f.created_at, f.created_by, c.kind, \
        f.updated_at, f.updated_by, \(ParentRows.ofObject) \
        FROM catalog c JOIN schema s ON s.catalog = c.key JOIN function f ON f.schema = s.key
        """
    private static let byName = "\(select) WHERE c.name = ? AND s.name = ? AND f.name = ?"

    /// - Parameter replaces: an existing function gives way.
    @discardableResult
    package func create(_ spec: FunctionSpec, replaces: Bool, by principal: Principal) throws -> FunctionInfo {
        let name = ObjectName(
            catalog: spec.name.catalog, schema: spec.name.schema,
            name: try SecurableName.new(spec.name.name, rpc: "CreateFunction", field: "function.FunctionInfo.name"))
        let id = environment.ids.uuid()
        let now = environment.nowMillis
        return try store.write { database in
            let schema = try Schemas.existing(database, name.schemaName)
            if schema.catalogKind.isReadOnly || schema.isInformationSchema, principal != .system {
                throw WorkspaceError.noPrivilege("CREATE FUNCTION", on: .schema, schema.fullName)
            }
            let access = try Access(principal, database)
            try access.requireUse(.createFunction, on: schema.path)
            if replaces, let old = try Functions.find(database, name) {
                try access.requireManage(old.path)
                try database.cachedStatement(sql: "DELETE FROM function WHERE key = ?").execute(arguments: [old.key])
            }
            do {
                try database.cachedStatement(sql: "INSERT INTO function VALUES (NULL, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)").execute(arguments: [
                    id, schema.key, name.name, spec.definition, spec.details, spec.comment, principal.userName, now, principal.userName, now,
                    principal.userName,
                ])
            } catch let error as DatabaseError where error.isUniqueViolation {
                throw WorkspaceError.exists(.function, name.name)
            }
            return try Functions.existing(database, name)
        }
    }

    /// Nil if there is no such function.
    package func find(_ name: ObjectName) throws -> FunctionInfo? { try store.read { try Functions.find($0, name) } }

    /// Throws `PERMISSION_DENIED` unless the caller may run the function.
    package func requireExecute(_ info: FunctionInfo, by principal: Principal) throws {
        try store.read { try Access(principal, $0).require(.execute, on: info.path) }
    }

    /// Throws the error of what is missing first: catalog, schema or function.
    package func get(_ name: ObjectName, browse: Bool = false, by principal: Principal) throws -> FunctionInfo {
        try store.read { database in
            var info = try Functions.existing(database, name)
            info.browseOnly = try Access(principal, database).requireSight(info.path, browse: browse)
            return info
        }
    }

    /// A full name as it stands in a path; `rpc` is for the error of a malformed one.
    package static func name(_ fullName: String, rpc: String) throws(WorkspaceError) -> ObjectName {
        try ObjectName(fullName: fullName, rpc: rpc, field: "function.\(rpc).full_name_arg")
    }

    package func list(
        in schema: SchemaName, after: String? = nil, limit: Int = .max, browse: Bool = false, by principal: Principal
    ) throws -> [FunctionInfo] {
        try store.read { database in
            let all = try database.all(
                "\(Functions.select) WHERE c.name = ? AND s.name = ? AND f.name > ? ORDER BY f.name",
                [.text(schema.catalog), .text(schema.schema), .text(after ?? "")]
            ) { FunctionInfo($0) }
            if all.isEmpty { _ = try Schemas.existing(database, schema) }
            let access = try Access(principal, database, many: true)
            return try Array(access.visible(all, browse: browse, unbound: false, \.path, FunctionInfo.browsed).prefix(limit))
        }
    }

    /// Gives a function another owner.
    package func update(_ name: ObjectName, owner: String?, by principal: Principal) throws -> FunctionInfo {
        let now = environment.nowMillis
        return try store.write { database in
            let info = try Functions.existing(database, name)
            try Access(principal, database).requireManage(info.path)
            guard let owner else { throw WorkspaceError.nothingToUpdate("UpdateFunction") }
            try database.cachedStatement(sql: "UPDATE function SET owner = ?, updated_at = ?, updated_by = ? WHERE key = ?")
                .execute(arguments: [try Principals.existing(owner, database), now, principal.userName, info.key])
            return try Functions.existing(database, name)
        }
    }

    package func delete(_ name: ObjectName, by principal: Principal) throws {
        try store.write { database in
            let info = try Functions.existing(database, name)
            try Access(principal, database).requireManage(info.path)
            if info.catalogKind.isReadOnly, principal != .system { throw WorkspaceError.notOwner(of: .function, name.description) }
            try database.cachedStatement(sql: "DELETE FROM function WHERE key = ?").execute(arguments: [info.key])
        }
    }

    private static func find(_ database: Database, _ name: ObjectName) throws -> FunctionInfo? {
        try database.first(byName, [.text(name.catalog), .text(name.schema), .text(name.name)]) { FunctionInfo($0) }
    }

    static func existing(_ database: Database, _ name: ObjectName) throws -> FunctionInfo {
        if let info = try find(database, name) { return info }
        _ = try Schemas.existing(database, name.schemaName)
        throw WorkspaceError.noSuch(.function, name.description)
    }
}

extension Workspace {
    package var functions: Functions { Functions(store: store, environment: environment) }
}

extension FunctionInfo {
    fileprivate init(_ row: borrowing SQLRow) {
        key = row[0]
        id = row[1]
        name = ObjectName(stored: row[2], row[3], row[4])
        definition = row[5]
        details = row[6]
        comment = row[7]
        owner = row[8]
        createdAt = row[9]
        createdBy = row[10]
        catalogKind = CatalogInfo.Kind(rawValue: row[11]) ?? .managed
        updatedAt = (row[12] as Int?).map { Int64($0) } ?? createdAt
        updatedBy = (row[13] as String?) ?? createdBy
        parentRows = ParentRows(row, from: 14, inSchema: true)
    }
}
