import Columnar
import SparkErrors
import SparkFunctions
import SparkSyntax

extension ExpressionResolver {
    /// The query as analysed, and the columns of this and further enclosing queries that it uses.
    private func nested(_ query: Query) throws(SQLError) -> (AnalyzedRelation, QueryLevel) {
        var inner = environment
        let level = QueryLevel(scopes: scopes, parent: environment.level)
        inner.level = level
        // A function's parameters are in sight of its body and of one query within, as columns are.
        if !inner.arguments.isEmpty {
            let isInSight = !environment.argumentsAreOuter || environment.argumentsReachFurther
            inner.arguments = isInSight ? inner.arguments.mapValues(\.asOuter) : [:]
            inner.argumentsAreOuter = true
            inner.argumentsReachFurther = false
        }
        let relation = try analyzer.analyze(query, inner)
        return (relation, level)
    }

    func scalarSubquery(_ query: Query, _ span: SourceSpan?) throws(SQLError) -> ResolvedExpression {
        let (relation, level) = try nested(query)
        let columns = relation.plan.output
        guard columns.count == 1 else {
            throw SQLError(
                .invalidSubqueryExpressionScalarSubqueryReturnMoreThanOneOutputColumn, ["number": "\(columns.count)"], at: span)
        }
        return subquery(.scalar, relation.plan, level, columns[0].type, nullable: true, span)
    }

    func exists(_ query: Query, _ span: SourceSpan?) throws(SQLError) -> ResolvedExpression {
        let (relation, level) = try nested(query)
        return subquery(.exists, relation.plan, level, .boolean, nullable: false, span)
    }

    private func subquery(
        _ kind: SubqueryExpression.Kind, _ plan: LogicalPlan, _ level: QueryLevel, _ type: DataType, nullable: Bool, _ span: SourceSpan?
    ) -> ResolvedExpression {
        var result = SubqueryExpression(kind: kind, plan: plan, outer: level.captured, type: type, nullable: nullable, span: span)
        result.mentions = plan.mentions(of: Set(level.captured.map(\.id)))
        result.aggregates = level.aggregates
        return .subquery(result)
    }

    func inQuery(_ operand: SyntaxExpression, _ query: Query, _ span: SourceSpan?) throws(SQLError) -> ResolvedExpression {
        let place = predicateSpan(operand, span)
        var (relation, level) = try nested(query)
        let columns = relation.plan.output
        var left: [ResolvedExpression] = []
        if case .row(let items) = operand.kind, items.count > 1, !(columns.count == 1 && columns[0].type.isStructure) {
            for item in items { left.append(try resolve(item.expression)) }
        } else {
            left = [try resolve(operand)]
        }
        let printed = subquery(.membership(left), relation.plan, level, .boolean, nullable: true, span).sql
        guard left.count == columns.count else {
            throw SQLError(
                .datatypeMismatchInSubqueryLengthMismatch,
                [
                    "sqlExpr": SQLQuote.expr(printed), "leftLength": "\(left.count)", "rightLength": "\(columns.count)",
                    "leftColumns": left.map { SQLQuote.expr($0.sql) }.joined(separator: ", "),
                    "rightColumns": columns.map { SQLQuote.expr($0.name) }.joined(separator: ", "),
                ], at: place)
        }
        var types: [DataType] = []
        for (index, column) in columns.enumerated() {
            let pair = try unified("in", [left[index], column.reference], place) { _ in printed }
            left[index] = pair[0]
            let value = pair[0]
            guard let type = Coercion.forComparison(value.type, pair[1].type) else {
                throw SQLError(
                    .datatypeMismatchInSubqueryDataTypeMismatch,
                    [
                        "sqlExpr": SQLQuote.expr(printed),
                        "mismatchedColumns": "\(value.sql):\(value.type.sqlText), \(column.name):\(column.type.sqlText)",
                        "leftType": left.map { SQLQuote.type($0.type.sqlText) }.joined(separator: ", "),
                        "rightType": columns.map { SQLQuote.type($0.type.sqlText) }.joined(separator: ", "),
                    ], at: place)
            }
            types.append(type)
        }
        left = try coerce(left, to: types, place)
        if zip(types, columns).contains(where: { $0 != $1.type }) {
            relation.plan = try analyzer.cast(relation.plan, to: types, self, place)
        }
        let nullable = left.contains(where: \.nullable) || columns.contains(where: \.nullable)
        return subquery(.membership(left), relation.plan, level, .boolean, nullable: nullable, place)
    }
}

extension DataType {
    var isStructure: Bool { if case .structure = self { true } else { false } }
}

extension Analyzer {
    /// The plan with its columns cast to other types, under the same names.
    func cast(
        _ plan: LogicalPlan, to types: [DataType], _ resolver: ExpressionResolver, _ span: SourceSpan? = nil
    ) throws(SQLError) -> LogicalPlan {
        let columns = plan.output
        if zip(columns, types).allSatisfy({ $0.type == $1 }) { return plan }
        var named: [LogicalPlan.NamedColumn] = []
        for (column, type) in zip(columns, types) {
            if column.type == type {
                named.append(.init(column))
            } else {
                let expression = try resolver.coerce(column.reference, to: type, span)
                named.append(.init(attribute(for: expression, name: column.name), expression))
            }
        }
        return .project(.init(child: plan, columns: named))
    }
}
