import Columnar
import SparkErrors
import SparkFunctions

extension Segment {
    /// The segment below an aggregate.
    init?(_ aggregate: LogicalPlan.Aggregate) {
        for group in aggregate.groups { guard Self.isApart(group.expression) else { return nil } }
        for named in aggregate.aggregates {
            guard named.aggregate.arguments.allSatisfy(Self.isApart), named.aggregate.filter.map(Self.isApart) ?? true else { return nil }
        }
        self.init(aggregate.child)
    }
}

/// GROUP BY over a segment: several threads aggregate a batch each, or, where that would leave most rows as they are, compute keys and arguments.
/// Which of the two is settled by the first batch, and what a batch is by the table; so floating-point sums do not depend on threads.
final class SegmentAggregateOperator: Operator {
    private let segment: Segment
    private let aggregate: LogicalPlan.Aggregate
    private let planner: PhysicalPlanner
    private var result: BatchingOperator?

    init(_ segment: Segment, _ aggregate: LogicalPlan.Aggregate, _ planner: PhysicalPlanner) {
        self.segment = segment
        self.aggregate = aggregate
        self.planner = planner
    }

    func next() throws(SQLError) -> Rows? {
        let state = planner.state
        try state.check()
        if let result { return try result.next() }
        let made = BatchingOperator(try run(state), size: state.limits.batchRows)
        result = made
        return try made.next()
    }

    private func run(_ state: ExecutionState) throws(SQLError) -> Rows {
        let specification = try planner.specification(aggregate)
        guard let builds = try planner.builds(segment) else { return try AggregateTable(specification, state).finish() }
        var source = try segment.scan.open()
        guard let first = try source.next() else { return try AggregateTable(specification, state).finish() }
        let isReduced: Bool
        var table = AggregateTable(specification, state)
        var plainTable = AggregateTable(specification.overComputed, state)
        if aggregate.aggregates.contains(where: \.aggregate.isDistinct) {
            isReduced = false
            try pipeline(planner, builds, isReduced: false).run(first).add(to: &plainTable)
        } else {
            let result = try pipeline(planner, builds, isReduced: true).run(first)
            isReduced = result.rowCount < 4096 || result.groupCount <= result.rowCount / 2
            if isReduced { try result.add(to: &table) } else { try pipeline(planner, builds, isReduced: false).run(first).add(to: &plainTable) }
        }
        let (makePlanner, copy) = (planner.makePlanner(), self.copy)
        let queue = MorselQueue<AggregateMorsel>(source: source, parallelism: state.limits.parallelism, monitor: state.monitor) {
            () throws(SQLError) in
            let pipeline = try copy.pipeline(makePlanner(), builds, isReduced: isReduced)
            return { batch throws(SQLError) in try pipeline.run(batch) }
        }
        defer { queue.close() }
        let own = try pipeline(planner, builds, isReduced: isReduced)
        while let morsel = try queue.next(helped: true, { batch throws(SQLError) in try own.run(batch) }) {
            try state.check()
            if isReduced { try morsel.add(to: &table) } else { try morsel.add(to: &plainTable) }
        }
        return try isReduced ? table.finish() : plainTable.finish()
    }

    private func pipeline(_ planner: PhysicalPlanner, _ builds: [JoinBuild], isReduced: Bool) throws(SQLError) -> AggregatePipeline {
        try copy.pipeline(planner, builds, isReduced: isReduced)
    }

    private var copy: Copy { Copy(segment: segment, aggregate: aggregate) }

    /// What threads share.
    private struct Copy: Sendable {
        let segment: Segment
        let aggregate: LogicalPlan.Aggregate

        func pipeline(_ planner: PhysicalPlanner, _ builds: [JoinBuild], isReduced: Bool) throws(SQLError) -> AggregatePipeline {
            let specification = try planner.specification(aggregate)
            return AggregatePipeline(
                try segment.pipeline(builds, needed: specification.inputs, planner), specification, isReduced: isReduced, planner.state)
        }
    }
}

/// What comes of a batch.
enum AggregateMorsel: Sendable {
    case part(AggregatePart, rowCount: Int)
    /// Keys and arguments.
    case computed([Rows])

    var rowCount: Int { if case .part(_, let rowCount) = self { rowCount } else { 0 } }
    var groupCount: Int { if case .part(let part, _) = self { part.groupCount } else { 0 } }

    func add(to table: inout AggregateTable) throws(SQLError) {
        switch self {
        case .part(let part, let rowCount): if rowCount > 0 { try table.merge(part) }
        case .computed(let parts): for rows in parts { try table.add(rows) }
        }
    }
}

final class AggregatePipeline {
    private let pipeline: SegmentPipeline
    private let specification: AggregateSpecification
    private let isReduced: Bool
    private let state: ExecutionState

    init(_ pipeline: SegmentPipeline, _ specification: AggregateSpecification, isReduced: Bool, _ state: ExecutionState) {
        self.pipeline = pipeline
        self.specification = specification
        self.isReduced = isReduced
        self.state = state
    }

    func run(_ batch: RecordBatch) throws(SQLError) -> AggregateMorsel {
        let parts = try pipeline.run(batch)
        guard isReduced else {
            return .computed(try parts.map { (rows) throws(SQLError) in try specification.compute(rows, state) })
        }
        var table = AggregateTable(specification, state)
        for rows in parts { try table.add(rows) }
        table.release()
        return .part(table.part(), rowCount: parts.reduce(0) { $0 + $1.count })
    }
}

extension AggregateSpecification {
    /// Keys, then each aggregate's arguments that are not constant and its filter.
    func compute(_ rows: Rows, _ state: ExecutionState) throws(SQLError) -> Rows {
        var columns: [Column] = []
        for (group, type) in zip(groups, groupTypes) { columns.append(try group.column(rows, state.context).with(type: type)) }
        for aggregate in aggregates {
            for argument in aggregate.arguments where !(argument is ConstantEvaluator) { columns.append(try argument.column(rows, state.context)) }
            if let filter = aggregate.filter { columns.append(try filter.column(rows, state.context)) }
        }
        return Rows(columns, count: rows.count)
    }

    /// The same over what `compute` gives.
    var overComputed: AggregateSpecification {
        var position = groups.count
        func next() -> any Evaluator {
            defer { position += 1 }
            return ColumnEvaluator(position)
        }
        let aggregates = aggregates.map { aggregate in
            let arguments = aggregate.arguments.map { $0 is ConstantEvaluator ? $0 : next() }
            return AggregateEvaluator(
                bound: aggregate.bound, arguments: arguments, filter: aggregate.filter.map { _ in next() }, isDistinct: aggregate.isDistinct,
                span: aggregate.span)
        }
        return AggregateSpecification(
            groups: groups.indices.map { ColumnEvaluator($0) }, groupTypes: groupTypes, aggregates: aggregates, types: types)
    }
}
