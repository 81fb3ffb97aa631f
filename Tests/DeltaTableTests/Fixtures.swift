import Columnar
import DeltaTable
import JSON
import Storage
import Synchronization

/// Counts instead of drawing: names are the same in each run.
final class Names: Sendable {
    private let counter = Atomic<Int>(0)

    func next() -> String {
        let number = String(counter.wrappingAdd(1, ordering: .relaxed).newValue)
        return "00000000-0000-4000-8000-" + String(repeating: "0", count: 12 - number.count) + number
    }
}

struct Fixture {
    let store: any ObjectStore
    let table: DeltaTable
    let names = Names()

    init(_ store: any ObjectStore = MemoryStore(), location: String = "tables/t", cache: ColumnCache = ColumnCache()) {
        self.store = store
        table = DeltaTable(store: store, location: location, name: "`main`.`default`.`t`", cache: cache)
    }

    func context(_ millis: Int64 = 1_700_000_000_000, at: @escaping @Sendable (CommitPoint) throws -> Void = { _ in }) -> CommitContext {
        CommitContext(timestampMillis: millis, newUUID: { [names] in names.next() }, userID: "42", userName: "ann@example.com", at: at)
    }

    /// Columns `id BIGINT, name STRING`, and `part INT` if partitioned.
    func create(partitioned: Bool = false, properties: [String: String] = [:]) throws {
        try table.create(
            schema: Self.schema(partitioned), partitionColumns: partitioned ? ["part"] : [], properties: properties, commit: context())
    }

    static func schema(_ partitioned: Bool) -> TableSchema {
        TableSchema([TableField("id", .long), TableField("name", .text)] + (partitioned ? [TableField("part", .int)] : []))
    }

    static func batch(_ rows: [(Int64?, String?)], part: Int64? = nil, partitioned: Bool = false) -> RecordBatch {
        var columns = [
            Column(.long, of: rows.map { $0.0.map { .integer($0) } ?? .null }),
            Column(.text, of: rows.map { $0.1.map { .string($0) } ?? .null }),
        ]
        if partitioned { columns.append(Column(.int, of: rows.map { _ in part.map { .integer($0) } ?? .null })) }
        return RecordBatch(schema: schema(partitioned).schema, columns: columns, rowCount: rows.count)
    }

    @discardableResult
    func append(_ batches: [RecordBatch], millis: Int64 = 1_700_000_001_000) throws -> Snapshot {
        let context = context(millis)
        var transaction = try table.begin(context)
        let files = try DeltaWriter.write(batches, to: table.writeTarget(transaction.snapshot.metadata), context)
        transaction.add(files)
        return try transaction.commit(.write(mode: "Append").measuring(files)).snapshot
    }

    func change(_ edit: (inout Metadata) -> Void) throws -> Snapshot {
        var transaction = try table.begin(context())
        var metadata = transaction.snapshot.metadata
        edit(&metadata)
        try transaction.set(metadata)
        return try transaction.commit(CommitOperation("CHANGE")).snapshot
    }

    func rows(_ snapshot: Snapshot, columns: [Int]? = nil) throws -> [[Value]] {
        var scan = snapshot.scan(columns: columns ?? Array(snapshot.schema.fields.indices))
        var rows: [[Value]] = []
        while let batch = try scan.nextBatch() {
            for row in 0..<batch.rowCount { rows.append(batch.columns.map { $0.value(at: row) }) }
        }
        return rows
    }

    func log(_ version: Int) throws -> [JSONValue] {
        let digits = String(version)
        let bytes = try store.get("tables/t/_delta_log/" + String(repeating: "0", count: 20 - digits.count) + digits + ".json")
        return try bytes.split(separator: UInt8(ascii: "\n")).map { try JSONValue(parsing: $0) }
    }

    func putLog(_ version: Int, _ lines: [String]) throws {
        let digits = String(version)
        try store.put(
            "tables/t/_delta_log/" + String(repeating: "0", count: 20 - digits.count) + digits + ".json",
            Array(lines.joined(separator: "\n").utf8))
    }
}

/// The condition of the error that the body throws; nil if it throws none.
func condition(_ body: () throws -> Void) -> String? {
    do {
        try body()
        return nil
    } catch let error as DeltaError {
        return error.condition
    } catch {
        return "\(error)"
    }
}

extension JSONValue {
    var objectOrEmpty: JSONObject { objectValue ?? JSONObject() }
}
