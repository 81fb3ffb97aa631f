import Columnar
package import JSON
import SparkErrors
import SparkSQL
import SparkSyntax
package import Workspace

/// The documents that pipelines leave in the workspace's store.
package enum PipelineRecords {
    package static let kind = "pipeline"
    /// Events; the parent is the pipeline's id.
    package static let eventKind = "pipeline-event"

    /// What identifies and orders an event.
    package static func sequence(_ event: StoredResource) -> JSONValue {
        ["control_plane_seq_no": .int(event.createdAt &* 1_000 &+ event.position % 1_000)]
    }
}

/// The function `event_log`: the events of a pipeline for its owner (page "event_log table-valued function").
extension CatalogBridge {
    private static let eventFields = [
        Field("id", .text, nullable: false), Field("sequence", .text, nullable: false), Field("origin", .text, nullable: false),
        Field("timestamp", .timestamp, nullable: false), Field("message", .text, nullable: false), Field("level", .text, nullable: false),
        Field("maturity_level", .text, nullable: false), Field("error", .text), Field("details", .text, nullable: false),
        Field("event_type", .text, nullable: false),
    ]

    func eventLog(_ source: EventLogSource, at span: SourceSpan) throws(SQLError) -> CatalogRelation {
        let id: String
        switch source {
        case .pipeline(let given):
            id = given
            let pipeline = try onCatalog { try service.workspace.resources.get(PipelineRecords.kind, given) }
            guard let pipeline else { throw Self.refusedLog("Pipeline '\(given.prefix(64))' does not exist.", at: span) }
            guard pipeline.owner == principal.userName else { throw Self.notOwner("pipeline '\(given)'", at: span) }
        case .table(let name):
            guard let full = fullName(name), let table = try onCatalog(full.parts, { try service.tables.find(full) }) else {
                throw SQLError(.tableOrViewNotFound, ["relationName": SQLQuote.id(name)], at: span)
            }
            guard table.type == .streamingTable || table.type == .materializedView else {
                throw Self.refusedLog("'\(full)' is no streaming table and no materialized view.", at: span)
            }
            guard table.owner == principal.userName else { throw Self.notOwner("'\(full)'", at: span) }
            guard let pipeline = Dataset.stored(table.details)?.pipelineID else {
                throw .notSimulated("event_log of a table that SQL alone refreshes", at: span)
            }
            id = pipeline
        }
        let events = try onCatalog { try service.workspace.resources.list(PipelineRecords.eventKind, parent: id) }
        func text(_ value: JSONValue?) -> Value { .string(value?.text ?? "{}") }
        func bare(_ event: StoredResource, _ name: String) -> Value { .string(event.body[name]?.stringValue ?? "") }
        let rows = events.map { event -> [Value] in
            [
                .string(event.id), text(PipelineRecords.sequence(event)), text(event.body["origin"]), .integer(event.createdAt &* 1_000),
                bare(event, "message"), bare(event, "level"), bare(event, "maturity_level"), event.body["error"].map { text($0) } ?? .null,
                text(event.body["details"]), bare(event, "event_type"),
            ]
        }
        let result = ResultSet(Self.eventFields, rows: rows)
        return .table(MemoryTable(schema: result.schema, batches: result.batches), name: ["event_log"])
    }

    private static func notOwner(_ what: String, at span: SourceSpan) -> SQLError {
        SQLError(.insufficientPermissions, ["report": "The event log can be queried by the owner of \(what) alone."], at: span)
    }

    private static func refusedLog(_ message: String, at span: SourceSpan) -> SQLError {
        SQLError(.catalogRequestRefused, ["code": "INVALID_PARAMETER_VALUE", "message": message], at: span)
    }
}
