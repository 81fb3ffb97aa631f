import Columnar
import DeltaTable
import JSON
import Storage
import TestSupport

/// A table with something of everything, one of its objects damaged: whatever is read of it ends with rows or with a `DeltaError`.
struct DeltaFuzz {
    private let origin = MemoryStore()
    private let paths: [String]
    private let versions: Int
    /// How often each thing was read, and how often refused.
    private(set) var outcomes: [String: Int] = [:]
    /// The names of the refusals.
    private(set) var conditions: [String: Int] = [:]

    init() throws {
        let fixture = Fixture(origin)
        let inner = TableField("pair", .structure([Field("x", .int), Field("y", .array(element: .text, containsNull: true))]))
        let schema = TableSchema([
            TableField("id", .long), TableField("name", .text), TableField("price", .decimal(DecimalType(12, 2))), inner,
            TableField("day", .date), TableField("part", .int),
        ])
        let new = try fixture.table.define(
            schema: schema, partitionColumns: ["part", "day"],
            properties: [
                "delta.enableDeletionVectors": "true", "delta.checkpointInterval": "4", "delta.enableChangeDataFeed": "true",
                "delta.enableRowTracking": "true",
            ], enforcing: [.changeDataFeed], commit: fixture.context())
        try fixture.table.create(new, operation: .create("CREATE TABLE", new.metadata, isManaged: true), commit: fixture.context())
        for step in 0..<6 {
            let context = fixture.context(1_700_000_000_000 + Int64(step) * 1000)
            var transaction = try fixture.table.begin(context, enforcing: [.changeDataFeed])
            let count = 5 + step
            let columns = [
                Column(.long, of: (0..<count).map { $0 == 3 ? .null : .integer(Int64($0 * step)) }),
                Column(.text, of: (0..<count).map { .string("name \($0)") }),
                Column(.decimal(DecimalType(12, 2)), of: (0..<count).map { .decimal(Int128($0 * 7)) }),
                Column(inner.type, of: (0..<count).map { .structure([.integer(Int64($0)), .list([.string("a"), .null])]) }),
                Column(.date, of: (0..<count).map { .integer(Int64(19_000 + $0 % 2)) }),
                Column(.int, of: (0..<count).map { _ in .integer(Int64(step % 2)) }),
            ]
            let batch = RecordBatch(schema: schema.schema, columns: columns, rowCount: count)
            transaction.add(try DeltaWriter.write([batch], to: fixture.table.writeTarget(transaction.snapshot.metadata), context))
            if let file = transaction.snapshot.files.first(where: { $0.deletionVector == nil }) {
                let vectors = try fixture.table.writeDeletionVectors([[0]], context)
                if let vector = vectors.first {
                    transaction.remove(file)
                    transaction.add(file.hiding(vector))
                }
            }
            _ = try transaction.commit(.write(mode: "Append"))
        }
        paths = try origin.list("").map(\.path)
        versions = 6
    }

    /// One damaged object, and all ways to read it.
    mutating func run(seed: UInt64) {
        var random = SeededRandom(seed: seed)
        let store = origin.fork()
        let logs = paths.filter { $0.contains("_delta_log/") }
        let path = (Int.random(in: 0..<4, using: &random) > 0 ? logs : paths).randomElement(using: &random) ?? ""
        guard let bytes = try? store.get(path) else { return }
        let damaged = path.hasSuffix(".parquet") || path.hasSuffix(".bin") ? Self.flip(bytes, &random) : Self.garble(bytes, &random)
        try? store.put(path, damaged)
        // Without its first commits a log can be read from its checkpoint alone.
        if Bool.random(using: &random) {
            for commit in logs where commit.hasSuffix("0.json") || commit.hasSuffix("1.json") {
                if commit != path { try? store.delete(commit) }
            }
        }
        read(DeltaTable(store: store, location: "tables/t", cache: ColumnCache(byteLimit: 1 << 20)), &random)
    }

    private mutating func note<T>(_ what: String, _ body: () throws -> T) -> T? {
        do {
            let result = try body()
            outcomes[what + " read", default: 0] += 1
            return result
        } catch {
            outcomes[what + " refused", default: 0] += 1
            conditions[(error as? DeltaError)?.condition ?? "none", default: 0] += 1
            return nil
        }
    }

    private static let context = CommitContext(
        timestampMillis: 1_800_000_000_000, newUUID: { "00000000-0000-4000-8000-000000000000" }, userID: "42", userName: "ann@example.com")

