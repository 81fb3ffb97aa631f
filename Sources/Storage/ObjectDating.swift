import Synchronization

/// The clock of a store while objects are copied into it, which are as old there as they were.
package final class ObjectDating: Sendable {
    private let value = Atomic<Int64>(0)

    package init() {}

    /// Milliseconds since 1970.
    package var millis: Int64 {
        get { value.load(ordering: .relaxed) }
        set { value.store(newValue, ordering: .relaxed) }
    }
}
