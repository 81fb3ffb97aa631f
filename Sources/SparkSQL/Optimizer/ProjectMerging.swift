import SparkErrors

/// One projection upon another becomes one, where nothing is computed twice by it.
enum ProjectMerging {
    static func apply(_ plan: LogicalPlan) -> LogicalPlan {
        let node = plan.mapChildren { apply($0) }
        guard case .project(let outer) = node else { return node }
        if case .project(let inner) = outer.child, let merged = merge(outer, inner) { return merged }
        return isIdentity(outer) ? outer.child : node
    }

    private static func merge(_ outer: LogicalPlan.Project, _ inner: LogicalPlan.Project) -> LogicalPlan? {
        var uses: [ColumnID: Int] = [:]
        for column in outer.columns {
            column.expression.forEach { part in
                switch part {
                case .column(let column): uses[column.id, default: 0] += 1
                // A subquery may use it once a row.
                case .subquery(let subquery): for column in subquery.outer { uses[column.id, default: 0] += 2 }
                default: break
                }
            }
        }
        var made: [ColumnID: ResolvedExpression] = [:]
        for column in inner.columns {
            let count = uses[column.attribute.id] ?? 0
            switch column.expression {
            case .column, .constant: break
            default:
                // A lambda or a branch would compute it more often, or not at all where it must fail.
                if count > 1 || (count == 1 && !isPlainUse(of: column.attribute.id, in: outer)) { return nil }
                if !column.expression.isDeterministic, count > 0 { return nil }
                if count == 0, !column.expression.isHarmless { return nil }
            }
            made[column.attribute.id] = column.expression
        }
        // What the outer projection takes from elsewhere is none of its child's columns.
        for column in outer.columns where column.expression.containsSubquery { return nil }
        return .project(
            .init(
                child: inner.child,
                columns: outer.columns.map { .init($0.attribute, $0.expression.substituting(made)) }))
    }

    /// The column by itself, not within a larger expression.
    private static func isPlainUse(of id: ColumnID, in project: LogicalPlan.Project) -> Bool {
        project.columns.contains { if case .column(let column) = $0.expression { column.id == id } else { false } }
    }

    private static func isIdentity(_ project: LogicalPlan.Project) -> Bool {
        let output = project.child.output
        guard output.count == project.columns.count else { return false }
        return zip(output, project.columns).allSatisfy { attribute, column in
            guard case .column(let reference) = column.expression else { return false }
            return reference.id == attribute.id && column.attribute.id == attribute.id
        }
    }
}
