import HTTPTypes
import JSON
import Warehouse
import Workspace

/// Functions: `/api/2.1/unity-catalog/functions`.
package enum FunctionsAPI: APIGroup {
    package static let operations = [create, list, get, update, delete]

    static let create = Operation.unityCatalog(
        "catalog.functions.create", .post, "/functions",
        limits: "A function with an external body (Python) is kept as an object: SQL that calls it is refused."
    ) { call in
        let body = try call.fields().object("function_info")
        let name = ObjectName(
            catalog: try SecurableName.new(body.name("catalog_name"), rpc: "CreateFunction", field: "function.FunctionInfo.catalog_name"),
            schema: try SecurableName.new(body.name("schema_name"), rpc: "CreateFunction", field: "function.FunctionInfo.schema_name"),
            name: try SecurableName.new(body.name("name"), rpc: "CreateFunction", field: "function.FunctionInfo.name"))
        let draft = FunctionDraft(
            name: name, comment: try body.string(optional: "comment"), parameters: try parameters(body, "input_params"),
            returns: try body.string(optional: "full_data_type") ?? body.string("data_type"), columns: try parameters(body, "return_params"),
            isExternal: try body.choice("routine_body", of: ["EXTERNAL", "SQL"]) == "EXTERNAL",
            language: try body.string(optional: "external_language"), definition: try body.string("routine_definition"),
            isDeterministic: try body.bool(optional: "is_deterministic") ?? true,
            dataAccess: try body.choice(optional: "sql_data_access", of: ["CONTAINS_SQL", "NO_SQL", "READS_SQL_DATA"]) ?? "CONTAINS_SQL",
            properties: try body.string(optional: "properties"))
        return try reply(call, try call.tenant.sql.createFunction(draft, by: call.principal))
    }

    static let list = Operation.unityCatalog("catalog.functions.list", .get, "/functions") { call in
        let catalog = try call.query.parent("catalog_name", rpc: "ListFunctions")
        let schema = SchemaName(catalog: catalog, schema: try call.query.parent("schema_name", rpc: "ListFunctions"))
        let paging = try Paging(call, list: "functions/\(schema)", pageSize: UnityCatalogAPI.pageSize, unlimitedByDefault: true)
        let rows = try call.workspace.functions.list(
            in: schema, after: paging.after, limit: paging.fetchLimit, browse: try call.query.bool("include_browse") ?? false, by: call.principal)
        let metastoreID = try UnityCatalogAPI.metastoreID(call)
        return try paging.encoded("functions", rows, key: \.name.name) { try write($0, call, metastoreID, to: &$1) }
    }

    static let get = Operation.unityCatalog("catalog.functions.get", .get, "/functions/{name}") { call in
        let name = try Functions.name(call.path("name"), rpc: "GetFunction")
        if let spec = try FeatureSpecs.function(name, call) { return .json(spec) }
        return try reply(
            call, try call.workspace.functions.get(name, browse: try call.query.bool("include_browse") ?? false, by: call.principal))
    }

    static let update = Operation.unityCatalog("catalog.functions.update", .patch, "/functions/{name}") { call in
        let name = try Functions.name(call.path("name"), rpc: "UpdateFunction")
        return try reply(call, try call.workspace.functions.update(name, owner: call.fields().owner(), by: call.principal))
    }

    static let delete = Operation.unityCatalog("catalog.functions.delete", .delete, "/functions/{name}") { call in
        _ = try call.query.bool("force")
        let name = try Functions.name(call.path("name"), rpc: "DeleteFunction")
        if try FeatureSpecs.objects.find(name, call) != nil {
            try FeatureSpecs.objects.delete(try FeatureSpecs.objects.existing(name.description, .write, call), call)
        } else {
            try call.workspace.functions.delete(name, by: call.principal)
        }
        return .emptyObject
    }

    private static func parameters(_ body: Fields, _ name: String) throws -> [FunctionDraft.Parameter]? {
        guard let list = try body.object(optional: name) else { return nil }
        return try list.objects("parameters").map { parameter in
            FunctionDraft.Parameter(
                name: try parameter.string("name"), type: try parameter.string("type_text"),
                defaultValue: try parameter.string(optional: "parameter_default"), comment: try parameter.string(optional: "comment"))
        }
    }

    private static func reply(_ call: Call, _ function: FunctionInfo) throws -> Reply {
        let metastoreID = try UnityCatalogAPI.metastoreID(call)
        return try .object { try write(function, call, metastoreID, to: &$0) }
    }

    private static func write(_ function: FunctionInfo, _ call: Call, _ metastoreID: String, to writer: inout JSONWriter) throws {
        writer.member("name", function.name.name)
        writer.member("catalog_name", function.name.catalog)
        writer.member("schema_name", function.name.schema)
        for (name, value) in try call.tenant.sql.members(of: function).members { writer.member(name, value) }
        writer.member("owner", function.owner)
        writer.optional("comment", function.comment)
        writer.member("metastore_id", metastoreID)
        writer.member("full_name", function.name.description)
        writer.times(createdAt: function.createdAt, createdBy: function.createdBy, updatedAt: function.updatedAt, updatedBy: function.updatedBy)
        writer.member("function_id", function.id)
        writer.member("browse_only", function.browseOnly)
    }
}
