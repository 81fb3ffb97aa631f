import GRDB

extension Tables {
    /// Where a new managed table's files go. Nothing is written: the table exists from the moment its row does, which is after its first commit.
    package struct Reservation: Sendable, Hashable {
        package let id: String
        package let location: String
    }

    /// An id and a location for a managed table of this schema; checks that the schema exists.
    package func reserve(in schema: SchemaName, by principal: Principal) throws -> Reservation {
        let id = environment.ids.uuid()
        return try store.read { database in
            let info = try Schemas.existing(database, schema)
            if info.catalogKind != .system { try Access(principal, database).requireUse(.createTable, on: info.path) }
            let root =
                try info.managedRoot ?? String.fetchOne(
                    database, sql: "SELECT storage_root || '/' || ? FROM metastore WHERE assigned = 1", arguments: [schema.catalog]) ?? ""
            return Reservation(id: id, location: "\(root)/tables/\(id)")
        }
    }

    /// Creates a table or view. A taken name is decided by the store's UNIQUE key, and answered as `mode` says.
    @discardableResult
    package func create(_ spec: TableSpec, mode: CreateMode = .create, by principal: Principal) throws -> CreateOutcome {
        let name = try checked(spec.name, rpc: "CreateTable")
        let id = spec.id ?? environment.ids.uuid()
        let now = environment.nowMillis
        return try store.write { database in
            let schema = try Schemas.existing(database, name.schemaName)
            if schema.catalogKind.isReadOnly || schema.isInformationSchema, principal != .system {
                throw WorkspaceError.noPrivilege("CREATE TABLE", on: .schema, schema.fullName)
            }
            let access = try Access(principal, database)
            try access.requireUse(spec.type.creation, on: schema.path)
            if spec.type == .external, let location = spec.location {
                try ExternalPaths.check(
                    location, .createExternalTable, rpc: "CreateTable", except: mode == .create ? nil : name.description, access, database)
            }
            do {
                try database.cachedStatement(
                    sql: "INSERT INTO relation VALUES (NULL, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 'INHERIT', ?, ?, ?, ?)"
                ).execute(arguments: [
                    id, schema.key, name.name, spec.type.rawValue, spec.format, spec.columns.json, spec.comment.nonEmpty,
                    principal.userName, spec.location,
                    spec.properties.json, spec.viewDefinition, spec.details, now, principal.userName, now, principal.userName,
                ])
            } catch let error as DatabaseError where error.isUniqueViolation {
                guard let before = try Tables.find(database, name) else { throw error }
                switch mode {
                case .create: throw WorkspaceError.exists(.table, name.name)
                case .ifNotExists: return .existed(before)
                case .replace:
                    try access.requireManage(before.path)
                    return .replaced(try replace(database, before, spec, by: principal, now: now), before: before)
                }
            }
            return .created(try Tables.existing(database, name))
        }
    }

    private func replace(_ database: Database, _ before: TableInfo, _ spec: TableSpec, by principal: Principal, now: Int64) throws
        -> TableInfo
    {
        try database.cachedStatement(
            sql: """
                UPDATE relation SET type = ?, format = ?, columns = ?, comment = ?, location = ?, properties = ?, view_definition = ?, details = ?, \
                updated_at = ?, updated_by = ? WHERE key = ?
                """
        ).execute(arguments: [
            spec.type.rawValue, spec.format, spec.columns.json, spec.comment.nonEmpty,
            spec.location ?? (spec.type.isView ? nil : before.location),
            spec.properties.json, spec.viewDefinition, spec.details, now, principal.userName, before.key,
        ])
        return try Tables.existing(database, before.name)
    }

