import Columnar
import SparkErrors
import SparkFunctions
import SparkSyntax

extension SelectAnalysis {
    /// From the resolved items to the plan: grouping, HAVING, windows, QUALIFY, the projection, DISTINCT, ORDER BY and LIMIT.
    mutating func finish() throws(SQLError) -> AnalyzedRelation {
        let scope = outputScope
        let having = try resolveHaving(scope)
        var qualify = try resolveQualify(scope)
        var order = try resolveOrder(scope)
        let isAggregated =
            select.groupBy != nil || having != nil || items.contains { $0.expression.containsAggregate || $0.generatesFromAggregate }
            || (qualify?.containsAggregate ?? false)
        var planner: ItemPlanner
        if isAggregated {
            var grouping = try Grouping(self)
            for index in items.indices {
                try refuseOuter(in: items[index].expression)
                try grouping.rewrite(&items[index])
            }
            let condition = try having.map { (having) throws(SQLError) in try grouping.rewrite(having: having, items) }
            qualify = try qualify.map { (expression) throws(SQLError) in try grouping.rewrite(expression) }
            for index in order.indices where !select.isDistinct {
                order[index].expression = try grouping.rewrite(order: order[index].expression, scope)
            }
            planner = ItemPlanner(analyzer, plan: grouping.plan, items: items, aliasIDs: aliasIDs)
            if let condition {
                try planner.makeAliases(in: condition)
                planner.plan = .filter(.init(child: planner.plan, condition: condition))
            }
        } else {
            for key in order where key.expression.containsAggregate {
                throw SQLError(.unsupportedExprForOperator, ["invalidExprSqls": SQLQuote.expr(key.expression.sql)], at: key.expression.span)
            }
            try refuseGrouping()
            planner = ItemPlanner(analyzer, plan: source.plan, items: items, aliasIDs: aliasIDs)
        }
        try planner.generate()
        if let qualify {
            try planner.makeAliases(in: qualify)
            let windowed = try analyzer.extractWindows(from: [qualify], over: planner.plan)
            planner.plan = .filter(.init(child: windowed.plan, condition: windowed.expressions[0]))
        }
        return try project(&planner, order, scope)
    }

    /// A grouped query's columns cannot depend on the enclosing query.
    private func refuseOuter(in expression: ResolvedExpression) throws(SQLError) {
        guard expression.contains(where: { if case .outer = $0 { true } else { false } }) else { return }
        throw SQLError(
            .unsupportedSubqueryExpressionCategoryCorrelatedReference, ["sqlExprs": SQLQuote.expr(expression.sql)],
            at: environment.at(select.span))
    }

    private func refuseGrouping() throws(SQLError) {
        for item in items {
            if let call = item.expression.first(where: { if case .grouping = $0 { true } else { false } }), case .grouping(_, _, let span) = call {
                throw SQLError(.unsupportedGroupingExpression, at: span)
            }
        }
    }

    // MARK: Clauses that may name SELECT items

    private func resolveHaving(_ scope: Scope) throws(SQLError) -> ResolvedExpression? {
        guard let written = select.having else { return nil }
        do throws(SQLError) {
            return try having(written, [source.scope, scope])
        } catch {
            // What does not fit FROM may fit the SELECT list.
            if error.isOfNames, let condition = try? having(written, [scope]) { return condition }
            throw proposing(scope, error)
        }
    }

    private func having(_ written: SyntaxExpression, _ scopes: [Scope]) throws(SQLError) -> ResolvedExpression {
        let resolver = self.resolver(scopes, "Filter")
        resolver.allowsGrouping = true
        resolver.allowsOuterAggregates = true
        let span = resolver.at(written.span)
        let resolved = try resolver.resolve(written)
        if resolved.type.isNumeric { return try resolver.explicitCast(resolved, to: .boolean, isTry: false, span) }
        guard resolved.type == .boolean || resolved.type == .void else {
            throw SQLError(
                .datatypeMismatchFilterNotBoolean,
                [
                    "sqlExpr": SQLQuote.expr(resolved.sql), "filter": SQLQuote.expr(resolved.sql), "type": SQLQuote.type(resolved.type.sqlText),
                ], at: span)
        }
        let condition = try resolver.coerce(resolved, to: .boolean)
        if condition.containsWindow { throw SQLError(.legacyWindowInClause, ["clauseName": "HAVING"], at: span, phase: .analysis) }
        return condition
    }

