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
        var found: [FoundWindow] = []
        var replaced: [ResolvedExpression] = []
        for expression in expressions {
            replaced.append(replaceWindows(expression, &found))
        }
        // A window function over others' results lies above them.
        var groups: [[FoundWindow]] = []
        for level in 0...(found.map(\.level).max() ?? 0) {
            for entry in found where entry.level == level {
                let index = groups.firstIndex { $0[0].level == level && $0[0].function.hasSameWindow(as: entry.function) }
                guard let index else {
                    groups.append([entry])
                    continue
                }
                groups[index].append(entry)
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

    private struct FoundWindow {
        let function: WindowExpression
        let attribute: Attribute
        /// One more than that of the deepest window function whose result it uses.
        let level: Int
    }

    private func replaceWindows(_ expression: ResolvedExpression, _ found: inout [FoundWindow]) -> ResolvedExpression {
        let expression = expression.mapChildren { replaceWindows($0, &found) }
        guard case .window(let function) = expression else { return expression }
        let inner = found
        var level = 0
        function.forEachInput { input in
            input.forEach { part in
                guard case .column(let column) = part, let used = inner.first(where: { $0.attribute.id == column.id }) else { return }
                level = max(level, used.level + 1)
            }
        }
        if let known = found.first(where: { $0.function.isSame(as: function) }) {
            return .column(ColumnReference(known.attribute, name: function.sql, span: function.span))
        }
        let attribute = self.attribute(for: expression, name: function.sql)
        found.append(FoundWindow(function: function, attribute: attribute, level: level))
        return .column(ColumnReference(attribute, name: function.sql, span: function.span))
    }
}
