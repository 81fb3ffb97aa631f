import Columnar
import SparkErrors
import SparkFunctions

/// Adds columns computed over windows. Rows come out sorted by partition and order, as they do in Spark.
final class WindowOperator: Operator {
    private let child: any Operator
    private let evaluator: Evaluator
    private let node: LogicalPlan.Window
    private let types: [DataType]
    private var result: ChunkListOperator?

    init(_ child: any Operator, _ evaluator: Evaluator, _ node: LogicalPlan.Window) {
        self.child = child
        self.evaluator = evaluator
        self.node = node
        types = node.child.output.map(\.type)
    }

    func next() throws(SQLError) -> Chunk? {
        if result == nil {
            let chunks = try evaluator.state.collect(child)
            guard !chunks.isEmpty else { return nil }
            result = ChunkListOperator([try run(Chunk.concat(chunks, types: types))], batchRows: evaluator.state.limits.batchRows)
        }
        return try result?.next()
    }

    private func run(_ input: Chunk) throws(SQLError) -> Chunk {
        let partitionKeys = node.partition.map { OrderKey($0) }
        let chunk = input.take(try evaluator.order(partitionKeys + node.order, input))
        let partitionColumns = try evaluator.columns(node.partition, chunk)
        let orderColumns = try evaluator.columns(node.order.map(\.expression), chunk)
        let partitions = Self.starts(partitionColumns, chunk.rowCount, within: nil)
        let peers = Self.starts(orderColumns, chunk.rowCount, within: partitions)
        let layout = WindowLayout(rowCount: chunk.rowCount, partitions: partitions, peers: peers, keys: node.order, keyColumns: orderColumns)
        var columns = chunk.columns
        for column in node.columns {
            try evaluator.state.cancellation.check()
            do {
                columns.append(try compute(column.function, chunk, layout).with(type: column.attribute.type))
            } catch {
                throw error.at(column.function.span)
            }
        }
        return Chunk(columns, rowCount: chunk.rowCount)
    }

    /// First rows of runs that are equal in all columns, and the row count at the end.
    private static func starts(_ columns: [Column], _ rowCount: Int, within outer: [Int32]?) -> [Int32] {
        var isStart = [Bool](repeating: false, count: rowCount)
        if rowCount > 0 { isStart[0] = true }
        for start in outer ?? [] where Int(start) < rowCount { isStart[Int(start)] = true }
        if rowCount > 1 {
            for column in columns {
                let equal = Kernel.compareNullSafe(column.slice(0..<(rowCount - 1)), column.slice(1..<rowCount))
                for row in 1..<rowCount where !equal.values[row - 1] { isStart[row] = true }
            }
        }
        var starts: [Int32] = []
        for row in 0..<rowCount where isStart[row] { starts.append(Int32(truncatingIfNeeded: row)) }
        starts.append(Int32(truncatingIfNeeded: rowCount))
        return starts
    }

    private func compute(_ expression: WindowExpression, _ chunk: Chunk, _ layout: WindowLayout) throws(SQLError) -> Column {
        let context = evaluator.state.context
        switch expression.function {
        case .window(_, let bound, let arguments):
            var input = WindowInput(
                rowCount: chunk.rowCount, arguments: try evaluator.columns(arguments, chunk), partitions: layout.partitions, peers: layout.peers)
            if case .given = bound.frame {
                let frames = try layout.frames(expression.frame)
                input.frameStarts = frames.starts
                input.frameEnds = frames.ends
            }
            return try bound.kernel(input, context)
        case .aggregate(let aggregate):
            if aggregate.isDistinct { throw SQLError(.distinctWindowFunctionUnsupported, ["windowExpr": SQLQuote.expr(aggregate.sql)]) }
            let arguments = try evaluator.columns(aggregate.arguments, chunk)
            var mask: Bitmap?
            if let filter = aggregate.filter { mask = try evaluator.matches(filter, chunk) }
            return try self.aggregate(aggregate, arguments, mask, expression.frame, layout, context)
        }
    }

