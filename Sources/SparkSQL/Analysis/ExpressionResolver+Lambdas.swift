import Columnar
import SparkErrors
import SparkFunctions
import SparkSyntax

extension HigherOrderFunction {
    /// `array_sort(a)` is an ordinary function of a single argument; `filter` and the others always take lambdas.
    func accepts(_ call: FunctionCall) -> Bool {
        let hasLambda = call.arguments.contains { if case .lambda = $0.value.kind { true } else { false } }
        return hasLambda || self != .arraySort || call.arguments.count == 2
    }

    fileprivate var collections: Int {
        switch self {
        case .transform, .filter, .exists, .forall, .transformKeys, .transformValues, .mapFilter, .arraySort: 1
        case .zipWith, .mapZipWith, .aggregate, .reduce: 2
        }
    }
}

extension ExpressionResolver {
    func lambdaCall(_ function: HigherOrderFunction, _ call: FunctionCall, _ span: SourceSpan?) throws(SQLError) -> ResolvedExpression {
        let name = function.rawValue
        let values = call.arguments.map(\.value)
        let isFold = function == .aggregate || function == .reduce
        let expected = isFold ? 3...4 : (function.collections + 1)...(function.collections + 1)
        guard expected.contains(values.count) else {
            throw wrongArity(name, isFold ? "[3, 4]" : "\(expected.lowerBound)", values.count, span)
        }
        var arguments: [ResolvedExpression] = []
        for value in values.prefix(function.collections) {
            if case .lambda = value.kind { throw SQLError(.invalidLambdaFunctionCallParameterDoesNotAcceptLambdaFunction, at: at(value.span)) }
            arguments.append(try resolve(value))
        }
        let sources = values.dropFirst(function.collections).map { $0 }
        switch function {
        case .transform, .filter, .exists, .forall, .arraySort:
            let (element, nullable) = try array(arguments[0], function, span)
            return try overArray(function, arguments, sources[0], element, nullable, span)
        case .aggregate, .reduce:
            let (element, nullable) = try array(arguments[0], function, span)
            return try fold(function, arguments, sources, element, nullable, span)
        case .zipWith:
            let (left, _) = try array(arguments[0], function, span)
            let (right, _) = try array(arguments[1], function, span)
            let lambda = try self.lambda(sources[0], [("x", left, true), ("y", right, true)], minimum: 2, span)
            return finish(
                function, arguments, [lambda], .array(element: lambda.body.type, containsNull: lambda.body.nullable), span)
        case .transformKeys, .transformValues, .mapFilter: return try overMap(function, arguments, sources[0], span)
        case .mapZipWith: return try mapZipWith(arguments, sources[0], span)
        }
    }

    private func finish(
        _ function: HigherOrderFunction, _ arguments: [ResolvedExpression], _ lambdas: [Lambda], _ type: DataType, nullable: Bool? = nil,
        _ span: SourceSpan?
    ) -> ResolvedExpression {
        let printed = arguments.map(\.sql) + lambdas.map(\.sql)
        return .lambda(
            LambdaCall(
                function: function, arguments: arguments, lambdas: lambdas, type: type,
                nullable: nullable ?? arguments.contains(where: \.nullable), sql: "\(function.rawValue)(\(printed.joined(separator: ", ")))",
                span: span))
    }

    private func array(
        _ argument: ResolvedExpression, _ function: HigherOrderFunction, _ span: SourceSpan?
    ) throws(SQLError) -> (DataType, nullable: Bool) {
        switch argument.type {
        case .array(let element, let containsNull): return (element, containsNull)
        default: throw mismatch(argument, function, "\"ARRAY\"", span)
        }
    }

    private func mismatch(
        _ argument: ResolvedExpression, _ function: HigherOrderFunction, position: Int = 0, _ wanted: String, _ span: SourceSpan?
    ) -> SQLError {
        SQLError(
            .datatypeMismatchUnexpectedInputType,
            [
                "sqlExpr": SQLQuote.expr("\(function.rawValue)(\(argument.sql))"), "paramIndex": Ordinals.word(position), "requiredType": wanted,
                "inputSql": SQLQuote.expr(argument.sql), "inputType": SQLQuote.type(argument.type.sqlText),
            ], at: span)
    }

