import Columnar
import SparkErrors
import SparkFunctions

extension ExecutionState {
    /// The rows in order: all, or the first ones.
    func sorted(_ keys: [SortKey], limit: Int? = nil) throws(SQLError) -> [Int32] {
        let stop = { ExecutionMonitor.isOver }
        let order = limit.map { Kernel.sortIndices(keys, limit: $0, stop: stop) } ?? Kernel.sortIndices(keys, stop: stop)
        try check()
        return order
    }
}

struct SortEvaluator {
    let evaluator: any Evaluator
    let ascending: Bool
    let nullsFirst: Bool

    func key(_ rows: Rows, _ state: ExecutionState) throws(SQLError) -> SortKey {
        SortKey(try evaluator.column(rows, state.context), ascending: ascending, nullsFirst: nullsFirst)
    }
}

extension [SortEvaluator] {
    func keys(_ rows: Rows, _ state: ExecutionState) throws(SQLError) -> [SortKey] {
        var result: [SortKey] = []
        for key in self { result.append(try key.key(rows, state)) }
        return result
    }
}

/// Sorts all rows; stable.
final class SortOperator: Operator {
    private let child: any Operator
    private let keys: [SortEvaluator]
    private let types: [DataType]
    private let state: ExecutionState
    private var sorted: BatchingOperator?
    private var bytes = 0

    init(_ child: any Operator, _ keys: [SortEvaluator], types: [DataType], _ state: ExecutionState) {
        self.child = child
        self.keys = keys
        self.types = types
        self.state = state
    }

    func next() throws(SQLError) -> Rows? {
        try state.check()
        if let sorted {
            let rows = try sorted.next()
            if rows == nil {
                state.release(bytes)
                bytes = 0
            }
            return rows
        }
        let (parts, size) = try drain(child, state)
        bytes = size
        guard !parts.isEmpty else { return nil }
        let count = parts.reduce(0) { $0 + $1.count }
        // The rows lie there twice for a while, beside what they are sorted by.
        let working = size + 16 * count * (keys.count + 1)
        try state.reserve(working)
        let rows = try Rows.concat(parts, types: types)
        let made = BatchingOperator(try rows.take(state.sorted(try keys.keys(rows, state))), size: state.limits.batchRows)
        state.release(working)
        sorted = made
        return try made.next()
    }
}

/// The first rows of a sort, without sorting the others.
final class TopOperator: Operator {
    private let child: any Operator
    private let keys: [SortEvaluator]
    private let types: [DataType]
    private let limit: Int
    private let offset: Int
    private let state: ExecutionState
    private var result: BatchingOperator?

    init(_ child: any Operator, _ keys: [SortEvaluator], types: [DataType], limit: Int, offset: Int, _ state: ExecutionState) {
        self.child = child
        self.keys = keys
        self.types = types
        self.limit = limit
        self.offset = offset
        self.state = state
    }

    func next() throws(SQLError) -> Rows? {
        try state.check()
        if let result { return try result.next() }
        let kept = limit + offset
        var parts: [Rows] = []
        var count = 0
        while let rows = try child.next() {
            try state.check()
            parts.append(rows)
            count += rows.count
            if count > max(4 * kept, 1 << 16) {
                parts = [try top(parts, kept)]
                count = parts[0].count
            }
        }
        let rows = parts.isEmpty ? Rows(types.map { .nulls($0, count: 0) }, count: 0) : try top(parts, kept)
        let made = BatchingOperator(rows.slice(min(offset, rows.count)..<rows.count), size: state.limits.batchRows)
        result = made
        return try made.next()
    }

    private func top(_ parts: [Rows], _ kept: Int) throws(SQLError) -> Rows {
        let rows = try Rows.concat(parts, types: types)
        return try rows.take(state.sorted(try keys.keys(rows, state), limit: kept))
    }
}
