import HTTPTypes
import JSON
import Workspace

/// Schemas: `/api/2.1/unity-catalog/schemas`.
package enum SchemasAPI: APIGroup {
    package static let operations = [create, list, get, update, delete]

    static let create = Operation.unityCatalog("catalog.schemas.create", .post, "/schemas") { call in
        let body = try call.fields()
        var spec = SchemaSpec(
            catalog: try body.name("catalog_name"), name: try body.name("name"), comment: try body.string(optional: "comment"))
        spec.storageRoot = try body.storageRoot()
        spec.properties = try body.properties("properties") ?? .empty
        spec.retentionHours = try body.int(optional: "custom_max_retention_hours")
        return try reply(call, try call.workspace.schemas.create(spec, by: call.principal))
    }

    static let list = Operation.unityCatalog("catalog.schemas.list", .get, "/schemas") { call in
        let catalog = try call.query.parent("catalog_name", rpc: "ListSchemas")
        let paging = try Paging(call, list: "schemas/\(catalog.lowercased())", pageSize: UnityCatalogAPI.pageSize, unlimitedByDefault: true)
        let metastoreID = try UnityCatalogAPI.metastoreID(call)
        let rows = try call.workspace.schemas.list(
            in: catalog, after: paging.after, limit: paging.fetchLimit, browse: call.query.bool("include_browse") ?? false, by: call.principal)
        return paging.encoded("schemas", rows, key: \.name) { $0.write(to: &$1, metastoreID: metastoreID) }
    }

    static let get = Operation.unityCatalog("catalog.schemas.get", .get, "/schemas/{full_name}") { call in
        try reply(
            call, try call.workspace.schemas.get(call.path("full_name"), browse: call.query.bool("include_browse") ?? false, by: call.principal))
    }

    static let update = Operation.unityCatalog("catalog.schemas.update", .patch, "/schemas/{full_name}") { call in
        let body = try call.fields()
        var change = SchemaChange()
        change.name = try body.newName()
        change.comment = try body.string(optional: "comment")
        change.owner = try body.owner()
        change.predictiveOptimization = try body.predictiveOptimization()
        change.properties = try body.properties("properties")
        change.retentionHours = try body.int(optional: "custom_max_retention_hours")
        return try reply(call, try call.workspace.schemas.update(call.path("full_name"), change, by: call.principal))
    }

    static let delete = Operation.unityCatalog("catalog.schemas.delete", .delete, "/schemas/{full_name}") { call in
        try call.workspace.schemas.delete(call.path("full_name"), force: try call.query.bool("force") ?? false, by: call.principal)
        return .emptyObject
    }

    private static func reply(_ call: Call, _ schema: SchemaInfo) throws -> Reply {
        let metastoreID = try UnityCatalogAPI.metastoreID(call)
        return .object { schema.write(to: &$0, metastoreID: metastoreID) }
    }
}

extension SchemaInfo {
    fileprivate func write(to writer: inout JSONWriter, metastoreID: String) {
        let isStandard = catalogKind == .managed && !isInformationSchema
        writer.member("name", name)
        writer.member("catalog_name", catalog)
        writer.member("owner", owner)
        writer.optional("comment", comment)
        writer.properties("properties", properties)
        writer.optional("storage_root", storageRoot)
        if isStandard { writer.member("enable_predictive_optimization", predictiveOptimization.rawValue) }
        writer.member("metastore_id", metastoreID)
        writer.member("full_name", fullName)
        writer.optional("storage_location", storageLocation)
        writer.times(createdAt: createdAt, createdBy: createdBy, updatedAt: updatedAt, updatedBy: updatedBy)
        writer.member("catalog_type", catalogKind.rawValue)
        if isStandard { writer.effective(effectivePredictiveOptimization) }
        if let retentionHours { writer.member("custom_max_retention_hours", retentionHours) }
        writer.member("schema_id", id)
        writer.member("browse_only", browseOnly)
    }
}
