import Foundation
import SparkErrors
import SparkSQL
import Synchronization
import Workspace

/// Waits on a worker's thread for what goes on outside of the process, as long as the statement goes on.
struct OutsideWait: Sendable {
    let pool: WorkerPool
    let cancellation: CancellationToken?

    private final class Outcome<T: Sendable>: Sendable {
        let result = Mutex<Result<T, any Error>?>(nil)
    }

    /// How long a cancelled statement may still wait.
    private static let patience = DispatchTimeInterval.milliseconds(20)

    func run<T: Sendable>(_ body: @escaping @Sendable () async throws -> T) throws(SQLError) -> T {
        try cancellation?.check()
        let outcome = Outcome<T>()
        let ended = DispatchSemaphore(value: 0)
        let task = Task {
            let result: Result<T, any Error>
            do { result = .success(try await body()) } catch { result = .failure(error) }
            outcome.result.withLock { $0 = result }
            ended.signal()
        }
        let interruption = pool.blocking { () -> SQLError? in
            while ended.wait(timeout: .now() + Self.patience) == .timedOut {
                do throws(SQLError) { try cancellation?.check() } catch {
                    task.cancel()
                    return error
                }
            }
            return nil
        }
        if let interruption { throw interruption }
        let result = outcome.result.withLock { $0 }
        do {
            guard let value = try result?.get() else { throw SQLError(.internalError, ["message": "What was waited for has no result."]) }
            return value
        } catch let error as SharingFailure {
            throw error.sqlError
        } catch {
            return try onCatalog { throw error }
        }
    }
}
