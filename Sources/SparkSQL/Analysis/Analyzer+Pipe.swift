import Columnar
import SparkErrors
import SparkFunctions
import SparkSyntax

extension Analyzer {
    /// A step behind `|>`.
    func pipe(_ input: AnalyzedRelation, _ step: PipeOperator, _ environment: Environment) throws(SQLError) -> AnalyzedRelation {
        var environment = environment
        environment.pipeInput = input
        let span = environment.at(step.span)
        switch step.kind {
        case .select(let isDistinct, let items, let windows):
            var select = Select(span: step.span)
            select.isDistinct = isDistinct
            select.items = items
            select.windows = windows
            return try piped(select, input, environment, clause: "SELECT")
        case .extend(let items):
            return try extend(items, input, environment, step.span)
        case .set(let assignments): return try set(assignments, input, environment, span)
        case .drop(let names):
            var scope = input.scope
            for name in names {
                if names.filter({ Names.same($0.text, name.text) }).count > 1 {
                    throw SQLError(.exceptOverlappingColumns, ["columns": names.map(\.text).joined(separator: ", ")], at: span)
                }
                scope.columns.remove(at: try position(name, scope, environment))
            }
            return AnalyzedRelation(plan: input.plan, scope: scope)
        case .alias(let name, let columns): return try alias(input, TableAlias(name: name, columns: columns), span)
        case .filter(let condition):
            let resolver = ExpressionResolver(self, environment, scopes: [input.scope], operatorName: "Filter")
            let resolved = try filterCondition(condition, resolver)
            return AnalyzedRelation(plan: .filter(.init(child: input.plan, condition: resolved)), scope: input.scope)
        case .aggregate(let items, let groupBy): return try aggregate(items, groupBy, input, environment, step.span)
        case .relation(let relation): return try self.relation(relation, environment)
        case .setOperation(let kind, let isAll, let isByName, let body):
            return try combine(kind, isAll: isAll, isByName: isByName, input, try source(body, environment), environment, span)
        case .organize(let organization): return try organize(input, organization, environment)
        }
    }

    private func piped(
        _ select: Select, _ input: AnalyzedRelation, _ environment: Environment, clause: String
    ) throws(SQLError) -> AnalyzedRelation {
        var analysis = SelectAnalysis(self, environment, select, over: input)
        analysis.pipeClause = clause
        return try analysis.run()
    }

    private func position(_ name: Identifier, _ scope: Scope, _ environment: Environment) throws(SQLError) -> Int {
        let found = scope.columns.indices.filter { Names.same(scope.columns[$0].attribute.name, name.text) }
        guard let index = found.first else {
            throw Suggestions.unresolvedColumn([name.text], among: scope.columns, at: environment.at(name.span))
        }
        return index
    }

    private func set(
        _ assignments: [(column: Identifier, value: SyntaxExpression)], _ input: AnalyzedRelation, _ environment: Environment, _ span: SourceSpan?
    ) throws(SQLError) -> AnalyzedRelation {
        var relation = input
        for assignment in assignments {
            let index = try position(assignment.column, relation.scope, environment)
            let resolver = ExpressionResolver(self, environment, scopes: [relation.scope])
            let value = try resolver.resolve(assignment.value)
            try refuseAggregate(in: value, clause: "SET", environment.at(assignment.value.span))
            let old = relation.scope.columns[index].attribute
            let windowed = try extractWindows(from: [value], over: relation.plan)
            let new = attribute(for: windowed.expressions[0], name: old.name)
            relation.plan = .project(
                .init(child: windowed.plan, columns: windowed.plan.output.map { .init($0) } + [.init(new, windowed.expressions[0])]))
            relation.scope.columns[index].attribute = new
        }
        return relation
    }

    private func refuseAggregate(in value: ResolvedExpression, clause: String, _ span: SourceSpan?) throws(SQLError) {
        guard let aggregate = value.first(where: { if case .aggregate = $0 { true } else { false } }) else { return }
        throw SQLError(.pipeOperatorContainsAggregateFunction, ["expr": aggregate.sql, "clause": clause], at: aggregate.span ?? span)
    }

