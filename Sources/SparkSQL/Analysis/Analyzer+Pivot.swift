import Columnar
import SparkErrors
import SparkFunctions
import SparkSyntax

extension Analyzer {
    // MARK: PIVOT

    /// Groups by all columns that PIVOT does not name; each value and aggregate makes a column.
    func pivot(_ pivot: Pivot, _ environment: Environment, _ span: SourceSpan?) throws(SQLError) -> AnalyzedRelation {
        let source = try relation(pivot.source, environment)
        let resolver = ExpressionResolver(self, environment, scopes: [source.scope], operatorName: "Pivot")
        var keys: [ResolvedExpression] = []
        for column in pivot.columns { keys.append(try resolver.resolveName(column.names, environment.at(column.span))) }
        for key in keys where !key.type.isOrderable(mapsAllowed: false) {
            throw SQLError(.incomparablePivotColumn, ["columnName": SQLQuote.id(key.sql)])
        }
        // Spark groups by the collation and then looks for the values by their bytes.
        if keys.contains(where: \.type.hasCollation) { throw .unsupported("PIVOT for a column with a collation", at: span) }
        var aggregates: [(expression: ResolvedExpression, name: String)] = []
        for written in pivot.aggregates {
            let expression = try resolver.resolve(written.expression)
            guard expression.containsAggregate else {
                throw SQLError(.legacyPivotAggregate, ["sql": Self.qualified(expression, source.scope)], at: span, phase: .analysis)
            }
            aggregates.append((expression, written.alias?.text ?? expression.sql))
        }
        var used = keys.reduce(into: Set<ColumnID>()) { $1.collectReferences(into: &$0) }
        for aggregate in aggregates { aggregate.expression.collectReferences(into: &used) }
        let groups = source.scope.columns.filter { !used.contains($0.attribute.id) }
        var grouped = LogicalPlan.Aggregate(child: source.plan, groups: groups.map { .init($0.attribute) }, aggregates: [])
        var columns = groups.map { LogicalPlan.NamedColumn($0.attribute) }
        for written in pivot.values {
            let (values, shown) = try pivotValue(written, keys, resolver)
            var tests: [ResolvedExpression] = []
            for (key, value) in zip(keys, values) { tests.append(try resolver.call("<=>", [key, value], span)) }
            guard let condition = ResolvedExpression.conjunction(tests) else { continue }
            let label = written.alias?.text ?? shown
            // A value without rows has NULL, be it a count.
            let present = try count(of: condition, resolver, span, &grouped)
            for aggregate in aggregates {
                let value = try filtered(aggregate.expression, by: condition, &grouped)
                let name = aggregates.count == 1 ? label : "\(label)_\(aggregate.name)"
                let zero = ResolvedExpression.constant(Constant(.integer(0), .long, isLiteral: true))
                let isEmpty = try resolver.call("=", [present, zero], span)
                let choice = Conditional([.init(isEmpty, .null(value.type))], otherwise: value, type: value.type, isIf: true)
                columns.append(.init(attribute(name, value.type, nullable: true), .conditional(choice)))
            }
        }
        let plan = LogicalPlan.project(.init(child: .aggregate(grouped), columns: columns))
        return AnalyzedRelation(plan: plan, scope: Scope(plan.output, qualifier: []))
    }

    /// A column with its table's name, if it is one.
    private static func qualified(_ expression: ResolvedExpression, _ scope: Scope) -> String {
        guard case .column(let column) = expression, let found = scope.columns.first(where: { $0.attribute.id == column.id }),
            let table = found.qualifier.last
        else { return expression.sql }
        return "\(table).\(column.name)"
    }

    private func pivotValue(
        _ written: NamedExpression, _ keys: [ResolvedExpression], _ resolver: ExpressionResolver
    ) throws(SQLError) -> (values: [ResolvedExpression], name: String) {
        var parts = [written.expression]
        if keys.count > 1, case .row(let items) = written.expression.kind { parts = items.map(\.expression) }
        var values: [ResolvedExpression] = []
        var shown: [String] = []
        for (index, part) in parts.enumerated() {
            let value: ResolvedExpression
            do throws(SQLError) {
                value = try resolver.resolve(part)
            } catch {
                throw error
            }
            guard value.isFoldable, let constant = resolver.constantValue(value) else {
                throw SQLError(.nonLiteralPivotValues, ["expression": SQLQuote.expr(value.sql)])
            }
            shown.append(constant.isNull ? "null" : Cast.text(of: constant, value.type, context))
            guard keys.indices.contains(index) else { throw pivotMismatch(written, values, keys) }
            let key = keys[index]
            guard Cast.canCast(value.type, key.type, ansi: context.ansi) else {
                throw SQLError(
                    .pivotValueDataTypeMismatch, ["value": value.sql, "valueType": value.type.simpleText, "pivotType": key.type.simpleText])
            }
            values.append(try resolver.coerce(value, to: key.type))
        }
        guard values.count == keys.count else { throw pivotMismatch(written, values, keys) }
        return (values, keys.count == 1 ? shown[0] : "{\(shown.joined(separator: ", "))}")
    }

    private func pivotMismatch(_ written: NamedExpression, _ values: [ResolvedExpression], _ keys: [ResolvedExpression]) -> SQLError {
        SQLError(
            .pivotValueDataTypeMismatch,
            [
                "value": values.map(\.sql).joined(separator: ", "), "valueType": values.map(\.type.simpleText).joined(separator: ", "),
                "pivotType": "struct<\(keys.map { "\($0.sql):\($0.type.simpleText)" }.joined(separator: ", "))>",
            ])
    }

