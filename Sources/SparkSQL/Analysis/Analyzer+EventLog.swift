import Columnar
import SparkErrors
import SparkFunctions
import SparkSyntax

/// Whose events `event_log` shows.
package enum EventLogSource: Sendable, Hashable {
    /// A pipeline's id.
    case pipeline(String)
    /// A streaming table or materialized view, with one to three name parts.
    case table([String])
}

extension Analyzer {
    /// `event_log({TABLE(table) | pipeline_id})`.
    func eventLog(
        _ function: TableFunction, _ resolver: ExpressionResolver, _ environment: Environment, _ span: SourceSpan?
    ) throws(SQLError) -> AnalyzedRelation {
        guard function.arguments.count == 1, let argument = function.arguments.first else {
            throw resolver.wrongArity("event_log", "1", function.arguments.count, span)
        }
        let source: EventLogSource
        switch argument {
        case .table(nil, let table):
            guard case .table(let reference) = table.source, table.partitionBy.isEmpty, table.orderBy.isEmpty, !table.withSinglePartition else {
                throw .unsupported("event_log of a query", at: span)
            }
            source = .table(environment.qualified(try name(reference, environment)))
        case .table: throw SQLError(.namedParametersNotSupported, ["functionName": SQLQuote.id("event_log")], at: span)
        case .expression:
            let arguments = try expressions(function, "event_log", resolver, span)
            guard let id = arguments.first, id.isFoldable, case .string(let text) = try Evaluation.constant(id, context).value(at: 0) else {
                throw .unsupported("event_log of a pipeline that is not named by text", at: span)
            }
            source = .pipeline(text)
        }
        guard case .table(let provider, let name) = try catalog.eventLog(source, at: span ?? SourceSpan(start: 0, end: 0)) else {
            throw .unsupported("event_log of a view", at: span)
        }
        return scan(provider, name)
    }
}
