import Columnar
import SparkErrors
import SparkFunctions
import SparkSyntax

extension ExpressionResolver {
    func unary(_ symbol: UnaryOperator, _ operand: ResolvedExpression, _ span: SourceSpan?) throws(SQLError) -> ResolvedExpression {
        switch symbol {
        case .negative: return .replaced(sql: "(- \(operand.sql))", try call("negative", [operand], span))
        case .positive: return .replaced(sql: "(+ \(operand.sql))", try call("positive", [operand], span))
        case .bitwiseNot: return try call("~", [operand], span)
        case .not: return .not(try boolean(operand, of: { "(NOT \($0))" }, span))
        }
    }

    /// An operand of NOT; `sql` prints the whole for the error.
    private func boolean(
        _ operand: ResolvedExpression, of sql: (String) -> String, position: String = "first", _ span: SourceSpan?
    ) throws(SQLError) -> ResolvedExpression {
        switch operand.type {
        case .boolean: return operand
        case .void, .string, .char, .varchar: return try coerce(operand, to: .boolean, span)
        default:
            throw SQLError(
                .datatypeMismatchUnexpectedInputType,
                [
                    "sqlExpr": SQLQuote.expr(sql(operand.sql)), "paramIndex": position, "requiredType": "\"BOOLEAN\"",
                    "inputSql": SQLQuote.expr(operand.sql), "inputType": SQLQuote.type(operand.type.sqlText),
                ], at: span)
        }
    }

    func binary(
        _ symbol: BinaryOperator, _ left: SyntaxExpression, _ right: SyntaxExpression, _ span: SourceSpan?
    ) throws(SQLError) -> ResolvedExpression {
        switch symbol {
        case .and, .or: return try logical(symbol, left, right, span)
        case .notEqual:
            return .not(try compare("=", left, right, span))
        case .equal, .less, .lessOrEqual, .greater, .greaterOrEqual, .nullSafeEqual: return try compare(symbol.rawValue, left, right, span)
        default:
            if let moved = try calendarShift(symbol, left, right, span) { return moved }
            return try chain(symbol, left, right, span)
        }
    }

    /// An arithmetic operator or `||` over resolved operands.
    func operation(
        _ symbol: BinaryOperator, _ left: ResolvedExpression, _ right: ResolvedExpression, _ span: SourceSpan?
    ) throws(SQLError) -> ResolvedExpression {
        let result = try call(symbol.rawValue, [left, right], span)
        return Self.temporalSQL(symbol, left, right).map { .replaced(sql: $0, result) } ?? result
    }

    /// How sums of dates and intervals are printed; nil for others.
    private static func temporalSQL(_ symbol: BinaryOperator, _ left: ResolvedExpression, _ right: ResolvedExpression) -> String? {
        var (left, right) = (left, right)
        switch symbol {
        case .add where right.type.isTemporal: swap(&left, &right)
        case .multiply where right.type.isInterval && !left.type.isInterval: return "(\(right.sql) * \(left.sql))"
        case .add, .subtract: break
        default: return nil
        }
        guard left.type.isTemporal, !right.type.isTemporal else { return nil }
        let isSum = symbol == .add
        switch (left.type, right.type) {
        case (.date, let number) where number.isInteger: return "\(isSum ? "date_add" : "date_sub")(\(left.sql), \(right.sql))"
        case (.date, .dayTimeInterval(let range)) where range.end == .day:
            let days = "extractansiintervaldays(\(right.sql))"
            return "date_add(\(left.sql), \(isSum ? days : "(- \(days))"))"
        case (_, .dayTimeInterval), (_, .yearMonthInterval), (_, .void): return "\(left.sql) \(symbol.rawValue) \(right.sql)"
        default: return nil
        }
    }

    /// `(a, b) = (SELECT …)` compares as a struct.
    private func compare(
        _ symbol: String, _ left: SyntaxExpression, _ right: SyntaxExpression, _ span: SourceSpan?
    ) throws(SQLError) -> ResolvedExpression {
        try call(symbol, [try resolve(left), try resolve(right)], span)
    }

    private func logical(
        _ symbol: BinaryOperator, _ left: SyntaxExpression, _ right: SyntaxExpression, _ span: SourceSpan?
    ) throws(SQLError) -> ResolvedExpression {
        let left = try resolve(left)
        let right = try resolve(right)
        let operands = [left, right]
        for operand in operands {
            switch operand.type {
            case .boolean, .void, .string, .char, .varchar: continue
            default: break
            }
            let sql = SQLQuote.expr("(\(left.sql) \(symbol.rawValue) \(right.sql))")
            if left.type != right.type, left.type != .void, right.type != .void {
                throw SQLError(
                    .datatypeMismatchBinaryOpDiffTypes,
                    ["sqlExpr": sql, "left": SQLQuote.type(left.type.sqlText), "right": SQLQuote.type(right.type.sqlText)], at: span)
            }
            throw SQLError(
                .datatypeMismatchBinaryOpWrongType,
                ["sqlExpr": sql, "inputType": "\"BOOLEAN\"", "actualDataType": SQLQuote.type(operand.type.sqlText)], at: span)
        }
        var parts: [ResolvedExpression] = []
        for operand in operands {
            let operand = try coerce(operand, to: .boolean, span)
            // Chains lie flat, as far as they print the same.
            switch (symbol, operand, parts.isEmpty) {
            case (.and, .and(let inner), true), (.or, .or(let inner), true): parts += inner
            default: parts.append(operand)
            }
        }
        return symbol == .and ? .and(parts) : .or(parts)
    }

