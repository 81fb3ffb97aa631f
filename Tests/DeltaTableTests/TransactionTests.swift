import Columnar
import DeltaTable
import Foundation
import JSON
import Storage
import Synchronization
import TestSupport
import Testing

@Suite struct TransactionTests {
    struct Stop: Error {}

    /// A partitioned table with one file in each of the partitions 1 and 2.
    private func table(_ properties: [String: String] = [:]) throws -> Fixture {
        let fixture = Fixture()
        try fixture.create(partitioned: true, properties: properties)
        for part in [Int64(1), 2] { try fixture.append([Fixture.batch([(part, "x")], part: part, partitioned: true)]) }
        return fixture
    }

    private func begin(_ fixture: Fixture) throws -> Transaction { try fixture.table.begin(fixture.context()) }

    private func file(_ fixture: Fixture, part: Int64, dataChange: Bool = true) throws -> AddFile {
        var file = try DeltaWriter.write(
            [Fixture.batch([(9, "new")], part: part, partitioned: true)], to: fixture.table.writeTarget(fixture.table.snapshot().metadata),
            fixture.context())[0]
        file.dataChange = dataChange
        return file
    }

    /// What an UPDATE of one partition does.
    private func rewrite(_ transaction: inout Transaction, _ fixture: Fixture, part: Int64) throws {
        let text = String(part)
        let files = transaction.snapshot.files.filter { $0.partitionValues["part"] == text }
        transaction.reads.read(files, matching: { $0.partitionValues["part"] == text })
        transaction.remove(files)
        transaction.add(try file(fixture, part: part))
    }

    @Test func disjointWritersBothSucceed() throws {
        let fixture = try table()
        var first = try begin(fixture)
        var second = try begin(fixture)
        try rewrite(&first, fixture, part: 1)
        try rewrite(&second, fixture, part: 2)
        let a = try first.commit(.update(predicate: "(part = 1)"))
        let b = try second.commit(.update(predicate: "(part = 2)"))
        #expect(a.version == 3 && a.overtakenBy == 0)
        #expect(b.version == 4 && b.overtakenBy == 1)
        #expect(b.snapshot.files.count == 2)
        #expect(try fixture.log(4)[0]["commitInfo"]?["readVersion"] == 2)
        #expect(try fixture.rows(fixture.table.snapshot(), columns: [0]) == [[.integer(9)], [.integer(9)]])
    }

