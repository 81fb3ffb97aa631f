import Columnar
import SparkErrors
import SparkFunctions
import SparkSyntax

/// GROUP BY: the grouped plan, and the rewriting of what stands above it in terms of its columns.
struct Grouping {
    private struct Key {
        let expression: ResolvedExpression
        /// The column of the aggregate's output.
        let attribute: Attribute
    }

    private let analyzer: Analyzer
    private let source: AnalyzedRelation
    private let hasGroupBy: Bool
    private let isExpanded: Bool
    private let span: SourceSpan?
    private let aliasIDs: Set<ColumnID>
    private var keys: [Key] = []
    /// Of GROUPING SETS: per set, which keys it has, and its id (a one bit for each key that it lacks, the first key highest).
    private var sets: [(keys: Set<Int>, id: Int64)] = []
    private var groupingID: Attribute?
    private var aggregates: [LogicalPlan.NamedAggregate] = []
    private var child: LogicalPlan
    private var groups: [LogicalPlan.NamedColumn] = []

    /// While SELECT items are rewritten: a correlated scalar subquery must be a key or stand within an aggregate.
    private var refusesScalars = false

    static let maximumKeys = 64
    static let maximumSets = 4096

    /// The aggregate, with every aggregate function met so far.
    var plan: LogicalPlan { .aggregate(.init(child: child, groups: groups, aggregates: aggregates)) }

    init(_ analysis: SelectAnalysis) throws(SQLError) {
        analyzer = analysis.analyzer
        source = analysis.source
        span = analysis.environment.at(analysis.select.span)
        aliasIDs = analysis.aliasIDs
        child = source.plan
        hasGroupBy = analysis.select.groupBy != nil
        var collected = GroupingSets()
        if let groupBy = analysis.select.groupBy { collected = try GroupingSets(groupBy, analysis) }
        isExpanded = collected.sets != nil
        if let session = analysis.sessionWindow {
            if isExpanded { throw .unsupported("session_window() in grouping sets", at: span) }
            child = try session.merged(child, by: collected.expressions, analysis)
        }
        if isExpanded {
            try expand(collected)
        } else {
            for expression in collected.expressions { addPlain(expression) }
        }
        for key in keys {
            let type = key.expression.type
            if type.hasIndeterminateCollation { throw SQLError(.indeterminateCollation, at: key.expression.span, phase: .analysis) }
            if type.containsVariant {
                throw SQLError(
                    .groupExpressionTypeIsNotOrderable,
                    ["sqlExpr": SQLQuote.expr(key.expression.sql), "dataType": SQLQuote.type(type.sqlText)], at: key.expression.span)
            }
        }
    }

    private mutating func addPlain(_ expression: ResolvedExpression) {
        let attribute: Attribute
        if case .column(let column) = expression {
            attribute = Attribute(column.id, column.name, column.type, nullable: column.nullable)
        } else {
            attribute = analyzer.attribute(for: expression, name: expression.sql)
        }
        keys.append(Key(expression: expression, attribute: attribute))
        groups.append(.init(attribute, expression))
    }

    /// Each row once for each set, with NULL for the keys that the set lacks.
    private mutating func expand(_ collected: GroupingSets) throws(SQLError) {
        let expressions = collected.expressions
        guard expressions.count < Self.maximumKeys else {
            throw SQLError(.groupingSizeLimitExceeded, ["maxSize": "\(Self.maximumKeys)"], at: span)
        }
        var added: [Attribute] = []
        for expression in expressions {
            let attribute = analyzer.attribute(expression.sql, expression.type, nullable: true)
            keys.append(Key(expression: expression, attribute: attribute))
            added.append(attribute)
        }
        let id = analyzer.attribute("spark_grouping_id", .long, nullable: false)
        // The same set twice makes its groups twice.
        let position = analyzer.attribute("_gen_grouping_pos", .long, nullable: false)
        var projections: [[ResolvedExpression]] = []
        for (index, set) in (collected.sets ?? []).enumerated() {
            var bits: Int64 = 0
            for key in expressions.indices where !set.contains(key) { bits |= 1 << Int64(expressions.count - 1 - key) }
            sets.append((set, bits))
            var row = expressions.indices.map { set.contains($0) ? expressions[$0] : ResolvedExpression.null(expressions[$0].type) }
            row.append(.constant(Constant(.integer(bits), .long)))
            row.append(.constant(Constant(.integer(Int64(index)), .long)))
            projections.append(row)
        }
        groupingID = id
        child = .expand(.init(child: child, projections: projections, added: added + [id, position]))
        groups = (added + [id, position]).map { .init($0) }
    }