    func isTest(
        _ test: SyntaxExpression.IsTest, _ operand: ResolvedExpression, _ isNegated: Bool, _ span: SourceSpan?
    ) throws(SQLError) -> ResolvedExpression {
        switch test {
        case .null: return isNegated ? .isNotNull(operand) : .isNull(operand)
        case .unknown:
            let operand = try coerce(operand, to: .boolean, span)
            return isNegated ? .isNotNull(operand) : .isNull(operand)
        case .isTrue, .isFalse:
            let constant = ResolvedExpression.constant(Constant(.boolean(test == .isTrue), .boolean, isLiteral: true))
            let same = try call("<=>", [operand, constant], span)
            return isNegated ? .not(same) : same
        }
    }

    func between(
        _ operand: SyntaxExpression, _ low: SyntaxExpression, _ high: SyntaxExpression, _ isNegated: Bool, _ span: SourceSpan?
    ) throws(SQLError) -> ResolvedExpression {
        let span = predicateSpan(operand, span)
        let operand = try resolve(operand)
        let low = try resolve(low)
        let high = try resolve(high)
        let inside = ResolvedExpression.and([
            try call(">=", [operand, low], span, operandIsShared: true), try call("<=", [operand, high], span, operandIsShared: true),
        ])
        if !operand.isDeterministic { throw .unsupported("BETWEEN over a non-deterministic expression", at: span) }
        let result = ResolvedExpression.replaced(sql: "between(\(operand.sql), \(low.sql), \(high.sql))", inside)
        return isNegated ? .not(result) : result
    }

    /// A predicate's own part of `x IN (…)`, `x BETWEEN …` and `x LIKE …`: Spark points behind the operand.
    func predicateSpan(_ operand: SyntaxExpression, _ span: SourceSpan?) -> SourceSpan? {
        guard let span, operand.span.end + 1 < span.end else { return span }
        return SourceSpan(start: operand.span.end + 1, end: span.end)
    }

    func inList(_ value: ResolvedExpression, _ list: [ResolvedExpression], _ span: SourceSpan?) throws(SQLError) -> ResolvedExpression {
        let all = try unified("in", try filledUp("in", [value] + list, span), span) { "(\($0[0]) IN (\($0.dropFirst().joined(separator: ", "))))" }
        var operand = all[0]
        let items = Array(all.dropFirst())
        guard let type = commonType(all) else {
            let types = all.map { SQLQuote.type($0.type.sqlText) }.joined(separator: ", ")
            throw SQLError(
                .datatypeMismatchDataDiffTypes,
                [
                    "sqlExpr": SQLQuote.expr(ResolvedExpression.inList(operand, items).sql), "functionName": "`in`", "dataType": "[\(types)]",
                ], at: span)
        }
        if !type.isOrderable(mapsAllowed: false), case .map = type {
            throw SQLError(
                .datatypeMismatchInvalidOrderingType,
                [
                    "sqlExpr": SQLQuote.expr(ResolvedExpression.inList(operand, items).sql), "functionName": "`in`",
                    "dataType": SQLQuote.type(type.sqlText),
                ], at: span)
        }
        operand = try coerce(operand, to: type, span)
        return .inList(operand, try coerce(items, to: items.map { _ in type }, span))
    }

    /// The type that all take (CASE, IN, COALESCE and their kin), literals by their digits.
    func commonType(_ expressions: [ResolvedExpression]) -> DataType? {
        guard let first = expressions.first?.type else { return .void }
        if expressions.allSatisfy({ $0.type == first }) { return first }
        return Coercion.commonType(expressions.map(\.type))
    }

    func like(_ like: SyntaxExpression.Like, _ span: SourceSpan?) throws(SQLError) -> ResolvedExpression {
        let span = predicateSpan(like.operand, span)
        let operand = try resolve(like.operand)
        let patterns = try resolve(like.patterns)
        guard let quantifier = like.quantifier else {
            guard let pattern = patterns.first else { throw .unsupported("LIKE without a pattern", at: span) }
            var arguments = [operand, pattern]
            if let escape = like.escape { arguments.append(.constant(Constant(.string(escape), .text, isLiteral: true))) }
            let result = try call(like.form.rawValue.lowercased(), arguments, span)
            return like.isNegated ? .not(result) : result
        }
        var tests: [ResolvedExpression] = []
        for pattern in patterns {
            let test = try call(like.form.rawValue.lowercased(), [operand, pattern], span)
            tests.append(like.isNegated ? .not(test) : test)
        }
        let isAll = quantifier == .all
        let shown = ([operand] + patterns.filter { !$0.isFoldable }).map(\.sql)
        let printed = (like.form.rawValue.lowercased() == "ilike" ? shown.map { "lower(\($0))" } : shown).joined(separator: ", ")
        let sql = "\(like.isNegated ? "not" : "")like\(isAll ? "all" : "any")(\(printed))"
        let joined = tests.count == 1 ? tests[0] : isAll ? ResolvedExpression.and(tests) : .or(tests)
        return .replaced(sql: sql, joined)
    }

