package import Columnar
package import SparkErrors
package import SparkFunctions
package import SparkSyntax

/// INSERT … REPLACE ON as two plans over the same rows of the source.
package struct AnalyzedReplacement: Sendable {
    /// As `analyzeInsert` gives them.
    package let insert: ResolvedPlan
    package let unfilled: [Int]
    /// One BIGINT column: the numbers of the table's rows that match a row of the source, ascending.
    package let matches: ResolvedPlan
}

extension QueryEngine {
    /// INSERT … REPLACE ON: the source is read once, by `collect`. `with`: common table expressions around the statement.
    package static func analyzeReplaceOn(
        _ insert: Insert, condition: SparkSyntax.Expression, source: Query, of target: RowTarget, catalog: any CatalogReader,
        parameters: Parameters = .none, context: EvaluationContext, collect: (ResolvedPlan) throws(SQLError) -> [RecordBatch]
    ) throws(SQLError) -> AnalyzedReplacement {
        let analyzer = Analyzer(catalog: catalog, parameters: parameters, context: context)
        let relation = try analyzer.alias(try analyzer.analyze(source, analyzer.environment).ordered, insert.sourceAlias, source.span)
        let columns = relation.scope.columns
        let named = columns.map {
            LogicalPlan.NamedColumn(analyzer.attribute($0.attribute.name, $0.attribute.type, nullable: $0.attribute.nullable), $0.attribute.reference)
        }
        let plan = LogicalPlan.project(.init(child: relation.plan, columns: named))
        let batches = try collect(analyzer.finish(AnalyzedRelation(plan: plan, scope: Scope(plan.output, qualifier: []))))
        let rows = MemoryTable(schema: named.map(\.attribute).schema, batches: batches)
        let matched = analyzer.scan(rows, [])
        let scope = Scope(columns: zip(matched.scope.columns, columns).map { .init(attribute: $0.attribute, qualifier: $1.qualifier) })
        let (table, row) = try analyzer.numbered(target)
        let resolver = ExpressionResolver(analyzer, analyzer.environment, scopes: [table.scope + scope], operatorName: "Filter")
        let resolved = try analyzer.filterCondition(condition, resolver)
        let left = try analyzer.limited(table, target, by: resolved)
        let join = LogicalPlan.join(.init(.semi, left, matched.plan, condition: resolved))
        let column = analyzer.attribute("row", .long, nullable: true)
        let numbers = LogicalPlan.project(.init(child: join, columns: [.init(column, row.reference)]))
        let (inserted, unfilled) = try analyzer.insert(
            source, rows: analyzer.scan(rows, []), columns: insert.columns, partition: insert.partition, into: target.write)
        return AnalyzedReplacement(
            insert: analyzer.finish(inserted), unfilled: unfilled,
            matches: analyzer.finish(AnalyzedRelation(plan: numbers, scope: Scope([column], qualifier: []))))
    }
}
