import Columnar
import SparkErrors
import SparkSyntax

/// Generated columns get their values behind all others, from those.
extension Analyzer {
    /// `columns`: the target's, in its order, as the plan has them. `conditions`: for each generated column to be computed, by position, in which rows.
    func generating(
        _ plan: LogicalPlan, _ columns: [Attribute], _ target: WriteTarget, _ conditions: [Int: ResolvedExpression]
    ) throws(SQLError) -> (plan: LogicalPlan, columns: [Attribute]) {
        guard !conditions.isEmpty else { return (plan, columns) }
        let resolver = ruleResolver(Scope(columns, qualifier: target.name))
        let writer = StoreAssignment(self, target: target)
        var made: [ColumnID: LogicalPlan.NamedColumn] = [:]
        for (index, condition) in conditions {
            let column = target.columns[index]
            guard let generation = column.generation else { continue }
            var value = try writer.assign(try resolver.resolve(generation), to: column)
            if !condition.isTrue {
                let choice = Conditional([.init(condition, value)], otherwise: columns[index].reference, type: value.type, isIf: true)
                value = .conditional(choice)
            }
            made[columns[index].id] = .init(attribute(column.field.name, column.field.type.inPlans, nullable: column.field.nullable), value)
        }
        let named = plan.output.map { made[$0.id] ?? LogicalPlan.NamedColumn($0) }
        return (.project(.init(child: plan, columns: named)), columns.map { made[$0.id]?.attribute ?? $0 })
    }
}

extension SQLError {
    static func identityGiven(_ column: String) -> SQLError {
        SQLError(
            .delta(
                "DELTA_IDENTITY_COLUMNS_EXPLICIT_INSERT_NOT_SUPPORTED", sqlState: "42808",
                "Providing values for GENERATED ALWAYS AS IDENTITY column <colName> is not supported."), ["colName": column], phase: .analysis)
    }

    static func identityUpdated(_ column: String) -> SQLError {
        SQLError(
            .delta(
                "DELTA_IDENTITY_COLUMNS_UPDATE_NOT_SUPPORTED", sqlState: "42808", "UPDATE on IDENTITY column <colName> is not supported."),
            ["colName": column], phase: .analysis)
    }
}
