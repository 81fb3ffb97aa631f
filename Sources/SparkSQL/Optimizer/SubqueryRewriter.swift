import Columnar
import SparkErrors
import SparkFunctions

/// Takes subqueries out of expressions: those that depend on the row become joins or, failing that, `Apply`; IN becomes a join; scalar subqueries
/// and EXISTS that depend on no row stay, to be run once.
struct SubqueryRewriter {
    var ids: ColumnIDs
    let decorrelates: Bool
    let context: EvaluationContext

    mutating func rewrite(_ plan: LogicalPlan) throws(SQLError) -> LogicalPlan {
        let node = try plan.mapChildren { (child) throws(SQLError) in try rewrite(child) }
        if case .apply(let apply) = node { return try lateral(apply) }
        var hasSubquery = false
        node.forEachExpression { if $0.containsSubquery { hasSubquery = true } }
        guard hasSubquery else { return node }
        switch node {
        case .filter(let filter): return try self.filter(filter)
        case .join(let join): return try self.join(join)
        case .project(var project):
            for index in project.columns.indices {
                project.columns[index].expression = try attach(project.columns[index].expression, &project.child)
            }
            return .project(project)
        case .aggregate(var aggregate):
            for index in aggregate.groups.indices {
                aggregate.groups[index].expression = try attach(aggregate.groups[index].expression, &aggregate.child)
            }
            for index in aggregate.aggregates.indices {
                var child = aggregate.child
                let inputs = try aggregate.aggregates[index].aggregate.mapInputs { (input) throws(SQLError) in try attach(input, &child) }
                aggregate.aggregates[index].aggregate = inputs
                aggregate.child = child
            }
            return .aggregate(aggregate)
        default:
            guard var child = node.children.first, node.children.count == 1 else { throw SQLError.unsupported("a subquery in this place") }
            let output = node.output
            let mapped = try node.mapExpressions { (expression) throws(SQLError) in try attach(expression, &child) }
            let result = mapped.mapChildren { _ in child }
            return .project(.init(child: result, columns: output.map { .init($0) }))
        }
    }

    // MARK: Places

    private mutating func filter(_ filter: LogicalPlan.Filter) throws(SQLError) -> LogicalPlan {
        let output = filter.child.output
        var child = filter.child
        var rest: [ResolvedExpression] = []
        // Plain conditions first: they leave fewer rows to ask about.
        let conjuncts = filter.condition.conjuncts
        let plain = conjuncts.filter { !$0.containsSubquery }
        if let condition = ResolvedExpression.conjunction(plain) { child = .filter(.init(child: child, condition: condition)) }
        for conjunct in conjuncts where conjunct.containsSubquery {
            if let joined = try semiJoin(conjunct, child) {
                child = joined
            } else {
                rest.append(try attach(conjunct, &child))
            }
        }
        if let condition = ResolvedExpression.conjunction(rest) { child = .filter(.init(child: child, condition: condition)) }
        if child.output.count == output.count { return child }
        return .project(.init(child: child, columns: output.map { .init($0) }))
    }

    /// EXISTS, NOT EXISTS and IN as conditions by themselves are semi joins and anti joins.
    private mutating func semiJoin(_ conjunct: ResolvedExpression, _ child: LogicalPlan) throws(SQLError) -> LogicalPlan? {
        var conjunct = conjunct
        var isNegated = false
        while true {
            if case .not(let inner) = conjunct {
                conjunct = inner
                isNegated.toggle()
            } else if case .replaced(_, let inner) = conjunct {
                conjunct = inner
            } else {
                break
            }
        }
        guard case .subquery(var subquery) = conjunct else { return nil }
        let available = child.outputIDs
        let own = Set(subquery.outer.map(\.id)).intersection(available)
        switch subquery.kind {
        case .scalar: return nil
        case .exists where own.isEmpty: return nil
        case .exists:
            subquery.plan = try rewrite(subquery.plan)
            guard let pulled = pull(subquery.plan, own, kind: .existence) else { return nil }
            let right = fresh(pulled)
            return .join(.init(isNegated ? .anti : .semi, child, right.plan, condition: .conjunction(right.conditions)))
        case .membership(let keys):
            if isNegated { return nil }
            if keys.contains(where: \.containsSubquery) { return nil }
            subquery.plan = try rewrite(subquery.plan)
            guard let pulled = own.isEmpty ? Pulled(subquery.plan) : pull(subquery.plan, own, kind: .membership) else { return nil }
            let right = fresh(pulled)
            var conditions = right.conditions
            for (key, column) in zip(keys, right.columns) { conditions.append(try equality(key, column.reference)) }
            return .join(.init(.semi, child, right.plan, condition: .conjunction(conditions)))
        }
    }

