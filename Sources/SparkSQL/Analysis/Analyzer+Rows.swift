import Columnar
import SparkErrors
import SparkFunctions
package import SparkSyntax

/// A table whose rows are looked at one by one, by DELETE, UPDATE and MERGE.
package struct RowTarget {
    /// The columns of `write`, in its order, and behind them one of the type BIGINT that numbers the rows.
    package let provider: any TableProvider
    package let write: WriteTarget
    package let alias: TableAlias?
    /// Positions of the columns by which files are told apart before they are read.
    package let partitionColumns: [Int]
    /// The provider without the files whose rows a condition over the partition columns leaves out. It is told of the condition once, or of nil.
    package let limited: FileLimit

    package init(
        provider: any TableProvider, write: WriteTarget, alias: TableAlias?, partitionColumns: [Int],
        limited: @escaping FileLimit
    ) {
        self.provider = provider
        self.write = write
        self.alias = alias
        self.partitionColumns = partitionColumns
        self.limited = limited
    }
}

extension Analyzer {
    /// The target's rows, and the column that numbers them, which no name reaches.
    func numbered(_ target: RowTarget) throws(SQLError) -> (relation: AnalyzedRelation, row: Attribute) {
        let whole = scan(target.provider, target.write.name)
        guard let row = whole.scope.attributes.last else { throw .internalFault("a table without columns") }
        let scope = Scope(columns: Array(whole.scope.columns.dropLast()))
        return (try alias(AnalyzedRelation(plan: whole.plan, scope: scope), target.alias, nil), row)
    }

    /// The target's plan over the files alone that a condition over its rows leaves.
    func limited(_ relation: AnalyzedRelation, _ target: RowTarget, by condition: ResolvedExpression?) throws(SQLError) -> LogicalPlan {
        let columns = relation.scope.attributes
        let partitions = target.partitionColumns.filter { columns.indices.contains($0) }.map { columns[$0] }
        let provider = try target.limited(partitionPart(of: condition, partitions))
        guard case .scan(let scan) = relation.plan else { return relation.plan }
        return .scan(.init(provider: provider, name: scan.name, output: scan.output, columns: scan.columns))
    }

    private func matching(
        _ condition: SyntaxExpression?, with: With?, in target: RowTarget
    ) throws(SQLError) -> (plan: LogicalPlan, scope: Scope, row: Attribute, environment: Environment) {
        let environment = try with.map { (with) throws(SQLError) in try self.define(with, self.environment) } ?? self.environment
        let (relation, row) = try numbered(target)
        guard let condition else { return (try limited(relation, target, by: nil), relation.scope, row, environment) }
        let resolver = ExpressionResolver(self, environment, scopes: [relation.scope], operatorName: "Filter")
        let resolved = try filterCondition(condition, resolver)
        let plan = LogicalPlan.filter(.init(child: try limited(relation, target, by: resolved), condition: resolved))
        return (plan, relation.scope, row, environment)
    }

    /// The numbers of the rows for which the condition is true, ascending. No condition: of all.
    func matches(_ condition: SyntaxExpression?, with: With?, in target: RowTarget) throws(SQLError) -> AnalyzedRelation {
        let (plan, _, row, _) = try matching(condition, with: with, in: target)
        let column = attribute("row", .long, nullable: true)
        let numbers = LogicalPlan.project(.init(child: plan, columns: [.init(column, row.reference)]))
        return AnalyzedRelation(plan: numbers, scope: Scope([column], qualifier: []))
    }

    /// For each row for which the condition is true: its number, and its columns with their values after the change.
    func update(
        _ assignments: [Assignment], where condition: SyntaxExpression?, with: With?, in target: RowTarget
    ) throws(SQLError) -> AnalyzedRelation {
        let (rows, scope, row, environment) = try matching(condition, with: with, in: target)
        let resolver = ExpressionResolver(self, environment, scopes: [scope], operatorName: "Update")
        let old = scope.attributes
        let values = try assigned(assignments, resolver, scope, target.write)
        let writer = StoreAssignment(self, target: target.write)
        let number = attribute("row", .long, nullable: true)
        var named = [LogicalPlan.NamedColumn(number, row.reference)]
        var columns: [Attribute] = []
        var computed: [Int: ResolvedExpression] = [:]
        for (index, column) in target.write.columns.enumerated() {
            guard old.indices.contains(index) else { continue }
            let made = attribute(column.field.name, column.field.type.inPlans, nullable: column.field.nullable)
            columns.append(made)
            if let value = values[index] {
                if column.identity != nil { throw .identityUpdated(column.field.name) }
                named.append(.init(made, try writer.assign(value, to: column)))
            } else {
                named.append(.init(made, old[index].reference))
                if column.generation != nil { computed[index] = .trueConstant }
            }
        }
        var plan = LogicalPlan.project(.init(child: rows, columns: named))
        (plan, columns) = try generating(plan, columns, target.write, computed)
        return AnalyzedRelation(plan: plan, scope: Scope([number] + columns, qualifier: []))
    }

