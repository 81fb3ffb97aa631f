import Synchronization

/// Tells what is done for a client that the client has closed its connection. One for each connection.
package final class HangUp: Sendable {
    private struct State {
        var hasHappened = false
        var action: (@Sendable () -> Void)?
    }

    private let state = Mutex(State())

    /// The action of the exchange under way, which takes the place of the one before; carried out at once if the client has gone already.
    package func onHangUp(_ action: @escaping @Sendable () -> Void) {
        let hasHappened = state.withLock { state in
            if !state.hasHappened { state.action = action }
            return state.hasHappened
        }
        if hasHappened { action() }
    }

    /// The exchange is over.
    package func clear() { state.withLock { $0.action = nil } }

    func happen() {
        let action = state.withLock { state in
            state.hasHappened = true
            defer { state.action = nil }
            return state.action
        }
        action?()
    }
}
