import Columnar
import SparkErrors
import SparkFunctions
import SparkSyntax

extension ExpressionResolver {
    func function(_ call: FunctionCall, _ span: SourceSpan?) throws(SQLError) -> ResolvedExpression {
        let written = try analyzer.name(call.name, environment)
        guard let name = Self.builtinName(written) else { return try userFunction(written, call, span) }
        if call.over == nil, let timeWindow, timeWindow.name == name { return timeWindow.reference }
        if name == "session_window" { throw .unsupported("session_window() that is neither an item nor in GROUP BY", at: span) }
        if let reference = call.over { return try windowCall(name, call, reference, span) }
        if let higherOrder = HigherOrderFunction(rawValue: name), higherOrder.accepts(call) {
            try refuseAggregateSyntax(call, name, span)
            return try lambdaCall(higherOrder, call, span)
        }
        if analyzer.registry.aggregate(name) != nil { return try placed(try aggregate(name, call, span)) }
        if let generator = Generator.named(name) { throw misplacedGenerator(generator, call, span) }
        if name == "grouping" || name == "grouping_id" { return try grouping(name, call, span) }
        if analyzer.registry.window(name) != nil {
            var inputs = try arguments(call, name, span)
            if name == "lag" || name == "lead" {
                if inputs.count == 1 { inputs.append(.constant(Constant(.integer(1), .int, isLiteral: true))) }
                if inputs.count == 2 { inputs.append(.constant(Constant(.null, .void, isLiteral: true))) }
            }
            let shown = windowFunctionSQL(name, inputs, ignoresNulls: false)
            throw SQLError(.windowFunctionWithoutOverClause, ["funcName": SQLQuote.expr(shown)], at: span)
        }
        try refuseAggregateSyntax(call, name, span)
        if name == "struct" { return try structure(call.arguments.map { NamedExpression($0.value) }, display: "struct", span) }
        if !isKnownScalar(name) { return try userFunction(written, call, span) }
        return try function(named: written, try arguments(call, name, span), span)
    }

    /// A scalar function over resolved arguments.
    func function(named written: [String], _ arguments: [ResolvedExpression], _ span: SourceSpan?) throws(SQLError) -> ResolvedExpression {
        guard let name = Self.builtinName(written) else { throw unresolvedRoutine(written, span) }
        if let lazy = try lazyFunction(name, arguments, span) { return lazy }
        if let type = Self.castFunctions[name] {
            guard arguments.count == 1 else { throw wrongArity(name, "1", arguments.count, span) }
            return .replaced(sql: arguments[0].sql, try explicitCast(arguments[0], to: type, isTry: false, span))
        }
        if let special = try sessionFunction(name, arguments, span) { return special }
        guard let function = analyzer.registry.scalar(name) else { throw unresolvedRoutine(written, span) }
        return try self.call(function, as: name, arguments, span)
    }

    /// The lower-case name of a call that may be built in: one part, or qualified by `system.builtin`.
    private static func builtinName(_ parts: [String]) -> String? {
        switch parts.count {
        case 1: return parts[0].lowercased()
        case 2 where Names.same(parts[0], "builtin"): return parts[1].lowercased()
        case 3 where Names.same(parts[0], "system") && Names.same(parts[1], "builtin"): return parts[2].lowercased()
        default: return nil
        }
    }

    /// `int(x)` is CAST(x AS INT), and shown as its argument.
    private static let castFunctions: [String: DataType] = [
        "boolean": .boolean, "tinyint": .byte, "smallint": .short, "int": .int, "bigint": .long, "float": .float, "double": .double,
        "decimal": .decimal(DecimalType(10, 0)), "date": .date, "timestamp": .timestamp, "binary": .binary, "string": .text,
    ]

    private static let lazyNames: Set<String> = [
        "if", "iff", "coalesce", "nvl", "ifnull", "nvl2", "nullif", "zeroifnull", "nullifzero", "decode", "isnull", "isnotnull", "when",
    ]
    private static let sessionNames: Set<String> = [
        "current_catalog", "current_database", "current_schema", "current_timezone",
    ]

    private func isKnownScalar(_ name: String) -> Bool {
        Self.lazyNames.contains(name) || Self.castFunctions[name] != nil || Self.sessionNames.contains(name) || analyzer.registry.scalar(name) != nil
    }

