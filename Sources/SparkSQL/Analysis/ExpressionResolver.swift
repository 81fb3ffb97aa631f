import Columnar
import SparkErrors
import SparkFunctions
import SparkSyntax

typealias SyntaxExpression = SparkSyntax.Expression

/// Resolves the expressions of one clause: names to columns, calls to functions, with all casts made explicit.
final class ExpressionResolver {
    let analyzer: Analyzer
    let environment: Environment
    /// Where names are looked for, first to last.
    var scopes: [Scope]
    /// The clause's name in messages: `Project`, `Filter`.
    let operatorName: String
    var windows: [String: NamedWindow] = [:]
    /// SELECT items so far, which later ones may name.
    var aliases: [LateralAlias] = []
    /// In GROUP BY: the SELECT items, whose expressions an alias stands for.
    var groupItems: [SelectItem] = []
    /// Parameters of the lambdas around, innermost last.
    var lambdas: [[Attribute]] = []
    /// How many aggregate functions' arguments are around.
    var aggregateDepth = 0
    var windowDepth = 0
    /// Set in HAVING, ORDER BY and the SELECT list: what GROUPING() and GROUPING_ID() may name.
    var allowsGrouping = false
    /// The column of `window(…)` or `session_window(…)` in GROUP BY, by the function's name.
    var timeWindow: Attribute?
    /// Generators may stand at the top of SELECT items only; collected there.
    var allowsGenerator = false
    /// In HAVING and WHERE of a subquery an aggregate may be the enclosing query's.
    var allowsOuterAggregates = false
    /// Whether IN and EXISTS subqueries, and scalar ones, may stand here.
    var allowsSubqueries = true

    struct LateralAlias {
        let name: String
        let attribute: Attribute
    }

    init(_ analyzer: Analyzer, _ environment: Environment, scopes: [Scope], operatorName: String = "Project") {
        self.analyzer = analyzer
        self.environment = environment
        self.scopes = scopes
        self.operatorName = operatorName
    }

    var context: EvaluationContext { analyzer.context }

    func at(_ span: SourceSpan) -> SourceSpan? { environment.at(span) }

    func resolve(_ expressions: [SyntaxExpression]) throws(SQLError) -> [ResolvedExpression] {
        var result: [ResolvedExpression] = []
        result.reserveCapacity(expressions.count)
        for expression in expressions { result.append(try resolve(expression)) }
        return result
    }

    func resolve(_ expression: SyntaxExpression) throws(SQLError) -> ResolvedExpression {
        let span = at(expression.span)
        switch expression.kind {
        case .literal(let literal): return .constant(self.literal(try constant(literal, span)))
        case .name(let name): return try resolveName(name.names, span)
        case .star:
            throw SQLError(.invalidUsageOfStarOrRegex, ["elem": "'*'", "prettyName": "expression `\(operatorName.lowercased())`"], at: span)
        case .namedParameter(let name): return try parameter(name, span)
        case .positionalParameter(let index): return try parameter(index, span)
        case .unary(let symbol, let operand): return try unary(symbol, try resolve(operand), span)
        case .binary(let symbol, let left, let right): return try binary(symbol, left, right, span)
        case .isTest(let test, let operand, let isNegated): return try isTest(test, try resolve(operand), isNegated, span)
        case .isDistinct(let left, let right, let isNegated):
            let same = try call("<=>", [try resolve(left), try resolve(right)], span)
            return isNegated ? same : .not(same)
        case .between(let operand, let low, let high, let isNegated): return try between(operand, low, high, isNegated, span)
        case .inList(let operand, let items, let isNegated):
            let result = try inList(try resolve(operand), try listed(items), span)
            return isNegated ? .not(result) : result
        case .inQuery(let operand, let query, let isNegated):
            let result = try inQuery(operand, query, span)
            // A value rather than a condition: Spark makes an existence of it, which is never null.
            let value = operatorName == "Project" && result.nullable ? Self.whole(result, ifUnknown: isNegated) : result
            return isNegated ? .not(value) : value
        case .like(let like): return try self.like(like, span)
        case .exists(let query): return try exists(query, span)
        case .scalarSubquery(let query): return try scalarSubquery(query, span)
        case .caseWhen(let branches): return try caseWhen(branches, span)
        case .cast(let cast): return try self.cast(cast, span)
        case .field(let base, let name): return try field(try resolve(base), name.text, span)
        case .element(let base, let index): return try element(try resolve(base), try resolve(index), span)
        case .semiStructured(let base, let path): return try semiStructured(try resolve(base), path, span)
        case .collate(let operand, let collation): return try collate(try resolve(operand), collation, span)
        case .row(let items): return try structure(items, display: nil, span)
        case .structure(let items): return try structure(items, display: "struct", span)
        case .function(let call): return try function(call, span)
        case .extract(let name, let source): return try extract(name, try resolve(source), span)
        case .trim(let side, let characters, let source): return try trim(side, characters, source, span)
        case .unitFunction(let name, let unit, let arguments): return try unitFunction(name.text, unit, arguments, span)
        case .lambda:
            throw SQLError(.invalidLambdaFunctionCallNonHigherOrderFunction, ["class": "expression"], at: span)
        case .currentLike(let name):
            if let found = try resolveNameIfKnown([name.text], span) { return found }
            return try function(named: [name.text], [], span)
        case .computedName(let expression, let suffix):
            return try resolveName(try analyzer.computedName(expression, suffix, environment), span)
        }
    }

    /// IN's list: `*` stands for the columns.
    private func listed(_ items: [SyntaxExpression]) throws(SQLError) -> [ResolvedExpression] {
        var result: [ResolvedExpression] = []
        for item in items {
            if case .star(let star) = item.kind {
                result += try expand(star, at(item.span)).map(\.expression)
            } else {
                result.append(try resolve(item))
            }
        }
        return result
    }

    private static func whole(_ membership: ResolvedExpression, ifUnknown: Bool) -> ResolvedExpression {
        let unknown = ResolvedExpression.constant(Constant(.boolean(ifUnknown), .boolean, isLiteral: true))
        return .replaced(sql: membership.sql, .coalesce([membership, unknown], type: .boolean))
    }

    /// A condition: the expression as BOOLEAN, or the clause's own error.
    func condition(
        _ expression: SyntaxExpression, allowsVoid: Bool = true, otherwise error: (ResolvedExpression) -> SQLError
    ) throws(SQLError) -> ResolvedExpression {
        let condition = try resolve(expression)
        switch condition.type {
        case .boolean: return condition
        case .void where allowsVoid: return try coerce(condition, to: .boolean)
        default: throw error(condition)
        }
    }
}