    /// What can be proposed for an unknown name behind the SELECT list are its items.
    private func proposing(_ scope: Scope, _ error: SQLError) -> SQLError {
        guard error.condition == .unresolvedColumnWithSuggestion || error.condition == .unresolvedColumnWithoutSuggestion,
            let name = error.parameters["objectName"], let parts = try? Parser.parseMultipartIdentifier(name)
        else { return error }
        return Suggestions.unresolvedColumn(parts.names, among: scope.columns, at: error.span)
    }

    private func resolveQualify(_ scope: Scope) throws(SQLError) -> ResolvedExpression? {
        guard let written = select.qualify else { return nil }
        let resolver = self.resolver([source.scope, scope], "Filter")
        let span = resolver.at(written.span)
        return try resolver.condition(written) { condition in
            SQLError(
                .datatypeMismatchFilterNotBoolean,
                [
                    "sqlExpr": SQLQuote.expr(condition.sql), "filter": SQLQuote.expr(condition.sql),
                    "type": SQLQuote.type(condition.type.sqlText),
                ], at: span)
        }
    }

    private func resolveOrder(_ scope: Scope) throws(SQLError) -> [OrderKey] {
        let isEmpty =
            organization.orderBy.isEmpty && organization.sortBy.isEmpty && organization.clusterBy.isEmpty && organization.distributeBy.isEmpty
        if isEmpty { return [] }
        let resolver = self.resolver(select.isDistinct ? [scope] : [scope, source.scope], "Sort")
        resolver.allowsGrouping = true
        let keys = try analyzer.orderKeys(organization, resolver, outputs: scope.attributes)
        if let window = keys.lazy.compactMap({ $0.expression.first { if case .window = $0 { true } else { false } } }).first {
            throw SQLError(.unsupportedExprForOperator, ["invalidExprSqls": SQLQuote.expr(window.sql)], at: window.span)
        }
        return keys
    }

    // MARK: The end

    private func project(_ planner: inout ItemPlanner, _ order: [OrderKey], _ scope: Scope) throws(SQLError) -> AnalyzedRelation {
        var keys = order
        let outputs = scope.attributes
        let outputIDs = outputs.ids
        var hidden: [LogicalPlan.NamedColumn] = []
        var windowedKeys: [Int] = []
        for (index, key) in keys.enumerated() where !select.isDistinct {
            if key.expression.containsWindow {
                try planner.makeAliases(in: key.expression)
                windowedKeys.append(index)
            } else if !key.expression.references.isSubset(of: outputIDs) {
                try planner.makeAliases(in: key.expression)
                let column = analyzer.attribute(for: key.expression, name: "sort\(index)")
                hidden.append(.init(column, key.expression))
                keys[index].expression = column.reference
            }
        }
        let remaining = try planner.remaining()
        let windowed = try analyzer.extractWindows(from: remaining.map(\.expression) + windowedKeys.map { keys[$0].expression }, over: planner.plan)
        var columns: [LogicalPlan.NamedColumn] = []
        for (column, expression) in zip(remaining, windowed.expressions) { columns.append(.init(column.attribute, expression)) }
        for (position, index) in windowedKeys.enumerated() {
            let expression = windowed.expressions[remaining.count + position]
            let column = analyzer.attribute(for: expression, name: "sort\(index)")
            hidden.append(.init(column, expression))
            keys[index].expression = column.reference
        }
        var plan = LogicalPlan.project(.init(child: windowed.plan, columns: columns + hidden))
        if select.isDistinct {
            try analyzer.refuseUncomparable(outputs, environment.at(select.span))
            plan = analyzer.distinct(plan)
        }
        if !keys.isEmpty {
            if select.isDistinct {
                let inner = try analyzer.extractWindows(from: keys.map(\.expression), over: plan)
                for index in keys.indices { keys[index].expression = inner.expressions[index] }
                plan = .sort(.init(child: inner.plan, keys: keys))
                if inner.isChanged { plan = .project(.init(child: plan, columns: outputs.map { .init($0) })) }
            } else {
                plan = .sort(.init(child: plan, keys: keys))
            }
        }
        plan = try analyzer.limit(plan, organization, environment)
        if !hidden.isEmpty { plan = .project(.init(child: plan, columns: outputs.map { .init($0) })) }
        return AnalyzedRelation(plan: plan, scope: scope)
    }
}

