import Dispatch
import Synchronization
import Testing
import Warehouse

@Suite struct WorkerPoolTests {
    @Test func everyTaskRunsOnce() async throws {
        let pool = WorkerPool(threads: 4)
        let sum = Mutex(0)
        try await withCheckedThrowingContinuation { (done: CheckedContinuation<Void, any Error>) in
            let left = Mutex(1_000)
            for number in 1...1_000 {
                do {
                    try pool.run {
                        sum.withLock { $0 += number }
                        if left.withLock({ left in
                            left -= 1; return left == 0
                        }) {
                            done.resume()
                        }
                    }
                } catch {
                    Issue.record(error)
                }
            }
        }
        #expect(sum.withLock { $0 } == 500_500)
        pool.stop()
    }

    @Test func workIsRefusedWhenTooMuchWaits() throws {
        let pool = WorkerPool(threads: 1, maxWaiting: 2)
        let started = DispatchSemaphore(value: 0)
        let gate = DispatchSemaphore(value: 0)
        try pool.run {
            started.signal()
            gate.wait()
        }
        started.wait()
        try pool.run {}
        try pool.run {}
        #expect(throws: WorkerPool.Full.self) { try pool.run {} }
        gate.signal()
        pool.stop()
    }
}
