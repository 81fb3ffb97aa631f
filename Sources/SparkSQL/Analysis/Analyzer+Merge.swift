import Columnar
import SparkErrors
import SparkFunctions
import SparkSyntax

/// MERGE as a plan: rows of the source joined with those of the target, each pair with the clause that takes it.
package struct AnalyzedMerge: Sendable {
    /// INT `clause` (an index into the statement's), BIGINT `row` (the target's, NULL for new ones), and the target's columns as they are to be.
    package let plan: ResolvedPlan
    /// For each clause the positions of identity columns to which it gives no value.
    package let unfilled: [[Int]]
}

extension Analyzer {
    func merge(_ merge: Merge, source: AnalyzedRelation, into target: RowTarget, _ environment: Environment) throws(SQLError) -> AnalyzedMerge {
        let sides = try MergeSides(self, merge, source, target, environment)
        var branches: [MergeBranch] = []
        for (index, clause) in merge.clauses.enumerated() { branches.append(try branch(index, clause, merge, sides, target, environment)) }
        let joined = sides.joined(merge)
        let clause = attribute("clause", .int, nullable: true)
        let row = attribute("row", .long, nullable: true)
        var choices: [Conditional.Branch] = []
        for branch in branches {
            let number = ResolvedExpression.constant(Constant(.integer(Int64(branch.index)), .int, isLiteral: true))
            choices.append(.init(.and([sides.presence(branch.kind, merge), branch.condition ?? .trueConstant]), number))
        }
        var plan = LogicalPlan.project(
            .init(
                child: joined.plan,
                columns: joined.plan.output.map { .init($0) } + [
                    .init(clause, .conditional(Conditional(choices, otherwise: nil, type: .int))),
                    .init(row, joined.hasTargetRow ? sides.targetRow.reference : .null(.long)),
                ]))
        plan = .filter(.init(child: plan, condition: .isNotNull(clause.reference)))
        let resolver = ExpressionResolver(self, environment, scopes: [])
        func isClause(_ branch: MergeBranch) throws(SQLError) -> ResolvedExpression {
            let number = ResolvedExpression.constant(Constant(.integer(Int64(branch.index)), .int, isLiteral: true))
            return try resolver.call("=", [clause.reference, number], nil)
        }
        var named: [LogicalPlan.NamedColumn] = [.init(clause), .init(row)]
        var columns: [Attribute] = []
        var computed: [Int: ResolvedExpression] = [:]
        for (position, column) in target.write.columns.enumerated() {
            let type = column.field.type.inPlans
            var values: [Conditional.Branch] = []
            var rules: [ResolvedExpression] = []
            for branch in branches {
                guard let given = branch.values else { continue }
                let condition = try isClause(branch)
                if branch.computed.contains(position) { rules.append(condition) }
                values.append(.init(condition, given[position]))
            }
            let made = attribute(column.field.name, type, nullable: true)
            columns.append(made)
            named.append(.init(made, values.isEmpty ? .null(type) : .conditional(Conditional(values, otherwise: nil, type: type))))
            if !rules.isEmpty { computed[position] = rules.count == 1 ? rules[0] : .or(rules) }
        }
        plan = .project(.init(child: plan, columns: named))
        (plan, columns) = try generating(plan, columns, target.write, computed)
        let scope = Scope([clause, row] + columns, qualifier: [])
        return AnalyzedMerge(plan: finish(AnalyzedRelation(plan: plan, scope: scope)), unfilled: branches.map(\.unfilled))
    }

    // MARK: Clauses

    private func branch(
        _ index: Int, _ clause: Merge.Clause, _ merge: Merge, _ sides: MergeSides, _ target: RowTarget, _ environment: Environment
    ) throws(SQLError) -> MergeBranch {
        let scope: Scope
        switch clause.kind {
        case .matched: scope = sides.target + sides.source
        case .notMatched: scope = sides.source
        case .notMatchedBySource: scope = sides.target
        }
        let resolver = ExpressionResolver(self, environment, scopes: [scope], operatorName: "MergeIntoTable")
        let words = clause.kind == .notMatched ? "INSERT" : { if case .delete = clause.action { "DELETE" } else { "UPDATE" } }()
        var result = MergeBranch(index: index, kind: clause.kind)
        if let condition = clause.condition {
            result.condition = try Self.explaining("\(words) condition", scope) { () throws(SQLError) in
                try filterCondition(condition, resolver)
            }
        }
        try Self.explaining("\(words) clause", scope) { () throws(SQLError) in
            switch clause.action {
            case .delete: break
            case .update(let assignments):
                let given = try assigned(assignments, resolver, sides.target, target.write)
                try update(&result, given, sides, target.write)
            case .updateAll:
                try update(&result, try byName(sides, target.write, merge, "UPDATE", keepsMissing: true), sides, target.write)
            case .insertAll: try insert(&result, try byName(sides, target.write, merge, "INSERT", keepsMissing: false), target.write)
            case .insert(let names, let values):
                try insert(&result, try inserted(names, values, resolver, sides, target.write), target.write)
            }
        }
        return result
    }