extension SelectItem {
    fileprivate var generatesFromAggregate: Bool { generator?.arguments.contains(where: \.containsAggregate) ?? false }
}

/// Computes SELECT items in the order in which they need each other.
struct ItemPlanner {
    let analyzer: Analyzer
    var plan: LogicalPlan
    private var items: [SelectItem]
    private let aliasIDs: Set<ColumnID>
    /// Items whose columns the plan has already.
    private var made: Set<ColumnID> = []
    private var levels = 0

    private static let maximumLevels = 100

    init(_ analyzer: Analyzer, plan: LogicalPlan, items: [SelectItem], aliasIDs: Set<ColumnID>) {
        self.analyzer = analyzer
        self.plan = plan
        self.items = items
        self.aliasIDs = aliasIDs
    }

    /// Adds the columns of the items that the expression names, and of those that they name.
    mutating func makeAliases(in expression: ResolvedExpression) throws(SQLError) { try make(expression.references.intersection(aliasIDs)) }

    private mutating func make(_ wanted: Set<ColumnID>) throws(SQLError) {
        let missing = wanted.subtracting(made)
        if missing.isEmpty { return }
        let chosen = items.filter { $0.generator == nil && missing.contains($0.attribute.id) }
        for item in chosen { try make(item.expression.references.intersection(aliasIDs)) }
        let still = chosen.filter { !made.contains($0.attribute.id) }
        if still.isEmpty { return }
        // Each such step is a level of the plan.
        levels += 1
        guard levels <= Self.maximumLevels else { throw SQLError(.failedToParseTooComplex) }
        let windowed = try analyzer.extractWindows(from: still.map(\.expression), over: plan)
        var columns = windowed.plan.output.map { LogicalPlan.NamedColumn($0) }
        for (item, expression) in zip(still, windowed.expressions) {
            columns.append(.init(item.attribute, expression))
            made.insert(item.attribute.id)
        }
        plan = .project(.init(child: windowed.plan, columns: columns))
    }

    /// Generators among the items, one upon the other.
    mutating func generate() throws(SQLError) {
        for item in items {
            guard let call = item.generator else { continue }
            for argument in call.arguments { try makeAliases(in: argument) }
            let windowed = try analyzer.extractWindows(from: call.arguments, over: plan)
            plan = .generate(
                .init(
                    child: windowed.plan, generator: call.generator, arguments: windowed.expressions, isOuter: call.isOuter,
                    output: item.generated))
            made.formUnion(item.generated.map(\.id))
        }
    }

    /// The items as columns over the plan, once all that they name is in it.
    mutating func remaining() throws(SQLError) -> [LogicalPlan.NamedColumn] {
        if !aliasIDs.isEmpty {
            var needed: Set<ColumnID> = []
            for item in items where item.generator == nil { needed.formUnion(item.expression.references.intersection(aliasIDs)) }
            try make(needed)
        }
        return items.flatMap { item -> [LogicalPlan.NamedColumn] in
            if item.generator != nil { return item.generated.map { .init($0) } }
            return made.contains(item.attribute.id) ? [.init(item.attribute)] : [.init(item.attribute, item.expression)]
        }
    }
}
