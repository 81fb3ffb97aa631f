import GRDB
package import JSON

/// Reads and changes of documents of which all happen or none.
package struct ResourceTransaction {
    let database: Database
    /// Milliseconds since 1970-01-01 UTC: the time of everything that happens in it.
    package let now: Int64

    package func get(_ kind: String, _ id: String) throws -> StoredResource? { try ResourceStore.get(kind, id, database) }

    package func find(_ kind: String, uniqueKey: String) throws -> StoredResource? {
        try ResourceStore.find(kind, uniqueKey: uniqueKey, database)
    }

    package func list(_ kind: String, parent: String? = nil) throws -> [StoredResource] {
        try ResourceStore.list(kind, parent: parent, after: 0, limit: .max, database)
    }

    package func insert(
        _ kind: String, id: String, uniqueKey: String? = nil, parent: String = "", owner: String, _ body: JSONObject
    ) throws -> StoredResource {
        try ResourceStore.checkFree(kind, id, uniqueKey, isNew: true, database)
        let count = try Int.fetchOne(database, sql: "SELECT count(*) FROM resource WHERE kind = ?", arguments: [kind]) ?? 0
        guard count < ResourceStore.mostOfAKind else {
            throw WorkspaceError(.resourceLimitExceeded, "There are \(ResourceStore.mostOfAKind) objects of this kind already.", status: 400)
        }
        try database.execute(
            sql: "INSERT INTO resource (kind, id, unique_key, parent, owner, created_at, updated_at, body) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            arguments: [kind, id, uniqueKey, parent, owner, now, now, JSONValue.object(body).text])
        return StoredResource(
            kind: kind, id: id, position: database.lastInsertedRowID, uniqueKey: uniqueKey, parent: parent, owner: owner, createdAt: now,
            updatedAt: now, body: body)
    }

    /// Nil if there is none. `uniqueKey` gives the key that the changed object has.
    package func update(
        _ kind: String, _ id: String, uniqueKey: (JSONObject) -> String? = { _ in nil }, keepsKey: Bool = false,
        _ change: (inout StoredResource) throws -> Void
    ) throws -> StoredResource? {
        guard var resource = try get(kind, id) else { return nil }
        try change(&resource)
        let key = keepsKey ? resource.uniqueKey : uniqueKey(resource.body)
        if key != resource.uniqueKey { try ResourceStore.checkFree(kind, id, key, isNew: false, database) }
        resource.uniqueKey = key
        resource.updatedAt = now
        try database.execute(
            sql: "UPDATE resource SET unique_key = ?, parent = ?, owner = ?, updated_at = ?, body = ? WHERE kind = ? AND id = ?",
            arguments: [key, resource.parent, resource.owner, now, JSONValue.object(resource.body).text, kind, id])
        return resource
    }

    package func delete(_ kind: String, _ id: String) throws {
        try database.execute(sql: "DELETE FROM resource WHERE kind = ? AND id = ?", arguments: [kind, id])
    }

    package func deleteAll(_ kind: String, parent: String) throws {
        try database.execute(sql: "DELETE FROM resource WHERE parent = ? AND parent <> '' AND kind = ?", arguments: [parent, kind])
    }
}

extension ResourceStore {
    /// The closure must not write by other means.
    package func transaction<T>(_ body: (ResourceTransaction) throws -> T) throws -> T {
        let now = workspace.environment.nowMillis
        return try workspace.store.write { try body(ResourceTransaction(database: $0, now: now)) }
    }
}
