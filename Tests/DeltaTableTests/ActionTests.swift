import Columnar
import DeltaTable
import JSON
import Storage
import TestSupport
import Testing

@Suite struct ActionTests {
    static let lines = [
        #"{"protocol":{"minReaderVersion":3,"minWriterVersion":7,"readerFeatures":["timestampNtz"],"writerFeatures":["appendOnly","timestampNtz"]}}"#,
        #"{"metaData":{"id":"u","name":"n","description":"d","format":{"provider":"parquet","options":{}},"schemaString":"{\"type\":\"struct\",\"fields\":[{\"name\":\"a\",\"type\":\"integer\",\"nullable\":true,\"metadata\":{}}]}","partitionColumns":["a"],"configuration":{"delta.appendOnly":"true"},"createdTime":5}}"#,
        #"{"add":{"path":"a=1/x%20y.parquet","partitionValues":{"a":"1"},"size":841,"modificationTime":1,"dataChange":true,"stats":"{\"numRecords\":7}","tags":{"k":"v"},"baseRowId":3,"defaultRowCommitVersion":2,"clusteringProvider":"liquid"}}"#,
        #"{"add":{"path":"b","partitionValues":{"a":null},"size":1,"modificationTime":1,"dataChange":false,"deletionVector":{"storageType":"u","pathOrInlineDv":"ab^-aqEH.-t@S}K{vb[*k^","offset":4,"sizeInBytes":40,"cardinality":6}}}"#,
        #"{"remove":{"path":"b","deletionTimestamp":9,"dataChange":true,"extendedFileMetadata":true,"partitionValues":{"a":null},"size":1}}"#,
        #"{"cdc":{"path":"_change_data/c","partitionValues":{},"size":1,"dataChange":false}}"#,
        #"{"txn":{"appId":"app","version":364475,"lastUpdated":2}}"#,
        #"{"domainMetadata":{"domain":"delta.clustering","configuration":"{}","removed":false}}"#,
        #"{"commitInfo":{"timestamp":1,"operation":"WRITE","operationParameters":{"mode":"Append"},"unheard":{"of":[1]}}}"#,
        #"{"somethingNew":{"x":1}}"#,
    ]

    private func write(_ lines: [String]) throws -> Fixture {
        let fixture = Fixture()
        try fixture.putLog(0, lines)
        return fixture
    }

