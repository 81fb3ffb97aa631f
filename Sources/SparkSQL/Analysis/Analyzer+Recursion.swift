import Columnar
import SparkErrors
import SparkFunctions
import SparkSyntax

extension Analyzer {
    /// A common table expression under WITH RECURSIVE; nil if it does not name itself.
    func recursion(_ table: CommonTableExpression, _ environment: Environment) throws(SQLError) -> LogicalPlan? {
        guard case .setOperation(let union)? = table.query.body.bare, union.kind == .union else { return nil }
        var inner = environment
        if let with = table.query.with { inner = try define(with, inner) }
        let span = inner.at(table.span)
        let anchor = try renamed(try source(union.left, inner).ordered, table.columns, span)
        let output = anchor.plan.output.map { attribute($0.name, $0.type, nullable: true) }
        let recursive = RecursiveTable(name: table.name.text, table: nextRecursion(), output: output)
        inner.tables[table.name.text.lowercased()] = CommonTable(name: table.name.text, content: .recursive(recursive))
        let step = try source(union.right, inner).ordered
        guard recursive.isUsed else { return nil }
        guard union.isAll else { throw SQLError(.unionNotSupportedInRecursiveCte, at: inner.at(union.span)) }
        guard table.query.organization.isEmpty else { throw .unsupported("ORDER BY and LIMIT in a recursive query", at: span) }
        let columns = step.plan.output
        guard columns.count == output.count else {
            throw SQLError(
                .numColumnsMismatch,
                [
                    "operator": "UNION", "firstNumColumns": "\(output.count)", "invalidOrdinalNum": "second", "invalidNumColumns": "\(columns.count)",
                ], at: inner.at(union.span))
        }
        for (index, (one, other)) in zip(output, columns).enumerated() where one.type != other.type {
            guard let common = Coercion.leastCommonType(one.type, other.type), common.sameIgnoringNulls(as: one.type) else {
                throw SQLError(
                    .incompatibleColumnType,
                    [
                        "operator": "UNION", "columnOrdinalNumber": Ordinals.word(index), "tableOrdinalNumber": "second",
                        "dataType1": SQLQuote.type(other.type.sqlText), "dataType2": SQLQuote.type(one.type.sqlText), "hint": "",
                    ], at: inner.at(union.span))
            }
        }
        let cast = try self.cast(step.plan, to: output.map(\.type), ExpressionResolver(self, inner, scopes: []))
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

extension QueryBody {
    /// Without parentheses that change nothing.
    fileprivate var bare: QueryBody? {
        if case .parenthesized(let query) = self, query.with == nil, query.organization.isEmpty { return query.body.bare }
        return self
    }
}
