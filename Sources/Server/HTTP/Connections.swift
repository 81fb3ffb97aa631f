import NIOCore
import Synchronization

/// The open connections, and those that something is still done for, so that they can be ended.
final class Connections: Sendable {
    private struct Member {
        let channel: any Channel
        /// Closes the connection when it has nothing under way.
        let finish: @Sendable () -> Void
    }

    private struct State {
        var members: [ObjectIdentifier: Member] = [:]
        var isEnding = false
        var isAborted = false
        var waiter: CheckedContinuation<Void, Never>?
    }

    private let state = Mutex(State())

    /// False where no more are taken. `finish` is called on any thread.
    func add(_ channel: any Channel, finish: @escaping @Sendable () -> Void) -> Bool {
        state.withLock { state in
            if !state.isEnding { state.members[ObjectIdentifier(channel)] = Member(channel: channel, finish: finish) }
            return !state.isEnding
        }
    }

    func remove(_ channel: any Channel) {
        let waiter: CheckedContinuation<Void, Never>? = state.withLock { state in
            state.members[ObjectIdentifier(channel)] = nil
            guard state.members.isEmpty else { return nil }
            defer { state.waiter = nil }
            return state.waiter
        }
        waiter?.resume()
    }

    /// Takes no more, and lets those that are there finish what they are at.
    func finish() { for member in ending() { member.finish() } }

    /// Takes no more, and breaks off those that are there; what still works for them is not waited for.
    func abort() {
        for member in ending() { member.channel.close(promise: nil) }
        let waiter = state.withLock { state in
            state.isAborted = true
            defer { state.waiter = nil }
            return state.waiter
        }
        waiter?.resume()
    }

    private func ending() -> [Member] {
        state.withLock { state in
            state.isEnding = true
            return Array(state.members.values)
        }
    }

    /// Waits until all are closed. For one caller.
    func end() async {
        await withCheckedContinuation { continuation in
            let isOver = state.withLock { state in
                let isOver = state.members.isEmpty || state.isAborted
                if !isOver { state.waiter = continuation }
                return isOver
            }
            if isOver { continuation.resume() }
        }
    }
}
