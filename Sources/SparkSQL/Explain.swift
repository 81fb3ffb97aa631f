import Columnar
package import SparkErrors
package import SparkFunctions

extension ResolvedPlan {
    /// The plan as a tree of lines, for EXPLAIN and for finding faults; ids stand behind `#`.
    package var explained: String {
        var lines = root.lines(indent: 0)
        for (index, plan) in shared.enumerated() {
            lines.append("Shared \(index)")
            lines += plan.lines(indent: 1)
        }
        return lines.joined(separator: "\n")
    }

    /// The plan as it is run.
    package func optimized(_ options: OptimizerOptions = .standard, context: EvaluationContext) throws(SQLError) -> ResolvedPlan {
        try Optimizer(options: options, context: context).optimize(self)
    }
}

extension LogicalPlan {
    fileprivate func lines(indent: Int) -> [String] {
        var lines = [String(repeating: "  ", count: indent) + headline]
        forEachExpression { expression in
            expression.forEach { part in
                guard case .subquery(let subquery) = part else { return }
                lines.append(String(repeating: "  ", count: indent + 1) + "Subquery")
                lines += subquery.plan.lines(indent: indent + 2)
            }
        }
        for child in children { lines += child.lines(indent: indent + 1) }
        return lines
    }

    private var headline: String {
        func list(_ items: [String]) -> String { "[" + items.joined(separator: ", ") + "]" }
        switch self {
        case .values(let values): return "Values \(list(values.output.map(\.explained))) \(values.rowCount) rows"
        case .scan(let scan): return "Scan \(scan.name.joined(separator: ".")) \(list(scan.output.map(\.explained)))"
        case .sequence(let sequence): return "Range (\(sequence.start), \(sequence.end), \(sequence.step)) \(sequence.output.explained)"
        case .project(let project):
            return "Project "
                + list(
                    project.columns.map { column in
                        if case .column(let reference) = column.expression, reference.id == column.attribute.id { return column.attribute.explained }
                        return "\(column.expression.explained) AS \(column.attribute.explained)"
                    })
        case .filter(let filter): return "Filter \(filter.condition.explained)"
        case .join(let join):
            let keys = join.membership.map { "\($0.left.explained) IN \($0.right.explained)" }
            return "Join \(join.kind) \(list(keys)) \(join.condition?.explained ?? "")"
        case .aggregate(let aggregate):
            return "Aggregate \(list(aggregate.groups.map { "\($0.expression.explained) AS \($0.attribute.explained)" })), "
                + list(aggregate.aggregates.map { "\($0.aggregate.sql) AS \($0.attribute.explained)" })
        case .expand(let expand): return "Expand \(expand.projections.map { list($0.map(\.explained)) }) \(list(expand.added.map(\.explained)))"
        case .sort(let sort): return "Sort \(list(sort.keys.map { $0.expression.explained + ($0.ascending ? " ASC" : " DESC") }))"
        case .limit(let limit): return "Limit \(limit.count.map { "\($0)" } ?? "ALL") OFFSET \(limit.offset)"
        case .union(let union): return "Union \(list(union.output.map(\.explained)))"
        case .setOperation(let operation): return "\(operation.kind)\(operation.isAll ? " all" : "") \(list(operation.output.map(\.explained)))"
        case .window(let window): return "Window \(list(window.columns.map { "\($0.function.sql) AS \($0.attribute.explained)" }))"
        case .generate(let generate):
            return "Generate \(generate.generator.rawValue)\(list(generate.arguments.map(\.explained))) \(list(generate.output.map(\.explained)))"
        case .apply(let apply): return "Apply \(list(apply.outer.map { "\($0.name)#\($0.id.number)" }))"
        case .shared(let reference): return "Read shared \(reference.index) \(list(reference.output.map(\.explained)))"
        case .recursion(let recursion): return "Recursion \(recursion.name) \(list(recursion.output.map(\.explained)))"
        case .workingTable(let table): return "WorkingTable \(table.table) \(list(table.output.map(\.explained)))"
        }
    }
}

extension Attribute {
    fileprivate var explained: String { "\(name)#\(id.number)" }
}

extension ResolvedExpression {
    fileprivate var explained: String {
        switch self {
        case .column(let column): return "\(column.name)#\(column.id.number)"
        case .outer(let column): return "outer(\(column.name)#\(column.id.number))"
        case .call(let call): return "\(call.function)(\(call.arguments.map(\.explained).joined(separator: ", ")))"
        case .cast(let cast): return "cast(\(cast.operand.explained) AS \(cast.type.simpleText))"
        case .and(let operands): return "(" + operands.map(\.explained).joined(separator: " AND ") + ")"
        case .or(let operands): return "(" + operands.map(\.explained).joined(separator: " OR ") + ")"
        case .not(let operand): return "NOT \(operand.explained)"
        case .isNull(let operand): return "isnull(\(operand.explained))"
        case .isNotNull(let operand): return "isnotnull(\(operand.explained))"
        case .replaced(_, let operand): return operand.explained
        default: return sql
        }
    }
}