    // MARK: Rewriting

    /// The expression over the aggregate's output; aggregate functions are added to the plan.
    mutating func rewrite(_ expression: ResolvedExpression) throws(SQLError) -> ResolvedExpression {
        var rewriter = Rewriter(grouping: self, aliases: [:])
        let result = try rewriter.rewrite(expression)
        self = rewriter.grouping
        return result
    }

    mutating func rewrite(_ item: inout SelectItem) throws(SQLError) {
        if var call = item.generator {
            for index in call.arguments.indices { call.arguments[index] = try rewrite(call.arguments[index]) }
            item.generator = call
            return
        }
        refusesScalars = true
        defer { refusesScalars = false }
        item.expression = try rewrite(item.expression)
        // A plain column is known by its group's id from here on.
        if case .column(let column) = item.expression, !aliasIDs.contains(item.attribute.id), item.attribute.id != column.id {
            item.attribute = Attribute(
                item.attribute.id, item.attribute.name, item.attribute.type, nullable: column.nullable, comment: item.attribute.comment)
        }
    }

    /// In HAVING a name that is no grouping column may be an item's.
    mutating func rewrite(having expression: ResolvedExpression, _ items: [SelectItem]) throws(SQLError) -> ResolvedExpression {
        var aliases: [String: [Attribute]] = [:]
        for item in items where item.generator == nil && aliasIDs.contains(item.attribute.id) {
            aliases[item.attribute.name.lowercased(), default: []].append(item.attribute)
        }
        var rewriter = Rewriter(grouping: self, aliases: aliases)
        rewriter.outputs = items.flatMap { item in item.outputs.map { Scope.Column(attribute: $0, qualifier: item.qualifier) } }
        let result = try rewriter.rewrite(expression)
        self = rewriter.grouping
        return result
    }

    mutating func rewrite(order expression: ResolvedExpression, _ scope: Scope) throws(SQLError) -> ResolvedExpression {
        var rewriter = Rewriter(grouping: self, aliases: [:])
        rewriter.outputs = scope.columns
        let result = try rewriter.rewrite(expression)
        self = rewriter.grouping
        return result
    }

    private struct Rewriter {
        var grouping: Grouping
        let aliases: [String: [Attribute]]
        /// What an unknown column's error proposes; nil: the error is of a missing aggregation.
        var outputs: [Scope.Column]?
        /// Parameters of lambdas, which stand for elements and not for columns.
        private var parameters: Set<ColumnID> = []

        init(grouping: Grouping, aliases: [String: [Attribute]]) {
            self.grouping = grouping
            self.aliases = aliases
        }

        mutating func rewrite(_ expression: ResolvedExpression) throws(SQLError) -> ResolvedExpression {
            switch expression {
            case .constant: return expression
            case .column(let column):
                if let key = key(for: expression) { return key }
                if grouping.aliasIDs.contains(column.id) || parameters.contains(column.id) { return expression }
                if let found = aliases[column.name.lowercased()], let alias = found.first {
                    if found.count > 1 {
                        throw SQLError(
                            .ambiguousReference,
                            [
                                "name": SQLQuote.id(column.name),
                                "referenceNames": "[\(found.map { SQLQuote.id($0.name) }.joined(separator: ", "))]",
                            ], at: column.span)
                    }
                    return .column(ColumnReference(alias, name: column.name, span: column.span))
                }
                throw missing(column)
            case .aggregate(let aggregate): return try self.aggregate(aggregate)
            case .grouping(let arguments, let isID, let span):
                return try isID ? groupingID(arguments, span) : groupingBit(arguments, expression, span)
            case .subquery(let subquery): return try self.subquery(subquery)
            default:
                if let key = key(for: expression) { return key }
                if case .lambda(let call) = expression { parameters.formUnion(call.lambdas.flatMap { $0.parameters.map(\.id) }) }
                return try expression.mapChildren { (child) throws(SQLError) in try rewrite(child) }
            }
        }

