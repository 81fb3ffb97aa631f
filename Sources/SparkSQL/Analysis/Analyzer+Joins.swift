import Columnar
import SparkErrors
import SparkFunctions
import SparkSyntax

extension Analyzer {
    func join(_ join: SparkSyntax.Join, _ environment: Environment, _ span: SourceSpan?) throws(SQLError) -> AnalyzedRelation {
        let left = try relation(join.left, environment)
        if join.right.isLateral { return try lateralJoin(join, left, environment, span) }
        let right = try relation(join.right, environment)
        switch join.criteria {
        case .none: return combine(join.kind, left, right, condition: nil)
        case .on(let expression):
            let condition = try joinCondition(expression, left.scope + right.scope, environment)
            return combine(join.kind, left, right, condition: condition)
        case .using(let names): return try using(names.map(\.text), join.kind, left, right, environment, span)
        case .natural:
            // A name counts as often as both sides have it.
            var rest = right.scope.columns.map(\.attribute.name)
            let shared = left.scope.columns.map(\.attribute.name).filter { name in
                guard let index = rest.firstIndex(where: { Names.same($0, name) }) else { return false }
                rest.remove(at: index)
                return true
            }
            return try using(shared, join.kind, left, right, environment, span)
        }
    }

    private func joinCondition(
        _ expression: SyntaxExpression, _ scope: Scope, _ environment: Environment
    ) throws(SQLError) -> ResolvedExpression {
        let resolver = ExpressionResolver(self, environment, scopes: [scope], operatorName: "Join")
        let span = environment.at(expression.span)
        let condition = try resolver.condition(expression, allowsVoid: false) { condition in
            SQLError(
                .joinConditionIsNotBooleanType,
                ["joinCondition": SQLQuote.expr(condition.sql), "conditionType": SQLQuote.type(condition.type.sqlText)], at: span)
        }
        try refuseAggregates(in: condition, span)
        return condition
    }

    /// Aggregates and windows where rows are not yet grouped.
    private func refuseAggregates(in condition: ResolvedExpression, _ span: SourceSpan?) throws(SQLError) {
        var found: [String] = []
        condition.forEach { part in
            switch part {
            case .aggregate, .window: found.append(SQLQuote.expr(part.sql))
            default: break
            }
        }
        if !found.isEmpty {
            throw SQLError(.unsupportedExprForOperator, ["invalidExprSqls": found.joined(separator: ", ")], at: span)
        }
    }

    private func combine(
        _ kind: SparkSyntax.Join.Kind, _ left: AnalyzedRelation, _ right: AnalyzedRelation, condition: ResolvedExpression?
    ) -> AnalyzedRelation {
        let plan = LogicalPlan.join(.init(kind.logical, left.plan, right.plan, condition: condition))
        return AnalyzedRelation(plan: plan, scope: kind.scope(left.scope, right.scope))
    }

    /// The keys come once, before all other columns; each side's own are reached by its name.
    private func using(
        _ names: [String], _ kind: SparkSyntax.Join.Kind, _ left: AnalyzedRelation, _ right: AnalyzedRelation, _ environment: Environment,
        _ span: SourceSpan?
    ) throws(SQLError) -> AnalyzedRelation {
        let resolver = ExpressionResolver(self, environment, scopes: [])
        var pairs: [(left: Scope.Column, right: Scope.Column)] = []
        var conditions: [ResolvedExpression] = []
        for name in names {
            let one = try key(name, left.scope, "left", span)
            let other = try key(name, right.scope, "right", span)
            pairs.append((one, other))
            conditions.append(try resolver.call("=", [one.attribute.reference, other.attribute.reference], span))
        }
        var plan = LogicalPlan.join(.init(kind.logical, left.plan, right.plan, condition: .conjunction(conditions)))
        let both = kind.scope(left.scope, right.scope)
        guard kind != .leftSemi, kind != .leftAnti else { return AnalyzedRelation(plan: plan, scope: both) }
        let leftKeys = Set(pairs.map(\.left.attribute.id))
        let rightKeys = Set(pairs.map(\.right.attribute.id))
        let rest = both.columns.filter { !leftKeys.contains($0.attribute.id) && !rightKeys.contains($0.attribute.id) }
        func columns(_ ids: [ColumnID]) -> [Scope.Column] { ids.compactMap { id in both.columns.first { $0.attribute.id == id } } }
        let ownLeft = columns(pairs.map(\.left.attribute.id))
        let ownRight = columns(pairs.map(\.right.attribute.id))
        var scope: Scope
        switch kind {
        case .right: scope = Scope(columns: ownRight + rest, hidden: both.hidden + ownLeft)
        case .full:
            var keys: [Scope.Column] = []
            var named = plan.output.map { LogicalPlan.NamedColumn($0) }
            for (index, (one, other)) in zip(ownLeft, ownRight).enumerated() {
                let type = resolver.commonType([one.attribute.reference, other.attribute.reference]) ?? one.attribute.type
                let sides = [try resolver.coerce(one.attribute.reference, to: type), try resolver.coerce(other.attribute.reference, to: type)]
                let merged = ResolvedExpression.coalesce(sides, type: type)
                let nullable = pairs[index].left.attribute.nullable && pairs[index].right.attribute.nullable
                let column = attribute(one.attribute.name, type, nullable: nullable)
                named.append(.init(column, merged))
                keys.append(.init(attribute: column, qualifier: []))
            }
            plan = .project(.init(child: plan, columns: named))
            scope = Scope(columns: keys + rest, hidden: both.hidden + ownLeft + ownRight)
        default: scope = Scope(columns: ownLeft + rest, hidden: both.hidden + ownRight)
        }
        scope.metadata = both.metadata
        return AnalyzedRelation(plan: plan, scope: scope)
    }