    /// The new value of each column that is assigned to, by its position.
    func assigned(
        _ assignments: [Assignment], _ resolver: ExpressionResolver, _ targetScope: Scope, _ target: WriteTarget
    ) throws(SQLError) -> [Int: ResolvedExpression] {
        var whole: [Int: ResolvedExpression] = [:]
        var parts: [Int: [(path: [String], value: ResolvedExpression)]] = [:]
        let columns = targetScope.attributes
        for assignment in assignments {
            let span = resolver.at(assignment.target.span)
            guard let match = try targetScope.resolve(assignment.target.names, at: span),
                let index = columns.firstIndex(where: { $0.id == match.attribute.id })
            else { throw Suggestions.unresolvedColumn(assignment.target.names, among: targetScope.columns, at: span) }
            let value: ResolvedExpression
            if assignment.value.isDefault {
                value = try StoreAssignment(self, target: target).defaultValue(target.columns[index])
            } else {
                value = try resolver.resolve(assignment.value)
            }
            if value.containsAggregate || value.containsWindow {
                throw SQLError(.unsupportedExprForOperator, ["invalidExprSqls": SQLQuote.expr(value.sql)], at: span)
            }
            let path = Array(match.rest)
            let isTaken =
                whole[index] != nil || (path.isEmpty && parts[index] != nil)
                || (parts[index] ?? []).contains { $0.path.starts(with: path) || path.starts(with: $0.path) }
            if isTaken {
                throw SQLError(
                    .datatypeMismatchInvalidRowLevelOperationAssignments,
                    [
                        "sqlExpr": SQLQuote.expr(assignment.target.names.joined(separator: ".")),
                        "errors": "\n- Multiple assignments for \(SQLQuote.id(assignment.target.names))",
                    ], at: span)
            }
            if path.isEmpty { whole[index] = value } else { parts[index, default: []].append((path, value)) }
        }
        for (index, changes) in parts { whole[index] = try rebuilt(columns[index].reference, changes, resolver) }
        return whole
    }

    /// A struct with some of its fields replaced.
    private func rebuilt(
        _ base: ResolvedExpression, _ changes: [(path: [String], value: ResolvedExpression)], _ resolver: ExpressionResolver
    ) throws(SQLError) -> ResolvedExpression {
        guard case .structure(let fields) = base.type else { throw .unsupported("an assignment to a part of \(base.type.sqlText)") }
        for change in changes where !fields.contains(where: { Names.same($0.name, change.path[0]) }) {
            throw SQLError(
                .fieldNotFound,
                ["fieldName": SQLQuote.id(change.path[0]), "fields": fields.map { SQLQuote.id($0.name) }.joined(separator: ", ")])
        }
        var arguments: [ResolvedExpression] = []
        for (index, field) in fields.enumerated() {
            let own = changes.filter { Names.same($0.path[0], field.name) }
            let old = ResolvedExpression.field(base, index: index, field)
            var value = old
            if let change = own.first(where: { $0.path.count == 1 }) {
                value = try resolver.coerce(change.value, to: field.type)
            } else if !own.isEmpty {
                value = try rebuilt(old, own.map { (Array($0.path.dropFirst()), $0.value) }, resolver)
            }
            arguments.append(.constant(Constant(.string(field.name), .text, isLiteral: true)))
            arguments.append(value)
        }
        let made = try resolver.call("named_struct", arguments, nil)
        return .conditional(
            Conditional([.init(.isNull(base), .null(base.type))], otherwise: try resolver.coerce(made, to: base.type), type: base.type, isIf: true))
    }
}
