import Columnar
import SparkFunctions

extension ResolvedExpression {
    /// Whether both compute the same, whatever they are printed as: how GROUP BY's expressions are found again in the SELECT list.
    func isSame(as other: ResolvedExpression) -> Bool {
        switch (self, other) {
        case (.replaced(_, let a), _): return a.isSame(as: other)
        case (_, .replaced(_, let b)): return isSame(as: b)
        case (.constant(let a), .constant(let b)): return a.type == b.type && a.value == b.value
        case (.column(let a), .column(let b)), (.outer(let a), .outer(let b)): return a.id == b.id
        case (.call(let a), .call(let b)):
            guard a.function == b.function, a.bound.returnType == b.bound.returnType, a.bound.deterministic, b.bound.deterministic else {
                return false
            }
            if Self.same(a.arguments, b.arguments) { return true }
            return Self.commutative.contains(a.function) && Self.same(a.arguments, b.arguments.reversed())
        case (.cast(let a), .cast(let b)): return a.type == b.type && a.mode == b.mode && a.operand.isSame(as: b.operand)
        case (.and, .and): return Self.sameSet(conjuncts, other.conjuncts)
        case (.or, .or): return Self.sameSet(disjuncts, other.disjuncts)
        case (.not(let a), .not(let b)), (.isNull(let a), .isNull(let b)), (.isNotNull(let a), .isNotNull(let b)): return a.isSame(as: b)
        case (.conditional(let a), .conditional(let b)):
            guard a.type == b.type, a.branches.count == b.branches.count else { return false }
            guard zip(a.branches, b.branches).allSatisfy({ $0.condition.isSame(as: $1.condition) && $0.result.isSame(as: $1.result) }) else {
                return false
            }
            return Self.same(a.otherwise.map { [$0] } ?? [], b.otherwise.map { [$0] } ?? [])
        case (.coalesce(let a, let aType), .coalesce(let b, let bType)): return aType == bType && Self.same(a, b)
        case (.inList(let a, let aItems), .inList(let b, let bItems)): return a.isSame(as: b) && Self.same(aItems, bItems)
        case (.field(let a, let aIndex, _), .field(let b, let bIndex, _)): return aIndex == bIndex && a.isSame(as: b)
        case (.element(let a, let aKey, _, _), .element(let b, let bKey, _, _)): return a.isSame(as: b) && aKey.isSame(as: bKey)
        case (.lambda(let a), .lambda(let b)):
            guard a.function == b.function, a.type == b.type, Self.same(a.arguments, b.arguments), a.lambdas.count == b.lambdas.count else {
                return false
            }
            return zip(a.lambdas, b.lambdas).allSatisfy { $0.isSame(as: $1) }
        case (.grouping(let a, let aID, _), .grouping(let b, let bID, _)): return aID == bID && Self.same(a, b)
        case (.aggregate(let a), .aggregate(let b)): return a.isSame(as: b)
        case (.window(let a), .window(let b)): return a.isSame(as: b)
        default: return false
        }
    }

    private static let commutative: Set<String> = ["+", "*", "=", "<=>", "&", "|", "^", "!="]

    static func same(_ a: some Collection<ResolvedExpression>, _ b: some Collection<ResolvedExpression>) -> Bool {
        a.count == b.count && zip(a, b).allSatisfy { $0.isSame(as: $1) }
    }

    private static func sameSet(_ a: [ResolvedExpression], _ b: [ResolvedExpression]) -> Bool {
        if same(a, b) { return true }
        // Long lists are compared in order only: this must stay cheap.
        guard a.count == b.count, a.count <= 16 else { return false }
        return a.allSatisfy { one in b.contains { one.isSame(as: $0) } } && b.allSatisfy { one in a.contains { one.isSame(as: $0) } }
    }
}

extension Lambda {
    func isSame(as other: Lambda) -> Bool {
        guard parameters.count == other.parameters.count else { return false }
        let mine = Dictionary(zip(other.parameters.map(\.id), parameters), uniquingKeysWith: { first, _ in first })
        let renamed = other.body.replacing { part -> ResolvedExpression? in
            if case .column(let column) = part, let parameter = mine[column.id] { return parameter.reference }
            return nil
        }
        return body.isSame(as: renamed)
    }
}

extension AggregateExpression {
    func isSame(as other: AggregateExpression) -> Bool {
        guard function == other.function, isDistinct == other.isDistinct, variant == other.variant, ignoresNulls == other.ignoresNulls,
            bound.returnType == other.bound.returnType, ResolvedExpression.same(arguments, other.arguments)
        else { return false }
        return ResolvedExpression.same(filter.map { [$0] } ?? [], other.filter.map { [$0] } ?? [])
    }
}

extension WindowExpression {
    func isSame(as other: WindowExpression) -> Bool {
        guard sql == other.sql, hasSameWindow(as: other) else { return false }
        switch (function, other.function) {
        case (.aggregate(let a), .aggregate(let b)): return a.isSame(as: b)
        case (.window(let aName, let aBound, let a), .window(let bName, let bBound, let b)):
            return aName == bName && aBound.returnType == bBound.returnType && ResolvedExpression.same(a, b)
        default: return false
        }
    }

    /// The same PARTITION BY and ORDER BY: both can be computed over one sort.
    func hasSameWindow(as other: WindowExpression) -> Bool {
        ResolvedExpression.same(partition, other.partition) && order.count == other.order.count
            && zip(order, other.order).allSatisfy {
                $0.ascending == $1.ascending && $0.nullsFirst == $1.nullsFirst && $0.expression.isSame(as: $1.expression)
            }
    }
}
