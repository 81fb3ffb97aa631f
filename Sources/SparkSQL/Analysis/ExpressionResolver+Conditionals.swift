import Columnar
import SparkErrors
import SparkFunctions
import SparkSyntax

extension ExpressionResolver {
    func caseWhen(_ syntax: SyntaxExpression.Case, _ span: SourceSpan?) throws(SQLError) -> ResolvedExpression {
        var branches: [Conditional.Branch] = []
        let operand: ResolvedExpression?
        if let written = syntax.operand { operand = try resolve(written) } else { operand = nil }
        for branch in syntax.branches {
            var condition = try resolve(branch.condition)
            if let operand { condition = try call("=", [operand, condition], span) }
            branches.append(Conditional.Branch(condition, try resolve(branch.result)))
        }
        var otherwise: ResolvedExpression?
        if let written = syntax.otherwise { otherwise = try resolve(written) }
        return try conditional(branches, otherwise: otherwise, isIf: false, span)
    }

    /// Checks the conditions and brings all results to one type.
    func conditional(
        _ branches: [Conditional.Branch], otherwise: ResolvedExpression?, isIf: Bool, _ span: SourceSpan?
    ) throws(SQLError) -> ResolvedExpression {
        let untyped = Conditional(branches, otherwise: otherwise, type: .void, isIf: isIf)
        var checked = branches
        for (index, branch) in branches.enumerated() {
            switch branch.condition.type {
            case .boolean: continue
            case .void where isIf: checked[index].condition = try coerce(branch.condition, to: .boolean, span)
            default:
                throw SQLError(
                    .datatypeMismatchUnexpectedInputType,
                    [
                        "sqlExpr": SQLQuote.expr(untyped.sql), "paramIndex": Ordinals.word(isIf ? 0 : 2 * index), "requiredType": "\"BOOLEAN\"",
                        "inputSql": SQLQuote.expr(branch.condition.sql), "inputType": SQLQuote.type(branch.condition.type.sqlText),
                    ], at: span)
            }
        }
        let results = try unified("if", branches.map(\.result) + (otherwise.map { [$0] } ?? []), span) { _ in untyped.sql }
        for index in checked.indices { checked[index].result = results[index] }
        let otherwise = otherwise.flatMap { _ in results.last }
        guard let type = commonType(results) else {
            let types = results.map { SQLQuote.type($0.type.sqlText) }.joined(separator: ", ")
            throw SQLError(
                .datatypeMismatchDataDiffTypes,
                ["sqlExpr": SQLQuote.expr(untyped.sql), "functionName": isIf ? "`if`" : "`casewhen`", "dataType": "[\(types)]"], at: span)
        }
        for index in checked.indices { checked[index].result = try coerce(results[index], to: type, span) }
        if otherwise != nil, let value = results.last {
            return .conditional(Conditional(checked, otherwise: try coerce(value, to: type, span), type: type, isIf: isIf))
        }
        return .conditional(Conditional(checked, otherwise: nil, type: type, isIf: isIf))
    }

