import GRDB

/// How many objects of a kind a parent has, and how many the service lets it have ("Resource limits" in its documentation).
package struct ResourceQuota: Sendable, Hashable {
    package let parentType: SecurableType
    package let parentName: String
    /// `table-quota`
    package let name: String
    package let count: Int
    package let limit: Int

    /// Unique, in the order of lists.
    package var key: String { "\(parentType.rawValue)/\(parentName)/\(name)" }
}

package struct ResourceQuotas: Sendable {
    let workspace: Workspace

    private struct Kind: Sendable {
        let name: String
        let parent: SecurableType
        let limit: Int
        /// Two columns: the parent's full name and the count.
        let sql: String
    }

    private static func inMetastore(_ name: String, _ limit: Int, _ table: String, _ condition: String = "1") -> Kind {
        Kind(
            name: name, parent: .metastore, limit: limit,
            sql: "SELECT m.id, (SELECT count(*) FROM \(table) WHERE \(condition)) FROM metastore m WHERE assigned = 1")
    }

    private static func inSchema(_ name: String, _ limit: Int, _ count: String) -> Kind {
        Kind(
            name: name, parent: .schema, limit: limit,
            sql: "SELECT c.name || '.' || s.name, (\(count)) FROM schema s JOIN catalog c ON c.key = s.catalog WHERE c.kind = 'MANAGED_CATALOG'")
    }

    private static let kinds: [Kind] = [
        inMetastore("catalog-quota", 1_000, "catalog", "kind = 'MANAGED_CATALOG'"),
        inMetastore("connection-quota", 1_000, "securable", "type = 'CONNECTION'"),
        inMetastore("external-location-quota", 10_000, "securable", "type = 'EXTERNAL_LOCATION'"),
        inMetastore("storage-credential-quota", 1_000, "securable", "type IN ('STORAGE_CREDENTIAL', 'CREDENTIAL')"),
        inMetastore("table-quota", 1_000_000, "relation"),
        Kind(
            name: "schema-quota", parent: .catalog, limit: 10_000,
            sql: "SELECT c.name, (SELECT count(*) FROM schema s WHERE s.catalog = c.key) FROM catalog c WHERE c.kind = 'MANAGED_CATALOG'"),
        inSchema("function-quota", 10_000, "SELECT count(*) FROM function o WHERE o.schema = s.key"),
        inSchema("registered-model-quota", 1_000, "SELECT count(*) FROM securable o WHERE o.parent = s.id AND o.type = 'MODEL'"),
        inSchema("table-quota", 10_000, "SELECT count(*) FROM relation o WHERE o.schema = s.key"),
        inSchema("volume-quota", 10_000, "SELECT count(*) FROM volume o WHERE o.schema = s.key"),
    ]

    /// Every quota of every parent, for the metastore's administrators.
    package func all(by principal: Principal) throws -> [ResourceQuota] {
        try workspace.store.read { database in
            guard try Access(principal, database).isMetastoreAdmin() else {
                throw WorkspaceError.notOwner(of: .metastore, try Securables.metastore(database).name)
            }
            return try Self.kinds.flatMap { try Self.rows($0, database) }.sorted { $0.key < $1.key }
        }
    }

    package func get(_ name: String, of type: SecurableType, _ parent: String, by principal: Principal) throws -> ResourceQuota {
        try workspace.store.read { database in
            let path = try Securables.existing(database, type, parent)
            try Access(principal, database).requireSight(path)
            for kind in Self.kinds where kind.name == name.lowercased() && kind.parent == type {
                if let found = try Self.rows(kind, database).first(where: { $0.parentName == path.name }) { return found }
            }
            throw WorkspaceError.unityCatalog(.resourceDoesNotExist, "Quota '\(name.prefix(64))' of \(type.title) '\(path.name)' does not exist.")
        }
    }

    private static func rows(_ kind: Kind, _ database: Database) throws -> [ResourceQuota] {
        try database.all(kind.sql) { row in
            ResourceQuota(parentType: kind.parent, parentName: row[0], name: kind.name, count: Int(row[1] as Int64), limit: kind.limit)
        }
    }
}

extension Workspace {
    package var quotas: ResourceQuotas { ResourceQuotas(workspace: self) }
}
