import Columnar
import SparkErrors
import SparkFunctions

/// A window function bound to its input.
struct WindowEvaluator {
    enum Function {
        case window(BoundWindow)
        case aggregate(BoundAggregate)
    }

    enum Bound {
        case unboundedPreceding, unboundedFollowing, currentRow
        case rows(Int)
        /// Where the order's value reaches this.
        case range(any Evaluator)
    }

    let function: Function
    let arguments: [any Evaluator]
    let isRange: Bool
    let start: Bound
    let end: Bound
    let type: DataType
    let span: SourceSpan?
}

/// Computes functions over windows with one PARTITION BY and ORDER BY: all rows are read and sorted by both.
final class WindowOperator: Operator {
    private let child: any Operator
    private let partition: [any Evaluator]
    private let partitionTypes: [DataType]
    private let order: [SortEvaluator]
    private let orderTypes: [DataType]
    private let functions: [WindowEvaluator]
    private let types: [DataType]
    private let state: ExecutionState
    private var result: BatchingOperator?
    private var bytes = 0

    init(
        _ child: any Operator, partition: [any Evaluator], partitionTypes: [DataType], order: [SortEvaluator], orderTypes: [DataType],
        functions: [WindowEvaluator], types: [DataType], _ state: ExecutionState
    ) {
        self.child = child
        self.partition = partition
        self.partitionTypes = partitionTypes
        self.order = order
        self.orderTypes = orderTypes
        self.functions = functions
        self.types = types
        self.state = state
    }

    func next() throws(SQLError) -> Rows? {
        try state.check()
        if let result {
            let rows = try result.next()
            if rows == nil {
                state.release(bytes)
                bytes = 0
            }
            return rows
        }
        let (parts, size) = try drain(child, state)
        bytes = size
        guard !parts.isEmpty else { return nil }
        let made = BatchingOperator(try compute(try Rows.concat(parts, types: types)), size: state.limits.batchRows)
        result = made
        return try made.next()
    }

    private func compute(_ unsorted: Rows) throws(SQLError) -> Rows {
        var keys: [SortKey] = []
        for evaluator in partition { keys.append(SortKey(try evaluator.column(unsorted, state.context))) }
        keys += try order.keys(unsorted, state)
        let rows = keys.isEmpty ? unsorted : try unsorted.take(state.sorted(keys))
        var partitionKeys: [Column] = []
        for (evaluator, type) in zip(partition, partitionTypes) { partitionKeys.append(try evaluator.column(rows, state.context).with(type: type)) }
        var orderKeys: [Column] = []
        for (key, type) in zip(order, orderTypes) { orderKeys.append(try key.evaluator.column(rows, state.context).with(type: type)) }
        let frame = WindowRows(
            count: rows.count, partitions: Self.boundaries(partitionKeys, partitionTypes, rows.count),
            peers: order.isEmpty
                ? Self.boundaries(partitionKeys, partitionTypes, rows.count)
                : Self.boundaries(partitionKeys + orderKeys, partitionTypes + orderTypes, rows.count), orderKey: orderKeys.first,
            ascending: order.first?.ascending ?? true)
        var columns = rows.columns
        for function in functions {
            do throws(SQLError) {
                columns.append(try evaluate(function, rows, frame).with(type: function.type))
            } catch {
                throw error.with(span: function.span)
            }
        }
        return Rows(columns, count: rows.count)
    }

    /// Where the keys change from a row to the next; the first row, and the number of rows at the end.
    private static func boundaries(_ keys: [Column], _ types: [DataType], _ count: Int) -> [Int32] {
        var result: [Int32] = [0]
        if !keys.isEmpty {
            var index = GroupIndexer(types: types)
            let groups = index.groups(of: keys, rowCount: count)
            for row in 1..<max(1, count) where groups[row] != groups[row - 1] { result.append(Int32(truncatingIfNeeded: row)) }
        }
        result.append(Int32(truncatingIfNeeded: count))
        return result
    }

    private func evaluate(_ function: WindowEvaluator, _ rows: Rows, _ frame: WindowRows) throws(SQLError) -> Column {
        var arguments: [Column] = []
        for argument in function.arguments { arguments.append(try argument.column(rows, state.context)) }
        switch function.function {
        case .window(let bound):
            var input = WindowInput(rowCount: rows.count, arguments: arguments, partitions: frame.partitions, peers: frame.peers)
            if bound.frame == .given {
                (input.frameStarts, input.frameEnds) = try frame.frames(function, rows, state)
            }
            return try bound.kernel(input, state.context)
        case .aggregate(let bound):
            let aggregation = WindowAggregation(bound: bound, arguments: arguments, rows: frame, state: state)
            switch (function.start, function.end) {
            case (.unboundedPreceding, .unboundedFollowing): return try aggregation.whole()
            case (.unboundedPreceding, .currentRow): return try aggregation.running(byPeers: function.isRange)
            default:
                let (starts, ends) = try frame.frames(function, rows, state)
                return try aggregation.sliding(starts, ends)
            }
        }
    }
}

