import Columnar
import SparkErrors

/// Rows that are in memory, in slices of the batch size.
final class ChunkListOperator: Operator {
    private var chunks: [Chunk]
    private let batchRows: Int
    private var index = 0
    private var row = 0

    init(_ chunks: [Chunk], batchRows: Int) {
        self.chunks = chunks
        self.batchRows = batchRows
    }

    func next() throws(SQLError) -> Chunk? {
        while chunks.indices.contains(index) {
            let chunk = chunks[index]
            if row >= chunk.rowCount {
                index += 1
                row = 0
                continue
            }
            let end = min(chunk.rowCount, row + batchRows)
            defer { row = end }
            return chunk.slice(row..<end)
        }
        return nil
    }
}

/// Reads the wanted columns of a table.
final class ScanOperator: Operator {
    private let state: ExecutionState
    private let batchRows: Int
    private var source: (any BatchSource)?
    private let open: () throws(SQLError) -> any BatchSource
    private var rest: Chunk?

    init(_ scan: LogicalPlan.Scan, _ state: ExecutionState) {
        self.state = state
        batchRows = state.limits.batchRows
        open = { () throws(SQLError) in try scan.provider.scan(columns: scan.columns) }
    }

    func next() throws(SQLError) -> Chunk? {
        try state.cancellation.check()
        if let chunk = rest {
            rest = chunk.rowCount > batchRows ? chunk.slice(batchRows..<chunk.rowCount) : nil
            return chunk.rowCount > batchRows ? chunk.slice(0..<batchRows) : chunk
        }
        if source == nil { source = try open() }
        guard let batch = try source?.next() else { return nil }
        let chunk = Chunk(batch.columns, rowCount: batch.rowCount)
        // A file's row group may be large; slices of it keep later operators in cache and cancellable.
        guard chunk.rowCount > batchRows * 2 else { return chunk }
        rest = chunk.slice(batchRows..<chunk.rowCount)
        return chunk.slice(0..<batchRows)
    }
}

/// `range(start, end, step)`.
final class SequenceOperator: Operator {
    private let state: ExecutionState
    private var value: Int64
    private let end: Int64
    private let step: Int64
    private var isDone = false

    init(_ sequence: LogicalPlan.SequenceSource, _ state: ExecutionState) {
        self.state = state
        value = sequence.start
        end = sequence.end
        step = sequence.step
    }

    func next() throws(SQLError) -> Chunk? {
        try state.cancellation.check()
        var values: [Int64] = []
        values.reserveCapacity(state.limits.batchRows)
        while !isDone, values.count < state.limits.batchRows, step > 0 ? value < end : value > end {
            values.append(value)
            let (next, overflow) = value.addingReportingOverflow(step)
            if overflow { isDone = true } else { value = next }
        }
        return values.isEmpty ? nil : Chunk([Column(.long, .int64(PrimitiveArray(values)))], rowCount: values.count)
    }
}

/// The rows of a common table expression or of a recursion's step before, some columns of them.
final class SelectColumnsOperator: Operator {
    private let rows: () throws(SQLError) -> [Chunk]
    private let columns: [Int]?
    private let batchRows: Int
    private var list: ChunkListOperator?

    init(columns: [Int]?, batchRows: Int, rows: @escaping () throws(SQLError) -> [Chunk]) {
        self.rows = rows
        self.columns = columns
        self.batchRows = batchRows
    }

    func next() throws(SQLError) -> Chunk? {
        if list == nil {
            let all = try rows()
            list = ChunkListOperator(
                all.map { chunk in columns.map { Chunk($0.map { chunk.columns[$0] }, rowCount: chunk.rowCount) } ?? chunk },
                batchRows: batchRows)
        }
        return try list?.next()
    }
}