    /// Resolves a lambda whose parameters have these types; it may take fewer than all, but at least `minimum`.
    private func lambda(
        _ syntax: SyntaxExpression, _ parameters: [(name: String, type: DataType, nullable: Bool)], minimum: Int, _ span: SourceSpan?
    ) throws(SQLError) -> Lambda {
        guard case .lambda(let names, let body) = syntax.kind else {
            // An expression without parameters stands for a lambda that ignores them, as many as there must be.
            let attributes = parameters.prefix(minimum).map { analyzer.attribute($0.name, $0.type, nullable: $0.nullable) }
            return Lambda(parameters: attributes, body: try lambdaBody(syntax, []))
        }
        guard names.count >= minimum, names.count <= parameters.count else {
            throw SQLError(
                .invalidLambdaFunctionCallNumArgsMismatch,
                ["expectedNumArgs": "\(names.count)", "actualNumArgs": "\(parameters.count)"], at: at(syntax.span))
        }
        for (index, name) in names.enumerated() where names[..<index].contains(where: { Names.same($0.text, name.text) }) {
            throw SQLError(
                .invalidLambdaFunctionCallDuplicateArgNames,
                [
                    "args": names.map { SQLQuote.id($0.text) }.joined(separator: ", "),
                    "caseSensitiveConfig": "\"spark.sql.caseSensitive\"",
                ], at: at(syntax.span))
        }
        let attributes = zip(names, parameters).map { analyzer.attribute($0.text, $1.type, nullable: $1.nullable) }
        return Lambda(parameters: attributes, body: try lambdaBody(body, attributes))
    }

    private func lambdaBody(_ syntax: SyntaxExpression, _ parameters: [Attribute]) throws(SQLError) -> ResolvedExpression {
        lambdas.append(parameters)
        defer { lambdas.removeLast() }
        let body = try resolve(syntax)
        // Spark plans these over rows that have no such column, and answers with nonsense or a crash.
        func reads(_ part: ResolvedExpression) -> Bool {
            part.first { inner in
                if case .column(let column) = inner { parameters.contains { $0.id == column.id } } else { false }
            } != nil
        }
        let misplaced = body.first { part in
            switch part {
            case .aggregate(let aggregate):
                (aggregate.arguments + (aggregate.filter.map { [$0] } ?? [])).contains(where: reads)
            case .window: reads(part)
            default: false
            }
        }
        if let misplaced { throw .unsupported("\(misplaced.sql) over a lambda's variables", at: misplaced.span ?? at(syntax.span)) }
        if body.containsSubquery { throw SQLError(.unsupportedSubqueryExpressionCategoryHigherOrderFunction, at: at(syntax.span)) }
        return body
    }

    private func overArray(
        _ function: HigherOrderFunction, _ arguments: [ResolvedExpression], _ source: SyntaxExpression, _ element: DataType, _ nullable: Bool,
        _ span: SourceSpan?
    ) throws(SQLError) -> ResolvedExpression {
        let x = ("x", element, nullable)
        switch function {
        case .transform:
            let lambda = try self.lambda(source, [x, ("i", .int, false)], minimum: 1, span)
            return finish(function, arguments, [lambda], .array(element: lambda.body.type, containsNull: lambda.body.nullable), span)
        case .filter:
            let lambda = try predicate(try self.lambda(source, [x, ("i", .int, false)], minimum: 1, span), function, span)
            return finish(function, arguments, [lambda], arguments[0].type, span)
        case .arraySort:
            var lambda = try self.lambda(source, [("left", element, nullable), ("right", element, nullable)], minimum: 2, span)
            guard lambda.body.type == .int else {
                throw SQLError(
                    .datatypeMismatchUnexpectedReturnType,
                    [
                        "sqlExpr": SQLQuote.expr("array_sort(\(arguments[0].sql), \(lambda.sql))"), "functionName": "`lambdafunction`",
                        "expectedType": "\"INT\"", "actualType": SQLQuote.type(lambda.body.type.sqlText),
                    ], at: span)
            }
            lambda.body = try coerce(lambda.body, to: .int, span)
            return finish(function, arguments, [lambda], arguments[0].type, span)
        default:
            let lambda = try predicate(try self.lambda(source, [x], minimum: 1, span), function, span)
            return finish(function, arguments, [lambda], .boolean, nullable: true, span)
        }
    }

    private func predicate(_ lambda: Lambda, _ function: HigherOrderFunction, _ span: SourceSpan?) throws(SQLError) -> Lambda {
        switch lambda.body.type {
        case .boolean: return lambda
        case .void: return Lambda(parameters: lambda.parameters, body: try coerce(lambda.body, to: .boolean))
        default:
            throw SQLError(
                .datatypeMismatchUnexpectedInputType,
                [
                    "sqlExpr": SQLQuote.expr("\(function.rawValue)(\(lambda.sql))"), "paramIndex": "second", "requiredType": "\"BOOLEAN\"",
                    "inputSql": SQLQuote.expr(lambda.sql), "inputType": SQLQuote.type(lambda.body.type.sqlText),
                ], at: span)
        }
    }