    /// An aggregate over each row's frame. Whole partitions and running frames cost one pass; other frames are gathered row by row, in bites.
    private func aggregate(
        _ aggregate: AggregateExpression, _ arguments: [Column], _ mask: Bitmap?, _ frame: WindowExpression.Frame, _ layout: WindowLayout,
        _ context: EvaluationContext
    ) throws(SQLError) -> Column {
        let rows = layout.rowCount
        let partitionOf = layout.partitionOf
        if case .unboundedPreceding = frame.start, case .unboundedFollowing = frame.end {
            var state = aggregate.bound.make()
            var groups = partitionOf
            var columns = arguments
            if let mask {
                groups = mask.indices().map { partitionOf[Int($0)] }
                columns = arguments.map { $0.filter(mask) }
            }
            let count = max(0, layout.partitions.count - 1)
            try state.update(columns, groups: groups, groupCount: count, context)
            return try state.finish(groupCount: count, context).take(partitionOf)
        }
        if case .unboundedPreceding = frame.start, case .currentRow = frame.end {
            return try running(aggregate, arguments, mask, frame, layout, context)
        }
        let frames = try layout.frames(frame)
        var state = aggregate.bound.make()
        var sources: [Int32] = []
        var groups: [Int32] = []
        func flush() throws(SQLError) {
            try evaluator.state.cancellation.check()
            try state.update(arguments.map { $0.take(sources) }, groups: groups, groupCount: rows, context)
            sources.removeAll(keepingCapacity: true)
            groups.removeAll(keepingCapacity: true)
        }
        for row in 0..<rows {
            var source = frames.starts[row]
            while source < frames.ends[row] {
                if mask?[Int(source)] ?? true {
                    sources.append(source)
                    groups.append(Int32(truncatingIfNeeded: row))
                    if sources.count >= 65_536 { try flush() }
                }
                source += 1
            }
        }
        try flush()
        return try state.finish(groupCount: rows, context)
    }

    /// From the partition's start to the row (ROWS) or to the end of its peers (RANGE).
    private func running(
        _ aggregate: AggregateExpression, _ arguments: [Column], _ mask: Bitmap?, _ frame: WindowExpression.Frame, _ layout: WindowLayout,
        _ context: EvaluationContext
    ) throws(SQLError) -> Column {
        let bounds = frame.isRange ? layout.peers : (0...Int32(truncatingIfNeeded: layout.rowCount)).map { $0 }
        let partitionStarts = Set(layout.partitions)
        var parts: [Column] = []
        var places = [Int32](repeating: 0, count: layout.rowCount)
        var state = aggregate.bound.make()
        for step in 0..<max(0, bounds.count - 1) {
            let range = Int(bounds[step])..<Int(bounds[step + 1])
            if partitionStarts.contains(bounds[step]) { state = aggregate.bound.make() }
            if step & 1023 == 0 { try evaluator.state.cancellation.check() }
            var columns = arguments.map { $0.slice(range) }
            var count = range.count
            if let mask {
                let part = mask.slice(range)
                columns = columns.map { $0.filter(part) }
                count = part.onesCount
            }
            try state.update(columns, groups: [Int32](repeating: 0, count: count), groupCount: 1, context)
            parts.append(try state.finish(groupCount: 1, context))
            for row in range { places[row] = Int32(truncatingIfNeeded: step) }
        }
        return Column.concat(parts, type: aggregate.bound.returnType).take(places)
    }
}

/// The rows of a window operator: where partitions and peers begin, and what frames hold.
struct WindowLayout {
    let rowCount: Int
    let partitions: [Int32]
    let peers: [Int32]
    let keys: [OrderKey]
    let keyColumns: [Column]

    /// The number of each row's partition.
    var partitionOf: [Int32] { Self.numbers(partitions, rowCount) }

    private static func numbers(_ starts: [Int32], _ rowCount: Int) -> [Int32] {
        var numbers = [Int32](repeating: 0, count: rowCount)
        for number in 0..<max(0, starts.count - 1) {
            for row in Int(starts[number])..<Int(starts[number + 1]) { numbers[row] = Int32(truncatingIfNeeded: number) }
        }
        return numbers
    }

