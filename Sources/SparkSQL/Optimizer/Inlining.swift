import SparkErrors

/// A common table expression that is read once is put where it is read, so that conditions and columns reach it.
enum Inlining {
    static func apply(_ plan: ResolvedPlan) -> ResolvedPlan {
        guard !plan.shared.isEmpty else { return plan }
        var uses = [Int](repeating: 0, count: plan.shared.count)
        func count(_ plan: LogicalPlan) {
            plan.forEachNodeDeep { node in
                if case .shared(let reference) = node, uses.indices.contains(reference.index) { uses[reference.index] += 1 }
                // What runs again and again must not run its tables again and again.
                if case .recursion(let recursion) = node { count(recursion.step) }
            }
        }
        count(plan.root)
        for shared in plan.shared { count(shared) }
        var result = plan
        for index in result.shared.indices {
            let known = result.shared
            result.shared[index] = inline(result.shared[index], known, uses)
        }
        result.root = inline(result.root, result.shared, uses)
        return result
    }

    /// Definitions before this one have been inlined already.
    private static func inline(_ plan: LogicalPlan, _ shared: [LogicalPlan], _ uses: [Int]) -> LogicalPlan {
        if case .apply(var apply) = plan {
            apply.child = inline(apply.child, shared, uses)
            return .apply(apply)
        }
        let mapped = plan.mapChildren { inline($0, shared, uses) }
        guard case .shared(let reference) = mapped, shared.indices.contains(reference.index), uses[reference.index] == 1 else { return mapped }
        let definition = shared[reference.index]
        let columns = definition.output
        return .project(
            .init(child: definition, columns: zip(reference.output, reference.columns).map { .init($0, columns[$1].reference) }))
    }
}
