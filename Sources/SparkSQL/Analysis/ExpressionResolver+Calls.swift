import Columnar
import SparkErrors
import SparkFunctions
import SparkSyntax

extension ExpressionResolver {
    /// A call of a built-in scalar function or operator over resolved arguments.
    func call(
        _ name: String, as display: String? = nil, _ arguments: [ResolvedExpression], _ span: SourceSpan?, operandIsShared: Bool = false
    ) throws(SQLError) -> ResolvedExpression {
        guard let function = analyzer.registry.scalar(name) else { throw unresolvedRoutine([name], span) }
        return try call(function, as: display ?? name, arguments, span, operandIsShared: operandIsShared)
    }

    func call(
        _ function: ScalarFunction, as display: String, _ given: [ResolvedExpression], _ span: SourceSpan?, operandIsShared: Bool = false
    ) throws(SQLError) -> ResolvedExpression {
        let filled = try filledUp(function.name, given, span)
        let arguments = try unified(function.name, filled, span, operandIsShared: operandIsShared) { function.sql($0, calledAs: display) }
        let infos = arguments.map(info)
        let bound: BoundScalar
        do throws(SQLError) {
            bound = try function.bind(infos, analyzer.callContext(), calledAs: display)
        } catch {
            throw error.with(span: span).with(phase: .analysis)
        }
        // Spark shows this one as it was written.
        let shown = function.name == "btrim" ? given.map(\.sql) : infos.map(\.sql)
        let sql = bound.sql ?? function.sql(shown, calledAs: display)
        let cast = try coerce(arguments, to: bound.argumentTypes, span)
        var call = BoundCall(function: function.name, arguments: cast, bound: bound, sql: sql, span: span)
        call.folded = fold(call)
        return defaulted(.call(call), of: function.name)
    }

    func coerce(_ arguments: [ResolvedExpression], to types: [DataType], _ span: SourceSpan?) throws(SQLError) -> [ResolvedExpression] {
        guard arguments.count == types.count else { return arguments }
        var result: [ResolvedExpression] = []
        result.reserveCapacity(arguments.count)
        for (argument, type) in zip(arguments, types) { result.append(try coerce(argument, to: type, span)) }
        return result
    }

    /// The expression as another type, without showing that. `span`: what wants the other type, where errors are said to be.
    func coerce(_ expression: ResolvedExpression, to type: DataType, _ span: SourceSpan? = nil) throws(SQLError) -> ResolvedExpression {
        let from = expression.type
        if from == type { return expression }
        if case .constant(let constant) = expression {
            if constant.value.isNull { return .constant(Constant(.null, type, text: constant.sql, isLiteral: constant.isLiteral)) }
            // A literal that does not convert is an error only for the rows that need it.
            if let value = try? Cast.cast(constant.value, from: from, to: type, mode: context.ansi ? .ansi : .legacy, context), !value.isNull {
                return .constant(Constant(value, type, text: constant.sql, isLiteral: constant.isLiteral))
            }
        }
        guard Cast.canCast(from, type.asNullable, ansi: context.ansi) else {
            throw SQLError(
                .datatypeMismatchCastWithoutSuggestion,
                [
                    "sqlExpr": SQLQuote.expr(expression.sql), "srcType": SQLQuote.type(from.sqlText), "targetType": SQLQuote.type(type.sqlText),
                ], at: span ?? expression.span, phase: .analysis)
        }
        return .cast(CastExpression(expression, to: type, mode: context.ansi ? .ansi : .legacy, isImplicit: true, span: span ?? expression.span))
    }

    /// What is known of an argument before the row is.
    func info(_ expression: ResolvedExpression) -> ArgumentInfo {
        let isLiteral = if case .constant(let constant) = expression { constant.isLiteral } else { false }
        return ArgumentInfo(
            expression.type, nullable: expression.nullable, constant: constantValue(expression), isLiteral: isLiteral,
            name: expression.ownName, sql: expression.sql)
    }

    /// The value of a foldable expression; nil if it has none, or computing it fails.
    func constantValue(_ expression: ResolvedExpression) -> Value? {
        switch expression {
        case .constant(let constant): return constant.value
        case .column, .outer, .aggregate, .window, .subquery, .lambda: return nil
        case .call(let call): return call.folded.flatMap(Self.smallValue)
        case .cast(let cast):
            guard let value = constantValue(cast.operand) else { return nil }
            return try? Cast.cast(value, from: cast.operand.type, to: cast.type, mode: cast.mode, context)
        case .replaced(_, let operand): return constantValue(operand)
        default:
            guard expression.isFoldable, let column = try? Evaluation.constant(expression, context) else { return nil }
            return Self.smallValue(column)
        }
    }

    /// Computed constants of any length do not belong into `Value`s, which are bulky.
    private static func smallValue(_ column: Column) -> Value? {
        guard column.count == 1 else { return nil }
        if case .list(let list) = column.values, list.child.count > 1000 { return nil }
        return column.value(at: 0)
    }

    /// The call's value as a column of one row, if it is a constant that can be computed.
    private func fold(_ call: BoundCall) -> Column? {
        guard call.bound.deterministic else { return nil }
        var columns: [Column] = []
        columns.reserveCapacity(call.arguments.count)
        for argument in call.arguments {
            switch argument {
            case .constant(let constant): columns.append(Column(constant.type, of: [constant.value]))
            case .call(let inner):
                guard let folded = inner.folded else { return nil }
                columns.append(folded)
            case .column, .outer: return nil
            default:
                guard argument.isFoldable, let column = try? Evaluation.constant(argument, context) else { return nil }
                columns.append(column)
            }
        }
        return try? call.bound.evaluate(columns, rowCount: 1, context)
    }

    func unresolvedRoutine(_ name: [String], _ span: SourceSpan?) -> SQLError {
        if name.count == 1, let refusal = RefusedFunctions.error(name[0]) { return refusal.with(span: span) }
        return SQLError(
            .unresolvedRoutine,
            [
                "routineName": SQLQuote.id(name),
                "searchPath": "[`system`.`builtin`, `system`.`session`, \(SQLQuote.id([environment.catalog, environment.schema]))]",
            ], at: span)
    }
}

extension ResolvedExpression {
    /// The name of a column or of a struct's field; nil for anything else.
    fileprivate var ownName: String? {
        switch self {
        case .column(let column), .outer(let column): column.name
        case .field(_, _, let field): field.name
        default: nil
        }
    }

    /// Where it stands in the text, if it is known.
    var span: SourceSpan? {
        switch self {
        case .column(let column), .outer(let column): column.span
        case .call(let call): call.span
        case .cast(let cast): cast.span
        case .lambda(let call): call.span
        case .aggregate(let aggregate): aggregate.span
        case .window(let window): window.span
        case .subquery(let subquery): subquery.span
        case .element(_, _, _, let span): span
        default: nil
        }
    }
}
