import GRDB

/// Tables and views of a workspace's catalogs. The REST API and SQL use the same methods.
package struct Tables: Sendable {
    let store: StateStore
    let environment: Environment

    static let migration = Migration(
        "relation",
        """
        CREATE TABLE relation (
            key INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, schema INTEGER NOT NULL REFERENCES schema(key) ON DELETE CASCADE, name TEXT NOT NULL,
            type TEXT NOT NULL, format TEXT, columns TEXT NOT NULL, comment TEXT, owner TEXT NOT NULL, location TEXT, properties TEXT NOT NULL,
            view_definition TEXT, details TEXT, optimization TEXT NOT NULL,
            created_at INTEGER NOT NULL, created_by TEXT NOT NULL, updated_at INTEGER NOT NULL, updated_by TEXT NOT NULL,
            UNIQUE (schema, name)
        )
        """)

    private static func select(columns: Bool = true, properties: Bool = true) -> String {
        """
        SELECT t.key, t.id, t.type, t.format, \(columns ? "t.columns" : "'[]'"), t.comment, t.owner, t.location, \
        \(properties ? "t.properties" : "'{}'"), t.view_definition, t.details, t.optimization, t.created_at, t.created_by, t.updated_at, t.updated_by, \
        s.key, c.kind, c.optimization, s.optimization, c.name, s.name, t.name, \(ParentRows.ofObject) \
        FROM catalog c JOIN schema s ON s.catalog = c.key JOIN relation t ON t.schema = s.key
        """
    }

    private static let byName = "\(select()) WHERE c.name = ? AND s.name = ? AND t.name = ?"

    // MARK: Look-up

    /// Nil if there is no such table, schema or catalog. The name's parts must be in lower case, as `ObjectName` has them.
    package func find(_ name: ObjectName) throws -> TableInfo? { try store.read { try Tables.find($0, name) } }

    /// Nil if no table has this id.
    package func find(id: String) throws -> TableInfo? {
        try store.read { database in
            try database.first("\(Tables.select()) WHERE t.id = ?", [.text(id)]) { TableInfo($0, after: nil) }
        }
    }

    /// Throws the error of what is missing first: catalog, schema or table.
    package func get(_ name: ObjectName, browse: Bool = false, by principal: Principal) throws -> TableInfo {
        try store.read { database in
            var info = try Tables.existing(database, name)
            if principal.isNamed(info.owner), info.parentRows.areOpen(to: principal) { return info }
            info.browseOnly = try Access(principal, database).requireSight(info.path, browse: browse)
            return info
        }
    }

    /// The table, for who has this privilege on it. Throws the error of what is missing first.
    package func get(_ name: ObjectName, requiring privilege: Privilege, by principal: Principal) throws -> TableInfo {
        try store.read { database in
            let info = try Tables.existing(database, name)
            if principal.isNamed(info.owner), info.parentRows.areOpen(to: principal) { return info }
            try Access(principal, database).require(privilege, on: info.path)
            return info
        }
    }

    /// Throws `PERMISSION_DENIED` unless the caller may change the table's columns and properties.
    package func requireChange(_ table: TableInfo, by principal: Principal) throws {
        try store.read { database in
            let access = try Access(principal, database)
            if try !access.allows(.modify, on: table.path) { try access.requireManage(table.path) }
        }
    }

    /// Throws `PERMISSION_DENIED` unless the caller may manage the table.
    package func requireManage(_ table: TableInfo, by principal: Principal) throws {
        try store.read { try Access(principal, $0).requireManage(table.path) }
    }

    /// A full name as it stands in a path; `rpc` is for the error of a malformed one.
    package static func name(_ fullName: String, rpc: String) throws(WorkspaceError) -> ObjectName {
        try ObjectName(fullName: fullName, rpc: rpc, field: "\(rpc).full_name_arg")
    }

    static func find(_ database: Database, _ name: ObjectName) throws -> TableInfo? {
        try database.first(byName, [.text(name.catalog), .text(name.schema), .text(name.name)]) { TableInfo($0, name) }
    }

    static func existing(_ database: Database, _ name: ObjectName) throws -> TableInfo {
        if let info = try find(database, name) { return info }
        _ = try Schemas.existing(database, name.schemaName)
        throw WorkspaceError.noSuch(.table, name.description)
    }

    // MARK: Lists

    /// Tables and views of a schema in the order of their names.
    package func list(
        in schema: SchemaName, after: String? = nil, limit: Int = .max, columns: Bool = true, properties: Bool = true, browse: Bool = false,
        by principal: Principal
    ) throws -> [TableInfo] {
        try store.read { database in
            let parent = try Schemas.existing(database, schema)
            let everything = try Access(principal, database).seesAll(in: parent.path)
            let all = try database.all(
                "\(Tables.select(columns: columns, properties: properties)) WHERE c.name = ? AND s.name = ? AND t.name > ? ORDER BY t.name LIMIT ?",
                [.text(schema.catalog), .text(schema.schema), .text(after ?? ""), .limit(everything ? limit : .max)]
            ) { TableInfo($0, after: $1) }
            if everything { return all }
            let access = try Access(principal, database, many: true)
            return try Array(access.visible(all, browse: browse, unbound: false, \.path, TableInfo.browsed).prefix(limit))
        }
    }

    /// Names and types in order, for SHOW TABLES and SHOW VIEWS; nil if there is no such schema.
    package func names(in schema: SchemaName, by principal: Principal) throws -> [(name: String, type: TableType)]? {
        try store.read { database in
            guard let parent = try Schemas.find(database, schema) else { return nil }
            let access = try Access(principal, database)
            try access.requireSight(parent.path, browse: true)
            if try !access.seesAll(in: parent.path) {
                return try list(in: schema, columns: false, properties: false, browse: true, by: principal).map { ($0.name.name, $0.type) }
            }
            return try database.all(
                """
                SELECT t.name, t.type FROM catalog c JOIN schema s ON s.catalog = c.key JOIN relation t ON t.schema = s.key \
                WHERE c.name = ? AND s.name = ? ORDER BY t.name
                """, [.text(schema.catalog), .text(schema.schema)]
            ) { ($0[0], TableType(rawValue: $0[1]) ?? .managed) }
        }
    }

    /// Every table of a catalog, or of the schemas and tables whose names match SQL LIKE patterns, in the order of schema and table.
    /// `after` is the last name of the page before.
    package func list(
        inCatalog catalog: String, schemaPattern: String? = nil, tablePattern: String? = nil, after: SchemaAndTable? = nil,
        limit: Int = .max,
        columns: Bool = false, by principal: Principal
    ) throws -> [TableInfo] {
        let catalog = catalog.lowercased()
        for pattern in [schemaPattern, tablePattern] where (pattern?.utf8.count ?? 0) > Tables.longestPattern {
            throw WorkspaceError.invalid("A name pattern must not be longer than \(Tables.longestPattern) bytes.")
        }
        return try store.read { database in
            guard let parent = try Catalogs.find(database, catalog) else { throw WorkspaceError.noSuch(.catalog, catalog) }
            let everything = try Access(principal, database).seesAll(in: parent.path)
            let all = try database.all(
                """
                \(Tables.select(columns: columns, properties: columns)) WHERE c.name = ? AND (s.name, t.name) > (?, ?) \
                AND s.name LIKE ? ESCAPE '\\' AND t.name LIKE ? ESCAPE '\\' ORDER BY s.name, t.name LIMIT ?
                """,
                [
                    .text(catalog), .text(after?.schema ?? ""), .text(after?.table ?? ""), .text(Tables.likePattern(schemaPattern)),
                    .text(Tables.likePattern(tablePattern)), .limit(everything ? limit : .max),
                ]
            ) { TableInfo($0, after: $1) }
            if everything { return all }
            let access = try Access(principal, database, many: true)
            return try Array(access.visible(all, browse: true, unbound: false, \.path, TableInfo.browsed).prefix(limit))
        }
    }

    package typealias SchemaAndTable = (schema: String, table: String)

    private static let longestPattern = 1024

    /// Everything if empty, as the API says. Names are in lower case.
    private static func likePattern(_ pattern: String?) -> String {
        guard let pattern = pattern.nonEmpty else { return "%" }
        return pattern.lowercased()
    }
}

