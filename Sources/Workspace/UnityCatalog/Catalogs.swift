import GRDB

/// The catalogs of a workspace's metastore.
package struct Catalogs: Sendable {
    let store: StateStore
    let environment: Environment

    static let migration = Migration(
        "catalog",
        """
        CREATE TABLE catalog (
            key INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, name TEXT NOT NULL UNIQUE, kind TEXT NOT NULL, comment TEXT, owner TEXT NOT NULL,
            storage_root TEXT, storage_location TEXT, isolation_mode TEXT NOT NULL, optimization TEXT NOT NULL, properties TEXT NOT NULL,
            options TEXT NOT NULL, retention_hours INTEGER, encryption TEXT,
            created_at INTEGER NOT NULL, created_by TEXT NOT NULL, updated_at INTEGER NOT NULL, updated_by TEXT NOT NULL
        )
        """)

    private static let columns = """
        key, id, name, kind, comment, owner, storage_root, storage_location, isolation_mode, optimization, properties, options, retention_hours, \
        encryption, created_at, created_by, updated_at, updated_by
        """
    private static let byName = "SELECT \(columns) FROM catalog WHERE name = ?"

    /// Creates a catalog with its schemas `default` and `information_schema`.
    @discardableResult
    package func create(_ spec: CatalogSpec, by principal: Principal) throws -> CatalogInfo {
        let name = try SecurableName.new(spec.name, rpc: "CreateCatalog", field: "CatalogInfo.name")
        return try store.write { database in
            let access = try Access(principal, database)
            if let connection = spec.connection {
                let found = try CatalogObjects.existing(database, .connection, connection, rpc: "CreateCatalog")
                try access.require(.createForeignCatalog, on: try found.path(database))
                var spec = spec
                spec.options = spec.options.setting([(CatalogInfo.connectionOption, found.name)])
                return try insert(database, spec, name: name, kind: .foreign, by: principal)
            }
            try access.require(.createCatalog, on: try Securables.metastore(database))
            if let share = spec.share {
                let provider = try CatalogObjects.existing(database, .provider, share.provider, rpc: "CreateCatalog")
                try access.requireSharing(.useProvider, on: try provider.path(database))
                var spec = spec
                spec.options = spec.options.setting([(CatalogInfo.providerOption, provider.name), (CatalogInfo.shareOption, share.share)])
                return try insert(database, spec, name: name, kind: .deltaSharing, by: principal)
            }
            return try insert(database, spec, name: name, kind: spec.isOnline ? .online : .managed, by: principal)
        }
    }

    /// Writes a catalog and the schemas that it has from the start; a taken name is `CATALOG_ALREADY_EXISTS`.
    @discardableResult
    func insert(_ database: Database, _ spec: CatalogSpec, name: String, kind: CatalogInfo.Kind, by principal: Principal) throws
        -> CatalogInfo
    {
        let id = environment.ids.uuid()
        let now = environment.nowMillis
        let root = spec.storageRoot.map { StorageURL.trimmed($0) }
        var location: String?
        if kind == .managed {
            let base = try root ?? String.fetchOne(database, sql: "SELECT storage_root FROM metastore WHERE assigned = 1") ?? ""
            location = "\(base)/__unitystorage/catalogs/\(id)"
        }
        do {
            try database.cachedStatement(
                sql: "INSERT INTO catalog VALUES (NULL, ?, ?, ?, ?, ?, ?, ?, 'OPEN', 'INHERIT', ?, ?, ?, ?, ?, ?, ?, ?)"
            ).execute(arguments: [
                id, name, kind.rawValue, spec.comment.nonEmpty, principal.userName, root, location, spec.properties.json, spec.options.json,
                spec.retentionHours, spec.encryption, now, principal.userName, now, principal.userName,
            ])
        } catch let error as DatabaseError where error.isUniqueViolation {
            throw WorkspaceError.exists(.catalog, name)
        }
        let key = database.lastInsertedRowID
        let schemas = Schemas(store: store, environment: environment)
        if kind != .internal {
            try schemas.insert(
                database, catalog: key, name: Schemas.informationSchema, comment: "Information schema (auto-created)", owner: .system,
                now: now)
        }
        if kind == .managed || kind == .internal {
            try schemas.insert(
                database, catalog: key, name: "default", comment: "Default schema (auto-created)", owner: principal, now: now)
        }
        guard let info = try Catalogs.find(database, name) else { throw WorkspaceError.noSuch(.catalog, name) }
        return info
    }

    /// Looks a catalog up by its name in any case; nil if there is none.
    package func find(_ name: String) throws -> CatalogInfo? {
        let name = name.lowercased()
        return try store.read { try Catalogs.find($0, name) }
    }

    /// The same for who may see it; throws `PERMISSION_DENIED` otherwise.
    package func visible(_ name: String, by principal: Principal) throws -> CatalogInfo? {
        try find(name) == nil ? nil : get(name, browse: true, by: principal)
    }

    /// The catalog of this name. Throws `CATALOG_DOES_NOT_EXIST`, or `PERMISSION_DENIED`.
    package func get(_ name: String, browse: Bool = false, by principal: Principal) throws -> CatalogInfo {
        let name = try lookupName(name, rpc: "GetCatalog")
        return try store.read { database in
            guard var info = try Catalogs.find(database, name) else { throw WorkspaceError.noSuch(.catalog, name) }
            info.browseOnly = try Access(principal, database).requireSight(info.path, browse: browse)
            return info
        }
    }

    /// Catalogs that the caller may see in the order of their names, after a name if one is given.
    /// - Parameter unbound: isolated ones too that are not bound to this workspace.
    package func list(
        after: String? = nil, limit: Int = .max, browse: Bool = false, unbound: Bool = false, by principal: Principal
    ) throws -> [CatalogInfo] {
        try store.read { database in
            let all = try database.all(
                "SELECT \(Catalogs.columns) FROM catalog WHERE name > ? ORDER BY name", [.text(after ?? "")]
            ) { CatalogInfo($0) }
            return try Array(
                Access(principal, database, many: true).visible(all, browse: browse, unbound: unbound, \.path, CatalogInfo.browsed).prefix(limit))
        }
    }

    /// All names in order, for SHOW CATALOGS.
    package func names(by principal: Principal) throws -> [String] { try list(browse: true, by: principal).map(\.name) }

    package func update(_ name: String, _ change: CatalogChange, by principal: Principal) throws -> CatalogInfo {
        let name = try lookupName(name, rpc: "UpdateCatalog")
        if change.isEmpty { throw WorkspaceError.nothingToUpdate("UpdateCatalog") }
        let newName = try change.name.map { try SecurableName.new($0, rpc: "UpdateCatalog", field: "CatalogInfo.name") }
        let now = environment.nowMillis
        return try store.write { database in
            guard var info = try Catalogs.find(database, name) else { throw WorkspaceError.noSuch(.catalog, name) }
            try Access(principal, database).requireManage(info.path)
            var change = change
            change.owner = try change.owner.map { try Principals.existing($0, database) }
            let isIsolated = change.isolationMode == Bindings.isolated && info.isolationMode != Bindings.isolated
            info.apply(change, newName: newName, by: principal, now: now)
            do {
                try database.cachedStatement(
                    sql: """
                        UPDATE catalog SET name = ?, comment = ?, owner = ?, isolation_mode = ?, optimization = ?, properties = ?, options = ?, \
                        retention_hours = ?, encryption = ?, updated_at = ?, updated_by = ? WHERE key = ?
                        """
                ).execute(arguments: [
                    info.name, info.comment, info.owner, info.isolationMode, info.predictiveOptimization.rawValue, info.properties.json,
                    info.options.json,
                    info.retentionHours, info.encryption, info.updatedAt, info.updatedBy, info.key,
                ])
            } catch let error as DatabaseError where error.isUniqueViolation {
                throw WorkspaceError.exists(.catalog, info.name)
            }
            if isIsolated { try Bindings.bindHere(info.id, database) }
            return info
        }
    }

    /// Deletes a catalog; with `force` also all that is in it. Without, any schema but `information_schema` is in the way, the empty `default` too.
    @discardableResult
    package func delete(_ name: String, force: Bool, by principal: Principal) throws -> DroppedObjects {
        let name = try lookupName(name, rpc: "DeleteCatalog")
        let now = environment.nowMillis
        return try store.write { database in
            guard let info = try Catalogs.find(database, name) else { throw WorkspaceError.noSuch(.catalog, name) }
            try Access(principal, database).requireManage(info.path)
            if !force {
                let others = try Int.fetchOne(
                    database, sql: "SELECT count(*) FROM schema WHERE catalog = ? AND name <> ?",
                    arguments: [info.key, Schemas.informationSchema])
                if others != 0 { throw WorkspaceError.unityCatalog(.catalogNotEmpty, "Catalog '\(name)' is not empty") }
            }
            let dropped = try Schemas.managedObjects(database, "SELECT key FROM schema WHERE catalog = ?", info.key)
            try Tables.keep(database, where: "c.key = ?", info.key, now: now)
            try database.execute(sql: "DELETE FROM catalog WHERE key = ?", arguments: [info.key])
            return dropped
        }
    }

    static func find(_ database: Database, _ name: String) throws -> CatalogInfo? {
        try database.first(byName, [.text(name)]) { CatalogInfo($0) }
    }

    private func lookupName(_ name: String, rpc: String) throws(WorkspaceError) -> String {
        try SecurableName.new(name, rpc: rpc, field: "\(rpc).name_arg")
    }
}

