import GRDB

/// A table that was dropped and can be brought back.
package struct DroppedTable: Sendable, Hashable {
    package let id: String
    package let name: ObjectName
    package let type: TableType
    package let comment: String?
    package let owner: String
    package let createdAt: Int64
    package let createdBy: String
    package let updatedAt: Int64
    /// Milliseconds since 1970.
    package let droppedAt: Int64
}

/// Dropped tables are kept for seven days of the workspace's clock. Views, materialized views and streaming tables are not.
/// Source: Databricks' documentation of UNDROP and SHOW TABLES DROPPED.
extension Tables {
    static let retentionMillis: Int64 = 7 * 86_400_000

    static let droppedMigration = Migration(
        "dropped tables",
        """
        CREATE TABLE dropped_relation (
            key INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, schema TEXT NOT NULL, catalog_name TEXT NOT NULL, schema_name TEXT NOT NULL,
            name TEXT NOT NULL, type TEXT NOT NULL, format TEXT, columns TEXT NOT NULL, comment TEXT, owner TEXT NOT NULL, location TEXT,
            properties TEXT NOT NULL, details TEXT, optimization TEXT NOT NULL,
            created_at INTEGER NOT NULL, created_by TEXT NOT NULL, updated_at INTEGER NOT NULL, updated_by TEXT NOT NULL, dropped_at INTEGER NOT NULL
        );
        CREATE INDEX dropped_relation_name ON dropped_relation (catalog_name, schema_name, name);
        CREATE TABLE dropped_privilege (
            object TEXT NOT NULL, principal TEXT NOT NULL, privilege TEXT NOT NULL, PRIMARY KEY (object, principal, privilege)
        ) WITHOUT ROWID;
        CREATE TABLE dropped_tag (
            object TEXT NOT NULL, column_name TEXT NOT NULL, key TEXT NOT NULL, value TEXT, updated_at INTEGER NOT NULL, updated_by TEXT NOT NULL,
            PRIMARY KEY (object, column_name, key)
        ) WITHOUT ROWID;
        CREATE TRIGGER dropped_relation_gone AFTER DELETE ON dropped_relation BEGIN
            DELETE FROM dropped_privilege WHERE object = OLD.id; DELETE FROM dropped_tag WHERE object = OLD.id;
        END;
        CREATE TRIGGER identity_dropped_privileges AFTER DELETE ON identity
            BEGIN DELETE FROM dropped_privilege WHERE principal = OLD.user_name; END;
        CREATE TRIGGER group_dropped_privileges AFTER DELETE ON principal_group
            BEGIN DELETE FROM dropped_privilege WHERE principal = OLD.display_name; END;
        CREATE TRIGGER identity_renamed_dropped AFTER UPDATE OF user_name ON identity WHEN OLD.user_name <> NEW.user_name
            BEGIN UPDATE OR REPLACE dropped_privilege SET principal = NEW.user_name WHERE principal = OLD.user_name; END;
        CREATE TRIGGER group_renamed_dropped AFTER UPDATE OF display_name ON principal_group WHEN OLD.display_name <> NEW.display_name
            BEGIN UPDATE OR REPLACE dropped_privilege SET principal = NEW.display_name WHERE principal = OLD.display_name; END;
        """)

    /// Takes down what is about to be deleted: the tables for which a condition over `c`, `s` and `t` (catalog, schema, relation) holds.
    static func keep(_ database: Database, where condition: String, _ argument: Int64, now: Int64) throws {
        let from = "FROM catalog c JOIN schema s ON s.catalog = c.key JOIN relation t ON t.schema = s.key"
        let filter = """
            \(condition) AND c.kind NOT IN ('SYSTEM_CATALOG', 'INTERNAL_CATALOG') \
            AND t.type IN ('MANAGED', 'EXTERNAL', 'MANAGED_SHALLOW_CLONE', 'EXTERNAL_SHALLOW_CLONE')
            """
        try database.execute(
            sql: """
                INSERT OR REPLACE INTO dropped_relation
                SELECT NULL, t.id, s.id, c.name, s.name, t.name, t.type, t.format, t.columns, t.comment, t.owner, t.location, t.properties, t.details,
                t.optimization, t.created_at, t.created_by, t.updated_at, t.updated_by, ? \(from) WHERE \(filter) ORDER BY t.key
                """, arguments: [now, argument])
        for table in ["privilege", "tag"] {
            try database.execute(
                sql: "INSERT OR REPLACE INTO dropped_\(table) SELECT * FROM \(table) WHERE object IN (SELECT t.id \(from) WHERE \(filter))",
                arguments: [argument])
        }
    }

