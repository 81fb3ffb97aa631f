import JSON
import Synchronization

/// A failed update that is to be begun again at a time of the workspace's clock, unless somebody is faster.
final class PipelineRetry: Sendable {
    private struct State {
        var isTaken = false
        var whenTaken: (@Sendable () -> Void)?
        /// nil: not decided; an update, or none because it was given up.
        var outcome: String??
        var waiters: [CheckedContinuation<Void, Never>] = []
    }

    /// Microseconds since 1970.
    let deadline: Int64
    /// As those of the update that failed.
    let options: JSONObject
    /// The number of updates in a row that will have been begun again.
    let attempt: Int
    private let state = Mutex(State())

    init(at deadline: Int64, _ options: JSONObject, attempt: Int) {
        self.deadline = deadline
        self.options = options
        self.attempt = attempt
    }

    /// Whether it may still come to an update.
    var isPending: Bool { state.withLock { $0.outcome == nil } }

    /// False if somebody else begins it or has given it up.
    func take() -> Bool {
        let (isMine, action) = state.withLock { state -> (Bool, (@Sendable () -> Void)?) in
            if state.isTaken { return (false, nil) }
            state.isTaken = true
            return (true, state.whenTaken)
        }
        action?()
        return isMine
    }

    /// `action` is done before the update begins, or at once if that is being done.
    func whenTaken(_ action: @escaping @Sendable () -> Void) {
        let isTaken = state.withLock { state in
            state.whenTaken = action
            return state.isTaken
        }
        if isTaken { action() }
    }

    /// Says what has become of it; who has taken it calls this.
    func end(_ update: String?) {
        let waiters = state.withLock { state in
            state.outcome = .some(update)
            defer { state.waiters = [] }
            return state.waiters
        }
        for waiter in waiters { waiter.resume() }
    }

    /// There will be no update, if none has begun.
    func giveUp() { if take() { end(nil) } }

    /// Waits until it has begun; the update, or nil.
    func update() async -> String? {
        await withCheckedContinuation { continuation in
            let isThere = state.withLock { state in
                if state.outcome != nil { return true }
                state.waiters.append(continuation)
                return false
            }
            if isThere { continuation.resume() }
        }
        return state.withLock { $0.outcome ?? nil }
    }
}

/// How often failed work is begun again, as the documentation of the pipelines' properties has it.
struct RetryLimits {
    /// Updates, in a row: five of a triggered pipeline, any number of a continuous one, none in development mode.
    let updates: Int
    /// Attempts at a flow within an update, after the first.
    let flows: Int

    static let updatesKey = "pipelines.numUpdateRetryAttempts"
    static let flowsKey = "pipelines.maxFlowRetryAttempts"

    init(_ spec: JSONObject) {
        func number(_ key: String) -> Int? { (spec["configuration"]?[key]?.bareText).flatMap { Int($0) }.flatMap { $0 >= 0 ? $0 : nil } }
        let isContinuous = spec["continuous"]?.boolValue ?? false
        updates = spec["development"]?.boolValue ?? false ? 0 : number(Self.updatesKey) ?? (isContinuous ? .max : 5)
        flows = number(Self.flowsKey) ?? 2
    }

    /// The name of a setting whose value is no number.
    static func invalidKey(_ spec: JSONObject) -> String? {
        [updatesKey, flowsKey].first { key in
            guard let text = spec["configuration"]?[key]?.bareText else { return false }
            return (Int(text) ?? -1) < 0
        }
    }
}
