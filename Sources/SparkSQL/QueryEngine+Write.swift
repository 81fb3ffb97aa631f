package import Columnar
package import SparkErrors
package import SparkFunctions
package import SparkSyntax

extension QueryEngine {
    /// INSERT's source as rows of the table: its columns in order, under its types (CHAR and VARCHAR as STRING), with every value cast by ANSI store
    /// assignment, defaults in the place of what is left out, lengths and NOT NULL checked when it runs.
    /// `unfilled`: the positions of identity columns to which no values are given; they come as NULL.
    package static func analyzeInsert(
        _ source: Query, columns: Insert.Columns = .positional, partition: PartitionSpec? = nil, into target: WriteTarget,
        catalog: any CatalogReader, parameters: Parameters = .none, context: EvaluationContext
    ) throws(SQLError) -> (plan: ResolvedPlan, unfilled: [Int]) {
        let analyzer = Analyzer(catalog: catalog, parameters: parameters, context: context)
        let (relation, unfilled) = try analyzer.insert(source, columns: columns, partition: partition, into: target)
        return (analyzer.finish(relation), unfilled)
    }

    /// DELETE's condition over a table: a plan of one BIGINT column, the numbers of the rows that match, ascending.
    package static func analyzeDelete(
        _ condition: SparkSyntax.Expression?, with: With? = nil, from target: RowTarget, catalog: any CatalogReader,
        parameters: Parameters = .none, context: EvaluationContext
    ) throws(SQLError) -> ResolvedPlan {
        let analyzer = Analyzer(catalog: catalog, parameters: parameters, context: context)
        return analyzer.finish(try analyzer.matches(condition, with: with, in: target))
    }

    /// UPDATE over a table: a plan of the matching rows' numbers, ascending, and the table's columns with their values after the change.
    package static func analyzeUpdate(
        _ update: Update, of target: RowTarget, catalog: any CatalogReader, parameters: Parameters = .none, context: EvaluationContext
    ) throws(SQLError) -> ResolvedPlan {
        let analyzer = Analyzer(catalog: catalog, parameters: parameters, context: context)
        return analyzer.finish(try analyzer.update(update.assignments, where: update.filter, with: update.with, in: target))
    }

    /// MERGE into a table. The source is read once, by `collect`; `target` is then asked for the table, which may take on columns of the source.
    package static func analyzeMerge(
        _ merge: Merge, catalog: any CatalogReader, parameters: Parameters = .none, context: EvaluationContext,
        collect: (ResolvedPlan) throws(SQLError) -> [RecordBatch], target: (Schema) throws(SQLError) -> RowTarget
    ) throws(SQLError) -> AnalyzedMerge {
        let analyzer = Analyzer(catalog: catalog, parameters: parameters, context: context)
        let environment = try merge.with.map { (with) throws(SQLError) in try analyzer.define(with, analyzer.environment) } ?? analyzer.environment
        let relation = try analyzer.relation(merge.source, environment)
        let columns = relation.scope.columns
        let named = columns.map {
            LogicalPlan.NamedColumn(analyzer.attribute($0.attribute.name, $0.attribute.type, nullable: $0.attribute.nullable), $0.attribute.reference)
        }
        let plan = LogicalPlan.project(.init(child: relation.plan, columns: named))
        let schema = named.map(\.attribute).schema
        let batches = try collect(analyzer.finish(AnalyzedRelation(plan: plan, scope: Scope(plan.output, qualifier: []))))
        let source = analyzer.scan(MemoryTable.numbered(schema, batches), [])
        let scope = Scope(
            columns: zip(source.scope.columns, columns).map { .init(attribute: $0.attribute, qualifier: $1.qualifier) })
        return try analyzer.merge(
            merge, source: AnalyzedRelation(plan: source.plan, scope: scope), into: try target(schema), environment)
    }

    /// The numbers of the table's rows, ascending, that agree with a row of `source`, which has the table's columns, in the columns at the positions.
    /// NULL agrees with nothing.
    package static func analyzeMatching(
        _ source: MemoryTable, columns: [Int], of target: RowTarget, catalog: any CatalogReader, context: EvaluationContext
    ) throws(SQLError) -> ResolvedPlan {
        let analyzer = Analyzer(catalog: catalog, parameters: .none, context: context)
        let (relation, row) = try analyzer.numbered(target)
        let right = analyzer.scan(source, [])
        let resolver = ExpressionResolver(analyzer, analyzer.environment, scopes: [])
        var conditions: [ResolvedExpression] = []
        for index in columns {
            guard relation.scope.attributes.indices.contains(index), right.scope.attributes.indices.contains(index) else { continue }
            conditions.append(
                try resolver.call("=", [relation.scope.attributes[index].reference, right.scope.attributes[index].reference], nil))
        }
        let left = try analyzer.limited(relation, target, by: nil)
        let join = LogicalPlan.join(.init(.semi, left, right.plan, condition: .conjunction(conditions)))
        let column = analyzer.attribute("row", .long, nullable: true)
        let plan = LogicalPlan.project(.init(child: join, columns: [.init(column, row.reference)]))
        return analyzer.finish(AnalyzedRelation(plan: plan, scope: Scope([column], qualifier: [])))
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
