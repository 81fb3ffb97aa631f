import GRDB

/// The volumes of a workspace's catalogs: their metadata, not their files.
package struct Volumes: Sendable {
    let store: StateStore
    let environment: Environment

    static let migration = Migration(
        "volume",
        """
        CREATE TABLE volume (
            key INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, schema INTEGER NOT NULL REFERENCES schema(key) ON DELETE CASCADE, name TEXT NOT NULL,
            type TEXT NOT NULL, comment TEXT, owner TEXT NOT NULL, location TEXT NOT NULL,
            created_at INTEGER NOT NULL, created_by TEXT NOT NULL, updated_at INTEGER NOT NULL, updated_by TEXT NOT NULL,
            UNIQUE (schema, name)
        )
        """)

    private static let select = """
        SELECT v.key, v.id, c.name, s.name, v.name, v.type, v.comment, v.owner, v.location, v.created_at, v.created_by, v.updated_at, v.updated_by, \
        c.kind, \(ParentRows.ofObject) FROM catalog c JOIN schema s ON s.catalog = c.key JOIN volume v ON v.schema = s.key
        """
    private static let byName = "\(select) WHERE c.name = ? AND s.name = ? AND v.name = ?"

    @discardableResult
    package func create(_ spec: VolumeSpec, by principal: Principal) throws -> VolumeInfo {
        let rpc = "CreateVolume"
        let name = ObjectName(
            catalog: try SecurableName.new(spec.catalog, rpc: rpc, field: "volume.VolumeInfo.catalog_name"),
            schema: try SecurableName.new(spec.schema, rpc: rpc, field: "volume.VolumeInfo.schema_name"),
            name: try SecurableName.new(spec.name, rpc: rpc, field: "volume.VolumeInfo.name"))
        switch (spec.kind, spec.location.nonEmpty) {
        case (.managed, _?): throw WorkspaceError.unityCatalog(.invalidParameterValue, "CreateVolume storage_location can not be provided.")
        case (.external, nil): throw WorkspaceError.missingField(rpc, "storage_location")
        case (.external, let location?) where !StorageURL.isCloud(location):
            throw WorkspaceError.unityCatalog(.invalidParameterValue, "Missing cloud file system scheme")
        default: break
        }
        let id = environment.ids.uuid()
        let now = environment.nowMillis
        return try store.write { database in
            let schema = try Schemas.existing(database, name.schemaName)
            if schema.catalogKind.isReadOnly || schema.isInformationSchema, principal != .system {
                throw WorkspaceError.noPrivilege("CREATE VOLUME", on: .schema, schema.fullName)
            }
            let access = try Access(principal, database)
            try access.requireUse(.createVolume, on: schema.path)
            if spec.kind == .external, let location = spec.location {
                try ExternalPaths.check(StorageURL.trimmed(location), .createExternalVolume, rpc: rpc, access, database)
            }
            let location = spec.location.nonEmpty.map { StorageURL.trimmed($0) } ?? "\(schema.managedRoot ?? "")/volumes/\(id)"
            do {
                try database.cachedStatement(sql: "INSERT INTO volume VALUES (NULL, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)").execute(arguments: [
                    id, schema.key, name.name, spec.kind.rawValue, spec.comment.nonEmpty, principal.userName, location, now,
                    principal.userName, now,
                    principal.userName,
                ])
            } catch let error as DatabaseError where error.isUniqueViolation {
                throw WorkspaceError.exists(.volume, name.name)
            }
            return try Volumes.existing(database, name)
        }
    }

    /// Nil if there is no such volume.
    package func find(_ name: ObjectName) throws -> VolumeInfo? { try store.read { try Volumes.find($0, name) } }

    /// Nil if no volume has this id.
    package func find(id: String) throws -> VolumeInfo? {
        try store.read { try $0.first("\(Volumes.select) WHERE v.id = ?", [.text(id)]) { VolumeInfo($0) } }
    }

    /// Throws the error of what is missing first: catalog, schema or volume.
    package func get(_ name: ObjectName, browse: Bool = false, by principal: Principal) throws -> VolumeInfo {
        try store.read { database in
            var info = try Volumes.existing(database, name)
            info.browseOnly = try Access(principal, database).requireSight(info.path, browse: browse)
            return info
        }
    }

    /// A full name as it stands in a path; `rpc` is for the error of a malformed one.
    package static func name(_ fullName: String, rpc: String) throws(WorkspaceError) -> ObjectName {
        try ObjectName(fullName: fullName, rpc: rpc, field: "volume.\(rpc).full_name_arg")
    }

    package func list(
        in schema: SchemaName, after: String? = nil, limit: Int = .max, browse: Bool = false, by principal: Principal
    ) throws -> [VolumeInfo] {
        try store.read { database in
            let parent = try Schemas.existing(database, schema)
            let everything = try Access(principal, database).seesAll(in: parent.path)
            let all = try database.all(
                "\(Volumes.select) WHERE c.name = ? AND s.name = ? AND v.name > ? ORDER BY v.name LIMIT ?",
                [.text(schema.catalog), .text(schema.schema), .text(after ?? ""), .limit(everything ? limit : .max)]
            ) { VolumeInfo($0) }
            if everything { return all }
            let access = try Access(principal, database, many: true)
            return try Array(access.visible(all, browse: browse, unbound: false, \.path, VolumeInfo.browsed).prefix(limit))
        }
    }

    package func update(_ name: ObjectName, _ change: VolumeChange, by principal: Principal) throws -> VolumeInfo {
        if change.isEmpty { throw WorkspaceError.nothingToUpdate("UpdateVolume") }
        let newName = try change.name.map { try SecurableName.new($0, rpc: "UpdateVolume", field: "volume.VolumeInfo.name") }
        let now = environment.nowMillis
        return try store.write { database in
            var info = try Volumes.existing(database, name)
            try Access(principal, database).requireManage(info.path)
            try info.mustBeOwned(by: principal)
            if let newName { info.name = ObjectName(catalog: name.catalog, schema: name.schema, name: newName) }
            if let comment = change.comment { info.comment = comment.isEmpty ? nil : comment }
            info.owner = try change.owner.map { try Principals.existing($0, database) } ?? info.owner
            info.updatedAt = now
            info.updatedBy = principal.userName
            do {
                try database.cachedStatement(
                    sql: "UPDATE volume SET name = ?, comment = ?, owner = ?, updated_at = ?, updated_by = ? WHERE key = ?"
                ).execute(arguments: [info.name.name, info.comment, info.owner, info.updatedAt, info.updatedBy, info.key])
            } catch let error as DatabaseError where error.isUniqueViolation {
                throw WorkspaceError.exists(.volume, info.name.name)
            }
            return info
        }
    }

    /// Deletes a volume; the files of a managed one are the caller's to remove.
    @discardableResult
    package func delete(_ name: ObjectName, by principal: Principal) throws -> VolumeInfo {
        try store.write { database in
            let info = try Volumes.existing(database, name)
            try Access(principal, database).requireManage(info.path)
            try info.mustBeOwned(by: principal)
            try database.cachedStatement(sql: "DELETE FROM volume WHERE key = ?").execute(arguments: [info.key])
            return info
        }
    }

    private static func find(_ database: Database, _ name: ObjectName) throws -> VolumeInfo? {
        try database.first(byName, [.text(name.catalog), .text(name.schema), .text(name.name)]) { VolumeInfo($0) }
    }

    static func existing(_ database: Database, _ name: ObjectName) throws -> VolumeInfo {
        if let info = try find(database, name) { return info }
        _ = try Schemas.existing(database, name.schemaName)
        throw WorkspaceError.noSuch(.volume, name.description)
    }
}

extension Workspace {
    package var volumes: Volumes { Volumes(store: store, environment: environment) }
}

extension VolumeInfo {
    fileprivate init(_ row: borrowing SQLRow) {
        key = row[0]
        id = row[1]
        name = ObjectName(stored: row[2], row[3], row[4])
        kind = Kind(rawValue: row[5]) ?? .managed
        comment = row[6]
        owner = row[7]
        location = row[8]
        createdAt = row[9]
        createdBy = row[10]
        updatedAt = row[11]
        updatedBy = row[12]
        catalogKind = CatalogInfo.Kind(rawValue: row[13]) ?? .managed
        parentRows = ParentRows(row, from: 14, inSchema: true)
    }

    fileprivate func mustBeOwned(by principal: Principal) throws(WorkspaceError) {
        if catalogKind.isReadOnly, principal != .system { throw .notOwner(of: .volume, name.description) }
    }
}