extension Workspace {
    package var tables: Tables { Tables(store: store, environment: environment) }
}

extension TableInfo {
    /// Rows of a list: what is as in the row before is shared with it.
    fileprivate init(_ row: borrowing SQLRow, after other: TableInfo?) {
        guard let other, row[16] as Int64 == other.schemaKey else {
            self.init(row, ObjectName(stored: row[20], row[21], row[22]))
            return
        }
        self.init(row, ObjectName(stored: other.name.catalog, other.name.schema, row[22]), like: other)
    }

    /// Point look-ups know the name already. `sibling` is a table of the same schema.
    fileprivate init(_ row: borrowing SQLRow, _ name: ObjectName, like sibling: TableInfo? = nil) {
        key = row[0]
        id = row[1]
        self.name = name
        type = TableType(rawValue: row[2]) ?? .managed
        format = row[3]
        columns = ColumnList(json: row.text(4, like: sibling?.columns.json))
        comment = row[5]
        owner = row.text(6, like: sibling?.owner)
        location = row[7]
        properties = PropertyMap(json: row.text(8, like: sibling?.properties.json))
        viewDefinition = row[9]
        details = row[10]
        predictiveOptimization = PredictiveOptimization(rawValue: row[11]) ?? .inherit
        createdAt = row[12]
        createdBy = row.text(13, like: owner)
        updatedAt = row[14]
        updatedBy = row.text(15, like: createdBy)
        if let sibling {
            schemaKey = sibling.schemaKey
            catalogKind = sibling.catalogKind
            catalogPredictiveOptimization = sibling.catalogPredictiveOptimization
            schemaPredictiveOptimization = sibling.schemaPredictiveOptimization
            parentRows = sibling.parentRows
        } else {
            schemaKey = row[16]
            catalogKind = CatalogInfo.Kind(rawValue: row[17]) ?? .managed
            catalogPredictiveOptimization = PredictiveOptimization(rawValue: row[18]) ?? .inherit
            schemaPredictiveOptimization = PredictiveOptimization(rawValue: row[19]) ?? .inherit
            parentRows = ParentRows(row, from: 23, inSchema: true)
        }
    }
}
