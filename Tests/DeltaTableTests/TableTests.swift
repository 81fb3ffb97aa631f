import Columnar
import DeltaTable
import Foundation
import JSON
import Storage
import Testing

@Suite struct TableTests {
    @Test func firstCommit() throws {
        let fixture = Fixture()
        try fixture.create(partitioned: true, properties: ["delta.appendOnly": "false", "owner": "ann"])
        let lines = try fixture.log(0)
        #expect(lines.map { $0.objectOrEmpty.names[0] } == ["commitInfo", "metaData", "protocol"])
        let info = try #require(lines[0]["commitInfo"])
        #expect(info["timestamp"] == 1_700_000_000_000)
        #expect(info["userId"] == "42")
        #expect(info["userName"] == "ann@example.com")
        #expect(info["operation"] == "CREATE TABLE")
        #expect(
            info["operationParameters"]
                == [
                    "partitionBy": "[\"part\"]", "clusterBy": "[]", "description": .null, "isManaged": "true",
                    "properties": "{\"delta.appendOnly\":\"false\",\"owner\":\"ann\"}",
                ])
        #expect(info["isolationLevel"] == "WriteSerializable")
        #expect(info["isBlindAppend"] == true)
        #expect(info["readVersion"] == nil)
        #expect(info["engineInfo"] == "Databricks-Runtime/16.4.x-photon-scala2.12")
        #expect(lines[2].text == #"{"protocol":{"minReaderVersion":1,"minWriterVersion":2}}"#)
        #expect(lines[1]["metaData"]?["partitionColumns"] == ["part"])
        #expect(condition { try fixture.create() } == "DELTA_LOG_ALREADY_EXISTS")
    }

    @Test func definitionsThatAreRefused() {
        func create(_ fields: [TableField], _ partitions: [String] = [], _ properties: [String: String] = [:]) -> String? {
            let fixture = Fixture()
            return condition {
                try fixture.table.create(
                    schema: TableSchema(fields), partitionColumns: partitions, properties: properties, commit: fixture.context())
            }
        }
        let a = TableField("a", .int)
        #expect(create([a, TableField("A", .int)]) == "DELTA_DUPLICATE_COLUMNS_FOUND")
        #expect(create([TableField("a b", .int)]) == "DELTA_INVALID_CHARACTERS_IN_COLUMN_NAMES")
        #expect(create([a], ["b"]) == "DELTA_PARTITION_COLUMN_NOT_FOUND")
        #expect(create([a], ["a"]) == "DELTA_NON_PARTITION_COLUMN_ABSENT.ALL_PARTITION_COLUMNS")
        #expect(create([a, TableField("m", .array(element: .int, containsNull: true))], ["m"]) == "DELTA_INVALID_PARTITION_COLUMN_TYPE")
        #expect(create([TableField("i", .yearMonthInterval(YearMonthRange(.year, .month)))]) == "DELTA_UNSUPPORTED_DATA_TYPES")
        #expect(create([a], [], ["delta.enableRowTracking": "true"]) == nil)
        #expect(create([a], ["A"]) == "DELTA_NON_PARTITION_COLUMN_ABSENT.ALL_PARTITION_COLUMNS")
    }

    @Test func appendAndScan() throws {
        let fixture = Fixture()
        try fixture.create()
        try fixture.append([Fixture.batch([(1, "a"), (nil, nil)]), Fixture.batch([(3, "c")])])
        let snapshot = try fixture.append([Fixture.batch([(4, "")])])
        #expect(snapshot.version == 2)
        #expect(snapshot.rowCount == 4)
        let expected: [[Value]] = [
            [.integer(1), .string("a")], [.null, .null], [.integer(3), .string("c")], [.integer(4), .string("")],
        ]
        #expect(try fixture.rows(snapshot) == expected)
        #expect(try fixture.rows(snapshot, columns: [1, 0]) == expected.map { [$0[1], $0[0]] })
        #expect(try fixture.rows(snapshot, columns: []).count == 4)
        let info = try #require(try fixture.log(1)[0]["commitInfo"])
        #expect(info["operationParameters"] == ["mode": "Append", "statsOnLoad": "false", "partitionBy": "[]"])
        #expect(info["readVersion"] == 0)
        #expect(info["isBlindAppend"] == true)
        #expect(
            info["operationMetrics"] == ["numFiles": "1", "numOutputRows": "3", "numOutputBytes": .string(String(snapshot.files[0].size))])
        #expect(snapshot.files[0].path.hasPrefix("part-00000-"))
        #expect(snapshot.files[0].path.hasSuffix("-c000.snappy.parquet"))
        // From the files, without what the writer left in the cache.
        let cold = Fixture(fixture.store)
        #expect(try cold.rows(cold.table.snapshot()) == expected)
        #expect(try cold.rows(cold.table.snapshot(), columns: [0]) == expected.map { [$0[0]] })
        #expect(cold.table.cache.count > 0)
    }

    @Test func partitions() throws {
        let fixture = Fixture()
        try fixture.create(partitioned: true)
        let mixed = RecordBatch.concat(
            [
                Fixture.batch([(1, "a")], part: 7, partitioned: true), Fixture.batch([(2, "b")], part: nil, partitioned: true),
                Fixture.batch([(3, "c")], part: 7, partitioned: true),
            ], schema: Fixture.schema(true).schema)
        let snapshot = try fixture.append([mixed])
        #expect(snapshot.files.map { $0.partitionValues["part"] } == ["7", nil])
        #expect(snapshot.files[0].path.hasPrefix("part=7/part-00000-"))
        #expect(snapshot.files[1].path.hasPrefix("part=__HIVE_DEFAULT_PARTITION__/part-00001-"))
        #expect(
            try fixture.rows(snapshot) == [
                [.integer(1), .string("a"), .integer(7)], [.integer(3), .string("c"), .integer(7)], [.integer(2), .string("b"), .null],
            ])
        #expect(try fixture.rows(snapshot, columns: [2]) == [[.integer(7)], [.integer(7)], [.null]])
        #expect(try JSONValue(parsing: snapshot.files[0].stats ?? "")["nullCount"] == ["id": 0, "name": 0])
    }

    @Test func oddPartitionValues() throws {
        let fixture = Fixture()
        try fixture.table.create(
            schema: TableSchema([TableField("v", .int), TableField("p", .text)]), partitionColumns: ["p"], commit: fixture.context())
        let values = ["a b", "x/y", "100%", "ü", "..", "a=b", "?", "#", "é:1", ""]
        let batch = RecordBatch(
            schema: try fixture.table.snapshotSchema(),
            columns: [Column(.int, of: values.indices.map { .integer(Int64($0)) }), Column(.text, of: values.map { .string($0) })],
            rowCount: values.count)
        let snapshot = try fixture.append([batch])
        #expect(try fixture.rows(snapshot, columns: [1]).map { $0[0] } == values.map { $0.isEmpty ? .null : .string($0) })
        #expect(snapshot.files[0].path.hasPrefix("p=a%20b/"))
        #expect(snapshot.files[1].path.hasPrefix("p=x%252Fy/"))
        #expect(try fixture.store.list("tables/t/p=x%2Fy/").count == 1)
        let cold = Fixture(fixture.store)
        #expect(try cold.rows(cold.table.snapshot(), columns: [0]).count == values.count)
    }

    @Test func filesAreSplitByRows() throws {
        let fixture = Fixture()
        try fixture.create()
        let context = fixture.context()
        let batches = [Fixture.batch((0..<7).map { ($0, "x") }), Fixture.batch((7..<11).map { ($0, "y") })]
        let files = try DeltaWriter.write(
            batches, to: fixture.table.writeTarget(fixture.table.snapshot().metadata), context, maxRowsPerFile: 3)
        #expect(files.map(\.numRecords) == [3, 3, 3, 2])
        var transaction = try fixture.table.begin(context)
        transaction.add(files)
        let snapshot = try transaction.commit(.write(mode: "Append")).snapshot
        #expect(try fixture.rows(snapshot, columns: [0]).map { $0[0] } == (0..<11).map { .integer($0) })
    }

    /// More rows than a row group has: they come in parts, from the cache and from the file alike.
    @Test func rowGroups() throws {
        let fixture = Fixture()
        try fixture.create()
        let count: Int64 = 300_000
        let ids = Column(.long, .int64(PrimitiveArray((0..<count).map { $0 })))
        let names = Column(repeating: .string("n"), type: .text, count: Int(count))
        let batch = RecordBatch(schema: Fixture.schema(false).schema, columns: [ids, names], rowCount: Int(count))
        let snapshot = try fixture.append([batch])
        #expect(snapshot.files.count == 1)
        for table in [fixture.table, Fixture(fixture.store).table, Fixture(fixture.store, cache: ColumnCache(byteLimit: 0)).table] {
            let snapshot = try table.snapshot()
            for _ in 0..<2 {
                var scan = snapshot.scan(columns: [0])
                var sizes: [Int] = []
                var sum: Int64 = 0
                while let batch = try scan.nextBatch() {
                    sizes.append(batch.rowCount)
                    sum += batch.columns[0].values.asInt64?.values.reduce(0, +) ?? 0
                }
                #expect(sizes == [Int](repeating: 16_384, count: 17) + [21_472])
                #expect(sum == count * (count - 1) / 2)
            }
            let whole = try snapshot.read(snapshot.files[0], columns: [1, 0])
            #expect(whole.rowCount == Int(count))
            #expect(whole.columns[1].value(at: 299_999) == .integer(299_999))
        }
    }

    @Test func columnsAddedLaterAreNull() throws {
        let fixture = Fixture()
        try fixture.create()
        try fixture.append([Fixture.batch([(1, "a")])])
        var transaction = try fixture.table.begin(fixture.context())
        var metadata = transaction.snapshot.metadata
        metadata.schemaString = TableSchema(Fixture.schema(false).fields + [TableField("added", .date)]).schemaString
        try transaction.set(metadata)
        let snapshot = try transaction.commit(.addColumns([TableField("added", .date)])).snapshot
        #expect(try fixture.rows(snapshot) == [[.integer(1), .string("a"), .null]])
        #expect(try fixture.rows(snapshot, columns: [2]) == [[.null]])
        let cold = Fixture(fixture.store)
        #expect(try cold.rows(cold.table.snapshot(), columns: [2]) == [[.null]])
        #expect(try cold.rows(cold.table.snapshot(), columns: [2]) == [[.null]])
        #expect(
            try fixture.log(2)[0]["commitInfo"]?["operationParameters"]?["columns"]
                == #"[{"column":{"name":"added","type":"date","nullable":true,"metadata":{}}}]"#)
    }

    @Test func nullsWhereNoneMayBe() throws {
        let fixture = Fixture()
        try fixture.table.create(schema: TableSchema([TableField("a", .int, nullable: false)]), commit: fixture.context())
        let batch = RecordBatch(schema: Schema([Field("a", .int)]), columns: [Column(.int, of: [.null])], rowCount: 1)
        let error = #expect(throws: DeltaError.self) { try fixture.append([batch]) }
        #expect(error?.condition == "DELTA_NOT_NULL_CONSTRAINT_VIOLATED")
        #expect(error?.sqlState == "23502")
    }

    @Test func rewritingFiles() throws {
        let fixture = Fixture()
        try fixture.create()
        try fixture.append([Fixture.batch([(1, "a"), (2, "b")])])
        try fixture.append([Fixture.batch([(3, "c")])])
        let context = fixture.context(1_700_000_009_000)
        var transaction = try fixture.table.begin(context)
        let snapshot = transaction.snapshot
        let victim = snapshot.files[0]
        let kept = try snapshot.read(victim, columns: [0, 1]).filter(Bitmap([false, true]))
        transaction.reads.read([victim], matching: { _ in true })
        transaction.remove(victim)
        transaction.add(try DeltaWriter.write([kept], to: fixture.table.writeTarget(snapshot.metadata), context))
        let after = try transaction.commit(.delete(predicate: "(id = 1)")).snapshot
        #expect(try fixture.rows(after, columns: [0]) == [[.integer(3)], [.integer(2)]])
        #expect(try fixture.rows(snapshot, columns: [0]) == [[.integer(1)], [.integer(2)], [.integer(3)]])
        let lines = try fixture.log(3)
        #expect(lines[0]["commitInfo"]?["operationParameters"] == ["predicate": "[\"(id = 1)\"]"])
        #expect(lines[0]["commitInfo"]?["isBlindAppend"] == false)
        #expect(lines[1]["remove"]?["deletionTimestamp"] == 1_700_000_009_000)
        #expect(lines[1]["remove"]?["extendedFileMetadata"] == true)
    }

    @Test func overwriteAndRestore() throws {
        let fixture = Fixture()
        try fixture.create()
        try fixture.append([Fixture.batch([(1, "a")])])
        let kept = try fixture.append([Fixture.batch([(2, "b")])])
        let context = fixture.context()
        var overwrite = try fixture.table.begin(context)
        overwrite.removeAll()
        overwrite.add(
            try DeltaWriter.write([Fixture.batch([(3, "c")])], to: fixture.table.writeTarget(overwrite.snapshot.metadata), context))
        #expect(try fixture.rows(try overwrite.commit(.write(mode: "Overwrite")).snapshot, columns: [0]) == [[.integer(3)]])
        var back = try fixture.table.begin(context)
        try back.restore(try fixture.table.snapshot(.version(2)))
        let restored = try back.commit(.restore(version: 2, timestamp: nil)).snapshot
        #expect(try fixture.rows(restored) == fixture.rows(kept))
        #expect(restored.version == 4)
        #expect(try fixture.log(4)[0]["commitInfo"]?["operationParameters"] == ["version": "2", "timestamp": .null])
        var missing = try fixture.table.begin(context)
        try fixture.store.delete("tables/t/" + (try fixture.table.snapshot(.version(3)).files[0].path))
        let target = try fixture.table.snapshot(.version(3))
        do { try missing.restore(target); Issue.record("no error") } catch {
            #expect(error.condition == "FAILED_READ_FILE.DBR_FILE_NOT_EXIST")
        }
    }

    /// Absolute paths are read if they lie below the table, and refused by name elsewhere.
    @Test func pathsOutsideOfTheTable() throws {
        let fixture = Fixture()
        try fixture.create()
        let snapshot = try fixture.append([Fixture.batch([(1, "a")])])
        var file = snapshot.files[0]
        file.path = "tables/t/" + file.path
        #expect(try snapshot.read(file, columns: [0]).rowCount == 1)
        for path in ["/tables/t/x.parquet", "s3://bucket/x.parquet", "file:/x.parquet"] {
            file.path = path
            #expect(condition { _ = try snapshot.read(file, columns: [0]) } == "DELTA_UNSUPPORTED_FEATURES_FOR_READ")
        }
        file.path = "../other/x.parquet"
        #expect(
            condition { _ = try snapshot.read(file, columns: [0]) } == "FAILED_TO_ACCESS_STORAGE"
                || condition { _ = try snapshot.read(file, columns: [0]) } == "FAILED_READ_FILE.DBR_FILE_NOT_EXIST")
    }

    @Test func columnMappingIsReadByPhysicalName() throws {
        let fixture = Fixture()
        try fixture.table.create(schema: TableSchema([TableField("col-1", .long), TableField("col-2", .text)]), commit: fixture.context())
        try fixture.append([Fixture.batch([(1, "a")])])
        func metadata(_ mode: String) -> String {
            #"{"metaData":{"id":"u","format":{"provider":"parquet","options":{}},"schemaString":"{\"type\":\"struct\",\"fields\":[{\"name\":\"the id\",\"type\":\"long\",\"nullable\":true,\"metadata\":{\"delta.columnMapping.id\":1,\"delta.columnMapping.physicalName\":\"col-1\"}}]}","partitionColumns":[],"configuration":{"delta.columnMapping.mode":"\#(mode)"}}}"#
        }
        try fixture.putLog(2, [#"{"protocol":{"minReaderVersion":2,"minWriterVersion":5}}"#, metadata("name")])
        let mapped = try fixture.table.snapshot()
        #expect(mapped.schema.fields.map(\.name) == ["the id"])
        #expect(try fixture.rows(mapped) == [[.integer(1)]])
        try fixture.append([RecordBatch(schema: mapped.schema, columns: [Column(.long, of: [.integer(2)])], rowCount: 1)])
        #expect(try fixture.rows(fixture.table.snapshot()) == [[.integer(1)], [.integer(2)]])
        try fixture.putLog(4, [metadata("none")])
        #expect(try fixture.rows(fixture.table.snapshot()) == [[.null], [.null]])
    }

    @Test func renamedAndDroppedColumns() throws {
        let fixture = Fixture()
        try fixture.create(partitioned: true)
        try fixture.append([Fixture.batch([(1, "a")], part: 7, partitioned: true)])
        let upgrade = try fixture.change { $0.configuration["delta.columnMapping.mode"] = "name" }
        #expect(upgrade.tableProtocol == TableProtocol(2, 5))
        #expect(upgrade.tableSchema.fields.map(\.physicalName) == ["id", "name", "part"])
        #expect(upgrade.tableSchema.fields.map(\.columnMappingID) == [1, 2, 3])
        #expect(upgrade.property("delta.columnMapping.maxColumnId") == "3")
        let renamed = try fixture.change { metadata in
            var schema = upgrade.tableSchema
            schema.fields[0].name = "the id"
            schema.fields[1] = TableField("name", .text)
            schema.fields[2].name = "p"
            metadata.schemaString = schema.schemaString
            metadata.partitionColumns = ["p"]
        }
        #expect(renamed.tableSchema.fields.map(\.columnMappingID) == [1, 4, 3])
        #expect(renamed.tableSchema.fields[1].physicalName.hasPrefix("col-00000000-"))
        let batch = RecordBatch(
            schema: renamed.schema,
            columns: [Column(.long, of: [.integer(2)]), Column(.text, of: [.string("new")]), Column(.int, of: [.integer(8)])], rowCount: 1)
        let after = try fixture.append([batch])
        let expected: [[Value]] = [[.integer(1), .null, .integer(7)], [.integer(2), .string("new"), .integer(8)]]
        #expect(try fixture.rows(after) == expected)
        let cold = Fixture(fixture.store)
        #expect(try cold.rows(cold.table.snapshot()) == expected)
        #expect(after.files[1].partitionValues["part"] == "8")
        #expect(FileStatistics(after.files[1].stats)?.bounds(after.tableSchema.fields[0]).min == .integer(2))
        let fresh = Fixture()
        try fresh.create(properties: ["delta.columnMapping.mode": "id"])
        #expect(try fresh.table.snapshot().tableSchema.fields.allSatisfy { $0.physicalName.hasPrefix("col-") })
        #expect(try fresh.rows(fresh.append([Fixture.batch([(1, "a")])])) == [[.integer(1), .string("a")]])
    }

    @Test func missingAndDamagedFiles() throws {
        let fixture = Fixture()
        try fixture.create()
        let snapshot = try fixture.append([Fixture.batch([(1, "a")])])
        let path = "tables/t/" + snapshot.files[0].path
        try fixture.store.put(path, Array("no parquet".utf8))
        #expect(condition { _ = try fixture.rows(snapshot) } == "FAILED_READ_FILE.NO_HINT")
        try fixture.store.delete(path)
        #expect(condition { _ = try fixture.rows(snapshot) } == "FAILED_READ_FILE.DBR_FILE_NOT_EXIST")
    }

    @Test func timeTravel() throws {
        let fixture = Fixture()
        try fixture.create()
        for version in 1...6 {
            try fixture.append([Fixture.batch([(Int64(version), "x")])], millis: 1_700_000_000_000 + Int64(version) * 1000)
        }
        func ids(_ at: TimeTravel) throws -> Int { try fixture.rows(fixture.table.snapshot(at)).count }
        for version in [0, 3, 2, 6, 5, 1, 4] { #expect(try ids(.version(version)) == version) }
        #expect(try ids(.timestamp(1_700_000_003_000_000)) == 3)
        #expect(try ids(.timestamp(1_700_000_003_999_999)) == 3)
        #expect(try ids(.timestamp(1_700_000_006_000_999)) == 6)
        let missing = #expect(throws: DeltaError.self) { try fixture.table.snapshot(.version(7)) }
        #expect(
            missing?.description
                == "[DELTA_VERSION_NOT_FOUND] Cannot time travel Delta table to version 7. Available versions: [0, 6]. SQLSTATE: 22003")
        #expect(condition { _ = try fixture.table.snapshot(.version(-1)) } == "DELTA_VERSION_NOT_FOUND")
        let early = #expect(throws: DeltaError.self) { try fixture.table.snapshot(.timestamp(1_699_999_999_999_000)) }
        #expect(early?.condition == "DELTA_TIMESTAMP_EARLIER_THAN_COMMIT_RETENTION")
        #expect(early?.parameters["commitTs"] == "2023-11-14 22:13:20.0")
        let late = #expect(throws: DeltaError.self) { try fixture.table.snapshot(.timestamp(1_700_000_006_001_000)) }
        #expect(late?.condition == "DELTA_TIMESTAMP_GREATER_THAN_COMMIT")
        #expect(late?.sqlState == "42816")
        #expect(condition { _ = try fixture.table.snapshot(.timestamp(.max)) } == "DELTA_TIMESTAMP_GREATER_THAN_COMMIT")
        #expect(condition { _ = try fixture.table.snapshot(.timestamp(.min)) } == "DELTA_TIMESTAMP_EARLIER_THAN_COMMIT_RETENTION")
        #expect(late?.parameters["maximumTimestamp"] == "2023-11-14 22:13:26.0")
    }

    @Test func historyIsNewestFirstAndItsTimesAscend() throws {
        let fixture = Fixture()
        try fixture.create()
        try fixture.append([Fixture.batch([(1, "a")])], millis: 1_700_000_000_000)
        try fixture.append([Fixture.batch([(1, "a")])], millis: 1_600_000_000_000)
        let history = try fixture.table.history()
        #expect(history.map(\.version) == [2, 1, 0])
        #expect(history.map(\.timestamp) == [1_700_000_000_002, 1_700_000_000_001, 1_700_000_000_000])
        #expect(try fixture.table.history(limit: 1).map(\.version) == [2])
        #expect(history[0].info.operation == "WRITE")
        #expect(history[0].info.userName == "ann@example.com")
        #expect(history[0].info.operationParameters.map(\.name) == ["mode", "statsOnLoad", "partitionBy"])
        #expect(history[0].info.operationParameters[0].value == "Append")
        #expect(history[2].info.operationParameters[2].value == nil)
        #expect(history[0].info.readVersion == 1)
        #expect(history[0].info.isBlindAppend == true)
        #expect(try DeltaTable(store: fixture.store, location: "tables/t").history() == history)
    }

    @Test func anotherWritersCommitsAreSeen() throws {
        let fixture = Fixture()
        try fixture.create()
        let other = DeltaTable(store: fixture.store, location: "tables/t")
        #expect(try other.snapshot().version == 0)
        try fixture.append([Fixture.batch([(1, "a")])])
        try fixture.append([Fixture.batch([(2, "a")])])
        #expect(try other.snapshot().version == 2)
        #expect(try other.snapshot().files.count == 2)
        #expect(try other.snapshot() === other.snapshot())
    }

    @Test func inCommitTimestampsAscend() throws {
        let fixture = Fixture()
        try fixture.create(properties: ["delta.enableInCommitTimestamps": "true"])
        try fixture.append([Fixture.batch([(1, "a")])], millis: 1_600_000_000_000)
        #expect(try fixture.log(0)[0]["commitInfo"]?["inCommitTimestamp"] == 1_700_000_000_000)
        #expect(try fixture.log(1)[0]["commitInfo"]?["inCommitTimestamp"] == 1_700_000_000_001)
        #expect(
            try fixture.table.snapshot().tableProtocol
                == TableProtocol(1, 7, writerFeatures: ["appendOnly", "inCommitTimestamp", "invariants"]))
    }
}

