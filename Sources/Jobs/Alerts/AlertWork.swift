import JSON
import SparkErrors
import SparkSyntax
import Warehouse
import Workspace

/// Tasks that evaluate an alert or refresh a dashboard: their queries are run.
extension JobsService {
    /// Evaluates an alert; that it is triggered is no failure of the task.
    func evaluate(_ kind: AlertRule.Kind, _ id: String, _ work: SQLWork, _ run: SQLRun, _ principal: Principal) async throws -> SQLOutcome {
        guard let stored = try alert(kind, id) else { return Self.notFound("Alert \(id.prefix(256)) does not exist") }
        var outcome = SQLOutcome()
        let now = work.now ?? workspace.environment.nowMillis
        do {
            let rule = try AlertRule(stored, kind, workspace)
            let statements = StatementSplitter.statements(in: rule.query)
            guard statements.count == 1, let query = statements.first else {
                throw AlertRule.Refusal(message: "The query of alert \(rule.id) is not one statement.")
            }
            let own = (stored.body["parameters"]?.arrayValue ?? []).compactMap { parameter in
                parameter["name"]?.stringValue.map { ($0, parameter["value"]?.stringValue, parameter["type"]?.stringValue ?? "STRING") }
            }
            let warehouseID = try warehouse(work.warehouseID, rule.warehouseID)
            var request = StatementRequest(text: try rule.statement(query), warehouseID: warehouseID)
            request.parameters = work.parameters.map { .init(name: $0.name, ordinal: nil, value: $0.value, type: "STRING") }
            for (name, value, type) in own where !work.parameters.contains(where: { $0.name == name }) {
                request.parameters.append(.init(name: name, ordinal: nil, value: value, type: type))
            }
            let (statement, failure) = try await finished(request, run, as: principal)
            var shown = JSONObject([
                ("query_text", .string(SecretLiterals.hidden(in: rule.query))), ("warehouse_id", .string(warehouseID)),
                ("sql_statements", [["lookup_key": .string(statement.id)]]),
            ])
            if let failure {
                outcome.error = failure
            } else if let result = statement.status.result {
                let state = try rule.state(result)
                try rule.note(state, at: now, workspace)
                shown["alert_state"] = .string(state.rawValue)
                outcome.output["alert_output"] = ["alert_state": .string(state.rawValue)]
            }
            if kind == .older {
                if shown["alert_state"] == nil { shown["alert_state"] = .string(AlertRule.State.unknown.rawValue) }
                outcome.output["alert_output"] = nil
                outcome.output["sql_output"] = ["alert_output": .object(shown)]
            } else if failure != nil {
                outcome.output["alert_output"] = ["alert_state": "ERROR"]
                try rule.note(.error, at: now, workspace)
            }
        } catch let refusal as AlertRule.Refusal {
            outcome.error = refusal.message
            if kind == .newer { try AlertRule.note(.error, kind, stored.id, at: now, workspace) }
        }
        return outcome
    }

    /// By its id, or by its path in the workspace.
    private func alert(_ kind: AlertRule.Kind, _ id: String) throws -> StoredResource? {
        if let found = try workspace.resources.get(kind.rawValue, id) { return Self.isTrashed(found) ? nil : found }
        guard id.hasPrefix("/") else { return nil }
        let path = id.hasPrefix("/Workspace/") ? String(id.dropFirst("/Workspace".count)) : id
        return try workspace.resources.list(kind.rawValue).first { alert in
            if Self.isTrashed(alert) { return false }
            let place = "\(alert.body["parent_path"]?.stringValue ?? "")/\(alert.body["display_name"]?.stringValue ?? "")"
            return place == path || place + ".dbalert.json" == path
        }
    }

    private static func isTrashed(_ alert: StoredResource) -> Bool {
        ["TRASHED", "DELETED"].contains(alert.body["lifecycle_state"]?.stringValue ?? "")
    }

    private func warehouse(_ given: String, _ other: String) throws -> String {
        if !given.isEmpty { return given }
        if !other.isEmpty { return other }
        return try workspace.warehouses.list(limit: 1).first?.id ?? ""
    }

    /// Runs one statement to its end; nil for one that succeeded.
    private func finished(
        _ request: StatementRequest, _ run: SQLRun, as principal: Principal
    ) async throws -> (statement: Warehouse.Statement, failure: String?) {
        let submitted = try sql.submit(request, as: principal)
        if !run.begin(submitted) { submitted.cancel(atMicros: workspace.environment.nowMicros) }
        while !submitted.status.state.isFinal { await submitted.wait(atMost: .seconds(60)) }
        let status = submitted.status
        if status.state == .canceled { return (submitted, "The statement was cancelled.") }
        return (submitted, status.error?.message ?? status.refusal)
    }