    private func key(_ name: String, _ scope: Scope, _ side: String, _ span: SourceSpan?) throws(SQLError) -> Scope.Column {
        guard let column = scope.columns.first(where: { Names.same($0.attribute.name, name) }) else {
            throw SQLError(
                .unresolvedUsingColumnForJoin,
                [
                    "colName": SQLQuote.id(name), "side": side,
                    "suggestion": scope.columns.map { SQLQuote.id($0.attribute.name) }.sorted().joined(separator: ", "),
                ])
        }
        return column
    }

    // MARK: LATERAL

    private func lateralJoin(
        _ join: SparkSyntax.Join, _ left: AnalyzedRelation, _ environment: Environment, _ span: SourceSpan?
    ) throws(SQLError) -> AnalyzedRelation {
        switch join.kind {
        case .inner, .cross, .left: break
        default: throw SQLError(.invalidLateralJoinType, ["joinType": join.kind.rawValue], at: span)
        }
        switch join.criteria {
        case .using: throw SQLError(.unsupportedFeatureLateralJoinUsing, at: span)
        case .natural: throw SQLError(.incompatibleJoinTypes, ["joinType1": "LATERAL", "joinType2": "NATURAL"], at: span)
        case .none, .on: break
        }
        let isOuter = join.kind == .left
        if let generated = try lateralGenerator(join, left, environment, isOuter: isOuter) { return generated }
        var inner = environment
        let level = QueryLevel(scopes: [left.scope], parent: environment.level)
        inner.level = level
        let right = try relation(join.right, inner).ordered
        let scope = left.scope + (isOuter ? right.scope.nullable() : right.scope)
        var condition: ResolvedExpression?
        if case .on(let expression) = join.criteria { condition = try joinCondition(expression, left.scope + right.scope, environment) }
        if right.plan.isNonDeterministic, !left.plan.hasOneRow {
            throw SQLError(
                .unsupportedSubqueryExpressionCategoryNonDeterministicLateralSubqueries, ["treeNode": "LateralJoin"], at: span)
        }
        let supplied = left.plan.outputIDs
        let own = level.captured.filter { supplied.contains($0.id) }
        if own.isEmpty {
            let plan = LogicalPlan.join(.init(isOuter ? .left : .inner, left.plan, right.plan, condition: condition))
            return AnalyzedRelation(plan: plan, scope: scope)
        }
        let apply = LogicalPlan.Apply(
            child: left.plan, subquery: right.plan, outer: own, kind: .lateral(isOuter: isOuter, condition: condition), span: span)
        return AnalyzedRelation(plan: .apply(apply), scope: scope)
    }
}

extension LogicalPlan {
    /// Whether something in it draws.
    var isNonDeterministic: Bool {
        var found = false
        forEachNodeDeep { node in node.forEachExpression { if !$0.isDeterministic { found = true } } }
        return found
    }

    /// Whether it surely gives one row at most.
    fileprivate var hasOneRow: Bool {
        switch self {
        case .values(let values): values.rowCount <= 1
        case .aggregate(let aggregate): aggregate.groups.isEmpty
        case .project(let project): project.child.hasOneRow
        case .filter(let filter): filter.child.hasOneRow
        case .limit(let limit): limit.count ?? 2 <= 1 || limit.child.hasOneRow
        default: false
        }
    }
}

extension SparkSyntax.Join.Kind {
    var logical: LogicalPlan.JoinKind {
        switch self {
        case .inner, .cross: .inner
        case .left: .left
        case .right: .right
        case .full: .full
        case .leftSemi: .semi
        case .leftAnti: .anti
        }
    }

    func scope(_ left: Scope, _ right: Scope) -> Scope {
        switch self {
        case .inner, .cross: left + right
        case .left: left + right.nullable()
        case .right: left.nullable() + right
        case .full: left.nullable() + right.nullable()
        case .leftSemi, .leftAnti: left
        }
    }
}
