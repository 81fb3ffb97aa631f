package import Columnar
package import SparkErrors
package import SparkFunctions
package import SparkSyntax

/// The engine's front: from a query's tree to batches of rows.
package enum QueryEngine {
    /// Settles names and types. Everything that can be wrong with a query before it reads rows is found here.
    /// `collation` is the DEFAULT COLLATION of the view that the query is to make.
    package static func analyze(
        _ query: Query, catalog: any CatalogReader, parameters: Parameters = .none, collation: Collation = .utf8Binary, context: EvaluationContext
    ) throws(SQLError) -> ResolvedPlan {
        let analyzer = Analyzer(catalog: catalog, parameters: parameters, context: context)
        var environment = analyzer.environment
        environment.collation = collation
        let relation = try analyzer.analyze(query, environment).ordered
        return analyzer.finish(relation)
    }

    /// Runs a plan: gives batches when pulled. Not to be shared between threads.
    package static func execute(
        _ plan: ResolvedPlan, context: EvaluationContext, cancellation: CancellationToken = CancellationToken(),
        limits: ExecutionLimits = .standard, optimizer: OptimizerOptions = .standard
    ) throws(SQLError) -> any BatchSource {
        let optimized = try Optimizer(options: optimizer, context: context).optimize(plan)
        let state = ExecutionState(
            context: context, limits: limits, monitor: ExecutionMonitor(cancellation, memoryBytes: limits.memoryBytes))
        state.sharedPlans = optimized.shared
        return ResultSource(try PhysicalPlanner(state).plan(optimized.root), schema: optimized.schema, state.monitor)
    }

    /// All rows of a plan.
    package static func collect(
        _ plan: ResolvedPlan, context: EvaluationContext, cancellation: CancellationToken = CancellationToken(),
        limits: ExecutionLimits = .standard, optimizer: OptimizerOptions = .standard
    ) throws(SQLError) -> [RecordBatch] {
        var source = try execute(plan, context: context, cancellation: cancellation, limits: limits, optimizer: optimizer)
        var batches: [RecordBatch] = []
        while let batch = try source.next() { batches.append(batch) }
        return batches
    }
}

extension Analyzer {
    func finish(_ relation: AnalyzedRelation) -> ResolvedPlan {
        ResolvedPlan(root: relation.plan, shared: shared, schema: relation.scope.attributes.schema, ids: ids)
    }
}

/// A plan's rows under the result's names.
struct ResultSource: BatchSource {
    private let root: any Operator
    private let schema: Schema
    private let monitor: ExecutionMonitor

    init(_ root: any Operator, schema: Schema, _ monitor: ExecutionMonitor) {
        self.root = root
        self.schema = schema
        self.monitor = monitor
    }

    mutating func next() throws(SQLError) -> RecordBatch? {
        let root = root
        guard let rows = try monitor.run({ () throws(SQLError) in try root.next() }) else { return nil }
        let columns = zip(rows.columns, schema.fields).map { $0.type == $1.type ? $0 : $0.with(type: $1.type) }
        return RecordBatch(schema: schema, columns: columns, rowCount: rows.count)
    }
}