/// Sorted rows with their partitions and peers.
struct WindowRows {
    let count: Int
    /// First row of each partition, and `count` at the end.
    let partitions: [Int32]
    /// First row of each group of rows equal in the order, and `count` at the end.
    let peers: [Int32]
    let orderKey: Column?
    let ascending: Bool

    /// Of each row, its frame as `start..<end`.
    func frames(_ function: WindowEvaluator, _ rows: Rows, _ state: ExecutionState) throws(SQLError) -> (starts: [Int32], ends: [Int32]) {
        (try bounds(function.start, function, rows, state, isEnd: false), try bounds(function.end, function, rows, state, isEnd: true))
    }

    private func bounds(
        _ bound: WindowEvaluator.Bound, _ function: WindowEvaluator, _ rows: Rows, _ state: ExecutionState, isEnd: Bool
    ) throws(SQLError) -> [Int32] {
        var result = [Int32](repeating: 0, count: count)
        switch bound {
        case .unboundedPreceding: forEachPartition { range in for row in range { result[row] = Int32(range.lowerBound) } }
        case .unboundedFollowing: forEachPartition { range in for row in range { result[row] = Int32(range.upperBound) } }
        case .currentRow:
            if function.isRange {
                for index in 0..<max(0, peers.count - 1) {
                    for row in Int(peers[index])..<Int(peers[index + 1]) { result[row] = isEnd ? peers[index + 1] : peers[index] }
                }
            } else {
                for row in 0..<count { result[row] = Int32(isEnd ? row + 1 : row) }
            }
        case .rows(let offset):
            forEachPartition { range in
                for row in range {
                    let wanted = row + offset + (isEnd ? 1 : 0)
                    result[row] = Int32(min(max(wanted, range.lowerBound), range.upperBound))
                }
            }
        case .range(let target):
            let targets = try target.column(rows, state.context)
            guard let orderKey, let keys = OrderedValues(orderKey), let wanted = OrderedValues(targets.with(type: orderKey.type)) else {
                throw .internalFault("a RANGE frame over this type")
            }
            forEachPartition { range in
                let filled = Self.filled(range, orderKey)
                for row in range {
                    if orderKey.isNull(row) {
                        // Nulls are peers of each other.
                        let isBefore = row < filled.lowerBound || filled.isEmpty
                        let nulls = isBefore ? range.lowerBound..<max(filled.lowerBound, range.lowerBound) : filled.upperBound..<range.upperBound
                        let block = filled.isEmpty ? range : nulls
                        result[row] = Int32(isEnd ? block.upperBound : block.lowerBound)
                        continue
                    }
                    result[row] = Int32(search(keys, filled, wanted, row, isEnd: isEnd))
                }
            }
        }
        return result
    }

    /// The partition's rows whose order is not null: they lie together.
    private static func filled(_ range: Range<Int>, _ key: Column) -> Range<Int> {
        var low = range.lowerBound
        var high = range.upperBound
        while low < high, key.isNull(low) { low += 1 }
        while high > low, key.isNull(high - 1) { high -= 1 }
        return low..<high
    }

    /// The first row that is not before the target (or, for an end, that is behind it), in the order's direction.
    private func search(_ keys: OrderedValues, _ range: Range<Int>, _ targets: OrderedValues, _ row: Int, isEnd: Bool) -> Int {
        var low = range.lowerBound
        var high = range.upperBound
        while low < high {
            let middle = (low + high) / 2
            let order = keys.compare(middle, targets, row)
            let directed = ascending ? order : -order
            if directed < 0 || (isEnd && directed == 0) { low = middle + 1 } else { high = middle }
        }
        return low
    }

    func forEachPartition(_ body: (Range<Int>) -> Void) {
        for index in 0..<max(0, partitions.count - 1) { body(Int(partitions[index])..<Int(partitions[index + 1])) }
    }
}

/// The values of a column that can be added to, for search.
enum OrderedValues {
    case integers([Int128])
    case doubles([Double])

    init?(_ column: Column) {
        switch column.values {
        case .int8(let array): self = .integers(array.values.map { Int128($0) })
        case .int16(let array): self = .integers(array.values.map { Int128($0) })
        case .int32(let array): self = .integers(array.values.map { Int128($0) })
        case .int64(let array): self = .integers(array.values.map { Int128($0) })
        case .int128(let array): self = .integers(array.values)
        case .float(let array): self = .doubles(array.values.map { Double($0) })
        case .double(let array): self = .doubles(array.values)
        default: return nil
        }
    }

    /// Negative, zero or positive; NaN is the greatest.
    func compare(_ index: Int, _ other: OrderedValues, _ otherIndex: Int) -> Int {
        switch (self, other) {
        case (.integers(let a), .integers(let b)): return a[index] < b[otherIndex] ? -1 : a[index] == b[otherIndex] ? 0 : 1
        case (.doubles(let a), .doubles(let b)):
            let (x, y) = (a[index], b[otherIndex])
            if x.isNaN || y.isNaN { return x.isNaN ? (y.isNaN ? 0 : 1) : -1 }
            return x < y ? -1 : x == y ? 0 : 1
        default: return 0
        }
    }
}
