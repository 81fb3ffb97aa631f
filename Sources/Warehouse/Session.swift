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
        /// Temporary objects, by lower-case name.
        var views: [String: TemporaryView] = [:]
        var functions: [String: SQLFunction] = [:]
        var variables: [String: SQLVariable] = [:]
        /// Datasets of a pipeline that is only validated, by lower-case full name.
        var datasets: [String: TemporaryView] = [:]
    }

    package let id: String
    package let warehouseID: String
    /// The id of the principal who opened it.
    package let owner: String
    private let state: Mutex<State>

    package init(id: String, warehouseID: String, owner: String, catalog: String, schema: String) {
        self.id = id
        self.warehouseID = warehouseID
        self.owner = owner
        state = Mutex(State(catalog: catalog, schema: schema))
    }

    /// A session of the same state, whose changes are its own.
    init(copying other: Session) {
        (id, warehouseID, owner) = (other.id, other.warehouseID, other.owner)
        state = Mutex(other.current)
    }

    package var current: State { state.withLock { $0 } }

    func update<E>(_ change: (inout State) throws(E) -> Void) throws(E) {
        try state.withLock { (state) throws(E) in try change(&state) }
    }
}
