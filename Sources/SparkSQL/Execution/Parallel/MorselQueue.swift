import Columnar
import Dispatch
import SparkErrors
import SparkFunctions
import Synchronization

/// What several threads make of a source's batches, given out in the order of the batches.
///
/// The thread that asks for results works itself whenever the next one is not there; so the work comes to its end without any help.
final class MorselQueue<Output: Sendable>: Sendable {
    typealias Work = (RecordBatch) throws(SQLError) -> Output

    private struct State {
        var source: any BatchSource
        /// Batches that have been taken from the source, and results that have been given out.
        var claimed = 0
        var given = 0
        /// How many results there will be, once that is known.
        var end: Int?
        var ready: [Int: Result<Output, SQLError>] = [:]
        var helpers = 0
        var isWaiting = false
        var isClosed = false

        /// The next batch, if results do not lie too far ahead of what has been asked for.
        mutating func claim(window: Int) -> (index: Int, batch: RecordBatch)? {
            guard !isClosed, end == nil, claimed - given < window else { return nil }
            do throws(SQLError) {
                guard let batch = try source.next() else {
                    end = claimed
                    return nil
                }
                claimed += 1
                return (claimed - 1, batch)
            } catch {
                ready[claimed] = .failure(error)
                claimed += 1
                end = claimed
                return nil
            }
        }
    }

    private enum Step {
        case give(Result<Output, SQLError>)
        case work(Int, RecordBatch)
        case wait, again, end
    }

    /// Results that may lie ready.
    private static var window: Int { 32 }
    /// Batches after which a helper goes back to where it came from, so that others get their turn.
    private static var turn: Int { 16 }

    private let state: Mutex<State>
    private let arrived = DispatchSemaphore(value: 0)
    private let parallelism: Parallelism
    private let monitor: ExecutionMonitor
    private let makeWork: @Sendable () throws(SQLError) -> Work

    /// `makeWork` gives each thread its own.
    init(
        source: sending any BatchSource, parallelism: Parallelism, monitor: ExecutionMonitor,
        makeWork: @escaping @Sendable () throws(SQLError) -> Work
    ) {
        state = Mutex(State(source: source))
        self.monitor = monitor
        self.parallelism = parallelism
        self.makeWork = makeWork
    }

    /// The next result; nil behind the last. To be called by one thread, which gives its own `work` along; with `helped` others are called in.
    func next(helped: Bool, _ work: Work) throws(SQLError) -> Output? {
        while true {
            if helped { callHelpers() }
            let step = state.withLock { state -> Step in
                if let result = state.ready.removeValue(forKey: state.given) {
                    state.given += 1
                    return .give(result)
                }
                if let end = state.end, state.given >= end { return .end }
                if let (index, batch) = state.claim(window: Self.window) { return .work(index, batch) }
                // The source has just come to its end, or failed.
                if state.ready[state.given] != nil || state.end == state.given { return .again }
                state.isWaiting = true
                return .wait
            }
            switch step {
            case .give(let result): return try result.get()
            case .work(let index, let batch): deposit(Self.result(batch, work), index)
            case .wait: arrived.wait()
            case .again: break
            case .end: return nil
            }
        }
    }

    /// No more results are wanted.
    func close() {
        state.withLock { state in
            state.isClosed = true
            state.ready = [:]
        }
    }

    private func callHelpers() {
        let missing = state.withLock { state -> Int in
            guard state.end == nil, state.claimed - state.given < Self.window / 2 else { return 0 }
            let missing = parallelism.helpers - state.helpers
            state.helpers += max(0, missing)
            return missing
        }
        for _ in 0..<max(0, missing) { parallelism.start { [self] in help() } }
    }

    private func help() {
        // What cannot be begun here is done, or fails, where the results are asked for.
        try? monitor.run { () throws(SQLError) in
            let work = try makeWork()
            for _ in 0..<Self.turn {
                guard let (index, batch) = state.withLock({ $0.claim(window: Self.window) }) else { break }
                deposit(Self.result(batch, work), index)
            }
        }
        state.withLock { $0.helpers -= 1 }
    }

    private func deposit(_ result: Result<Output, SQLError>, _ index: Int) {
        let wakes = state.withLock { state -> Bool in
            if state.isClosed { return false }
            state.ready[index] = result
            guard state.isWaiting, index == state.given else { return false }
            state.isWaiting = false
            return true
        }
        if wakes { arrived.signal() }
    }

    private static func result(_ batch: RecordBatch, _ work: Work) -> Result<Output, SQLError> {
        do throws(SQLError) {
            return .success(try work(batch))
        } catch {
            return .failure(error)
        }
    }
}
