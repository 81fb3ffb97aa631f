import Columnar
import DeltaTable
import Foundation
import JSON
import Storage
import TestSupport
import Testing

@Suite struct CheckpointTests {
    private let log = "tables/t/_delta_log/"

    private func name(_ version: Int, _ ending: String) -> String {
        log + String(repeating: "0", count: 20 - String(version).count) + "\(version)" + ending
    }

    /// Versions 0…`last`: one row is added by each commit, and the second file is taken out by the fifth.
    private func table(to last: Int, properties: [String: String] = [:]) throws -> Fixture {
        let fixture = Fixture()
        try fixture.create(partitioned: true, properties: properties)
        for version in 1...last {
            let context = fixture.context(1_700_000_000_000 + Int64(version) * 1000)
            var transaction = try fixture.table.begin(context)
            let rows = [Fixture.batch([(Int64(version), "v\(version)")], part: version == 3 ? nil : 7, partitioned: true)]
            transaction.add(try DeltaWriter.write(rows, to: fixture.table.writeTarget(transaction.snapshot.metadata), context))
            if version == 5 { transaction.remove(transaction.snapshot.files[1]) }
            transaction.set(SetTransaction(appID: "app", version: Int64(version), lastUpdated: nil))
            if version == 2 { transaction.set(DomainMetadata(domain: "d", configuration: "{}")) }
            _ = try transaction.commit(.write(mode: "Append"))
        }
        return fixture
    }

    /// What another process reads of the same store.
    private func cold(_ fixture: Fixture, _ at: TimeTravel? = nil) throws -> Snapshot { try Fixture(fixture.store).table.snapshot(at) }

    private func expectSame(_ snapshot: Snapshot, _ other: Snapshot) {
        #expect(snapshot.version == other.version && snapshot.timestamp == other.timestamp)
        #expect(snapshot.tableProtocol == other.tableProtocol && snapshot.metadata == other.metadata)
        #expect(snapshot.transactions == other.transactions && snapshot.domains == other.domains)
        #expect(snapshot.files.map(\.key) == other.files.map(\.key))
        #expect(snapshot.files.map(\.stats) == other.files.map(\.stats))
        #expect(snapshot.files.map(\.partitionValues) == other.files.map(\.partitionValues))
        #expect(snapshot.tombstones.map(\.key) == other.tombstones.map(\.key))
    }

    private func forget(_ fixture: Fixture, _ versions: ClosedRange<Int>) throws {
        for version in versions { try fixture.store.delete(name(version, ".json")) }
    }

    @Test(arguments: ["classic", "v2"]) func writtenEveryTenthVersion(policy: String) throws {
        let fixture = try table(to: 12, properties: ["delta.checkpointPolicy": policy])
        let checkpoints = try fixture.store.list(log).map(\.path).filter { $0.contains(".checkpoint.") }
        #expect(checkpoints.count == 1 && checkpoints[0].hasPrefix(name(10, ".checkpoint.")))
        #expect((checkpoints[0] == name(10, ".checkpoint.parquet")) == (policy == "classic"))
        let pointer = try JSONValue(parsing: try fixture.store.get(log + "_last_checkpoint"))
        #expect(pointer["version"]?.intValue == 10 && pointer["numOfAddFiles"]?.intValue == 9)
        #expect(pointer["size"]?.intValue == 9 + 1 + 1 + 1 + 1 + 1 + (policy == "v2" ? 1 : 0))
        let warm = try fixture.table.snapshot()
        let before = try fixture.table.snapshot(.version(10))
        try forget(fixture, 0...9)
        expectSame(try cold(fixture), warm)
        expectSame(try cold(fixture, .version(10)), before)
        #expect(try fixture.rows(cold(fixture)).map { $0[0] } == [1, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12].map { .integer($0) })
        #expect(try Fixture(fixture.store).table.history().map(\.version) == [12, 11, 10])
        let gone = #expect(throws: DeltaError.self) { try cold(fixture, .version(9)) }
        #expect(gone?.condition == "DELTA_VERSION_NOT_FOUND" && gone?.parameters["earliest"] == "10")
    }

    @Test func historyAndTimeTravelBesideACheckpoint() throws {
        let fixture = try table(to: 23)
        let other = Fixture(fixture.store)
        expectSame(try other.table.snapshot(), try fixture.table.snapshot())
        #expect(try other.table.history() == fixture.table.history())
        #expect(try other.table.history().count == 24)
        #expect(try other.table.version(at: 1_700_000_007_500_000) == 7)
        for version in [0, 4, 10, 11, 19, 20, 22] {
            expectSame(try other.table.snapshot(.version(version)), try fixture.table.snapshot(.version(version)))
        }
        try other.append([Fixture.batch([(99, "x")], part: 1, partitioned: true)])
        #expect(try cold(fixture).version == 24)
    }

