import Dispatch
import Synchronization

/// One request that is held at a rule, and the one that comes to it.
package final class HoldTicket: Sendable, Hashable {
    private enum State {
        case held, released, expired
    }

    private let state = Mutex(State.held)
    private let released = Gate()
    private let ended = Gate()

    package init() {}

    /// Lets the held request go on; false if it has given up.
    func release() -> Bool {
        let isReleased = state.withLock { state in
            if state == .held { state = .released }
            return state == .released
        }
        if isReleased { released.open() }
        return isReleased
    }

    /// Waits for the next request; false if none came. Blocks the thread.
    package func waitForNext(atMost limit: Duration) -> Bool { released.waitBlocking(atMost: limit) || expire() }

    /// The same, suspending.
    package func waitForNext(atMost limit: Duration) async -> Bool { await released.wait(atMost: limit) ? true : expire() }

    /// Gives up, unless somebody came at the last moment.
    private func expire() -> Bool {
        state.withLock { state in
            if state == .held { state = .expired }
            return state == .released
        }
    }

    /// The held request's work has ended.
    package func end() { ended.open() }

    /// Waits for the held request's work to end, or for the limit.
    package func waitForEnd(atMost limit: Duration) { _ = ended.waitBlocking(atMost: limit) }

    package func waitForEnd(atMost limit: Duration) async { _ = await ended.wait(atMost: limit) }

    package static func == (left: HoldTicket, right: HoldTicket) -> Bool { left === right }
    package func hash(into hasher: inout Hasher) { hasher.combine(ObjectIdentifier(self)) }
}

/// Opens once; threads and tasks wait for it, for a limited real time.
private final class Gate: Sendable {
    private struct State {
        var isOpen = false
        var threads: [DispatchSemaphore] = []
        var tasks: [Int: CheckedContinuation<Bool, Never>] = [:]
        var nextTask = 0
    }

    private let state = Mutex(State())

    func open() {
        let (threads, tasks) = state.withLock { state in
            state.isOpen = true
            defer {
                state.threads = []
                state.tasks = [:]
            }
            return (state.threads, Array(state.tasks.values))
        }
        for thread in threads { thread.signal() }
        for task in tasks { task.resume(returning: true) }
    }

    func waitBlocking(atMost limit: Duration) -> Bool {
        let semaphore = state.withLock { state -> DispatchSemaphore? in
            if state.isOpen { return nil }
            let semaphore = DispatchSemaphore(value: 0)
            state.threads.append(semaphore)
            return semaphore
        }
        guard let semaphore else { return true }
        return semaphore.wait(timeout: .now() + .microseconds(Int(limit.wholeMicroseconds))) == .success
    }

    func wait(atMost limit: Duration) async -> Bool {
        let number = state.withLock { state in
            state.nextTask += 1
            return state.nextTask
        }
        let timer = Task { [self] in
            try? await Task.sleep(for: limit)
            state.withLock { $0.tasks.removeValue(forKey: number) }?.resume(returning: false)
        }
        defer { timer.cancel() }
        return await withCheckedContinuation { continuation in
            let isOpen = state.withLock { state in
                if state.isOpen { return true }
                state.tasks[number] = continuation
                return false
            }
            if isOpen { continuation.resume(returning: true) }
        }
    }
}