        private func key(for expression: ResolvedExpression) -> ResolvedExpression? {
            guard let key = grouping.keys.first(where: { $0.expression.isSame(as: expression) }) else { return nil }
            return .column(ColumnReference(key.attribute, name: expression.sql, span: expression.span))
        }

        private mutating func aggregate(_ aggregate: AggregateExpression) throws(SQLError) -> ResolvedExpression {
            for argument in aggregate.arguments {
                if let alias = argument.first(where: { if case .column(let column) = $0 { grouping.aliasIDs.contains(column.id) } else { false } }) {
                    throw SQLError(
                        .unsupportedFeatureLateralColumnAliasInAggregateFunc,
                        ["lca": SQLQuote.id(alias.plainName), "aggFunc": SQLQuote.expr(aggregate.sql)], at: aggregate.span)
                }
            }
            if let known = grouping.aggregates.first(where: { $0.aggregate.isSame(as: aggregate) }) {
                return .column(ColumnReference(known.attribute, name: aggregate.sql, span: aggregate.span))
            }
            let attribute = grouping.analyzer.attribute(aggregate.sql, aggregate.bound.returnType, nullable: aggregate.bound.nullable)
            grouping.aggregates.append(.init(attribute: attribute, aggregate: aggregate))
            return .column(ColumnReference(attribute, name: aggregate.sql, span: aggregate.span))
        }

        private func missing(_ column: ColumnReference) -> SQLError {
            if let outputs { return Suggestions.unresolvedColumn([column.name], among: outputs, at: column.span) }
            guard grouping.hasGroupBy else { return SQLError(.missingGroupBy, at: grouping.span) }
            return SQLError(
                .missingAggregation, ["expression": SQLQuote.expr(column.name), "expressionAnyValue": "\"any_value(\(column.name))\""])
        }

        // MARK: GROUPING and GROUPING_ID

        private func groupingBit(
            _ arguments: [ResolvedExpression], _ expression: ResolvedExpression, _ span: SourceSpan?
        ) throws(SQLError) -> ResolvedExpression {
            guard let id = grouping.groupingID else { throw SQLError(.unsupportedGroupingExpression, at: span) }
            guard let argument = arguments.first, let key = grouping.keys.firstIndex(where: { $0.expression.isSame(as: argument) }) else {
                throw SQLError(
                    .groupingColumnMismatch,
                    [
                        "grouping": arguments.map(\.sql).joined(separator: ","),
                        "groupingColumns": grouping.keys.map(\.expression.sql).joined(separator: ","),
                    ], at: span)
            }
            let lacking = grouping.sets.filter { !$0.keys.contains(key) }.map { ResolvedExpression.constant(Constant(.integer($0.id), .long)) }
            let one = ResolvedExpression.constant(Constant(.integer(1), .byte))
            let zero = ResolvedExpression.constant(Constant(.integer(0), .byte))
            if lacking.isEmpty { return .replaced(sql: expression.sql, zero) }
            let choice = Conditional([.init(.inList(id.reference, lacking), one)], otherwise: zero, type: .byte)
            return .replaced(sql: expression.sql, .conditional(choice))
        }

