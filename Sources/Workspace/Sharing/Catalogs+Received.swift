import GRDB

/// Catalogs over shares of other metastores: their rows are copies of what the provider has, which nobody here changes.
extension Catalogs {
    package struct ReceivedTable: Sendable {
        /// In the share.
        package let name: String
        package let type: TableType
        /// Nil: not asked for; those that are known stay.
        package var columns: ColumnList?
        package var comment: String??

        package init(name: String, type: TableType) {
            self.name = name
            self.type = type
        }

        package init(name: String, _ info: TableInfo) {
            self.init(name: name, type: info.type)
            columns = info.columns
            comment = .some(info.comment)
        }
    }

    package struct ReceivedSchema: Sendable {
        package let name: String
        package let tables: [ReceivedTable]
        package let volumes: [(name: String, info: VolumeInfo)]
        package var models: [ReceivedModel] = []

        package init(name: String, tables: [ReceivedTable], volumes: [(name: String, info: VolumeInfo)] = []) {
            self.name = name
            self.tables = tables
            self.volumes = volumes
        }
    }

    static let receivedMigration = Migration(
        "received-catalogs", "CREATE INDEX catalog_received ON catalog (name) WHERE kind = 'DELTASHARING_CATALOG'")

    /// Those over shares, by name.
    package func received() throws -> [CatalogInfo] {
        try store.read { database in
            let names = try database.all("SELECT name FROM catalog WHERE kind = 'DELTASHARING_CATALOG' ORDER BY name") { $0[0] as String }
            return try names.compactMap { try Catalogs.find(database, $0) }
        }
    }

    /// Makes schemas and tables those that are shared now. Ids stay as long as a table does.
    package func fill(_ catalog: CatalogInfo, with schemas: [ReceivedSchema]) throws {
        try store.write { database in
            guard let catalog = try Catalogs.find(database, catalog.name) else { return }
            let known = try database.all(
                "SELECT name FROM schema WHERE catalog = ? AND name <> ?", [.int(catalog.key), .text(Schemas.informationSchema)]
            ) { $0[0] as String }
            let wanted = Set(schemas.map(\.name))
            for name in known where !wanted.contains(name) {
                try database.execute(sql: "DELETE FROM schema WHERE catalog = ? AND name = ?", arguments: [catalog.key, name])
            }
            for schema in schemas where schema.name != Schemas.informationSchema {
                if !known.contains(schema.name) {
                    try Schemas(store: store, environment: environment).insert(
                        database, catalog: catalog.key, name: schema.name, comment: nil, owner: .system, now: environment.nowMillis)
                }
                try fill(database, SchemaName(catalog: catalog.name, schema: schema.name), with: schema.tables)
                try fill(database, SchemaName(catalog: catalog.name, schema: schema.name), with: schema.volumes)
                try fill(database, SchemaName(catalog: catalog.name, schema: schema.name), owner: catalog.owner, with: schema.models)
                // Who owns the catalog owns what is in it.
                for sql in [
                    "UPDATE schema SET owner = ?1 WHERE catalog = ?2 AND name = ?3 AND owner <> ?1",
                    "UPDATE relation SET owner = ?1 WHERE owner <> ?1 AND schema = (SELECT key FROM schema WHERE catalog = ?2 AND name = ?3)",
                    "UPDATE volume SET owner = ?1 WHERE owner <> ?1 AND schema = (SELECT key FROM schema WHERE catalog = ?2 AND name = ?3)",
                ] {
                    try database.execute(sql: sql, arguments: [catalog.owner, catalog.key, schema.name])
                }
            }
        }
    }

