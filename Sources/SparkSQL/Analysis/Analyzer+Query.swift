import Columnar
import SparkErrors
import SparkFunctions
import SparkSyntax

extension Analyzer {
    /// A query with its own WITH; names that it does not define are looked up in `outer`.
    func analyze(_ query: Query, _ outer: Environment) throws(SQLError) -> AnalyzedRelation {
        var environment = outer
        environment.depth += 1
        guard environment.depth <= Environment.maximumDepth else { throw SQLError(.failedToParseTooComplex) }
        if let with = query.with { environment = try define(with, environment) }
        return try analyze(query.body, query.organization, environment, query.span)
    }

    private func analyze(
        _ body: QueryBody, _ organization: Query.Organization, _ environment: Environment, _ span: SourceSpan
    ) throws(SQLError) -> AnalyzedRelation {
        switch body {
        case .select(let select): return try self.select(select, organization, environment)
        case .parenthesized(let query) where organization.isEmpty: return try analyze(query, environment)
        default: return try organize(try source(body, environment), organization, environment)
        }
    }

    /// A body without ORDER BY and LIMIT of its own.
    func source(_ body: QueryBody, _ environment: Environment) throws(SQLError) -> AnalyzedRelation {
        switch body {
        case .select(let select): return try self.select(select, Query.Organization(), environment)
        case .setOperation(let operation): return try setOperation(operation, environment)
        case .table(let name, let span):
            return try relation(SparkSyntax.Relation(.table(TableReference(name: name)), span: span), environment)
        case .values(let table, let alias): return try values(table, alias, environment)
        case .parenthesized(let query): return try analyze(query, environment)
        case .pipe(let source, let step): return try pipe(try self.source(source, environment), step, environment)
        }
    }

    /// ORDER BY and the clauses behind it over a finished result, whose columns alone they can name.
    func organize(
        _ relation: AnalyzedRelation, _ organization: Query.Organization, _ environment: Environment
    ) throws(SQLError) -> AnalyzedRelation {
        if organization.isEmpty { return relation }
        let resolver = ExpressionResolver(self, environment, scopes: [relation.scope], operatorName: "Sort")
        resolver.windows = try windows(organization.windows, [])
        var plan = relation.plan
        let keys = try orderKeys(organization, resolver, outputs: relation.scope.attributes)
        for key in keys {
            if key.expression.containsAggregate { throw SQLError(.missingGroupBy) }
        }
        if !keys.isEmpty {
            let windowed = try extractWindows(from: keys.map(\.expression), over: plan)
            let sorted = LogicalPlan.sort(
                .init(
                    child: windowed.plan,
                    keys: zip(keys, windowed.expressions).map { OrderKey($1, ascending: $0.ascending, nullsFirst: $0.nullsFirst) }))
            plan = windowed.isChanged ? .project(.init(child: sorted, columns: relation.plan.output.map { .init($0) })) : sorted
        }
        plan = try limit(plan, organization, environment)
        return AnalyzedRelation(plan: plan, scope: relation.scope)
    }

    /// ORDER BY's keys, or those of SORT BY and CLUSTER BY: there is one partition.
    func orderKeys(
        _ organization: Query.Organization, _ resolver: ExpressionResolver, outputs: [Attribute]
    ) throws(SQLError) -> [OrderKey] {
        var keys: [OrderKey] = []
        for expression in organization.distributeBy { _ = try resolver.resolve(expression) }
        for expression in organization.clusterBy { keys.append(OrderKey(try resolver.resolve(expression))) }
        for item in organization.sortBy + organization.orderBy {
            let isAll = organization.orderBy.count == 1 && organization.sortBy.isEmpty
            if isAll, case .name(let name) = item.expression.kind, name.isWord("ALL"), !resolver.hasColumn("ALL") {
                keys += outputs.map { OrderKey($0.reference, ascending: !item.isDescending, nullsFirst: item.nulls.map { $0 == .first }) }
                continue
            }
            keys.append(try orderKey(item, resolver, outputs))
        }
        for key in keys { try refuseSubqueries(inOrder: key.expression) }
        for key in keys where !key.expression.type.isOrderable(mapsAllowed: false) {
            throw SQLError(
                .datatypeMismatchInvalidOrderingType,
                [
                    "sqlExpr": SQLQuote.expr(key.sql), "functionName": "`sortorder`", "dataType": SQLQuote.type(key.expression.type.sqlText),
                ], at: key.expression.span)
        }
        return keys
    }