    /// What the session answers: here because views are resolved from their own catalog and schema.
    private func sessionFunction(_ name: String, _ arguments: [ResolvedExpression], _ span: SourceSpan?) throws(SQLError) -> ResolvedExpression? {
        guard Self.sessionNames.contains(name), analyzer.registry.scalar(name) == nil else { return nil }
        guard arguments.isEmpty else { throw wrongArity(name, "0", arguments.count, span) }
        let text =
            switch name {
            case "current_catalog": analyzer.catalog.currentCatalog
            case "current_timezone": context.timeZone.id
            default: analyzer.catalog.currentSchema
            }
        return .constant(Constant(.string(text), .text, text: "\(name)()"))
    }

    /// DISTINCT, FILTER and the like belong to aggregates.
    func refuseAggregateSyntax(_ call: FunctionCall, _ name: String, _ span: SourceSpan?) throws(SQLError) {
        let syntax: String
        if call.isDistinct {
            syntax = "DISTINCT"
        } else if call.filter != nil {
            syntax = "FILTER clause"
        } else if !call.withinGroup.isEmpty {
            syntax = "WITHIN GROUP (ORDER BY ...)"
        } else if let treatment = call.nullTreatment {
            syntax = treatment.rawValue
        } else {
            return
        }
        throw SQLError(
            .invalidSqlSyntaxFunctionWithUnsupportedSyntax, ["prettyName": SQLQuote.id(name), "syntax": SQLQuote.statement(syntax)], at: span)
    }

    /// The arguments with stars expanded.
    func arguments(_ call: FunctionCall, _ name: String, _ span: SourceSpan?) throws(SQLError) -> [ResolvedExpression] {
        if let parameters = NamedParameters.all[name], call.arguments.count <= parameters.count || call.arguments.contains(where: { $0.name != nil })
        {
            return try arguments(call, name, parameters, span)
        }
        var result: [ResolvedExpression] = []
        for argument in call.arguments {
            if let parameter = argument.name, call.arguments.count != 1 || Generator.parameter(name) != parameter.text.lowercased() {
                throw SQLError(.namedParametersNotSupported, ["functionName": SQLQuote.id(name)], at: span)
            }
            if case .star(let star) = argument.value.kind {
                result += try expand(star, at(argument.value.span)).map { $0.expression }
            } else {
                result.append(try resolve(argument.value))
            }
        }
        return result
    }

    // MARK: Aggregates

    func aggregate(_ name: String, _ call: FunctionCall, _ span: SourceSpan?, isWindow: Bool = false) throws(SQLError) -> AggregateExpression {
        guard let function = analyzer.registry.aggregate(name) else { throw unresolvedRoutine([name], span) }
        try refuseIgnoredNulls(name, call, span)
        var inputs: [ResolvedExpression]
        let depth = aggregateDepth
        if !isWindow { aggregateDepth += 1 }
        defer { aggregateDepth = depth }
        if name == "count", call.arguments.count == 1, case .star(let star) = call.arguments[0].value.kind, star.qualifier == nil,
            star.except.isEmpty, !call.isDistinct
        {
            inputs = [.constant(Constant(.integer(1), .int, isLiteral: true))]
        } else {
            inputs = try arguments(call, name, span)
        }
        var order: [OrderKey] = []
        for item in call.withinGroup { order.append(try orderKey(item)) }
        try checkWithinGroup(call, name, inputs, order, span)
        for input in inputs + order.map(\.expression) where !isWindow {
            if let inner = input.first(where: { if case .aggregate = $0 { true } else { false } }) {
                throw SQLError(.nestedAggregateFunction, at: inner.span ?? span)
            }
            if input.containsWindow { throw SQLError(.legacyWindowInAggregate, at: span, phase: .analysis) }
        }
        let filter = try call.filter.map { (filter) throws(SQLError) in try aggregateFilter(filter) }
        let infos = inputs.map(info)
        let bound: BoundAggregate
        let ignoresNulls = call.nullTreatment == .ignore
        do throws(SQLError) {
            bound = try function.bind(
                infos, analyzer.callContext(), calledAs: name, distinct: call.isDistinct, ignoreNulls: ignoresNulls,
                withinGroup: order.map { AggregateOrder(info($0.expression), ascending: $0.ascending, nullsFirst: $0.nullsFirst) })
        } catch {
            throw error.with(span: span).with(phase: .analysis)
        }
        if call.isDistinct, let input = inputs.first(where: { !$0.type.isOrderable(mapsAllowed: false) }), case .map = input.type {
            throw .unsupported("DISTINCT over \(input.type.sqlText)", at: span)
        }
        // Spark forgets the other name where it orders.
        let shownName =
            switch name {
            case "string_agg" where !order.isEmpty: "listagg"
            case "first_value" where ignoresNulls: "first"
            case "last_value" where ignoresNulls: "last"
            default: name
            }
        var sql = function.sql(infos.map(\.sql), calledAs: shownName)
        if call.isDistinct, let open = sql.firstIndex(of: "(") { sql.insert(contentsOf: "DISTINCT ", at: sql.index(after: open)) }
        if !order.isEmpty { sql += " WITHIN GROUP (ORDER BY \(order.map { Self.withinGroup($0, name) }.joined(separator: ", ")))" }
        if let filter { sql += " FILTER (WHERE \(filter.sql))" }
        let variant = order.map { "\($0.ascending) \($0.nullsFirst)" }.joined(separator: ",")
        let cast = try coerce(inputs + order.map(\.expression), to: bound.argumentTypes, span)
        return AggregateExpression(
            function: function.name, arguments: cast, bound: bound, isDistinct: call.isDistinct, filter: filter, sql: sql, span: span,
            variant: variant, ignoresNulls: ignoresNulls)
    }

