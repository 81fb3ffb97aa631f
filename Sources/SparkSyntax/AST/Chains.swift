/// Chains such as `a + b - c …`: left sides within left sides, as many as there are operators.
extension BinaryOperator {
    /// Whether a chain of it may be long: arithmetic and `||`. AND and OR are balanced; comparisons are not written in long chains.
    package var isChained: Bool {
        switch self {
        case .and, .or, .equal, .notEqual, .nullSafeEqual, .less, .lessOrEqual, .greater, .greaterOrEqual: false
        default: true
        }
    }
}

extension Expression {
    /// A chained operator's node.
    package var isChain: Bool { if case .binary(let symbol, _, _) = kind { symbol.isChained } else { false } }
}
