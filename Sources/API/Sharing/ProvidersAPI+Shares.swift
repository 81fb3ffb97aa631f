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
        limits: "Tables and volumes alone, of providers among the server's own workspaces."
    ) { call -> Reply in
        let received = try call.tenant.sql.receivedShare(call.path("share_name"), of: call.path("provider_name"), by: call.principal)
        let share = received.share
        func asset(_ schema: String, _ name: String, id: String?, comment: String?) -> JSONValue {
            var members = JSONObject()
            members["id"] = id.map { .string($0) }
            members["name"] = .string(name)
            members["schema"] = .string(schema)
            members["share"] = .string(share.name)
            members["share_id"] = .string(share.id)
            members["comment"] = comment.map { .string($0) }
            return .object(members)
        }
        let tables = try received.tables().tables.map { table in
            asset(table.schema, table.name, id: table.id, comment: table.object.members["comment"]?.stringValue)
        }
        let volumes = try received.objects().filter { $0.kind == .volume }.compactMap { object -> JSONValue? in
            let alias = object.alias.split(separator: ".").map(String.init)
            guard alias.count == 2 else { return nil }
            return asset(alias[0], alias[1], id: nil, comment: object.members["comment"]?.stringValue)
        }
        var body = JSONObject([("share", ["id": .string(share.id), "name": .string(share.name)])])
        for (name, limit, all) in [("tables", "table_max_results", tables), ("volumes", "volume_max_results", volumes)] {
            let most = try call.query.int(limit) ?? 0
            guard most >= 0 else { throw WorkspaceError.unityCatalog(.invalidParameterValue, "\(limit) must not be negative: \(most).") }
            let shown = most == 0 ? all[...] : all.prefix(most)
            if !shown.isEmpty { body[name] = .array(Array(shown)) }
        }
        return .json(.object(body))
    }
}