    /// An aggregate over columns of the enclosing query alone is computed there.
    private func placed(_ aggregate: AggregateExpression) throws(SQLError) -> ResolvedExpression {
        var hasOuter = false
        var hasLocal = false
        for input in aggregate.arguments + (aggregate.filter.map { [$0] } ?? []) {
            input.forEach { part in
                switch part {
                case .outer: hasOuter = true
                case .column: hasLocal = true
                default: break
                }
            }
        }
        guard hasOuter, let level = environment.level else { return .aggregate(aggregate) }
        if hasLocal {
            throw SQLError(
                .unsupportedSubqueryExpressionCategoryAggregateFunctionMixedOuterLocalReferences, ["function": aggregate.sql], at: aggregate.span)
        }
        guard allowsOuterAggregates else {
            throw SQLError(
                .unsupportedSubqueryExpressionCategoryCorrelatedReference, ["sqlExprs": SQLQuote.expr(aggregate.sql)], at: aggregate.span)
        }
        let local = aggregate.mapInputs { input in
            input.replacing { part in if case .outer(let column) = part { .column(column) } else { nil } }
        }
        let made = analyzer.attribute(aggregate.sql, aggregate.bound.returnType, nullable: aggregate.bound.nullable)
        let column = ColumnReference(made, span: aggregate.span)
        level.add(local, as: column)
        return .outer(column)
    }

    private static func withinGroup(_ key: OrderKey, _ function: String) -> String {
        switch function {
        case "listagg", "string_agg": key.sql
        // Spark prints the order in which it looks, and MODE looks from the greatest.
        case "mode": key.expression.sql + (key.ascending ? " DESC" : "")
        default: key.expression.sql + (key.ascending ? "" : " DESC")
        }
    }

    private static let takesWithinGroup: Set<String> = ["percentile_cont", "percentile_disc", "mode", "listagg", "string_agg"]

    private func checkWithinGroup(
        _ call: FunctionCall, _ name: String, _ inputs: [ResolvedExpression], _ order: [OrderKey], _ span: SourceSpan?
    ) throws(SQLError) {
        if order.isEmpty, ["percentile_cont", "percentile_disc"].contains(name) || name == "mode" && inputs.isEmpty {
            throw SQLError(.invalidWithinGroupExpressionWithinGroupMissing, ["funcName": SQLQuote.id(name)], at: span)
        }
        guard !order.isEmpty else { return }
        guard Self.takesWithinGroup.contains(name) else {
            throw SQLError(
                .invalidSqlSyntaxFunctionWithUnsupportedSyntax,
                ["prettyName": SQLQuote.id(name), "syntax": "WITHIN GROUP (ORDER BY ...)"], at: span)
        }
        guard call.isDistinct else { return }
        guard name == "listagg" || name == "string_agg" else {
            throw SQLError(.invalidWithinGroupExpressionDistinctUnsupported, ["funcName": SQLQuote.id(name)], at: span)
        }
        guard let input = inputs.first, order.count == 1, order[0].expression.isSame(as: input) else {
            throw SQLError(
                .invalidWithinGroupExpressionMismatchWithDistinctInput,
                [
                    "funcName": SQLQuote.id(name), "funcArg": SQLQuote.expr(inputs.first?.sql ?? ""),
                    "orderingExpr": order.map { SQLQuote.expr($0.expression.sql) }.joined(separator: ", "),
                ], at: span)
        }
    }

