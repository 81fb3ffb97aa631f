import Columnar
import SparkErrors
import SparkFunctions
import SparkSyntax

/// SQL functions: their bodies take the place of the call.
extension ExpressionResolver {
    func userFunction(_ name: [String], _ call: FunctionCall, _ span: SourceSpan?) throws(SQLError) -> ResolvedExpression {
        guard let function = try analyzer.sqlFunction(name, environment, at: call.name.span) else { throw unresolvedRoutine(name, span) }
        try refuseAggregateSyntax(call, name.last ?? "", span)
        if call.over != nil { throw .unsupported("a SQL function over a window", at: span) }
        guard case .scalar(let result) = function.result else {
            // Temporary functions of the two kinds have names of their own.
            if function.isTemporary { throw unresolvedRoutine(name, span) }
            throw SQLError(.notAScalarFunction, ["functionName": SQLQuote.id(function.name)], at: span)
        }
        let given = try arguments(named: call.arguments.map { ($0.name?.text, $0.value) }, of: function, span)
        let inner = try analyzer.bodyEnvironment(function, given.values, environment, span)
        let value = try analyzer.body(of: function, inner, to: result, span)
        return .replaced(sql: "\(function.name.joined(separator: "."))(\(given.shown.joined(separator: ", ")))", value)
    }

    /// What a call gives to a function.
    struct GivenArguments {
        /// In the parameters' order, of their types, defaults filled in.
        var values: [ResolvedExpression] = []
        /// Those that were given, in that order, as they are printed.
        var shown: [String] = []
    }

    func arguments(
        named written: [(name: String?, value: SyntaxExpression)], of function: CatalogFunction, _ span: SourceSpan?
    ) throws(SQLError) -> GivenArguments {
        let routine = SQLQuote.id(function.name)
        var given = [ResolvedExpression?](repeating: nil, count: function.parameters.count)
        var result = GivenArguments()
        var isNamed = false
        for (position, argument) in written.enumerated() {
            var index = position
            if let name = argument.name {
                isNamed = true
                guard let found = function.parameters.firstIndex(where: { Names.same($0.name, name) }) else {
                    throw SQLError(
                        .unrecognizedParameterName,
                        [
                            "routineName": routine, "argumentName": SQLQuote.id(name),
                            "proposal": function.parameters.map { SQLQuote.id($0.name) }.joined(separator: " "),
                        ], at: span)
                }
                index = found
                if given[index] != nil {
                    let condition: ErrorCondition =
                        written.prefix(function.parameters.count).indices.contains(index) && written[index].name == nil
                        ? .duplicateRoutineParameterAssignmentBothPositionalAndNamed
                        : .duplicateRoutineParameterAssignmentDoubleNamedArgumentReference
                    throw SQLError(condition, ["routineName": routine, "parameterName": SQLQuote.id(name)], at: span)
                }
            } else if isNamed {
                throw SQLError(
                    .unexpectedPositionalArgument,
                    [
                        "routineName": routine,
                        "parameterName": SQLQuote.id(function.parameters.indices.contains(position) ? function.parameters[position].name : ""),
                    ], at: span)
            }
            guard given.indices.contains(index) else { throw wrongArity(function, written.count, span) }
            let value = try resolve(argument.value)
            given[index] = value
        }
        result.shown = given.compactMap { $0?.sql }
        var all: [String] = []
        for (index, parameter) in function.parameters.enumerated() {
            var value = given[index]
            if value == nil, let written = parameter.defaultValue {
                var environment = Environment(catalog: function.catalog, schema: function.schema, qualifies: true, showsPlaces: false)
                environment.functionNesting = self.environment.functionNesting + 1
                environment.seesTemporary = function.isTemporary
                value = try ExpressionResolver(analyzer, environment, scopes: []).resolve(written)
            }
            guard let value else { throw wrongArity(function, written.count, span) }
            all.append(value.sql)
            result.values.append(try stored(value, as: parameter.type, span))
        }
        // A call by name shows its defaults, too.
        if isNamed { result.shown = all }
        return result
    }

    /// A value as a parameter or result: an explicit cast that is not shown.
    func stored(_ value: ResolvedExpression, as type: DataType, _ span: SourceSpan?) throws(SQLError) -> ResolvedExpression {
        let type = type.inPlans
        if value.type.sameIgnoringNulls(as: type) { return value }
        if case .constant(let constant) = value, constant.value.isNull { return try coerce(value, to: type, span) }
        return try explicitCast(value, to: type, isTry: false, span)
    }

    private func wrongArity(_ function: CatalogFunction, _ count: Int, _ span: SourceSpan?) -> SQLError {
        let least = function.parameters.reduce(0) { $0 + ($1.defaultValue == nil ? 1 : 0) }
        let most = function.parameters.count
        let expected = least == most ? "\(most)" : "[\((least...most).map(String.init).joined(separator: ", "))]"
        return wrongArity(SQLQuote.unquoted(function.name), expected, count, span)
    }
}

extension Analyzer {
    static let maximumFunctionNesting = 32

