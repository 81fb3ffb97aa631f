import Columnar
import SparkErrors
import SparkFunctions

/// A subquery's plan without references to the enclosing query, and the conditions that have come out of it.
struct Pulled {
    var plan: LogicalPlan
    /// Over the plan's columns and the enclosing query's.
    var conditions: [ResolvedExpression] = []
    /// The subquery's own columns, which may be fewer than the plan's.
    var columns: [Attribute]
    /// Of an aggregate without GROUP BY: the values of `columns` if no row meets the conditions.
    var defaults: [ResolvedExpression]?
    /// There is at most one row for a row of the enclosing query.
    var isSingle = false

    init(_ plan: LogicalPlan) {
        self.plan = plan
        columns = plan.output
    }

    /// Whether every condition equates an expression of the enclosing query with one of the plan.
    func isEquality(_ enclosing: Set<ColumnID>) -> Bool {
        let inner = plan.outputIDs
        return conditions.allSatisfy { condition in
            guard let (_, _, isNullSafe) = JoinCondition.equality(condition, enclosing, inner) else { return false }
            return !isNullSafe
        }
    }
}

/// Moves the conditions that tie a subquery to the enclosing query up to where the two can be joined.
struct Decorrelation {
    enum Kind { case scalar, existence, membership, lateral }

    let outer: Set<ColumnID>
    let kind: Kind
    var ids: ColumnIDs
    let context: EvaluationContext

    init(outer: Set<ColumnID>, kind: Kind, ids: ColumnIDs, context: EvaluationContext) {
        self.outer = outer
        self.kind = kind
        self.ids = ids
        self.context = context
    }

    /// nil: it cannot be done.
    mutating func run(_ plan: LogicalPlan) -> Pulled? { pull(plan, isTop: true) }

    private mutating func pull(_ plan: LogicalPlan, isTop: Bool) -> Pulled? {
        guard plan.usesOuter(outer) else { return Pulled(plan) }
        switch plan {
        case .filter(let filter): return self.filter(filter, isTop: isTop)
        case .project(let project): return self.project(project, isTop: isTop)
        case .join(let join): return self.join(join)
        case .aggregate(let aggregate): return self.aggregate(aggregate, isTop: isTop)
        case .sort(let sort):
            guard !uses(sort.keys.map(\.expression)) else { return kind == .existence ? pull(sort.child, isTop: isTop) : nil }
            // The order of a subquery's rows means nothing where there is no limit.
            return pull(sort.child, isTop: isTop)
        case .limit(let limit):
            guard isTop, kind == .existence, limit.offset == 0, limit.count ?? 1 > 0 else { return nil }
            return pull(limit.child, isTop: true)
        default: return nil
        }
    }

    private func uses(_ expressions: [ResolvedExpression]) -> Bool {
        expressions.contains { expression in
            expression.usesOuterHere(outer)
                || expression.contains { part in
                    if case .subquery(let subquery) = part { subquery.outer.contains { outer.contains($0.id) } } else { false }
                }
        }
    }

    // MARK: Operators

    private mutating func filter(_ filter: LogicalPlan.Filter, isTop: Bool) -> Pulled? {
        var conditions: [ResolvedExpression] = []
        var kept: [ResolvedExpression] = []
        for conjunct in filter.condition.conjuncts {
            guard uses([conjunct]) else {
                kept.append(conjunct)
                continue
            }
            // A nested subquery that depends on the enclosing query stays where it is.
            if conjunct.containsSubquery || !conjunct.isDeterministic { return nil }
            conditions.append(conjunct)
        }
        guard var pulled = pull(filter.child, isTop: false) else { return nil }
        // HAVING over an aggregate without GROUP BY decides whether there is a row at all.
        if pulled.defaults != nil { return nil }
        if let condition = ResolvedExpression.conjunction(kept) { pulled.plan = .filter(.init(child: pulled.plan, condition: condition)) }
        pulled.conditions += conditions.map(lifted)
        return pulled
    }

    /// The expression where the enclosing query's columns are columns of the join.
    private func lifted(_ expression: ResolvedExpression) -> ResolvedExpression {
        expression.replacing { part in
            if case .outer(let column) = part, outer.contains(column.id) { return .column(column) }
            return nil
        }
    }

    private mutating func project(_ project: LogicalPlan.Project, isTop: Bool) -> Pulled? {
        let expressions = project.columns.map(\.expression)
        if uses(expressions) {
            // What EXISTS selects does not matter.
            guard kind == .existence, isTop else { return nil }
            return pull(project.child, isTop: true)
        }
        guard var pulled = pull(project.child, isTop: isTop) else { return nil }
        var project = project
        if let defaults = pulled.defaults {
            let values = Dictionary(zip(pulled.columns.map(\.id), defaults), uniquingKeysWith: { first, _ in first })
            var replaced: [ResolvedExpression] = []
            for expression in expressions {
                let value = expression.replacing { part -> ResolvedExpression? in
                    if case .column(let column) = part { return values[column.id] }
                    return nil
                }
                guard value.references.isEmpty, !value.containsSubquery else { return nil }
                replaced.append(value)
            }
            pulled.defaults = replaced
        }
        pulled.columns = project.columns.map(\.attribute)
        keep(conditions: pulled.conditions, of: pulled.plan, in: &project.columns)
        project.child = pulled.plan
        pulled.plan = .project(project)
        return pulled
    }