    private func aggregateFilter(_ syntax: SyntaxExpression) throws(SQLError) -> ResolvedExpression {
        let filter = try resolve(syntax)
        let sql = ["filterExpr": SQLQuote.expr(filter.sql)]
        guard filter.type == .boolean || filter.type == .void else {
            throw SQLError(.invalidAggregateFilterNotBoolean, sql, at: at(syntax.span))
        }
        if let inner = filter.first(where: { if case .aggregate = $0 { true } else { false } }) {
            throw SQLError(.invalidAggregateFilterContainsAggregate, sql.merging(["aggExpr": SQLQuote.expr(inner.sql)]) { $1 }, at: at(syntax.span))
        }
        if let inner = filter.first(where: { if case .window = $0 { true } else { false } }) {
            throw SQLError(
                .invalidAggregateFilterContainsWindowFunction, sql.merging(["windowExpr": SQLQuote.expr(inner.sql)]) { $1 }, at: at(syntax.span))
        }
        guard filter.isDeterministic else { throw SQLError(.invalidAggregateFilterNonDeterministic, sql, at: at(syntax.span)) }
        return try coerce(filter, to: .boolean)
    }

    func orderKey(_ item: SortItem) throws(SQLError) -> OrderKey {
        OrderKey(try resolve(item.expression), ascending: !item.isDescending, nullsFirst: item.nulls.map { $0 == .first })
    }

    // MARK: Structs

    /// `struct(a, b AS c)` and `(a, b)`.
    func structure(_ items: [NamedExpression], display: String?, _ span: SourceSpan?) throws(SQLError) -> ResolvedExpression {
        var arguments: [ResolvedExpression] = []
        var shown: [String] = []
        func add(_ name: String?, _ expression: ResolvedExpression, alias: Bool) {
            let position = arguments.count / 2 + 1
            let name = name ?? "col\(position)"
            arguments.append(.constant(Constant(.string(name), .text, isLiteral: true)))
            arguments.append(expression)
            shown.append(alias ? "\(expression.sql) AS \(DataType.quotedIfNeeded(name))" : expression.sql)
        }
        for item in items {
            if case .star(let star) = item.expression.kind {
                for column in try expand(star, at(item.expression.span)) { add(column.name, column.expression, alias: false) }
                continue
            }
            let expression = try resolve(item.expression)
            if let alias = item.alias {
                add(alias.text, expression, alias: true)
            } else {
                add(Self.ownName(item.expression, expression), expression, alias: false)
            }
        }
        let result = try call("named_struct", arguments, span)
        guard let display else { return result }
        return .replaced(sql: "\(display)(\(shown.joined(separator: ", ")))", result)
    }

    /// The name that an expression brings with it: a column's or a field's.
    static func ownName(_ syntax: SyntaxExpression, _ expression: ResolvedExpression) -> String? {
        switch (syntax.kind, expression) {
        case (.name(let name), .column), (.name(let name), .outer), (.name(let name), .field), (.name(let name), .element),
            (.name(let name), .replaced):
            return name.last
        case (.field, .field(_, _, let field)): return field.name
        default: return nil
        }
    }
}

extension NamedExpression {
    init(_ expression: SyntaxExpression) { self.init(expression: expression, aliases: [], span: expression.span) }
}

extension ResolvedExpression {
    func first(where matches: (ResolvedExpression) -> Bool) -> ResolvedExpression? {
        var found: ResolvedExpression?
        forEach { if found == nil, matches($0) { found = $0 } }
        return found
    }
}
