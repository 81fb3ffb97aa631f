package import HTTPTypes
import Synchronization

/// One exchange with a client, as the journal keeps it.
package struct JournalEntry: Sendable {
    package struct Message: Sendable {
        package var headers: HTTPFields
        package var body: [UInt8]

        package init(headers: HTTPFields, body: [UInt8]) {
            self.headers = headers
            self.body = body
        }
    }

    /// Counts from 1 since the start or the last reset; set by the journal.
    package internal(set) var number = 0
    /// When the request had arrived: microseconds since 1970 by the workspace's clock.
    package var at: Int64
    /// When its answer was ready, by the same clock.
    package var completedAt: Int64
    /// The operation's id, or nil for a path that is no operation.
    package var operation: String?
    package var method: String
    package var path: String
    package var query: String
    /// The HTTP status sent, or 0 where a fault left the client without one.
    package var status: Int
    package var durationMicros: Int64
    /// The rule that fired, if one did.
    package var fault: String?
    package var principal: String?
    /// What replay and fallbacks have to say about the exchange.
    package var note: String?
    package var request: Message
    package var response: Message

    package init(
        at: Int64, completedAt: Int64? = nil, operation: String?, method: String, path: String, query: String, status: Int, durationMicros: Int64,
        fault: String?,
        principal: String?, note: String?, request: Message, response: Message
    ) {
        self.at = at
        self.completedAt = completedAt ?? at
        self.operation = operation
        self.method = method
        self.path = path
        self.query = query
        self.status = status
        self.durationMicros = durationMicros
        self.fault = fault
        self.principal = principal
        self.note = note
        self.request = request
        self.response = response
    }
}

/// The last exchanges, in order of completion. Bounded by number and by bytes: the oldest go first.
package final class Journal: Sendable {
    private struct State {
        var entries: [JournalEntry] = []
        var head = 0
        var bytes = 0
        var next = 1
    }

    /// A longer body is cut in the journal, not on the wire.
    static let keptBodyBytes = 16 << 10

    private let state = Mutex(State())
    private let maxEntries: Int
    private let maxBytes: Int

    package init(maxEntries: Int = 10_000, maxBytes: Int = 16 << 20) {
        self.maxEntries = maxEntries
        self.maxBytes = maxBytes
    }

    package func append(_ entry: consuming JournalEntry) {
        if entry.request.body.count > Self.keptBodyBytes { entry.request.body = Array(entry.request.body[..<Self.keptBodyBytes]) }
        if entry.response.body.count > Self.keptBodyBytes { entry.response.body = Array(entry.response.body[..<Self.keptBodyBytes]) }
        state.withLock { [entry] state in
            var entry = entry
            entry.number = state.next
            state.next += 1
            state.bytes += Self.weight(entry)
            state.entries.append(entry)
            while state.entries.count - state.head > maxEntries || state.bytes > maxBytes && state.head < state.entries.count - 1 {
                state.bytes -= Self.weight(state.entries[state.head])
                // The slot stays until the array is compacted; its bodies must not.
                state.entries[state.head].request.body = []
                state.entries[state.head].response.body = []
                state.head += 1
            }
            if state.head > 4096 {
                state.entries.removeFirst(state.head)
                state.head = 0
            }
        }
    }

    /// The entries that are still kept, oldest first.
    package func entries() -> [JournalEntry] {
        state.withLock { Array($0.entries[$0.head...]) }
    }

    package func clear() { state.withLock { $0 = State() } }

    private static func weight(_ entry: JournalEntry) -> Int { entry.request.body.count + entry.response.body.count + 512 }
}
