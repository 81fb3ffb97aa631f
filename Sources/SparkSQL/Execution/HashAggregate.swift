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

/// What a GROUP BY does, bound to its input.
struct AggregateSpecification {
    let groups: [any Evaluator]
    let groupTypes: [DataType]
    let aggregates: [AggregateEvaluator]
    /// Of the result's columns: groups, then aggregates.
    let types: [DataType]

    /// Positions of the columns that are read.
    var inputs: [Int] {
        Evaluators.inputs(groups + aggregates.flatMap { $0.arguments + ($0.filter.map { [$0] } ?? []) })
    }
}

/// GROUP BY by hashing; groups come out in the order in which they were first seen.
final class HashAggregateOperator: Operator {
    private let child: any Operator
    private let aggregate: AggregateSpecification
    private let state: ExecutionState
    private var result: BatchingOperator?

    init(_ child: any Operator, _ aggregate: AggregateSpecification, _ state: ExecutionState) {
        self.child = child
        self.aggregate = aggregate
        self.state = state
    }

    func next() throws(SQLError) -> Rows? {
        try state.check()
        if let result { return try result.next() }
        var table = AggregateTable(aggregate, state)
        while let rows = try child.next() {
            try state.check()
            try table.add(rows)
        }
        let made = BatchingOperator(try table.finish(), size: state.limits.batchRows)
        result = made
        return try made.next()
    }
}

/// The groups of a GROUP BY with their aggregates under way.
struct AggregateTable {
    private let aggregate: AggregateSpecification
    private let state: ExecutionState
    private var indexer: GroupIndexer
    private var states: [AggregateState]
    private var known = 0
    private var reserved = 0

    init(_ aggregate: AggregateSpecification, _ state: ExecutionState) {
        self.aggregate = aggregate
        self.state = state
        indexer = GroupIndexer(types: aggregate.groupTypes)
        states = aggregate.aggregates.map { AggregateState($0) }
    }

    private var isGlobal: Bool { aggregate.groups.isEmpty }
    var groupCount: Int { isGlobal ? 1 : indexer.count }

    mutating func add(_ rows: Rows) throws(SQLError) {
        if rows.count == 0 { return }
        var keys: [Column] = []
        keys.reserveCapacity(aggregate.groups.count)
        for (group, type) in zip(aggregate.groups, aggregate.groupTypes) { keys.append(try group.column(rows, state.context).with(type: type)) }
        let ids = try groups(keys, rowCount: rows.count)
        for index in states.indices { try states[index].update(rows, ids, groupCount, state) }
    }

    /// Takes in the groups of rows behind those that have been added.
    mutating func merge(_ part: AggregatePart) throws(SQLError) {
        let ids = try groups(part.keys, rowCount: part.groupCount)
        for index in states.indices { try states[index].merge(part.accumulators[index], ids, groupCount, state) }
    }

    private mutating func groups(_ keys: [Column], rowCount: Int) throws(SQLError) -> [Int32] {
        if isGlobal { return [Int32](repeating: 0, count: rowCount) }
        let ids = indexer.groups(of: keys, rowCount: rowCount)
        if indexer.count > known {
            // Keys, table entries and states: an estimate.
            let bytes = (indexer.count - known) * (16 * (aggregate.groups.count + aggregate.aggregates.count) + 16)
            try state.reserve(bytes)
            reserved += bytes
            known = indexer.count
        }
        return ids
    }

    /// Gives back what has been reserved.
    mutating func release() {
        state.release(reserved)
        reserved = 0
    }

    /// What another table can merge. The keys must fit a column each, as those of one batch do.
    func part() -> AggregatePart {
        AggregatePart(keys: isGlobal ? [] : indexer.keyColumns(), groupCount: groupCount, accumulators: states.map(\.accumulator))
    }

    func finish() throws(SQLError) -> Rows {
        let count = groupCount
        guard isGlobal || indexer.keysFit else { throw .unsupported("GROUP BY with more than 2147483647 bytes of keys") }
        var columns = isGlobal ? [] : indexer.keyColumns()
        for aggregate in states { columns.append(try aggregate.finish(count, state)) }
        for (index, type) in aggregate.types.enumerated() where columns[index].type != type { columns[index] = columns[index].with(type: type) }
        return Rows(columns, count: count)
    }
}

/// The groups of some rows, with their aggregates under way.
struct AggregatePart: Sendable {
    let keys: [Column]
    let groupCount: Int
    let accumulators: [any GroupedAccumulator]
}

/// An aggregate function under way.
struct AggregateState {
    private let evaluator: AggregateEvaluator
    private(set) var accumulator: any GroupedAccumulator
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
        guard let arguments = try arguments(rows, groups, state) else {
            // Too large for one batch.
            let middle = rows.count / 2
            try update(rows.slice(0..<middle), Array(groups[..<middle]), groupCount, state)
            return try update(rows.slice(middle..<rows.count), Array(groups[middle...]), groupCount, state)
        }
        var (columns, kept) = arguments
        if seen != nil { try keepNew(&columns, &kept, state) }
        do throws(SQLError) {
            try accumulator.update(columns, groups: kept, groupCount: groupCount, state.context)
        } catch {
            throw error.with(span: evaluator.span)
        }
    }

    /// The arguments of the rows that the filter lets through; nil if smaller batches may do with the memory that there is.
    private mutating func arguments(
        _ rows: Rows, _ groups: [Int32], _ state: ExecutionState
    ) throws(SQLError) -> (columns: [Column], groups: [Int32])? {
        do throws(SQLError) {
            return try evaluate(rows, groups, state)
        } catch {
            guard error.isOfMemory, rows.count > 1 else { throw error }
            return nil
        }
    }

    private mutating func evaluate(
        _ rows: Rows, _ groups: [Int32], _ state: ExecutionState
    ) throws(SQLError) -> (columns: [Column], groups: [Int32]) {
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
        return (arguments, groups)
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
        try state.reserve(fresh.count * 24)
        if fresh.count == groups.count { return }
        arguments = arguments.map { $0.take(fresh) }
        groups = fresh.map { groups[Int($0)] }
    }

    mutating func merge(_ part: any GroupedAccumulator, _ groups: [Int32], _ groupCount: Int, _ state: ExecutionState) throws(SQLError) {
        do throws(SQLError) {
            try accumulator.merge(part, groups: groups, groupCount: groupCount, state.context)
        } catch {
            throw error.with(span: evaluator.span)
        }
    }

    func finish(_ groupCount: Int, _ state: ExecutionState) throws(SQLError) -> Column {
        do throws(SQLError) {
            return try accumulator.finish(groupCount: groupCount, state.context)
        } catch {
            throw error.with(span: evaluator.span)
        }
    }
}