    /// Changes a table's metadata; the change sees the row as it is inside the transaction.
    @discardableResult
    package func update(
        _ name: ObjectName, rpc: String = "UpdateTable", by principal: Principal, _ change: (TableInfo) throws -> TableChange
    ) throws -> TableInfo {
        let now = environment.nowMillis
        return try store.write { database in
            var info = try Tables.existing(database, name)
            let access = try Access(principal, database)
            var change = try change(info)
            // Columns, comment and properties are changed by whoever may change the data.
            if try change.owner != nil || info.type.isView || !access.allows(.modify, on: info.path) { try access.requireManage(info.path) }
            try info.mustBeOwned(by: principal)
            change.owner = try change.owner.map { try Principals.existing($0, database) }
            if change.isEmpty { throw WorkspaceError.nothingToUpdate(rpc) }
            info.apply(change, by: principal, now: now)
            try database.cachedStatement(
                sql: """
                    UPDATE relation SET columns = ?, comment = ?, owner = ?, properties = ?, view_definition = ?, details = ?, optimization = ?, \
                    updated_at = ?, updated_by = ? WHERE key = ?
                    """
            ).execute(arguments: [
                info.columns.json, info.comment, info.owner, info.properties.json, info.viewDefinition, info.details,
                info.predictiveOptimization.rawValue,
                info.updatedAt, info.updatedBy, info.key,
            ])
            return info
        }
    }

    /// Gives a table another name, in another schema of the same catalog if asked for.
    @discardableResult
    package func rename(_ name: ObjectName, to newName: ObjectName, by principal: Principal) throws -> TableInfo {
        let newName = try checked(newName, rpc: "UpdateTable")
        guard newName.catalog == name.catalog else {
            throw WorkspaceError.invalid("Table '\(name)' cannot be moved to another catalog.")
        }
        let now = environment.nowMillis
        return try store.write { database in
            let info = try Tables.existing(database, name)
            let access = try Access(principal, database)
            try access.requireManage(info.path)
            try info.mustBeOwned(by: principal)
            let schema = try Schemas.existing(database, newName.schemaName)
            if schema.key != info.schemaKey { try access.requireUse(.createTable, on: schema.path) }
            try schema.mustBeOwned(by: principal)
            do {
                try database.cachedStatement(sql: "UPDATE relation SET schema = ?, name = ?, updated_at = ?, updated_by = ? WHERE key = ?")
                    .execute(
                        arguments: [schema.key, newName.name, now, principal.userName, info.key])
            } catch let error as DatabaseError where error.isUniqueViolation {
                throw WorkspaceError.exists(.table, newName.name)
            }
            return try Tables.existing(database, newName)
        }
    }

    /// Drops a table or view. A table can be brought back for a while (`undrop`): its files stay.
    @discardableResult
    package func delete(_ name: ObjectName, by principal: Principal) throws -> TableInfo {
        let now = environment.nowMillis
        return try store.write { database in
            let info = try Tables.existing(database, name)
            try Access(principal, database).requireManage(info.path)
            try info.mustBeOwned(by: principal)
            try Tables.keep(database, where: "t.key = ?", info.key, now: now)
            try database.cachedStatement(sql: "DELETE FROM relation WHERE key = ?").execute(arguments: [info.key])
            return info
        }
    }

    private func checked(_ name: ObjectName, rpc: String) throws(WorkspaceError) -> ObjectName {
        _ = try SecurableName.new(name.catalog, rpc: rpc, field: "TableInfo.catalog_name")
        _ = try SecurableName.new(name.schema, rpc: rpc, field: "TableInfo.schema_name")
        _ = try SecurableName.new(name.name, rpc: rpc, field: "TableInfo.name")
        return name
    }
}

extension TableInfo {
    fileprivate mutating func apply(_ change: TableChange, by principal: Principal, now: Int64) {
        columns = change.columns ?? columns
        if let comment = change.comment { self.comment = comment.isEmpty ? nil : comment }
        owner = change.owner ?? owner
        properties = change.properties ?? properties
        viewDefinition = change.viewDefinition ?? viewDefinition
        if let details = change.details { self.details = details.isEmpty ? nil : details }
        predictiveOptimization = change.predictiveOptimization ?? predictiveOptimization
        updatedAt = now
        updatedBy = principal.userName
    }

    fileprivate func mustBeOwned(by principal: Principal) throws(WorkspaceError) {
        if catalogKind.isReadOnly, principal != .system { throw .notOwner(of: .table, name.description) }
    }
}
