import GRDB
package import JSON

/// The governed objects of one type: storage credentials, external locations, connections, models and the like. What is special about a type is in
/// its `CatalogObjectRules`.
package struct CatalogObjects: Sendable {
    let workspace: Workspace
    package let type: SecurableType

    static let migration = Migration(
        "securable",
        """
        CREATE TABLE securable (
            key INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, type TEXT NOT NULL, parent TEXT NOT NULL, name TEXT NOT NULL, owner TEXT NOT NULL,
            comment TEXT, fields TEXT NOT NULL,
            created_at INTEGER NOT NULL, created_by TEXT NOT NULL, updated_at INTEGER NOT NULL, updated_by TEXT NOT NULL,
            UNIQUE (type, parent, name)
        );
        CREATE INDEX securable_parent ON securable (parent);
        CREATE TRIGGER schema_securables AFTER DELETE ON schema BEGIN DELETE FROM securable WHERE parent = OLD.id; END;
        CREATE TRIGGER relation_securables AFTER DELETE ON relation BEGIN DELETE FROM securable WHERE parent = OLD.id; END;
        """)

    static let select = """
        SELECT o.key, o.id, o.type, o.parent, o.name, o.owner, o.comment, o.fields, o.created_at, o.created_by, o.updated_at, o.updated_by, \
        coalesce(c.name || '.' || s.name, '') FROM securable o LEFT JOIN schema s ON s.id = o.parent LEFT JOIN catalog c ON c.key = s.catalog
        """

    private var rules: CatalogObjectRules { .of(type) }

    // MARK: Look-up

    static func find(_ database: Database, _ type: SecurableType, parent: String, name: String) throws -> CatalogObject? {
        try database.first(
            "\(select) WHERE o.type = ? AND o.parent = ? AND o.name = ?", [.text(type.rawValue), .text(parent), .text(name)]
        ) { CatalogObject($0) }
    }

    static func all(_ database: Database, _ type: SecurableType, parent: String = "", after: String = "") throws -> [CatalogObject] {
        try database.all(
            "\(select) WHERE o.type = ? AND o.parent = ? AND o.name > ? ORDER BY o.name",
            [.text(type.rawValue), .text(parent), .text(after)]
        ) { CatalogObject($0) }
    }

    static func existing(_ database: Database, _ type: SecurableType, _ fullName: String, rpc: String) throws -> CatalogObject {
        let (schema, name) = try names(fullName, type, rpc: rpc)
        let parent = try schema.map { try Schemas.existing(database, $0).id } ?? ""
        guard let object = try find(database, type, parent: parent, name: name) else {
            throw WorkspaceError.noSuch(type, schema.map { "\($0).\(name)" } ?? name)
        }
        return object
    }

    /// The schema, if the type lives in one, and the object's own name in lower case.
    private static func names(_ fullName: String, _ type: SecurableType, rpc: String) throws(WorkspaceError) -> (SchemaName?, String) {
        guard type.nameParts == 3 else { return (nil, try SecurableName.new(fullName, rpc: rpc, field: "\(rpc).name_arg")) }
        let name = try ObjectName(fullName: fullName, rpc: rpc, field: "\(rpc).full_name_arg")
        return (name.schemaName, name.name)
    }

    package func get(_ fullName: String, browse: Bool = false, by principal: Principal) throws -> (object: CatalogObject, browseOnly: Bool) {
        try workspace.store.read { database in
            let object = try Self.existing(database, type, fullName, rpc: "Get\(rules.noun)")
            let access = try Access(principal, database)
            if let privilege = type.use {
                try access.requireSharing(privilege, on: try object.path(database))
                return (object, false)
            }
            let path = try object.path(database)
            if rules.isForManagers {
                try access.requireSight(path)
                guard try access.manages(path) else { throw WorkspaceError.notOwner(of: type, path.name) }
                return (object, false)
            }
            return (object, try access.requireSight(path, browse: browse))
        }
    }

    /// Those that the caller may see, by name.
    package func list(
        in schema: String? = nil, after: String? = nil, limit: Int = .max, browse: Bool = false, by principal: Principal
    ) throws -> [CatalogObject] {
        try workspace.store.read { database in
            var parent = ""
            if let schema {
                parent = try Schemas.existing(database, SchemaName(fullName: schema, rpc: "List\(rules.noun)s", field: "schema_name")).id
            }
            let all = try Self.all(database, type, parent: parent, after: after ?? "")
            let access = try Access(principal, database, many: true)
            if let privilege = type.use, try access.granted(on: Securables.metastore(database).object.id).contains(privilege) {
                return Array(all.prefix(limit))
            }
            return try Array(visible(all, access, browse: browse, database).prefix(limit))
        }
    }

    /// Of many objects those that the caller may see.
    func visible(_ all: [CatalogObject], _ access: Access, browse: Bool, _ database: Database) throws -> [CatalogObject] {
        let seen = try access.visible(all, browse: browse) { try $0.path(database) }
        return rules.isForManagers ? try seen.filter { try access.manages($0.path(database)) } : seen
    }

    // MARK: Changes

    @discardableResult
    package func create(_ spec: CatalogObjectSpec, by principal: Principal) throws -> CatalogObject {
        try workspace.store.write { try create(spec, in: $0, by: principal) }
    }

    /// The same as a part of a transaction.
    func create(_ spec: CatalogObjectSpec, in database: Database, by principal: Principal) throws -> CatalogObject {
        let rpc = "Create\(rules.noun)"
        let name = try SecurableName.new(spec.name, rpc: rpc, field: "\(rules.noun)Info.name")
        let schema = spec.schema.isEmpty ? nil : try SchemaName(fullName: spec.schema, rpc: rpc, field: "\(rules.noun)Info.schema_name")
        let id = workspace.environment.ids.uuid()
        let now = workspace.environment.nowMillis
        let access = try Access(principal, database)
        let home = try schema.map { try Schemas.existing(database, $0).path } ?? Securables.metastore(database)
        if let privilege = rules.creation { try access.require(privilege, on: home) }
        try access.requireOwn(home, for: principal)
        var fields = spec.fields
        try rules.check(CatalogObjectRules.Scene(workspace, database, access, rpc), id, name, nil, &fields)
        do {
            try database.cachedStatement(sql: "INSERT INTO securable VALUES (NULL, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)").execute(arguments: [
                id, type.rawValue, schema == nil ? "" : home.object.id, name, principal.userName, spec.comment.nonEmpty, fields.columnText, now,
                principal.userName, now, principal.userName,
            ])
        } catch let error as DatabaseError where error.isUniqueViolation {
            throw WorkspaceError.exists(type, name)
        }
        guard let made = try Self.find(database, type, parent: schema == nil ? "" : home.object.id, name: name) else {
            throw WorkspaceError.noSuch(type, name)
        }
        return made
    }

    package func update(_ fullName: String, _ change: CatalogObjectChange, by principal: Principal) throws -> CatalogObject {
        let rpc = "Update\(rules.noun)"
        let now = workspace.environment.nowMillis
        return try workspace.store.write { database in
            let object = try Self.existing(database, type, fullName, rpc: rpc)
            let access = try Access(principal, database)
            try access.requireManage(try object.path(database))
            try access.requireOwn(try object.path(database), for: principal)
            if change.isEmpty { throw WorkspaceError.nothingToUpdate(rpc) }
            if rules.isForManagers, change.name != nil || change.comment != nil || !change.fields.isEmpty {
                // An administrator of the metastore may give it another owner, and change nothing else.
                let path = try object.path(database)
                guard try access.has(.manage, on: path) else { throw WorkspaceError.notOwner(of: type, path.name) }
            }
            return try update(database, object, change, access, now: now, by: principal)
        }
    }

    /// The same as a part of a transaction, for who is known to be allowed it.
    func update(
        _ database: Database, _ before: CatalogObject, _ change: CatalogObjectChange, _ access: Access, now: Int64, by principal: Principal
    ) throws -> CatalogObject {
        let rpc = "Update\(rules.noun)"
        var object = before
        object.name = try change.name.map { try SecurableName.new($0, rpc: rpc, field: "\(rules.noun)Info.name") } ?? object.name
        if let comment = change.comment { object.comment = comment.isEmpty ? nil : comment }
        if let owner = change.owner { object.owner = try Principals.existing(owner, database) }
        for (name, value) in change.fields.members { object.fields[name] = value }
        if !change.fields.isEmpty {
            try rules.check(CatalogObjectRules.Scene(workspace, database, access, rpc), object.id, object.name, before, &object.fields)
        }
        object.updatedAt = now
        object.updatedBy = principal.userName
        do {
            try database.cachedStatement(
                sql: "UPDATE securable SET name = ?, owner = ?, comment = ?, fields = ?, updated_at = ?, updated_by = ? WHERE key = ?"
            ).execute(arguments: [
                object.name, object.owner, object.comment, object.fields.columnText, now, principal.userName, object.key,
            ])
        } catch let error as DatabaseError where error.isUniqueViolation {
            throw WorkspaceError.exists(type, object.name)
        }
        try rules.renamed(database, before, object)
        return object
    }

    /// - Parameter force: although other objects depend on it.
    package func delete(_ fullName: String, force: Bool = false, by principal: Principal) throws {
        try workspace.store.write { database in
            let object = try Self.existing(database, type, fullName, rpc: "Delete\(rules.noun)")
            let access = try Access(principal, database)
            try access.requireManage(try object.path(database))
            try access.requireOwn(try object.path(database), for: principal)
            if !force, let dependents = try rules.dependents(database, object) {
                throw WorkspaceError.unityCatalog(
                    .invalidState, "\(type.title) '\(object.fullName)' has \(dependents); use force option to delete anyway.")
            }
            try database.cachedStatement(sql: "DELETE FROM securable WHERE parent = ?").execute(arguments: [object.id])
            try database.cachedStatement(sql: "DELETE FROM securable WHERE key = ?").execute(arguments: [object.key])
        }
    }

    /// Changes an object's own members as the closure says; only for who may change it.
    @discardableResult
    package func change(
        _ fullName: String, rpc: String, by principal: Principal, _ body: (inout JSONObject) throws -> Void
    ) throws -> CatalogObject {
        let now = workspace.environment.nowMillis
        return try workspace.store.write { database in
            var object = try Self.existing(database, type, fullName, rpc: rpc)
            let access = try Access(principal, database)
            try access.requireManage(try object.path(database))
            try access.requireOwn(try object.path(database), for: principal)
            try body(&object.fields)
            object.updatedAt = now
            object.updatedBy = principal.userName
            try database.cachedStatement(sql: "UPDATE securable SET fields = ?, updated_at = ?, updated_by = ? WHERE key = ?")
                .execute(arguments: [object.fields.columnText, now, principal.userName, object.key])
            return object
        }
    }
}

extension Workspace {
    package func catalogObjects(_ type: SecurableType) -> CatalogObjects { CatalogObjects(workspace: self, type: type) }
}

extension CatalogObject {
    init(_ row: borrowing SQLRow) {
        key = row[0]
        id = row[1]
        type = SecurableType(rawValue: row[2]) ?? .staging
        parent = row[3]
        name = row[4]
        owner = row[5]
        comment = row[6]
        fields = JSONObject(column: row[7])
        createdAt = row[8]
        createdBy = row[9]
        updatedAt = row[10]
        updatedBy = row[11]
        schema = row[12]
    }

    func path(_ database: Database) throws -> SecurablePath {
        let step = SecurablePath.Step(type: type, id: id, name: fullName, owner: owner)
        guard !schema.isEmpty, let home = try Securables.find(database, type: .schema, id: parent) else {
            return SecurablePath(step, isIsolated: fields["isolation_mode"]?.stringValue == "ISOLATION_MODE_ISOLATED")
        }
        return SecurablePath(step, parents: home.steps, catalogKind: home.catalogKind, isIsolated: home.isIsolated)
    }
}
