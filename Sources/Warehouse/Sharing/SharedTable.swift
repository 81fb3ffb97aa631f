package import Workspace

/// A table as one recipient sees it in a share. Names are as the share gives them.
package struct SharedTable: Sendable {
    package let share: CatalogObject
    package let schema: String
    package let name: String
    /// The table's own name in the catalog.
    package let source: ObjectName
    package let id: String
    package let object: SharedObject

    package let info: TableInfo
}

/// What a share has, resolved against the catalog: an object that is gone is not shown.
package struct SharedTables: Sendable {
    package let tables: [SharedTable]
    /// By name; those of shared schemas without tables among them.
    package let schemas: [String]

    /// By schema and name.
    /// - Parameter columns: those of the tables of shared schemas, too.
    package init(_ share: CatalogObject, in workspace: Workspace, columns: Bool = false) throws {
        var tables: [SharedTable] = []
        var schemas: Set<String> = []
        for object in try workspace.shares.objects(of: share) {
            if object.kind == .schema {
                schemas.insert(object.alias.lowercased())
                guard let parts = Self.parts(object.name, 2) else { continue }
                let schema = SchemaName(catalog: parts[0], schema: parts[1])
                guard try workspace.schemas.find(schema) != nil else { continue }
                for info in try workspace.tables.list(in: schema, columns: columns, by: .system) {
                    tables.append(
                        SharedTable(
                            share: share, schema: object.alias.lowercased(), name: info.name.name, source: info.name, id: info.id, object: object,
                            info: info))
                }
            } else if object.kind.isRelation {
                guard let parts = Self.parts(object.name, 3), let alias = Self.parts(object.alias.lowercased(), 2),
                    let info = try workspace.tables.find(ObjectName(catalog: parts[0], schema: parts[1], name: parts[2]))
                else { continue }
                tables.append(
                    SharedTable(share: share, schema: alias[0], name: alias[1], source: info.name, id: info.id, object: object, info: info))
            }
        }
        // A table that is shared by itself hides the same name of a shared schema.
        var seen: Set<String> = []
        let ordered = tables.filter { $0.object.kind != .schema } + tables.filter { $0.object.kind == .schema }
        self.tables = ordered.filter { seen.insert("\($0.schema).\($0.name)").inserted }.sorted { ($0.schema, $0.name) < ($1.schema, $1.name) }
        self.schemas = schemas.union(self.tables.map(\.schema)).sorted()
    }

    private static func parts(_ name: String, _ count: Int) -> [String]? {
        let parts = name.split(separator: ".").map(String.init)
        return parts.count == count ? parts : nil
    }
}
