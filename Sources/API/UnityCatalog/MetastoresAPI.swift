import HTTPTypes
import JSON
import Workspace

/// Metastores of the account, and the workspace's assignment to its own.
package enum MetastoresAPI: APIGroup {
    package static let operations = [
        current, summary, list, get, create, update, delete, undrop, assign, updateAssignment, unassign,
    ]

    private static let scopes = ["INTERNAL", "INTERNAL_AND_EXTERNAL"]

    static let current = Operation.unityCatalog("catalog.metastores.current", .get, "/current-metastore-assignment") { call in
        let metastore = try call.workspace.metastore
        return .object { writer in
            writer.member("metastore_id", metastore.id)
            writer.member("workspace_id", call.workspace.id)
            writer.member("default_catalog_name", metastore.defaultCatalog)
        }
    }

    static let summary = Operation.unityCatalog("catalog.metastores.summary", .get, "/metastore_summary") { call in
        let metastore = try call.workspace.metastore
        return .object { metastore.write(to: &$0) }
    }

    static let list = Operation.unityCatalog("catalog.metastores.list", .get, "/metastores") { call in
        let paging = try Paging(call, list: "metastores", pageSize: UnityCatalogAPI.pageSize, unlimitedByDefault: true)
        let rows = paging.rest(try call.workspace.metastores.list(by: call.principal), key: \.id)
        return paging.encoded("metastores", rows, key: \.id) { $0.write(to: &$1) }
    }

    static let get = Operation.unityCatalog("catalog.metastores.get", .get, "/metastores/{id}") { call in
        let metastore = try call.workspace.metastores.get(call.path("id"), by: call.principal)
        return .object { metastore.write(to: &$0) }
    }

    static let create = Operation.unityCatalog(
        "catalog.metastores.create", .post, "/metastores", limits: "Beside the workspace's own, a metastore is an object without contents."
    ) { call in
        let body = try call.fields()
        var details = JSONObject()
        details["external_access_enabled"] = try body.bool(optional: "external_access_enabled").map { .bool($0) }
        let made = try call.workspace.metastores.create(
            name: body.name("name"), storageRoot: body.string(optional: "storage_root"), region: body.string(optional: "region"),
            details: details, by: call.principal)
        return .object { made.write(to: &$0) }
    }

    static let update = Operation.unityCatalog("catalog.metastores.update", .patch, "/metastores/{id}") { call in
        let body = try call.fields()
        var change = MetastoreChange()
        change.name = try body.newName()
        change.owner = try body.owner()
        change.details["delta_sharing_scope"] = try body.choice(optional: "delta_sharing_scope", of: scopes).map { .string($0) }
        for name in ["delta_sharing_organization_name", "privilege_model_version", "storage_root_credential_id"] {
            change.details[name] = try body.string(optional: name).map { .string($0) }
        }
        let lifetime = "delta_sharing_recipient_token_lifetime_in_seconds"
        change.details[lifetime] = try body.int(optional: lifetime).map { .int($0) }
        change.details["external_access_enabled"] = try body.bool(optional: "external_access_enabled").map { .bool($0) }
        let made = try call.workspace.metastores.update(call.path("id"), change, by: call.principal)
        return .object { made.write(to: &$0) }
    }

    static let delete = Operation.unityCatalog("catalog.metastores.delete", .delete, "/metastores/{id}") { call in
        try call.workspace.metastores.delete(call.path("id"), force: try call.query.bool("force") ?? false, by: call.principal)
        return .emptyObject
    }

    static let undrop = Operation.unityCatalog("catalog.metastores.undrop_metastore_by_id", .post, "/metastores:undropById") { call in
        let made = try call.workspace.metastores.undrop(call.fields().string("id"), by: call.principal)
        return .object { made.write(to: &$0) }
    }

    private static let assignmentLimit = "The workspace keeps the metastore that it began with; its default catalog can be set."

    static let assign = Operation.unityCatalog(
        "catalog.metastores.assign", .put, "/workspaces/{workspace_id}/metastore", limits: assignmentLimit
    ) { call in
        let body = try call.fields()
        try call.workspace.metastores.assign(
            body.string("metastore_id"), workspaceID: call.pathInt("workspace_id"),
            defaultCatalog: body.string(optional: "default_catalog_name"), by: call.principal)
        return .emptyObject
    }

    static let updateAssignment = Operation.unityCatalog(
        "catalog.metastores.update_assignment", .patch, "/workspaces/{workspace_id}/metastore", limits: assignmentLimit
    ) { call in
        let body = try call.fields()
        try call.workspace.metastores.assign(
            body.string(optional: "metastore_id"), workspaceID: call.pathInt("workspace_id"),
            defaultCatalog: body.string(optional: "default_catalog_name"), by: call.principal)
        return .emptyObject
    }

    static let unassign = Operation.unityCatalog(
        "catalog.metastores.unassign", .delete, "/workspaces/{workspace_id}/metastore", limits: "Refused for the workspace's own metastore."
    ) { call in
        try call.workspace.metastores.unassign(
            call.query.required("metastore_id"), workspaceID: call.pathInt("workspace_id"), by: call.principal)
        return .emptyObject
    }
}

extension Metastore {
    fileprivate func write(to writer: inout JSONWriter) {
        writer.member("name", name)
        writer.optional("storage_root", storageRoot)
        writer.member("default_data_access_config_id", dataAccessConfigurationID)
        writer.member("delta_sharing_scope", details["delta_sharing_scope"] ?? "INTERNAL")
        for name in ["delta_sharing_recipient_token_lifetime_in_seconds", "delta_sharing_organization_name", "storage_root_credential_id"] {
            if let value = details[name] { writer.member(name, value) }
        }
        writer.member("owner", owner)
        writer.member("privilege_model_version", details["privilege_model_version"] ?? "1.0")
        writer.member("region", region)
        writer.member("metastore_id", id)
        writer.times(createdAt: createdAt, createdBy: createdBy, updatedAt: updatedAt, updatedBy: updatedBy)
        writer.member("cloud", cloud)
        writer.member("global_metastore_id", globalID)
        writer.member("external_access_enabled", details["external_access_enabled"] ?? false)
    }
}