    /// Tables that can no longer be brought back.
    package struct Expired: Sendable {
        /// The ids of all of them.
        package let ids: [String]
        /// Where the files of the managed ones lie, if no table that is there now is in the same place.
        package let locations: [String]
        /// When the next one will be past its time, at the earliest: milliseconds since 1970.
        package let next: Int64
    }

    package func expired() throws -> Expired {
        let now = environment.nowMillis
        return try store.read { database in
            let limit = SQLArgument.int(now - Tables.retentionMillis)
            let found = try database.all(
                """
                SELECT id, type LIKE 'MANAGED%' AND location IS NOT NULL AND location NOT IN (SELECT location FROM relation WHERE location IS NOT NULL) \
                AND location NOT IN (SELECT location FROM dropped_relation WHERE dropped_at > ?1 AND location IS NOT NULL), location \
                FROM dropped_relation WHERE dropped_at <= ?1 ORDER BY key
                """, [limit]
            ) { (id: $0[0] as String, isOwn: ($0[1] as Int64) == 1, location: $0[2] as String?) }
            let first = try database.first("SELECT min(dropped_at) FROM dropped_relation WHERE dropped_at > ?", [limit]) { $0[0] as Int? }
            return Expired(
                ids: found.map(\.id), locations: found.compactMap { $0.isOwn ? $0.location : nil },
                next: (first.flatMap { $0 }.map { Int64($0) } ?? now) &+ Tables.retentionMillis)
        }
    }

    /// Forgets dropped tables for good.
    package func forget(dropped ids: [String]) throws {
        try store.write { database in
            for id in ids { try database.execute(sql: "DELETE FROM dropped_relation WHERE id = ?", arguments: [id]) }
        }
    }

    private static let selectDropped = """
        SELECT id, catalog_name, schema_name, name, type, comment, owner, created_at, created_by, updated_at, dropped_at FROM dropped_relation
        """

    /// Dropped tables of a schema that the caller may bring back, the last one first.
    package func listDropped(in schema: SchemaName, limit: Int = .max, by principal: Principal) throws -> [DroppedTable] {
        let now = environment.nowMillis
        return try store.read { database in
            let parent = try Schemas.existing(database, schema)
            let access = try Access(principal, database)
            try access.requireSight(parent.path)
            return try Array(dropped(database, parent, since: now).filter { try mayRestore($0, parent, access, database) }.prefix(limit))
        }
    }

    /// Those that were in this schema, or in one of its name that is gone; the last one first.
    private func dropped(_ database: Database, _ parent: SchemaInfo, since now: Int64) throws -> [DroppedTable] {
        try database.all(
            """
            \(Tables.selectDropped) WHERE (schema = ? OR catalog_name = ? AND schema_name = ? AND schema NOT IN (SELECT id FROM schema)) \
            AND dropped_at > ? ORDER BY dropped_at DESC, key DESC
            """, [.text(parent.id), .text(parent.catalog), .text(parent.name), .int(now - Tables.retentionMillis)]
        ) { DroppedTable($0, in: parent) }
    }

    /// Owners of the table or of what it was in, and who has MANAGE on it.
    private func mayRestore(_ table: DroppedTable, _ parent: SchemaInfo, _ access: Access, _ database: Database) throws -> Bool {
        if access.principal.isNamed(table.owner) { return true }
        if try access.manages(parent.path) { return true }
        let holders = try database.all("SELECT principal FROM dropped_privilege WHERE object = ? AND privilege = 'MANAGE'", [.text(table.id)]) {
            $0[0] as String
        }
        return holders.contains { access.principal.isNamed($0) }
    }

