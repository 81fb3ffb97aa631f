package import Columnar

/// The bytes of a file that has been written, and what is known of its values.
package struct ParquetFile: Sendable {
    package let bytes: [UInt8]
    /// How many rows each row group has.
    package let rowGroupRowCounts: [Int]
    package let statistics: ParquetFileStatistics
}

/// Writes columns as a Parquet file: pages of the first version, compressed with snappy, with dictionaries where they make the file smaller.
package enum ParquetWriter {
    package struct Options: Sendable {
        package var rowGroupRows = 128 * 1024
        /// A row group also ends when its strings have come to so many bytes.
        package var rowGroupBytes = 64 << 20
        package var pageRows = 20_000
        package var pageBytes = 1 << 20
        package var usesDictionaries = true
        package var compression = Compression.snappy
        package var createdBy = "dbxsim"
        /// Such as Spark's `org.apache.spark.sql.parquet.row.metadata`.
        package var keyValueMetadata: [(key: String, value: String)] = []
        /// By column; empty for none at all.
        package var fieldIDs: [Int32?] = []
        /// Those of fields within, by their paths: the column's name, field names, and `element`, `key`, `value` for what is in lists and maps.
        package var nestedFieldIDs: [[String]: Int32] = [:]

        package init() {}
    }

    private static let magic = Array("PAR1".utf8)

    /// The batches' columns have the layouts of the schema's types; what the batches' own schemas say is not looked at.
    package static func write(_ batches: [RecordBatch], schema: Schema, options: Options = Options()) throws(ParquetError) -> ParquetFile {
        let layout = try WriterSchema(schema, options)
        var bytes = magic
        var metadata = FileMetadata()
        metadata.schema = layout.elements
        metadata.createdBy = options.createdBy
        metadata.keyValues = options.keyValueMetadata.map { (key: $0.key, value: $0.value) }
        var ranges = [StatisticsCollector](repeating: StatisticsCollector(), count: schema.count)
        for parts in try rowGroups(batches, schema, options) {
            var group = RowGroupMetadata()
            group.rowCount = Int64(parts.reduce(0) { $0 + $1.rowCount })
            group.fileOffset = Int64(bytes.count)
            for (index, field) in schema.fields.enumerated() {
                let column = Column.concat(parts.map { $0.columns[index] }, type: field.type)
                ranges[index].add(column)
                for (leaf, values) in zip(layout.leaves[index], try ColumnShredder(column, field).leaves) {
                    var writer = ColumnChunkWriter(leaf: leaf, options: options)
                    let chunk = try writer.write(values, to: &bytes)
                    group.totalByteSize += chunk.uncompressedSize
                    group.columns.append(chunk)
                }
            }
            metadata.rowCount += group.rowCount
            metadata.rowGroups.append(group)
        }
        var writer = ThriftWriter()
        metadata.write(&writer)
        bytes.append(contentsOf: writer.bytes)
        withUnsafeBytes(of: UInt32(truncatingIfNeeded: writer.bytes.count).littleEndian) { bytes.append(contentsOf: $0) }
        bytes.append(contentsOf: magic)
        return ParquetFile(
            bytes: bytes, rowGroupRowCounts: metadata.rowGroups.map { Int($0.rowCount) },
            statistics: ParquetFileStatistics(rowCount: Int(metadata.rowCount), columns: ranges.map { $0.statistics() }))
    }

    /// The batches cut and gathered into row groups.
    private static func rowGroups(_ batches: [RecordBatch], _ schema: Schema, _ options: Options) throws(ParquetError) -> [[RecordBatch]] {
        let limit = max(options.rowGroupRows, 1)
        var groups: [[RecordBatch]] = []
        var current: [RecordBatch] = []
        var (rows, size) = (0, 0)
        for batch in batches {
            try check(batch, schema)
            var start = 0
            while start < batch.rowCount {
                var taken = min(batch.rowCount - start, limit - rows)
                var added = byteCount(batch, start..<start + taken)
                while taken > 1, size + added > options.rowGroupBytes {
                    taken /= 2
                    added = byteCount(batch, start..<start + taken)
                }
                current.append(batch.slice(start..<start + taken))
                (rows, size, start) = (rows + taken, size + added, start + taken)
                if rows == limit || size >= options.rowGroupBytes {
                    groups.append(current)
                    current = []
                    (rows, size) = (0, 0)
                }
            }
        }
        if rows > 0 { groups.append(current) }
        return groups
    }

    private static func check(_ batch: RecordBatch, _ schema: Schema) throws(ParquetError) {
        guard batch.columns.count == schema.count else {
            throw .schemaMismatch("\(batch.columns.count) columns for the \(schema.count) of the schema")
        }
        // Rows of no columns at all would be lost: the format counts them by its columns.
        guard schema.count > 0 || batch.rowCount == 0 else { throw .unsupported("rows without columns") }
        for (column, field) in zip(batch.columns, schema.fields) where !column.hasLayout(of: field.type) {
            throw .schemaMismatch("the column '\(field.name)' is not laid out as \(field.type.sqlText)")
        }
    }

    /// Bytes of strings and binaries in the rows, and of what is in their lists.
    private static func byteCount(_ batch: RecordBatch, _ rows: Range<Int>) -> Int {
        batch.columns.reduce(0) { $0 + $1.byteCount(rows) }
    }
}

