import HTTPTypes
import JSON
import Warehouse
import Workspace

/// What providers give: `/providers/{name}/shares`, and the contents of one share.
extension ProvidersAPI {
    static let listShares = Operation.unityCatalog(
        "sharing.providers.list_shares", .get, "/providers/{name}/shares",
        limits: "Of providers among the server's own workspaces; others are not asked."
    ) { call in
        let name = try call.path("name")
        let paging = try Paging(call, list: "provider-shares/\(name)", pageSize: UnityCatalogAPI.pageSize, unlimitedByDefault: true)
        let all = try call.tenant.sql.receivedShares(of: name, by: call.principal)
        let rows = paging.rest(all, key: \.share.name)
        return paging.encoded("shares", rows, key: \.share.name) { row, writer in writer.member("name", row.share.name) }
    }

    static let listAssets = Operation(
        "sharing.providers.list_provider_share_assets", .get, "/api/2.1/data-sharing/providers/{provider_name}/shares/{share_name}",
        limits: "Tables, volumes and notebooks alone, of providers among the server's own workspaces."
    ) { call -> Reply in
        let received = try call.tenant.sql.receivedShare(call.path("share_name"), of: call.path("provider_name"), by: call.principal)
        let share = received.share
        func asset(_ schema: String?, _ name: String, id: String?, _ object: SharedObject) -> JSONValue {
            var members = JSONObject()
            members["id"] = id.map { .string($0) }
            members["name"] = .string(name)
            members["schema"] = schema.map { .string($0) }
            members["share"] = .string(share.name)
            members["share_id"] = .string(share.id)
            members["comment"] = object.members["comment"]
            return .object(members)
        }
        let tables = try received.tables().tables.map { asset($0.schema, $0.name, id: $0.id, $0.object) }
        let volumes = try received.volumes().map { asset($0.schema, $0.name, id: $0.info.id, $0.object) }
        let notebooks = try received.objects().filter { $0.kind == .notebook }.map { asset(nil, $0.alias, id: nil, $0) }
        var body = JSONObject([("share", ["id": .string(share.id), "name": .string(share.name)])])
        for (name, limit, all) in [
            ("notebooks", "notebook_max_results", notebooks), ("tables", "table_max_results", tables), ("volumes", "volume_max_results", volumes),
        ] {
            let most = try call.query.int(limit) ?? 0
            guard most >= 0 else { throw WorkspaceError.unityCatalog(.invalidParameterValue, "\(limit) must not be negative: \(most).") }
            let shown = most == 0 ? all[...] : all.prefix(most)
            if !shown.isEmpty { body[name] = .array(Array(shown)) }
        }
        return .json(.object(body))
    }
}
