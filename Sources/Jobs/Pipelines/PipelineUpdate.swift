import JSON
import SparkErrors
import Warehouse
import Workspace

/// One update of a pipeline: what it does, one round after another, and what it tells of that in events.
struct PipelineUpdate: Sendable {
    let service: PipelinesService
    let pipeline: StoredResource
    let update: StoredResource
    let run: PipelineRun

    private var workspace: Workspace { service.workspace }
    var nowMicros: Int64 { workspace.environment.nowMicros }
    private var spec: JSONObject { pipeline.body }
    private var catalog: String { spec["catalog"]?.stringValue ?? "hive_metastore" }
    private var schema: String { spec["schema"]?.stringValue ?? spec["target"]?.stringValue ?? "default" }
    private var isValidation: Bool { update.body["validate_only"]?.boolValue ?? false }
    private var isContinuous: Bool { spec["continuous"]?.boolValue ?? false }

    /// The update was taken on.
    func begin() {
        let cause = update.body["cause"]?.stringValue ?? "API_CALL"
        let by = ["JOB_TASK": "job task", "USER_ACTION": "user", "RETRY_ON_FAILURE": "retry on failure"][cause] ?? "API call"
        event("create_update", "Update \(update.id.prefix(6)) started by \(by).", ["cause": .string(cause)])
        enter("INITIALIZING")
    }

    /// Does all that there is to do now; true if there will be more later.
    func round() async -> Bool {
        do {
            let graph = try PipelineGraph(try libraries(), catalog: catalog, schema: schema)
            let isFirst = try state() == "INITIALIZING"
            let chosen = try selection(graph, isFirst: isFirst)
            if isFirst {
                for flow in graph.flows where !flow.isView && flow.isFirst {
                    event(
                        "dataset_definition", "Dataset \(flow.dataset) defined as \(flow.kind.rawValue).",
                        ["dataset_type": .string(flow.kind.rawValue)],
                        flow)
                }
                for flow in graph.flows {
                    let inputs = Set(flow.sources.map { graph.flows[$0].dataset }).sorted()
                    event(
                        "flow_definition", "Flow '\(flow.name)' defined as \(flow.type).",
                        [
                            "output_dataset": .string(flow.dataset), "input_datasets": .array(inputs.map { .string($0) }),
                            "flow_type": .string(flow.type), "language": "SQL", "once": false,
                        ], flow)
                }
                if chosen.full.contains(true) { enter("RESETTING") }
                enter("SETTING_UP_TABLES")
                enter("RUNNING")
            }
            let isWhole = try await carryOut(graph, chosen)
            if run.statements.isStopped {
                cancel()
            } else if !isWhole {
                end("FAILED", error: nil)
            } else if isContinuous, !isValidation {
                return true
            } else {
                end("COMPLETED", error: nil)
            }
        } catch let failure as PipelineFailure {
            end("FAILED", error: failure)
        } catch let error as WorkspaceError {
            end("FAILED", error: PipelineFailure(message: error.message))
        } catch {
            end("FAILED", error: PipelineFailure(message: "The update could not be carried out."))
        }
        return false
    }

    func cancel() { end("CANCELED", error: nil) }

    // MARK: Sources

    private func libraries() throws -> [(path: String, text: String)] {
        var texts: [(path: String, text: String)] = []
        for library in spec["libraries"]?.arrayValue ?? [] {
            guard let kind = library.objectValue?.names.first, let path = library[kind]?["path"]?.stringValue, kind == "notebook" || kind == "file"
            else {
                throw PipelineFailure(
                    message:
                        "Libraries of the kind \(library.objectValue?.names.first ?? "?") are not simulated: only SQL notebooks and SQL files are.")
            }
            guard let text = try service.sources(path) else { throw PipelineFailure(message: "The \(kind) \(path) does not exist in the workspace.") }
            let isSQL = try kind == "notebook" ? WorkspaceSources.sqlNotebook(path, workspace) != nil : path.lowercased().hasSuffix(".sql")
            guard isSQL else {
                throw PipelineFailure(message: "The \(kind) \(path) is not written in SQL: pipelines in other languages are not simulated.")
            }
            texts.append((path, text))
        }
        guard !texts.isEmpty else {
            throw PipelineFailure(message: "The pipeline has no libraries: at least one notebook or file is needed.")
        }
        return texts
    }

