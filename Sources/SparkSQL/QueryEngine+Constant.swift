import Columnar
package import SparkErrors
package import SparkFunctions
package import SparkSyntax

extension QueryEngine {
    /// The value of an expression that stands outside of a query and depends on no row: the argument of IDENTIFIER, a LIMIT of DESCRIBE HISTORY.
    package static func evaluate(
        _ expression: SparkSyntax.Expression, parameters: Parameters, context: EvaluationContext
    ) throws(SQLError) -> TypedValue {
        let analyzer = Analyzer(catalog: NoCatalog(), parameters: parameters, context: context)
        let resolver = ExpressionResolver(analyzer, analyzer.environment, scopes: [])
        resolver.allowsSubqueries = false
        let resolved = try resolver.resolve(expression)
        guard resolved.isFoldable else {
            throw SQLError(.notAConstantStringNotConstant, ["expr": SQLQuote.expr(resolved.sql), "name": "IDENTIFIER"], at: expression.span)
        }
        return TypedValue(try Evaluation.constant(resolved, context).value(at: 0), resolved.type)
    }

    private struct NoCatalog: CatalogReader {
        let currentCatalog = ""
        let currentSchema = ""

        func relation(_ name: [String], _ timeTravel: TimeTravel?, at span: SourceSpan) throws(SQLError) -> CatalogRelation {
            throw SQLError(.tableOrViewNotFound, ["relationName": SQLQuote.id(name)], at: span)
        }
    }
}
