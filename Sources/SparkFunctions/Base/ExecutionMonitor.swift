package import SparkErrors
import Synchronization

/// What may end a statement from outside: a cancel, or its time.
package protocol Interruption: AnyObject, Sendable {
    /// One load: for inner loops.
    var isCancelled: Bool { get }
    /// Throws OPERATION_CANCELED and QUERY_EXECUTION_TIMEOUT_EXCEEDED.
    func check() throws(SQLError)
}

/// What a statement's computations ask while they run: whether to go on, and for memory. One for all of its threads.
package final class ExecutionMonitor: Sendable {
    /// Of the statement that this thread works for: long loops deep inside of kernels ask it.
    @TaskLocal package static var current: ExecutionMonitor?

    private let interruption: any Interruption
    /// Bytes that the statement may hold at once.
    package let memoryBytes: Int
    private let reserved = Atomic<Int>(0)

    package init(_ interruption: any Interruption, memoryBytes: Int) {
        self.interruption = interruption
        self.memoryBytes = memoryBytes
    }

    /// What one batch's column may take; a batch that would take more is cut into smaller ones.
    package var batchBytes: Int { max(1 << 20, memoryBytes / 8) }

    package var isCancelled: Bool { interruption.isCancelled }

    package func check() throws(SQLError) { try interruption.check() }

    /// Asks on behalf of the statement that this thread works for, if there is one.
    package static func check() throws(SQLError) { try current?.check() }

    /// Whether the statement of this thread has to end: for searches that may stop short, as what they find is not used any more.
    package static var isOver: Bool {
        guard let current else { return false }
        if current.isCancelled { return true }
        do throws(SQLError) {
            try current.check()
            return false
        } catch {
            return true
        }
    }

    /// Notes memory that is held from now on.
    /// - Throws: UNABLE_TO_ACQUIRE_MEMORY.
    package func reserve(_ bytes: Int) throws(SQLError) {
        let bytes = max(0, bytes)
        let (before, after) = reserved.wrappingAdd(bytes, ordering: .relaxed)
        guard after >= before, after <= memoryBytes else {
            reserved.wrappingSubtract(bytes, ordering: .relaxed)
            throw Self.exhausted(bytes, of: max(0, memoryBytes - before))
        }
    }

    package func release(_ bytes: Int) { reserved.wrappingSubtract(max(0, bytes), ordering: .relaxed) }

    package static func exhausted(_ requested: Int, of available: Int) -> SQLError {
        SQLError(.unableToAcquireMemory, ["requestedBytes": "\(requested)", "receivedBytes": "\(available)"])
    }

    /// Runs the body as this statement's work.
    package func run<T>(_ body: () throws(SQLError) -> T) throws(SQLError) -> T {
        if Self.current === self { return try body() }
        let result: Result<T, SQLError> = Self.$current.withValue(self) {
            do throws(SQLError) { return .success(try body()) } catch { return .failure(error) }
        }
        return try result.get()
    }
}

/// Memory that a value holds, given back with the last copy of it.
final class Reservation: Sendable {
    private let monitor = ExecutionMonitor.current
    private let bytes = Atomic<Int>(0)

    deinit { monitor?.release(bytes.load(ordering: .relaxed)) }

    func add(_ more: Int) throws(SQLError) {
        guard let monitor else { return }
        try monitor.reserve(more)
        bytes.wrappingAdd(more, ordering: .relaxed)
    }
}

extension SQLError {
    /// Whether a smaller batch might do.
    package var isOfMemory: Bool { condition == .unableToAcquireMemory }
}