    private func refuseSubqueries(inOrder expression: ResolvedExpression) throws(SQLError) {
        if let outer = expression.first(where: { if case .outer = $0 { true } else { false } }) {
            throw SQLError(
                .unsupportedSubqueryExpressionCategoryCorrelatedReference, ["sqlExprs": SQLQuote.expr(expression.sql)], at: outer.span)
        }
        for part in expression.subqueries {
            let sql = ["treeNode": "Sort [\(expression.sql)]"]
            switch part.kind {
            case .exists, .membership: throw SQLError(.unsupportedSubqueryExpressionCategoryUnsupportedInExistsSubquery, sql, at: part.span)
            case .scalar where !part.outer.isEmpty:
                throw SQLError(.unsupportedSubqueryExpressionCategoryUnsupportedCorrelatedScalarSubquery, sql, at: part.span)
            case .scalar: break
            }
        }
    }

    private func orderKey(_ item: SortItem, _ resolver: ExpressionResolver, _ outputs: [Attribute]) throws(SQLError) -> OrderKey {
        let nullsFirst = item.nulls.map { $0 == .first }
        if let position = ordinal(item.expression) {
            guard outputs.indices.contains(position - 1) else {
                throw SQLError(
                    .orderByPosOutOfRange, ["index": "\(position)", "size": "\(outputs.count)"], at: resolver.at(item.expression.span))
            }
            return OrderKey(outputs[position - 1].reference, ascending: !item.isDescending, nullsFirst: nullsFirst)
        }
        guard resolver.scopes.count > 1 else { return try resolver.orderKey(item) }
        do throws(SQLError) {
            return try resolver.orderKey(item)
        } catch {
            // What does not fit the SELECT list may fit FROM.
            guard error.isOfNames else { throw error }
            let scopes = resolver.scopes
            resolver.scopes = Array(scopes.dropFirst())
            defer { resolver.scopes = scopes }
            if let key = try? resolver.orderKey(item) { return key }
            throw error
        }
    }

    /// A position in the SELECT list, if the expression is an INT literal.
    func ordinal(_ expression: SyntaxExpression) -> Int? {
        guard case .literal(.int(let number)) = expression.kind else { return nil }
        return Int(number)
    }

    func limit(
        _ plan: LogicalPlan, _ organization: Query.Organization, _ environment: Environment
    ) throws(SQLError) -> LogicalPlan {
        var count: Int?
        var offset = 0
        if case .count(let expression)? = organization.limit { count = try rowCount(expression, "limit", environment) }
        if let expression = organization.offset { offset = try rowCount(expression, "offset", environment) }
        if count == nil, offset == 0 { return plan }
        if let count, count.addingReportingOverflow(offset).partialValue > Int(Int32.max) {
            throw SQLError(.sumOfLimitAndOffsetExceedsMaxInt, ["limit": "\(count)", "offset": "\(offset)"])
        }
        return .limit(.init(child: plan, count: count, offset: offset))
    }

    func rowCount(_ expression: SyntaxExpression, _ name: String, _ environment: Environment) throws(SQLError) -> Int {
        var inner = environment
        inner.level = nil
        let resolver = ExpressionResolver(self, inner, scopes: [], operatorName: "Limit")
        let span = environment.at(expression.span)
        let value: ResolvedExpression
        do throws(SQLError) {
            value = try resolver.resolve(expression)
        } catch {
            // A column can never be a limit, whether or not it exists.
            guard error.condition == .unresolvedColumnWithoutSuggestion else { throw error }
            throw SQLError(.invalidLimitLikeExpressionIsUnfoldable, ["expr": SQLQuote.expr(name), "name": name], at: span)
        }
        let shown = ["expr": SQLQuote.expr(value.sql), "name": name]
        guard value.isFoldable else { throw SQLError(.invalidLimitLikeExpressionIsUnfoldable, shown, at: span) }
        switch value.type {
        case .int, .short, .byte: break
        default:
            throw SQLError(
                .invalidLimitLikeExpressionDataType, shown.merging(["dataType": SQLQuote.type(value.type.sqlText)]) { $1 }, at: span)
        }
        switch try Evaluation.constant(value, context).value(at: 0) {
        case .integer(let number) where number >= 0: return Int(number)
        case .integer(let number): throw SQLError(.invalidLimitLikeExpressionIsNegative, shown.merging(["v": "\(number)"]) { $1 }, at: span)
        default: throw SQLError(.invalidLimitLikeExpressionIsNull, shown, at: span)
        }
    }

