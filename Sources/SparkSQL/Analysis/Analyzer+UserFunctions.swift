import Columnar
import SparkErrors
import SparkFunctions
import SparkSyntax

/// SQL functions: their bodies take the place of the call.
extension ExpressionResolver {
    func userFunction(_ name: [String], _ call: FunctionCall, _ span: SourceSpan?) throws(SQLError) -> ResolvedExpression {
        guard let function = try analyzer.catalog.function(environment.qualified(name), at: call.name.span) else {
            throw unresolvedRoutine(name, span)
        }
        try refuseAggregateSyntax(call, name.last ?? "", span)
        if call.over != nil { throw .unsupported("a SQL function over a window", at: span) }
        guard case .scalar(let result) = function.result else {
            throw SQLError(.notAScalarFunction, ["functionName": SQLQuote.id(function.name)], at: span)
        }
        let given = try arguments(named: call.arguments.map { ($0.name?.text, $0.value) }, of: function, span)
        let inner = try analyzer.bodyEnvironment(function, given, environment, span)
        var value: ResolvedExpression
        switch function.body {
        case .expression(let body):
            let resolver = ExpressionResolver(analyzer, inner.environment(outer: nil), scopes: [])
            resolver.lambdas = []
            value = try resolver.resolve(body)
        case .query(let query): value = try query.scalar(analyzer, inner, span)
        }
        if let result { value = try coerce(value, to: result.inPlans, span) }
        return .replaced(sql: "\(function.name.joined(separator: "."))(\(given.map(\.sql).joined(separator: ", ")))", value)
    }

    /// The arguments in the parameters' order, of their types, defaults filled in.
    func arguments(
        named written: [(name: String?, value: SyntaxExpression)], of function: CatalogFunction, _ span: SourceSpan?
    ) throws(SQLError) -> [ResolvedExpression] {
        let routine = SQLQuote.id(function.name)
        var given = [ResolvedExpression?](repeating: nil, count: function.parameters.count)
        for (position, argument) in written.enumerated() {
            var index = position
            if let name = argument.name {
                guard let found = function.parameters.firstIndex(where: { Names.same($0.name, name) }) else {
                    throw SQLError(
                        .unrecognizedParameterName,
                        [
                            "routineName": routine, "argumentName": SQLQuote.id(name),
                            "proposal": function.parameters.map { SQLQuote.id($0.name) }.joined(separator: " "),
                        ], at: span)
                }
                index = found
            }
            guard given.indices.contains(index) else {
                throw wrongArity(function.name.last ?? "", "\(function.parameters.count)", written.count, span)
            }
            given[index] = try resolve(argument.value)
        }
        var result: [ResolvedExpression] = []
        for (index, parameter) in function.parameters.enumerated() {
            var value = given[index]
            if value == nil, let written = parameter.defaultValue {
                var environment = analyzer.environment
                environment.showsPlaces = false
                value = try ExpressionResolver(analyzer, environment, scopes: []).resolve(written)
            }
            guard let value else { throw wrongArity(function.name.last ?? "", "\(function.parameters.count)", written.count, span) }
            result.append(try coerce(value, to: parameter.type.inPlans, span))
        }
        return result
    }
}

extension Analyzer {
    static let maximumFunctionNesting = 32

    /// Where a function's body is analysed.
    struct BodyEnvironment {
        fileprivate let base: Environment
        fileprivate let arguments: [(name: String, value: ResolvedExpression)]
        fileprivate let columns: [ColumnReference]

        /// `outer`: the level of a query in the body, which sees the arguments' columns as an enclosing query's.
        func environment(outer: QueryLevel?) -> Environment {
            var result = base
            for (name, value) in arguments { result.arguments[name] = outer == nil ? value : value.asOuter }
            if let outer {
                for column in columns { outer.capture(column) }
                result.level = outer
            }
            return result
        }
    }

