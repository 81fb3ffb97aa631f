import Synchronization

/// The workspaces of the same server, among which shares go from metastore to metastore.
package final class SharingNeighbours: Sendable {
    private let lookUp = Mutex<@Sendable () -> [SQLService]>({ [] })

    package init() {}

    /// - Parameter lookUp: answers the workspaces in an order that does not change.
    package func connect(_ lookUp: @escaping @Sendable () -> [SQLService]) { self.lookUp.withLock { $0 = lookUp } }

    /// Outside of every lock: answering may take some of its own.
    var all: [SQLService] { lookUp.withLock { $0 }() }
}
