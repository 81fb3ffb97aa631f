import Columnar
import SparkErrors
import SparkFunctions
package import SparkSyntax

/// A table whose rows are looked at one by one, by DELETE and UPDATE.
package struct RowTarget: Sendable {
    package let provider: any TableProvider
    package let write: WriteTarget
    package let alias: TableAlias?

    /// The provider's columns are those of `write`, in its order.
    package init(provider: any TableProvider, write: WriteTarget, alias: TableAlias?) {
        self.provider = provider
        self.write = write
        self.alias = alias
    }
}

extension Analyzer {
    private func source(_ target: RowTarget, _ span: SourceSpan?) throws(SQLError) -> AnalyzedRelation {
        try alias(scan(target.provider, target.write.name), target.alias, span)
    }

    /// One BOOLEAN for each row of the table, in its order: whether the condition is true. No condition: all are.
    func matches(_ condition: SyntaxExpression?, with: With?, in target: RowTarget) throws(SQLError) -> AnalyzedRelation {
        let environment = try with.map { (with) throws(SQLError) in try self.define(with, self.environment) } ?? self.environment
        let relation = try source(target, nil)
        let match = try matchExpression(condition, relation, environment)
        let column = attribute("matches", .boolean, nullable: false)
        let plan = LogicalPlan.project(.init(child: relation.plan, columns: [.init(column, match)]))
        return AnalyzedRelation(plan: plan, scope: Scope([column], qualifier: []))
    }

    private func matchExpression(
        _ condition: SyntaxExpression?, _ relation: AnalyzedRelation, _ environment: Environment
    ) throws(SQLError) -> ResolvedExpression {
        guard let condition else { return .trueConstant }
        let resolver = ExpressionResolver(self, environment, scopes: [relation.scope], operatorName: "Filter")
        return .coalesce([try filterCondition(condition, resolver), .falseConstant], type: .boolean)
    }

    /// For each row of the table, in its order: whether it is changed, and then its columns with their values after the change.
    func update(
        _ assignments: [Assignment], where condition: SyntaxExpression?, with: With?, in target: RowTarget
    ) throws(SQLError) -> AnalyzedRelation {
        let environment = try with.map { (with) throws(SQLError) in try self.define(with, self.environment) } ?? self.environment
        let relation = try source(target, nil)
        let resolver = ExpressionResolver(self, environment, scopes: [relation.scope], operatorName: "Update")
        let match = attribute("matches", .boolean, nullable: false)
        let old = relation.scope.attributes
        var plan = LogicalPlan.project(
            .init(child: relation.plan, columns: old.map { .init($0) } + [.init(match, try matchExpression(condition, relation, environment))]))
        let values = try assigned(assignments, resolver, relation.scope, target.write)
        let writer = StoreAssignment(self, target: target.write)
        var named = [LogicalPlan.NamedColumn(match)]
        for (index, column) in target.write.columns.enumerated() {
            guard old.indices.contains(index) else { continue }
            let made = attribute(column.field.name, column.field.type.inPlans, nullable: column.field.nullable)
            guard let value = values[index] else {
                named.append(.init(made, old[index].reference))
                continue
            }
            let stored = try writer.assign(value, to: column)
            // New values are computed only for the rows that change.
            let choice = Conditional([.init(match.reference, stored)], otherwise: old[index].reference, type: stored.type, isIf: true)
            named.append(.init(made, .conditional(choice)))
        }
        plan = .project(.init(child: plan, columns: named))
        return AnalyzedRelation(plan: plan, scope: Scope(plan.output, qualifier: []))
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
