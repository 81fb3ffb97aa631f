import HTTPTypes
import JSON
import Workspace

/// IP access lists: `/api/2.0/ip-access-lists`. They are enforced once `enableIpAccessLists` is true (`/api/2.0/workspace-conf`).
package enum IPAccessListsAPI: APIGroup {
    private static let path = "/api/2.0/ip-access-lists"

    static let entry = Resource("ip-access-list", "IP access list", schema: "settings.IpAccessListInfo", id: "list_id", .uuid).with {
        $0.access = .admins
        $0.stamps = [
            ("created_at", .createdMillis), ("updated_at", .updatedMillis), ("created_by", .ownerID), ("updated_by", .ownerID),
        ]
        $0.defaults = [("enabled", true)]
        $0.rule = { object, old, call in
            let addresses = object["ip_addresses"]?.arrayValue ?? []
            guard !addresses.isEmpty else { throw WorkspaceError.missing("ip_addresses") }
            for address in addresses where IPRange(address.stringValue ?? "") == nil {
                throw WorkspaceError.invalid("Invalid IP address or CIDR range: \((address.scalar ?? "").prefix(64))")
            }
            let others = try call.workspace.resources.list("ip-access-list").filter { $0.id != old?.id }
            let count = others.reduce(addresses.count) { $0 + ($1.body["ip_addresses"]?.arrayValue?.count ?? 0) }
            guard count <= 1_000 else {
                throw WorkspaceError(.quotaExceeded, "At most 1000 IP addresses and ranges are allowed in all lists.", status: 400)
            }
            object["address_count"] = .int(addresses.count)
            if try IPAccess.isEnabled(call.workspace), let caller = call.clientAddress {
                let rules = IPAccessRules(lists: others.map(\.body) + [object])
                guard rules.allows(caller) else {
                    throw WorkspaceError(
                        .invalidState, "Your current IP \(caller) will not be allowed to access the workspace under current configuration")
                }
            }
        }
    }

    package static let operations: [Operation] = [
        wrapped(entry.create("settings.ip_access_lists.create", path)),
        wrapped(entry.get("settings.ip_access_lists.get", path + "/{ip_access_list_id}")),
        entry.list("settings.ip_access_lists.list", path, items: "ip_access_lists"),
        entry.update("settings.ip_access_lists.replace", .put, path + "/{ip_access_list_id}", .replace, answers: .nothing),
        entry.update("settings.ip_access_lists.update", .patch, path + "/{ip_access_list_id}", .merge, answers: .nothing),
        entry.delete("settings.ip_access_lists.delete", .delete, path + "/{ip_access_list_id}"),
    ].map(forgetting)

    /// The answer is `{"ip_access_list": {…}}`.
    private static func wrapped(_ operation: Operation) -> Operation {
        Operation(operation.id, operation.method, operation.path) { call -> Reply in
            let reply = try await operation.handle(call)
            guard case .json(let value) = reply.body else { return reply }
            return .json(["ip_access_list": value], status: reply.status)
        }
    }

    /// What was noted of the rules is read again after a change.
    private static func forgetting(_ operation: Operation) -> Operation {
        guard operation.method != .get else { return operation }
        return Operation(operation.id, operation.method, operation.path) { call -> Reply in
            let reply = try await operation.handle(call)
            call.workspace.ipAccess.forget()
            return reply
        }
    }
}
