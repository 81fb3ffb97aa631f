import HTTPTypes
import JSON
import Workspace

/// How many objects there are of how many that there may be: `/api/2.1/unity-catalog/resource-quotas`.
package enum ResourceQuotasAPI: APIGroup {
    package static let operations = [list, get]

    static let list = Operation.unityCatalog(
        "catalog.resource_quotas.list_quotas", .get, "/resource-quotas/all-resource-quotas", limits: "Limits are shown, not applied."
    ) { call in
        let paging = try Paging(call, list: "quotas", pageSize: 100, most: 500)
        let rows = paging.rest(try call.workspace.quotas.all(by: call.principal), key: \.key)
        let now = call.workspace.environment.nowMillis
        return paging.encoded("quotas", rows, key: \.key) { $0.write(to: &$1, now: now) }
    }

    static let get = Operation.unityCatalog(
        "catalog.resource_quotas.get_quota", .get, "/resource-quotas/{parent_securable_type}/{parent_full_name}/{quota_name}",
        limits: "Limits are shown, not applied."
    ) { call in
        let (type, name) = try GrantsAPI.securable(call, type: "parent_securable_type", name: "parent_full_name")
        let quota = try call.workspace.quotas.get(call.path("quota_name"), of: type, name, by: call.principal)
        let now = call.workspace.environment.nowMillis
        return .object { writer in
            writer.name("quota_info")
            writer.beginObject()
            quota.write(to: &writer, now: now)
            writer.endObject()
        }
    }
}

extension ResourceQuota {
    fileprivate func write(to writer: inout JSONWriter, now: Int64) {
        writer.member("parent_securable_type", parentType.rawValue)
        writer.member("parent_full_name", parentName)
        writer.member("quota_name", name)
        writer.member("quota_count", count)
        writer.member("quota_limit", limit)
        writer.member("last_refreshed_at", now)
    }
}
