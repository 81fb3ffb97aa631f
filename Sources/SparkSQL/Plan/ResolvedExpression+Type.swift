package import Columnar
import SparkFunctions

extension ResolvedExpression {
    package var type: DataType {
        switch self {
        case .constant(let constant): constant.type
        case .column(let column), .outer(let column): column.type
        case .call(let call): call.bound.returnType
        case .cast(let cast): cast.type
        case .and, .or, .not, .isNull, .isNotNull, .inList: .boolean
        case .conditional(let conditional): conditional.type
        case .coalesce(_, let type): type
        case .field(_, _, let field): field.type
        case .element(_, _, let type, _): type
        case .lambda(let call): call.type
        case .aggregate(let aggregate): aggregate.bound.returnType
        case .window(let window):
            switch window.function {
            case .window(_, let bound, _): bound.returnType
            case .aggregate(let aggregate): aggregate.bound.returnType
            }
        case .subquery(let subquery): subquery.type
        case .grouping(_, let isID, _): isID ? .long : .byte
        case .check(let operand, _), .replaced(_, let operand): operand.type
        }
    }

    /// Whether the value may be null; true if that is not known.
    package var nullable: Bool {
        switch self {
        case .constant(let constant): constant.value.isNull
        case .column(let column), .outer(let column): column.nullable
        case .call(let call): call.bound.nullable
        case .cast(let cast): cast.operand.nullable || cast.mode != .ansi || cast.operand.type == .void
        case .and(let operands), .or(let operands): operands.contains(where: \.nullable)
        case .not(let operand): operand.nullable
        case .isNull, .isNotNull: false
        case .conditional(let conditional):
            conditional.branches.contains { $0.result.nullable } || conditional.otherwise?.nullable ?? true
        case .coalesce(let operands, _): operands.allSatisfy(\.nullable)
        case .inList(let operand, let items): operand.nullable || items.contains(where: \.nullable)
        case .field(let base, _, let field): base.nullable || field.nullable
        case .element: true
        case .lambda(let call): call.nullable
        case .aggregate(let aggregate): aggregate.bound.nullable
        case .window(let window):
            switch window.function {
            case .window(_, let bound, _): bound.nullable
            case .aggregate(let aggregate): aggregate.bound.nullable
            }
        case .subquery(let subquery): subquery.nullable
        case .grouping: false
        case .check(let operand, _), .replaced(_, let operand): operand.nullable
        }
    }

    /// Whether it gives the same for the same input; what is not must be evaluated where it stands, and once.
    var isDeterministic: Bool {
        !contains { if case .call(let call) = $0 { !call.bound.deterministic } else { false } }
    }

    /// A constant that can be computed when the statement is analysed.
    var isFoldable: Bool {
        !contains { part in
            switch part {
            case .column, .outer, .aggregate, .window, .subquery, .lambda, .grouping: true
            case .call(let call): !call.bound.deterministic
            default: false
            }
        }
    }

    var isTrue: Bool { if case .constant(let constant) = self { constant.value == .boolean(true) } else { false } }

    /// False or NULL: what no filter lets through.
    var isFalseOrNull: Bool {
        guard case .constant(let constant) = self else { return false }
        return constant.value == .boolean(false) || constant.value.isNull
    }

    /// The operands of a conjunction, nested ones too; the expression itself if it is none.
    var conjuncts: [ResolvedExpression] {
        if case .and(let operands) = self { operands.flatMap(\.conjuncts) } else { [self] }
    }

    var disjuncts: [ResolvedExpression] {
        if case .or(let operands) = self { operands.flatMap(\.disjuncts) } else { [self] }
    }

    /// nil for no operands.
    static func conjunction(_ operands: [ResolvedExpression]) -> ResolvedExpression? {
        operands.count > 1 ? .and(operands) : operands.first
    }

    static let trueConstant = ResolvedExpression.constant(Constant(.boolean(true), .boolean))
    static let falseConstant = ResolvedExpression.constant(Constant(.boolean(false), .boolean))

    static func null(_ type: DataType) -> ResolvedExpression { .constant(Constant(.null, type)) }
}
