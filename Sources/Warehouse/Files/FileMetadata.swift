import Columnar
import DeltaTable
import SparkErrors
import SparkSQL

/// The column `_metadata` of tables over files: what is known of the file that a row is from.
/// Source: Databricks' page on the file metadata column; ids of rows: its page on row tracking.
struct FileMetadata: Sendable {
    /// `s3://`, by which the files' paths begin.
    let scheme: String

    static let name = "_metadata"

    static func isNamed(in text: String) -> Bool { text.utf8.count >= name.utf8.count && text.lowercased().contains(name) }

    /// `hasRows`: the format tells rows' places in their file. `hasIDs`: rows have ids that last.
    static func field(hasRows: Bool, hasIDs: Bool = false) -> Field {
        Field(name, .structure(fields(hasRows: hasRows, hasIDs: hasIDs)), nullable: false)
    }

    /// Stands for the column in the schema of a batch, where only positions count.
    static let placeholder = Field(name, .void)

    private static func fields(hasRows: Bool, hasIDs: Bool) -> [Field] {
        var fields = [
            Field("file_path", .text, nullable: false), Field("file_name", .text, nullable: false), Field("file_size", .long, nullable: false),
            Field("file_block_start", .long, nullable: false), Field("file_block_length", .long, nullable: false),
            Field("file_modification_time", .timestamp, nullable: false),
        ]
        if hasRows { fields.append(Field("row_index", .long, nullable: false)) }
        if hasIDs { fields += [Field("row_id", .long), Field("row_commit_version", .long)] }
        return fields
    }

    static func numbers(_ range: Range<Int64>) -> Column { Column(.long, .int64(PrimitiveArray(Array(range)))) }

    static func column(
        path: String, size: Int64, modifiedMillis: Int64, rows: Column?, ids: (ids: Column, versions: Column)? = nil, count: Int
    ) -> Column {
        func same(_ value: Value, _ type: DataType) -> Column { Column(repeating: value, type: type, count: count) }
        let file = path.lastIndex(of: "/").map { String(path[path.index(after: $0)...]) } ?? path
        var children = [
            same(.string(path), .text), same(.string(file), .text), same(.integer(size), .long), same(.integer(0), .long),
            same(.integer(size), .long), same(.integer(modifiedMillis &* 1000), .timestamp),
        ]
        if let rows { children.append(rows) }
        if let ids { children += [ids.ids, ids.versions] }
        let type = DataType.structure(fields(hasRows: rows != nil, hasIDs: ids != nil))
        return Column(type, .structure(StructArray(children: children, count: count)))
    }
}

/// A Delta table's rows file by file, with `_metadata`. No row is left out, so that each knows its place.
struct FileMetadataSource: BatchSource {
    private let snapshot: Snapshot
    private let tracked: TrackedRows?
    private let scheme: String
    private let counters: ScanCounters
    private let columns: [Int]
    private let schema: Schema
    private var nextFile = 0
    private var open: (scan: TableScan, file: AddFile, places: [Int32]?, ids: RecordBatch?, row: Int)?

    init(_ snapshot: Snapshot, _ tracked: TrackedRows?, columns: [Int], scheme: String, counters: ScanCounters) {
        self.snapshot = snapshot
        self.tracked = tracked
        self.scheme = scheme
        self.counters = counters
        self.columns = columns
        schema = Schema(columns.map { snapshot.schema.fields.indices.contains($0) ? snapshot.schema.fields[$0] : FileMetadata.placeholder })
    }

    mutating func next() throws(SQLError) -> RecordBatch? {
        do throws(DeltaError) {
            return try read()
        } catch {
            throw SQLError(error)
        }
    }

    private mutating func read() throws(DeltaError) -> RecordBatch? {
        while true {
            if open == nil {
                guard nextFile < snapshot.files.count else { return nil }
                let file = snapshot.files[nextFile]
                nextFile += 1
                let own = columns.filter { snapshot.schema.fields.indices.contains($0) }
                open = (
                    snapshot.scan(columns: own, files: [file], counters: counters), file, try snapshot.livePositions(file),
                    try tracked?.read(file, columns: []), 0
                )
            }
            guard var current = open else { return nil }
            guard let batch = try current.scan.nextBatch() else {
                open = nil
                continue
            }
            let range = current.row..<current.row + batch.rowCount
            current.row = range.upperBound
            open = current
            let object = snapshot.objectPath(current.file.path) ?? current.file.path
            var rows = FileMetadata.numbers(Int64(range.lowerBound)..<Int64(range.upperBound))
            if let places = current.places, places.count >= range.upperBound {
                rows = Column(.long, .int64(PrimitiveArray(places[range].map { Int64($0) })))
            }
            let ids = current.ids.map { (ids: $0.columns[0].slice(range), versions: $0.columns[1].slice(range)) }
            let metadata = FileMetadata.column(
                path: scheme + object, size: current.file.size, modifiedMillis: current.file.modificationTime, rows: rows, ids: ids,
                count: batch.rowCount)
            var stored = batch.columns.makeIterator()
            let made = columns.map { snapshot.schema.fields.indices.contains($0) ? stored.next() ?? metadata : metadata }
            return RecordBatch(schema: schema, columns: made, rowCount: batch.rowCount)
        }
    }
}
