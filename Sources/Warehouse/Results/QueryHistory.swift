import Workspace

/// What the query history tells of statements: `GET /api/2.0/sql/history/queries`.
package struct QueryHistory: Sendable {
    package struct Filter: Sendable {
        package var warehouses: Set<String> = []
        package var users: Set<String> = []
        package var statements: Set<String> = []
        package var statuses: Set<String> = []
        /// Milliseconds since 1970-01-01 UTC, both included.
        package var from: Int64?
        package var until: Int64?

        package init() {}

        func takes(_ statement: Statement) -> Bool {
            let started = statement.submittedMicros / 1_000
            return (warehouses.isEmpty || warehouses.contains(statement.request.warehouseID))
                && (users.isEmpty || users.contains(statement.principal.id)) && (statements.isEmpty || statements.contains(statement.id))
                && (statuses.isEmpty || statuses.contains(QueryHistory.status(of: statement))) && started >= from ?? .min
                && started <= until ?? .max
        }
    }

    /// Newest first.
    let statements: [Statement]

    /// The statements that the filter lets through and that come after (are older than) the one with this id.
    package func page(_ filter: Filter, after id: String?, limit: Int) -> [Statement] {
        var found: [Statement] = []
        var isBehind = id == nil
        for statement in statements {
            if isBehind, filter.takes(statement) {
                found.append(statement)
                if found.count == limit { break }
            }
            if statement.id == id { isBehind = true }
        }
        return found
    }

    /// The word of the history for a statement's state.
    package static func status(of statement: Statement) -> String {
        switch statement.outcome {
        case .pending: "QUEUED"
        case .running: "RUNNING"
        case .succeeded, .closed: "FINISHED"
        case .failed: "FAILED"
        case .canceled: "CANCELED"
        }
    }
}