    private func fill(_ database: Database, _ schema: SchemaName, with tables: [ReceivedTable]) throws {
        let parent = try Schemas.existing(database, schema)
        let rows = try database.all("SELECT name, type, columns, comment FROM relation WHERE schema = ?", [.int(parent.key)]) {
            (name: $0[0] as String, type: $0[1] as String, columns: $0[2] as String, comment: $0[3] as String?)
        }
        let known = Dictionary(rows.map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })
        let wanted = Set(tables.map(\.name))
        for row in rows where !wanted.contains(row.name) {
            try database.execute(sql: "DELETE FROM relation WHERE schema = ? AND name = ?", arguments: [parent.key, row.name])
        }
        for table in tables {
            let name = table.name
            let type = table.type.rawValue
            let columns = table.columns?.json ?? known[name]?.columns ?? ColumnList.none.json
            let comment = table.comment ?? known[name]?.comment
            if let row = known[name] {
                if row.type == type, row.columns == columns, row.comment == comment { continue }
                try database.execute(
                    sql: "UPDATE relation SET type = ?, columns = ?, comment = ?, updated_at = ? WHERE schema = ? AND name = ?",
                    arguments: [type, columns, comment, environment.nowMillis, parent.key, name])
                continue
            }
            let now = environment.nowMillis
            let owner = Principal.system.userName
            try database.execute(
                sql: "INSERT INTO relation VALUES (NULL, ?, ?, ?, ?, ?, ?, ?, ?, NULL, '{}', NULL, NULL, 'INHERIT', ?, ?, ?, ?)",
                arguments: [
                    environment.ids.uuid(), parent.key, name, type, table.type.isView ? nil : "DELTASHARING", columns, comment, owner, now, owner,
                    now, owner,
                ])
        }
    }

    private func fill(_ database: Database, _ schema: SchemaName, with volumes: [(name: String, info: VolumeInfo)]) throws {
        let parent = try Schemas.existing(database, schema)
        let rows = try database.all("SELECT name, type, comment FROM volume WHERE schema = ?", [.int(parent.key)]) {
            (name: $0[0] as String, type: $0[1] as String, comment: $0[2] as String?)
        }
        let known = Dictionary(rows.map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })
        let wanted = Set(volumes.map(\.name))
        for row in rows where !wanted.contains(row.name) {
            try database.execute(sql: "DELETE FROM volume WHERE schema = ? AND name = ?", arguments: [parent.key, row.name])
        }
        let now = environment.nowMillis
        let owner = Principal.system.userName
        for (name, info) in volumes {
            let type = info.kind.rawValue
            if let row = known[name] {
                if row.type == type, row.comment == info.comment { continue }
                try database.execute(
                    sql: "UPDATE volume SET type = ?, comment = ?, updated_at = ? WHERE schema = ? AND name = ?",
                    arguments: [type, info.comment, now, parent.key, name])
            } else {
                // The files lie in the provider's storage: there is no place here.
                try database.execute(
                    sql: "INSERT INTO volume VALUES (NULL, ?, ?, ?, ?, ?, ?, '', ?, ?, ?, ?)",
                    arguments: [environment.ids.uuid(), parent.key, name, type, info.comment, owner, now, owner, now, owner])
            }
        }
    }

    /// A catalog follows its provider's new name.
    static func renameProvider(_ before: String, _ after: String, _ database: Database) throws {
        try database.execute(
            sql: """
                UPDATE catalog SET options = json_set(options, '$.provider_name', ?) \
                WHERE kind = 'DELTASHARING_CATALOG' AND json_extract(options, '$.provider_name') = ?
                """, arguments: [after, before])
    }
}

extension CatalogInfo {
    static let providerOption = "provider_name"
    static let shareOption = "share_name"

    /// What a catalog over a share shows; it is kept among the options.
    package var share: (provider: String, share: String)? {
        guard kind == .deltaSharing, let provider = options[Self.providerOption], let share = options[Self.shareOption] else { return nil }
        return (provider, share)
    }

    /// Options as they were given.
    package var ownOptions: PropertyMap {
        kind == .deltaSharing ? options.setting([], removing: [Self.providerOption, Self.shareOption]) : options
    }
}

extension CatalogInfo.Kind {
    /// What nobody but the service changes.
    var isReadOnly: Bool { self == .system || self == .deltaSharing }
}
