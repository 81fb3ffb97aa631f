import DeltaTable
import Storage
import Synchronization
import TestSupport
import Testing

@Suite struct FeatureDropTests {
    private final class Clock: Sendable {
        let millis = Atomic<Int64>(1_700_000_000_000)
    }

    private static let hour: Int64 = 3_600_000

    private struct Timed {
        let fixture: Fixture
        let clock = Clock()

        init(properties: [String: String]) throws {
            let clock = clock
            fixture = Fixture(MemoryStore(now: { clock.millis.load(ordering: .relaxed) }))
            try fixture.create(properties: properties)
            try fixture.append([Fixture.batch([(1, "a"), (2, "b")])])
        }

        func pass(hours: Int64) { clock.millis.wrappingAdd(hours * FeatureDropTests.hour, ordering: .relaxed) }

        func drop(_ name: String, truncatesHistory: Bool = false) throws {
            let context = fixture.context(clock.millis.load(ordering: .relaxed))
            try FeatureDrop(fixture.table, name, truncatesHistory: truncatesHistory, context, enforcing: []).run()
        }

        func commits() throws -> [Int] {
            try fixture.store.list("tables/t/_delta_log/").compactMap { object in
                object.path.hasSuffix(".json") ? Int(object.path.dropFirst("tables/t/_delta_log/".count).prefix(20)) : nil
            }
        }
    }

    @Test func historyIsTruncatedOnceItHasExpired() throws {
        let timed = try Timed(properties: ["delta.enableDeletionVectors": "true"])
        #expect(condition { try timed.drop("deletionVectors", truncatesHistory: true) } == "DELTA_FEATURE_DROP_WAIT_FOR_RETENTION_PERIOD")
        let cleaned = try timed.fixture.table.snapshot().version
        timed.pass(hours: 23)
        #expect(condition { try timed.drop("deletionVectors", truncatesHistory: true) } == "DELTA_FEATURE_DROP_HISTORICAL_VERSIONS_EXIST")
        #expect(try timed.commits().first == 0)
        timed.pass(hours: 2)
        try timed.drop("deletionVectors", truncatesHistory: true)
        let snapshot = try timed.fixture.table.snapshot()
        // Without a feature of readers and with nothing but the oldest of writers: versions say it all.
        #expect(snapshot.tableProtocol == TableProtocol(1, 2))
        #expect(snapshot.metadata.configuration == [:])
        #expect(try timed.commits().first.map { $0 >= cleaned } == true)
        let cold = Fixture(timed.fixture.store)
        #expect(try cold.rows(cold.table.snapshot()).count == 2)
    }

    @Test func protectedCheckpointsGoWithAllBeforeThem() throws {
        let timed = try Timed(properties: ["delta.enableDeletionVectors": "true", "delta.logRetentionDuration": "interval 1 days"])
        try timed.drop("deletionVectors")
        let dropped = try timed.fixture.table.snapshot()
        #expect(dropped.tableProtocol == TableProtocol(1, 7, writerFeatures: ["appendOnly", "checkpointProtection", "invariants"]))
        #expect(dropped.property("delta.requireCheckpointProtectionBeforeVersion") == String(dropped.version))
        let protected = "DELTA_FEATURE_DROP_CHECKPOINT_PROTECTION_WAIT_FOR_RETENTION_PERIOD"
        #expect(condition { try timed.drop("checkpointProtection", truncatesHistory: true) } == protected)
        #expect(try timed.commits().first == 0)
        timed.pass(hours: 25)
        try timed.drop("checkpointProtection", truncatesHistory: true)
        let snapshot = try timed.fixture.table.snapshot()
        #expect(snapshot.tableProtocol == TableProtocol(1, 2))
        #expect(snapshot.property("delta.requireCheckpointProtectionBeforeVersion") == nil)
        #expect(try timed.commits().first.map { $0 >= dropped.version } == true)
    }

    @Test func noCleanupBreaksIntoProtectedHistory() throws {
        let timed = try Timed(properties: [
            "delta.enableDeletionVectors": "true", "delta.logRetentionDuration": "interval 1 days", "delta.checkpointInterval": "1",
        ])
        func append(_ id: Int64) throws {
            try timed.fixture.append([Fixture.batch([(id, nil)])], millis: timed.clock.millis.load(ordering: .relaxed))
        }
        timed.pass(hours: 20)
        try timed.drop("deletionVectors")
        timed.pass(hours: 20)
        try append(3)
        // The first versions have expired, but not all of those before the feature went.
        #expect(try timed.commits().first == 0)
        timed.pass(hours: 100)
        try append(4)
        let protected = try timed.fixture.table.snapshot().property("delta.requireCheckpointProtectionBeforeVersion").flatMap { Int($0) } ?? 0
        #expect(protected > 0)
        #expect(try timed.commits().first.map { $0 >= protected } == true)
    }

    @Test(arguments: [
        ("deletionVectors", "DELTA_FEATURE_DROP_FEATURE_NOT_PRESENT"), ("invariants", "DELTA_FEATURE_DROP_NONREMOVABLE_FEATURE"),
        ("Invariants", "DELTA_FEATURE_DROP_FEATURE_NOT_PRESENT"), ("icebergCompatV3", "DELTA_FEATURE_DROP_FEATURE_NOT_PRESENT"),
        ("none", "DELTA_FEATURE_DROP_UNSUPPORTED_CLIENT_FEATURE"), ("delta.logRetentionDuration", "DELTA_FEATURE_DROP_FEATURE_IS_DELTA_PROPERTY"),
        ("delta.nothing", "DELTA_FEATURE_DROP_UNSUPPORTED_CLIENT_FEATURE"),
    ])
    func names(_ name: String, _ expected: String) throws {
        let timed = try Timed(properties: [:])
        #expect(condition { try timed.drop(name) } == expected)
        #expect(try timed.fixture.table.snapshot().version == 1)
    }

    @Test func leakedDomainsGoWithTheirFeature() throws {
        let timed = try Timed(properties: ["delta.feature.domainMetadata": "supported"])
        var transaction = try timed.fixture.table.begin(timed.fixture.context())
        transaction.set(DomainMetadata(domain: "mine", configuration: "{}"))
        _ = try transaction.commit(CommitOperation("SET"))
        try timed.drop("domainMetadata")
        let snapshot = try timed.fixture.table.snapshot()
        #expect(snapshot.domains.isEmpty && snapshot.tableProtocol == TableProtocol(1, 2) && snapshot.version == 4)
    }
}
