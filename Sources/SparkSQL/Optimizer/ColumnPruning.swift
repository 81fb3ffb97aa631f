import Columnar
import SparkErrors

/// Leaves out columns that nothing above reads: scans read fewer, joins carry fewer.
struct ColumnPruning {
    /// Positions of shared plans' output that some reference reads.
    private var sharedUses: [Set<Int>]

    static func apply(_ plan: ResolvedPlan) -> ResolvedPlan {
        var pruning = ColumnPruning(sharedUses: plan.shared.map { _ in [] })
        var result = plan
        // Readers come before what they read: later tables may use earlier ones only.
        result.root = pruning.prune(plan.root, plan.root.outputIDs)
        for index in plan.shared.indices.reversed() {
            // All columns of a table stay in place: its readers go by position.
            let output = plan.shared[index].output
            let needed = Set(pruning.sharedUses[index].compactMap { output.indices.contains($0) ? output[$0].id : nil })
            let pruned = pruning.prune(plan.shared[index], needed)
            let present = pruned.outputIDs
            let unchanged = pruned.output.count == output.count && zip(pruned.output, output).allSatisfy { $0.id == $1.id }
            result.shared[index] =
                unchanged
                ? pruned
                : .project(.init(child: pruned, columns: output.map { present.contains($0.id) ? .init($0) : .init($0, .null($0.type)) }))
        }
        return result
    }

    /// The plan with at least the needed columns.
    private mutating func prune(_ plan: LogicalPlan, _ needed: Set<ColumnID>) -> LogicalPlan {
        let plan = prunedWithin(plan)
        switch plan {
        case .scan(var scan):
            let kept = scan.output.indices.filter { needed.contains(scan.output[$0].id) }
            if kept.count == scan.output.count { return plan }
            scan.columns = kept.map { scan.columns[$0] }
            scan.output = kept.map { scan.output[$0] }
            return .scan(scan)
        case .values(var values):
            let kept = values.output.indices.filter { needed.contains(values.output[$0].id) }
            if kept.count == values.output.count { return plan }
            values.columns = kept.map { values.columns[$0] }
            values.output = kept.map { values.output[$0] }
            return .values(values)
        case .project(var project):
            project.columns = project.columns.filter { needed.contains($0.attribute.id) }
            project.child = prune(project.child, references(project.columns.map(\.expression)))
            return .project(project)
        case .filter(var filter):
            filter.child = prune(filter.child, needed.union(filter.condition.references))
            return trim(.filter(filter), needed)
        case .sort(var sort):
            sort.child = prune(sort.child, needed.union(references(sort.keys.map(\.expression))))
            return .sort(sort)
        case .limit(var limit):
            limit.child = prune(limit.child, needed)
            return .limit(limit)
        case .aggregate(var aggregate):
            // DISTINCT needs every column, and grouping columns make the groups.
            aggregate.aggregates = aggregate.aggregates.filter { needed.contains($0.attribute.id) }
            var inputs = aggregate.groups.map(\.expression)
            for named in aggregate.aggregates { inputs += named.aggregate.arguments + (named.aggregate.filter.map { [$0] } ?? []) }
            if aggregate.groups.isEmpty, aggregate.aggregates.isEmpty {
                // One row remains one row.
                return plan.mapChildren { prune($0, references(plan)) }
            }
            aggregate.child = prune(aggregate.child, references(inputs))
            return .aggregate(aggregate)
        case .join(let join): return trim(.join(prune(join, needed)), needed)
        case .expand(var expand):
            let kept = expand.added.indices.filter { needed.contains(expand.added[$0].id) }
            expand.projections = expand.projections.map { row in kept.map { row[$0] } }
            expand.added = kept.map { expand.added[$0] }
            expand.child = prune(expand.child, needed.union(references(expand.projections.flatMap { $0 })))
            return .expand(expand)
        case .window(var window):
            window.columns = window.columns.filter { needed.contains($0.attribute.id) }
            if window.columns.isEmpty { return prune(window.child, needed) }
            window.child = prune(window.child, needed.union(references(.window(window))))
            return .window(window)
        case .generate(var generate):
            let wanted = needed.intersection(generate.child.outputIDs)
            generate.child = trim(prune(generate.child, wanted.union(references(generate.arguments))), wanted.union(references(generate.arguments)))
            return .generate(generate)
        case .union(var union):
            let kept = union.output.indices.filter { needed.contains(union.output[$0].id) }
            guard kept.count < union.output.count else {
                union.children = union.children.map { prune($0, $0.outputIDs) }
                return .union(union)
            }
            union.children = union.children.map { child in
                let output = child.output
                let columns = kept.map { output[$0] }
                return .project(.init(child: prune(child, columns.ids), columns: columns.map { .init($0) }))
            }
            union.output = kept.map { union.output[$0] }
            return .union(union)
        case .setOperation, .recursion: return plan.mapChildren { prune($0, $0.outputIDs) }
        case .apply(var apply):
            var wanted = needed.intersection(apply.child.outputIDs).union(apply.outer.map(\.id))
            wanted.formUnion(references(.apply(apply)))
            apply.child = prune(apply.child, wanted)
            apply.subquery = prune(apply.subquery, apply.subquery.outputIDs)
            return .apply(apply)
        case .shared(var reference):
            let kept = reference.output.indices.filter { needed.contains(reference.output[$0].id) }
            reference.output = kept.map { reference.output[$0] }
            reference.columns = kept.map { reference.columns[$0] }
            if sharedUses.indices.contains(reference.index) { sharedUses[reference.index].formUnion(reference.columns) }
            return .shared(reference)
        case .sequence, .workingTable: return plan
        }
    }

    private mutating func prune(_ join: LogicalPlan.Join, _ needed: Set<ColumnID>) -> LogicalPlan.Join {
        var join = join
        var wanted = needed
        if let condition = join.condition { condition.collectReferences(into: &wanted) }
        for pair in join.membership {
            pair.left.collectReferences(into: &wanted)
            pair.right.collectReferences(into: &wanted)
        }
        let (left, right) = (join.left.outputIDs, join.right.outputIDs)
        join.left = trim(prune(join.left, wanted.intersection(left)), wanted)
        join.right = trim(prune(join.right, wanted.intersection(right)), wanted)
        return join
    }

    /// Drops columns that came along.
    private func trim(_ plan: LogicalPlan, _ needed: Set<ColumnID>) -> LogicalPlan {
        let output = plan.output
        let kept = output.filter { needed.contains($0.id) }
        if kept.count == output.count { return plan }
        return .project(.init(child: plan, columns: kept.map { .init($0) }))
    }

    private func references(_ expressions: [ResolvedExpression]) -> Set<ColumnID> {
        var found: Set<ColumnID> = []
        for expression in expressions { expression.collectReferences(into: &found) }
        return found
    }

    private func references(_ plan: LogicalPlan) -> Set<ColumnID> {
        var found: Set<ColumnID> = []
        plan.forEachExpression { $0.collectReferences(into: &found) }
        return found
    }

    /// The node with the plans of its expressions' subqueries pruned.
    private mutating func prunedWithin(_ plan: LogicalPlan) -> LogicalPlan {
        var hasSubquery = false
        plan.forEachExpression { if $0.containsSubquery { hasSubquery = true } }
        guard hasSubquery else { return plan }
        return plan.mapExpressions { expression in
            expression.containsSubquery ? expression.mapSubqueries { prune($0, $0.outputIDs) } : expression
        }
    }
}