    @Test func overlappingWritersConflict() throws {
        let fixture = try table()
        var first = try begin(fixture)
        var second = try begin(fixture)
        try rewrite(&first, fixture, part: 1)
        try rewrite(&second, fixture, part: 1)
        _ = try first.commit(.update(predicate: "(part = 1)"))
        do {
            _ = try second.commit(.update(predicate: "(part = 1)"))
            Issue.record("no conflict")
        } catch let error as DeltaError {
            #expect(error.condition == "DELTA_CONCURRENT_APPEND.WITH_PARTITION_HINT")
            #expect(error.isConflict)
            #expect(error.exceptionClass == "ConcurrentAppendException")
            #expect(
                error.text.hasPrefix(
                    "Transaction conflict detected. A concurrent UPDATE added data to table `main`.`default`.`t` committed at version 3."))
            #expect(error.text.contains("in the partition [part=1]"))
        }
        #expect(try fixture.table.snapshot().version == 3)
    }

    @Test func removedFiles() throws {
        let fixture = try table()
        // Both delete the partition; nothing is added.
        var first = try begin(fixture)
        var second = try begin(fixture)
        var third = try begin(fixture)
        var fourth = try begin(fixture)
        let victim = first.snapshot.files[0]
        first.remove(victim)
        second.remove(victim)
        third.reads.read([victim], matching: { $0.partitionValues["part"] == "1" })
        third.add(try file(fixture, part: 2))
        fourth.reads.readWholeTable()
        fourth.add(try file(fixture, part: 2))
        _ = try first.commit(.delete(predicate: "(part = 1)"))
        // A ~Copyable value cannot be captured by a closure that consumes it.
        do { _ = try second.commit(.delete(predicate: nil)); Issue.record("no conflict") } catch let error as DeltaError {
            #expect(error.condition == "DELTA_CONCURRENT_DELETE_DELETE.WITH_PARTITION_HINT")
        }
        do { _ = try third.commit(.write(mode: "Append")); Issue.record("no conflict") } catch let error as DeltaError {
            #expect(error.condition == "DELTA_CONCURRENT_DELETE_READ.WITH_PARTITION_HINT")
        }
        do { _ = try fourth.commit(.write(mode: "Append")); Issue.record("no conflict") } catch let error as DeltaError {
            #expect(error.condition == "DELTA_CONCURRENT_DELETE_READ.WHOLE_TABLE_READ")
        }
    }

    /// A blind append slips in between unless the table is Serializable.
    @Test(arguments: [("WriteSerializable", nil), ("Serializable", "DELTA_CONCURRENT_APPEND.WHOLE_TABLE_READ")] as [(String, String?)])
    func blindAppends(level: String, expected: String?) throws {
        let fixture = try table(["delta.isolationLevel": level])
        var reader = try begin(fixture)
        var appender = try begin(fixture)
        reader.reads.readWholeTable()
        reader.add(try file(fixture, part: 1))
        appender.add(try file(fixture, part: 1))
        _ = try appender.commit(.write(mode: "Append"))
        #expect(try fixture.log(3)[0]["commitInfo"]?["isBlindAppend"] == true)
        #expect(try fixture.log(3)[0]["commitInfo"]?["isolationLevel"] == .string(level))
        var found: String?
        do {
            _ = try reader.commit(.write(mode: "Append"))
            #expect(try fixture.log(4)[0]["commitInfo"]?["isBlindAppend"] == false)
        } catch let error as DeltaError { found = error.condition }
        #expect(found == expected)
        // Two blind appends never meet.
        var first = try begin(fixture)
        var second = try begin(fixture)
        first.add(try file(fixture, part: 1))
        second.add(try file(fixture, part: 1))
        _ = try first.commit(.write(mode: "Append"))
        _ = try second.commit(.write(mode: "Append"))
    }

    @Test func metadataAndProtocol() throws {
        let fixture = try table()
        var property = try begin(fixture)
        var append = try begin(fixture)
        var upgrade = try begin(fixture)
        var metadata = property.snapshot.metadata
        metadata.configuration["a"] = "b"
        try property.set(metadata)
        append.add(try file(fixture, part: 1))
        var wider = upgrade.snapshot.metadata
        wider.schemaString = TableSchema(Fixture.schema(true).fields + [TableField("ts", .timestampNTZ)]).schemaString
        try upgrade.set(wider)
        #expect(upgrade.actions.count == 2)
        _ = try property.commit(.setProperties(["a": "b"]))
        do { _ = try append.commit(.write(mode: "Append")); Issue.record("no conflict") } catch let error as DeltaError {
            #expect(error.condition == "DELTA_METADATA_CHANGED")
            #expect(error.text.contains("MetadataChangedException: The metadata of the Delta table `main`.`default`.`t` has been changed"))
            #expect(error.text.contains("Conflicting commit: {\"version\":3,\"timestamp\":1700000000000,"))
        }
        do { _ = try upgrade.commit(.addColumns([])); Issue.record("no conflict") } catch let error as DeltaError {
            #expect(error.condition == "DELTA_METADATA_CHANGED")
        }
        var again = try begin(fixture)
        var loser = try begin(fixture)
        wider = again.snapshot.metadata
        wider.schemaString = TableSchema(Fixture.schema(true).fields + [TableField("ts", .timestampNTZ)]).schemaString
        try again.set(wider)
        loser.add(try file(fixture, part: 1))
        let committed = try again.commit(.addColumns([]))
        #expect(
            committed.snapshot.tableProtocol
                == TableProtocol(3, 7, readerFeatures: ["timestampNtz"], writerFeatures: ["appendOnly", "invariants", "timestampNtz"]))
        #expect(committed.snapshot.schema.count == 4)
        do { _ = try loser.commit(.write(mode: "Append")); Issue.record("no conflict") } catch let error as DeltaError {
            #expect(error.condition == "DELTA_PROTOCOL_CHANGED")
        }
    }

    @Test func applicationTransactions() throws {
        let fixture = try table()
        var first = try begin(fixture)
        var second = try begin(fixture)
        var other = try begin(fixture)
        #expect(first.lastVersion(of: "app") == nil)
        first.set(SetTransaction(appID: "app", version: 1))
        first.add(try file(fixture, part: 1))
        #expect(second.lastVersion(of: "app") == nil)
        second.add(try file(fixture, part: 1))
        other.set(SetTransaction(appID: "other", version: 1))
        _ = try first.commit(.write(mode: "Append"))
        do { _ = try second.commit(.write(mode: "Append")); Issue.record("no conflict") } catch let error as DeltaError {
            #expect(error.condition == "DELTA_CONCURRENT_TRANSACTION")
        }
        #expect(try other.commit(.write(mode: "Append")).snapshot.transactions["app"]?.version == 1)
    }

    /// Compaction changes no data: it yields to nobody but who removes the same files.
    @Test func compaction() throws {
        let fixture = try table()
        var compaction = try begin(fixture)
        var append = try begin(fixture)
        compaction.reads.readWholeTable()
        compaction.remove(compaction.snapshot.files[0], dataChange: false)
        compaction.add(try file(fixture, part: 1, dataChange: false))
        append.reads.readWholeTable()
        append.add(try file(fixture, part: 1))
        _ = try append.commit(.write(mode: "Append"))
        _ = try compaction.commit(CommitOperation("OPTIMIZE"))
        #expect(try fixture.log(4)[0]["commitInfo"]?["isolationLevel"] == "SnapshotIsolation")
    }

    @Test func appendOnlyTables() throws {
        let fixture = try table(["delta.appendOnly": "true"])
        var transaction = try begin(fixture)
        transaction.remove(transaction.snapshot.files[0])
        do { _ = try transaction.commit(.delete(predicate: nil)); Issue.record("no error") } catch let error as DeltaError {
            #expect(error.condition == "DELTA_CANNOT_MODIFY_APPEND_ONLY")
        }
        var twice = try begin(fixture)
        let file = try file(fixture, part: 1)
        twice.add([file, file])
        do { _ = try twice.commit(.write(mode: "Append")); Issue.record("no error") } catch let error as DeltaError {
            #expect(error.condition == "DELTA_DUPLICATE_ACTIONS_FOUND")
        }
    }

    @Test func holdPoints() throws {
        let fixture = try table()
        let points = Mutex<[CommitPoint]>([])
        let context = fixture.context { point in points.withLock { $0.append(point) } }
        var transaction = try fixture.table.begin(context)
        transaction.add(try file(fixture, part: 1))
        _ = try transaction.commit(.write(mode: "Append"))
        #expect(points.withLock { $0 }.map(\.kind) == [.read, .beforePut, .afterPut])
        #expect(points.withLock { $0 }.map(\.version) == [2, 3, 3])
        #expect(CommitPoint.Kind.allCases.map(\.rawValue) == ["read", "before_put", "after_put"])
        for (kind, version) in [(CommitPoint.Kind.beforePut, 3), (.afterPut, 4)] {
            let stopping = fixture.context { point in if point.kind == kind { throw Stop() } }
            var stopped = try fixture.table.begin(stopping)
            stopped.add(try file(fixture, part: 1))
            do { _ = try stopped.commit(.write(mode: "Append")); Issue.record("not stopped") } catch is Stop {}
            #expect(try fixture.table.snapshot().version == version)
        }
    }

    /// A competitor that commits at the hold point is met in the same way as one on another thread.
    @Test func competitorAtTheHoldPoint() throws {
        let fixture = try table()
        let done = Atomic<Bool>(false)
        let context = fixture.context { [table = fixture.table, names = fixture.names] point in
            guard point.kind == .beforePut, !done.exchange(true, ordering: .relaxed) else { return }
            let inner = CommitContext(timestampMillis: 1, newUUID: { names.next() }, userID: "1", userName: "bob")
            var competitor = try table.begin(inner)
            competitor.remove(competitor.snapshot.files[0])
            _ = try competitor.commit(.delete(predicate: nil))
        }
        var transaction = try fixture.table.begin(context)
        try rewrite(&transaction, fixture, part: 1)
        do { _ = try transaction.commit(.update(predicate: nil)); Issue.record("no conflict") } catch let error as DeltaError {
            #expect(error.condition == "DELTA_CONCURRENT_DELETE_READ.WITH_PARTITION_HINT")
        }
    }

    @Test func creatingTwiceAtOnce() throws {
        let fixture = Fixture()
        let rival = Fixture(fixture.store)
        let context = fixture.context { point in if point.kind == .beforePut { try rival.create() } }
        do {
            try fixture.table.create(schema: Fixture.schema(false), commit: context)
            Issue.record("no conflict")
        } catch let error as DeltaError {
            #expect(error.condition == "DELTA_PROTOCOL_CHANGED")
            #expect(error.text.contains("multiple writers are writing to an empty directory"))
        }
    }

    @Test func manyThreadsAppend() throws {
        let fixture = Fixture()
        try fixture.create()
        DispatchQueue.concurrentPerform(iterations: 40) { index in
            do { try fixture.append([Fixture.batch([(Int64(index), "x")])]) } catch { Issue.record(error) }
        }
        let snapshot = try fixture.table.snapshot()
        #expect(snapshot.version == 40)
        #expect(Set(try fixture.rows(snapshot, columns: [0])).count == 40)
        #expect(try DeltaTable(store: fixture.store, location: "tables/t").snapshot().files.map(\.path) == snapshot.files.map(\.path))
        #expect(try fixture.table.history().map(\.version) == (0...40).reversed())
    }
}
