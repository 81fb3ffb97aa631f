import Columnar
import SparkErrors
import SparkFunctions

/// Computes what depends on no row, and simplifies conditions accordingly. What fails stays, to fail for the rows that need it.
struct ConstantFolding {
    let context: EvaluationContext

    func apply(_ plan: LogicalPlan) -> LogicalPlan {
        let node = plan.mapChildren { apply($0) }.mapExpressions { fold($0) }
        guard case .filter(let filter) = node else { return node }
        if filter.condition.isTrue { return filter.child }
        guard filter.condition.isFalseOrNull else { return node }
        let output = filter.child.output
        return .values(.init(output: output, columns: output.map { .nulls($0.type, count: 0) }, rowCount: 0))
    }

    func fold(_ expression: ResolvedExpression) -> ResolvedExpression {
        switch expression {
        case .constant, .column, .outer: return expression
        case .call(let call):
            if let folded = call.folded, folded.count == 1, !folded.isNested { return constant(folded.value(at: 0), call.bound.returnType) }
            return expression.mapChildren { fold($0) }
        case .replaced(_, let operand): return fold(operand)
        case .cast(let cast):
            let operand = fold(cast.operand)
            var result = cast
            result.operand = operand
            if case .constant(let value) = operand,
                let converted = try? Cast.cast(value.value, from: value.type, to: cast.type, mode: cast.mode, context)
            {
                return constant(converted, cast.type)
            }
            return .cast(result)
        case .and(let operands): return and(operands.map { fold($0) })
        case .or(let operands): return or(operands.map { fold($0) })
        case .not(let operand):
            let inner = fold(operand)
            if case .constant(let value) = inner {
                if case .boolean(let bit) = value.value { return constant(.boolean(!bit), .boolean) }
                if value.value.isNull { return .null(.boolean) }
            }
            if case .not(let twice) = inner { return twice }
            return .not(inner)
        case .isNull(let operand):
            let inner = fold(operand)
            if case .constant(let value) = inner { return constant(.boolean(value.value.isNull), .boolean) }
            return .isNull(inner)
        case .isNotNull(let operand):
            let inner = fold(operand)
            if case .constant(let value) = inner { return constant(.boolean(!value.value.isNull), .boolean) }
            return .isNotNull(inner)
        case .conditional(let conditional): return self.conditional(conditional)
        default: return expression.mapChildren { fold($0) }
        }
    }

    private func constant(_ value: Value, _ type: DataType) -> ResolvedExpression { .constant(Constant(value, type)) }

    private func and(_ operands: [ResolvedExpression]) -> ResolvedExpression {
        var kept: [ResolvedExpression] = []
        for operand in operands {
            if operand.isTrue { continue }
            if case .constant(let value) = operand, value.value == .boolean(false) {
                // What stands before it is evaluated first, and may fail.
                if kept.isEmpty { return .falseConstant }
                kept.append(operand)
                break
            }
            kept.append(operand)
        }
        if kept.isEmpty { return .trueConstant }
        return kept.count == 1 ? kept[0] : .and(kept)
    }

    private func or(_ operands: [ResolvedExpression]) -> ResolvedExpression {
        var kept: [ResolvedExpression] = []
        for operand in operands {
            if case .constant(let value) = operand, value.value == .boolean(false) { continue }
            if operand.isTrue {
                if kept.isEmpty { return .trueConstant }
                kept.append(operand)
                break
            }
            kept.append(operand)
        }
        if kept.isEmpty { return .falseConstant }
        if kept.count == 1 { return kept[0] }
        return factored(kept)
    }

    /// `(a AND b) OR (a AND c)` is `a AND (b OR c)`: what all need can be a join's key.
    private func factored(_ operands: [ResolvedExpression]) -> ResolvedExpression {
        let parts = operands.map(\.conjuncts)
        guard parts.count <= 64, parts.allSatisfy({ $0.count > 1 && $0.count <= 64 }) else { return .or(operands) }
        // Only leading equalities without risk move: the order of evaluation must stay.
        let common = parts[0].filter { one in
            one.isHarmless && parts.dropFirst().allSatisfy { part in part.contains { $0.isSame(as: one) } }
        }
        if common.isEmpty { return .or(operands) }
        var rests: [ResolvedExpression] = []
        for part in parts {
            let rest = part.filter { one in !common.contains { $0.isSame(as: one) } }
            guard let joined = ResolvedExpression.conjunction(rest) else { return and(common) }
            rests.append(joined)
        }
        return and(common + [.or(rests)])
    }

    private func conditional(_ conditional: Conditional) -> ResolvedExpression {
        var branches: [Conditional.Branch] = []
        for branch in conditional.branches {
            let condition = fold(branch.condition)
            if condition.isFalseOrNull { continue }
            if condition.isTrue {
                let result = fold(branch.result)
                if branches.isEmpty { return result }
                return .conditional(Conditional(branches, otherwise: result, type: conditional.type))
            }
            branches.append(.init(condition, fold(branch.result)))
        }
        let otherwise = conditional.otherwise.map { fold($0) }
        if branches.isEmpty { return otherwise ?? .null(conditional.type) }
        return .conditional(Conditional(branches, otherwise: otherwise, type: conditional.type))
    }
}

extension Column {
    /// A list, map or struct: kept as a column.
    var isNested: Bool {
        switch values {
        case .list, .structure: true
        default: false
        }
    }
}

extension ResolvedExpression {
    /// Comparisons of columns and constants: they never fail, whenever they are evaluated.
    var isHarmless: Bool {
        !contains { part in
            switch part {
            case .constant, .column, .outer, .and, .or, .not, .isNull, .isNotNull, .inList, .replaced: false
            case .call(let call): call.folded == nil && !["=", "<>", "<", "<=", ">", ">=", "<=>"].contains(call.function)
            default: true
            }
        }
    }
}