        private func groupingID(_ arguments: [ResolvedExpression], _ span: SourceSpan?) throws(SQLError) -> ResolvedExpression {
            guard let id = grouping.groupingID else { throw SQLError(.unsupportedGroupingExpression, at: span) }
            guard arguments.isEmpty || ResolvedExpression.same(arguments, grouping.keys.map(\.expression)) else {
                throw SQLError(
                    .groupingIdColumnMismatch,
                    [
                        "groupingIdColumn": arguments.map(\.sql).joined(separator: ","),
                        "groupByColumns": grouping.keys.map(\.expression.sql).joined(separator: ","),
                    ], at: span)
            }
            return id.reference
        }

        // MARK: Subqueries

        /// A correlated subquery sees grouping columns; those of GROUPING SETS under their new ids.
        private mutating func subquery(_ subquery: SubqueryExpression) throws(SQLError) -> ResolvedExpression {
            if grouping.refusesScalars, case .scalar = subquery.kind, !subquery.isInlined, !subquery.outer.isEmpty, subquery.aggregates.isEmpty {
                let sql = ResolvedExpression.subquery(subquery).sql
                throw SQLError(.scalarSubqueryIsInGroupByOrAggregateFunction, ["sqlExpr": SQLQuote.expr(sql)], at: subquery.span)
            }
            var result = subquery
            if case .membership(var keys) = subquery.kind {
                for index in keys.indices { keys[index] = try rewrite(keys[index]) }
                result.kind = .membership(keys)
            }
            let supplied = grouping.source.plan.outputIDs
            var renamed: [ColumnID: ColumnReference] = [:]
            for entry in subquery.aggregates {
                guard case .column(let made) = try aggregate(entry.aggregate) else { continue }
                renamed[entry.column.id] = ColumnReference(
                    Attribute(made.id, entry.column.name, made.type, nullable: made.nullable), name: entry.column.name, span: entry.column.span)
            }
            result.aggregates = []
            result.outer = result.outer.map { renamed[$0.id] ?? $0 }
            for (index, column) in subquery.outer.enumerated() where supplied.contains(column.id) {
                guard case .column(let grouped)? = key(for: .column(column)) else {
                    // It may have been named within an aggregate only.
                    if subquery.plan.usesOuter([column.id]) { throw missing(column) }
                    continue
                }
                if grouped.id == column.id { continue }
                var reference = column
                reference = ColumnReference(
                    Attribute(grouped.id, column.name, grouped.type, nullable: grouped.nullable), name: column.name, span: column.span)
                renamed[column.id] = reference
                result.outer[index] = reference
            }
            if !renamed.isEmpty { result.plan = result.plan.renamingOuter(renamed) }
            return .subquery(result)
        }
    }
}

extension ResolvedExpression {
    /// A column's name without what marks it as an alias.
    var plainName: String {
        guard case .column(let column) = self, column.name.hasPrefix("lateralAliasReference("), column.name.hasSuffix(")") else { return sql }
        return String(column.name.dropFirst(22).dropLast())
    }
}

extension LogicalPlan {
    /// The plan with references to an enclosing query's columns changed, at any depth.
    func renamingOuter(_ columns: [ColumnID: ColumnReference]) -> LogicalPlan {
        let mapped = mapChildren { $0.renamingOuter(columns) }.mapExpressions { $0.renamingOuter(columns) }
        guard case .apply(var apply) = mapped else { return mapped }
        apply.outer = apply.outer.map { columns[$0.id] ?? $0 }
        return .apply(apply)
    }
}

extension ResolvedExpression {
    func renamingOuter(_ columns: [ColumnID: ColumnReference]) -> ResolvedExpression {
        switch self {
        case .outer(let column): return columns[column.id].map { .outer($0) } ?? self
        case .subquery(var subquery):
            subquery.plan = subquery.plan.renamingOuter(columns)
            subquery.outer = subquery.outer.map { columns[$0.id] ?? $0 }
            return ResolvedExpression.subquery(subquery).mapChildren { $0.renamingOuter(columns) }
        default: return mapChildren { $0.renamingOuter(columns) }
        }
    }
}