    /// Where a function's body is analysed.
    struct BodyEnvironment {
        fileprivate let base: Environment
        fileprivate let arguments: [(name: String, value: ResolvedExpression)]
        fileprivate let columns: [ColumnReference]
        /// The function is being made: places in its body are the statement's.
        var isDefinition = false
        var parameters: [Attribute] = []

        /// `outer`: the level of a query in the body, which sees the arguments' columns as an enclosing query's.
        func environment(outer: QueryLevel?) -> Environment {
            var result = base
            if isDefinition {
                result.showsPlaces = true
                result.seesTemporary = true
                result.qualifies = false
                result.parameters = parameters
            }
            for (name, value) in arguments { result.arguments[name] = outer == nil ? value : value.asOuter }
            if let outer {
                for column in columns { outer.capture(column) }
                result.level = outer
                result.argumentsAreOuter = true
                result.argumentsReachFurther = true
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
        inner.reader = function.reader ?? outer.reader
        inner.functionName = function.name.last
        inner.seesTemporary = function.isTemporary
        var columns: [ColumnReference] = []
        for value in given {
            value.forEach { part in
                switch part {
                case .column(let column), .outer(let column): columns.append(column)
                case .subquery(let subquery): columns += subquery.outer
                default: break
                }
            }
        }
        return BodyEnvironment(base: inner, arguments: zip(function.parameters, given).map { ($0.name.lowercased(), $1) }, columns: columns)
    }

    /// The function that a name means at a place: a temporary one first.
    func sqlFunction(_ name: [String], _ environment: Environment, at span: SourceSpan) throws(SQLError) -> CatalogFunction? {
        if name.count == 1, environment.seesTemporary, let function = try catalog.temporaryFunction(name[0]) { return function }
        return try (environment.reader ?? catalog).function(environment.qualified(name), at: span)
    }

    /// A scalar function's body in the place of a call.
    func body(
        of function: CatalogFunction, _ inner: BodyEnvironment, to result: DataType?, _ span: SourceSpan?
    ) throws(SQLError) -> ResolvedExpression {
        let resolver = ExpressionResolver(self, inner.environment(outer: nil), scopes: [])
        let value: ResolvedExpression
        switch function.body {
        case .expression(let body): value = try resolver.resolve(body)
        case .query(let query): value = try query.scalar(self, inner, span)
        }
        guard let result else { return value }
        return try resolver.stored(value, as: result, span)
    }

    /// A table function written in SQL; nil if there is none of this name.
    func userTableFunction(
        _ name: [String], _ function: TableFunction, _ environment: Environment, _ span: SourceSpan?
    ) throws(SQLError) -> AnalyzedRelation? {
        guard let found = try sqlFunction(name, environment, at: function.name.span) else { return nil }
        guard case .table(let fields) = found.result, case .query(let query) = found.body else {
            if found.isTemporary { return nil }
            throw SQLError(.notATableFunction, ["functionName": SQLQuote.id(found.name)], at: span)
        }
        let resolver = ExpressionResolver(self, environment, scopes: environment.level?.scopes ?? [])
        var written: [(name: String?, value: SyntaxExpression)] = []
        for argument in function.arguments {
            guard case .expression(let name, let value) = argument else { throw .unsupported("TABLE arguments of a SQL function", at: span) }
            written.append((name?.text, value))
        }
        let given = try resolver.arguments(named: written, of: found, span)
        let body = try bodyEnvironment(found, given.values, environment, span)
        let plan = try table(query, fields, body, of: found, outer: environment.level, span)
        // The arguments' columns are those of the relations to the left.
        if let level = environment.level { for column in body.columns { level.capture(column) } }
        return AnalyzedRelation(plan: plan, scope: Scope(plan.output, qualifier: [found.name.last ?? ""]))
    }
}

extension Analyzer {
    /// A table function's rows under its columns' names and types.
    func table(
        _ query: Query, _ fields: [Field], _ body: BodyEnvironment, of function: CatalogFunction, outer: QueryLevel?, _ span: SourceSpan?
    ) throws(SQLError) -> LogicalPlan {
        let relation = try analyze(query, body.environment(outer: QueryLevel(scopes: [], parent: outer))).ordered
        let made = relation.plan.output
        if fields.isEmpty { return relation.plan }
        guard made.count == fields.count else {
            throw SQLError(
                .userDefinedFunctionsReturnColumnCountMismatch,
                ["outputSize": "\(made.count)", "returnParamSize": "\(fields.count)", "name": SQLQuote.unquoted(function.name)], at: span)
        }
        let resolver = ExpressionResolver(self, environment, scopes: [])
        var named: [LogicalPlan.NamedColumn] = []
        for (column, field) in zip(made, fields) {
            let value = try resolver.stored(column.reference, as: field.type, span)
            named.append(.init(attribute(field.name, value.type, nullable: true), value))
        }
        return .project(.init(child: relation.plan, columns: named))
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
        var result = SubqueryExpression(
            kind: .scalar, plan: relation.plan, outer: level.captured, type: columns[0].type, nullable: true, span: span)
        result.isInlined = true
        return .subquery(result)
    }
}

extension ResolvedExpression {
    /// The expression within a subquery of its own place.
    var asOuter: ResolvedExpression {
        replacing { part in if case .column(let column) = part { .outer(column) } else { nil } }
    }
}