    private func equality(_ left: ResolvedExpression, _ right: ResolvedExpression) throws(SQLError) -> ResolvedExpression {
        guard let function = FunctionRegistry.builtin.scalar("=") else { throw .internalFault("the operator = is missing") }
        let infos = [left, right].map { ArgumentInfo($0.type, nullable: $0.nullable, sql: $0.sql) }
        let bound = try function.bind(infos, context)
        return .call(BoundCall(function: function.name, arguments: [left, right], bound: bound, sql: "(\(left.sql) = \(right.sql))", span: nil))
    }

    private mutating func join(_ join: LogicalPlan.Join) throws(SQLError) -> LogicalPlan {
        var join = join
        let output = join.output
        let (leftIDs, rightIDs) = (join.left.outputIDs, join.right.outputIDs)
        var kept: [ResolvedExpression] = []
        var above: [ResolvedExpression] = []
        for conjunct in join.condition?.conjuncts ?? [] {
            let references = conjunct.references
            if !conjunct.containsSubquery {
                kept.append(conjunct)
            } else if references.isSubset(of: leftIDs) {
                kept.append(try attach(conjunct, &join.left))
            } else if references.isSubset(of: rightIDs) {
                kept.append(try attach(conjunct, &join.right))
            } else if case .inner = join.kind {
                above.append(conjunct)
            } else {
                kept.append(try attach(conjunct, &join.left, &join.right))
            }
        }
        join.condition = .conjunction(kept)
        var result = LogicalPlan.join(join)
        if let condition = ResolvedExpression.conjunction(above) { result = try filter(.init(child: result, condition: condition)) }
        if result.output.count == output.count { return result }
        return .project(.init(child: result, columns: output.map { .init($0) }))
    }

    /// The same for a join's condition: each subquery must depend on one of the sides alone.
    private mutating func attach(
        _ expression: ResolvedExpression, _ left: inout LogicalPlan, _ right: inout LogicalPlan
    ) throws(SQLError) -> ResolvedExpression {
        guard expression.containsSubquery else { return expression }
        let references = expression.references
        if references.isSubset(of: left.outputIDs) { return try attach(expression, &left) }
        if references.isSubset(of: right.outputIDs) { return try attach(expression, &right) }
        if case .subquery = expression {
            throw SQLError(
                .unsupportedSubqueryExpressionCategoryUnsupportedCorrelatedExpressionInJoinCondition,
                ["subqueryExpression": expression.sql])
        }
        var sides = (left: left, right: right)
        let mapped = try expression.mapChildren { (part) throws(SQLError) in try attach(part, &sides.left, &sides.right) }
        (left, right) = sides
        return mapped
    }

    /// Replaces the subqueries of an expression by columns that are added to the child, where they cannot stay.
    private mutating func attach(_ expression: ResolvedExpression, _ child: inout LogicalPlan) throws(SQLError) -> ResolvedExpression {
        guard expression.containsSubquery else { return expression }
        var input = child
        let mapped = try expression.mapChildren { (part) throws(SQLError) in try attach(part, &input) }
        child = input
        guard case .subquery(var subquery) = mapped else { return mapped }
        subquery.plan = try rewrite(subquery.plan)
        let available = child.outputIDs
        let own = subquery.outer.filter { available.contains($0.id) }
        if own.isEmpty {
            guard case .membership(let keys) = subquery.kind else { return .subquery(subquery) }
            return membership(keys, Pulled(subquery.plan), &child)
        }
        let ownIDs = Set(own.map(\.id))
        switch subquery.kind {
        case .scalar:
            if let pulled = pull(subquery.plan, ownIDs, kind: .scalar) { return scalar(pulled, subquery, &child) }
            let attribute = Attribute(ids.make(), "scalarsubquery", subquery.type, nullable: true)
            child = .apply(.init(child: child, subquery: subquery.plan, outer: own, kind: .scalar(attribute), span: subquery.span))
            return attribute.reference
        case .exists:
            let attribute = Attribute(ids.make(), "exists", .boolean, nullable: false)
            if let pulled = pull(subquery.plan, ownIDs, kind: .existence) {
                let right = fresh(pulled)
                child = .join(.init(.existence(attribute), child, right.plan, condition: .conjunction(right.conditions)))
            } else {
                child = .apply(.init(child: child, subquery: subquery.plan, outer: own, kind: .existence(attribute), span: subquery.span))
            }
            return attribute.reference
        case .membership(let keys):
            if let pulled = pull(subquery.plan, ownIDs, kind: .membership), pulled.isEquality(child.outputIDs) {
                return membership(keys, pulled, &child)
            }
            let attribute = Attribute(ids.make(), "in", .boolean, nullable: true)
            child = .apply(.init(child: child, subquery: subquery.plan, outer: own, kind: .membership(attribute, keys), span: subquery.span))
            return attribute.reference
        }
    }

