package import SparkErrors
import SparkFunctions
import Synchronization

/// Lets another thread, or the time, end a statement; asked once a batch and once a loop's turn.
package final class CancellationToken: Interruption {
    private static let origin = ContinuousClock.now

    private let flag = Atomic<Bool>(false)
    /// Milliseconds of real time after `origin`; zero: none.
    private let deadline = Atomic<Int64>(0)
    private let timeout = Atomic<Int64>(0)

    package init() {}

    package func cancel() { flag.store(true, ordering: .relaxed) }

    package var isCancelled: Bool { flag.load(ordering: .relaxed) }

    /// The statement may run for so many seconds from now on.
    package func limit(seconds: Int64) {
        let (milliseconds, overflow) = max(0, seconds).multipliedReportingOverflow(by: 1000)
        if !overflow { limit(milliseconds: milliseconds) }
    }

    package func limit(milliseconds: Int64) {
        let (end, isBeyond) = Self.elapsed.addingReportingOverflow(max(0, milliseconds))
        guard !isBeyond else { return }
        timeout.store(milliseconds / 1000, ordering: .relaxed)
        deadline.store(max(1, end), ordering: .relaxed)
    }

    /// Throws `OPERATION_CANCELED` and `QUERY_EXECUTION_TIMEOUT_EXCEEDED`.
    package func check() throws(SQLError) {
        if isCancelled { throw SQLError(.operationCanceled) }
        let end = deadline.load(ordering: .relaxed)
        guard end > 0, Self.elapsed >= end else { return }
        throw SQLError(
            .queryExecutionTimeoutExceeded, ["timeoutSec": "\(timeout.load(ordering: .relaxed))", "config": "STATEMENT_TIMEOUT"], phase: .execution)
    }

    private static var elapsed: Int64 {
        let (seconds, attoseconds) = (ContinuousClock.now - origin).components
        return seconds * 1000 + attoseconds / 1_000_000_000_000_000
    }
}

/// What a statement may use.
package struct ExecutionLimits: Sendable {
    /// Bytes that sorts, hash tables and materialised queries may hold at once.
    package var memoryBytes: Int
    /// Rows of a batch.
    package var batchRows: Int

    package var parallelism: Parallelism

    package static let standard = ExecutionLimits()

    package init(memoryBytes: Int = 2 << 30, batchRows: Int = 8192, parallelism: Parallelism = .none) {
        self.memoryBytes = memoryBytes
        self.batchRows = max(1, batchRows)
        self.parallelism = parallelism
    }
}
