import HTTPTypes
import JSON
import Workspace

/// Versions of registered models: `/api/2.1/unity-catalog/models/{model}/versions`.
package enum ModelVersionsAPI: APIGroup {
    package static let operations = [list, get, getByAlias, update, delete]

    static let list = Operation.unityCatalog("catalog.model_versions.list", .get, "/models/{full_name}/versions") { call in
        let name = try call.path("full_name")
        let paging = try Paging(call, list: "versions/\(name.lowercased())", pageSize: 100, most: 1_000)
        let (model, all) = try call.workspace.modelVersions.list(name, by: call.principal)
        let rows = all.filter { row in paging.after.flatMap { Int($0) }.map { (Int(row.name) ?? 0) > $0 } ?? true }
        let metastoreID = try UnityCatalogAPI.metastoreID(call)
        return try paging.encoded("model_versions", rows, key: \.name) { try write($0, of: model, metastoreID, to: &$1) }
    }

    static let get = Operation.unityCatalog("catalog.model_versions.get", .get, "/models/{full_name}/versions/{version}") { call in
        try reply(call, try call.pathInt("version"), aliases: try call.query.bool("include_aliases") ?? false)
    }

    static let getByAlias = Operation.unityCatalog("catalog.model_versions.get_by_alias", .get, "/models/{full_name}/aliases/{alias}") { call in
        let alias = try call.path("alias")
        let (model, _) = try call.workspace.modelVersions.list(call.path("full_name"), by: call.principal)
        guard let found = model.aliases.first(where: { $0.name == alias }) else {
            throw WorkspaceError.unityCatalog(
                .resourceDoesNotExist, "Registered Model Alias '\(alias.prefix(255))' does not exist for model '\(model.fullName)'.")
        }
        return try reply(call, found.version, aliases: try call.query.bool("include_aliases") ?? false)
    }

    static let update = Operation.unityCatalog("catalog.model_versions.update", .patch, "/models/{full_name}/versions/{version}") { call in
        let comment = try call.fields().string(optional: "comment")
        let version = try call.pathInt("version")
        try call.workspace.modelVersions.update(call.path("full_name"), version, comment: comment, by: call.principal)
        return try reply(call, version, aliases: true)
    }

    static let delete = Operation.unityCatalog("catalog.model_versions.delete", .delete, "/models/{full_name}/versions/{version}") { call in
        try call.workspace.modelVersions.delete(call.path("full_name"), try call.pathInt("version"), by: call.principal)
        return .emptyObject
    }

    private static func reply(_ call: Call, _ version: Int, aliases: Bool) throws -> Reply {
        let (model, found) = try call.workspace.modelVersions.get(call.path("full_name"), version, by: call.principal)
        let metastoreID = try UnityCatalogAPI.metastoreID(call)
        return try .object { try write(found, of: model, metastoreID, aliases: aliases, to: &$0) }
    }

    private static func write(
        _ version: CatalogObject, of model: CatalogObject, _ metastoreID: String, aliases: Bool = false, to writer: inout JSONWriter
    ) throws {
        let name = try ObjectName(fullName: model.fullName, rpc: "GetModelVersion", field: "full_name_arg")
        let number = Int(version.name) ?? 0
        writer.member("model_name", model.name)
        writer.member("catalog_name", name.catalog)
        writer.member("schema_name", name.schema)
        writer.member("version", number)
        writer.optional("comment", version.comment)
        for member in ["source", "run_id", "run_workspace_id", "status", "storage_location"] {
            if let value = version.fields[member] { writer.member(member, value) }
        }
        writer.member("metastore_id", metastoreID)
        writer.times(createdAt: version.createdAt, createdBy: version.createdBy, updatedAt: version.updatedAt, updatedBy: version.updatedBy)
        writer.member("id", version.id)
        let own = model.aliases.filter { $0.version == number }
        if aliases, !own.isEmpty { writer.member("aliases", .array(own.map { model.aliasJSON($0.name, number) })) }
    }
}