    /// Per row, its frame as `start..<end`.
    func frames(_ frame: WindowExpression.Frame) throws(SQLError) -> (starts: [Int32], ends: [Int32]) {
        let partition = partitionOf
        let peer = Self.numbers(peers, rowCount)
        var starts = [Int32](repeating: 0, count: rowCount)
        var ends = [Int32](repeating: 0, count: rowCount)
        for row in 0..<rowCount {
            let first = partitions[Int(partition[row])]
            let last = partitions[Int(partition[row]) + 1]
            let start = try bound(frame.start, row, frame.isRange, isStart: true, first, last, peer)
            let end = try bound(frame.end, row, frame.isRange, isStart: false, first, last, peer)
            starts[row] = min(max(start, first), last)
            ends[row] = max(min(end, last), starts[row])
        }
        return (starts, ends)
    }

    private func bound(
        _ bound: WindowExpression.Bound, _ row: Int, _ isRange: Bool, isStart: Bool, _ first: Int32, _ last: Int32, _ peer: [Int32]
    ) throws(SQLError) -> Int32 {
        switch bound {
        case .unboundedPreceding: return first
        case .unboundedFollowing: return last
        case .currentRow:
            if isRange { return isStart ? peers[Int(peer[row])] : peers[Int(peer[row]) + 1] }
            return Int32(truncatingIfNeeded: isStart ? row : row + 1)
        case .rows(let offset):
            let (sum, overflow) = Int64(isStart ? row : row + 1).addingReportingOverflow(offset)
            if overflow { return offset < 0 ? first : last }
            return Int32(truncatingIfNeeded: min(max(sum, Int64(first)), Int64(last)))
        case .range(let offset, let isPreceding):
            return try distance(offset, isPreceding, row, isStart: isStart, first, last, peer)
        }
    }

    /// The bound of a RANGE frame by value, found by a binary search in the partition's order.
    private func distance(
        _ offset: ResolvedExpression, _ isPreceding: Bool, _ row: Int, isStart: Bool, _ first: Int32, _ last: Int32, _ peer: [Int32]
    ) throws(SQLError) -> Int32 {
        guard keys.count == 1, let column = keyColumns.first, case .constant(let constant) = offset else {
            throw .unsupported("A RANGE frame over this order")
        }
        // A null's frame is its peers.
        if column.isNull(row) { return isStart ? peers[Int(peer[row])] : peers[Int(peer[row]) + 1] }
        let ascending = keys[0].ascending
        guard let current = Self.number(column.value(at: row)), let amount = Self.number(constant.value), isComparable(constant.type, column.type)
        else { throw .unsupported("A RANGE frame over \(column.type.sqlText)") }
        let target = current + ((isPreceding == ascending) ? -amount : amount)
        var low = Int(first)
        var high = Int(last)
        while low < high {
            let middle = (low + high) / 2
            let isBefore: Bool
            if let value = Self.number(column.value(at: middle)) {
                let comesFirst = ascending ? value < target : value > target
                isBefore = comesFirst || !isStart && value == target
            } else {
                isBefore = keys[0].nullsFirst
            }
            if isBefore { low = middle + 1 } else { high = middle }
        }
        return Int32(truncatingIfNeeded: low)
    }

    /// Offsets that count in the same unit as the key: numbers for numbers, days for dates, day-time intervals for timestamps.
    private func isComparable(_ offset: DataType, _ key: DataType) -> Bool {
        switch (key, offset) {
        case (.timestamp, .dayTimeInterval), (.timestampNTZ, .dayTimeInterval), (.dayTimeInterval, .dayTimeInterval): true
        case (.yearMonthInterval, .yearMonthInterval): true
        case (.date, let offset): offset.isInteger
        case (.decimal(let left), .decimal(let right)): left.scale == right.scale
        case (let key, let offset): key.isNumeric && offset.isNumeric && key == offset
        }
    }

    private static func number(_ value: Value) -> Double? {
        switch value {
        case .integer(let number): Double(number)
        case .decimal(let number): Double(number)
        case .float(let number): Double(number)
        case .double(let number): number
        default: nil
        }
    }
}
