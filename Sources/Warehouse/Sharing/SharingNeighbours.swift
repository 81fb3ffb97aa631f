import Synchronization

/// The workspaces of the same server, among which shares go from metastore to metastore, and the way to providers outside of it.
package final class SharingNeighbours: Sendable {
    private let lookUp = Mutex<@Sendable () -> [SQLService]>({ [] })

    private let connection = Mutex<(any SharingTransport)?>(nil)
    let tokens = SharingTokens()

    package init() {}

    /// - Parameter lookUp: answers the workspaces in an order that does not change.
    package func connect(_ lookUp: @escaping @Sendable () -> [SQLService]) { self.lookUp.withLock { $0 = lookUp } }

    package func connect(outside transport: any SharingTransport) { connection.withLock { $0 = transport } }

    /// Nil: nobody outside is asked.
    var transport: (any SharingTransport)? { connection.withLock { $0 } }

    /// Outside of every lock: answering may take some of its own.
    var all: [SQLService] { lookUp.withLock { $0 }() }
}
