import GRDB
package import JSON

/// An object that the workspace keeps as a document: its rules are its description's.
package struct StoredResource: Sendable {
    package let kind: String
    package let id: String
    /// Grows with every object: the order of lists.
    package let position: Int64
    /// What no second object of the kind may have; nil: nothing.
    package var uniqueKey: String?
    /// The object that it belongs to.
    package var parent: String
    /// The name of the principal who made it.
    package var owner: String
    /// Milliseconds since 1970-01-01 UTC.
    package let createdAt: Int64
    package var updatedAt: Int64
    package var body: JSONObject
}

/// Objects that are kept as documents, by kind.
package struct ResourceStore: Sendable {
    let workspace: Workspace

    static let migration = Migration(
        "resources",
        """
        CREATE TABLE resource (
            position INTEGER PRIMARY KEY AUTOINCREMENT, kind TEXT NOT NULL, id TEXT NOT NULL, unique_key TEXT, parent TEXT NOT NULL, owner TEXT NOT NULL,
            created_at INTEGER NOT NULL, updated_at INTEGER NOT NULL, body TEXT NOT NULL, UNIQUE (kind, id)
        );
        CREATE UNIQUE INDEX resource_unique ON resource (kind, unique_key) WHERE unique_key IS NOT NULL;
        """)

    /// The objects of a parent, without looking at all of their kind.
    static let parentMigration = Migration("resource parents", "CREATE INDEX resource_parent ON resource (parent, kind) WHERE parent <> ''")

    /// More of a kind are refused.
    package static let mostOfAKind = 100_000

    /// Thrown if the id or the unique key is taken.
    package struct Taken: Error {
        package let isID: Bool
    }

    /// `check` may read the store, and refuse: nobody writes between it and the insertion.
    package func insert(
        _ kind: String, id: String, uniqueKey: String?, parent: String = "", owner: String, _ body: JSONObject, check: () throws -> Void = {}
    ) throws -> StoredResource {
        try transaction {
            try check()
            return try $0.insert(kind, id: id, uniqueKey: uniqueKey, parent: parent, owner: owner, body)
        }
    }

    package func get(_ kind: String, _ id: String) throws -> StoredResource? {
        try workspace.store.read { try Self.get(kind, id, $0) }
    }

    /// The object of a kind that has this unique key.
    package func find(_ kind: String, uniqueKey: String) throws -> StoredResource? {
        try workspace.store.read { try Self.find(kind, uniqueKey: uniqueKey, $0) }
    }

    /// In the order of their making; `after` is the position of the last one that the caller has.
    package func list(_ kind: String, parent: String? = nil, after: Int64 = 0, limit: Int = .max) throws -> [StoredResource] {
        try workspace.store.read { try Self.list(kind, parent: parent, after: after, limit: limit, $0) }
    }

    /// Changes an object in one transaction; nil if there is none. `uniqueKey` gives the key that the changed object has.
    package func update(
        _ kind: String, _ id: String, uniqueKey: (JSONObject) -> String? = { _ in nil }, keepsKey: Bool = false,
        _ change: (inout StoredResource) throws -> Void
    ) throws -> StoredResource? {
        try transaction { try $0.update(kind, id, uniqueKey: uniqueKey, keepsKey: keepsKey, change) }
    }

    /// Gives an object another id, which must be free; its time and place in lists stay.
    package func rename(_ kind: String, _ id: String, to new: String) throws {
        try workspace.store.write { database in
            try Self.checkFree(kind, new, nil, isNew: true, database)
            try database.execute(sql: "UPDATE resource SET id = ? WHERE kind = ? AND id = ?", arguments: [new, kind, id])
        }
    }

    /// False if there was none.
    package func delete(_ kind: String, _ id: String) throws -> Bool {
        try workspace.store.write { database in
            try database.execute(sql: "DELETE FROM resource WHERE kind = ? AND id = ?", arguments: [kind, id])
            return database.changesCount > 0
        }
    }

    package func deleteAll(_ kind: String, parent: String) throws {
        try workspace.store.write { database in
            try ResourceTransaction(database: database, now: 0).deleteAll(kind, parent: parent)
        }
    }

    static let columns = "kind, id, position, unique_key, parent, owner, created_at, updated_at, body"

    static func get(_ kind: String, _ id: String, _ database: Database) throws -> StoredResource? {
        try Row.fetchOne(
            database.cachedStatement(sql: "SELECT \(columns) FROM resource WHERE kind = ? AND id = ?"), arguments: [kind, id]
        ).map(row)
    }

    static func find(_ kind: String, uniqueKey: String, _ database: Database) throws -> StoredResource? {
        try Row.fetchOne(
            database.cachedStatement(sql: "SELECT \(columns) FROM resource WHERE kind = ? AND unique_key = ?"), arguments: [kind, uniqueKey]
        ).map(row)
    }

    static func list(_ kind: String, parent: String?, after: Int64, limit: Int, _ database: Database) throws -> [StoredResource] {
        guard let parent, !parent.isEmpty else {
            return try Row.fetchAll(
                database, sql: "SELECT \(columns) FROM resource WHERE kind = ? AND position > ? AND (? OR parent = '') ORDER BY position LIMIT ?",
                arguments: [kind, after, parent == nil, Int64(clamping: limit)]
            ).map(row)
        }
        return try Row.fetchAll(
            database,
            sql: "SELECT \(columns) FROM resource WHERE parent = ? AND parent <> '' AND kind = ? AND position > ? ORDER BY position LIMIT ?",
            arguments: [parent, kind, after, Int64(clamping: limit)]
        ).map(row)
    }

    private static func row(_ row: Row) -> StoredResource {
        StoredResource(
            kind: row[0], id: row[1], position: row[2], uniqueKey: row[3], parent: row[4], owner: row[5], createdAt: row[6], updatedAt: row[7],
            body: JSONObject(column: row[8]))
    }

    static func checkFree(_ kind: String, _ id: String, _ key: String?, isNew: Bool, _ database: Database) throws {
        if isNew, try Int.fetchOne(database, sql: "SELECT 1 FROM resource WHERE kind = ? AND id = ?", arguments: [kind, id]) != nil {
            throw Taken(isID: true)
        }
        guard let key else { return }
        let other = try String.fetchOne(database, sql: "SELECT id FROM resource WHERE kind = ? AND unique_key = ?", arguments: [kind, key])
        if let other, other != id { throw Taken(isID: false) }
    }
}

extension Workspace {
    package var resources: ResourceStore { ResourceStore(workspace: self) }
}
