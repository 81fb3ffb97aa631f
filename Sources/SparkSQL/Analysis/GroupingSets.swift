import Columnar
import SparkErrors
import SparkFunctions
import SparkSyntax

/// What a GROUP BY clause names: its expressions, each once, and the sets of them.
struct GroupingSets {
    private(set) var expressions: [ResolvedExpression] = []
    /// Positions in `expressions`; nil: plain grouping by all of them.
    private(set) var sets: [Set<Int>]?

    init() {}

    init(_ groupBy: GroupBy, _ analysis: SelectAnalysis) throws(SQLError) {
        let resolver = analysis.resolver([analysis.source.scope], "Aggregate")
        if groupBy.isAll, !resolver.hasColumn("ALL") {
            try addAll(analysis, resolver.at(groupBy.span))
            return
        }
        let isPlain = groupBy.elements.allSatisfy { if case .expression = $0 { true } else { false } }
        if isPlain {
            for element in groupBy.elements {
                if case .expression(let expression) = element { _ = try add(expression, resolver, analysis) }
            }
            return
        }
        for key in groupBy.keys { _ = try add(key, resolver, analysis) }
        // Every element is a choice of sets; a GROUP BY of several is all combinations.
        var combined: [[Int]] = [[]]
        for element in groupBy.elements {
            let choices = try self.choices(element, resolver, analysis)
            guard combined.count * choices.count <= Grouping.maximumSets else {
                throw .unsupported("more than \(Grouping.maximumSets) grouping sets", at: resolver.at(groupBy.span))
            }
            combined = combined.flatMap { left in choices.map { left + $0 } }
        }
        sets = combined.map { Set($0) }
    }

    // MARK: Elements

    private mutating func choices(
        _ element: GroupBy.Element, _ resolver: ExpressionResolver, _ analysis: SelectAnalysis
    ) throws(SQLError) -> [[Int]] {
        switch element {
        case .expression(let expression): return [[try add(expression, resolver, analysis)]]
        case .set(let expressions): return [try add(expressions, resolver, analysis)]
        case .rollup(let parts):
            let added = try addParts(parts, resolver, analysis)
            return (0...added.count).reversed().map { added.prefix($0).flatMap { $0 } }
        case .cube(let parts):
            let added = try addParts(parts, resolver, analysis)
            guard added.count <= 12 else { throw .unsupported("CUBE of more than 12 expressions") }
            // From all to none, as a binary number counts down.
            return (0..<(1 << added.count)).reversed().map { bits in
                added.indices.filter { bits >> (added.count - 1 - $0) & 1 == 1 }.flatMap { added[$0] }
            }
        case .groupingSets(let elements):
            var result: [[Int]] = []
            for inner in elements { result += try choices(inner, resolver, analysis) }
            return result
        }
    }

    private mutating func addParts(
        _ parts: [[SyntaxExpression]], _ resolver: ExpressionResolver, _ analysis: SelectAnalysis
    ) throws(SQLError) -> [[Int]] {
        var result: [[Int]] = []
        for part in parts { result.append(try add(part, resolver, analysis)) }
        return result
    }

    private mutating func add(
        _ expressions: [SyntaxExpression], _ resolver: ExpressionResolver, _ analysis: SelectAnalysis
    ) throws(SQLError) -> [Int] {
        var result: [Int] = []
        for expression in expressions { result.append(try add(expression, resolver, analysis)) }
        return result
    }

    // MARK: Expressions

    private mutating func add(_ syntax: SyntaxExpression, _ resolver: ExpressionResolver, _ analysis: SelectAnalysis) throws(SQLError) -> Int {
        let expression = try resolve(syntax, resolver, analysis)
        let span = resolver.at(syntax.span)
        if let aggregate = expression.first(where: { if case .aggregate = $0 { true } else { false } }) {
            throw SQLError(.groupByAggregate, ["sqlExpr": aggregate.sql], at: aggregate.span ?? span)
        }
        if expression.contains(where: { if case .outer = $0 { true } else { false } }) {
            throw SQLError(
                .unsupportedSubqueryExpressionCategoryCorrelatedReference, ["sqlExprs": SQLQuote.expr(expression.sql)], at: span)
        }
        if expression.containsWindow { throw SQLError(.legacyWindowInClause, ["clauseName": "GROUP BY"], at: span, phase: .analysis) }
        return add(expression)
    }

