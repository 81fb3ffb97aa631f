package import SparkErrors
import Synchronization

/// Lets another thread end a statement; asked once a batch.
package final class CancellationToken: Sendable {
    private let flag = Atomic<Bool>(false)

    package init() {}

    package func cancel() { flag.store(true, ordering: .relaxed) }

    package var isCancelled: Bool { flag.load(ordering: .relaxed) }

    package func check() throws(SQLError) {
        if isCancelled { throw SQLError(.operationCanceled) }
    }
}

/// What a statement may use.
package struct ExecutionLimits: Sendable {
    /// Bytes that sorts, hash tables and materialised queries may hold at once.
    package var memoryBytes: Int
    /// Rows of a batch.
    package var batchRows: Int

    package static let standard = ExecutionLimits()

    package init(memoryBytes: Int = 4 << 30, batchRows: Int = 8192) {
        self.memoryBytes = memoryBytes
        self.batchRows = max(1, batchRows)
    }
}
