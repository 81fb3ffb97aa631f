import Columnar
import SparkErrors
import SparkFunctions
import SparkSyntax

/// An item of a SELECT list.
struct SelectItem {
    var expression: ResolvedExpression
    /// The column that it makes; the source's own for a plain column.
    var attribute: Attribute
    var qualifier: [String] = []
    var generator: GeneratorCall?
    /// Of a generator: all that it makes.
    var generated: [Attribute] = []
    /// Written with an alias, or as a plain column.
    let syntax: SyntaxExpression?

    var outputs: [Attribute] { generator == nil ? [attribute] : generated }
}

/// The analysis of one SELECT with the ORDER BY and LIMIT behind it, clause by clause.
struct SelectAnalysis {
    let analyzer: Analyzer
    let environment: Environment
    let select: Select
    let organization: Query.Organization
    var source: AnalyzedRelation
    var items: [SelectItem] = []
    let windows: [String: NamedWindow]
    /// Columns that SELECT items make under a name of their own.
    var aliasIDs: Set<ColumnID> = []
    /// Of a step behind `|>` that may not aggregate: its keyword.
    var pipeClause: String?
    /// The column of `window(…)` or `session_window(…)` in GROUP BY, by the function's name.
    var timeWindow: Attribute?
    /// The latter's, which is made when all grouping columns are known.
    var sessionWindow: SessionWindow?

    init(_ analyzer: Analyzer, _ environment: Environment, _ select: Select, _ organization: Query.Organization) throws(SQLError) {
        self.analyzer = analyzer
        self.environment = environment
        self.select = select
        self.organization = organization
        windows = try analyzer.windows(select.windows, organization.windows)
        if let from = select.from {
            source = try analyzer.relation(from, environment)
        } else {
            source = AnalyzedRelation(plan: .values(.oneRow), scope: .empty)
        }
    }

    /// Over rows that are there already: a step behind `|>`.
    init(_ analyzer: Analyzer, _ environment: Environment, _ select: Select, over source: AnalyzedRelation) {
        self.analyzer = analyzer
        self.environment = environment
        self.select = select
        self.source = source
        organization = Query.Organization()
        windows = Dictionary(select.windows.map { ($0.name.text.lowercased(), $0) }, uniquingKeysWith: { first, _ in first })
    }

    mutating func run() throws(SQLError) -> AnalyzedRelation {
        try filter()
        try addTimeWindow()
        if select.items.isEmpty {
            items = source.scope.columns.map {
                SelectItem(expression: $0.attribute.reference, attribute: $0.attribute, qualifier: $0.qualifier, syntax: nil)
            }
        } else {
            try resolveItems()
        }
        return try finish()
    }

    func resolver(_ scopes: [Scope], _ operatorName: String) -> ExpressionResolver {
        let resolver = ExpressionResolver(analyzer, environment, scopes: scopes, operatorName: operatorName)
        resolver.windows = windows
        resolver.timeWindow = timeWindow
        return resolver
    }

    var outputScope: Scope {
        var scope = Scope.empty
        for item in items {
            for attribute in item.outputs { scope.columns.append(.init(attribute: attribute, qualifier: item.qualifier)) }
        }
        return scope
    }

    // MARK: WHERE

    private mutating func filter() throws(SQLError) {
        guard let written = select.filter else { return }
        let condition = try analyzer.filterCondition(written, resolver([source.scope], "Filter"))
        source.plan = .filter(.init(child: source.plan, condition: condition))
    }

    // MARK: The SELECT list

    private mutating func resolveItems() throws(SQLError) {
        let resolver = self.resolver([source.scope], "Project")
        resolver.allowsGrouping = true
        for written in select.items {
            if case .star(let star) = written.expression.kind {
                for column in try resolver.expand(star, resolver.at(written.expression.span)) { items.append(item(column)) }
                continue
            }
            let generated = try generatorItem(written, resolver)
            let item = if let generated { generated } else { try plainItem(written, resolver) }
            if let pipeClause, let aggregate = item.expression.first(where: { if case .aggregate = $0 { true } else { false } }) {
                throw SQLError(
                    .pipeOperatorContainsAggregateFunction, ["expr": aggregate.sql, "clause": pipeClause],
                    at: aggregate.span ?? resolver.at(written.span))
            }
            for attribute in item.outputs {
                let isOwn = if case .column(let column) = item.expression, item.generator == nil { column.id != attribute.id } else { true }
                if isOwn {
                    aliasIDs.insert(attribute.id)
                    if !written.aliases.isEmpty || written.expression.isName {
                        resolver.aliases.append(.init(name: attribute.name, attribute: attribute))
                    }
                }
            }
            items.append(item)
        }
    }

    private func item(_ column: ExpressionResolver.ExpandedColumn) -> SelectItem {
        if case .column(let reference) = column.expression {
            let attribute = Attribute(reference.id, column.name, reference.type, nullable: reference.nullable, comment: comment(reference.id))
            return SelectItem(expression: column.expression, attribute: attribute, qualifier: column.qualifier, syntax: nil)
        }
        return SelectItem(expression: column.expression, attribute: analyzer.attribute(for: column.expression, name: column.name), syntax: nil)
    }

    private func comment(_ id: ColumnID) -> String? { source.scope.columns.first { $0.attribute.id == id }?.attribute.comment }

