import Columnar
import SparkErrors

extension Analyzer {
    struct Windowed {
        let plan: LogicalPlan
        /// The expressions with columns in the place of window functions.
        let expressions: [ResolvedExpression]
        let isChanged: Bool
    }

    /// Puts window operators over the plan for the window functions in the expressions: one for each PARTITION BY and ORDER BY.
    func extractWindows(from expressions: [ResolvedExpression], over plan: LogicalPlan) throws(SQLError) -> Windowed {
        guard expressions.contains(where: \.containsWindow) else { return Windowed(plan: plan, expressions: expressions, isChanged: false) }
        var found: [(function: WindowExpression, attribute: Attribute)] = []
        var replaced: [ResolvedExpression] = []
        for expression in expressions {
            replaced.append(try replaceWindows(expression, &found))
        }
        var groups: [[(function: WindowExpression, attribute: Attribute)]] = []
        for entry in found {
            if let index = groups.firstIndex(where: { $0[0].function.hasSameWindow(as: entry.function) }) {
                groups[index].append(entry)
            } else {
                groups.append([entry])
            }
        }
        var plan = plan
        for group in groups {
            let first = group[0].function
            plan = .window(
                .init(
                    child: plan, partition: first.partition, order: first.order,
                    columns: group.map { LogicalPlan.WindowColumn(attribute: $0.attribute, function: $0.function) }))
        }
        return Windowed(plan: plan, expressions: replaced, isChanged: true)
    }

    private func replaceWindows(
        _ expression: ResolvedExpression, _ found: inout [(function: WindowExpression, attribute: Attribute)]
    ) throws(SQLError) -> ResolvedExpression {
        guard case .window(let function) = expression else {
            return try expression.mapChildren { (child) throws(SQLError) in try replaceWindows(child, &found) }
        }
        var nested = false
        function.forEachInput { if $0.containsWindow { nested = true } }
        if nested { throw .unsupported("a window function within a window function", at: function.span) }
        if let known = found.first(where: { $0.function.isSame(as: function) }) {
            return .column(ColumnReference(known.attribute, name: function.sql, span: function.span))
        }
        let attribute = self.attribute(for: expression, name: function.sql)
        found.append((function, attribute))
        return .column(ColumnReference(attribute, name: function.sql, span: function.span))
    }
}