    func windows(_ first: [NamedWindow], _ second: [NamedWindow]) throws(SQLError) -> [String: NamedWindow] {
        var result: [String: NamedWindow] = [:]
        for window in first + second { result[window.name.text.lowercased()] = window }
        return result
    }

    // MARK: WITH

    func define(_ with: With, _ outer: Environment) throws(SQLError) -> Environment {
        var environment = outer
        var names: Set<String> = []
        for table in with.queries {
            let key = table.name.text.lowercased()
            guard names.insert(key).inserted else {
                throw SQLError(
                    .duplicatedCteNames, ["duplicateNames": SQLQuote.id(table.name.text)], at: environment.at(table.span), phase: .execution)
            }
            environment.tables[key] = try define(table, isRecursive: with.isRecursive, environment)
        }
        return environment
    }

    private func define(
        _ table: CommonTableExpression, isRecursive: Bool, _ environment: Environment
    ) throws(SQLError) -> CommonTable {
        let name = table.name.text
        var inner = environment
        if isRecursive {
            inner.tables[name.lowercased()] = CommonTable(name: name, content: .forbidden)
            if let plan = try recursion(table, inner) {
                shared.append(plan)
                return CommonTable(name: name, content: .shared(index: shared.count - 1, output: plan.output))
            }
        }
        let level = environment.level.map { QueryLevel(scopes: $0.scopes, parent: $0.parent) }
        inner.level = level
        let relation = try analyze(table.query, inner)
        if let level, !level.captured.isEmpty {
            for column in level.captured { environment.level?.capture(column) }
            // It depends on a row of the enclosing query: every use is a query of its own.
            return CommonTable(name: name, content: .inlined(table, environment))
        }
        let plan = try renamed(relation, table.columns, environment.at(table.span)).plan
        // Within a recursive query's step each round has rows of its own.
        if plan.readsWorkingTable { return CommonTable(name: name, content: .inlined(table, environment)) }
        shared.append(plan)
        return CommonTable(name: name, content: .shared(index: shared.count - 1, output: plan.output))
    }

    /// The relation under other column names.
    func renamed(_ relation: AnalyzedRelation, _ columns: [Identifier], _ span: SourceSpan?) throws(SQLError) -> AnalyzedRelation {
        guard !columns.isEmpty else { return relation }
        guard columns.count == relation.scope.columns.count else {
            throw SQLError(
                .assignmentArityMismatch, ["numTarget": "\(relation.scope.columns.count)", "numExpr": "\(columns.count)"], at: span)
        }
        var named: [LogicalPlan.NamedColumn] = []
        var scope = Scope.empty
        for (column, name) in zip(relation.scope.columns, columns) {
            let attribute = column.attribute.with(id: ids.make()).with(name: name.text)
            named.append(.init(attribute, column.attribute.reference))
            scope.columns.append(.init(attribute: attribute, qualifier: column.qualifier))
        }
        return AnalyzedRelation(plan: .project(.init(child: relation.plan, columns: named)), scope: scope)
    }

    /// A use of a common table expression.
    func use(_ table: CommonTable, _ span: SourceSpan?) throws(SQLError) -> AnalyzedRelation {
        switch table.content {
        case .shared(let index, let output):
            let columns = output.map { $0.with(id: ids.make()) }
            let reference = LogicalPlan.SharedReference(index: index, output: columns, columns: Array(columns.indices))
            return AnalyzedRelation(plan: .shared(reference), scope: Scope(columns, qualifier: [table.name]))
        case .inlined(let definition, let environment):
            let relation = try renamed(try analyze(definition.query, environment), definition.columns, span)
            return AnalyzedRelation(plan: relation.plan, scope: relation.scope.aliased(table.name))
        case .forbidden: throw SQLError(.invalidRecursiveCte)
        case .recursive(let recursive):
            recursive.isUsed = true
            let columns = recursive.output.map { $0.with(id: ids.make()) }
            return AnalyzedRelation(
                plan: .workingTable(.init(table: recursive.table, output: columns)), scope: Scope(columns, qualifier: [table.name]))
        }
    }
}