    @Test func everyKindBothWays() throws {
        let fixture = try write(Self.lines)
        let commit = try #require(try fixture.table.log.read(0))
        #expect(commit.actions.count == Self.lines.count)
        for (action, line) in zip(commit.actions, Self.lines) { #expect(action.json.text == line) }
        let again = Fixture()
        #expect(try again.table.log.put(0, commit.actions) == .committed)
        #expect(try again.table.log.put(0, []) == .conflict)
        #expect(try again.table.log.read(0)?.actions == commit.actions)
        let snapshot = try fixture.table.snapshot()
        #expect(snapshot.files.map(\.path) == ["a=1/x%20y.parquet", "b"])
        #expect(snapshot.transactions["app"]?.version == 364_475)
        #expect(snapshot.domains["delta.clustering"]?.configuration == "{}")
        #expect(snapshot.rowCount == nil)
        #expect(try fixture.table.log.read(1) == nil)
    }

    @Test func nullsAreAsAbsent() throws {
        let fixture = try write([
            #"{"commitInfo":null,"protocol":{"minReaderVersion":1,"minWriterVersion":2,"readerFeatures":null,"writerFeatures":null}}"#, "",
            #"{"metaData":{"id":"u","name":null,"description":null,"format":{"provider":"parquet","options":{}},"schemaString":"{\"type\":\"struct\",\"fields\":[{\"name\":\"a\",\"type\":\"integer\",\"nullable\":true,\"metadata\":{}}]}","partitionColumns":[],"createdTime":null,"configuration":{}}}"#,
            #"{"add":{"path":"x","partitionValues":{},"size":1,"modificationTime":1,"dataChange":true,"stats":null,"tags":null,"baseRowId":null,"defaultRowCommitVersion":null,"clusteringProvider":null,"deletionVector":null}}"#,
        ])
        let snapshot = try fixture.table.snapshot()
        #expect(snapshot.tableProtocol == TableProtocol(1, 2))
        #expect(snapshot.metadata.name == nil)
        #expect(snapshot.files.count == 1)
        #expect(snapshot.files[0].stats == nil)
    }

    @Test func malformedLinesNameTheirPlace() throws {
        let fixture = try write([Self.lines[0], #"{"add":{"path":1}}"#])
        let error = #expect(throws: DeltaError.self) { try fixture.table.snapshot() }
        #expect(error?.condition == "DELTA_UNRECOGNIZED_LOGFILE")
        #expect(error?.text.contains("line 2: add.path is not a string") == true)
    }

    @Test func reconciliation() throws {
        let fixture = try write([
            Self.lines[0], Self.lines[1],
            #"{"add":{"path":"1","partitionValues":{"a":"1"},"size":1,"modificationTime":1,"dataChange":true}}"#,
            #"{"add":{"path":"2","partitionValues":{"a":"1"},"size":1,"modificationTime":1,"dataChange":true}}"#,
        ])
        #expect(try fixture.table.snapshot().files.map(\.path) == ["1", "2"])
        try fixture.putLog(
            1,
            [
                #"{"remove":{"path":"1","dataChange":true}}"#,
                #"{"add":{"path":"3","partitionValues":{"a":"1"},"size":1,"modificationTime":1,"dataChange":true}}"#,
                #"{"txn":{"appId":"p","version":1}}"#, #"{"domainMetadata":{"domain":"d","configuration":"","removed":false}}"#,
            ])
        try fixture.putLog(
            2,
            [
                #"{"remove":{"path":"3","dataChange":true}}"#,
                #"{"add":{"path":"1","partitionValues":{"a":"1"},"size":9,"modificationTime":1,"dataChange":true}}"#,
                #"{"add":{"path":"2","partitionValues":{"a":"1"},"size":5,"modificationTime":1,"dataChange":false}}"#,
                #"{"txn":{"appId":"p","version":2}}"#,
                #"{"domainMetadata":{"domain":"d","configuration":"","removed":true}}"#,
            ])
        let incremental = try fixture.table.snapshot()
        let fresh = try DeltaTable(store: fixture.store, location: "tables/t").snapshot()
        for snapshot in [incremental, fresh] {
            #expect(snapshot.version == 2)
            #expect(snapshot.files.map(\.path) == ["1", "2"])
            #expect(snapshot.files.map(\.size) == [9, 5])
            #expect(snapshot.transactions["p"]?.version == 2)
            #expect(snapshot.domains.isEmpty)
        }
    }

    /// A damaged log is read or refused, and never brings the process down.
    @Test func fuzz() throws {
        let fixture = Fixture()
        let bytes = Array(Self.lines.joined(separator: "\n").utf8)
        let pieces = [
            "null", "-1", "1e999", "9223372036854775808", "{}", "[]", "\"\"", "\"decimal(99,99)\"", "true", "\n", "\"", "\\", "0",
        ].map { Array($0.utf8) }
        var random = SeededRandom(seed: 23)
        var read = 0
        for _ in 0..<1500 {
            var mutated = bytes
            for _ in 0..<Int.random(in: 1...3, using: &random) {
                let position = Int.random(in: 0..<mutated.count, using: &random)
                let length = Int.random(in: 0...12, using: &random)
                mutated.replaceSubrange(position..<min(position + length, mutated.count), with: pieces.randomElement(using: &random) ?? [])
            }
            try fixture.store.put("tables/t/_delta_log/00000000000000000000.json", mutated)
            if let snapshot = try? fixture.table.snapshot() {
                read += 1
                _ = snapshot.rowCount
                for file in snapshot.files { _ = try? snapshot.read(file, columns: [0]) }
            }
        }
        #expect(read > 20)
    }
}

@Suite struct LogSegmentTests {
    private let first = [ActionTests.lines[0], ActionTests.lines[1]]

    @Test func logsThatCannotBeReplayed() throws {
        #expect(condition { _ = try Fixture().table.snapshot() } == "DELTA_TABLE_NOT_FOUND")
        let gap = Fixture()
        try gap.putLog(0, first)
        try gap.putLog(2, [])
        #expect(condition { _ = try gap.table.snapshot() } == "DELTA_VERSIONS_NOT_CONTIGUOUS")
        let truncated = Fixture()
        try truncated.putLog(3, [])
        #expect(condition { _ = try truncated.table.snapshot() } == "DELTA_TRUNCATED_TRANSACTION_LOG")
        try truncated.store.put("tables/t/_delta_log/00000000000000000003.checkpoint.parquet", [1])
        #expect(condition { _ = try truncated.table.snapshot() } == "FAILED_READ_FILE.NO_HINT")
        let noProtocol = Fixture()
        try noProtocol.putLog(0, [first[1]])
        #expect(condition { _ = try noProtocol.table.snapshot() } == "DELTA_STATE_RECOVER_ERROR")
    }

    /// A whole log with checkpoints and other files beside it needs none of them.
    @Test func otherFilesDoNotMatter() throws {
        let fixture = Fixture()
        try fixture.putLog(0, first)
        for name in [
            "00000000000000000000.checkpoint.parquet", "00000000000000000000.crc", "_last_checkpoint",
            "00000000000000000000.00000000000000000001.compacted.json", "_staged_commits/00000000000000000001.u.json",
        ] {
            try fixture.store.put("tables/t/_delta_log/" + name, [1])
        }
        #expect(try fixture.table.snapshot().version == 0)
    }

    @Test func anotherLogInItsPlace() throws {
        let store = MemoryStore()
        let fixture = Fixture(store)
        try fixture.create()
        let clean = store.fork()
        try fixture.append([Fixture.batch([(1, "a")])])
        #expect(try fixture.table.snapshot().version == 1)
        store.restore(clean)
        #expect(try fixture.table.snapshot().version == 0)
        #expect(try fixture.table.history().count == 1)
        try fixture.append([Fixture.batch([(2, "b")])])
        #expect(try fixture.rows(fixture.table.snapshot()) == [[.integer(2), .string("b")]])
    }
}

@Suite struct FeatureTests {
    private func snapshot(_ protocolLine: String, configuration: String = "{}", schema: String = "integer") throws -> Snapshot {
        let fixture = Fixture()
        try fixture.putLog(
            0,
            [
                protocolLine,
                #"{"metaData":{"id":"u","format":{"provider":"parquet","options":{}},"schemaString":"{\"type\":\"struct\",\"fields\":[{\"name\":\"a\",\"type\":\"\#(schema)\",\"nullable\":true,\"metadata\":{}}]}","partitionColumns":[],"configuration":\#(configuration)}}"#,
            ])
        return try fixture.table.snapshot()
    }

    private func line(_ reader: [String], _ writer: [String]) -> String {
        JSONValue.members([("protocol", TableProtocol(3, 7, readerFeatures: reader, writerFeatures: writer).json)]).text
    }

    @Test func unknownReaderFeaturesAreNamed() {
        let error = #expect(throws: DeltaError.self) {
            try snapshot(line(["timestampNtz", "catalogManaged", "fromTheFuture"], ["timestampNtz", "catalogManaged", "fromTheFuture"]))
        }
        #expect(error?.condition == "DELTA_UNSUPPORTED_FEATURES_FOR_READ")
        #expect(error?.parameters["unsupported"] == "catalogManaged, fromTheFuture")
        #expect(
            condition { _ = try snapshot(#"{"protocol":{"minReaderVersion":4,"minWriterVersion":7}}"#) } == "DELTA_INVALID_PROTOCOL_VERSION"
        )
    }

    @Test func unknownWriterFeaturesAreNamed() throws {
        let table = try snapshot(
            #"{"protocol":{"minReaderVersion":1,"minWriterVersion":7,"writerFeatures":["appendOnly","rowTracking","fromTheFuture"]}}"#)
        let error = #expect(throws: DeltaError.self) { try table.checkWritable() }
        #expect(error?.condition == "DELTA_UNSUPPORTED_FEATURES_FOR_WRITE")
        #expect(error?.parameters["unsupported"] == "fromTheFuture")
    }

    /// Rules over rows bind only where they are used, and then only the caller can keep them.
    @Test func rulesThatTheCallerKeeps() throws {
        let unused = try snapshot(#"{"protocol":{"minReaderVersion":1,"minWriterVersion":6}}"#)
        #expect(throws: Never.self) { try unused.checkWritable() }
        for line in [
            #"{"protocol":{"minReaderVersion":1,"minWriterVersion":3}}"#,
            #"{"protocol":{"minReaderVersion":1,"minWriterVersion":7,"writerFeatures":["checkConstraints"]}}"#,
        ] {
            let checked = try snapshot(line, configuration: #"{"delta.constraints.c":"a > 0"}"#)
            #expect(condition { try checked.checkWritable() } == "DELTA_UNSUPPORTED_FEATURES_FOR_WRITE")
            #expect(condition { try checked.checkWritable(enforced: [.checkConstraints]) } == nil)
        }
    }

    @Test func leastProtocol() throws {
        func needed(_ type: String = "integer", _ properties: [String: String] = [:], from old: TableProtocol? = nil) throws
            -> TableProtocol
        {
            let schema = try TableSchema(
                schemaString: #"{"type":"struct","fields":[{"name":"a","type":"\#(type)","nullable":true,"metadata":{}}]}"#)
            let metadata = Metadata(id: "u", schema: schema, configuration: properties.filter { !$0.key.hasPrefix("delta.feature.") })
            return TableProtocol.needed(metadata, schema, properties: properties, from: old)
        }
        #expect(try needed() == TableProtocol(1, 2))
        #expect(
            try needed("timestamp_ntz")
                == TableProtocol(3, 7, readerFeatures: ["timestampNtz"], writerFeatures: ["appendOnly", "invariants", "timestampNtz"]))
        #expect(try needed("integer", ["delta.enableChangeDataFeed": "true"]) == TableProtocol(1, 4))
        #expect(try needed("integer", ["delta.constraints.c": "a > 0"]) == TableProtocol(1, 3))
        #expect(try needed("integer", ["delta.columnMapping.mode": "name"]) == TableProtocol(2, 5))
        #expect(
            try needed("integer", ["delta.feature.allowColumnDefaults": "supported"])
                == TableProtocol(1, 7, writerFeatures: ["allowColumnDefaults", "appendOnly", "invariants"]))
        #expect(
            try needed("integer", ["delta.feature.fromTheFuture": "supported"]).writerFeatures == [
                "appendOnly", "fromTheFuture", "invariants",
            ])
        let old = TableProtocol(1, 4)
        #expect(try needed(from: old) == old)
        #expect(
            try needed("timestamp_ntz", from: old)
                == TableProtocol(
                    3, 7, readerFeatures: ["timestampNtz"],
                    writerFeatures: ["appendOnly", "changeDataFeed", "checkConstraints", "generatedColumns", "invariants", "timestampNtz"]))
        #expect(try needed(from: try needed("timestamp_ntz")) == needed("timestamp_ntz"))
    }
}
