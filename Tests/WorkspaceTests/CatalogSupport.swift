import Testing
import Workspace

/// A new workspace for the tests of Unity Catalog's managers.
struct CatalogRealm {
    static let admin = Principal(id: "1001", userName: "admin@example.com", displayName: "Ada Admin", isAdmin: true)

    let clock = VirtualClock()
    let workspace: Workspace

    init(seed: UInt64 = 7, path: String? = nil) throws {
        workspace = try Workspace(id: 42, name: "test", path: path, environment: Environment(seed: seed, clock: clock), admin: Self.admin)
    }

    func table(_ name: String, schema: String = "default", type: TableType = .managed, mode: CreateMode = .create) throws -> CreateOutcome {
        var spec = TableSpec(
            ObjectName(catalog: "main", schema: schema, name: name), type, format: type.isView ? nil : "DELTA",
            columns: ColumnList([
                ColumnInfo(
                    name: "Id", typeText: "bigint", typeName: "LONG",
                    typeJSON: #"{"name":"Id","type":"long","nullable":false,"metadata":{}}"#, position: 0,
                    nullable: false)
            ]))
        if !type.isView {
            let place = try workspace.tables.reserve(in: spec.name.schemaName, by: Self.admin)
            spec.id = place.id
            spec.location = place.location
        } else {
            spec.viewDefinition = "SELECT 1"
        }
        return try workspace.tables.create(spec, mode: mode, by: Self.admin)
    }

    func name(_ table: String, schema: String = "default") -> ObjectName { ObjectName(catalog: "main", schema: schema, name: table) }
}