    private mutating func add(_ expression: ResolvedExpression) -> Int {
        if let known = expressions.firstIndex(where: { $0.isSame(as: expression) }) { return known }
        expressions.append(expression)
        return expressions.count - 1
    }

    private func resolve(
        _ syntax: SyntaxExpression, _ resolver: ExpressionResolver, _ analysis: SelectAnalysis
    ) throws(SQLError) -> ResolvedExpression {
        let span = resolver.at(syntax.span)
        if let position = analysis.analyzer.ordinal(syntax) {
            if analysis.select.items.contains(where: { if case .star = $0.expression.kind { true } else { false } }) {
                throw SQLError(.starGroupByPos, at: span)
            }
            return try item(at: position, analysis, span)
        }
        // A column of FROM goes before an item's alias.
        resolver.groupItems = analysis.items
        let expression = try resolver.resolve(syntax)
        if !expression.references.isDisjoint(with: analysis.aliasIDs) {
            throw SQLError(.unsupportedFeatureLateralColumnAliasInGroupBy, at: span)
        }
        return expression
    }

    private func item(at position: Int, _ analysis: SelectAnalysis, _ span: SourceSpan?) throws(SQLError) -> ResolvedExpression {
        guard analysis.items.indices.contains(position - 1) else {
            throw SQLError(.groupByPosOutOfRange, ["index": "\(position)", "size": "\(analysis.items.count)"], at: span)
        }
        let item = analysis.items[position - 1]
        if item.expression.containsAggregate {
            let text = "\(item.expression.sql) AS \(SQLQuote.id(item.attribute.name))"
            throw SQLError(.groupByPosAggregate, ["index": "\(position)", "aggExpr": text], at: span)
        }
        return try grouped(item, analysis, span)
    }

    private func grouped(_ item: SelectItem, _ analysis: SelectAnalysis, _ span: SourceSpan?) throws(SQLError) -> ResolvedExpression {
        if item.generator != nil { throw .unsupported("GROUP BY a generator", at: span) }
        if !item.expression.references.isDisjoint(with: analysis.aliasIDs) {
            throw SQLError(.unsupportedFeatureLateralColumnAliasInGroupBy, at: span)
        }
        if let aggregate = item.expression.first(where: { if case .aggregate = $0 { true } else { false } }) {
            throw SQLError(.groupByAggregate, ["sqlExpr": aggregate.sql], at: span)
        }
        return item.expression
    }

    /// GROUP BY ALL: every item without an aggregate function.
    private mutating func addAll(_ analysis: SelectAnalysis, _ span: SourceSpan?) throws(SQLError) {
        for item in analysis.items where item.generator == nil {
            if item.expression.containsAggregate {
                // Beside the aggregates there may be constants only.
                var loose = false
                Self.visitOutsideAggregates(item.expression) { part in
                    if case .column(let column) = part, !analysis.aliasIDs.contains(column.id) { loose = true }
                }
                if loose, !isCovered(item, analysis) { throw SQLError(.unresolvedAllInGroupBy, at: span) }
            } else if !item.expression.containsWindow {
                _ = add(try grouped(item, analysis, span))
            }
        }
    }

    /// Whether the columns beside an item's aggregates are items themselves.
    private func isCovered(_ item: SelectItem, _ analysis: SelectAnalysis) -> Bool {
        var covered = true
        Self.visitOutsideAggregates(item.expression) { part in
            if case .column = part, !analysis.items.contains(where: { !$0.expression.containsAggregate && $0.expression.isSame(as: part) }) {
                covered = false
            }
        }
        return covered
    }

    private static func visitOutsideAggregates(_ expression: ResolvedExpression, _ body: (ResolvedExpression) -> Void) {
        body(expression)
        if case .aggregate = expression { return }
        _ = expression.mapChildren { child in
            visitOutsideAggregates(child, body)
            return child
        }
    }
}
