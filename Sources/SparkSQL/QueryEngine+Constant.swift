package import Columnar
package import SparkErrors
package import SparkFunctions
package import SparkSyntax

extension QueryEngine {
    /// The value of an expression that stands outside of a query and depends on no row: the argument of IDENTIFIER, a LIMIT of DESCRIBE HISTORY.
    package static func evaluate(
        _ expression: SparkSyntax.Expression, catalog: any CatalogReader, parameters: Parameters, context: EvaluationContext
    ) throws(SQLError) -> TypedValue {
        let analyzer = Analyzer(catalog: catalog, parameters: parameters, context: context)
        let resolver = ExpressionResolver(analyzer, analyzer.environment, scopes: [])
        resolver.allowsSubqueries = false
        let resolved = try resolver.resolve(expression)
        guard resolved.isFoldable else {
            throw SQLError(.notAConstantStringNotConstant, ["expr": SQLQuote.expr(resolved.sql), "name": "IDENTIFIER"], at: expression.span)
        }
        return TypedValue(try Evaluation.constant(resolved, context).value(at: 0), resolved.type)
    }

    /// An expression outside of a query as a plan of one row and column: a variable's new value, a script's condition.
    /// `subqueryError`: what is wrong with a subquery in it; nil where it may hold one.
    package static func analyze(
        _ expression: SparkSyntax.Expression, as type: DataType?, catalog: any CatalogReader, parameters: Parameters, context: EvaluationContext,
        subqueryError: SQLError? = nil
    ) throws(SQLError) -> ResolvedPlan {
        let analyzer = Analyzer(catalog: catalog, parameters: parameters, context: context)
        let resolver = ExpressionResolver(analyzer, analyzer.environment, scopes: [])
        var value = try resolver.resolve(expression)
        if let subqueryError, !value.subqueries.isEmpty { throw subqueryError }
        if value.containsAggregate || value.containsWindow {
            throw SQLError(.unsupportedExprForOperator, ["invalidExprSqls": SQLQuote.expr(value.sql)], at: expression.span)
        }
        if let type { value = try resolver.stored(value, as: type, expression.span) }
        let column = analyzer.attribute(for: value, name: "value")
        let plan = LogicalPlan.project(.init(child: .values(.oneRow), columns: [.init(column, value)]))
        return analyzer.finish(AnalyzedRelation(plan: plan, scope: Scope(plan.output, qualifier: [])))
    }

    /// A value as another type, as an assignment casts it.
    package static func cast(_ value: TypedValue, to type: DataType, _ context: EvaluationContext) throws(SQLError) -> TypedValue {
        let type = type.inPlans
        if value.type == type || value.value.isNull { return TypedValue(value.value, type) }
        return TypedValue(try Cast.cast(value.value, from: value.type, to: type, mode: .ansi, context), type)
    }

    /// How Spark prints an expression.
    package static func text(
        of expression: SparkSyntax.Expression, catalog: any CatalogReader, parameters: Parameters, context: EvaluationContext
    ) throws(SQLError) -> String {
        let analyzer = Analyzer(catalog: catalog, parameters: parameters, context: context)
        return try ExpressionResolver(analyzer, analyzer.environment, scopes: []).resolve(expression).sql
    }
}
