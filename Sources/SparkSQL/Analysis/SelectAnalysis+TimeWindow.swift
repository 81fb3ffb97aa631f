import Columnar
import SparkErrors
import SparkFunctions
import SparkSyntax

extension SelectAnalysis {
    private struct WindowCall {
        let name: String
        let arguments: [ResolvedExpression]
        let span: SourceSpan?
    }

    /// `GROUP BY window(time, length, …)`: each row once for each window that it lies in, with the window in a column of that name. `session_window(time,
    /// gap)`: rows with a time and a positive gap, the window in such a column once the groups are known, or, without GROUP BY, at once.
    mutating func addTimeWindow() throws(SQLError) {
        guard let call = try timeWindowCall() else { return }
        let resolver = resolver([source.scope], "Aggregate")
        guard call.name == "window" else { return try addSessionWindow(call, resolver) }
        let windows = try resolver.call(ScalarFunction.timeWindows, as: "window", call.arguments, call.span)
        guard case .array(let type, _) = windows.type else { return }
        let column = analyzer.attribute("window", type, nullable: false)
        source = AnalyzedRelation(
            plan: .generate(.init(child: source.plan, generator: .explode, arguments: [windows], isOuter: false, output: [column])),
            scope: source.scope + Scope([column], qualifier: []))
        timeWindow = column
    }

    private mutating func addSessionWindow(_ call: WindowCall, _ resolver: ExpressionResolver) throws(SQLError) {
        let end = try resolver.call(ScalarFunction.sessionEnd, as: "session_window", call.arguments, call.span)
        guard let time = call.arguments.first else { return }
        let start = try resolver.coerce(time, to: end.type, call.span)
        let session = SessionWindow(
            column: analyzer.attribute("session_window", .structure([Field("start", end.type), Field("end", end.type)]), nullable: false),
            start: analyzer.attribute("s", end.type, nullable: true), end: analyzer.attribute("e", end.type, nullable: true))
        let ends: [LogicalPlan.NamedColumn] = [.init(session.start, start), .init(session.end, end)]
        source.plan = .project(.init(child: source.plan, columns: source.plan.output.map { .init($0) } + ends))
        source.plan = .filter(.init(child: source.plan, condition: .isNotNull(session.end.reference)))
        if select.groupBy == nil {
            source.plan = try session.made(source.plan, from: session.start, to: session.end, self)
        } else {
            sessionWindow = session
        }
        source.scope = source.scope + Scope([session.column], qualifier: [])
        timeWindow = session.column
    }

    /// The one call among the grouping expressions; of `session_window`, also among the items of a SELECT without groups.
    private func timeWindowCall() throws(SQLError) -> WindowCall? {
        var found: WindowCall?
        let resolver = resolver([source.scope], "Aggregate")
        for expression in groupedExpressions {
            guard case .function(let call) = expression.kind, call.over == nil,
                let parts = try? analyzer.name(call.name, environment), parts.count == 1,
                let name = parts.first?.lowercased(), name == "session_window" || name == "window" && select.groupBy != nil
            else { continue }
            let span = environment.at(expression.span)
            let this = WindowCall(name: name, arguments: try resolver.arguments(call, name, span), span: span)
            for argument in this.arguments {
                if let aggregate = argument.first(where: { if case .aggregate = $0 { true } else { false } }) {
                    if name == "session_window" { throw SQLError(.missingGroupBy, at: span) }
                    let condition = SQLQuote.expr("(\(argument.sql) IS NOT NULL)")
                    throw SQLError(.invalidWhereCondition, ["condition": condition, "expressionList": aggregate.sql], at: span)
                }
                if argument.containsWindow { throw SQLError(.legacyWindowInClause, ["clauseName": "GROUP BY"], at: span, phase: .analysis) }
            }
            guard let other = found else {
                found = this
                continue
            }
            guard other.name == name, ResolvedExpression.same(other.arguments, this.arguments) else {
                throw SQLError(.legacySeveralTimeWindows, at: span, phase: .analysis)
            }
        }
        return found
    }

