import Columnar
import SparkErrors

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
        let rows = try Rows.concat(parts, types: types)
        let made = BatchingOperator(try rows.take(Kernel.sortIndices(try keys.keys(rows, state))), size: state.limits.batchRows)
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
        return try rows.take(Kernel.sortIndices(try keys.keys(rows, state), limit: kept))
    }
}
