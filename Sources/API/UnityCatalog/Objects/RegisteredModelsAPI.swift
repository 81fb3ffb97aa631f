import HTTPTypes
import JSON
import Workspace

/// Registered models with their aliases: `/api/2.1/unity-catalog/models`.
package enum RegisteredModelsAPI: APIGroup {
    package static let operations = [create, list, get, update, delete, setAlias, deleteAlias]

    static let create = Operation.unityCatalog("catalog.registered_models.create", .post, "/models") { call in
        let body = try call.fields()
        let schema = "\(try body.name("catalog_name")).\(try body.name("schema_name"))"
        var spec = CatalogObjectSpec(schema: schema, name: try body.name("name"), comment: try body.string(optional: "comment"))
        if let location = try body.string(optional: "storage_location"), !location.isEmpty { spec.fields["storage_location"] = .string(location) }
        return try reply(call, try call.workspace.catalogObjects(.model).create(spec, by: call.principal))
    }

    static let list = Operation.unityCatalog("catalog.registered_models.list", .get, "/models") { call in
        let catalog = call.query.string("catalog_name"), schema = call.query.string("schema_name")
        guard (catalog == nil) == (schema == nil) else {
            throw WorkspaceError.unityCatalog(
                .invalidParameterValue, "ListRegisteredModels catalog_name and schema_name must be given together or not at all.")
        }
        let isOneSchema = schema != nil
        let paging = try Paging(
            call, list: "models/\(catalog ?? "")/\(schema ?? "")", pageSize: isOneSchema ? UnityCatalogAPI.largePageSize : 100,
            most: isOneSchema ? UnityCatalogAPI.largePageSize : 1_000)
        let browse = try call.query.bool("include_browse") ?? false
        let metastoreID = try UnityCatalogAPI.metastoreID(call)
        let rows: [CatalogObject]
        if let catalog, let schema {
            rows = try call.workspace.catalogObjects(.model).list(
                in: "\(catalog).\(schema)", after: paging.after, limit: paging.fetchLimit, browse: browse, by: call.principal)
            return try paging.encoded("registered_models", rows, key: \.name) { try write($0, metastoreID, to: &$1) }
        }
        rows = paging.rest(try call.workspace.catalogObjects(.model).everywhere(browse: browse, by: call.principal), key: \.fullName)
        return try paging.encoded("registered_models", rows, key: \.fullName) { try write($0, metastoreID, to: &$1) }
    }

    static let get = Operation.unityCatalog("catalog.registered_models.get", .get, "/models/{full_name}") { call in
        let browse = try call.query.bool("include_browse") ?? false
        let found = try call.workspace.catalogObjects(.model).get(call.path("full_name"), browse: browse, by: call.principal)
        return try reply(
            call, found.object, aliases: try call.query.bool("include_aliases") ?? false, browseOnly: found.browseOnly)
    }

    static let update = Operation.unityCatalog("catalog.registered_models.update", .patch, "/models/{full_name}") { call in
        let body = try call.fields()
        var change = CatalogObjectChange()
        change.name = try body.newName()
        change.owner = try body.owner()
        change.comment = try body.string(optional: "comment")
        return try reply(call, try call.workspace.catalogObjects(.model).update(call.path("full_name"), change, by: call.principal))
    }

    static let delete = Operation.unityCatalog("catalog.registered_models.delete", .delete, "/models/{full_name}") { call in
        try call.workspace.catalogObjects(.model).delete(call.path("full_name"), by: call.principal)
        return .emptyObject
    }

    static let setAlias = Operation.unityCatalog(
        "catalog.registered_models.set_alias", .put, "/models/{full_name}/aliases/{alias}"
    ) { call in
        let version = try call.fields().int("version_num")
        let alias = try call.path("alias")
        let model = try call.workspace.modelVersions.setAlias(alias, of: call.path("full_name"), to: version, by: call.principal)
        return .json(model.aliasJSON(alias, version))
    }

    static let deleteAlias = Operation.unityCatalog(
        "catalog.registered_models.delete_alias", .delete, "/models/{full_name}/aliases/{alias}"
    ) { call in
        try call.workspace.modelVersions.deleteAlias(call.path("alias"), of: call.path("full_name"), by: call.principal)
        return .emptyObject
    }

    private static func reply(_ call: Call, _ model: CatalogObject, aliases: Bool = true, browseOnly: Bool = false) throws -> Reply {
        let metastoreID = try UnityCatalogAPI.metastoreID(call)
        return try .object { try write(model, metastoreID, aliases: aliases, browseOnly: browseOnly, to: &$0) }
    }

    private static func write(
        _ model: CatalogObject, _ metastoreID: String, aliases: Bool = false, browseOnly: Bool = false, to writer: inout JSONWriter
    ) throws {
        let name = try ObjectName(fullName: model.fullName, rpc: "GetRegisteredModel", field: "full_name_arg")
        writer.member("name", model.name)
        writer.member("catalog_name", name.catalog)
        writer.member("schema_name", name.schema)
        writer.member("owner", model.owner)
        writer.optional("comment", model.comment)
        writer.optional("storage_location", model.fields["storage_location"]?.stringValue)
        writer.member("metastore_id", metastoreID)
        writer.member("full_name", model.fullName)
        writer.times(createdAt: model.createdAt, createdBy: model.createdBy, updatedAt: model.updatedAt, updatedBy: model.updatedBy)
        if aliases, !model.aliases.isEmpty { writer.member("aliases", .array(model.aliases.map { model.aliasJSON($0.name, $0.version) })) }
        writer.member("browse_only", browseOnly)
    }
}

extension CatalogObject {
    func aliasJSON(_ alias: String, _ version: Int) -> JSONValue { ["alias_name": .string(alias), "version_num": .int(version)] }
}
