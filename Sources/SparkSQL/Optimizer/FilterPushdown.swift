import Columnar
import SparkErrors

/// Moves conditions towards the tables, and turns conditions over both sides of a join into its condition.
struct FilterPushdown {
    /// Whether what alternatives over both sides of a join say of one side is asked of that side, too.
    let impliesConditions: Bool

    func apply(_ plan: LogicalPlan) -> LogicalPlan {
        switch plan {
        case .filter(let filter): return push(filter.condition.conjuncts, into: filter.child)
        case .join(let join): return self.join(join, above: [])
        default: return plan.mapChildren { apply($0) }
        }
    }

    /// The plan with the conditions applied, as far down as they go.
    private func push(_ conditions: [ResolvedExpression], into plan: LogicalPlan) -> LogicalPlan {
        if conditions.isEmpty { return apply(plan) }
        // A condition that draws, or runs a query, stays; and so does all behind it, lest it see other rows.
        var movable: [ResolvedExpression] = []
        var rest: [ResolvedExpression] = []
        for condition in conditions {
            if rest.isEmpty, condition.isDeterministic { movable.append(condition) } else { rest.append(condition) }
        }
        if !rest.isEmpty { return wrap(push(movable, into: plan), rest) }
        switch plan {
        case .filter(let filter): return push(filter.condition.conjuncts + conditions, into: filter.child)
        case .project(let project): return self.project(project, conditions)
        case .join(let join): return self.join(join, above: conditions)
        case .sort(var sort):
            sort.child = push(conditions, into: sort.child)
            return .sort(sort)
        case .aggregate(let aggregate): return self.aggregate(aggregate, conditions)
        case .union(var union):
            for index in union.children.indices {
                let columns = union.children[index].output
                guard columns.count == union.output.count else { return wrap(apply(plan), conditions) }
                let renamed = Dictionary(zip(union.output.map(\.id), columns), uniquingKeysWith: { first, _ in first })
                union.children[index] = push(conditions.map { $0.substituting(renamed.mapValues(\.reference)) }, into: union.children[index])
            }
            return .union(union)
        case .window(var window):
            // Whole partitions may go, single rows may not.
            let keys = window.partition.reduce(into: Set<ColumnID>()) { if case .column(let column) = $1 { $0.insert(column.id) } }
            let (below, above) = split(conditions) { $0.references.isSubset(of: keys) && !$0.references.isEmpty }
            window.child = push(below, into: window.child)
            return wrap(.window(window), above)
        case .generate(var generate):
            let (below, above) = split(conditions) { $0.references.isSubset(of: generate.child.outputIDs) && !$0.references.isEmpty }
            generate.child = push(below, into: generate.child)
            return wrap(.generate(generate), above)
        case .apply(var apply):
            let (below, above) = split(conditions) { $0.references.isSubset(of: apply.child.outputIDs) && !$0.references.isEmpty }
            apply.child = push(below, into: apply.child)
            apply.subquery = self.apply(apply.subquery)
            return wrap(.apply(apply), above)
        default: return wrap(apply(plan), conditions)
        }
    }

    private func wrap(_ plan: LogicalPlan, _ conditions: [ResolvedExpression]) -> LogicalPlan {
        guard let condition = ResolvedExpression.conjunction(conditions) else { return plan }
        return .filter(.init(child: plan, condition: condition))
    }

    private func split(
        _ conditions: [ResolvedExpression], _ isBelow: (ResolvedExpression) -> Bool
    ) -> (below: [ResolvedExpression], above: [ResolvedExpression]) {
        (conditions.filter(isBelow), conditions.filter { !isBelow($0) })
    }

    private func project(_ project: LogicalPlan.Project, _ conditions: [ResolvedExpression]) -> LogicalPlan {
        var project = project
        var made: [ColumnID: ResolvedExpression] = [:]
        var fixed: Set<ColumnID> = []
        for column in project.columns {
            made[column.attribute.id] = column.expression
            if !column.expression.isDeterministic || column.expression.containsSubquery { fixed.insert(column.attribute.id) }
        }
        // A column used often is not computed often.
        let (below, above) = split(conditions) { condition in
            let references = condition.references
            guard references.isDisjoint(with: fixed), !condition.containsSubquery else { return false }
            return !project.isBarrier || condition.isHarmless
        }
        let moved = below.map { $0.substituting(made) }
        project.child = push(moved, into: project.child)
        return wrap(.project(project), above)
    }

    private func aggregate(_ aggregate: LogicalPlan.Aggregate, _ conditions: [ResolvedExpression]) -> LogicalPlan {
        var aggregate = aggregate
        var groups: [ColumnID: ResolvedExpression] = [:]
        for group in aggregate.groups where group.expression.isDeterministic { groups[group.attribute.id] = group.expression }
        let (below, above) = split(conditions) { condition in
            let references = condition.references
            return !references.isEmpty && references.allSatisfy { groups[$0] != nil } && !condition.containsSubquery
        }
        aggregate.child = push(below.map { $0.substituting(groups) }, into: aggregate.child)
        return wrap(.aggregate(aggregate), above)
    }

    // MARK: Joins

