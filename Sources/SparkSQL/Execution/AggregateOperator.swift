import Columnar
import SparkErrors
import SparkFunctions

/// Groups by hash; groups come out in the order in which they were first seen.
final class AggregateOperator: Operator {
    private let child: any Operator
    private let evaluator: Evaluator
    private let node: LogicalPlan.Aggregate
    private var result: ChunkListOperator?

    init(_ child: any Operator, _ evaluator: Evaluator, _ node: LogicalPlan.Aggregate) {
        self.child = child
        self.evaluator = evaluator
        self.node = node
    }

    /// One aggregate function's states, and what DISTINCT has seen of it.
    private struct Accumulator {
        let aggregate: AggregateExpression
        var state: any GroupedAccumulator
        var seen: GroupIndexer?
    }

    func next() throws(SQLError) -> Chunk? {
        if result == nil { result = ChunkListOperator([try run()], batchRows: evaluator.state.limits.batchRows) }
        return try result?.next()
    }

    private func run() throws(SQLError) -> Chunk {
        let context = evaluator.state.context
        let keys = node.groups.map(\.expression)
        var index = GroupIndexer(types: keys.map(\.type))
        var accumulators = node.aggregates.map { named in
            let aggregate = named.aggregate
            let seen = aggregate.isDistinct ? GroupIndexer(types: [.int] + aggregate.bound.argumentTypes) : nil
            return Accumulator(aggregate: aggregate, state: aggregate.bound.make(), seen: seen)
        }
        // Without keys there is one group, also over no rows.
        var groupCount = keys.isEmpty ? 1 : 0
        while let chunk = try child.next() {
            try evaluator.state.cancellation.check()
            if chunk.rowCount == 0 { continue }
            let groups: [Int32]
            if keys.isEmpty {
                groups = [Int32](repeating: 0, count: chunk.rowCount)
            } else {
                groups = index.groups(of: try evaluator.columns(keys, chunk), rowCount: chunk.rowCount)
                groupCount = index.count
            }
            for position in accumulators.indices {
                try update(&accumulators[position], chunk, groups, groupCount, context)
            }
        }
        var columns = keys.isEmpty ? [] : index.keyColumns()
        for position in columns.indices { columns[position] = columns[position].with(type: keys[position].type) }
        for accumulator in accumulators {
            do {
                columns.append(try accumulator.state.finish(groupCount: groupCount, context))
            } catch {
                throw error.at(accumulator.aggregate.span)
            }
        }
        return Chunk(columns, rowCount: groupCount)
    }

    private func update(
        _ accumulator: inout Accumulator, _ chunk: Chunk, _ groups: [Int32], _ groupCount: Int, _ context: EvaluationContext
    ) throws(SQLError) {
        var chunk = chunk
        var groups = groups
        if let filter = accumulator.aggregate.filter {
            let mask = try evaluator.matches(filter, chunk)
            if mask.onesCount < chunk.rowCount {
                let rows = mask.indices()
                groups = rows.map { groups[Int($0)] }
                chunk = chunk.filter(mask)
            }
        }
        var arguments = try evaluator.columns(accumulator.aggregate.arguments, chunk)
        if accumulator.seen != nil {
            let known = Int32(truncatingIfNeeded: accumulator.seen?.count ?? 0)
            let numbers = accumulator.seen?.groups(of: [Column(.int, .int32(PrimitiveArray(groups)))] + arguments, rowCount: chunk.rowCount) ?? []
            // Numbers are given in order of first appearance: a row is new if its number is the next one.
            var next = known
            var fresh: [Int32] = []
            for (row, number) in numbers.enumerated() where number == next {
                fresh.append(Int32(truncatingIfNeeded: row))
                next += 1
            }
            arguments = arguments.map { $0.take(fresh) }
            groups = fresh.map { groups[Int($0)] }
        }
        do {
            try accumulator.state.update(arguments, groups: groups, groupCount: groupCount, context)
        } catch {
            throw error.at(accumulator.aggregate.span)
        }
    }
}

/// INTERSECT and EXCEPT, with or without ALL; rows come in the left side's order.
final class SetOperationOperator: Operator {
    private let left: any Operator
    private let right: any Operator
    private let node: LogicalPlan.SetOperation
    private let state: ExecutionState
    private var index: GroupIndexer
    /// Of each group, how many right rows are not yet used up, or whether there are any.
    private var rightCounts: [Int] = []
    private var emitted: [Bool] = []
    private var isOpen = false

    init(_ left: any Operator, _ right: any Operator, _ node: LogicalPlan.SetOperation, _ state: ExecutionState) {
        self.left = left
        self.right = right
        self.node = node
        self.state = state
        index = GroupIndexer(types: node.output.map(\.type))
    }

    func next() throws(SQLError) -> Chunk? {
        if !isOpen {
            isOpen = true
            while let chunk = try right.next() { for group in number(chunk) { rightCounts[group] += 1 } }
        }
        while let chunk = try left.next() {
            try state.cancellation.check()
            var kept: [Int32] = []
            for (row, group) in number(chunk).enumerated() where keeps(group) { kept.append(Int32(truncatingIfNeeded: row)) }
            if !kept.isEmpty { return chunk.take(kept) }
        }
        return nil
    }

    private func number(_ chunk: Chunk) -> [Int] {
        let typed = zip(chunk.columns, index.types).map { $0.with(type: $1) }
        let groups = index.groups(of: typed, rowCount: chunk.rowCount).map(Int.init)
        while rightCounts.count < index.count {
            rightCounts.append(0)
            emitted.append(false)
        }
        return groups
    }

    private func keeps(_ group: Int) -> Bool {
        switch (node.kind, node.isAll) {
        case (.intersect, true):
            guard rightCounts[group] > 0 else { return false }
            rightCounts[group] -= 1
            return true
        case (.except, true):
            guard rightCounts[group] > 0 else { return true }
            rightCounts[group] -= 1
            return false
        case (.intersect, false), (.except, false):
            guard !emitted[group], (rightCounts[group] > 0) == (node.kind == .intersect) else { return false }
            emitted[group] = true
            return true
        }
    }
}
