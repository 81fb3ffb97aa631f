import NIOCore
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

/// The open connections' hang-ups, by their channels.
final class HangUps: Sendable {
    private let all = Mutex<[ObjectIdentifier: HangUp]>([:])

    subscript(_ channel: any Channel) -> HangUp? { all.withLock { $0[ObjectIdentifier(channel)] } }

    private func add(_ channel: any Channel) -> HangUp {
        let hangUp = HangUp()
        all.withLock { $0[ObjectIdentifier(channel)] = hangUp }
        return hangUp
    }

    private func remove(_ channel: any Channel) { _ = all.withLock { $0.removeValue(forKey: ObjectIdentifier(channel)) } }

    /// Watches one connection. A client that closes its side for writing counts as gone: it would not, if it wanted the answer.
    final class Watcher: ChannelInboundHandler, RemovableChannelHandler {
        typealias InboundIn = Any

        private let hangUps: HangUps
        private var hangUp: HangUp?

        init(_ hangUps: HangUps) { self.hangUps = hangUps }

        func handlerAdded(context: ChannelHandlerContext) { hangUp = hangUps.add(context.channel) }

        func handlerRemoved(context: ChannelHandlerContext) { hangUps.remove(context.channel) }

        func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
            if let event = event as? ChannelEvent, event == .inputClosed { hangUp?.happen() }
            context.fireUserInboundEventTriggered(event)
        }

        func channelInactive(context: ChannelHandlerContext) {
            hangUp?.happen()
            context.fireChannelInactive()
        }
    }
}