    private func join(_ join: LogicalPlan.Join, above: [ResolvedExpression]) -> LogicalPlan {
        var join = join
        var above = above
        join.kind = narrowed(join, above)
        let leftIDs = join.left.outputIDs
        let rightIDs = join.right.outputIDs
        var left: [ResolvedExpression] = []
        var right: [ResolvedExpression] = []
        var own = join.condition?.conjuncts ?? []
        var rest: [ResolvedExpression] = []
        switch join.kind {
        case .inner:
            own += above
            above = []
            var kept: [ResolvedExpression] = []
            for condition in own {
                let references = condition.references
                if !condition.isDeterministic {
                    kept.append(condition)
                } else if references.isEmpty {
                    kept.append(condition)
                } else if references.isSubset(of: leftIDs) {
                    left.append(condition)
                } else if references.isSubset(of: rightIDs) {
                    right.append(condition)
                } else {
                    kept.append(condition)
                    guard impliesConditions else { continue }
                    if let implied = condition.implied(of: leftIDs) { left.append(implied) }
                    if let implied = condition.implied(of: rightIDs) { right.append(implied) }
                }
            }
            own = kept
        case .left, .single, .semi, .anti, .existence, .membership:
            (left, rest) = split(above) { !$0.references.isEmpty && $0.references.isSubset(of: leftIDs) }
            // What the condition says of the right side alone can be asked of it before.
            let isMovable = if case .single = join.kind { false } else { true }
            (right, own) = isMovable ? split(own) { !$0.references.isEmpty && $0.references.isSubset(of: rightIDs) && $0.isDeterministic } : ([], own)
            if case .semi = join.kind {
                let more = split(own) { !$0.references.isEmpty && $0.references.isSubset(of: leftIDs) && $0.isDeterministic }
                left += more.below
                own = more.above
            }
        case .right:
            (right, rest) = split(above) { !$0.references.isEmpty && $0.references.isSubset(of: rightIDs) }
            (left, own) = split(own) { !$0.references.isEmpty && $0.references.isSubset(of: leftIDs) && $0.isDeterministic }
        case .full: rest = above
        }
        join.left = push(left, into: join.left)
        join.right = push(right, into: join.right)
        join.condition = .conjunction(own)
        return wrap(.join(join), rest)
    }

    /// An outer join whose rows of nulls no condition above lets through is a narrower join.
    private func narrowed(_ join: LogicalPlan.Join, _ above: [ResolvedExpression]) -> LogicalPlan.JoinKind {
        func rejects(_ side: LogicalPlan) -> Bool {
            let ids = side.outputIDs
            return above.contains { $0.isFalseOrNull(whenNull: ids) }
        }
        switch join.kind {
        case .left: return rejects(join.right) ? .inner : .left
        case .right: return rejects(join.left) ? .inner : .right
        case .full:
            switch (rejects(join.left), rejects(join.right)) {
            case (true, true): return .inner
            case (true, false): return .left
            case (false, true): return .right
            case (false, false): return .full
            }
        default: return join.kind
        }
    }
}

extension ResolvedExpression {
    /// The expression with columns replaced by what makes them.
    func substituting(_ columns: [ColumnID: ResolvedExpression]) -> ResolvedExpression {
        replacing { part in
            if case .column(let column) = part { return columns[column.id] }
            return nil
        }
    }

    /// What alternatives say of these columns alone: `(a = 1 AND b = 2) OR (a = 3 AND b = 4)` of a: `a = 1 OR a = 3`. nil if one says nothing.
    func implied(of columns: Set<ColumnID>) -> ResolvedExpression? {
        let alternatives = disjuncts
        guard alternatives.count > 1, alternatives.count <= 64, isHarmless else { return nil }
        var parts: [ResolvedExpression] = []
        for alternative in alternatives {
            let own = alternative.conjuncts.filter { conjunct in
                let references = conjunct.references
                return !references.isEmpty && references.isSubset(of: columns)
            }
            guard let part = ResolvedExpression.conjunction(own) else { return nil }
            parts.append(part)
        }
        return .or(parts)
    }

    /// Whether, as a condition, it surely lets no row through in which these columns are null.
    func isFalseOrNull(whenNull columns: Set<ColumnID>) -> Bool {
        switch self {
        case .and(let operands): operands.contains { $0.isFalseOrNull(whenNull: columns) }
        case .or(let operands): operands.allSatisfy { $0.isFalseOrNull(whenNull: columns) }
        case .isNotNull(let operand): operand.isNull(whenNull: columns)
        case .not(let operand): operand.isNull(whenNull: columns)
        case .replaced(_, let operand): operand.isFalseOrNull(whenNull: columns)
        default: isNull(whenNull: columns)
        }
    }

    /// Whether its value is surely null if these columns are.
    private func isNull(whenNull columns: Set<ColumnID>) -> Bool {
        switch self {
        case .column(let column): columns.contains(column.id)
        case .call(let call):
            ["=", "<>", "<", "<=", ">", ">=", "+", "-", "*", "/"].contains(call.function) && call.arguments.contains { $0.isNull(whenNull: columns) }
        case .cast(let cast): cast.operand.isNull(whenNull: columns)
        case .not(let operand): operand.isNull(whenNull: columns)
        case .inList(let operand, _): operand.isNull(whenNull: columns)
        case .replaced(_, let operand): operand.isNull(whenNull: columns)
        default: false
        }
    }
}
