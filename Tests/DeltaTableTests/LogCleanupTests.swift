import DeltaTable
import Storage
import Synchronization
import Testing

@Suite struct LogCleanupTests {
    private final class Clock: Sendable {
        let millis = Atomic<Int64>(1_700_000_000_000)
    }

    private static let day: Int64 = 86_400_000

    /// A commit a day, and a checkpoint every other day.
    private func table(properties: [String: String]) throws -> Fixture {
        let clock = Clock()
        let fixture = Fixture(MemoryStore(now: { clock.millis.load(ordering: .relaxed) }))
        try fixture.create(properties: properties.merging(["delta.checkpointInterval": "2"]) { $1 })
        for number in 1...10 {
            let now = 1_700_000_000_000 + Int64(number) * Self.day
            clock.millis.store(now, ordering: .relaxed)
            try fixture.append([Fixture.batch([(Int64(number), nil)])], millis: now)
        }
        return fixture
    }

    private func commits(_ fixture: Fixture) throws -> [String] {
        try fixture.store.list("tables/t/_delta_log/").map(\.path).filter { $0.hasSuffix(".json") }.map { String($0.suffix(7).prefix(2)) }
    }

    @Test func expiredCommitsGo() throws {
        let fixture = try table(properties: ["delta.logRetentionDuration": "interval 3 days"])
        // Three days before the tenth at midnight the sixth commit was the last: the checkpoint of its version is what later ones are built from.
        #expect(try commits(fixture) == ["06", "07", "08", "09", "10"])
        let cold = Fixture(fixture.store)
        for table in [fixture.table, cold.table] {
            #expect(try table.snapshot().files.count == 10)
            #expect(try table.snapshot(.version(6)).files.count == 6)
            #expect(try table.snapshot(.version(7)).files.count == 7)
            #expect(try table.history().map(\.version) == [10, 9, 8, 7, 6])
            #expect { try table.snapshot(.version(5)) } throws: { ($0 as? DeltaError)?.condition == "DELTA_VERSION_NOT_FOUND" }
        }
    }

    @Test func nothingGoesWithinTheRetention() throws {
        #expect(try commits(table(properties: [:])).count == 11)
        let kept = ["delta.logRetentionDuration": "interval 3 days", "delta.enableExpiredLogCleanup": "false"]
        #expect(try commits(table(properties: kept)).count == 11)
    }
}
