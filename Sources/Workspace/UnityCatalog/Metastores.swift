import GRDB
package import JSON

/// What an update of a metastore changes: nil leaves a value as it is.
package struct MetastoreChange: Sendable, Hashable {
    package var name: String?
    package var owner: String?
    /// Members of `Metastore.details`, replaced one by one.
    package var details = JSONObject()

    package init() {}

    package var isEmpty: Bool { self == MetastoreChange() }
}

/// The metastores of the account. A workspace's catalogs are those of the one that it is attached to; the others are objects without contents.
package struct Metastores: Sendable {
    let workspace: Workspace

    /// By id.
    package func list(by principal: Principal) throws -> [Metastore] {
        try workspace.store.read { database in
            try database.all("SELECT * FROM metastore WHERE deleted = 0 ORDER BY id") { Metastore($0) }
                .filter { principal.isAdmin || principal.isNamed($0.owner) || $0.isAssigned }
        }
    }

    package func get(_ id: String, by principal: Principal) throws -> Metastore {
        try workspace.store.read { try existing($0, id) }
    }

    package func create(name: String, storageRoot: String?, region: String?, details: JSONObject, by principal: Principal) throws -> Metastore {
        let name = try Self.check(name, rpc: "CreateMetastore")
        let id = workspace.environment.ids.uuid()
        let accessID = workspace.environment.ids.uuid()
        let now = workspace.environment.nowMillis
        let own = try workspace.metastore
        return try workspace.store.write { database in
            try mustBeAdmin(principal, "CREATE METASTORE", own)
            guard try database.first("SELECT 1 FROM metastore WHERE name = ? AND deleted = 0", [.text(name)], { $0[0] as Int64 }) == nil else {
                throw WorkspaceError.exists(.metastore, name)
            }
            if let storageRoot = storageRoot.nonEmpty, !StorageURL.isCloud(storageRoot) {
                throw WorkspaceError.unityCatalog(.invalidParameterValue, "Missing cloud file system scheme")
            }
            try database.execute(
                sql: """
                    INSERT INTO metastore (id, name, cloud, region, storage_root, owner, data_access_id, created_at, created_by, details, assigned) \
                    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 0)
                    """,
                arguments: [
                    id, name, own.cloud, region.nonEmpty ?? own.region, storageRoot.nonEmpty.map { "\(StorageURL.trimmed($0))/\(id)" } ?? "",
                    principal.userName, accessID, now, principal.userName, details.columnText,
                ])
            return try existing(database, id)
        }
    }

    package func update(_ id: String, _ change: MetastoreChange, by principal: Principal) throws -> Metastore {
        let newName = try change.name.map { try Self.check($0, rpc: "UpdateMetastore") }
        let now = workspace.environment.nowMillis
        let updated = try workspace.store.write { database in
            var metastore = try existing(database, id)
            try mustBeAdmin(principal, "MANAGE", metastore)
            if change.isEmpty { throw WorkspaceError.nothingToUpdate("UpdateMetastore") }
            metastore.name = newName ?? metastore.name
            // The metastore's administrators may be a group of the workspace, as they are at first.
            if let owner = change.owner { metastore.owner = owner == Group.admins ? owner : try Principals.existing(owner, database) }
            for (name, value) in change.details.members { metastore.details[name] = value }
            metastore.updatedAt = now
            metastore.updatedBy = principal.userName
            try database.execute(
                sql: "UPDATE metastore SET name = ?, owner = ?, details = ?, updated_at = ?, updated_by = ? WHERE id = ?",
                arguments: [metastore.name, metastore.owner, metastore.details.columnText, now, principal.userName, metastore.id])
            return metastore
        }
        workspace.metastoreCache.value = nil
        return updated
    }

    /// Changes one member of the own metastore's details; its administrators may, and holders of this privilege.
    package func setDetail(
        _ name: String, requiring privilege: Privilege, by principal: Principal, _ change: (JSONValue?) -> JSONValue
    ) throws -> Metastore {
        let now = workspace.environment.nowMillis
        let id = try workspace.metastore.id
        let updated = try workspace.store.write { database in
            try Access(principal, database).require(privilege, on: try Securables.metastore(database))
            var metastore = try existing(database, id)
            metastore.details[name] = change(metastore.details[name])
            metastore.updatedAt = now
            metastore.updatedBy = principal.userName
            try database.execute(
                sql: "UPDATE metastore SET details = ?, updated_at = ?, updated_by = ? WHERE id = ?",
                arguments: [metastore.details.columnText, now, principal.userName, id])
            return metastore
        }
        workspace.metastoreCache.value = nil
        return updated
    }

    package func delete(_ id: String, force: Bool, by principal: Principal) throws {
        try workspace.store.write { database in
            let metastore = try existing(database, id)
            try mustBeAdmin(principal, "MANAGE", metastore)
            if metastore.isAssigned {
                throw WorkspaceError.unityCatalog(.metastoreNotEmpty, "Metastore '\(metastore.name)' is not empty: it is assigned to a workspace")
            }
            try database.execute(sql: "UPDATE metastore SET deleted = 1 WHERE id = ?", arguments: [metastore.id])
        }
    }

    package func undrop(_ id: String, by principal: Principal) throws -> Metastore {
        try workspace.store.write { database in
            let found = try database.first("SELECT * FROM metastore WHERE id = ? AND deleted = 1", [.text(id.lowercased())]) { Metastore($0) }
            guard let found else { throw WorkspaceError.noSuch(.metastore, String(id.prefix(64))) }
            try mustBeAdmin(principal, "MANAGE", found)
            try database.execute(sql: "UPDATE metastore SET deleted = 0 WHERE id = ?", arguments: [found.id])
            return try existing(database, found.id)
        }
    }

    /// Sets the catalog that sessions begin in; the assignment itself is fixed.
    package func assign(_ id: String?, workspaceID: Int, defaultCatalog: String?, by principal: Principal) throws {
        try workspace.store.write { database in
            try mustBeHere(workspaceID)
            let metastore = try id.map { try existing(database, $0) } ?? workspace.metastore
            try mustBeAdmin(principal, "MANAGE", metastore)
            guard metastore.isAssigned else {
                throw WorkspaceError(.notImplemented, "Assigning another metastore than the workspace began with is not simulated.")
            }
            guard let name = defaultCatalog.nonEmpty?.lowercased() else { return }
            guard try Catalogs.find(database, name) != nil else { throw WorkspaceError.noSuch(.catalog, name) }
            try database.execute(sql: "UPDATE metastore SET default_catalog = ? WHERE id = ?", arguments: [name, metastore.id])
        }
        workspace.metastoreCache.value = nil
    }

    package func unassign(_ id: String, workspaceID: Int, by principal: Principal) throws {
        try workspace.store.read { database in
            try mustBeHere(workspaceID)
            let metastore = try existing(database, id)
            try mustBeAdmin(principal, "MANAGE", metastore)
            guard metastore.isAssigned else {
                throw WorkspaceError.unityCatalog(
                    .metastoreDoesNotExist, "Metastore '\(metastore.id)' is not assigned to workspace \(workspaceID).")
            }
            throw WorkspaceError(.notImplemented, "A workspace without a metastore is not simulated.")
        }
    }

    private func existing(_ database: Database, _ id: String) throws -> Metastore {
        let found = try database.first("SELECT * FROM metastore WHERE id = ? AND deleted = 0", [.text(id.lowercased())]) { Metastore($0) }
        guard let found else { throw WorkspaceError.noSuch(.metastore, String(id.prefix(64))) }
        return found
    }

    private func mustBeHere(_ id: Int) throws(WorkspaceError) {
        guard id == workspace.id else { throw .unityCatalog(.resourceDoesNotExist, "Workspace \(id) does not exist.") }
    }

    /// Account administrators (here: the workspace's) and the metastore's own.
    private func mustBeAdmin(_ principal: Principal, _ privilege: String, _ metastore: Metastore) throws(WorkspaceError) {
        guard principal.isAdmin || principal.isNamed(metastore.owner) else { throw .noPrivilege(privilege, on: .metastore, metastore.name) }
    }

    private static func check(_ name: String, rpc: String) throws(WorkspaceError) -> String {
        try SecurableName.new(name, rpc: rpc, field: "MetastoreInfo.name")
    }
}

extension Workspace {
    package var metastores: Metastores { Metastores(workspace: self) }
}
