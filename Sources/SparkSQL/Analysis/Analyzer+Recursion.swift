import Columnar
import SparkErrors
import SparkFunctions
import SparkSyntax

extension Analyzer {
    /// A common table expression under WITH RECURSIVE; nil if it does not name itself.
    func recursion(_ table: CommonTableExpression, _ environment: Environment) throws(SQLError) -> LogicalPlan? {
        guard case .setOperation(let union)? = table.query.body.bare, union.kind == .union else { return nil }
        var inner = environment
        if let with = table.query.with {
            // Its own WITH may take the name for something else.
            if with.queries.contains(where: { Names.same($0.name.text, table.name.text) }) { return nil }
            inner = try define(with, inner)
        }
        let span = inner.at(table.span)
        let anchor = try renamed(try source(union.left, inner).ordered, table.columns, span)
        let output = anchor.plan.output.map { attribute($0.name, $0.type, nullable: true) }
        let recursive = RecursiveTable(name: table.name.text, table: nextRecursion(), output: output)
        inner.tables[table.name.text.lowercased()] = CommonTable(name: table.name.text, content: .recursive(recursive))
        let step = try source(union.right, inner).ordered
        guard recursive.isUsed else { return nil }
        guard union.isAll else { throw SQLError(.unionNotSupportedInRecursiveCte, at: inner.at(union.span)) }
        guard table.query.organization.isEmpty else { throw SQLError(.invalidRecursiveCte) }
        try step.plan.refuseRecursion(outside: recursive.table)
        let columns = step.plan.output
        guard columns.count == output.count else {
            throw SQLError(
                .numColumnsMismatch,
                [
                    "operator": "UNION", "firstNumColumns": "\(output.count)", "invalidOrdinalNum": "second", "invalidNumColumns": "\(columns.count)",
                ], at: inner.at(union.span))
        }
        for (one, other) in zip(output, columns) where !one.type.sameIgnoringNulls(as: other.type) && other.type != .void {
            if Coercion.tightestCommonType(one.type, other.type)?.sameIgnoringNulls(as: one.type) ?? false { continue }
            throw SQLError(
                .cannotMergeIncompatibleDataType, ["left": SQLQuote.type(one.type.sqlText), "right": SQLQuote.type(other.type.sqlText)])
        }
        let cast = try self.cast(step.plan, to: output.map(\.type), ExpressionResolver(self, inner, scopes: []))
        // Its rows are made once, and not for each row of an enclosing query.
        if let column = anchor.plan.freeColumn ?? cast.freeColumn {
            throw SQLError(
                .unsupportedSubqueryExpressionCategoryAccessingOuterQueryColumnIsNotAllowed,
                ["treeNode": ResolvedExpression.outer(column).sql], at: span, phase: .analysis)
        }
        return .recursion(
            .init(
                table: recursive.table, anchor: anchor.plan, step: cast, isDistinct: false, name: table.name.text,
                maximumLevel: try maximumLevel(table, inner), maximumRows: 1_000_000, output: output))
    }

    private func maximumLevel(_ table: CommonTableExpression, _ environment: Environment) throws(SQLError) -> Int {
        guard let written = table.maximumRecursion else { return 100 }
        let resolver = ExpressionResolver(self, environment, scopes: [])
        guard case .integer(let level)? = resolver.constantValue(try resolver.resolve(written)) else {
            throw .unsupported("this MAX RECURSION LEVEL", at: environment.at(written.span))
        }
        return level < 0 ? Int.max : Int(level)
    }
}

extension LogicalPlan {
    /// The working table may be read through filters, projections and inner joins, and on the kept side of outer joins; nothing else.
    fileprivate func refuseRecursion(outside table: Int) throws(SQLError) {
        guard reads(table) else { return }
        var isRefused = false
        switch self {
        case .workingTable: return
        case .aggregate, .window, .sort, .recursion, .expand: isRefused = true
        case .join(let join):
            switch join.kind {
            case .inner: break
            case .left, .single, .semi, .anti, .existence, .membership: isRefused = join.right.reads(table)
            case .right: isRefused = join.left.reads(table)
            case .full: isRefused = true
            }
        default: break
        }
        if isRefused { throw SQLError(.invalidRecursiveReferencePlace) }
        var nested: [LogicalPlan] = []
        forEachExpression { expression in nested += expression.subqueries.map(\.plan) }
        for plan in children + nested { try plan.refuseRecursion(outside: table) }
    }

    /// A column of a query around the plan that it uses.
    fileprivate var freeColumn: ColumnReference? {
        var made: Set<ColumnID> = []
        var used: [ColumnReference] = []
        forEachNodeDeep { node in
            made.formUnion(node.output.map(\.id))
            node.forEachExpression { expression in
                expression.forEach { if case .outer(let column) = $0 { used.append(column) } }
            }
        }
        return used.first { !made.contains($0.id) }
    }

    /// Whether it is a part of some recursive query's step.
    var readsWorkingTable: Bool {
        var found = false
        forEachNodeDeep { if case .workingTable = $0 { found = true } }
        return found
    }

    private func reads(_ table: Int) -> Bool {
        var found = false
        forEachNodeDeep { if case .workingTable(let working) = $0, working.table == table { found = true } }
        return found
    }
}

extension QueryBody {
    /// Without parentheses that change nothing.
    fileprivate var bare: QueryBody? {
        if case .parenthesized(let query) = self, query.with == nil, query.organization.isEmpty { return query.body.bare }
        return self
    }
}