    private func count(
        of condition: ResolvedExpression, _ resolver: ExpressionResolver, _ span: SourceSpan?, _ grouped: inout LogicalPlan.Aggregate
    ) throws(SQLError) -> ResolvedExpression {
        guard let function = registry.aggregate("count") else { throw resolver.unresolvedRoutine(["count"], span) }
        let one = ResolvedExpression.constant(Constant(.integer(1), .int, isLiteral: true))
        let bound = try function.bind([resolver.info(one)], callContext())
        let call = AggregateExpression(
            function: function.name, arguments: try resolver.coerce([one], to: bound.argumentTypes, span), bound: bound, isDistinct: false,
            filter: condition, sql: "count(1)", span: span)
        let column = attribute("count(1)", bound.returnType, nullable: false)
        grouped.aggregates.append(.init(attribute: column, aggregate: call))
        return column.reference
    }

    /// The expression with its aggregates over those rows only for which the condition holds, as columns of the aggregate.
    private func filtered(
        _ expression: ResolvedExpression, by condition: ResolvedExpression, _ grouped: inout LogicalPlan.Aggregate
    ) throws(SQLError) -> ResolvedExpression {
        if case .aggregate(var call) = expression {
            call.filter = .conjunction([condition] + (call.filter.map { [$0] } ?? []))
            let column = attribute(call.sql, call.bound.returnType, nullable: call.bound.nullable)
            grouped.aggregates.append(.init(attribute: column, aggregate: call))
            return column.reference
        }
        return try expression.mapChildren { (child) throws(SQLError) in try filtered(child, by: condition, &grouped) }
    }

    // MARK: UNPIVOT

    /// Each row once for each set of columns.
    func unpivot(_ unpivot: Unpivot, _ environment: Environment, _ span: SourceSpan?) throws(SQLError) -> AnalyzedRelation {
        let source = try relation(unpivot.source, environment)
        let resolver = ExpressionResolver(self, environment, scopes: [source.scope], operatorName: "Unpivot")
        var sets: [(values: [ResolvedExpression], name: String)] = []
        var used: Set<ColumnID> = []
        for set in unpivot.columnSets {
            guard set.columns.count == unpivot.valueColumns.count else {
                throw SQLError(
                    .unpivotValueSizeMismatch, ["names": unpivot.valueColumns.map { SQLQuote.id($0.text) }.joined(separator: ", ")], at: span)
            }
            var values: [ResolvedExpression] = []
            for column in set.columns {
                let value = try resolver.resolveName(column.names, environment.at(column.span))
                value.collectReferences(into: &used)
                values.append(value)
            }
            sets.append((values, set.alias?.text ?? set.columns.compactMap(\.names.last).joined(separator: "_")))
        }
        guard !sets.isEmpty else { throw SQLError(.unpivotRequiresValueColumns, at: span) }
        var types: [DataType] = []
        for index in unpivot.valueColumns.indices {
            let values = sets.map { $0.values[index] }
            guard let type = resolver.commonType(values), !Self.mixesText(values) else { throw unpivotMismatch(values, span) }
            types.append(type)
        }
        let kept = source.scope.columns.filter { !used.contains($0.attribute.id) }
        let nameColumn = attribute(unpivot.nameColumn.text, .text, nullable: false)
        let valueColumns = zip(unpivot.valueColumns, types).map { attribute($0.text, $1, nullable: true) }
        var projections: [[ResolvedExpression]] = []
        for set in sets {
            var row: [ResolvedExpression] = [.constant(Constant(.string(set.name), .text))]
            for (value, type) in zip(set.values, types) { row.append(try resolver.coerce(value, to: type, span)) }
            projections.append(row)
        }
        var plan = LogicalPlan.expand(.init(child: source.plan, projections: projections, added: [nameColumn] + valueColumns))
        if !unpivot.includesNulls {
            let present = valueColumns.map { ResolvedExpression.isNotNull($0.reference) }
            plan = .filter(.init(child: plan, condition: present.count == 1 ? present[0] : .or(present)))
        }
        let columns = kept.map(\.attribute) + [nameColumn] + valueColumns
        plan = .project(.init(child: plan, columns: columns.map { .init($0) }))
        return AnalyzedRelation(plan: plan, scope: Scope(columns, qualifier: []))
    }

    /// Strings are not turned into numbers here.
    private static func mixesText(_ values: [ResolvedExpression]) -> Bool {
        let texts = values.filter { $0.type.isString }.count
        return texts > 0 && texts < values.filter { $0.type != .void }.count
    }

    private func unpivotMismatch(_ values: [ResolvedExpression], _ span: SourceSpan?) -> SQLError {
        var byType: [(type: String, names: [String])] = []
        for value in values {
            let type = SQLQuote.type(value.type.sqlText)
            if let index = byType.firstIndex(where: { $0.type == type }) {
                byType[index].names.append(SQLQuote.id(value.sql))
            } else {
                byType.append((type, [SQLQuote.id(value.sql)]))
            }
        }
        let types = byType.sorted { $0.type < $1.type }.map { "\($0.type) (\($0.names.joined(separator: ", ")))" }.joined(separator: ", ")
        return SQLError(.unpivotValueDataTypeMismatch, ["types": types])
    }
}
