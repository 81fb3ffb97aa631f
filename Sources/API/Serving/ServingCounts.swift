import Synchronization

/// How many queries serving endpoints have answered, by the minutes of the workspace's clock.
package final class ServingCounts: Sendable {
    struct Counts: Sendable, Hashable {
        var all = 0
        var clientErrors = 0
        var serverErrors = 0
    }

    /// In milliseconds.
    static let minute: Int64 = 60_000

    /// The minute that is on, and the one before.
    private struct Window {
        var minute: Int64
        var now = Counts()
        var before = Counts()

        mutating func move(to next: Int64) {
            guard next != minute else { return }
            before = next == minute + 1 ? now : Counts()
            now = Counts()
            minute = next
        }
    }

    private let windows = Mutex<[String: Window]>([:])

    package init() {}

    func note(_ endpoint: String, status: Int, at millis: Int64) {
        let minute = millis / Self.minute
        windows.withLock { windows in
            windows[endpoint, default: Window(minute: minute)].move(to: minute)
            windows[endpoint]?.now.all += 1
            if (400..<500).contains(status) { windows[endpoint]?.now.clientErrors += 1 }
            if status >= 500 { windows[endpoint]?.now.serverErrors += 1 }
        }
    }

    /// Of the minute before the one that is on.
    func counts(of endpoint: String, in minute: Int64) -> Counts {
        windows.withLock { windows in
            windows[endpoint]?.move(to: minute + 1)
            return windows[endpoint]?.before ?? Counts()
        }
    }

    func forget(_ endpoint: String) { windows.withLock { $0[endpoint] = nil } }
}