    /// The last checkpoint that is whole and readable is taken, and the commits behind it.
    @Test func brokenCheckpoints() throws {
        let fixture = try table(to: 21)
        let warm = try fixture.table.snapshot()
        let good = try fixture.store.get(name(20, ".checkpoint.parquet"))
        try fixture.store.put(name(20, ".checkpoint.parquet"), Array(good.prefix(good.count / 2)))
        expectSame(try cold(fixture), warm)
        try forget(fixture, 0...19)
        #expect(condition { _ = try cold(fixture) } == "FAILED_READ_FILE.NO_HINT")
        try fixture.store.put(name(20, ".checkpoint.parquet"), good)
        expectSame(try cold(fixture), warm)
    }

    /// A pointer that is old, wrong or no JSON costs time and nothing else.
    @Test func pointers() throws {
        let fixture = try table(to: 23)
        let warm = try fixture.table.snapshot()
        let pointers = [
            #"{"version":10,"size":1}"#, #"{"version":11,"size":1}"#, #"{"version":-1}"#, #"{"version":999}"#, #"{"version":20,"parts":2}"#,
            #"{"version":"20"}"#, "no JSON", "",
        ]
        for pointer in pointers {
            try fixture.store.put(log + "_last_checkpoint", Array(pointer.utf8))
            expectSame(try cold(fixture), warm)
        }
        try fixture.store.delete(log + "_last_checkpoint")
        expectSame(try cold(fixture), warm)
    }

    @Test func severalPartsAndSidecars() throws {
        let fixture = try table(to: 11)
        let warm = try fixture.table.snapshot()
        let whole = try fixture.store.get(name(10, ".checkpoint.parquet"))
        try fixture.store.delete(name(10, ".checkpoint.parquet"))
        try forget(fixture, 0...9)
        try fixture.store.put(name(10, ".checkpoint.0000000001.0000000002.parquet"), whole)
        // Half of a checkpoint is none.
        #expect(condition { _ = try cold(fixture) } == "DELTA_TRUNCATED_TRANSACTION_LOG")
        try fixture.store.put(name(10, ".checkpoint.0000000002.0000000002.parquet"), whole)
        expectSame(try cold(fixture), warm)
        for part in 1...2 { try fixture.store.delete(name(10, ".checkpoint.000000000\(part).0000000002.parquet")) }
        try fixture.store.put(log + "_sidecars/a b.parquet", whole)
        try fixture.store.put(
            name(10, ".checkpoint.80a083e8-7026-4e79-81be-64bd76c43a11.json"),
            Array(
                #"""
                {"checkpointMetadata":{"version":10}}
                {"sidecar":{"path":"a%20b.parquet","sizeInBytes":\#(whole.count),"modificationTime":1}}
                """#.utf8))
        expectSame(try cold(fixture), warm)
    }

    @Test func tombstonesAreLeftOutWhenTheirTimeIsOver() throws {
        for (retention, kept) in [("interval 1 hour", 1), ("interval 4 seconds", 0), ("interval 6 seconds", 1), ("nonsense", 1)] {
            let fixture = try table(to: 10, properties: ["delta.deletedFileRetentionDuration": retention])
            #expect(try fixture.table.snapshot().tombstones.count == 1)
            #expect(try cold(fixture).tombstones.count == kept, "\(retention)")
        }
    }

    @Test func intervalOfCheckpoints() throws {
        let fixture = try table(to: 7, properties: ["delta.checkpointInterval": "3"])
        let checkpoints = try fixture.store.list(log).map(\.path).filter { $0.contains(".checkpoint.") }
        #expect(checkpoints == [name(3, ".checkpoint.parquet"), name(6, ".checkpoint.parquet")])
    }

    @Test func damagedCheckpointsAndCommitsAreNamed() throws {
        let fixture = try table(to: 11)
        try forget(fixture, 0...9)
        let checkpoint = try fixture.store.get(name(10, ".checkpoint.parquet"))
        let commit = try fixture.store.get(name(11, ".json"))
        var random = SeededRandom(seed: 5)
        var failures = 0
        for _ in 0..<300 {
            let path = Bool.random(using: &random) ? name(10, ".checkpoint.parquet") : name(11, ".json")
            var bytes = path.hasSuffix("json") ? commit : checkpoint
            for _ in 0..<Int.random(in: 1...3, using: &random) {
                bytes[Int.random(in: 0..<bytes.count, using: &random)] = UInt8.random(in: 0...255, using: &random)
            }
            if Int.random(in: 0...9, using: &random) == 0 { bytes.removeLast(Int.random(in: 1..<bytes.count, using: &random)) }
            try fixture.store.put(path, bytes)
            do {
                let snapshot = try cold(fixture)
                _ = try? fixture.rows(snapshot)
            } catch {
                #expect(error is DeltaError)
                failures += 1
            }
            try fixture.store.put(name(10, ".checkpoint.parquet"), checkpoint)
            try fixture.store.put(name(11, ".json"), commit)
        }
        #expect(failures > 50)
    }
}
