import SparkErrors

/// Orders inner joins: the largest input is read through, the others are hashed, along the conditions that tie them: always the one next that
/// leaves the fewest rows, by the distinct values that the keys can have.
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
        var distinct: [ColumnID: Double] = [:]
        let keys = conditions.reduce(into: Set<ColumnID>()) { $0.formUnion($1.references) }
        for input in inputs { Cardinality.distinct(input, keys, &distinct) }
        let first = left.remove(at: start)
        var plan = first.plan
        var ids = first.ids
        var rows = first.rows
        while !left.isEmpty {
            let candidates = left.indices.map { index -> (index: Int, isTied: Bool, rows: Double) in
                let input = left[index]
                let both = ids.union(input.ids)
                var isTied = false
                // Several keys together have no more values than the input has rows, or the one key of the most values has.
                var (values, most) = (1.0, 1.0)
                for condition in open where condition.references.isSubset(of: both) {
                    guard let (one, other, _) = JoinCondition.equality(condition, ids, input.ids) else { continue }
                    isTied = true
                    let own = max(Cardinality.distinct(one, distinct, rows), Cardinality.distinct(other, distinct, input.rows))
                    values *= max(1, own)
                    most = max(most, own)
                }
                return (index, isTied, rows * input.rows / min(values, max(most, input.rows)))
            }
            let tied = candidates.filter(\.isTied)
            let choice = (tied.isEmpty ? candidates : tied).min { one, other in
                (one.rows, left[one.index].rows, one.index) < (other.rows, left[other.index].rows, other.index)
            }
            guard let chosen = choice else { break }
            rows = max(1, chosen.rows)
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
    /// Notes of the wanted columns that come from tables how many distinct values there can be before anything is filtered.
    static func distinct(_ plan: LogicalPlan, _ wanted: Set<ColumnID>, _ found: inout [ColumnID: Double]) {
        func renamed(_ child: LogicalPlan, _ columns: [LogicalPlan.NamedColumn]) {
            var sources: [(ColumnID, ColumnID)] = []
            for column in columns where wanted.contains(column.attribute.id) {
                if case .column(let source) = column.expression { sources.append((column.attribute.id, source.id)) }
            }
            distinct(child, wanted.union(sources.map(\.1)), &found)
            for (id, source) in sources { found[id] = found[source] }
        }
        switch plan {
        case .scan(let scan):
            let rows = self.rows(plan)
            for (attribute, position) in zip(scan.output, scan.columns) where wanted.contains(attribute.id) {
                found[attribute.id] = min(rows, scan.provider.distinctBound(column: position) ?? rows)
            }
        case .project(let project): renamed(project.child, project.columns)
        case .aggregate(let aggregate): renamed(aggregate.child, aggregate.groups)
        case .filter(let filter): distinct(filter.child, wanted, &found)
        case .sort(let sort): distinct(sort.child, wanted, &found)
        case .join(let join):
            distinct(join.left, wanted, &found)
            distinct(join.right, wanted, &found)
        default: break
        }
    }

    /// Of a key; `rows` where nothing is known of it.
    static func distinct(_ key: ResolvedExpression, _ found: [ColumnID: Double], _ rows: Double) -> Double {
        if case .column(let column) = key, let count = found[column.id] { return count }
        return rows
    }

    static func rows(_ plan: LogicalPlan) -> Double {
        switch plan {
        case .values(let values): return Double(values.rowCount)
        case .scan(let scan): return scan.provider.rowCount.map { Double($0) } ?? 1_000_000
        case .sequence(let sequence):
            let distance = Double(sequence.end) - Double(sequence.start)
            return max(0, distance / Double(sequence.step))
        case .filter(let filter):
            return rows(filter.condition, of: rows(filter.child))
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

    /// Rows that a condition leaves.
    static func rows(_ condition: ResolvedExpression, of rows: Double) -> Double { condition.conjuncts.reduce(rows) { $0 * selectivity($1) } }

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
