import Synchronization

/// What scans have read, and what statistics have spared them.
package final class ScanCounters: Sendable {
    package struct Counts: Sendable, Equatable {
        package var filesRead = 0
        package var filesPruned = 0
        package var bytesRead = 0
        package var bytesPruned = 0
        package var rowGroupsRead = 0
        package var rowGroupsPruned = 0
        package var rowsRead = 0

        package init() {}
    }

    /// Of all scans since the program's start.
    package static let all = ScanCounters()

    private let state = Mutex(Counts())

    package init() {}

    package var counts: Counts { state.withLock { $0 } }

    func add(_ body: (inout Counts) -> Void) {
        state.withLock { body(&$0) }
        if self !== Self.all { Self.all.add(body) }
    }
}
