package import Columnar
package import SparkErrors
package import SparkFunctions
package import SparkSyntax

/// Expressions over the columns of rows that are in memory: CHECK constraints over rows to be written, conditions over files' partition values.
package struct RowFunction: Sendable {
    let input: [Attribute]
    let expressions: [ResolvedExpression]

    init(input: [Attribute], expressions: [ResolvedExpression]) {
        self.input = input
        self.expressions = expressions
    }

    package var isEmpty: Bool { expressions.isEmpty }

    /// The expressions as Spark prints them.
    package var texts: [String] { expressions.map(\.sql) }

    /// Positions of the columns that an expression reads, ascending.
    package func columns(of index: Int) -> [Int] {
        guard expressions.indices.contains(index) else { return [] }
        let used = expressions[index].references
        return input.indices.filter { used.contains(input[$0].id) }
    }

    /// A column for each expression, a row for each of the batch's. The batch's columns are those that the function was made for.
    package func evaluate(_ batch: RecordBatch, _ context: EvaluationContext) throws(SQLError) -> [Column] {
        guard batch.columns.count == input.count else { throw .internalFault("rows of \(batch.columns.count) columns instead of \(input.count)") }
        let columns = zip(batch.columns, input).map { $0.type == $1.type ? $0 : $0.with(type: $1.type) }
        let rows = Rows(columns, count: batch.rowCount)
        let compiler = ExpressionCompiler(input.map(\.id), planner: nil, outer: [:])
        var result: [Column] = []
        for expression in expressions { result.append(try compiler.compile(expression).column(rows, context)) }
        return result
    }
}

/// A table without the files whose rows a condition over the partition columns leaves out; nil leaves out none.
package typealias FileLimit = (RowFunction?) throws(SQLError) -> any TableProvider

extension QueryEngine {
    /// What rows of a table must satisfy: its constraints, in their order, and `column <=> expression` for each of its generated columns.
    package static func rowConditions(
        _ constraints: [SparkSyntax.Expression], of target: WriteTarget, catalog: any CatalogReader, context: EvaluationContext
    ) throws(SQLError) -> RowFunction {
        let analyzer = Analyzer(catalog: catalog, parameters: .none, context: context)
        let input = target.columns.map { analyzer.attribute($0.field.name, $0.field.type.inPlans, nullable: true) }
        let resolver = analyzer.ruleResolver(Scope(input, qualifier: target.name))
        var expressions: [ResolvedExpression] = []
        for constraint in constraints { expressions.append(try analyzer.filterCondition(constraint, resolver)) }
        for (attribute, column) in zip(input, target.columns) {
            guard let generation = column.generation else { continue }
            let value = try resolver.coerce(try resolver.resolve(generation), to: attribute.type)
            expressions.append(try resolver.call("<=>", [attribute.reference, value], nil))
        }
        return RowFunction(input: input, expressions: expressions)
    }

    /// An expression over a table's columns, as a generated column or a constraint has it; `texts` prints it and `type` is its type.
    package static func rowExpression(
        _ expression: SparkSyntax.Expression, of target: WriteTarget, catalog: any CatalogReader, context: EvaluationContext
    ) throws(SQLError) -> (function: RowFunction, type: DataType, isDeterministic: Bool) {
        let analyzer = Analyzer(catalog: catalog, parameters: .none, context: context)
        let input = target.columns.map { analyzer.attribute($0.field.name, $0.field.type.inPlans, nullable: true) }
        let resolver = analyzer.ruleResolver(Scope(input, qualifier: target.name))
        let resolved = try resolver.resolve(expression)
        return (RowFunction(input: input, expressions: [resolved]), resolved.type, resolved.isDeterministic)
    }
}

extension Analyzer {
    /// For expressions that a table keeps: they were written in another statement and see no temporary object.
    func ruleResolver(_ scope: Scope) -> ExpressionResolver {
        var environment = self.environment
        environment.showsPlaces = false
        environment.seesTemporary = false
        let resolver = ExpressionResolver(self, environment, scopes: [scope], operatorName: "Filter")
        resolver.allowsSubqueries = false
        return resolver
    }

    /// The part of a condition over a target's rows that is about its partition columns alone; nil if there is none.
    func partitionPart(of condition: ResolvedExpression?, _ columns: [Attribute]) -> RowFunction? {
        let ids = columns.ids
        let parts = (condition?.conjuncts ?? []).filter { part in
            let used = part.references
            return !used.isEmpty && used.isSubset(of: ids) && part.isDeterministic && !part.containsSubquery
        }
        return parts.isEmpty ? nil : RowFunction(input: columns, expressions: parts)
    }
}
