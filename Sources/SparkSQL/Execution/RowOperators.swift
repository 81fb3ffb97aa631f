import Columnar
import SparkErrors

final class ProjectOperator: Operator {
    private let child: any Operator
    private let evaluator: Evaluator
    private let expressions: [ResolvedExpression]

    init(_ child: any Operator, _ evaluator: Evaluator, _ expressions: [ResolvedExpression]) {
        self.child = child
        self.evaluator = evaluator
        self.expressions = expressions
    }

    func next() throws(SQLError) -> Chunk? {
        guard let chunk = try child.next() else { return nil }
        return Chunk(try evaluator.columns(expressions, chunk), rowCount: chunk.rowCount)
    }
}

final class FilterOperator: Operator {
    private let child: any Operator
    private let evaluator: Evaluator
    private let condition: ResolvedExpression

    init(_ child: any Operator, _ evaluator: Evaluator, _ condition: ResolvedExpression) {
        self.child = child
        self.evaluator = evaluator
        self.condition = condition
    }

    func next() throws(SQLError) -> Chunk? {
        while let chunk = try child.next() {
            try evaluator.state.cancellation.check()
            let mask = try evaluator.matches(condition, chunk)
            let count = mask.onesCount
            if count == chunk.rowCount { return chunk }
            if count > 0 { return chunk.filter(mask) }
        }
        return nil
    }
}

final class LimitOperator: Operator {
    private let child: any Operator
    private var toSkip: Int
    private var left: Int?

    init(_ child: any Operator, count: Int?, offset: Int) {
        self.child = child
        toSkip = max(0, offset)
        left = count.map { max(0, $0) }
    }

    func next() throws(SQLError) -> Chunk? {
        while left != 0, let chunk = try child.next() {
            if chunk.rowCount <= toSkip {
                toSkip -= chunk.rowCount
                continue
            }
            let end = left.map { min(chunk.rowCount - toSkip, $0) + toSkip } ?? chunk.rowCount
            let part = chunk.slice(toSkip..<end)
            left = left.map { $0 - part.rowCount }
            toSkip = 0
            return part
        }
        return nil
    }
}

/// One input behind the other.
final class UnionOperator: Operator {
    private let children: [any Operator]
    private let types: [DataType]
    private var index = 0

    init(_ children: [any Operator], types: [DataType]) {
        self.children = children
        self.types = types
    }

    func next() throws(SQLError) -> Chunk? {
        while children.indices.contains(index) {
            if let chunk = try children[index].next() {
                return Chunk(zip(chunk.columns, types).map { $0.with(type: $1) }, rowCount: chunk.rowCount)
            }
            index += 1
        }
        return nil
    }
}

/// Each row once for each list of expressions, in the order of the rows.
final class ExpandOperator: Operator {
    private let child: any Operator
    private let evaluator: Evaluator
    private let projections: [[ResolvedExpression]]

    init(_ child: any Operator, _ evaluator: Evaluator, _ projections: [[ResolvedExpression]]) {
        self.child = child
        self.evaluator = evaluator
        self.projections = projections
    }

    func next() throws(SQLError) -> Chunk? {
        guard let chunk = try child.next(), let first = projections.first else { return nil }
        let lists = projections.count
        var parts: [Chunk] = []
        for projection in projections {
            let added = try evaluator.columns(projection, chunk)
            parts.append(Chunk(chunk.columns + added, rowCount: chunk.rowCount))
        }
        let types = chunk.columns.map(\.type) + first.map(\.type)
        let all = Chunk.concat(parts, types: types)
        var order = [Int32](repeating: 0, count: chunk.rowCount * lists)
        for row in 0..<chunk.rowCount {
            for list in 0..<lists { order[row * lists + list] = Int32(truncatingIfNeeded: list * chunk.rowCount + row) }
        }
        return all.take(order)
    }
}

/// Sorts all rows; with a limit only the first of them are put in order.
final class SortOperator: Operator {
    private let child: any Operator
    private let evaluator: Evaluator
    private let keys: [OrderKey]
    private let types: [DataType]
    private let limit: Int?
    private var sorted: ChunkListOperator?

    init(_ child: any Operator, _ evaluator: Evaluator, _ keys: [OrderKey], types: [DataType], limit: Int? = nil) {
        self.child = child
        self.evaluator = evaluator
        self.keys = keys
        self.types = types
        self.limit = limit
    }

    func next() throws(SQLError) -> Chunk? {
        if sorted == nil {
            let chunks = try evaluator.state.collect(child)
            guard !chunks.isEmpty else { return nil }
            let all = Chunk.concat(chunks, types: types)
            let order = try evaluator.order(keys, all, limit: limit)
            sorted = ChunkListOperator([all.take(order)], batchRows: evaluator.state.limits.batchRows)
        }
        return try sorted?.next()
    }
}

extension Evaluator {
    /// The rows' numbers in the order of the keys; rows that are equal keep their order.
    func order(_ keys: [OrderKey], _ chunk: Chunk, limit: Int? = nil) throws(SQLError) -> [Int32] {
        var sortKeys: [SortKey] = []
        for key in keys {
            let column = try column(key.expression, chunk)
            sortKeys.append(SortKey(column, ascending: key.ascending, nullsFirst: key.nullsFirst))
        }
        if let limit, limit < chunk.rowCount { return Kernel.sortIndices(sortKeys, limit: limit) }
        return Kernel.sortIndices(sortKeys)
    }
}
