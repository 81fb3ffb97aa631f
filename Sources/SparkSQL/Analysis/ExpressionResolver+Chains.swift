import Columnar
import SparkErrors
import SparkFunctions
import SparkSyntax

/// Chains such as `a + b - c …`, of any length that the parser lets through.
extension ExpressionResolver {
    /// Steps after which what there is of a chain becomes one call.
    private static let sealedLength = 256
    private static let sealedName = "chain "

    func chain(
        _ symbol: BinaryOperator, _ left: SyntaxExpression, _ right: SyntaxExpression, _ span: SourceSpan?
    ) throws(SQLError) -> ResolvedExpression {
        var links = [(symbol: symbol, right: right, span: span)]
        var first = left
        while case .binary(let symbol, let left, let right) = first.kind, symbol.isChained {
            links.append((symbol, right, at(first.span)))
            first = left
        }
        var result = try resolve(first)
        var length = 0
        while let link = links.popLast() {
            result = try operation(link.symbol, result, try resolve(link.right), link.span)
            length += 1
            if length % Self.sealedLength == 0, !links.isEmpty { result = Self.sealed(result) }
        }
        return result
    }

    /// The same as a call of all operands, so that what goes through expressions need not go deep; printed as before.
    private static func sealed(_ expression: ResolvedExpression) -> ResolvedExpression {
        var steps: [BoundScalar.ChainStep] = []
        var operands: [ResolvedExpression] = []
        var name = ""
        var base = expression
        walk: while true {
            switch base {
            case .replaced(_, let inner): base = inner
            case .cast(let cast) where !steps.isEmpty:
                steps.append(.cast(cast.type, cast.mode, cast.span))
                name += "::" + cast.type.sqlText + " "
                base = cast.operand
            case .call(let call)
            where call.arguments.count == 2 && call.folded == nil && call.bound.deterministic && !call.function.hasPrefix(sealedName):
                steps.append(.call(call.bound, call.span))
                name += call.function + " "
                operands.append(call.arguments[1])
                base = call.arguments[0]
            default: break walk
            }
        }
        if case .call(let call) = expression, let folded = call.folded {
            var constant = BoundCall(function: sealedName, arguments: [], bound: call.bound, sql: call.sql, span: call.span)
            constant.folded = folded
            return .call(constant)
        }
        let arguments = [base] + operands.reversed()
        guard let bound = BoundScalar.chain(arguments.map(\.type), steps.reversed(), deterministic: true) else { return expression }
        return .call(BoundCall(function: sealedName + name, arguments: arguments, bound: bound, sql: expression.sql, span: expression.span))
    }
}