extension Workspace {
    package var catalogs: Catalogs { Catalogs(store: store, environment: environment) }
}

extension CatalogInfo {
    fileprivate init(_ row: borrowing SQLRow) {
        key = row[0]
        id = row[1]
        name = row[2]
        kind = Kind(rawValue: row[3]) ?? .managed
        comment = row[4]
        owner = row[5]
        storageRoot = row[6]
        storageLocation = row[7]
        isolationMode = row[8]
        predictiveOptimization = PredictiveOptimization(rawValue: row[9]) ?? .inherit
        properties = PropertyMap(json: row[10])
        options = PropertyMap(json: row[11])
        retentionHours = row[12]
        encryption = row[13]
        createdAt = row[14]
        createdBy = row[15]
        updatedAt = row[16]
        updatedBy = row[17]
    }

    fileprivate mutating func apply(_ change: CatalogChange, newName: String?, by principal: Principal, now: Int64) {
        name = newName ?? name
        if let comment = change.comment { self.comment = comment.isEmpty ? nil : comment }
        owner = change.owner ?? owner
        isolationMode = change.isolationMode ?? isolationMode
        predictiveOptimization = change.predictiveOptimization ?? predictiveOptimization
        properties = change.properties ?? properties
        if let given = change.options {
            // What a foreign or received catalog stands for is kept there, too, and does not change.
            let fixed = [CatalogInfo.connectionOption, CatalogInfo.providerOption, CatalogInfo.shareOption]
            options = given.setting(kind == .foreign || kind == .deltaSharing ? options.pairs.filter { fixed.contains($0.key) } : [])
        }
        retentionHours = change.retentionHours ?? retentionHours
        encryption = change.encryption ?? encryption
        updatedAt = now
        updatedBy = principal.userName
    }
}

extension Optional where Wrapped == String {
    /// An empty text stands for none, as it does in protobuf.
    var nonEmpty: String? { self?.isEmpty == false ? self : nil }
}

/// Locations in object storage.
package enum StorageURL {
    /// Without slashes at the end.
    package static func trimmed(_ url: String) -> String {
        var url = url[...]
        while url.hasSuffix("/"), !url.hasSuffix("://") { url = url.dropLast() }
        return String(url)
    }

    private static let schemes = ["s3", "s3a", "s3n", "abfs", "abfss", "wasb", "wasbs", "gs", "r2", "file", "dbfs"]

    package static func isCloud(_ url: String) -> Bool {
        guard let colon = url.firstIndex(of: ":") else { return false }
        return schemes.contains(url[..<colon].lowercased()) && url[colon...].hasPrefix(":/")
    }
}
