import HTTPTypes
import Warehouse
import Workspace

/// Catalogs over shares of providers outside of this server, which are asked when their contents are looked at.
enum OutsideCatalogs {
    /// Brings those up to date that a call of the operation looks into.
    static func refresh(_ catalogs: [CatalogInfo], _ operation: String, for call: Call) async throws {
        guard operation.hasPrefix("catalog.tables.") || operation.hasPrefix("catalog.schemas.") else { return }
        let name = call.pathParameters.all.first?.value ?? ""
        let parts = name.lowercased().split(separator: ".").map(String.init)
        let catalog = parts.first ?? call.query.string("catalog_name")?.lowercased()
        let named = catalogs.filter { $0.name == catalog }
        if named.isEmpty { return }
        // Who may not use the catalog has nothing asked for it.
        _ = try call.workspace.catalogs.get(named[0].name, browse: true, by: call.principal)
        let schema = call.query.string("schema_name")?.lowercased()
        let isListed = try operation == "catalog.tables.list" && !(call.query.bool("omit_columns") ?? false)
        try await call.tenant.sql.refresh(named) { found, table in
            parts.count == 3 ? found == parts[1] && table == parts[2] : isListed && found == schema
        }
    }
}