    func cast(_ cast: SyntaxExpression.Cast, _ span: SourceSpan?) throws(SQLError) -> ResolvedExpression {
        let operand = try resolve(cast.operand)
        var type = try analyzer.type(cast.type, environment)
        if environment.collation != .utf8Binary { type = type.withoutLengths(environment.collation) }
        let isTry = cast.form == .tryCast || cast.form == .tryDoubleColon
        return try explicitCast(operand, to: type, isTry: isTry, span)
    }

    func explicitCast(
        _ operand: ResolvedExpression, to type: DataType, isTry: Bool, _ span: SourceSpan?
    ) throws(SQLError) -> ResolvedExpression {
        let mode: Cast.Mode = isTry ? .attempt : context.ansi ? .ansi : .legacy
        // A type written in SQL has parts that may be null; CHAR and VARCHAR are no more than STRING here.
        var target = type.asNullable
        switch target {
        case .char, .varchar: target = .string(environment.collation)
        default: break
        }
        guard Cast.canCast(operand.type, target, ansi: mode != .legacy) else { throw castError(operand, target, isTry: isTry, span) }
        return .cast(CastExpression(operand, to: target, mode: mode, isImplicit: false, span: span))
    }

    private func castError(_ operand: ResolvedExpression, _ type: DataType, isTry: Bool, _ span: SourceSpan?) -> SQLError {
        let name = isTry ? "TRY_CAST" : "CAST"
        let parameters = [
            "sqlExpr": SQLQuote.expr("\(name)(\(operand.sql) AS \(type.sqlText))"), "srcType": SQLQuote.type(operand.type.sqlText),
            "targetType": SQLQuote.type(type.sqlText),
        ]
        if context.ansi || isTry, let functions = Self.conversionFunctions(operand.type, type) {
            return SQLError(.datatypeMismatchCastWithFuncSuggestion, parameters.merging(["functionNames": functions]) { $1 }, at: span)
        }
        if context.ansi, !isTry, Cast.canCast(operand.type, type, ansi: false) {
            return SQLError(
                .datatypeMismatchCastWithConfSuggestion,
                parameters.merging(["config": "\"spark.sql.ansi.enabled\"", "configVal": "'false'"]) { $1 }, at: span)
        }
        return SQLError(.datatypeMismatchCastWithoutSuggestion, parameters, at: span)
    }

    private static func conversionFunctions(_ from: DataType, _ to: DataType) -> String? {
        switch (from, to) {
        case (_, .timestamp) where from.isNumeric: "`TIMESTAMP_SECONDS`/`TIMESTAMP_MILLIS`/`TIMESTAMP_MICROS`"
        case (_, .date) where from.isNumeric: "`DATE_FROM_UNIX_DATE`"
        case (.timestamp, _) where to.isNumeric: "`UNIX_SECONDS`/`UNIX_MILLIS`/`UNIX_MICROS`"
        case (.date, _) where to.isNumeric: "`UNIX_DATE`"
        default: nil
        }
    }
}

extension DataType {
    var isTemporal: Bool {
        switch self {
        case .date, .timestamp, .timestampNTZ: true
        default: false
        }
    }

    /// CHAR and VARCHAR as strings of a collation, at any depth.
    fileprivate func withoutLengths(_ collation: Collation) -> DataType {
        switch self {
        case .char, .varchar: .string(collation)
        case .array(let element, let containsNull): .array(element: element.withoutLengths(collation), containsNull: containsNull)
        case .map(let key, let value, let containsNull):
            .map(key: key.withoutLengths(collation), value: value.withoutLengths(collation), valueContainsNull: containsNull)
        case .structure(let fields):
            .structure(fields.map { Field($0.name, $0.type.withoutLengths(collation), nullable: $0.nullable, comment: $0.comment) })
        default: self
        }
    }

    /// The same with every element, value and field nullable: what a type written in SQL means to CAST.
    var asNullable: DataType {
        switch self {
        case .array(let element, _): .array(element: element.asNullable, containsNull: true)
        case .map(let key, let value, _): .map(key: key.asNullable, value: value.asNullable, valueContainsNull: true)
        case .structure(let fields):
            .structure(fields.map { Field($0.name, $0.type.asNullable, nullable: true, comment: $0.comment) })
        default: self
        }
    }

    /// Whether values can be sorted and compared: maps and variants cannot.
    func isOrderable(mapsAllowed: Bool) -> Bool {
        switch self {
        case .array(let element, _): element.isOrderable(mapsAllowed: mapsAllowed)
        case .structure(let fields): fields.allSatisfy { $0.type.isOrderable(mapsAllowed: mapsAllowed) }
        case .map: mapsAllowed
        case .variant: false
        default: true
        }
    }
}
