import HTTPTypes
import ThriftServer
import Workspace

/// The SQL drivers' endpoint: one Thrift call a request. The operation's name in the journal and in rules is the call's: `thrift.ExecuteStatement`.
package enum ThriftAPI: APIGroup {
    package static let operations = [warehouse, endpoint]

    static let warehouse = Operation(
        "thrift.warehouse", .post, "/sql/1.0/warehouses/{warehouse_id}", limits: "parameters of nested types are refused", handler: answer)

    static let endpoint = Operation("thrift.endpoint", .post, "/sql/1.0/endpoints/{warehouse_id}", handler: answer)

    @Sendable private static func answer(_ call: Call) async throws -> Reply {
        let context = ThriftService.Context(warehouseID: try call.path("warehouse_id"), principal: call.principal, hooks: call.hooks) {
            statement, chunk in
            let link = ResultLinks(call, statementID: statement).link(chunk: chunk)
            return (link.url, link.expiryMillis)
        }
        do {
            let bytes = try await call.tenant.thrift.answer(call.body, context)
            return Reply(body: .bytes(bytes, contentType: "application/x-thrift"))
        } catch let error as ThriftError {
            throw WorkspaceError(.malformedRequest, "The body is no Thrift call: \(error.reason).")
        } catch var error as WorkspaceError {
            // Drivers look for the reason in this header, not in the body.
            error.headers["x-thriftserver-error-message"] = error.message.filter { $0 >= " " && $0 < "\u{7F}" }
            throw error
        }
    }
}