    /// Brings back the table of this name that was dropped last, with its grants and tags but without its keys. Its files have stayed.
    @discardableResult
    package func undrop(_ name: ObjectName, by principal: Principal) throws -> TableInfo {
        let now = environment.nowMillis
        return try store.write { database in
            let schema = try Schemas.existing(database, name.schemaName)
            let access = try Access(principal, database)
            let all = try dropped(database, schema, since: now).filter { $0.name == name }
            guard let any = all.first else { throw WorkspaceError.noSuch(.table, name.description) }
            let table = try all.first { try mayRestore($0, schema, access, database) } ?? any
            return try restore(table, schema, access, database)
        }
    }

    /// Nil if no dropped table has this id.
    package func droppedName(id: String) throws -> ObjectName? {
        try store.read { database in try database.first("\(Tables.selectDropped) WHERE id = ?", [.text(id)]) { DroppedTable($0, in: nil).name } }
    }

    /// The same for the table of this id.
    @discardableResult
    package func undrop(id: String, by principal: Principal) throws -> TableInfo {
        let now = environment.nowMillis
        return try store.write { database in
            let found = try database.first(
                "\(Tables.selectDropped) WHERE id = ? AND dropped_at > ?", [.text(id), .int(now - Tables.retentionMillis)]
            ) {
                DroppedTable($0, in: nil)
            }
            guard let found else { throw WorkspaceError.noSuch(.table, String(id.prefix(255))) }
            let home = try database.first(
                "SELECT c.name, s.name FROM catalog c JOIN schema s ON s.catalog = c.key JOIN dropped_relation d ON d.schema = s.id WHERE d.id = ?",
                [.text(id)]
            ) { SchemaName(catalog: $0[0] as String, schema: $0[1] as String) }
            let schema = try Schemas.existing(database, home ?? found.name.schemaName)
            guard let table = try dropped(database, schema, since: now).first(where: { $0.id == id }) else {
                throw WorkspaceError.noSuch(.table, String(id.prefix(255)))
            }
            return try restore(table, schema, try Access(principal, database), database)
        }
    }

    private func restore(_ table: DroppedTable, _ schema: SchemaInfo, _ access: Access, _ database: Database) throws -> TableInfo {
        if try access.manages(schema.path) {
            try access.requireManage(schema.path)
        } else {
            try access.requireUse(.createTable, on: schema.path)
        }
        guard try mayRestore(table, schema, access, database) else { throw WorkspaceError.notOwner(of: .table, table.name.description) }
        let location = try database.first("SELECT location FROM dropped_relation WHERE id = ?", [.text(table.id)]) { $0[0] as String? }
        if table.type == .external, case let location?? = location {
            try ExternalPaths.check(location, .createExternalTable, rpc: "CreateTable", access, database)
        }
        do {
            try database.execute(
                sql: """
                    INSERT INTO relation SELECT NULL, id, ?, name, type, format, columns, comment, owner, location, properties, NULL, details,
                    optimization, created_at, created_by, updated_at, updated_by FROM dropped_relation WHERE id = ?
                    """, arguments: [schema.key, table.id])
        } catch let error as DatabaseError where error.isUniqueViolation {
            throw WorkspaceError.exists(.table, table.name.name)
        }
        for kind in ["privilege", "tag"] {
            try database.execute(sql: "INSERT OR REPLACE INTO \(kind) SELECT * FROM dropped_\(kind) WHERE object = ?", arguments: [table.id])
        }
        try database.execute(sql: "DELETE FROM dropped_relation WHERE id = ?", arguments: [table.id])
        // Keys do not come back.
        let info = try Tables.existing(database, table.name)
        guard !info.constraints.isEmpty else { return info }
        let details = info.details(withConstraints: [])
        try database.execute(
            sql: "UPDATE relation SET details = ? WHERE key = ?", arguments: [details.isEmpty ? nil : details, info.key])
        return try Tables.existing(database, table.name)
    }
}

extension DroppedTable {
    /// `schema`: where it would come back to.
    fileprivate init(_ row: borrowing SQLRow, in schema: SchemaInfo?) {
        id = row[0]
        name =
            schema.map { ObjectName(stored: $0.catalog, $0.name, row[3]) } ?? ObjectName(stored: row[1], row[2], row[3])
        type = TableType(rawValue: row[4]) ?? .managed
        comment = row[5]
        owner = row[6]
        createdAt = row[7]
        createdBy = row[8]
        updatedAt = row[9]
        droppedAt = row[10]
    }
}
