/// What is recorded and what is replayed while recording; names and meanings are VCR's.
package enum RecordMode: String, Sendable, Hashable, CaseIterable {
    /// Records a cassette that does not exist. One that exists is replayed, and new requests are misses.
    case once
    /// Replays what is recorded, and records new requests behind it.
    case new
    /// Records everything afresh; the old recording is replaced when the first new exchange is written.
    case all

    /// What to do, given whether the cassette holds exchanges already.
    package func policy(cassetteHasExchanges: Bool) -> RecordPolicy {
        switch self {
        case .once: RecordPolicy(replays: cassetteHasExchanges, records: !cassetteHasExchanges)
        case .new: RecordPolicy(replays: cassetteHasExchanges, records: true)
        case .all: RecordPolicy(replays: false, records: true)
        }
    }
}

package struct RecordPolicy: Sendable, Hashable {
    /// Requests that are recorded are answered from the cassette.
    package let replays: Bool
    /// Other requests go to the upstream and are recorded; without this they are misses.
    package let records: Bool

    package init(replays: Bool, records: Bool) {
        self.replays = replays
        self.records = records
    }
}
