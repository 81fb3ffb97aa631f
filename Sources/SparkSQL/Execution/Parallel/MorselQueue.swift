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
        /// Batches that have been taken from the source, and results that have been given out.
        var claimed = 0
        var given = 0
        /// How many results there will be, once that is known.
        var end: Int?
        var ready: [Int: Result<Output, SQLError>] = [:]
        var helpers = 0
        /// Helpers that wait for the source.
        var blocked = 0
        var isWaiting = false
        var isClosed = false
        /// Whether some thread reads the source: that may take long, and others wait for it without the lock.
        var isReading = false

        var isDone: Bool { end.map { given >= $0 } ?? false }
        /// Results must not lie too far ahead of what has been asked for.
        func mayClaim(window: Int) -> Bool { !isClosed && end == nil && claimed - given < window }
    }

    private enum Claim {
        case batch(Int, RecordBatch)
        /// Another thread is about to claim one.
        case busy
        case nothing
    }

    private enum Step {
        case give(Result<Output, SQLError>)
        case claim, end
    }

    /// Results that may lie ready.
    private static var window: Int { 32 }
    /// Batches after which a helper goes back to where it came from, so that others get their turn.
    private static var turn: Int { 16 }

    private let state = Mutex(State())
    /// Locked by the thread alone that has set `isReading`.
    private let source: Mutex<any BatchSource>
    private let arrived = DispatchSemaphore(value: 0)
    private let unblocked = DispatchSemaphore(value: 0)
    private let parallelism: Parallelism
    private let monitor: ExecutionMonitor
    private let makeWork: @Sendable () throws(SQLError) -> Work

    /// `makeWork` gives each thread its own.
    init(
        source: sending any BatchSource, parallelism: Parallelism, monitor: ExecutionMonitor,
        makeWork: @escaping @Sendable () throws(SQLError) -> Work
    ) {
        self.source = Mutex(source)
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
                return state.isDone ? .end : .claim
            }
            switch step {
            case .give(let result): return try result.get()
            case .end: return nil
            case .claim:
                if case .batch(let index, let batch) = claim() {
                    deposit(Self.result(batch, work), index)
                } else {
                    waitForChange()
                }
            }
        }
    }

    /// Until the next result is there, or a batch can be claimed.
    private func waitForChange() {
        let waits = state.withLock { state -> Bool in
            if state.ready[state.given] != nil || state.isDone { return false }
            if !state.isReading, state.mayClaim(window: Self.window) { return false }
            state.isWaiting = true
            return true
        }
        if waits { arrived.wait() }
    }

    /// The next batch of the source.
    private func claim() -> Claim {
        let refusal = state.withLock { state -> Claim? in
            guard state.mayClaim(window: Self.window) else { return .nothing }
            if state.isReading { return .busy }
            state.isReading = true
            return nil
        }
        if let refusal { return refusal }
        let read = source.withLock { source -> Result<RecordBatch?, SQLError> in
            do throws(SQLError) { return .success(try source.next()) } catch { return .failure(error) }
        }
        let (claim, wakes, blocked) = state.withLock { state -> (Claim, Bool, Int) in
            let claim: Claim
            switch read {
            case .success(let batch?):
                claim = .batch(state.claimed, batch)
                state.claimed += 1
            case .success(nil):
                state.end = state.claimed
                claim = .nothing
            case .failure(let error):
                state.ready[state.claimed] = .failure(error)
                state.claimed += 1
                state.end = state.claimed
                claim = .nothing
            }
            defer { (state.isReading, state.isWaiting, state.blocked) = (false, false, 0) }
            return (claim, state.isWaiting, state.blocked)
        }
        if wakes { arrived.signal() }
        for _ in 0..<blocked { unblocked.signal() }
        return claim
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
                switch claim() {
                case .batch(let index, let batch): deposit(Self.result(batch, work), index)
                case .busy: waitForSource()
                case .nothing: return
                }
            }
        }
        state.withLock { $0.helpers -= 1 }
    }

    private func waitForSource() {
        let waits = state.withLock { state -> Bool in
            if state.isReading { state.blocked += 1 }
            return state.isReading
        }
        if waits { unblocked.wait() }
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
