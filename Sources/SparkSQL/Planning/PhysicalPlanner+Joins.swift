import Columnar
import SparkErrors
import SparkFunctions

/// A join's condition taken apart.
struct JoinCondition {
    var leftKeys: [ResolvedExpression] = []
    var rightKeys: [ResolvedExpression] = []
    var nullSafe: [Bool] = []
    /// What is not an equality of one side with the other.
    var rest: [ResolvedExpression] = []

    init(_ condition: ResolvedExpression?, left: Set<ColumnID>, right: Set<ColumnID>) {
        for conjunct in condition?.conjuncts ?? [] {
            if let (one, other, isNullSafe) = Self.equality(conjunct, left, right) {
                leftKeys.append(one)
                rightKeys.append(other)
                nullSafe.append(isNullSafe)
            } else {
                rest.append(conjunct)
            }
        }
    }

    /// `left expression = right expression`, either way round.
    static func equality(
        _ conjunct: ResolvedExpression, _ left: Set<ColumnID>, _ right: Set<ColumnID>
    ) -> (ResolvedExpression, ResolvedExpression, isNullSafe: Bool)? {
        guard case .call(let call) = conjunct, call.function == "=" || call.function == "<=>", call.arguments.count == 2,
            call.arguments[0].type == call.arguments[1].type
        else { return nil }
        let (one, other) = (call.arguments[0], call.arguments[1])
        guard one.isDeterministic, other.isDeterministic, !one.containsSubquery, !other.containsSubquery else { return nil }
        let (a, b) = (one.references, other.references)
        if a.isEmpty || b.isEmpty { return nil }
        let isNullSafe = call.function == "<=>"
        if a.isSubset(of: left), b.isSubset(of: right) { return (one, other, isNullSafe) }
        if a.isSubset(of: right), b.isSubset(of: left) { return (other, one, isNullSafe) }
        return nil
    }
}

extension PhysicalPlanner {
    func plan(_ join: LogicalPlan.Join) throws(SQLError) -> any Operator {
        if case .right = join.kind { return try mirrored(join) }
        if case .membership = join.kind { return try membership(join) }
        let left = join.leftTells.isEmpty ? try plan(join.left) : try planWhole(join.left)
        return JoinOperator(left, try planWhole(join.right), try specification(join), state)
    }

    func specification(_ join: LogicalPlan.Join) throws(SQLError) -> JoinSpecification {
        let (leftOutput, rightOutput) = (join.left.output, join.right.output)
        let condition = JoinCondition(join.condition, left: leftOutput.ids, right: rightOutput.ids)
        let leftCompiler = ExpressionCompiler(leftOutput, planner: self)
        let rightCompiler = ExpressionCompiler(rightOutput, planner: self)
        var rest: (any Evaluator)?
        if let residual = ResolvedExpression.conjunction(condition.rest) {
            rest = try ExpressionCompiler(leftOutput + rightOutput, planner: self).compile(residual)
        }
        return JoinSpecification(
            kind: join.kind, leftKeys: try leftCompiler.compile(condition.leftKeys), rightKeys: try rightCompiler.compile(condition.rightKeys),
            keyTypes: condition.leftKeys.map(\.type), nullSafe: condition.nullSafe, condition: rest, leftTypes: leftOutput.map(\.type),
            rightTypes: rightOutput.map(\.type), span: join.span, leftTells: join.leftTells, rightTells: join.rightTells)
    }

    /// A right join is a left join of the other side.
    private func mirrored(_ join: LogicalPlan.Join) throws(SQLError) -> any Operator {
        let swapped = LogicalPlan.Join(.left, join.right, join.left, condition: join.condition)
        let source = try plan(swapped)
        let (leftCount, rightCount) = (join.left.output.count, join.right.output.count)
        let order = (0..<leftCount).map { rightCount + $0 } + Array(0..<rightCount)
        return ProjectOperator(source, order.map { ColumnEvaluator($0) }, types: join.output.map(\.type), state)
    }

    private func membership(_ join: LogicalPlan.Join) throws(SQLError) -> any Operator {
        let (leftOutput, rightOutput) = (join.left.output, join.right.output)
        let condition = JoinCondition(join.condition, left: leftOutput.ids, right: rightOutput.ids)
        guard condition.rest.isEmpty, !condition.nullSafe.contains(true) else {
            throw .internalFault("an IN subquery's condition is not an equality")
        }
        let leftCompiler = ExpressionCompiler(leftOutput, planner: self)
        let rightCompiler = ExpressionCompiler(rightOutput, planner: self)
        return MembershipOperator(
            try plan(join.left), try planWhole(join.right), keys: try leftCompiler.compile(join.membership.map(\.left)),
            rightKeys: try rightCompiler.compile(join.membership.map(\.right)), keyTypes: join.membership.map(\.right.type),
            correlation: (
                left: try leftCompiler.compile(condition.leftKeys), right: try rightCompiler.compile(condition.rightKeys),
                types: condition.leftKeys.map(\.type)
            ), state)
    }
}
