package import Columnar
import Storage

/// Where and under what schema data files are written.
package struct WriteTarget: Sendable {
    package let schema: TableSchema
    package let partitionColumns: [String]
    let log: LogStore
    let cache: ColumnCache
    let indexedColumns: Int
    /// Where below the table's location files lie, with a slash at its end, and what their names begin with.
    private(set) var folder = ""
    private(set) var prefix = "part-"

    /// For the rows of the change feed: the table's columns and `_change_type`.
    package var changes: WriteTarget {
        var target = WriteTarget(
            log, cache, schema: TableSchema(schema.fields + [TableField("_change_type", .text)]), partitionColumns: partitionColumns,
            properties: ["delta.dataSkippingNumIndexedCols": "0"])
        target.folder = "_change_data/"
        target.prefix = "cdc-"
        return target
    }

    init(_ log: LogStore, _ cache: ColumnCache, schema: TableSchema, partitionColumns: [String], properties: [String: String]) {
        self.log = log
        self.cache = cache
        self.schema = schema
        self.partitionColumns = partitionColumns
        indexedColumns = properties["delta.dataSkippingNumIndexedCols"].flatMap { Int($0) } ?? FileStatistics.defaultIndexedColumns
    }
}

/// Writes rows as data files, one or more for each partition. The files belong to no table until they are committed.
package struct DeltaWriter {
    private struct Partition {
        let values: PartitionValues
        var batches: [RecordBatch] = []
        var rows = 0
        var bytes = 0
    }

    /// A file ends when its rows have come to so many bytes in memory.
    private static let maxBytesPerFile = 1 << 28

    private let target: WriteTarget
    private let context: CommitContext
    private let maxRowsPerFile: Int
    /// Positions in the table's schema.
    private let partitionPositions: [Int]
    private let storedPositions: [Int]
    private let storedColumns: [StoredColumn]
    /// In order of first appearance.
    private var partitions: [Partition] = []
    private var partitionIndex: [[String?]: Int] = [:]
    private var files: [AddFile] = []
    private var partNumber = 0

    package init(_ target: WriteTarget, _ context: CommitContext, maxRowsPerFile: Int = 1 << 20) {
        self.target = target
        self.context = context
        self.maxRowsPerFile = max(maxRowsPerFile, 1)
        let positions = target.partitionColumns.compactMap { target.schema.index(of: $0) }
        partitionPositions = positions
        storedPositions = target.schema.fields.indices.filter { !positions.contains($0) && target.schema.fields[$0].type != .void }
        storedColumns = storedPositions.map { StoredColumn(target.schema.fields[$0]) }
    }

    /// All at once; the files in order of their partitions' first appearance.
    package static func write(
        _ batches: some Sequence<RecordBatch>, to target: WriteTarget, _ context: CommitContext, maxRowsPerFile: Int = 1 << 20
    ) throws(DeltaError) -> [AddFile] {
        var writer = DeltaWriter(target, context, maxRowsPerFile: maxRowsPerFile)
        for batch in batches { try writer.write(batch) }
        return try writer.finish()
    }

    /// Rows in the order and under the types of the table's schema. Throws where a column without nulls gets one.
    package mutating func write(_ batch: RecordBatch) throws(DeltaError) {
        guard batch.columns.count == target.schema.fields.count else {
            throw .storage("Writing", target.log.location, "\(batch.columns.count) columns for a table of \(target.schema.fields.count)")
        }
        for (field, column) in zip(target.schema.fields, batch.columns) {
            guard column.type == field.type else {
                throw .columnTypeMismatch(
                    target.log.location, column: "[\(field.name)]", expected: field.type.simpleText, actual: column.type.simpleText)
            }
            if !field.nullable, column.nullCount > 0 { throw .notNullViolated(field.name) }
        }
        guard batch.rowCount > 0 else { return }
        // The names in the file are the physical ones.
        let schema = Schema(storedColumns.map(\.field))
        let columns = zip(storedPositions, storedColumns).map { $1.stored(batch.columns[$0]) }
        let stored = RecordBatch(schema: schema, columns: columns, rowCount: batch.rowCount)
        guard !partitionPositions.isEmpty else { return try append(stored, to: partition([])) }
        let keys = PartitionKeys(partitionPositions.map { batch.columns[$0] }, rowCount: batch.rowCount)
        var rows = [[Int32]](repeating: [], count: keys.values.count)
        for (row, group) in keys.codes.enumerated() { rows[Int(group)].append(Int32(truncatingIfNeeded: row)) }
        for (values, group) in zip(keys.values, rows) {
            try append(rows.count == 1 ? stored : stored.take(group), to: partition(values))
        }
    }

    private mutating func partition(_ values: [String?]) -> Int {
        if let index = partitionIndex[values] { return index }
        partitionIndex[values] = partitions.count
        let names = partitionPositions.map { target.schema.fields[$0].physicalName }
        partitions.append(Partition(values: PartitionValues(Array(zip(names, values)))))
        return partitions.count - 1
    }

    private mutating func append(_ batch: RecordBatch, to index: Int) throws(DeltaError) {
        var rest = batch
        while partitions[index].rows + rest.rowCount >= maxRowsPerFile {
            let taken = maxRowsPerFile - partitions[index].rows
            partitions[index].batches.append(taken == rest.rowCount ? rest : rest.slice(0..<taken))
            try flush(index)
            guard taken < rest.rowCount else { return }
            rest = rest.slice(taken..<rest.rowCount)
        }
        let size = rest.columns.reduce(0) { $0 + $1.byteSize }
        if partitions[index].bytes + size > Self.maxBytesPerFile { try flush(index) }
        partitions[index].batches.append(rest)
        partitions[index].rows += rest.rowCount
        partitions[index].bytes += size
    }

    /// Writes what is left. Call it once.
    package mutating func finish() throws(DeltaError) -> [AddFile] {
        for index in partitions.indices { try flush(index) }
        return files
    }

    private mutating func flush(_ index: Int) throws(DeltaError) {
        let batches = partitions[index].batches
        guard let first = batches.first else { return }
        partitions[index].batches = []
        (partitions[index].rows, partitions[index].bytes) = (0, 0)
        let whole = batches.count == 1 ? first : RecordBatch.concat(batches, schema: first.schema)
        let values = partitions[index].values
        let name = "\(target.prefix)\(Civil.padded(Int64(partNumber), 5))-\(context.newUUID())\(DataFile.nameEnding)"
        partNumber += 1
        let path = target.folder + FilePath.partitionDirectory(values) + name
        let object = target.log.path(path)
        let written = try DataFile.encode(whole, storedColumns, path: object)
        let bytes = written.bytes
        let identity = try target.log.access("Writing", object) { () throws(StorageError) in
            try target.log.store.put(object, bytes)
            return try target.log.store.identity(object)
        }
        if let identity {
            target.cache.insert(.rowGroups(written.rowGroups), for: .init(file: identity))
            var start = 0
            for (group, count) in written.rowGroups.enumerated() {
                for (field, column) in zip(whole.schema.fields, whole.columns) {
                    let key = ColumnCache.Key(file: identity, column: field.name, rowGroup: group)
                    target.cache.insert(.column(DataFileReader.pieces(column.slice(start..<start + count))), for: key)
                }
                start += count
            }
        }
        files.append(
            AddFile(
                path: FilePath.percentEncoded(path), partitionValues: values, size: Int64(bytes.count),
                modificationTime: context.timestampMillis,
                stats: FileStatistics.collect(whole, indexedColumns: target.indexedColumns)))
    }
}
