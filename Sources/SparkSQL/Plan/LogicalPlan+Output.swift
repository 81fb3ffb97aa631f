extension LogicalPlan {
    /// The columns of the result, in order.
    var output: [Attribute] {
        switch self {
        case .values(let values): return values.output
        case .scan(let scan): return scan.output
        case .sequence(let sequence): return [sequence.output]
        case .project(let project): return project.columns.map(\.attribute)
        case .filter(let filter): return filter.child.output
        case .join(let join): return join.output
        case .aggregate(let aggregate): return aggregate.groups.map(\.attribute) + aggregate.aggregates.map(\.attribute)
        case .expand(let expand): return expand.child.output + expand.added
        case .sort(let sort): return sort.child.output
        case .limit(let limit): return limit.child.output
        case .union(let union): return union.output
        case .setOperation(let operation): return operation.output
        case .window(let window): return window.child.output + window.columns.map(\.attribute)
        case .generate(let generate): return generate.child.output + generate.output
        case .apply(let apply):
            switch apply.kind {
            case .scalar(let attribute), .existence(let attribute), .membership(let attribute, _): return apply.child.output + [attribute]
            case .lateral(let isOuter, _):
                let right = apply.subquery.output
                return apply.child.output + (isOuter ? right.map { $0.with(nullable: true) } : right)
            }
        case .shared(let reference): return reference.output
        case .recursion(let recursion): return recursion.output
        case .workingTable(let table): return table.output
        }
    }

    /// A node of the plan's columns by id, for binding.
    var outputIDs: Set<ColumnID> { output.ids }
}

extension LogicalPlan.Join {
    var output: [Attribute] {
        switch kind {
        case .inner: return left.output + right.output
        case .left, .single: return left.output + right.output.map { $0.with(nullable: true) }
        case .right: return left.output.map { $0.with(nullable: true) } + right.output
        case .full: return left.output.map { $0.with(nullable: true) } + right.output.map { $0.with(nullable: true) }
        case .semi, .anti: return left.output
        case .existence(let attribute), .membership(let attribute): return left.output + [attribute]
        }
    }
}
