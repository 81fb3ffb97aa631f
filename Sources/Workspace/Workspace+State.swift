import GRDB

extension Workspace {
    /// All steps of the database's schema, in the order in which they run. New steps go to the end.
    package static let migrations: [Migration] = [
        settingsMigration, identityMigration, warehousesMigration,
        Metastore.migration, Catalogs.migration, Schemas.migration, Tables.migration, Volumes.migration,
        SecretScopes.migration, Functions.migration,
        CatalogObjects.migration, Grants.migration, Metastore.detailsMigration, Functions.updateMigration,
        ResourceStore.migration, Permissions.migration, WorkspaceObjects.migration, JobStore.migration,
        Recipients.migration, Shares.grantsMigration,
        Tables.droppedMigration, Tables.clonesMigration,
        Catalogs.receivedMigration,
        Experiments.migration,
        ResourceStore.parentMigration,
    ]

    static let settingsMigration = Migration("settings", "CREATE TABLE setting (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID")

    /// Writes what a new workspace has, once: a store that has it is left alone.
    func writeStartState(admin: Principal) throws {
        let isNew = try store.read { try String.fetchOne($0, sql: "SELECT value FROM setting WHERE name = 'started'") } == nil
        guard isNew else { return }
        try store.write { database in
            try database.execute(sql: "INSERT INTO setting VALUES ('started', '1')")
            try writeIdentities(admin: admin, database)
            try writeStarterWarehouse(creator: admin, database)
            try writeCatalogs(admin: admin, database)
            try Grants.writeStartState(database)
            try objects.writeStart(admin: admin, database)
        }
    }
}