    /// Adds the columns that the conditions need to a projection.
    private func keep(conditions: [ResolvedExpression], of plan: LogicalPlan, in columns: inout [LogicalPlan.NamedColumn]) {
        var present = Set(columns.map(\.attribute.id))
        let needed = conditions.reduce(into: Set<ColumnID>()) { $1.collectReferences(into: &$0) }
        for attribute in plan.output where needed.contains(attribute.id) && present.insert(attribute.id).inserted {
            columns.append(.init(attribute))
        }
    }

    private mutating func join(_ join: LogicalPlan.Join) -> Pulled? {
        var join = join
        var conditions: [ResolvedExpression] = []
        switch join.kind {
        case .inner:
            guard let left = pull(join.left, isTop: false), let right = pull(join.right, isTop: false), left.defaults == nil, right.defaults == nil
            else { return nil }
            var kept: [ResolvedExpression] = []
            for conjunct in join.condition?.conjuncts ?? [] {
                if !uses([conjunct]) {
                    kept.append(conjunct)
                } else if conjunct.containsSubquery {
                    return nil
                } else {
                    conditions.append(lifted(conjunct))
                }
            }
            join.condition = .conjunction(kept)
            (join.left, join.right) = (left.plan, right.plan)
            conditions = left.conditions + right.conditions + conditions
        case .left, .semi, .anti, .existence, .membership, .single:
            // The right side decides about each left row by itself, and so must not depend on the enclosing row.
            if let condition = join.condition, uses([condition]) { return nil }
            if uses(join.membership.flatMap { [$0.left, $0.right] }) || join.right.usesOuter(outer) { return nil }
            guard let left = pull(join.left, isTop: false), left.defaults == nil else { return nil }
            join.left = left.plan
            conditions = left.conditions
        case .right, .full: return nil
        }
        let plan = LogicalPlan.join(join)
        var pulled = Pulled(plan)
        pulled.conditions = conditions
        return pulled
    }

    /// The columns that the conditions equate with the enclosing query's become grouping columns.
    private mutating func aggregate(_ aggregate: LogicalPlan.Aggregate, isTop: Bool) -> Pulled? {
        if uses(aggregate.groups.map(\.expression)) { return nil }
        for named in aggregate.aggregates where uses(named.aggregate.arguments + (named.aggregate.filter.map { [$0] } ?? [])) { return nil }
        guard var pulled = pull(aggregate.child, isTop: false), pulled.defaults == nil else { return nil }
        let inner = pulled.plan.outputIDs
        let isGlobal = aggregate.groups.isEmpty
        let own = LogicalPlan.aggregate(aggregate).output
        // An aggregate without GROUP BY has a row even for an empty input, so that EXISTS and IN need more care than a join.
        if isGlobal, kind != .scalar || !isTop { return nil }
        var aggregate = aggregate
        var conditions: [ResolvedExpression] = []
        for condition in pulled.conditions {
            guard case .call(let call) = condition, call.function == "=" || call.function == "<=>", call.arguments.count == 2 else { return nil }
            let sides = call.arguments.map { $0.references }
            guard let side = sides.firstIndex(where: { !$0.isEmpty && $0.isSubset(of: inner) }), sides[1 - side].isSubset(of: outer) else {
                return nil
            }
            let expression = call.arguments[side]
            let column: Attribute
            if let known = aggregate.groups.first(where: { $0.expression.isSame(as: expression) }) {
                column = known.attribute
            } else {
                column = Attribute(ids.make(), expression.sql, expression.type, nullable: expression.nullable)
                aggregate.groups.append(.init(column, expression))
            }
            var rewritten = call
            rewritten.arguments[side] = column.reference
            conditions.append(.call(rewritten))
        }
        pulled.columns = own
        if isGlobal {
            var defaults: [ResolvedExpression] = []
            for named in aggregate.aggregates {
                guard let empty = try? named.aggregate.bound.make().finish(groupCount: 1, context), empty.count == 1 else { return nil }
                defaults.append(.constant(Constant(empty.value(at: 0), named.attribute.type)))
            }
            pulled.defaults = defaults
            pulled.isSingle = true
        }
        pulled.conditions = conditions
        aggregate.child = pulled.plan
        pulled.plan = .aggregate(aggregate)
        return pulled
    }
}
