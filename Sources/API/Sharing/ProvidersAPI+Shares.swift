import HTTPTypes
import JSON
import Warehouse
import Workspace

/// What providers give: `/providers/{name}/shares`, and the contents of one share.
extension ProvidersAPI {
    static let listShares = Operation.unityCatalog(
        waiting: "sharing.providers.list_shares", .get, "/providers/{name}/shares",
        limits: "Of providers with OIDC federation none: their shares are not asked for."
    ) { call in
        let name = try call.path("name")
        let paging = try Paging(call, list: "provider-shares/\(name)", pageSize: UnityCatalogAPI.pageSize, unlimitedByDefault: true)
        let all = try await call.tenant.sql.offeredShares(of: name, by: call.principal)
        let rows = paging.rest(all, key: \.name)
        return paging.encoded("shares", rows, key: \.name) { row, writer in writer.member("name", row.name) }
    }

    static let listAssets = Operation(
        "sharing.providers.list_provider_share_assets", .get, "/api/2.1/data-sharing/providers/{provider_name}/shares/{share_name}",
        limits:
            "Tables, volumes, models and notebooks alone; of providers outside of this server tables alone, which is all that the open protocol lists."
    ) { call -> Reply in
        if let reply = try await outsideAssets(call) { return reply }
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
        let models = try received.models().map { shared -> JSONValue in
            var members = asset(shared.schema, shared.name, id: shared.model.id, shared.object).objectValue ?? JSONObject()
            members["securable_kind"] = "FUNCTION_REGISTERED_MODEL"
            if members["comment"] == nil { members["comment"] = shared.model.comment.map { .string($0) } }
            let aliases = shared.model.aliases
            if !aliases.isEmpty { members["aliases"] = .array(aliases.map { shared.model.aliasJSON($0.name, $0.version) }) }
            return .object(members)
        }
        let notebooks = try received.objects().filter { $0.kind == .notebook }.map { asset(nil, $0.alias, id: nil, $0) }
        return try assets(
            ["id": .string(share.id), "name": .string(share.name)],
            [
                ("functions", "function_max_results", models), ("notebooks", "notebook_max_results", notebooks),
                ("tables", "table_max_results", tables), ("volumes", "volume_max_results", volumes),
            ], call)
    }

    /// Nil for a provider among the server's own workspaces.
    private static func outsideAssets(_ call: Call) async throws -> Reply? {
        let found = try await call.tenant.sql.offeredTables(of: call.path("share_name"), provider: call.path("provider_name"), by: call.principal)
        guard let (share, tables) = found else { return nil }
        let all = tables.map { table -> JSONValue in
            var members = JSONObject()
            members["id"] = table.id.map { .string($0) }
            members["name"] = .string(table.name)
            members["schema"] = .string(table.schema)
            members["share"] = .string(share.name)
            members["share_id"] = share.id.map { .string($0) }
            return .object(members)
        }
        var told = JSONObject()
        told["id"] = share.id.map { .string($0) }
        told["name"] = .string(share.name)
        return try assets(.object(told), [("tables", "table_max_results", all)], call)
    }

    private static func assets(_ share: JSONValue, _ kinds: [(name: String, limit: String, all: [JSONValue])], _ call: Call) throws -> Reply {
        var body = JSONObject([("share", share)])
        for (name, limit, all) in kinds {
            let most = try call.query.int(limit) ?? 0
            guard most >= 0 else { throw WorkspaceError.unityCatalog(.invalidParameterValue, "\(limit) must not be negative: \(most).") }
            let shown = most == 0 ? all[...] : all.prefix(most)
            if !shown.isEmpty { body[name] = .array(Array(shown)) }
        }
        return .json(.object(body))
    }
}
