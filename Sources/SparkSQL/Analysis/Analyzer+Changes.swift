import Columnar
import SparkErrors
import SparkFunctions
import SparkSyntax

extension Analyzer {
    /// `table_changes(table, start[, end])`: bounds are versions, or times as TIMESTAMP or text.
    func tableChanges(
        _ arguments: [ResolvedExpression], _ resolver: ExpressionResolver, _ environment: Environment, _ span: SourceSpan?
    ) throws(SQLError) -> AnalyzedRelation {
        guard (2...3).contains(arguments.count) else { throw resolver.wrongArity("table_changes", "[2, 3]", arguments.count, span) }
        guard case .string(let text) = try constant(arguments[0]) else {
            throw .unsupported("table_changes of a table that is not named by text", at: span)
        }
        let name = try Parser.parseMultipartIdentifier(text).names
        let start = try bound(arguments[1], resolver, span)
        let end = arguments.count > 2 ? try bound(arguments[2], resolver, span) : nil
        let place = span ?? SourceSpan(start: 0, end: 0)
        switch try catalog.changes(environment.qualified(name), from: start, through: end, at: place) {
        case .table(let provider, let full): return scan(provider, full)
        case .view(let query, let name, let columns, let catalog, let schema, _, let reader, let collation):
            return try view(query, name, columns, catalog, schema, reader, collation, environment, span)
        }
    }

    private func constant(_ expression: ResolvedExpression) throws(SQLError) -> Value {
        guard expression.isFoldable else { throw .unsupported("table_changes with an argument that is not constant") }
        return try Evaluation.constant(expression, context).value(at: 0)
    }

    private func bound(_ expression: ResolvedExpression, _ resolver: ExpressionResolver, _ span: SourceSpan?) throws(SQLError) -> TimeTravel {
        switch expression.type {
        case .byte, .short, .int, .long:
            if case .integer(let version) = try constant(expression) { return .version(String(version)) }
        case .timestamp, .timestampNTZ, .date, .string:
            if case .integer(let micros) = try constant(try resolver.explicitCast(expression, to: .timestamp, isTry: false, span)) {
                return .timestamp(micros: micros)
            }
        default: break
        }
        throw .unsupported("table_changes from or to a bound of the type \(expression.type.sqlText)", at: span)
    }
}