extension Column {
    fileprivate func byteCount(_ rows: Range<Int>) -> Int {
        switch values {
        case .bytes(let array): return Int(array.offsets[rows.upperBound] - array.offsets[rows.lowerBound])
        case .list(let array):
            let elements = Int(array.offsets[rows.lowerBound])..<Int(array.offsets[rows.upperBound])
            return 4 * elements.count + array.child.byteCount(elements)
        case .structure(let array): return array.children.reduce(0) { $0 + $1.byteCount(rows) }
        default: return 0
        }
    }

    /// Nulls alone may lie in any layout.
    fileprivate func hasLayout(of type: DataType) -> Bool {
        switch (values, type) {
        case (.void, _), (.boolean, .boolean), (.int8, .byte), (.int16, .short), (.int32, .int), (.int32, .date), (.int32, .yearMonthInterval),
            (.int64, .long), (.int64, .timestamp), (.int64, .timestampNTZ), (.int64, .dayTimeInterval), (.float, .float), (.double, .double),
            (.bytes, .string), (.bytes, .char), (.bytes, .varchar), (.bytes, .binary):
            true
        case (.int64, .decimal(let decimal)): decimal.fitsLong
        case (.int128, .decimal(let decimal)): !decimal.fitsLong
        case (.list(let array), .array(let element, _)): array.child.hasLayout(of: element)
        case (.list(let array), .map(let key, let value, _)):
            array.child.hasLayout(of: .mapEntry(key, value, valueContainsNull: true)) && array.child.validity == nil
        case (.structure(let array), .structure(let fields)):
            array.children.count == fields.count && zip(array.children, fields).allSatisfy { $0.hasLayout(of: $1.type) }
        case (.structure(let array), .variant): array.children.count == 2 && array.children.allSatisfy { $0.hasLayout(of: .binary) }
        default: false
        }
    }
}

/// Gathers a column's range over the row groups.
private struct StatisticsCollector {
    private var nullCount = 0
    private var hasNaN = false
    /// The extremes of each row group.
    private var bounds: [Column] = []

    mutating func add(_ column: Column) {
        nullCount += column.nullCount
        guard column.isFlat, let (least, greatest) = Kernel.extremes(column) else { return }
        if column.isNaN(greatest) { hasNaN = true }
        bounds.append(column.take([Int32(truncatingIfNeeded: least), Int32(truncatingIfNeeded: greatest)]))
    }

    func statistics() -> ColumnStatistics {
        guard !hasNaN, let first = bounds.first else { return ColumnStatistics(nullCount: nullCount, min: nil, max: nil) }
        let all = Column.concat(bounds, type: first.type)
        guard let (least, greatest) = Kernel.extremes(all) else { return ColumnStatistics(nullCount: nullCount, min: nil, max: nil) }
        return ColumnStatistics(nullCount: nullCount, min: all.value(at: least), max: all.value(at: greatest))
    }
}