    /// What GROUP BY names, items by position or alias too; without GROUP BY all items.
    private var groupedExpressions: [SyntaxExpression] {
        guard let groupBy = select.groupBy, !groupBy.isAll else { return select.items.map(\.expression) }
        return groupBy.elements.flatMap { element -> [SyntaxExpression] in
            guard case .expression(let expression) = element else { return [] }
            if let position = analyzer.ordinal(expression) {
                return select.items.indices.contains(position - 1) ? [select.items[position - 1].expression] : []
            }
            guard case .name(let name) = expression.kind, name.names.count == 1 else { return [expression] }
            if source.scope.columns.contains(where: { Names.same($0.attribute.name, name.last) }) { return [] }
            return select.items.filter { $0.alias.map { Names.same($0.text, name.last) } ?? false }.map(\.expression)
        }
    }
}

/// `session_window(…)` in GROUP BY.
struct SessionWindow {
    let column: Attribute
    /// Of one row's window, in the plan below.
    let start: Attribute
    let end: Attribute

    /// Adds the column: windows of the same other keys that touch become one, from the first start to the last end.
    func merged(_ child: LogicalPlan, by keys: [ResolvedExpression], _ analysis: SelectAnalysis) throws(SQLError) -> LogicalPlan {
        func isOwn(_ key: ResolvedExpression) -> Bool { if case .column(let column) = key { column.id == self.column.id } else { false } }
        guard keys.contains(where: isOwn) else {
            throw .unsupported("session_window() that is no grouping column", at: analysis.environment.at(analysis.select.span))
        }
        var steps = Steps(plan: child, columns: [start, end], analysis: analysis)
        var names: [String] = []
        for key in keys where !isOwn(key) {
            guard !key.references.contains(column.id) else {
                throw .unsupported("session_window() and parts of it in one GROUP BY", at: key.span ?? analysis.environment.at(analysis.select.span))
            }
            names.append("k\(names.count)")
            _ = steps.add(names[names.count - 1], key)
        }
        func partition(_ names: [String]) -> String { names.isEmpty ? "" : "PARTITION BY " + names.joined(separator: ", ") }
        let order = "\(partition(names)) ORDER BY s ROWS BETWEEN UNBOUNDED PRECEDING AND"
        _ = try steps.add("reach", "max(e) OVER (\(order) 1 PRECEDING)")
        _ = try steps.add("opens", "CASE WHEN s <= reach THEN 0 ELSE 1 END")
        _ = try steps.add("number", "sum(opens) OVER (\(order) CURRENT ROW)")
        let own = partition(names + ["number"])
        let first = try steps.add("first_start", "min(s) OVER (\(own))")
        let last = try steps.add("last_end", "max(e) OVER (\(own))")
        return try made(steps.plan, from: first, to: last, analysis)
    }

    /// Adds the column.
    func made(_ plan: LogicalPlan, from start: Attribute, to end: Attribute, _ analysis: SelectAnalysis) throws(SQLError) -> LogicalPlan {
        let resolver = analysis.resolver([], "Project")
        func text(_ text: String) -> ResolvedExpression { .constant(Constant(.string(text), .text, isLiteral: true)) }
        let value = try resolver.call("named_struct", [text("start"), start.reference, text("end"), end.reference], nil)
        return .project(.init(child: plan, columns: plan.output.map { .init($0) } + [.init(column, value)]))
    }

    /// Columns added one after the other, each by an expression over those before.
    private struct Steps {
        var plan: LogicalPlan
        var columns: [Attribute]
        let analysis: SelectAnalysis

        mutating func add(_ name: String, _ value: ResolvedExpression) -> Attribute {
            let column = analysis.analyzer.attribute(for: value, name: name)
            plan = .project(.init(child: plan, columns: plan.output.map { .init($0) } + [.init(column, value)]))
            columns.append(column)
            return column
        }

        mutating func add(_ name: String, _ expression: String) throws(SQLError) -> Attribute {
            var environment = analysis.environment
            environment.showsPlaces = false
            let resolver = ExpressionResolver(analysis.analyzer, environment, scopes: [Scope(columns, qualifier: [])])
            let value = try resolver.resolve(try Parser.parseExpression(expression))
            let windowed = try analysis.analyzer.extractWindows(from: [value], over: plan)
            plan = windowed.plan
            return add(name, windowed.expressions[0])
        }
    }
}
