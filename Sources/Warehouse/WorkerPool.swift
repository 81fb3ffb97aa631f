import Foundation
import SparkSQL
import Synchronization

/// Threads on which statements run, so that no computation holds up the threads that answer requests.
///
/// Threads are made when there is work for them, up to a limit, and have stacks deep enough for the parser's and analyser's recursion limits.
package final class WorkerPool: Sendable {
    /// Work refused because too much is waiting already.
    package struct Full: Error {}

    private struct State {
        var queue: [@Sendable () -> Void] = []
        var head = 0
        var threads = 0
        var idle = 0
        /// Workers that wait for something other than work; others are made in their place.
        var blocked = 0
        var stopped = false
    }

    private static let stackSize = 64 << 20
    private static let maxBlocked = 256

    private let state = Mutex(State())
    private let signal = DispatchSemaphore(value: 0)
    private let maxThreads: Int
    private let maxWaiting: Int
    /// How many threads can be of use to one statement besides its own.
    private let helpers: Int

    /// `helpers`: how many threads a statement may use besides its own; nil: as many as there are further processors.
    package init(threads: Int = max(4, ProcessInfo.processInfo.activeProcessorCount), maxWaiting: Int = 10_000, helpers: Int? = nil) {
        self.helpers = helpers ?? max(0, ProcessInfo.processInfo.activeProcessorCount - 1)
        maxThreads = threads
        self.maxWaiting = maxWaiting
    }

    /// Runs the work on a worker as soon as one is free, in the order of the calls.
    package func run(_ work: @escaping @Sendable () -> Void) throws(Full) {
        let needsThread = try state.withLock { state throws(Full) -> Bool in
            guard !state.stopped, state.queue.count - state.head < maxWaiting else { throw Full() }
            state.queue.append(work)
            if state.idle >= state.queue.count - state.head || state.threads - min(state.blocked, Self.maxBlocked) >= maxThreads {
                return false
            }
            state.threads += 1
            return true
        }
        if needsThread { startThread() }
        signal.signal()
    }

    /// The threads besides a statement's own that may take part in it.
    var parallelism: Parallelism { Parallelism(helpers: helpers) { [self] work in try? run(work) } }

    /// Runs, on a worker, what may wait for another piece of work: as long as it does, the worker does not count, so that the other can run.
    func blocking<T>(_ body: () throws -> T) rethrows -> T {
        let needsThread = state.withLock { state in
            state.blocked += 1
            guard state.idle < state.queue.count - state.head, state.threads - min(state.blocked, Self.maxBlocked) < maxThreads else {
                return false
            }
            state.threads += 1
            return true
        }
        if needsThread { startThread() }
        defer { state.withLock { $0.blocked -= 1 } }
        return try body()
    }

    /// Lets the threads end after the work under way; what still waits is not run.
    package func stop() {
        let threads = state.withLock { state in
            state.stopped = true
            return state.threads
        }
        for _ in 0..<threads { signal.signal() }
    }

    private func startThread() {
        let thread = Thread { [self] in
            while let work = next() { work() }
        }
        thread.stackSize = Self.stackSize
        thread.name = "dbxsim-worker"
        thread.start()
    }

    private func next() -> (@Sendable () -> Void)? {
        // Those that were made in the place of blocked ones go when these are back.
        let isSpare = state.withLock { state in
            let isSpare = state.threads - min(state.blocked, Self.maxBlocked) > maxThreads
            if isSpare { state.threads -= 1 } else { state.idle += 1 }
            return isSpare
        }
        if isSpare { return nil }
        while true {
            signal.wait()
            let (work, stopped) = state.withLock { state -> ((@Sendable () -> Void)?, Bool) in
                if state.stopped { return (nil, true) }
                guard state.head < state.queue.count else { return (nil, false) }
                let work = state.queue[state.head]
                state.head += 1
                if state.head == state.queue.count {
                    state.queue.removeAll(keepingCapacity: true)
                    state.head = 0
                } else if state.head > 1024 {
                    state.queue.removeFirst(state.head)
                    state.head = 0
                }
                state.idle -= 1
                return (work, false)
            }
            if let work { return work }
            if stopped { return nil }
        }
    }
}