    func bodyEnvironment(
        _ function: CatalogFunction, _ given: [ResolvedExpression], _ outer: Environment, _ span: SourceSpan?
    ) throws(SQLError) -> BodyEnvironment {
        guard outer.functionNesting < Self.maximumFunctionNesting else {
            throw .unsupported("SQL functions within each other more than \(Self.maximumFunctionNesting) deep", at: span)
        }
        var inner = Environment(
            catalog: function.catalog, schema: function.schema, nesting: outer.nesting, qualifies: true, depth: outer.depth, showsPlaces: false)
        inner.functionNesting = outer.functionNesting + 1
        var columns: [ColumnReference] = []
        for value in given {
            value.forEach { part in
                switch part {
                case .column(let column), .outer(let column): columns.append(column)
                default: break
                }
            }
        }
        return BodyEnvironment(base: inner, arguments: zip(function.parameters, given).map { ($0.name.lowercased(), $1) }, columns: columns)
    }

    /// A table function written in SQL; nil if there is none of this name.
    func userTableFunction(
        _ name: [String], _ function: TableFunction, _ environment: Environment, _ span: SourceSpan?
    ) throws(SQLError) -> AnalyzedRelation? {
        guard let found = try catalog.function(environment.qualified(name), at: function.name.span) else { return nil }
        guard case .table(let fields) = found.result, case .query(let query) = found.body else {
            throw SQLError(.notATableFunction, ["functionName": SQLQuote.id(found.name)], at: span)
        }
        let resolver = ExpressionResolver(self, environment, scopes: environment.level?.scopes ?? [])
        var written: [(name: String?, value: SyntaxExpression)] = []
        for argument in function.arguments {
            guard case .expression(let name, let value) = argument else { throw .unsupported("TABLE arguments of a SQL function", at: span) }
            written.append((name?.text, value))
        }
        let given = try resolver.arguments(named: written, of: found, span)
        let body = try bodyEnvironment(found, given, environment, span)
        let relation = try analyze(query, body.environment(outer: QueryLevel(scopes: [], parent: environment.level))).ordered
        let made = relation.plan.output
        guard made.count == fields.count else {
            throw SQLError(
                .numTableValueAliasesMismatch,
                [
                    "funcName": SQLQuote.id(found.name), "aliasesNum": "\(fields.count)", "outColsNum": "\(made.count)",
                ], at: span)
        }
        var named: [LogicalPlan.NamedColumn] = []
        for (column, field) in zip(made, fields) {
            let value = try resolver.coerce(column.reference, to: field.type.inPlans)
            named.append(.init(attribute(field.name, field.type.inPlans, nullable: true), value))
        }
        let plan = LogicalPlan.project(.init(child: relation.plan, columns: named))
        // The arguments' columns are those of the relations to the left.
        if let level = environment.level { for column in body.columns { level.capture(column) } }
        return AnalyzedRelation(plan: plan, scope: Scope(plan.output, qualifier: [found.name.last ?? ""]))
    }
}

extension Query {
    fileprivate func scalar(
        _ analyzer: Analyzer, _ body: Analyzer.BodyEnvironment, _ span: SourceSpan?
    ) throws(SQLError) -> ResolvedExpression {
        let level = QueryLevel(scopes: [], parent: nil)
        let relation = try analyzer.analyze(self, body.environment(outer: level))
        let columns = relation.plan.output
        guard columns.count == 1 else {
            throw SQLError(
                .invalidSubqueryExpressionScalarSubqueryReturnMoreThanOneOutputColumn, ["number": "\(columns.count)"], at: span)
        }
        return .subquery(
            SubqueryExpression(kind: .scalar, plan: relation.plan, outer: level.captured, type: columns[0].type, nullable: true, span: span))
    }
}

extension ResolvedExpression {
    /// The expression within a subquery of its own place.
    fileprivate var asOuter: ResolvedExpression {
        replacing { part in if case .column(let column) = part { .outer(column) } else { nil } }
    }
}