    private mutating func read(_ table: DeltaTable, _ random: inout SeededRandom) {
        let last = versions
        let version = Int.random(in: 0...last, using: &random)
        _ = note("version") { () throws in try table.snapshot(.version(version)) }
        _ = note("history") { () throws in try table.history() }
        _ = note("changes") { () throws in
            let feed = try table.changes(from: 1, through: last)
            for commit in feed.commits { for part in commit.parts { _ = try feed.rows(part) } }
        }
        guard let snapshot = note("snapshot", { () throws in try table.snapshot() }) else { return }
        let columns = Array(snapshot.schema.fields.indices)
        _ = snapshot.rowCount
        for column in columns { _ = snapshot.distinctBound(column: column) }
        _ = note("rows") { () throws in
            var scan = snapshot.scan(columns: columns, files: Array(snapshot.files.prefix(20)))
            var rows = 0
            while let batch = try scan.nextBatch(), rows < 1 << 20 {
                rows += batch.rowCount
                for row in [0, batch.rowCount - 1] { for column in batch.columns { _ = column.value(at: row) } }
            }
        }
        _ = note("partitions") { () throws in try snapshot.partitionRows(snapshot.files) }
        for file in snapshot.files.prefix(20) {
            _ = note("places") { () throws in try snapshot.livePositions(file) }
            let statistics = file.stats.flatMap { FileStatistics($0) }
            for field in snapshot.tableSchema.fields { _ = statistics?.bounds(field) }
        }
        let context = Self.context
        _ = note("compaction") { () throws in try Compaction(table, snapshot, .packed, context).run(over: Array(snapshot.files.prefix(20))) }
        _ = note("restore") { () throws in
            var transaction = try table.begin(context, enforcing: [.changeDataFeed])
            try transaction.restore(try table.snapshot(.version(version)))
            _ = try transaction.commit(.restore(version: version, timestamp: nil))
        }
        _ = note("copy") { () throws in
            let copy = Fixture(MemoryStore(), location: "tables/copy")
            _ = try copy.table.copyFiles(of: snapshot, context)
        }
        _ = note("garbage") { () throws in try Vacuum(table, snapshot, now: 1_800_000_000_000, retention: 0).candidates(lite: false) }
    }

    // MARK: Damage

    static func flip(_ bytes: [UInt8], _ random: inout SeededRandom) -> [UInt8] {
        var result = bytes
        for _ in 0..<Int.random(in: 1...4, using: &random) {
            let from = Bool.random(using: &random) ? result.count * 2 / 3 : 0
            guard from < result.count else { break }
            let at = Int.random(in: from..<result.count, using: &random)
            switch Int.random(in: 0..<7, using: &random) {
            case 0: result[at] ^= 1 << UInt8.random(in: 0..<8, using: &random)
            case 1: result[at] = [0, 1, 0x7F, 0x80, 0xFE, 0xFF].randomElement(using: &random) ?? 0
            case 2: result[at] = UInt8.random(in: 0...255, using: &random)
            case 3: for index in at..<min(at + 8, result.count) { result[index] = 0xFF }
            case 4: result.remove(at: at)
            case 5: result.insert(UInt8.random(in: 0...255, using: &random), at: at)
            default: result.removeLast(min(result.count, Int.random(in: 1...16, using: &random)))
            }
        }
        return result
    }

    private static let numbers = [
        "-1", "0", "1e400", "9223372036854775807", "-9223372036854775808", "99999999999999999999999", "4294967296", "1.5", "67108865", "null", "true",
        "\"x\"", "{}", "[]",
    ]
    private static let texts = [
        "", "../../x", "/etc/passwd", "%", "%00", "s3://b/k", "\\u0000", "i", "u", "p", "decimal(99,99)", "array", "long", "2026-13-45", "NaN",
        "9999999999999999999999", "{", "{\\\"type\\\":\\\"struct\\\",\\\"fields\\\":[]}", "{\\\"numRecords\\\":1152921504606846976}",
    ]

    /// Damage that leaves JSON mostly as JSON: another number, another text, another name, a line twice or not at all.
    static func garble(_ bytes: [UInt8], _ random: inout SeededRandom) -> [UInt8] {
        var result = bytes
        for _ in 0..<Int.random(in: 1...3, using: &random) {
            guard result.count > 2 else { break }
            let at = Int.random(in: 0..<result.count, using: &random)
            switch Int.random(in: 0..<8, using: &random) {
            case 0: return flip(result, &random)
            case 1, 2, 3:
                guard let start = result[at...].firstIndex(where: { (0x30...0x39).contains($0) }) else { continue }
                let end = result[start...].firstIndex { !(0x30...0x39).contains($0) } ?? result.count
                result.replaceSubrange(start..<end, with: Array((numbers.randomElement(using: &random) ?? "0").utf8))
            case 4, 5:
                guard let start = result[at...].firstIndex(of: 0x22), let end = result[(start + 1)...].firstIndex(of: 0x22) else { continue }
                result.replaceSubrange(start + 1..<end, with: Array((texts.randomElement(using: &random) ?? "").utf8))
            case 6:
                let depth = Int.random(in: 1...3000, using: &random)
                let open: [UInt8] = Bool.random(using: &random) ? [0x5B] : Array("{\"a\":".utf8)
                result.insert(contentsOf: Array(repeatElement(open, count: depth).joined()), at: at)
            default:
                var lines = result.split(separator: 0x0A).map(Array.init)
                guard let line = lines.indices.randomElement(using: &random) else { continue }
                if Bool.random(using: &random) { lines.append(lines[line]) } else { lines.remove(at: line) }
                result = Array(lines.joined(separator: [0x0A]))
            }
        }
        return result
    }
}
