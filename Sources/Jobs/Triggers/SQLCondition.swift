import JSON
import Workspace

/// A saved query that decides whether the run of a trigger begins (docs: "Add SQL conditions to job triggers").
package struct SQLCondition: Sendable, Hashable {
    package enum Mode: String, Sendable, Hashable {
        /// The query has a row.
        case rows = "QUERY_RETURNS_ROWS"
        /// The query's only value is another one than last time.
        case change = "RESULT_VALUE_CHANGES"
    }

    package let queryID: String
    package let warehouseID: String
    package let mode: Mode

    /// That of a schedule or a trigger; nil if there is none.
    init?(_ settings: JSONObject, path: String) throws(WorkspaceError) {
        guard let body = (settings["schedule"] ?? settings["trigger"])?["sql_condition"] else { return nil }
        queryID = body["sql_query_id"]?.stringValue ?? ""
        warehouseID = body["warehouse_id"]?.stringValue ?? ""
        mode = body["trigger_mode"]?.stringValue.flatMap(Mode.init) ?? .rows
        guard !queryID.isEmpty, !warehouseID.isEmpty else {
            throw .invalid("\(path)sql_condition needs a sql_query_id and a warehouse_id.")
        }
    }
}
