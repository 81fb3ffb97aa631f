/// Heights of the trees' parts; shallow, for every part carries its own.
func tallest(_ expressions: [Expression]) -> Int { expressions.reduce(0) { max($0, $1.height) } }

func tallest(_ items: [NamedExpression]) -> Int { items.reduce(0) { max($0, $1.expression.height) } }

func tallest(_ items: [SortItem]) -> Int { items.reduce(0) { max($0, $1.expression.height) } }

extension NameReference {
    var height: Int {
        if case .computed(let expression, _, _) = self { expression.height } else { 0 }
    }
}

extension WindowReference {
    var height: Int {
        guard case .inline(let window) = self else { return 0 }
        return max(tallest(window.partitionBy), tallest(window.orderBy), window.frame?.height ?? 0)
    }
}

extension WindowFrame {
    var height: Int { max(start.height, end.height) }
}

extension WindowFrame.Bound {
    var height: Int {
        switch self {
        case .preceding(let expression), .following(let expression): expression.height
        case .unboundedPreceding, .unboundedFollowing, .currentRow: 0
        }
    }
}

extension FunctionCall {
    var height: Int {
        let values = arguments.reduce(0) { max($0, $1.value.height) }
        return max(name.height, values, tallest(withinGroup), filter?.height ?? 0, over?.height ?? 0)
    }
}

extension Expression.Case {
    var height: Int {
        branches.reduce(max(operand?.height ?? 0, otherwise?.height ?? 0)) { max($0, $1.condition.height, $1.result.height) }
    }
}

extension Expression.Kind {
    /// The height of the tallest child; 0 for a leaf.
    var childHeight: Int {
        switch self {
        case .literal, .name, .star, .namedParameter, .positionalParameter, .currentLike: 0
        case .unary(_, let operand), .isTest(_, let operand, _), .field(let operand, _), .semiStructured(let operand, _),
            .collate(let operand, _), .extract(_, let operand), .lambda(_, let operand), .computedName(let operand, _):
            operand.height
        case .binary(let symbol, let left, let right):
            // A chain's left sides are walked in a loop: they do not add to the height.
            max(symbol.isChained && left.isChain ? left.height - 1 : left.height, right.height)
        case .isDistinct(let left, let right, _), .element(let left, let right): max(left.height, right.height)
        case .between(let operand, let low, let high, _): max(operand.height, low.height, high.height)
        case .inList(let operand, let items, _): max(operand.height, tallest(items))
        case .inQuery(let operand, let query, _): max(operand.height, query.height)
        case .like(let like): max(like.operand.height, tallest(like.patterns))
        case .exists(let query), .scalarSubquery(let query): query.height
        case .caseWhen(let branches): branches.height
        case .cast(let cast): cast.operand.height
        case .row(let items), .structure(let items): tallest(items)
        case .function(let call): call.height
        case .trim(_, let characters, let source): max(characters?.height ?? 0, source.height)
        case .unitFunction(_, _, let arguments): tallest(arguments)
        }
    }
}