    /// Which flows run, and which of them anew, by place.
    private func selection(_ graph: PipelineGraph, isFirst: Bool) throws -> (runs: [Bool], full: [Bool]) {
        func names(_ member: String) -> [String] { (update.body[member]?.arrayValue ?? []).compactMap { $0.stringValue } }
        func places(_ names: [String]) throws -> Set<Int> {
            var places: Set<Int> = []
            for name in names {
                let wanted = name.lowercased()
                let found = graph.flows.indices.filter { place in
                    let dataset = graph.flows[place].dataset.lowercased()
                    return dataset == wanted || dataset.hasSuffix("." + wanted)
                }
                guard !found.isEmpty else {
                    throw PipelineFailure(message: "The selected table '\(name.prefix(255))' is not defined in the pipeline.")
                }
                places.formUnion(found)
            }
            return places
        }
        let full = try places(names("full_refresh_selection"))
        let some = try places(names("refresh_selection"))
        let isAll = full.isEmpty && some.isEmpty
        let isFull = isFirst && update.body["full_refresh"]?.boolValue ?? false
        return (
            graph.flows.indices.map { isAll || graph.flows[$0].isView || full.contains($0) || some.contains($0) },
            graph.flows.indices.map { !graph.flows[$0].isView && (isFull || isFirst && full.contains($0)) }
        )
    }

    // MARK: Flows

    /// False if a flow failed.
    private func carryOut(_ graph: PipelineGraph, _ chosen: (runs: [Bool], full: [Bool])) async throws -> Bool {
        guard let principal = try workspace.principal(named: spec["run_as"]?["user_name"]?.stringValue ?? pipeline.owner) else {
            throw PipelineFailure(message: "The user \(pipeline.owner) does not exist.")
        }
        guard let warehouse = try workspace.warehouses.list(limit: 1).first?.id else {
            throw PipelineFailure(message: "There is no compute to run on.")
        }
        var setUp = StatementRequest(text: "CREATE SCHEMA IF NOT EXISTS \(Self.quoted(catalog)).\(Self.quoted(schema))", warehouseID: warehouse)
        setUp.catalog = catalog
        if try workspace.schemas.find(ObjectName(catalog: catalog, schema: schema, name: "").schemaName) == nil,
            let error = try await answer(setUp, principal).error
        {
            throw PipelineFailure(message: error)
        }
        let session = try service.sql.openSession(warehouseID: warehouse, catalog: catalog, schema: schema, settings: [], by: principal)
        defer { service.sql.closeSession(session.id, by: principal) }
        var failed: Set<Int> = []
        let limits = RetryLimits(spec)
        for (place, flow) in graph.flows.enumerated() where !run.statements.isStopped {
            guard chosen.runs[place] else {
                progress(flow, "EXCLUDED", "Flow '\(flow.name)' is EXCLUDED.")
                continue
            }
            guard failed.isDisjoint(with: flow.sources) else {
                failed.insert(place)
                progress(flow, "SKIPPED", "Flow '\(flow.name)' is SKIPPED: a flow that it reads has failed.", level: "WARN")
                continue
            }
            var request = StatementRequest(text: flow.statement, warehouseID: warehouse)
            request.sessionID = session.id
            var options = DatasetUpdate(pipelineID: pipeline.id)
            options.fullRefresh = chosen.full[place]
            options.validatesOnly = isValidation
            options.definition = flow.definition
            options.resetsTable = flow.isFirst
            request.update = options
            if !flow.isView { progress(flow, "RUNNING", "Flow '\(flow.name)' is RUNNING.") }
            var (error, outcome, isTransient) = try await answer(request, principal)
            for attempt in 0..<limits.flows {
                guard let problem = error, isTransient, !run.statements.isStopped else { break }
                progress(
                    flow, "FAILED", "Flow '\(flow.name)' has FAILED and is begun again (attempt \(attempt + 2)).", level: "WARN",
                    error: PipelineFailure(className: Self.flowFailure, message: problem, isFatal: false))
                progress(flow, "RUNNING", "Flow '\(flow.name)' is RUNNING.")
                (error, outcome, isTransient) = try await answer(request, principal)
            }
            if run.statements.isStopped { break }
            if let error {
                failed.insert(place)
                progress(
                    flow, "FAILED", "Flow '\(flow.name)' has FAILED.", level: "ERROR",
                    error: PipelineFailure(className: Self.flowFailure, message: error))
            } else if !flow.isView {
                if !isValidation { try own(flow) }
                completed(flow, outcome)
            }
        }
        return failed.isEmpty
    }

    private static let flowFailure = "org.apache.spark.sql.catalyst.ExtendedAnalysisException"

    /// SQLSTATEs of failures that another attempt may not meet: writers in each other's way, and the store's.
    private static let transientStates: Set<String> = ["2D521", "58030"]

    private func answer(
        _ request: StatementRequest, _ principal: Principal
    ) async throws -> (error: String?, outcome: RefreshOutcome?, isTransient: Bool) {
        let statement = try service.sql.submit(request, as: principal)
        if !run.statements.begin(statement) { statement.cancel(atMicros: nowMicros) }
        while !statement.status.state.isFinal { await statement.wait(atMost: .seconds(60)) }
        let status = statement.status
        return (
            status.error?.message ?? (status.state == .canceled ? "The update was stopped." : nil), status.result?.refresh,
            status.error.map { Self.transientStates.contains($0.condition.sqlState) } ?? false
        )
    }