    /// UPDATE SET * and INSERT *: the source's columns under the target's names.
    private func byName(
        _ sides: MergeSides, _ target: WriteTarget, _ merge: Merge, _ words: String, keepsMissing: Bool
    ) throws(SQLError) -> [Int: ResolvedExpression] {
        var given: [Int: ResolvedExpression] = [:]
        for (index, column) in target.columns.enumerated() {
            if let match = try sides.source.resolve([column.field.name], at: nil), match.rest.isEmpty {
                if column.identity != nil, keepsMissing { continue }
                given[index] = ColumnReference(match.attribute).expression
                continue
            }
            if column.generation != nil || column.identity != nil || merge.schemaEvolution { continue }
            throw Self.unresolved(SQLQuote.id(column.field.name), "\(words) clause", sides.source)
        }
        return given
    }

    private func inserted(
        _ names: [MultipartIdentifier], _ values: [SyntaxExpression], _ resolver: ExpressionResolver, _ sides: MergeSides, _ target: WriteTarget
    ) throws(SQLError) -> [Int: ResolvedExpression] {
        let count = names.isEmpty ? target.columns.count : names.count
        guard values.count == count else {
            throw SQLError(
                values.count < count ? .insertColumnArityMismatchNotEnoughDataColumns : .insertColumnArityMismatchTooManyDataColumns,
                [
                    "tableName": SQLQuote.id(target.name), "dataColumns": "\(values.count) values",
                    "tableColumns": (names.isEmpty ? target.columns.map(\.field.name) : names.map(\.last)).map { SQLQuote.id($0) }
                        .joined(separator: ", "),
                ], phase: .analysis)
        }
        var given: [Int: ResolvedExpression] = [:]
        for (position, value) in values.enumerated() {
            var index = position
            if !names.isEmpty {
                let name = names[position]
                guard let match = try sides.target.resolve(name.names, at: resolver.at(name.span)), match.rest.isEmpty,
                    let found = sides.target.attributes.firstIndex(where: { $0.id == match.attribute.id })
                else { throw Self.unresolved(SQLQuote.id(name.names), "INSERT clause", sides.target) }
                index = found
            }
            guard given[index] == nil else {
                throw SQLError(.columnAlreadyExists, ["columnName": SQLQuote.id(target.columns[index].field.name)], phase: .analysis)
            }
            let column = target.columns[index]
            if value.isDefault {
                if column.identity != nil || column.generation != nil { continue }
                given[index] = try StoreAssignment(self, target: target).defaultValue(column)
            } else {
                given[index] = try resolver.resolve(value)
            }
        }
        return given
    }

    private func update(
        _ branch: inout MergeBranch, _ given: [Int: ResolvedExpression], _ sides: MergeSides, _ target: WriteTarget
    ) throws(SQLError) {
        let writer = StoreAssignment(self, target: target)
        let old = sides.target.attributes
        var values: [ResolvedExpression] = []
        for (index, column) in target.columns.enumerated() {
            if let value = given[index] {
                if column.identity != nil { throw .identityUpdated(column.field.name) }
                values.append(try writer.assign(value, to: column))
            } else {
                values.append(old[index].reference)
                if column.generation != nil { branch.computed.insert(index) }
            }
        }
        branch.values = values
    }

    private func insert(_ branch: inout MergeBranch, _ given: [Int: ResolvedExpression], _ target: WriteTarget) throws(SQLError) {
        let writer = StoreAssignment(self, target: target)
        var values: [ResolvedExpression] = []
        for (index, column) in target.columns.enumerated() {
            if let value = given[index] {
                if column.identity == .always { throw .identityGiven(column.field.name) }
                values.append(try writer.assign(value, to: column))
            } else if column.generation != nil {
                branch.computed.insert(index)
                values.append(.null(column.field.type.inPlans))
            } else if column.identity != nil {
                branch.unfilled.append(index)
                values.append(.null(column.field.type.inPlans))
            } else {
                values.append(try writer.assign(try writer.defaultValue(column), to: column))
            }
        }
        branch.values = values
    }

