import HTTPTypes
import JSON
import Workspace

/// Schemas of the catalog `system` that can be switched on: `/metastores/{id}/systemschemas`.
package enum SystemSchemasAPI: APIGroup {
    package static let operations = [list, enable, disable]

    /// Names that the service offers; `information_schema` and `ai` are managed by it.
    private static let managed = ["information_schema"]
    private static let offered = [
        "access", "billing", "compute", "lakeflow", "marketplace", "mlflow", "query", "serving", "sharing", "storage",
    ]

    private static func setting(_ call: Call) throws -> [String] {
        try call.workspace.metastore.details["system_schemas"]?.arrayValue?.compactMap(\.stringValue) ?? []
    }

    static let list = Operation.unityCatalog("catalog.system_schemas.list", .get, "/metastores/{metastore_id}/systemschemas") { call in
        try mustBeOwn(call)
        let enabled = try setting(call)
        let paging = try Paging(call, list: "systemschemas", pageSize: UnityCatalogAPI.pageSize, unlimitedByDefault: true)
        let all = (managed + offered).sorted().filter { name in paging.after.map { name > $0 } ?? true }
        return paging.encoded("schemas", all, key: { $0 }) { name, writer in
            writer.member("schema", name)
            writer.member("state", managed.contains(name) ? "MANAGED" : enabled.contains(name) ? "ENABLE_COMPLETED" : "AVAILABLE")
        }
    }

    static let enable = Operation.unityCatalog(
        "catalog.system_schemas.enable", .put, "/metastores/{metastore_id}/systemschemas/{schema_name}",
        limits: "The state is kept; the schema's tables are not there."
    ) { call in
        let name = try named(call)
        var enabled = try setting(call)
        if enabled.contains(name) {
            throw WorkspaceError.unityCatalog(.schemaAlreadyExists, "Schema '\(name)' already exists")
        }
        enabled.append(name)
        return try store(enabled, call)
    }

    static let disable = Operation.unityCatalog(
        "catalog.system_schemas.disable", .delete, "/metastores/{metastore_id}/systemschemas/{schema_name}"
    ) { call in
        let name = try named(call)
        let enabled = try setting(call)
        guard enabled.contains(name) else { throw WorkspaceError.noSuch(.schema, "system.\(name)") }
        return try store(enabled.filter { $0 != name }, call)
    }

    private static func store(_ names: [String], _ call: Call) throws -> Reply {
        var change = MetastoreChange()
        change.details["system_schemas"] = .array(names.sorted().map { .string($0) })
        _ = try call.workspace.metastores.update(try call.workspace.metastore.id, change, by: call.principal)
        return .emptyObject
    }

    private static func named(_ call: Call) throws -> String {
        try mustBeOwn(call)
        let name = try call.path("schema_name").lowercased()
        guard offered.contains(name) else { throw WorkspaceError.noSuch(.schema, "system.\(name.prefix(255))") }
        return name
    }

    private static func mustBeOwn(_ call: Call) throws {
        let id = try call.path("metastore_id")
        guard try call.workspace.metastore.id == id.lowercased() else { throw WorkspaceError.noSuch(.metastore, String(id.prefix(64))) }
    }
}
