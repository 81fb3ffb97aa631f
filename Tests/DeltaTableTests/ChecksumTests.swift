import Columnar
import DeltaTable
import JSON
import Storage
import Testing

@Suite struct ChecksumTests {
    private func checksum(_ fixture: Fixture, _ version: Int) throws -> JSONValue {
        let digits = String(repeating: "0", count: 19) + String(version)
        return try JSONValue(parsing: fixture.store.get("tables/t/_delta_log/\(digits).crc"))
    }

    @Test func eachVersionHasOne() throws {
        let fixture = Fixture()
        try fixture.create()
        try fixture.append([Fixture.batch([(1, "a")])])
        let snapshot = try fixture.append([Fixture.batch([(2, "b")])])
        #expect(try (0...2).map { try checksum(fixture, $0)["numFiles"]?.intValue } == [0, 1, 2])
        let last = try checksum(fixture, 2)
        #expect(last["tableSizeBytes"]?.intValue == Int(snapshot.sizeInBytes))
        #expect(last["metadata"]?["id"]?.stringValue == snapshot.metadata.id)
        #expect(last["protocol"]?["minWriterVersion"]?.intValue == 2)
        #expect(try Fixture(fixture.store).table.snapshot().files.count == 2)
    }

    @Test func aLogThatIsNotWhatWasWrittenIsSeen() throws {
        let fixture = Fixture()
        try fixture.create()
        try fixture.append([Fixture.batch([(1, "a")])])
        try fixture.append([Fixture.batch([(2, "b")])])
        // Somebody takes the file out of the commit.
        let path = "tables/t/_delta_log/00000000000000000002.json"
        let lines = String(decoding: try fixture.store.get(path), as: UTF8.self).split(separator: "\n").filter { !$0.hasPrefix(#"{"add""#) }
        try fixture.store.put(path, Array(lines.joined(separator: "\n").utf8))
        let cold = Fixture(fixture.store)
        for _ in 0..<2 {
            #expect { try cold.table.snapshot() } throws: { error in
                "\(error)".contains("00000000000000000002.crc") && "\(error)".contains("tells of 2 files")
            }
        }
        // An earlier version is not in doubt; nor is a table without checksums, or with one that cannot be read.
        for bytes in ["", "{", "[]", #"{"numFiles":"x"}"#, #"{"tableSizeBytes":1e30,"numFiles":2}"#] {
            try fixture.store.put("tables/t/_delta_log/00000000000000000002.crc", Array(bytes.utf8))
            #expect(try Fixture(fixture.store).table.snapshot().files.count == 1)
        }
    }

    @Test func absolutePathsLeadWhereTheTableMayGo() throws {
        let source = Fixture(location: "bucket/source")
        try source.create()
        try source.append([Fixture.batch([(1, "a")])])
        let clone = DeltaTable(store: source.store, location: "bucket/clone", roots: ["bucket/source"])
        let context = source.context()
        let files = try clone.cloneFiles(of: source.table.snapshot(), scheme: "s3://", context)
        #expect(files.map(\.path).allSatisfy { $0.hasPrefix("s3://bucket/source/part-") })
        let new = try clone.define(schema: Fixture.schema(false), commit: context)
        try clone.create(new, files: files, operation: CommitOperation("CLONE"), commit: context)
        #expect(try source.rows(clone.snapshot()) == [[.integer(1), .string("a")]])
        // The same log without the right to go there, or with a right to a place of a like name.
        for roots in [[], ["bucket/sour"], ["bucket/source/part"]] {
            let other = DeltaTable(store: source.store, location: "bucket/clone", roots: roots)
            #expect { try source.rows(other.snapshot()) } throws: { "\($0)".contains("files outside of the table's location") }
        }
        let upwards = LogStore(source.store, location: "bucket/clone", roots: ["bucket/source"])
        #expect(upwards.object("s3://bucket/source/../other/f") == nil)
        #expect(upwards.object("s3://bucket/source/%2E%2E/other/f") == nil)
        #expect(upwards.object("s3://bucket/source//f") == nil)
        #expect(upwards.object("/bucket/source/f") == nil)
        #expect(upwards.object("s3://bucket/source/a%20b") == "bucket/source/a b")
        #expect(upwards.object("s3://bucket/clone/f") == "bucket/clone/f")
    }
}