    private func plainItem(_ written: NamedExpression, _ resolver: ExpressionResolver) throws(SQLError) -> SelectItem {
        let expression = try resolver.resolve(written.expression)
        if written.aliases.count > 1 {
            throw SQLError(
                .multiAliasWithoutGenerator,
                ["names": written.aliases.map(\.text).joined(separator: ", "), "expr": SQLQuote.expr(expression.sql)],
                at: resolver.at(written.span))
        }
        if let alias = written.alias {
            var attribute = analyzer.attribute(for: expression, name: alias.text)
            if case .column(let column) = expression { attribute.comment = comment(column.id) }
            return SelectItem(expression: expression, attribute: attribute, syntax: written.expression)
        }
        if case .column(let column) = expression, case .name(let name) = written.expression.kind, !aliasIDs.contains(column.id) {
            let attribute = Attribute(column.id, name.last, column.type, nullable: column.nullable, comment: comment(column.id))
            let qualifier = source.scope.columns.first { $0.attribute.id == column.id }?.qualifier ?? []
            return SelectItem(expression: expression, attribute: attribute, qualifier: qualifier, syntax: written.expression)
        }
        let attribute = analyzer.attribute(for: expression, name: Self.name(of: written.expression, expression))
        return SelectItem(expression: expression, attribute: attribute, syntax: written.expression)
    }

    /// What Spark calls an item without an alias.
    static func name(of syntax: SyntaxExpression, _ expression: ResolvedExpression) -> String {
        switch syntax.kind {
        case .name(let name): return name.last
        case .field(let base, let name) where base.isName: return name.text
        case .cast(let cast):
            // A cast column keeps its name.
            switch cast.operand.kind {
            case .name(let name):
                // A struct's field does not.
                if case .cast(let made) = expression, case .field = made.operand { return expression.sql }
                return name.last
            case .semiStructured(_, let path): return Self.name(of: path) ?? expression.sql
            default: return expression.sql
            }
        // What lies at a path is called as the path's last field.
        case .semiStructured(_, let path): return Self.name(of: path) ?? expression.sql
        default: return expression.sql
        }
    }

    private static func name(of path: [SyntaxExpression.PathStep]) -> String? {
        for step in path.reversed() {
            if case .field(let name, _) = step { return name }
        }
        return nil
    }

    private func generatorItem(_ written: NamedExpression, _ resolver: ExpressionResolver) throws(SQLError) -> SelectItem? {
        guard case .function(let call) = written.expression.kind, call.over == nil, let name = call.name.literal?.names, name.count == 1,
            let (generator, isOuter) = Generator.parsed(name[0].lowercased())
        else { return nil }
        let span = resolver.at(written.expression.span)
        try resolver.refuseAggregateSyntax(call, name[0], span)
        let arguments = try resolver.arguments(call, name[0], span)
        let made = try analyzer.generator(generator, arguments, isOuter: isOuter, resolver, span)
        let names = written.aliases.map(\.text)
        if !names.isEmpty, names.count != made.fields.count {
            throw SQLError(
                .udtfAliasNumberMismatch, ["aliasesSize": "\(made.fields.count)", "aliasesNames": names.joined(separator: ",")], at: span)
        }
        let outputs = made.fields.enumerated().map { index, field in
            analyzer.attribute(names.isEmpty ? field.name : names[index], field.type, nullable: field.nullable || made.isOuter)
        }
        guard let first = outputs.first else { return nil }
        return SelectItem(expression: .null(.void), attribute: first, generator: made, generated: outputs, syntax: written.expression)
    }
}

extension Analyzer {
    func select(
        _ select: Select, _ organization: Query.Organization, _ environment: Environment
    ) throws(SQLError) -> AnalyzedRelation {
        var analysis = try SelectAnalysis(self, environment, select, organization)
        return try analysis.run()
    }

    /// WHERE's condition: no aggregates, windows or generators.
    func filterCondition(_ written: SyntaxExpression, _ resolver: ExpressionResolver) throws(SQLError) -> ResolvedExpression {
        let span = resolver.at(written.span)
        resolver.allowsOuterAggregates = true
        let condition = try resolver.condition(written, allowsVoid: false) { condition in
            SQLError(
                .datatypeMismatchFilterNotBoolean,
                [
                    "sqlExpr": SQLQuote.expr(condition.sql), "filter": SQLQuote.expr(condition.sql),
                    "type": SQLQuote.type(condition.type.sqlText),
                ], at: span)
        }
        if condition.containsWindow { throw SQLError(.legacyWindowInClause, ["clauseName": "WHERE"], at: span, phase: .analysis) }
        for subquery in condition.subqueries where !subquery.aggregates.isEmpty {
            let sqls = subquery.aggregates.map { SQLQuote.expr($0.aggregate.sql) }.joined(separator: ", ")
            throw SQLError(.unsupportedSubqueryExpressionCategoryCorrelatedReference, ["sqlExprs": sqls], at: subquery.span)
        }
        if let aggregate = condition.first(where: { if case .aggregate = $0 { true } else { false } }) {
            throw SQLError(
                .invalidWhereCondition, ["condition": SQLQuote.expr(condition.sql), "expressionList": aggregate.sql], at: span)
        }
        return condition
    }
}

extension SyntaxExpression {
    fileprivate var isName: Bool { if case .name = kind { true } else { false } }
}
