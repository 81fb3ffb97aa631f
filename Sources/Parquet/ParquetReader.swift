package import Columnar

/// Reads the flat columns of a Parquet file that lies in memory. Nested columns are in the schema, but reading them is refused, as are
/// compressed pages and encodings other than PLAIN and the dictionary's.
package struct ParquetReader: Sendable {
    /// How far a small file may unfold: run lengths and dictionaries can stand for any number of rows.
    package struct Limits: Sendable {
        package var rowsPerGroup: Int
        package var bytesPerColumn: Int

        package init(rowsPerGroup: Int = 1 << 24, bytesPerColumn: Int = 1 << 28) {
            self.rowsPerGroup = rowsPerGroup
            self.bytesPerColumn = bytesPerColumn
        }
    }

    package let schema: Schema
    package let rowCount: Int
    /// By column: the id that table formats give it.
    package let fieldIDs: [Int32?]
    package let keyValueMetadata: [(key: String, value: String?)]
    package let createdBy: String?

    private let bytes: [UInt8]
    private let metadata: FileMetadata
    private let fileSchema: FileSchema
    private let footerStart: Int
    private let limits: Limits

    private static let magic = Array("PAR1".utf8)

    package init(bytes: [UInt8], limits: Limits = Limits()) throws(ParquetError) {
        guard bytes.count >= 12, bytes.prefix(4).elementsEqual(Self.magic) else { throw .malformed("no magic number at the beginning") }
        guard bytes.suffix(4).elementsEqual(Self.magic) else {
            if bytes.suffix(4).elementsEqual(Array("PARE".utf8)) { throw .unsupported("encryption") }
            throw .malformed("no magic number at the end")
        }
        var tail = ByteCursor(bytes, bytes.count - 8..<bytes.count)
        let length = try tail.length()
        guard length <= bytes.count - 12 else { throw .malformed("a footer longer than the file") }
        footerStart = bytes.count - 8 - length
        var reader = ThriftReader(bytes, footerStart..<bytes.count - 8)
        metadata = try FileMetadata(&reader)
        fileSchema = try FileSchema(metadata.schema)
        schema = Schema(fileSchema.columns.map(\.field))
        fieldIDs = fileSchema.columns.map(\.fieldID)
        keyValueMetadata = metadata.keyValues
        createdBy = metadata.createdBy
        self.bytes = bytes
        self.limits = limits
        var rows: Int64 = 0
        for group in metadata.rowGroups {
            guard group.columns.count == fileSchema.leafCount else {
                throw .malformed("a row group with another number of columns than the schema")
            }
            let (sum, overflow) = rows.addingReportingOverflow(group.rowCount)
            guard group.rowCount >= 0, !overflow else { throw .malformed("a row group of \(group.rowCount) rows") }
            rows = sum
        }
        guard rows == metadata.rowCount else { throw .malformed("\(metadata.rowCount) rows in the file, but \(rows) in its row groups") }
        rowCount = Int(rows)
    }

    package var rowGroupCount: Int { metadata.rowGroups.count }

    /// How many rows each row group has.
    package var rowGroupRowCounts: [Int] { metadata.rowGroups.map { Int($0.rowCount) } }

    /// The columns of these numbers, in this order; a batch for each row group.
    package func read(columns: [Int]) throws(ParquetError) -> [RecordBatch] {
        var result: [RecordBatch] = []
        for index in metadata.rowGroups.indices { result.append(try read(columns: columns, rowGroup: index)) }
        return result
    }

    /// The columns of these numbers, in this order, in one row group.
    package func read(columns: [Int], rowGroup index: Int) throws(ParquetError) -> RecordBatch {
        guard metadata.rowGroups.indices.contains(index) else { throw .schemaMismatch("there is no row group \(index)") }
        let group = metadata.rowGroups[index]
        var fields: [Field] = []
        var read: [Column] = []
        for column in columns {
            guard fileSchema.columns.indices.contains(column) else { throw .schemaMismatch("there is no column \(column)") }
            let topLevel = fileSchema.columns[column]
            guard let leaf = topLevel.leaf else {
                throw .unsupported("the nested column '\(topLevel.field.name)' of type \(topLevel.field.type.sqlText)")
            }
            fields.append(topLevel.field)
            read.append(try self.read(leaf, group, group.columns[topLevel.leafIndex]))
        }
        return RecordBatch(schema: Schema(fields), columns: read, rowCount: Int(group.rowCount))
    }

    private func read(_ leaf: LeafColumn, _ group: RowGroupMetadata, _ chunk: ColumnChunkMetadata) throws(ParquetError) -> Column {
        guard chunk.type == leaf.physicalType else {
            throw .malformed("the column '\(leaf.path[0])' has another type than the schema says")
        }
        let rows = Int(group.rowCount)
        guard chunk.valueCount == group.rowCount else {
            throw .malformed("the column '\(leaf.path[0])' has \(chunk.valueCount) values where there are \(rows) rows")
        }
        // Some writers make row groups without rows, whose chunks are nowhere.
        if rows == 0 { return Column.nulls(leaf.type, count: 0) }
        guard rows <= max(limits.rowsPerGroup, bytes.count) else { throw .tooLarge("a row group of \(rows) rows") }
        let pages = try PageReader(bytes, chunk, dataEnd: footerStart)
        let byteLimit = min(max(limits.bytesPerColumn, bytes.count), Int(Int32.max))
        var reader = ColumnChunkReader(leaf, pages: pages, rowCount: rows, byteLimit: byteLimit)
        return try reader.read()
    }

    /// What the file says of a column's values in a row group; nil if it says nothing, or the column is nested.
    package func statistics(column: Int, rowGroup index: Int) -> ColumnStatistics? {
        guard metadata.rowGroups.indices.contains(index), fileSchema.columns.indices.contains(column),
            let leaf = fileSchema.columns[column].leaf,
            let raw = metadata.rowGroups[index].columns[fileSchema.columns[column].leafIndex].statistics
        else { return nil }
        return ColumnStatistics(raw, leaf)
    }
}