    /// Functions whose arguments are evaluated only as far as needed; nil if `name` is none of them.
    func lazyFunction(_ name: String, _ arguments: [ResolvedExpression], _ span: SourceSpan?) throws(SQLError) -> ResolvedExpression? {
        func wants(_ count: Int) throws(SQLError) {
            guard arguments.count == count else { throw wrongArity(name, "\(count)", arguments.count, span) }
        }
        let sql = "\(name)(\(arguments.map(\.sql).joined(separator: ", ")))"
        switch name {
        case "if", "iff":
            try wants(3)
            return try conditional([.init(arguments[0], arguments[1])], otherwise: arguments[2], isIf: true, span)
        case "coalesce":
            guard !arguments.isEmpty else { throw wrongArity(name, "> 0", 0, nil) }
            return try coalesce(arguments, sql: sql, name: name, span)
        case "nvl", "ifnull":
            try wants(2)
            return .replaced(sql: sql, try coalesce(arguments, sql: sql, name: "coalesce", span))
        case "nvl2":
            try wants(3)
            let branch = Conditional.Branch(.isNotNull(arguments[0]), arguments[1])
            return .replaced(sql: sql, try conditional([branch], otherwise: arguments[2], isIf: true, span))
        case "nullif":
            try wants(2)
            let same = try call("=", arguments, span, operandIsShared: true)
            let type = arguments[0].type
            return .replaced(
                sql: sql,
                .conditional(Conditional([.init(same, .null(type))], otherwise: arguments[0], type: type, isIf: true)))
        case "zeroifnull":
            try wants(1)
            let zero = ResolvedExpression.constant(Constant(.integer(0), .int, isLiteral: true))
            return .replaced(sql: sql, try coalesce([arguments[0], zero], sql: sql, name: "coalesce", span))
        case "nullifzero":
            try wants(1)
            let zero = ResolvedExpression.constant(Constant(.integer(0), .int, isLiteral: true))
            let type = arguments[0].type
            let same = try call("=", [arguments[0], zero], span)
            return .replaced(
                sql: sql, .conditional(Conditional([.init(same, .null(type))], otherwise: arguments[0], type: type, isIf: true)))
        case "decode" where arguments.count != 2:
            return try decode(arguments, sql: sql, span)
        case "when":
            guard arguments.count > 1 else { throw wrongArity(name, "> 1", arguments.count, span) }
            let branches = stride(from: 0, to: arguments.count - 1, by: 2).map { Conditional.Branch(arguments[$0], arguments[$0 + 1]) }
            return try conditional(branches, otherwise: arguments.count.isMultiple(of: 2) ? nil : arguments.last, isIf: false, span)
        case "isnull":
            try wants(1)
            return .replaced(sql: "(\(arguments[0].sql) IS NULL)", .isNull(arguments[0]))
        case "isnotnull":
            try wants(1)
            return .replaced(sql: "(\(arguments[0].sql) IS NOT NULL)", .isNotNull(arguments[0]))
        default: return nil
        }
    }

    func wrongArity(_ name: String, _ expected: String, _ actual: Int, _ span: SourceSpan?) -> SQLError {
        SQLError(
            .wrongNumArgsWithoutSuggestion,
            [
                "functionName": SQLQuote.id(name), "expectedNum": expected, "actualNum": "\(actual)",
                "docroot": "https://spark.apache.org/docs/latest",
            ], at: span, phase: .analysis)
    }

    private func coalesce(
        _ arguments: [ResolvedExpression], sql: String, name: String, _ span: SourceSpan?
    ) throws(SQLError) -> ResolvedExpression {
        let arguments = try unified("coalesce", arguments, span) { "\(name)(\($0.joined(separator: ", ")))" }
        guard let type = commonType(arguments) else {
            let types = arguments.map { SQLQuote.type($0.type.sqlText) }.joined(separator: " or ")
            throw SQLError(
                .datatypeMismatchDataDiffTypes,
                [
                    "sqlExpr": SQLQuote.expr("\(name)(\(arguments.map(\.sql).joined(separator: ", ")))"), "functionName": "`coalesce`",
                    "dataType": "(\(types))",
                ], at: span)
        }
        return .coalesce(try coerce(arguments, to: arguments.map { _ in type }, span), type: type)
    }

    /// `decode(value, search, result, …, default)`: NULL finds NULL.
    private func decode(_ arguments: [ResolvedExpression], sql: String, _ span: SourceSpan?) throws(SQLError) -> ResolvedExpression {
        guard arguments.count > 2 else { throw wrongArity("decode", "> 1", arguments.count, span) }
        var branches: [Conditional.Branch] = []
        var index = 1
        while index + 1 < arguments.count {
            branches.append(.init(try call("<=>", [arguments[0], arguments[index]], span), arguments[index + 1]))
            index += 2
        }
        let otherwise = index < arguments.count ? arguments[index] : nil
        return .replaced(sql: sql, try conditional(branches, otherwise: otherwise, isIf: false, span))
    }
}

/// `first`, `second` …: how messages count parameters.
enum Ordinals {
    private static let words = [
        "first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth", "tenth", "eleventh", "twelfth", "thirteenth",
        "fourteenth", "fifteenth", "sixteenth",
    ]

    static func word(_ index: Int) -> String { words.indices.contains(index) ? words[index] : "\(index + 1)th" }
}
