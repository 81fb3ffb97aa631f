package import SparkFunctions
import Synchronization

/// What statements of one client share: the current catalog and schema, and settings. A statement without a session gets one of its own.
package final class Session: Sendable {
    package struct State: Sendable {
        package var catalog: String
        package var schema: String
        package var timeZone = SessionTimeZone.utc
        /// Set by `SET key = value`, by lower-case name.
        package var settings: [String: String] = [:]
    }

    package let id: String
    package let warehouseID: String
    private let state: Mutex<State>

    package init(id: String, warehouseID: String, catalog: String, schema: String) {
        self.id = id
        self.warehouseID = warehouseID
        state = Mutex(State(catalog: catalog, schema: schema))
    }

    package var current: State { state.withLock { $0 } }

    func update(_ change: (inout State) -> Void) { state.withLock { change(&$0) } }
}