    // MARK: Dashboards

    /// Runs the queries of a dashboard's datasets, those of its published version if there is one; a page tells of what failed in its widgets.
    func refresh(dashboard id: String, _ work: SQLWork, _ run: SQLRun, _ principal: Principal) async throws -> SQLOutcome {
        guard let draft = try workspace.resources.get("lakeview", id), draft.body["lifecycle_state"] != "TRASHED" else {
            return Self.notFound("Dashboard \(id.prefix(256)) does not exist")
        }
        let body = try workspace.resources.get("lakeview-published", id)?.body ?? draft.body
        let text = body["serialized_dashboard"]?.stringValue ?? "{}"
        guard let board = try? JSONValue(parsing: text) else { return SQLOutcome(error: "The dashboard \(id) cannot be read.") }
        let warehouseID = try warehouse(work.warehouseID, body["warehouse_id"]?.stringValue ?? "")
        var failures: [(dataset: String, message: String)] = []
        for dataset in board["datasets"]?.arrayValue ?? [] {
            let name = dataset["name"]?.stringValue ?? ""
            let lines = (dataset["queryLines"]?.arrayValue ?? []).compactMap(\.stringValue).joined()
            let query = lines.isEmpty ? dataset["query"]?.stringValue ?? "" : lines
            if query.isEmpty {
                failures.append((name, "The dataset '\(name)' has no query."))
                continue
            }
            var request = StatementRequest(text: query, warehouseID: warehouseID)
            request.parameters = (dataset["parameters"]?.arrayValue ?? []).compactMap(Self.parameter)
            if let failure = try await finished(request, run, as: principal).failure { failures.append((name, failure)) }
            if run.isStopped { break }
        }
        var outcome = SQLOutcome()
        outcome.output["dashboard_output"] = ["page_snapshots": .array((board["pages"]?.arrayValue ?? []).map { Self.snapshot($0, failures) })]
        if let first = failures.first { outcome.error = "Dataset '\(first.dataset)': \(first.message)" }
        return outcome
    }

    /// A dataset's parameter with the value that it has unless a filter says otherwise.
    private static func parameter(_ object: JSONValue) -> StatementRequest.Parameter? {
        guard let name = object["keyword"]?.stringValue else { return nil }
        let values = object["defaultSelection"]?["values"]
        let value = values?["values"]?.arrayValue?.first?["value"]
        let type =
            switch values?["dataType"]?.stringValue ?? object["dataType"]?.stringValue {
            case "INTEGER"?: "BIGINT"
            case "DECIMAL"?: "DOUBLE"
            case "DATE"?: "DATE"
            case "DATETIME"?: "TIMESTAMP"
            default: "STRING"
            }
        return .init(name: name, ordinal: nil, value: value.flatMap { $0.isNull ? nil : $0.bareText }, type: type)
    }

    private static func snapshot(_ page: JSONValue, _ failures: [(dataset: String, message: String)]) -> JSONValue {
        var shown = JSONObject([("page_display_name", page["displayName"] ?? page["name"] ?? "")])
        var errors: [JSONValue] = []
        for part in page["layout"]?.arrayValue ?? [] {
            let datasets = (part["widget"]?["queries"]?.arrayValue ?? []).compactMap { $0["query"]?["datasetName"]?.stringValue }
            for failure in failures where datasets.contains(failure.dataset) { errors.append(["message": .string(failure.message)]) }
        }
        if !errors.isEmpty { shown["widget_error_details"] = .array(errors) }
        return .object(shown)
    }
}

extension RunEngine {
    /// Hands out the work of a task that evaluates an alert or refreshes a dashboard.
    func beginWidget(_ run: ActiveRun, _ id: Int, _ kind: TaskKind, _ body: JSONObject) throws {
        let source: SQLWork.Source
        var parameters = body["parameters"]?.objectValue?.members ?? []
        if kind == .alert {
            source = .alert(.newer, body["alert_id"]?.stringValue ?? body["workspace_path"]?.stringValue ?? "")
        } else {
            guard body["filters"]?.objectValue?.members.isEmpty ?? true else {
                return try finish(
                    run, id, .failed, code: .invalidRunConfiguration, message: "Filters of dashboard tasks are not simulated", phase: .internalError)
            }
            source = .dashboard(body["dashboard_id"]?.stringValue ?? "")
            parameters = []
        }
        begun(run, id)
        working.insert(id)
        effects.append(
            .sql(
                SQLWork(
                    taskRun: id, source: source, warehouseID: body["warehouse_id"]?.stringValue ?? "", runAs: run.run.runAs,
                    parameters: parameters.map { ($0.name, $0.value.bareText) })))
    }
}
