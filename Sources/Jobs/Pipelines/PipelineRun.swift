import Synchronization

/// An update under way: how it is stopped, and how its end is waited for.
final class PipelineRun: Sendable {
    private struct State {
        var isOver = false
        var retry: PipelineRetry?
        /// Between two rounds of a continuous update.
        var isIdle = false
        var waiters: [(forEnd: Bool, continuation: CheckedContinuation<Void, Never>)] = []
    }

    let updateID: String
    let statements = SQLRun()
    private let state = Mutex(State())

    init(_ updateID: String) { self.updateID = updateID }

    var isOver: Bool { state.withLock { $0.isOver } }
    var isResting: Bool { state.withLock { $0.isIdle && !$0.isOver } }

    func rest(_ isIdle: Bool) {
        release { state in
            state.isIdle = isIdle
            return isIdle ? { !$0 } : { _ in false }
        }
    }

    /// What follows after its end, if something does.
    var retry: PipelineRetry? { state.withLock { $0.retry } }

    func end(_ retry: PipelineRetry? = nil) {
        release { state in
            state.isOver = true
            if let retry { state.retry = retry }
            return { _ in true }
        }
    }

    /// Waits for the end; or also until a continuous update rests.
    func wait(forEnd: Bool) async {
        await withCheckedContinuation { continuation in
            let isThere = state.withLock { state in
                if state.isOver || !forEnd && state.isIdle { return true }
                state.waiters.append((forEnd, continuation))
                return false
            }
            if isThere { continuation.resume() }
        }
    }

    private func release(_ change: (inout State) -> (Bool) -> Bool) {
        let released = state.withLock { state -> [CheckedContinuation<Void, Never>] in
            let isReleased = change(&state)
            let gone = state.waiters.filter { isReleased($0.forEnd) }.map(\.continuation)
            state.waiters.removeAll { isReleased($0.forEnd) }
            return gone
        }
        for continuation in released { continuation.resume() }
    }
}
