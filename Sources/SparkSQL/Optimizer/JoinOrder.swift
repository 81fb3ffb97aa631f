import SparkErrors

/// Orders inner joins: the largest input is read through, the others are hashed, smallest first, along the conditions that tie them.
enum JoinOrder {
    static func apply(_ plan: LogicalPlan) -> LogicalPlan {
        guard case .join(let join) = plan, case .inner = join.kind, join.condition?.isDeterministic ?? true else {
            return plan.mapChildren { apply($0) }
        }
        var inputs: [LogicalPlan] = []
        var conditions: [ResolvedExpression] = []
        flatten(plan, &inputs, &conditions)
        inputs = inputs.map { apply($0) }
        let ordered = order(inputs, conditions)
        let output = plan.output
        if zip(ordered.output, output).allSatisfy({ $0.id == $1.id }), ordered.output.count == output.count { return ordered }
        return .project(.init(child: ordered, columns: output.map { .init($0) }))
    }

    private static func flatten(_ plan: LogicalPlan, _ inputs: inout [LogicalPlan], _ conditions: inout [ResolvedExpression]) {
        if case .join(let join) = plan, case .inner = join.kind, join.condition?.isDeterministic ?? true {
            flatten(join.left, &inputs, &conditions)
            flatten(join.right, &inputs, &conditions)
            conditions += join.condition?.conjuncts ?? []
        } else {
            inputs.append(plan)
        }
    }

    private static func order(_ inputs: [LogicalPlan], _ conditions: [ResolvedExpression]) -> LogicalPlan {
        struct Input {
            let plan: LogicalPlan
            let ids: Set<ColumnID>
            let rows: Double
        }
        var left = inputs.map { Input(plan: $0, ids: $0.outputIDs, rows: Cardinality.rows($0)) }
        var open = conditions
        // The first of the largest; its rows set the order of the result.
        guard let start = left.indices.max(by: { left[$0].rows < left[$1].rows || (left[$0].rows == left[$1].rows && $0 > $1) }) else {
            return .values(.oneRow)
        }
        let first = left.remove(at: start)
        var plan = first.plan
        var ids = first.ids
        while !left.isEmpty {
            let candidates = left.indices.map { index -> (index: Int, isTied: Bool) in
                let both = ids.union(left[index].ids)
                let isTied = open.contains { condition in
                    let references = condition.references
                    return references.isSubset(of: both) && !references.isDisjoint(with: left[index].ids) && !references.isDisjoint(with: ids)
                        && JoinCondition.equality(condition, ids, left[index].ids) != nil
                }
                return (index, isTied)
            }
            let tied = candidates.filter(\.isTied)
            let choice = (tied.isEmpty ? candidates : tied).min { one, other in
                (left[one.index].rows, one.index) < (left[other.index].rows, other.index)
            }
            guard let chosen = choice else { break }
            let input = left.remove(at: chosen.index)
            ids.formUnion(input.ids)
            var own: [ResolvedExpression] = []
            open = open.filter { condition in
                guard condition.references.isSubset(of: ids), !condition.references.isEmpty || left.isEmpty else { return true }
                own.append(condition)
                return false
            }
            plan = .join(.init(.inner, plan, input.plan, condition: .conjunction(own)))
        }
        guard let rest = ResolvedExpression.conjunction(open) else { return plan }
        return .filter(.init(child: plan, condition: rest))
    }
}

/// Guesses of how many rows a plan gives.
enum Cardinality {
    static func rows(_ plan: LogicalPlan) -> Double {
        switch plan {
        case .values(let values): return Double(values.rowCount)
        case .scan(let scan): return scan.provider.rowCount.map { Double($0) } ?? 1_000_000
        case .sequence(let sequence):
            let distance = Double(sequence.end) - Double(sequence.start)
            return max(0, distance / Double(sequence.step))
        case .filter(let filter):
            return filter.condition.conjuncts.reduce(rows(filter.child)) { $0 * selectivity($1) }
        case .project(let project): return rows(project.child)
        case .sort(let sort): return rows(sort.child)
        case .window(let window): return rows(window.child)
        case .limit(let limit): return min(Double(limit.count ?? Int.max), rows(limit.child))
        case .aggregate(let aggregate): return aggregate.groups.isEmpty ? 1 : max(1, rows(aggregate.child) / 4)
        case .expand(let expand): return rows(expand.child) * Double(expand.projections.count)
        case .union(let union): return union.children.reduce(0) { $0 + rows($1) }
        case .setOperation(let operation): return rows(operation.left)
        case .generate(let generate): return rows(generate.child) * 4
        case .apply(let apply): return rows(apply.child)
        case .join(let join):
            let (left, right) = (rows(join.left), rows(join.right))
            switch join.kind {
            case .semi, .anti: return left / 2
            case .existence, .membership, .single: return left
            default: return join.condition == nil ? left * right : max(left, right)
            }
        case .shared, .recursion, .workingTable: return 10_000
        }
    }

    private static func selectivity(_ condition: ResolvedExpression) -> Double {
        switch condition {
        case .call(let call) where call.function == "=" || call.function == "<=>": 0.05
        case .call(let call) where call.function == "like": 0.1
        case .inList(_, let items): min(0.5, 0.05 * Double(items.count))
        case .or: 0.5
        case .not: 0.8
        case .isNotNull: 0.95
        default: 0.33
        }
    }
}
