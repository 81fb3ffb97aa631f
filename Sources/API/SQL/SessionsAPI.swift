import HTTPTypes
import JSON
import Warehouse
import Workspace

/// SQL sessions: `/api/2.0/sql/sessions`. Not on the public API pages; the drivers that speak the Statement Execution API send them.
package enum SessionsAPI: APIGroup {
    package static let operations = [create, delete]

    static let create = Operation(
        "sql.sessions.create", .post, "/api/2.0/sql/sessions", limits: "session_confs other than those that SET knows are refused"
    ) { call -> JSONValue in
        let fields = try call.fields()
        var confs = try fields.stringMap(optional: "session_confs") ?? []
        confs += try fields.stringMap(optional: "session_parameters") ?? []
        let session = try call.tenant.sql.openSession(
            warehouseID: try fields.string("warehouse_id"), catalog: try fields.string(optional: "catalog").flatMap { $0.isEmpty ? nil : $0 },
            schema: try fields.string(optional: "schema").flatMap { $0.isEmpty ? nil : $0 }, settings: confs, by: call.principal)
        return ["session_id": .string(session.id)]
    }

    /// Always `{}`, for closed and unknown sessions too.
    static let delete = Operation("sql.sessions.delete", .delete, "/api/2.0/sql/sessions/{session_id}") { call -> Void in
        call.tenant.sql.closeSession(try call.path("session_id"), by: call.principal)
    }
}