    // MARK: Errors

    /// Names that a part of MERGE does not find are told of with the columns that it sees.
    static func explaining<T>(_ clause: String, _ scope: Scope, _ body: () throws(SQLError) -> T) throws(SQLError) -> T {
        do throws(SQLError) {
            return try body()
        } catch {
            guard error.condition == .unresolvedColumnWithSuggestion || error.condition == .unresolvedColumnWithoutSuggestion,
                let name = error.parameters["objectName"]
            else { throw error }
            throw unresolved(name, clause, scope).with(span: error.span)
        }
    }

    private static func unresolved(_ name: String, _ clause: String, _ scope: Scope) -> SQLError {
        SQLError(
            .delta(
                "DELTA_MERGE_UNRESOLVED_EXPRESSION", sqlState: "42601", "Cannot resolve <sqlExpr> in <clause> given columns <cols>."),
            [
                "sqlExpr": name.split(separator: "`").joined(), "clause": clause,
                "cols": scope.columns.map { ($0.qualifier.suffix(1) + [$0.attribute.name]).joined(separator: ".") }.joined(separator: ", "),
            ], phase: .analysis)
    }
}

extension ColumnReference {
    fileprivate var expression: ResolvedExpression { .column(self) }
}

/// One WHEN clause as analysed.
struct MergeBranch {
    let index: Int
    let kind: Merge.MatchKind
    var condition: ResolvedExpression?
    /// nil for DELETE.
    var values: [ResolvedExpression]?
    /// Generated columns that the clause leaves to their expressions.
    var computed: Set<Int> = []
    var unfilled: [Int] = []

    init(index: Int, kind: Merge.MatchKind) {
        self.index = index
        self.kind = kind
    }
}

/// The two tables of a MERGE.
struct MergeSides {
    /// The target's columns, without the number of the row.
    let target: Scope
    let source: Scope
    let targetRow: Attribute
    private let sourceRow: Attribute
    private let targetPlan: LogicalPlan
    private let sourcePlan: LogicalPlan
    private let condition: ResolvedExpression

    init(
        _ analyzer: Analyzer, _ merge: Merge, _ source: AnalyzedRelation, _ target: RowTarget, _ environment: Environment
    ) throws(SQLError) {
        let (relation, row) = try analyzer.numbered(target)
        let resolver = ExpressionResolver(analyzer, environment, scopes: [relation.scope + source.scope], operatorName: "MergeIntoTable")
        let condition = try Analyzer.explaining("search condition", relation.scope + source.scope) { () throws(SQLError) in
            try analyzer.filterCondition(merge.condition, resolver)
        }
        self.condition = condition
        // Rows that only a clause NOT MATCHED BY SOURCE sees may be anywhere.
        let bound = merge.clauses.contains { $0.kind == .notMatchedBySource } ? nil : condition
        targetPlan = try analyzer.limited(relation, target, by: bound)
        sourcePlan = source.plan
        self.target = relation.scope
        // The last column numbers the source's rows, too.
        guard let last = source.plan.output.last else { throw .internalFault("a MERGE source without columns") }
        self.source = source.scope
        targetRow = row
        sourceRow = last
    }

    func joined(_ merge: Merge) -> (plan: LogicalPlan, hasTargetRow: Bool) {
        let kinds = Set(merge.clauses.map(\.kind))
        let kind: LogicalPlan.JoinKind
        switch (kinds.contains(.matched), kinds.contains(.notMatched), kinds.contains(.notMatchedBySource)) {
        case (_, true, true): kind = .full
        case (_, false, true): kind = .left
        case (true, true, false): kind = .right
        case (false, true, false): return (.join(.init(.anti, sourcePlan, targetPlan, condition: condition)), false)
        case (_, false, false): kind = .inner
        }
        return (.join(.init(kind, targetPlan, sourcePlan, condition: condition)), true)
    }

    /// Whether a row of the join is of a clause's kind.
    func presence(_ kind: Merge.MatchKind, _ merge: Merge) -> ResolvedExpression {
        let isInsertOnly = merge.clauses.allSatisfy { $0.kind == .notMatched }
        switch kind {
        case .matched: return .and([.isNotNull(targetRow.reference), .isNotNull(sourceRow.reference)])
        case .notMatched: return isInsertOnly ? .trueConstant : .isNull(targetRow.reference)
        case .notMatchedBySource: return .isNull(sourceRow.reference)
        }
    }
}