    private static func quoted(_ name: String) -> String {
        "`" + name.split(separator: "`", omittingEmptySubsequences: false).joined(separator: "``") + "`"
    }

    /// The pipeline's tables go with it.
    private func own(_ flow: PipelineGraph.Flow) throws {
        let name = JSONValue.string(flow.dataset)
        _ = try workspace.resources.update(PipelinesService.updateKind, update.id) { update in
            let known = update.body["tables"]?.arrayValue ?? []
            if !known.contains(name) { update.body["tables"] = .array(known + [name]) }
        }
    }

    // MARK: Events

    private func state() throws -> String {
        try workspace.resources.get(PipelinesService.updateKind, update.id)?.body["state"]?.stringValue ?? ""
    }

    private func enter(_ state: String) {
        // A failure of the store is seen by whoever looks next.
        _ = try? workspace.resources.update(PipelinesService.updateKind, update.id) { update in
            if update.body["state"] != "STOPPING" { update.body["state"] = .string(state) }
        }
        event("update_progress", "Update \(update.id.prefix(6)) is \(state).", ["state": .string(state)])
    }

    private func end(_ state: String, error: PipelineFailure?) {
        let message = error.map { "Update \(update.id.prefix(6)) has \(state): \($0.message)" } ?? "Update \(update.id.prefix(6)) is \(state)."
        event("update_progress", message, ["state": .string(state)], level: state == "FAILED" ? "ERROR" : "INFO", error: error)
        _ = try? workspace.resources.update(PipelinesService.updateKind, update.id) { update in
            update.body["state"] = .string(state)
            if let error { update.body["error"] = .string(error.message) }
        }
    }

    private func progress(_ flow: PipelineGraph.Flow, _ status: String, _ message: String, level: String = "INFO", error: PipelineFailure? = nil) {
        event("flow_progress", message, ["status": .string(status)], flow, level: level, error: error)
    }

    private func completed(_ flow: PipelineGraph.Flow, _ outcome: RefreshOutcome?) {
        var details = JSONObject([("status", "COMPLETED")])
        if let outcome {
            if let changes = outcome.changes {
                details["metrics"] = ["num_upserted_rows": .int(changes.upserted), "num_deleted_rows": .int(changes.deleted)]
            } else {
                details["metrics"] = ["num_output_rows": .int(outcome.rows)]
            }
            if !outcome.expectations.isEmpty {
                details["data_quality"] = [
                    "dropped_records": .int(outcome.dropped),
                    "expectations": .array(
                        outcome.expectations.map {
                            [
                                "name": .string($0.name), "dataset": .string(flow.dataset), "passed_records": .int($0.passed),
                                "failed_records": .int($0.failed),
                            ]
                        }),
                ]
            }
        }
        event("flow_progress", "Completed a \(flow.action) of '\(flow.name)'.", .object(details), flow, level: "METRICS")
    }

    private func event(
        _ type: String, _ message: String, _ details: JSONValue, _ flow: PipelineGraph.Flow? = nil, level: String = "INFO",
        error: PipelineFailure? = nil
    ) {
        var origin = JSONObject([
            ("cloud", "AWS"), ("region", "us-east-1"), ("org_id", .int(workspace.id)), ("pipeline_id", .string(pipeline.id)),
            ("pipeline_name", .string(spec["name"]?.stringValue ?? "")), ("update_id", .string(update.id)),
        ])
        if let flow {
            origin["dataset_name"] = .string(flow.dataset)
            origin["flow_name"] = .string(flow.name)
            origin["flow_id"] = .string(Self.id("\(pipeline.id) \(flow.name)"))
        }
        var body = JSONObject([
            ("origin", .object(origin)), ("message", .string(message)), ("level", .string(level)), ("event_type", .string(type)),
            ("maturity_level", "EVOLVING"), ("details", .members([(type, details)])),
        ])
        if let error {
            body["error"] = [
                "fatal": .bool(error.isFatal),
                "exceptions": [["class_name": .string(error.className), "message": .string(error.message), "stack": []]],
            ]
        }
        do {
            // The id follows from what it is the id of: events come from threads of their own.
            let count = try workspace.resources.list(PipelinesService.eventKind, parent: pipeline.id).count
            _ = try workspace.resources.insert(
                PipelinesService.eventKind, id: Self.id("\(update.id) \(count)"), uniqueKey: nil, parent: pipeline.id, owner: pipeline.owner, body)
        } catch {
            // The event log is full; the update goes on.
        }
    }

    private static func id(_ text: String) -> String {
        let words = [0, 1].map { (seed: UInt64) in
            let word = String(SeededGenerator.hash(text, seed: seed), radix: 16)
            return String(repeating: "0", count: max(0, 16 - word.count)) + word
        }
        let digits = Array(words.joined())
        return [0..<8, 8..<12, 12..<16, 16..<20, 20..<32].map { String(digits[$0]) }.joined(separator: "-")
    }
}
