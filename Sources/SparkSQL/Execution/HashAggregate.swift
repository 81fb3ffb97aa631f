import Columnar
import SparkErrors
import SparkFunctions

/// One aggregate function with its arguments bound.
struct AggregateEvaluator {
    let bound: BoundAggregate
    let arguments: [any Evaluator]
    let filter: (any Evaluator)?
    let isDistinct: Bool
    let span: SourceSpan?
}

/// GROUP BY by hashing; groups come out in the order in which they were first seen.
final class HashAggregateOperator: Operator {
    private let child: any Operator
    private let groups: [any Evaluator]
    private let aggregates: [AggregateEvaluator]
    private let groupTypes: [DataType]
    private let types: [DataType]
    private let state: ExecutionState
    private var result: BatchingOperator?

    init(
        _ child: any Operator, groups: [any Evaluator], groupTypes: [DataType], aggregates: [AggregateEvaluator], types: [DataType],
        _ state: ExecutionState
    ) {
        self.child = child
        self.groups = groups
        self.groupTypes = groupTypes
        self.aggregates = aggregates
        self.types = types
        self.state = state
    }

    func next() throws(SQLError) -> Rows? {
        try state.check()
        if let result { return try result.next() }
        let made = BatchingOperator(try aggregate(), size: state.limits.batchRows)
        result = made
        return try made.next()
    }

    private func aggregate() throws(SQLError) -> Rows {
        var indexer = GroupIndexer(types: groupTypes)
        var states = aggregates.map { AggregateState($0) }
        let isGlobal = groups.isEmpty
        var known = 0
        while let rows = try child.next() {
            try state.check()
            if rows.count == 0 { continue }
            let ids: [Int32]
            if isGlobal {
                ids = [Int32](repeating: 0, count: rows.count)
            } else {
                var keys: [Column] = []
                keys.reserveCapacity(groups.count)
                for (group, type) in zip(groups, groupTypes) { keys.append(try group.column(rows, state.context).with(type: type)) }
                ids = indexer.groups(of: keys, rowCount: rows.count)
                if indexer.count > known {
                    // Keys, table entries and states: an estimate.
                    try state.reserve((indexer.count - known) * (16 * (groups.count + aggregates.count) + 16))
                    known = indexer.count
                }
            }
            let count = isGlobal ? 1 : indexer.count
            for index in states.indices { try states[index].update(rows, ids, count, state) }
        }
        let count = isGlobal ? 1 : indexer.count
        guard isGlobal || indexer.keysFit else { throw .unsupported("GROUP BY with more than 2147483647 bytes of keys") }
        var columns = isGlobal ? [] : indexer.keyColumns()
        for aggregate in states { columns.append(try aggregate.finish(count, state)) }
        for index in columns.indices where columns[index].type != types[index] { columns[index] = columns[index].with(type: types[index]) }
        return Rows(columns, count: count)
    }
}

/// An aggregate function under way.
struct AggregateState {
    private let evaluator: AggregateEvaluator
    private var accumulator: any GroupedAccumulator
    /// Of DISTINCT: which groups have seen which arguments.
    private var seen: GroupIndexer?
    private var seenCount = 0
    /// A constant argument in the length of the last batch.
    private var expanded: [Column?]

    init(_ evaluator: AggregateEvaluator) {
        self.evaluator = evaluator
        accumulator = evaluator.bound.make()
        expanded = evaluator.arguments.map { _ in nil }
        if evaluator.isDistinct { seen = GroupIndexer(types: [.int] + evaluator.bound.argumentTypes) }
    }

    mutating func update(_ rows: Rows, _ groups: [Int32], _ groupCount: Int, _ state: ExecutionState) throws(SQLError) {
        var rows = rows
        var groups = groups
        if let filter = evaluator.filter {
            let mask = try filter.booleans(rows, state.context).trueBits
            if !mask.allOnes {
                rows = rows.filter(mask, needed: Evaluators.inputs(evaluator.arguments))
                groups = mask.indices().map { groups[Int($0)] }
            }
        }
        var arguments: [Column] = []
        arguments.reserveCapacity(evaluator.arguments.count)
        for (index, argument) in evaluator.arguments.enumerated() {
            if argument is ConstantEvaluator {
                if expanded[index]?.count != rows.count { expanded[index] = try argument.column(rows, state.context) }
                if let column = expanded[index] { arguments.append(column) }
            } else {
                arguments.append(try argument.column(rows, state.context))
            }
        }
        if seen != nil { try keepNew(&arguments, &groups, state) }
        do throws(SQLError) {
            try accumulator.update(arguments, groups: groups, groupCount: groupCount, state.context)
        } catch {
            throw error.with(span: evaluator.span)
        }
    }

    /// Leaves the rows whose arguments their group sees for the first time.
    private mutating func keepNew(_ arguments: inout [Column], _ groups: inout [Int32], _ state: ExecutionState) throws(SQLError) {
        let keys = [Column(.int, .int32(PrimitiveArray(groups)))] + zip(arguments, evaluator.bound.argumentTypes).map { $0.with(type: $1) }
        guard let numbers = seen?.groups(of: keys, rowCount: groups.count) else { return }
        var fresh: [Int32] = []
        for (row, number) in numbers.enumerated() where Int(number) >= seenCount {
            fresh.append(Int32(truncatingIfNeeded: row))
            seenCount = Int(number) + 1
        }
        if fresh.count == groups.count { return }
        try state.reserve(fresh.count * 24)
        arguments = arguments.map { $0.take(fresh) }
        groups = fresh.map { groups[Int($0)] }
    }

    func finish(_ groupCount: Int, _ state: ExecutionState) throws(SQLError) -> Column {
        do throws(SQLError) {
            return try accumulator.finish(groupCount: groupCount, state.context)
        } catch {
            throw error.with(span: evaluator.span)
        }
    }
}
