import Columnar
import SparkErrors
import SparkFunctions

/// What the operators of one running statement share. Used by the statement's thread alone.
final class ExecutionState {
    let context: EvaluationContext
    let cancellation: CancellationToken
    let limits: ExecutionLimits
    /// Common table expressions, computed when first asked for.
    private let sharedPlans: [LogicalPlan]
    private var sharedRows: [Int: [Chunk]] = [:]
    /// Rows of the step before, by recursion.
    var workingTables: [Int: [Chunk]] = [:]
    /// The enclosing query's row while a correlated query runs.
    var outer: [ColumnID: Value] = [:]
    private var heldBytes = 0

    init(context: EvaluationContext, cancellation: CancellationToken, limits: ExecutionLimits, shared: [LogicalPlan]) {
        self.context = context
        self.cancellation = cancellation
        self.limits = limits
        sharedPlans = shared
    }

    func shared(_ index: Int) throws(SQLError) -> [Chunk] {
        if let rows = sharedRows[index] { return rows }
        guard sharedPlans.indices.contains(index) else { throw SQLError(.internalError, ["message": "A common table expression is missing."]) }
        let rows = try collect(try PhysicalPlanner(self).plan(sharedPlans[index]))
        sharedRows[index] = rows
        return rows
    }

    /// All rows of an operator.
    func collect(_ source: any Operator) throws(SQLError) -> [Chunk] {
        var chunks: [Chunk] = []
        while let chunk = try source.next() {
            if chunk.rowCount == 0 { continue }
            try hold(chunk)
            chunks.append(chunk)
        }
        return chunks
    }

    /// Counts what is kept against the statement's budget; estimates by layout.
    private func hold(_ chunk: Chunk) throws(SQLError) {
        heldBytes += chunk.columns.reduce(0) { $0 + $1.estimatedBytes }
        if heldBytes > limits.memoryBytes {
            throw SQLError(.statementMemoryExceeded, ["limit": String(limits.memoryBytes)])
        }
    }
}

extension Column {
    /// Memory of the values, roughly.
    var estimatedBytes: Int {
        switch values {
        case .void: 0
        case .boolean: count / 8
        case .int8: count
        case .int16: count * 2
        case .int32, .float: count * 4
        case .int64, .double: count * 8
        case .int128: count * 16
        case .bytes(let array): count * 4 + array.bytes.count
        case .list(let array): count * 4 + array.child.estimatedBytes
        case .structure(let array): array.children.reduce(0) { $0 + $1.estimatedBytes }
        }
    }
}
