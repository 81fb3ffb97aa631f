import HTTPTypes
import JSON
import Workspace

/// The metastore that a workspace is attached to; there is one, and it stays.
package enum MetastoresAPI: APIGroup {
    package static let operations = [current, summary, list, get]

    static let current = Operation.unityCatalog("catalog.metastores.current", .get, "/current-metastore-assignment") { call in
        let metastore = try call.workspace.metastore
        return .object { writer in
            writer.member("metastore_id", metastore.id)
            writer.member("workspace_id", call.workspace.id)
            writer.member("default_catalog_name", Workspace.defaultCatalog)
        }
    }

    static let summary = Operation.unityCatalog("catalog.metastores.summary", .get, "/metastore_summary") { call in
        let metastore = try call.workspace.metastore
        return .object { metastore.write(to: &$0) }
    }

    static let list = Operation.unityCatalog("catalog.metastores.list", .get, "/metastores") { call in
        let paging = try Paging(call, list: "metastores", pageSize: UnityCatalogAPI.pageSize, unlimitedByDefault: true)
        let metastore = try call.workspace.metastore
        let rows = paging.after.map { $0 < metastore.id } ?? true ? [metastore] : []
        return paging.encoded("metastores", rows, key: \.id) { $0.write(to: &$1) }
    }

    static let get = Operation.unityCatalog("catalog.metastores.get", .get, "/metastores/{id}") { call in
        let id = try call.path("id")
        let metastore = try call.workspace.metastore
        guard metastore.id == id.lowercased() else { throw WorkspaceError.noSuch(.metastore, String(id.prefix(64))) }
        return .object { metastore.write(to: &$0) }
    }
}

extension Metastore {
    fileprivate func write(to writer: inout JSONWriter) {
        writer.member("name", name)
        writer.member("storage_root", storageRoot)
        writer.member("default_data_access_config_id", dataAccessConfigurationID)
        writer.member("delta_sharing_scope", "INTERNAL")
        writer.member("owner", owner)
        writer.member("privilege_model_version", "1.0")
        writer.member("region", region)
        writer.member("metastore_id", id)
        writer.times(createdAt: createdAt, createdBy: createdBy, updatedAt: createdAt, updatedBy: createdBy)
        writer.member("cloud", cloud)
        writer.member("global_metastore_id", globalID)
        writer.member("external_access_enabled", false)
    }
}
