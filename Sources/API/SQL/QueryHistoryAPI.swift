import HTTPTypes
import JSON
import SparkErrors
import Warehouse
import Workspace

/// The query history: `/api/2.0/sql/history/queries`.
package enum QueryHistoryAPI: APIGroup {
    package static let operations = [list]

    private static let largestPage = 1_000
    private static let usualPage = 100

    static let list = Operation(
        "sql.history.list", .get, "/api/2.0/sql/history/queries",
        limits: "the newest 10,000 statements since the program's start; metrics that no engine of the simulator measures are 0"
    ) { call -> JSONValue in
        let filter = try filter(call)
        let asked = try call.query.int("max_results") ?? usualPage
        guard (1...largestPage).contains(asked) else {
            throw WorkspaceError.invalid("max_results must be between 1 and \(largestPage), but it is \(asked).")
        }
        let scope = SeededGenerator.hash("sql.history", seed: 0)
        var after: String?
        if let token = call.query.string("page_token") {
            after = PageToken.key(of: token, scope: scope)
            if after == nil { throw WorkspaceError.invalid("Invalid page token: '\(token.prefix(64))'") }
        }
        let found = call.tenant.sql.history(for: call.principal).page(filter, after: after, limit: asked + 1)
        let metrics = try call.query.bool("include_metrics") ?? false
        var reply = JSONObject()
        if found.count > asked, let last = found.dropLast().last {
            reply["next_page_token"] = .string(PageToken.make(after: last.id, scope: scope))
        }
        reply["has_next_page"] = .bool(found.count > asked)
        reply["res"] = .array(found.prefix(asked).map { json($0, metrics: metrics, call) })
        return .object(reply)
    }

    /// By the query as the SDK writes it (`filter_by.warehouse_ids=…`), or by a body as the API page shows it.
    private static func filter(_ call: Call) throws -> QueryHistory.Filter {
        var filter = QueryHistory.Filter()
        func texts(_ name: String) -> Set<String> { Set(call.query.all("filter_by." + name)) }
        filter.warehouses = texts("warehouse_ids")
        filter.users = texts("user_ids")
        filter.statements = texts("statement_ids")
        filter.statuses = texts("statuses")
        filter.from = try call.query.int("filter_by.query_start_time_range.start_time_ms").map(Int64.init)
        filter.until = try call.query.int("filter_by.query_start_time_range.end_time_ms").map(Int64.init)
        if let body = try call.fields().object(optional: "filter_by") {
            if let ids = try body.strings(optional: "warehouse_ids") { filter.warehouses.formUnion(ids) }
            if let ids = try body.strings(optional: "statement_ids") { filter.statements.formUnion(ids) }
            if let statuses = try body.strings(optional: "statuses") { filter.statuses.formUnion(statuses) }
            for user in try body.array(optional: "user_ids") ?? [] {
                guard let id = user.stringValue ?? user.intValue.map(String.init) else {
                    throw WorkspaceError.malformed("Could not parse request object: Expected Integer value for field 'filter_by.user_ids'")
                }
                filter.users.insert(id)
            }
            if let range = try body.object(optional: "query_start_time_range") {
                filter.from = try range.int(optional: "start_time_ms").map(Int64.init) ?? filter.from
                filter.until = try range.int(optional: "end_time_ms").map(Int64.init) ?? filter.until
            }
        }
        for status in filter.statuses where !statuses.contains(status) {
            throw WorkspaceError.invalid("Invalid value '\(status.prefix(64))' for field 'filter_by.statuses'")
        }
        return filter
    }

    private static let statuses = ["QUEUED", "STARTED", "COMPILING", "COMPILED", "RUNNING", "CANCELED", "FAILED", "FINISHED"]

    private static func json(_ statement: Statement, metrics: Bool, _ call: Call) -> JSONValue {
        let principal = statement.principal
        let started = statement.submittedMicros / 1_000
        let user = JSONValue.number(Int(principal.id).map(String.init) ?? "0")
        var json = JSONObject([
            ("query_id", .string(statement.id)), ("status", .string(QueryHistory.status(of: statement))),
            ("query_text", .string(SecretLiterals.hidden(in: statement.request.text))),
            ("query_start_time_ms", .int(started)),
        ])
        let ended = statement.finishedMicros.map { $0 / 1_000 }
        if let ended {
            json["execution_end_time_ms"] = .int(ended)
            json["query_end_time_ms"] = .int(ended)
        }
        json["user_id"] = user
        json["user_name"] = .string(principal.userName)
        json["endpoint_id"] = .string(statement.request.warehouseID)
        json["warehouse_id"] = .string(statement.request.warehouseID)
        json["lookup_key"] = .string(statement.id)
        if let message = statement.errorMessage { json["error_message"] = .string(message) }
        json["rows_produced"] = .int(statement.produced.rows)
        json["executed_as_user_id"] = user
        json["executed_as_user_name"] = .string(principal.userName)
        json["is_final"] = .bool(statement.outcome.isFinal)
        json["channel_used"] = ["name": "CHANNEL_NAME_CURRENT"]
        json["plans_state"] = "EMPTY"
        if let ended { json["duration"] = .int(ended - started) }
        json["statement_type"] = .string(StatementType.name(of: statement.request.text))
        if let client = statement.request.client { json["client_application"] = .string(client) }
        if let session = statement.request.sessionID, !session.isEmpty { json["session_id"] = .string(session) }
        if metrics, let ended { json["metrics"] = .object(self.metrics(statement, started, ended)) }
        return .object(json)
    }

    private static func metrics(_ statement: Statement, _ started: Int64, _ ended: Int64) -> JSONObject {
        let begun = (statement.startedMicros ?? statement.submittedMicros) / 1_000
        let produced = statement.produced
        let scanned = statement.scanned
        return JSONObject([
            ("total_time_ms", .int(ended - started)), ("read_bytes", .int(scanned.bytes)), ("rows_produced_count", .int(produced.rows)),
            ("compilation_time_ms", .int(begun - started)), ("execution_time_ms", .int(ended - begun)), ("read_remote_bytes", 0),
            ("write_remote_bytes", 0), ("read_cache_bytes", 0), ("spill_to_disk_bytes", 0), ("task_total_time_ms", .int(ended - begun)),
            ("read_files_count", .int(scanned.files)), ("read_partitions_count", 0), ("photon_total_time_ms", 0),
            ("rows_read_count", .int(scanned.rows)),
            ("result_fetch_time_ms", 0), ("network_sent_bytes", .int(produced.bytes)), ("result_from_cache", false),
            ("pruned_bytes", .int(scanned.prunedBytes)),
            ("pruned_files_count", .int(scanned.prunedFiles)), ("query_compilation_start_timestamp", .int(started)),
        ])
    }
}
