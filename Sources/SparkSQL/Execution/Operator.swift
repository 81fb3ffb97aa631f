import Columnar
import SparkErrors
import SparkFunctions

/// A physical operator: pulled for batches until it gives nil. Not shared between threads.
protocol Operator: AnyObject {
    func next() throws(SQLError) -> Rows?
}

/// What a statement's operators share while it runs.
final class ExecutionState {
    var context: EvaluationContext
    let limits: ExecutionLimits
    let monitor: ExecutionMonitor
    /// Common table expressions that have been computed, by their index.
    var shared: [Int: SharedRows] = [:]
    var sharedPlans: [LogicalPlan] = []
    /// Rows of the step before, of recursive queries under way.
    var workingTables: [Int: [Rows]] = [:]

    init(context: EvaluationContext, limits: ExecutionLimits, monitor: ExecutionMonitor) {
        var context = context
        context.monitor = monitor
        self.context = context
        self.limits = limits
        self.monitor = monitor
    }

    func check() throws(SQLError) { try monitor.check() }

    /// Notes memory that an operator holds on to.
    func reserve(_ bytes: Int) throws(SQLError) { try monitor.reserve(bytes) }

    func release(_ bytes: Int) { monitor.release(bytes) }
}

/// Gathers all of an operator's rows, within the memory that there is.
func drain(_ source: any Operator, _ state: ExecutionState) throws(SQLError) -> (parts: [Rows], bytes: Int) {
    var parts: [Rows] = []
    var bytes = 0
    var count = 0
    while let rows = try source.next() {
        try state.check()
        if rows.count == 0 { continue }
        let size = rows.byteSize
        try state.reserve(size)
        bytes += size
        count += rows.count
        guard count < Int(Int32.max) else { throw SQLError.unsupported("more than 2147483646 rows in one step") }
        parts.append(rows)
    }
    return (parts, bytes)
}

/// Gives out rows that are there already, in batches.
final class RowsOperator: Operator {
    private var parts: [Rows]
    private var position = 0

    init(_ parts: [Rows]) { self.parts = parts }

    func next() throws(SQLError) -> Rows? {
        guard parts.indices.contains(position) else { return nil }
        defer { position += 1 }
        let rows = parts[position]
        parts[position] = Rows([], count: 0)
        return rows
    }
}

/// Cuts rows that came as one piece into batches.
final class BatchingOperator: Operator {
    private let rows: Rows
    private let size: Int
    private var position = 0

    init(_ rows: Rows, size: Int) {
        self.rows = rows
        self.size = size
    }

    func next() throws(SQLError) -> Rows? {
        guard position < rows.count else { return nil }
        let end = min(rows.count, position + size)
        defer { position = end }
        return rows.slice(position..<end)
    }
}
