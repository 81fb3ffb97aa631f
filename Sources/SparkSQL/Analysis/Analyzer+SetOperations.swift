import Columnar
import SparkErrors
import SparkFunctions
import SparkSyntax

extension Analyzer {
    func setOperation(_ operation: SparkSyntax.SetOperation, _ environment: Environment) throws(SQLError) -> AnalyzedRelation {
        // A chain is as long as it is: its left sides are walked in a loop.
        var chain = [operation]
        var first = operation.left
        while case .setOperation(let inner) = first {
            chain.append(inner)
            first = inner.left
        }
        var result = try source(first, environment)
        while let operation = chain.popLast() {
            let right = try source(operation.right, environment)
            result = try combine(
                operation.kind, isAll: operation.isAll, isByName: operation.isByName, result, right, environment, environment.at(operation.span))
        }
        return result
    }

    func combine(
        _ kind: SparkSyntax.SetOperation.Kind, isAll: Bool, isByName: Bool, _ left: AnalyzedRelation, _ right: AnalyzedRelation,
        _ environment: Environment, _ span: SourceSpan?
    ) throws(SQLError) -> AnalyzedRelation {
        let name = kind.rawValue + (isAll && kind != .union ? " ALL" : "")
        let resolver = ExpressionResolver(self, environment, scopes: [])
        var right = right.ordered
        let left = left.ordered
        if isByName { right = try byName(left, right, span) }
        let (leftColumns, rightColumns) = (left.plan.output, right.plan.output)
        guard leftColumns.count == rightColumns.count else {
            throw SQLError(
                .numColumnsMismatch,
                [
                    "operator": name, "firstNumColumns": "\(leftColumns.count)", "invalidOrdinalNum": "second",
                    "invalidNumColumns": "\(rightColumns.count)",
                ], at: span)
        }
        var types: [DataType] = []
        for (index, (one, other)) in zip(leftColumns, rightColumns).enumerated() {
            guard let type = one.type == other.type ? one.type : Coercion.leastCommonType(one.type, other.type) else {
                throw SQLError(
                    .incompatibleColumnType,
                    [
                        "operator": name, "columnOrdinalNumber": Ordinals.word(index), "tableOrdinalNumber": "second",
                        "dataType1": SQLQuote.type(other.type.sqlText), "dataType2": SQLQuote.type(one.type.sqlText), "hint": "",
                    ], at: span)
            }
            types.append(type)
        }
        let leftPlan = try cast(left.plan, to: types, resolver, span)
        let rightPlan = try cast(right.plan, to: types, resolver, span)
        let keepsRight = kind == .union
        let output = zip(leftPlan.output, rightPlan.output).map { one, other in
            attribute(one.name, one.type, nullable: one.nullable || (keepsRight && other.nullable))
        }
        if kind != .union || !isAll { try refuseUncomparable(output, span) }
        let plan: LogicalPlan
        switch kind {
        case .union:
            let all = LogicalPlan.union(.init(children: flat(leftPlan) + flat(rightPlan), output: output))
            plan = isAll ? all : distinct(all)
        case .intersect: plan = .setOperation(.init(kind: .intersect, isAll: isAll, left: leftPlan, right: rightPlan, output: output))
        case .except: plan = .setOperation(.init(kind: .except, isAll: isAll, left: leftPlan, right: rightPlan, output: output))
        }
        return AnalyzedRelation(plan: plan, scope: Scope(output, qualifier: []))
    }

    /// A union of unions is one union.
    private func flat(_ plan: LogicalPlan) -> [LogicalPlan] {
        if case .union(let union) = plan { union.children } else { [plan] }
    }

    /// Each row once, in the order of first appearance.
    func distinct(_ plan: LogicalPlan) -> LogicalPlan {
        .aggregate(.init(child: plan, groups: plan.output.map { .init($0) }, aggregates: []))
    }

    func refuseUncomparable(_ columns: [Attribute], _ span: SourceSpan?) throws(SQLError) {
        for column in columns {
            if column.type.hasIndeterminateCollation { throw SQLError(.indeterminateCollation, at: span, phase: .analysis) }
            let parameters = ["colName": SQLQuote.id(column.name), "dataType": SQLQuote.type(column.type.sqlText)]
            if column.type.containsMap { throw SQLError(.unsupportedFeatureSetOperationOnMapType, parameters, at: span) }
            if column.type.containsVariant { throw SQLError(.unsupportedFeatureSetOperationOnVariantType, parameters, at: span) }
        }
    }

    private func byName(_ left: AnalyzedRelation, _ right: AnalyzedRelation, _ span: SourceSpan?) throws(SQLError) -> AnalyzedRelation {
        let columns = right.plan.output
        guard columns.count == left.plan.output.count else {
            throw SQLError(
                .numColumnsMismatch,
                [
                    "operator": "UNION", "firstNumColumns": "\(left.plan.output.count)", "invalidOrdinalNum": "second",
                    "invalidNumColumns": "\(columns.count)",
                ], at: span)
        }
        var named: [LogicalPlan.NamedColumn] = []
        for wanted in left.plan.output {
            guard let found = columns.first(where: { Names.same($0.name, wanted.name) }) else {
                throw Suggestions.unresolvedColumn([wanted.name], among: right.scope.columns, at: span)
            }
            named.append(.init(found))
        }
        return AnalyzedRelation(plan: .project(.init(child: right.plan, columns: named)), scope: Scope(named.map(\.attribute), qualifier: []))
    }
}

extension AnalyzedRelation {
    /// With the plan's columns just those of the scope, in its order.
    var ordered: AnalyzedRelation {
        let output = plan.output
        if output.count == scope.columns.count, zip(output, scope.columns).allSatisfy({ $0.id == $1.attribute.id }) { return self }
        return AnalyzedRelation(plan: .project(.init(child: plan, columns: scope.attributes.map { .init($0) })), scope: scope)
    }
}

extension DataType {
    var containsMap: Bool {
        switch self {
        case .map: true
        case .array(let element, _): element.containsMap
        case .structure(let fields): fields.contains { $0.type.containsMap }
        default: false
        }
    }

    var containsVariant: Bool {
        switch self {
        case .variant: true
        case .array(let element, _): element.containsVariant
        case .map(let key, let value, _): key.containsVariant || value.containsVariant
        case .structure(let fields): fields.contains { $0.type.containsVariant }
        default: false
        }
    }
}
