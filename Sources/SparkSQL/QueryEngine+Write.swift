package import Columnar
package import SparkErrors
package import SparkFunctions
package import SparkSyntax

extension QueryEngine {
    /// INSERT's source as rows of the table: its columns in order, under its types (CHAR and VARCHAR as STRING), with every value cast by ANSI store
    /// assignment, defaults in the place of what is left out, lengths and NOT NULL checked when it runs.
    package static func analyzeInsert(
        _ source: Query, columns: Insert.Columns = .positional, partition: PartitionSpec? = nil, into target: WriteTarget,
        catalog: any CatalogReader, parameters: Parameters = .none, context: EvaluationContext
    ) throws(SQLError) -> ResolvedPlan {
        let analyzer = Analyzer(catalog: catalog, parameters: parameters, context: context)
        return analyzer.finish(try analyzer.insert(source, columns: columns, partition: partition, into: target))
    }

    /// DELETE's condition over a table: a plan of one BOOLEAN column `matches`, a row for each of the table's in its order.
    package static func analyzeDelete(
        _ condition: SparkSyntax.Expression?, with: With? = nil, from target: RowTarget, catalog: any CatalogReader,
        parameters: Parameters = .none, context: EvaluationContext
    ) throws(SQLError) -> ResolvedPlan {
        let analyzer = Analyzer(catalog: catalog, parameters: parameters, context: context)
        return analyzer.finish(try analyzer.matches(condition, with: with, in: target))
    }

    /// UPDATE over a table: a plan of a BOOLEAN column `matches` and the table's columns with their values after the change (the old ones in rows
    /// that do not match), a row for each of the table's in its order.
    package static func analyzeUpdate(
        _ update: Update, of target: RowTarget, catalog: any CatalogReader, parameters: Parameters = .none, context: EvaluationContext
    ) throws(SQLError) -> ResolvedPlan {
        let analyzer = Analyzer(catalog: catalog, parameters: parameters, context: context)
        return analyzer.finish(try analyzer.update(update.assignments, where: update.filter, with: update.with, in: target))
    }

    /// The type and value of a column's DEFAULT.
    /// - Throws: INVALID_DEFAULT_VALUE's kin are the caller's; here the expression's own errors.
    package static func analyzeDefault(
        _ expression: SparkSyntax.Expression, for field: Field, catalog: any CatalogReader, context: EvaluationContext
    ) throws(SQLError) -> TypedValue {
        let analyzer = Analyzer(catalog: catalog, parameters: .none, context: context)
        let resolver = ExpressionResolver(analyzer, analyzer.environment, scopes: [])
        let value = try resolver.coerce(try resolver.resolve(expression), to: field.type.inPlans)
        return TypedValue(try Evaluation.constant(value, context).value(at: 0), field.type)
    }

    /// Conditions over a table's columns (CHECK constraints, REPLACE WHERE, partition filters): a plan of one BOOLEAN column for each, a row for each
    /// of the table's in its order; NULL stays NULL.
    package static func analyzeConditions(
        _ conditions: [SparkSyntax.Expression], over provider: any TableProvider, name: [String], catalog: any CatalogReader,
        parameters: Parameters = .none, context: EvaluationContext
    ) throws(SQLError) -> ResolvedPlan {
        let analyzer = Analyzer(catalog: catalog, parameters: parameters, context: context)
        let relation = analyzer.scan(provider, name)
        let resolver = ExpressionResolver(analyzer, analyzer.environment, scopes: [relation.scope], operatorName: "Filter")
        var columns: [LogicalPlan.NamedColumn] = []
        for (index, condition) in conditions.enumerated() {
            let resolved = try analyzer.filterCondition(condition, resolver)
            columns.append(.init(analyzer.attribute(for: resolved, name: "c\(index)"), resolved))
        }
        let plan = LogicalPlan.project(.init(child: relation.plan, columns: columns))
        return analyzer.finish(AnalyzedRelation(plan: plan, scope: Scope(plan.output, qualifier: [])))
    }
}