    /// Adds columns, and keeps all that could be named before.
    private func extend(
        _ items: [NamedExpression], _ input: AnalyzedRelation, _ environment: Environment, _ span: SourceSpan
    ) throws(SQLError) -> AnalyzedRelation {
        var relation = input
        for item in items {
            if item.expression.isGenerator || item.aliases.count > 1 {
                var select = Select(span: span)
                select.items = [NamedExpression(SyntaxExpression(.star(.init(qualifier: nil, except: [])), span: span)), item]
                relation = try piped(select, relation, environment, clause: "EXTEND")
                continue
            }
            if case .star = item.expression.kind {
                throw SQLError(
                    .invalidUsageOfStarOrRegex, ["elem": "'*'", "prettyName": "expression `pipeexpression`"], at: environment.at(item.span))
            }
            let resolver = ExpressionResolver(self, environment, scopes: [relation.scope])
            let value = try resolver.resolve(item.expression)
            try refuseAggregate(in: value, clause: "EXTEND", environment.at(item.span))
            let windowed = try extractWindows(from: [value], over: relation.plan)
            let name = item.alias?.text ?? SelectAnalysis.name(of: item.expression, value)
            let column = attribute(for: windowed.expressions[0], name: name)
            relation.plan = .project(
                .init(child: windowed.plan, columns: windowed.plan.output.map { .init($0) } + [.init(column, windowed.expressions[0])]))
            relation.scope.columns.append(.init(attribute: column, qualifier: []))
        }
        return relation
    }

    /// Grouping columns first, then the aggregates.
    private func aggregate(
        _ items: [NamedExpression], _ groupBy: PipeGroupBy?, _ input: AnalyzedRelation, _ environment: Environment, _ span: SourceSpan
    ) throws(SQLError) -> AnalyzedRelation {
        var select = Select(span: span)
        let resolver = ExpressionResolver(self, environment, scopes: [input.scope])
        for item in items {
            let value = try resolver.resolve(item.expression)
            guard value.containsAggregate else {
                throw SQLError(
                    .pipeOperatorAggregateExpressionContainsNoAggregateFunction, ["expr": value.sql], at: environment.at(item.expression.span))
            }
        }
        if let groupBy {
            var elements: [GroupBy.Element] = []
            for (element, alias) in groupBy.elements {
                elements.append(element)
                for expression in element.expressions {
                    // A number counts the input's columns.
                    var shown = expression
                    if let position = ordinal(expression) {
                        guard input.scope.columns.indices.contains(position - 1) else {
                            throw SQLError(
                                .groupByPosOutOfRange, ["index": "\(position)", "size": "\(input.scope.columns.count)"],
                                at: environment.at(expression.span))
                        }
                        let column = input.scope.columns[position - 1]
                        let parts = (column.qualifier.suffix(1) + [column.attribute.name]).map {
                            Identifier($0, isQuoted: true, span: expression.span)
                        }
                        shown = SyntaxExpression(.name(MultipartIdentifier(parts, span: expression.span)), span: expression.span)
                        elements[elements.count - 1] = .expression(shown)
                    }
                    select.items.append(NamedExpression(expression: shown, aliases: alias.map { [$0] } ?? [], span: expression.span))
                }
            }
            select.groupBy = GroupBy(elements: elements, span: groupBy.span)
        }
        select.items += items
        var analysis = SelectAnalysis(self, environment, select, over: input)
        return try analysis.run()
    }
}

extension SyntaxExpression {
    fileprivate var isGenerator: Bool {
        guard case .function(let call) = kind, call.over == nil, let name = call.name.literal?.names, name.count == 1 else { return false }
        return Generator.named(name[0].lowercased()) != nil
    }
}

extension GroupBy.Element {
    /// The expressions that the element names, each once.
    fileprivate var expressions: [SyntaxExpression] {
        switch self {
        case .expression(let expression): [expression]
        case .rollup(let parts), .cube(let parts): parts.flatMap { $0 }
        case .groupingSets(let elements): elements.flatMap(\.expressions)
        case .set(let expressions): expressions
        }
    }
}
