import HTTPTypes
import ThriftServer
import Workspace

/// The SQL drivers' endpoint: one Thrift call a request. The operation's name in the journal and in rules is the call's: `thrift.ExecuteStatement`.
package enum ThriftAPI: APIGroup {
    package static let operations = [warehouse, endpoint, cluster]

    static let warehouse = Operation("thrift.warehouse", .post, "/sql/1.0/warehouses/{warehouse_id}") { call -> Reply in
        try await answer(call) { (try call.path("warehouse_id"), false) }
    }

    static let endpoint = Operation("thrift.endpoint", .post, "/sql/1.0/endpoints/{warehouse_id}") { call -> Reply in
        try await answer(call) { (try call.path("warehouse_id"), false) }
    }

    /// A cluster: one that is terminated starts by itself, and calls are refused until it is up.
    static let cluster = Operation(
        "thrift.cluster", .post, "/sql/protocolv1/o/{workspace_id}/{cluster_id}",
        limits: "statements run on the engine that warehouses have; they are not in the query history"
    ) { call -> Reply in
        try await answer(call) {
            let id = try call.path("cluster_id")
            // Zero stands for the workspace of a deployment that has but one.
            let workspace = try call.path("workspace_id")
            guard workspace == "0" || workspace == String(call.workspace.id) else { throw ClusterUse.notFound(id) }
            try ClusterUse.ready(id, call)
            return (id, true)
        }
    }

    private static func answer(_ call: Call, on compute: () throws -> (id: String, isCluster: Bool)) async throws -> Reply {
        do {
            let (id, isCluster) = try compute()
            let context = ThriftService.Context(
                computeID: id, isOnCluster: isCluster, baseURL: call.baseURL, principal: call.principal, hooks: call.hooks
            ) { statement, chunk in
                let link = ResultLinks(call, statementID: statement).link(chunk: chunk)
                return (link.url, link.expiryMillis)
            }
            let bytes = try await call.tenant.thrift.answer(call.body, context)
            return Reply(body: .bytes(bytes, contentType: "application/x-thrift"))
        } catch let error as ThriftError {
            throw WorkspaceError(.malformedRequest, "The body is no Thrift call: \(error.reason).")
        } catch var error as WorkspaceError {
            // Drivers look for the reason in this header, not in the body.
            error.headers["x-thriftserver-error-message"] = error.description.filter { $0 >= " " && $0 < "\u{7F}" }
            throw error
        }
    }
}