    private mutating func membership(_ keys: [ResolvedExpression], _ pulled: Pulled, _ child: inout LogicalPlan) -> ResolvedExpression {
        let right = fresh(pulled)
        let attribute = Attribute(ids.make(), "in", .boolean, nullable: true)
        child = .join(
            .init(
                .membership(attribute), child, right.plan, condition: .conjunction(right.conditions),
                membership: zip(keys, right.columns).map { ($0, $1.reference) }))
        return attribute.reference
    }

    /// A scalar subquery as a join: with an aggregate there is one row at most, and a value for the lack of it.
    private mutating func scalar(_ pulled: Pulled, _ subquery: SubqueryExpression, _ child: inout LogicalPlan) -> ResolvedExpression {
        var pulled = pulled
        let needsDefault: ResolvedExpression? = pulled.defaults.flatMap { $0.first }.flatMap { value in
            if case .constant(let constant) = value, constant.value.isNull { return nil }
            return value
        }
        var marker: Attribute?
        if needsDefault != nil {
            let flag = Attribute(ids.make(), "present", .boolean, nullable: false)
            pulled.plan = .project(
                .init(child: pulled.plan, columns: pulled.plan.output.map { .init($0) } + [.init(flag, .trueConstant)]))
            marker = flag
        }
        let right = fresh(pulled)
        child = .join(
            .init(
                pulled.isSingle ? .left : .single, child, right.plan, condition: .conjunction(right.conditions), span: subquery.span))
        guard let column = right.columns.first else { return .null(subquery.type) }
        let value = column.with(nullable: true).reference
        guard let marker, let present = right.renamed[marker.id], let otherwise = needsDefault else { return value }
        return .conditional(
            Conditional([.init(.isNull(present.with(nullable: true).reference), otherwise)], otherwise: value, type: subquery.type))
    }

    private mutating func lateral(_ apply: LogicalPlan.Apply) throws(SQLError) -> LogicalPlan {
        guard case .lateral(let isOuter, let condition) = apply.kind,
            let pulled = pull(apply.subquery, Set(apply.outer.map(\.id)), kind: .lateral), pulled.defaults == nil
        else { return .apply(apply) }
        // Output columns keep their ids: what stands above knows them.
        let right = LogicalPlan.project(.init(child: pulled.plan, columns: pulled.plan.output.map { .init($0) }))
        let conditions = pulled.conditions + (condition.map { [$0] } ?? [])
        let joined = LogicalPlan.join(.init(isOuter ? .left : .inner, apply.child, right, condition: .conjunction(conditions)))
        return .project(.init(child: joined, columns: LogicalPlan.apply(apply).output.map { .init($0) }))
    }

    // MARK: Fresh ids

    struct Fresh {
        let plan: LogicalPlan
        let conditions: [ResolvedExpression]
        /// The subquery's own columns.
        let columns: [Attribute]
        let renamed: [ColumnID: Attribute]
    }

    /// The pulled plan under new column ids: the same subquery may stand in an expression twice.
    private mutating func fresh(_ pulled: Pulled) -> Fresh {
        var renamed: [ColumnID: Attribute] = [:]
        var columns: [LogicalPlan.NamedColumn] = []
        for attribute in pulled.plan.output where renamed[attribute.id] == nil {
            let new = attribute.with(id: ids.make())
            renamed[attribute.id] = new
            columns.append(.init(new, attribute.reference))
        }
        let conditions = pulled.conditions.map { $0.renaming(renamed) }
        return Fresh(
            plan: .project(.init(child: pulled.plan, columns: columns)), conditions: conditions,
            columns: pulled.columns.compactMap { renamed[$0.id] }, renamed: renamed)
    }

    private mutating func pull(_ plan: LogicalPlan, _ outer: Set<ColumnID>, kind: Decorrelation.Kind) -> Pulled? {
        guard decorrelates else { return nil }
        var decorrelation = Decorrelation(outer: outer, kind: kind, ids: ids, context: context)
        let pulled = decorrelation.run(plan)
        ids = decorrelation.ids
        return pulled
    }
}

extension ResolvedExpression {
    /// The expression over columns of other ids.
    func renaming(_ columns: [ColumnID: Attribute]) -> ResolvedExpression {
        replacing { part in
            if case .column(let column) = part, let new = columns[column.id] {
                return .column(ColumnReference(new, name: column.name, span: column.span))
            }
            return nil
        }
    }
}