    private func fold(
        _ function: HigherOrderFunction, _ arguments: [ResolvedExpression], _ sources: [SyntaxExpression], _ element: DataType,
        _ nullable: Bool, _ span: SourceSpan?
    ) throws(SQLError) -> ResolvedExpression {
        let state = arguments[1].type
        var merge = try lambda(sources[0], [("acc", state, true), ("x", element, nullable)], minimum: 2, span)
        guard merge.body.type.hasShape(of: state) || merge.body.type == .void else {
            throw SQLError(
                .datatypeMismatchUnexpectedInputType,
                [
                    "sqlExpr": SQLQuote.expr("\(function.rawValue)(\((arguments.map(\.sql) + [merge.sql]).joined(separator: ", ")))"),
                    "paramIndex": "third", "requiredType": SQLQuote.type(state.sqlText), "inputSql": SQLQuote.expr(merge.sql),
                    "inputType": SQLQuote.type(merge.body.type.sqlText),
                ], at: span)
        }
        merge.body = try coerce(merge.body, to: state, span)
        var result = Lambda(parameters: [analyzer.attribute("id", state, nullable: true)], body: .null(.void))
        if sources.count > 1 {
            result = try lambda(sources[1], [("acc", state, true)], minimum: 1, span)
        } else {
            result.body = .column(ColumnReference(result.parameters[0], name: "namedlambdavariable()"))
        }
        return finish(function, arguments, [merge, result], result.body.type, nullable: true, span)
    }

    private func map(
        _ argument: ResolvedExpression, _ function: HigherOrderFunction, position: Int = 0, _ span: SourceSpan?
    ) throws(SQLError) -> (key: DataType, value: DataType, nullable: Bool) {
        guard case .map(let key, let value, let nullable) = argument.type else {
            throw mismatch(argument, function, position: position, "\"MAP\"", span)
        }
        return (key, value, nullable)
    }

    private func overMap(
        _ function: HigherOrderFunction, _ arguments: [ResolvedExpression], _ source: SyntaxExpression, _ span: SourceSpan?
    ) throws(SQLError) -> ResolvedExpression {
        let (key, value, nullable) = try map(arguments[0], function, span)
        let lambda = try self.lambda(source, [("k", key, false), ("v", value, nullable)], minimum: 2, span)
        switch function {
        case .transformKeys:
            if case .map = lambda.body.type {
                throw SQLError(
                    .datatypeMismatchInvalidMapKeyType,
                    [
                        "sqlExpr": SQLQuote.expr("transform_keys(\(arguments[0].sql), \(lambda.sql))"),
                        "keyType": SQLQuote.type(lambda.body.type.sqlText),
                    ],
                    at: span)
            }
            return finish(function, arguments, [lambda], .map(key: lambda.body.type, value: value, valueContainsNull: nullable), span)
        case .transformValues:
            return finish(
                function, arguments, [lambda], .map(key: key, value: lambda.body.type, valueContainsNull: lambda.body.nullable), span)
        default: return finish(function, arguments, [try predicate(lambda, function, span)], arguments[0].type, span)
        }
    }

    private func mapZipWith(_ arguments: [ResolvedExpression], _ source: SyntaxExpression, _ span: SourceSpan?) throws(SQLError) -> ResolvedExpression
    {
        let left = try map(arguments[0], .mapZipWith, span)
        let right = try map(arguments[1], .mapZipWith, position: 1, span)
        guard let key = Coercion.leastCommonType(left.key, right.key) else {
            throw SQLError(
                .datatypeMismatchMapZipWithDiffTypes,
                [
                    "sqlExpr": SQLQuote.expr("map_zip_with(\(arguments.map(\.sql).joined(separator: ", ")))"), "functionName": "`map_zip_with`",
                    "leftType": SQLQuote.type(left.key.sqlText), "rightType": SQLQuote.type(right.key.sqlText),
                ], at: span)
        }
        let cast = [
            try coerce(arguments[0], to: .map(key: key, value: left.value, valueContainsNull: left.nullable), span),
            try coerce(arguments[1], to: .map(key: key, value: right.value, valueContainsNull: right.nullable), span),
        ]
        let lambda = try self.lambda(source, [("k", key, false), ("v1", left.value, true), ("v2", right.value, true)], minimum: 3, span)
        return finish(.mapZipWith, cast, [lambda], .map(key: key, value: lambda.body.type, valueContainsNull: lambda.body.nullable), span)
    }
}

extension Lambda {
    var sql: String {
        let variables = parameters.map { _ in "namedlambdavariable()" }
        return "lambdafunction(\(([body.sql] + variables).joined(separator: ", ")))"
    }
}

extension DataType {
    /// Whether they are the same but for nulls and the names of fields.
    func hasShape(of other: DataType) -> Bool {
        switch (self, other) {
        case (.structure(let fields), .structure(let others)):
            fields.count == others.count && zip(fields, others).allSatisfy { $0.type.hasShape(of: $1.type) }
        case (.array(let element, _), .array(let otherElement, _)): element.hasShape(of: otherElement)
        case (.map(let key, let value, _), .map(let otherKey, let otherValue, _)): key.hasShape(of: otherKey) && value.hasShape(of: otherValue)
        default: sameIgnoringNulls(as: other)
        }
    }

    /// Equal but for which parts may be null.
    func sameIgnoringNulls(as other: DataType) -> Bool { asNullable == other.asNullable }
}
