import GRDB
package import JSON

/// The one metastore that a workspace is attached to.
package struct Metastore: Sendable, Hashable {
    package let id: String
    package var name: String
    package let cloud: String
    package let region: String
    package let storageRoot: String
    package var owner: String
    package let dataAccessConfigurationID: String
    package let createdAt: Int64
    package let createdBy: String
    package var updatedAt: Int64
    package var updatedBy: String
    /// Members of the API's object that an update sets: `delta_sharing_scope`, `external_access_enabled`, … as a JSON object.
    package var details: JSONObject
    /// The catalog that a session begins in if it names none.
    package var defaultCatalog: String
    /// Whether this is the workspace's metastore.
    package var isAssigned: Bool
    let isDeleted: Bool

    /// `aws:us-west-2:<id>`: what sharing partners know it by.
    package var globalID: String { "\(cloud):\(region):\(id)" }
}

extension Metastore {
    static let migration = Migration(
        "metastore",
        """
        CREATE TABLE metastore (
            id TEXT PRIMARY KEY, name TEXT NOT NULL, cloud TEXT NOT NULL, region TEXT NOT NULL, storage_root TEXT NOT NULL, owner TEXT NOT NULL,
            data_access_id TEXT NOT NULL, created_at INTEGER NOT NULL, created_by TEXT NOT NULL
        ) WITHOUT ROWID
        """)

    init(_ row: borrowing SQLRow) {
        id = row[0]
        name = row[1]
        cloud = row[2]
        region = row[3]
        storageRoot = row[4]
        owner = row[5]
        dataAccessConfigurationID = row[6]
        createdAt = row[7]
        createdBy = row[8]
        updatedAt = (row[9] as Int?).map { Int64($0) } ?? createdAt
        updatedBy = (row[10] as String?) ?? createdBy
        details = JSONObject(column: row[11])
        defaultCatalog = row[12]
        isAssigned = (row[13] as Int64) != 0
        isDeleted = (row[14] as Int64) != 0
    }

    static let detailsMigration = Migration(
        "metastore-details",
        """
        ALTER TABLE metastore ADD COLUMN updated_at INTEGER;
        ALTER TABLE metastore ADD COLUMN updated_by TEXT;
        ALTER TABLE metastore ADD COLUMN details TEXT NOT NULL DEFAULT '{}';
        ALTER TABLE metastore ADD COLUMN default_catalog TEXT NOT NULL DEFAULT 'main';
        ALTER TABLE metastore ADD COLUMN assigned INTEGER NOT NULL DEFAULT 1;
        ALTER TABLE metastore ADD COLUMN deleted INTEGER NOT NULL DEFAULT 0;
        """)
}

extension Workspace {
    /// The catalog that a session begins in if it names none.
    package static let defaultCatalog = "main"

    /// The workspace's metastore. It never changes but by a restore, so it is read once.
    package var metastore: Metastore {
        get throws {
            if let known = metastoreCache.value { return known }
            let found = try store.read { try $0.first("SELECT * FROM metastore WHERE assigned = 1") { Metastore($0) } }
            guard let found else { throw WorkspaceError(.metastoreDoesNotExist, "No metastore assigned for the current workspace.") }
            metastoreCache.value = found
            return found
        }
    }

    /// Writes the metastore and the catalogs of a new workspace: `main` with schema `default`, and the service's own.
    func writeCatalogs(admin: Principal, _ database: Database) throws {
        let id = environment.ids.uuid()
        try database.execute(
            sql: """
                INSERT INTO metastore (id, name, cloud, region, storage_root, owner, data_access_id, created_at, created_by) \
                VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
                """,
            arguments: [
                id, "metastore_aws_us_west_2", "aws", "us-west-2", "s3://dbxsim-metastore/\(id)", Group.admins,
                environment.ids.uuid(),
                environment.nowMillis, Principal.system.userName,
            ])
        let start: [(name: String, kind: CatalogInfo.Kind, comment: String?, owner: Principal)] = [
            (Workspace.defaultCatalog, .managed, "Main catalog (auto-created)", admin),
            ("samples", .system, "Small tables to try queries on", .system),
            ("system", .system, "System catalog (auto-created)", .system),
            ("hive_metastore", .internal, nil, .system),
        ]
        for (name, kind, comment, owner) in start {
            try catalogs.insert(database, CatalogSpec(name: name, comment: comment), name: name, kind: kind, by: owner)
        }
    }
}