@Suite struct TableOnDiskTests {
    @Test func outlivesItsStore() throws {
        let root = FileManager.default.temporaryDirectory.appendingPathComponent("dbxsim-\(UUID().uuidString)").path
        defer { try? FileManager.default.removeItem(atPath: root) }
        let fixture = Fixture(try DirectoryStore(root: root, durable: false))
        try fixture.create(partitioned: true)
        try fixture.append([Fixture.batch([(1, "a")], part: 7, partitioned: true)])
        let again = Fixture(try DirectoryStore(root: root, durable: false))
        #expect(try again.rows(again.table.snapshot()) == [[.integer(1), .string("a"), .integer(7)]])
        try again.append([Fixture.batch([(2, "b")], part: 8, partitioned: true)])
        #expect(try fixture.rows(fixture.table.snapshot(), columns: [0]) == [[.integer(1)], [.integer(2)]])
    }
}

extension DeltaTable {
    func snapshotSchema() throws -> Schema { try snapshot().schema }
}

@Suite struct ColumnCacheTests {
    @Test func forksShareWhatIsDecoded() throws {
        let store = MemoryStore()
        let cache = ColumnCache()
        let fixture = Fixture(store, cache: cache)
        try fixture.create()
        try fixture.append([Fixture.batch([(1, "a")])])
        let before = cache.count
        let fork = Fixture(store.fork(), cache: cache)
        #expect(try fork.rows(fork.table.snapshot()) == [[.integer(1), .string("a")]])
        #expect(cache.count == before)
    }

    @Test func staysBelowItsLimit() throws {
        let cache = ColumnCache(byteLimit: 4000)
        let fixture = Fixture(cache: cache)
        try fixture.create()
        for index in 0..<50 { try fixture.append([Fixture.batch([(Int64(index), "text")])]) }
        #expect(cache.byteSize <= 4000)
        #expect(cache.count > 5)
        #expect(try fixture.rows(fixture.table.snapshot(), columns: [0]).map { $0[0] } == (0..<50).map { .integer($0) })
        #expect(cache.byteSize <= 4000)
        let none = Fixture(fixture.store, cache: ColumnCache(byteLimit: 0))
        #expect(try none.rows(none.table.snapshot(), columns: []).count == 50)
        #expect(try none.rows(none.table.snapshot(), columns: [1]).count == 50)
        #expect(none.table.cache.count == 0)
        cache.removeAll()
        #expect(cache.byteSize == 0)
    }
}
