import Synchronization

#if canImport(Darwin)
    import Darwin
#elseif canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// The time that a workspace lives by: microseconds since 1970-01-01 UTC.
package protocol WorkspaceClock: Sendable {
    var nowMicros: Int64 { get }
    /// Suspends until the clock shows `deadline` (microseconds); returns at once if it already does.
    func sleep(untilMicros deadline: Int64) async throws
}

extension WorkspaceClock {
    /// Milliseconds since 1970-01-01 UTC, as in `created_at`.
    package var nowMillis: Int64 { nowMicros / 1_000 }
}

/// The system's clock.
package struct RealClock: WorkspaceClock {
    package init() {}

    package var nowMicros: Int64 {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        return Int64(time.tv_sec) &* 1_000_000 &+ Int64(time.tv_nsec) / 1_000
    }

    package func sleep(untilMicros deadline: Int64) async throws {
        let (left, overflow) = deadline.subtractingReportingOverflow(nowMicros)
        guard !overflow, left > 0 else { return }
        try await Task.sleep(for: .microseconds(left))
    }
}

/// A clock that moves only when it is told to; it wakes those who sleep on it in the order of their deadlines.
package final class VirtualClock: WorkspaceClock {
    /// 2026-01-01T00:00:00Z, so that runs with one seed are the same byte for byte.
    package static let defaultStartMicros: Int64 = 1_767_225_600_000_000

    private struct Sleeper {
        let id: UInt64
        let deadline: Int64
        let continuation: CheckedContinuation<Void, any Error>
    }

    private struct State {
        var now: Int64
        var lastID: UInt64 = 0
        var sleepers: [Sleeper] = []
        var cancelledEarly: Set<UInt64> = []
    }

    private let state: Mutex<State>

    package init(startMicros: Int64 = VirtualClock.defaultStartMicros) {
        state = Mutex(State(now: startMicros))
    }

    package var nowMicros: Int64 { state.withLock { $0.now } }

    /// Moves the clock forward; an amount that is negative or beyond the range of 64 bits changes nothing and answers false.
    @discardableResult
    package func advance(byMicros amount: Int64) -> Bool {
        guard amount >= 0 else { return false }
        return move { now in
            let (sum, overflow) = now.addingReportingOverflow(amount)
            return overflow ? nil : sum
        }
    }

    /// Sets the clock, backwards too.
    package func set(micros: Int64) { _ = move { _ in micros } }

    private func move(_ target: (Int64) -> Int64?) -> Bool {
        let due: [Sleeper]? = state.withLock { state in
            guard let now = target(state.now) else { return nil }
            state.now = now
            let due = state.sleepers.filter { $0.deadline <= now }
            state.sleepers.removeAll { $0.deadline <= now }
            return due
        }
        guard let due else { return false }
        for sleeper in due.sorted(by: { ($0.deadline, $0.id) < ($1.deadline, $1.id) }) { sleeper.continuation.resume() }
        return true
    }

    /// Wakes all who sleep with a `CancellationError`: what they wait for is no more.
    package func cancelSleepers() {
        let sleepers = state.withLock { state in
            defer { state.sleepers = [] }
            return state.sleepers
        }
        for sleeper in sleepers { sleeper.continuation.resume(throwing: CancellationError()) }
    }

    package func sleep(untilMicros deadline: Int64) async throws {
        let id: UInt64 = state.withLock { state in
            state.lastID &+= 1
            return state.lastID
        }
        try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { (continuation: CheckedContinuation<Void, any Error>) in
                let early: Result<Void, any Error>? = state.withLock { state in
                    if state.cancelledEarly.remove(id) != nil { return .failure(CancellationError()) }
                    if deadline <= state.now { return .success(()) }
                    state.sleepers.append(Sleeper(id: id, deadline: deadline, continuation: continuation))
                    return nil
                }
                if let early { continuation.resume(with: early) }
            }
        } onCancel: {
            let sleeper: Sleeper? = state.withLock { state in
                if let position = state.sleepers.firstIndex(where: { $0.id == id }) { return state.sleepers.remove(at: position) }
                state.cancelledEarly.insert(id)
                return nil
            }
            sleeper?.continuation.resume(throwing: CancellationError())
        }
        _ = state.withLock { $0.cancelledEarly.remove(id) }
    }

    /// How many tasks sleep on this clock: a test waits for it before it moves the clock.
    package var sleeperCount: Int { state.withLock { $0.sleepers.count } }
}
