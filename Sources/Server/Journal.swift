package import HTTPTypes
import Synchronization

/// One exchange with a client, as the journal keeps it.
package struct JournalEntry: Sendable {
    package struct Message: Sendable {
        package var headers: HTTPFields
        /// The first 16 KiB.
        package internal(set) var body: [UInt8]

        package init(headers: HTTPFields, body: [UInt8]) {
            self.headers = headers
            self.body = body
        }
    }

    /// What became of the work behind the answer.
    package enum Work: Sendable, Hashable {
        /// Nothing was done: refused, or a fault came before it.
        case none
        /// What the answer says.
        case asAnswered
        /// The answer that says so was lost or replaced.
        case hidden(succeeded: Bool)
    }

    /// Counts from 1 since the start or the last reset; set by the journal.
    package internal(set) var number = 0
    /// Counts all entries that the journal ever had; set by the journal.
    package internal(set) var serial = 0
    /// The serial number of the last entry when the request arrived.
    package var after = 0
    /// The connection ended before the whole answer was sent.
    package var isBroken = false
    package var work = Work.asAnswered
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
    /// An entry in memory of its own, so that nothing large is moved under the lock.
    private final class Box: Sendable {
        let entry: JournalEntry
        let weight: Int

        init(_ entry: consuming JournalEntry) {
            weight = entry.request.body.count + entry.response.body.count + 512
            self.entry = entry
        }
    }

    private struct State {
        /// Those at `head` and behind; nil before it. The serial number of the last one is `serial`.
        var boxes: [Box?] = []
        var head = 0
        var bytes = 0
        /// The serial number of the newest entry, and of the one that went last because there was no room.
        var serial = 0
        var fellOut = 0
        /// What the serial number was at the last clearing.
        var base = 0

        /// The entries that are kept, with their numbers, from a serial number on.
        func entries(from start: Int) -> [JournalEntry] {
            let first = serial - (boxes.count - head) + 1
            return boxes[min(boxes.count, head + max(0, start - first))...].enumerated().compactMap { offset, box in
                guard var entry = box?.entry else { return nil }
                entry.serial = max(start, first) + offset
                entry.number = entry.serial - base
                return entry
            }
        }

        mutating func clear() {
            (boxes, head, bytes, base) = ([], 0, 0, serial)
        }
    }

    /// A longer body is cut in the journal, not on the wire.
    static let keptBodyBytes = 16 << 10

    private let state = Mutex(State())
    /// The serial number of the newest entry, to be read without the lock.
    private let newest = Atomic<Int>(0)
    private let maxEntries: Int
    private let maxBytes: Int

    package init(maxEntries: Int = 10_000, maxBytes: Int = 16 << 20) {
        self.maxEntries = maxEntries
        self.maxBytes = maxBytes
    }

    package func append(_ entry: consuming JournalEntry) {
        if entry.request.body.count > Self.keptBodyBytes { entry.request.body = Array(entry.request.body[..<Self.keptBodyBytes]) }
        if entry.response.body.count > Self.keptBodyBytes { entry.response.body = Array(entry.response.body[..<Self.keptBodyBytes]) }
        let box = Box(entry)
        // Those that fall out are freed when the lock is, too.
        var fallen: [Box?] = []
        state.withLock { state in
            state.serial += 1
            state.bytes += box.weight
            state.boxes.append(box)
            while state.boxes.count - state.head > maxEntries || state.bytes > maxBytes && state.head < state.boxes.count - 1 {
                let oldest = state.boxes[state.head]
                state.fellOut = state.serial - (state.boxes.count - state.head) + 1
                state.boxes[state.head] = nil
                state.head += 1
                state.bytes -= oldest?.weight ?? 0
                fallen.append(oldest)
            }
            if state.head > 4096 {
                state.boxes.removeFirst(state.head)
                state.head = 0
            }
            newest.store(state.serial, ordering: .releasing)
        }
    }

    /// The entries that are still kept, oldest first.
    package func entries() -> [JournalEntry] { state.withLock { $0.entries(from: 0) } }

    /// The serial number of the newest entry: a mark to read from later.
    package var mark: Int { newest.load(ordering: .acquiring) }

    /// The entries behind a mark that are still kept, how many of them fell out for want of room, and what is to be taken from a serial number to
    /// get the entry's number.
    package func entries(behind mark: Int) -> (kept: [JournalEntry], lost: Int, base: Int) {
        state.withLock { state in
            let start = max(mark, state.base)
            return (state.entries(from: start + 1), max(0, state.fellOut - start), state.base)
        }
    }

    package func clear() { state.withLock { $0.clear() } }
}
