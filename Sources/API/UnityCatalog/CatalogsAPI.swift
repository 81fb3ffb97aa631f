import HTTPTypes
import JSON
import Warehouse
import Workspace

/// Catalogs: `/api/2.1/unity-catalog/catalogs`.
package enum CatalogsAPI: APIGroup {
    package static let operations = [create, list, get, update, delete]

    static let create = Operation.unityCatalog(
        waiting: "catalog.catalogs.create", .post, "/catalogs", limits: "Foreign catalogs (connection_name) are objects without contents."
    ) { call in
        let body = try call.fields()
        var spec = CatalogSpec(name: try body.name("name"), comment: try body.string(optional: "comment"))
        spec.storageRoot = try body.storageRoot()
        spec.properties = try body.properties("properties") ?? .empty
        spec.options = try body.properties("options") ?? .empty
        spec.retentionHours = try body.int(optional: "custom_max_retention_hours")
        spec.encryption = try body.object(optional: "managed_encryption_settings").map { JSONValue.object($0.object).text }
        if let connection = try body.string(optional: "connection_name"), !connection.isEmpty { spec.connection = connection }
        let provider = try body.string(optional: "provider_name").flatMap { $0.isEmpty ? nil : $0 }
        let share = try body.string(optional: "share_name").flatMap { $0.isEmpty ? nil : $0 }
        guard let provider, let share else {
            guard provider == nil, share == nil else {
                throw WorkspaceError.missingField("CreateCatalog", provider == nil ? "provider_name" : "share_name")
            }
            return try reply(call, try call.workspace.catalogs.create(spec, by: call.principal))
        }
        return try reply(call, try await call.tenant.sql.createCatalog(spec, provider: provider, share: share, by: call.principal))
    }

    static let list = Operation.unityCatalog("catalog.catalogs.list", .get, "/catalogs") { call in
        let paging = try Paging(call, list: "catalogs", pageSize: UnityCatalogAPI.pageSize, unlimitedByDefault: true)
        let metastoreID = try UnityCatalogAPI.metastoreID(call)
        let rows = try call.workspace.catalogs.list(
            after: paging.after, limit: paging.fetchLimit, browse: try call.query.bool("include_browse") ?? false,
            unbound: try call.query.bool("include_unbound") ?? false, by: call.principal)
        return paging.encoded("catalogs", rows, key: \.name) { $0.write(to: &$1, metastoreID: metastoreID) }
    }

    static let get = Operation.unityCatalog("catalog.catalogs.get", .get, "/catalogs/{name}") { call in
        try reply(call, try call.workspace.catalogs.get(call.path("name"), browse: call.query.bool("include_browse") ?? false, by: call.principal))
    }

    static let update = Operation.unityCatalog("catalog.catalogs.update", .patch, "/catalogs/{name}") { call in
        let body = try call.fields()
        var change = CatalogChange()
        change.name = try body.newName()
        change.comment = try body.string(optional: "comment")
        change.owner = try body.owner()
        change.isolationMode = try body.choice(optional: "isolation_mode", of: ["ISOLATED", "OPEN"])
        change.predictiveOptimization = try body.predictiveOptimization()
        change.properties = try body.properties("properties")
        change.options = try body.properties("options")
        change.retentionHours = try body.int(optional: "custom_max_retention_hours")
        change.encryption = try body.object(optional: "managed_encryption_settings").map { JSONValue.object($0.object).text }
        return try reply(call, try call.workspace.catalogs.update(call.path("name"), change, by: call.principal))
    }

    static let delete = Operation.unityCatalog("catalog.catalogs.delete", .delete, "/catalogs/{name}") { call in
        try call.workspace.catalogs.delete(call.path("name"), force: try call.query.bool("force") ?? false, by: call.principal)
        return .emptyObject
    }

    private static func reply(_ call: Call, _ catalog: CatalogInfo) throws -> Reply {
        let metastoreID = try UnityCatalogAPI.metastoreID(call)
        return .object { catalog.write(to: &$0, metastoreID: metastoreID) }
    }
}

extension Fields {
    /// A managed location of a catalog or schema; nil if absent or empty.
    func storageRoot() throws(WorkspaceError) -> String? {
        guard let root = try string(optional: "storage_root"), !root.isEmpty else { return nil }
        return root
    }
}

extension CatalogInfo {
    fileprivate func write(to writer: inout JSONWriter, metastoreID: String) {
        writer.member("name", name)
        writer.member("owner", owner)
        writer.optional("comment", comment)
        writer.properties("properties", properties)
        if let connection { writer.member("connection_name", connection) }
        if let share {
            writer.member("provider_name", share.provider)
            writer.member("share_name", share.share)
        }
        writer.properties("options", ownOptions)
        writer.optional("storage_root", storageRoot)
        if kind == .managed { writer.member("enable_predictive_optimization", predictiveOptimization.rawValue) }
        writer.member("catalog_type", kind.rawValue)
        writer.member("metastore_id", metastoreID)
        writer.times(createdAt: createdAt, createdBy: createdBy, updatedAt: updatedAt, updatedBy: updatedBy)
        writer.optional("storage_location", storageLocation)
        writer.member("isolation_mode", isolationMode)
        if kind == .managed { writer.effective(effectivePredictiveOptimization) }
        if let retentionHours { writer.member("custom_max_retention_hours", retentionHours) }
        if let encryption { writer.encoded("managed_encryption_settings", encryption) }
        writer.member("browse_only", browseOnly)
        if kind == .system {
            writer.name("provisioning_info")
            writer.beginObject()
            writer.member("state", "ACTIVE")
            writer.endObject()
        }
        writer.member("full_name", name)
        writer.member("securable_type", SecurableType.catalog.rawValue)
    }
}
