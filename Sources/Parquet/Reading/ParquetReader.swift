package import Columnar
import Dispatch
import Synchronization

/// Where a file's bytes come from, part by part, so that no more of it is held than is being read.
package struct ParquetSource: Sendable {
    package let size: Int
    /// The bytes of a range within the file; all of them, or it throws `.unreadable`.
    package let read: @Sendable (Range<Int>) throws(ParquetError) -> [UInt8]

    package init(size: Int, read: @escaping @Sendable (Range<Int>) throws(ParquetError) -> [UInt8]) {
        self.size = size
        self.read = read
    }
}

/// Reads the columns of a Parquet file, a row group at a time. Refused by name: the codecs LZO and BROTLI, the encoding
/// BIT_PACKED, TIME and INTERVAL, encryption.
package struct ParquetReader: Sendable {
    /// How far a small file may unfold: run lengths and dictionaries can stand for any number of rows.
    package struct Limits: Sendable {
        package var rowsPerGroup: Int
        package var bytesPerColumn: Int
        /// Of all columns that are read at once.
        package var bytesAtOnce: Int

        package init(rowsPerGroup: Int = 1 << 24, bytesPerColumn: Int = 1 << 28, bytesAtOnce: Int = 1 << 30) {
            self.rowsPerGroup = rowsPerGroup
            self.bytesPerColumn = bytesPerColumn
            self.bytesAtOnce = bytesAtOnce
        }
    }

    package let schema: Schema
    package let rowCount: Int
    /// By column: the id that table formats give it.
    package let fieldIDs: [Int32?]
    /// By column: the ids of fields within, by their paths: field names, and `element`, `key`, `value` for what is in lists and maps.
    package var nestedFieldIDs: [[[String]: Int32]] { fileSchema.columns.map { $0.nestedFieldIDs() } }
    package let keyValueMetadata: [(key: String, value: String?)]
    package let createdBy: String?

    private let source: ParquetSource
    private let metadata: FileMetadata
    private let fileSchema: FileSchema
    private let footerStart: Int
    private let limits: Limits

    private static let magic = Array("PAR1".utf8)

    /// Of a file that lies in memory.
    package init(bytes: [UInt8], limits: Limits = Limits()) throws(ParquetError) {
        guard bytes.prefix(4).elementsEqual(Self.magic) else { throw .malformed("no magic number at the beginning") }
        let source = ParquetSource(size: bytes.count) { range throws(ParquetError) in
            guard range.lowerBound >= 0, range.upperBound <= bytes.count else { throw .malformed("a range outside of the file") }
            return range.count == bytes.count ? bytes : Array(bytes[range])
        }
        try self.init(source, limits: limits)
    }

    /// What a first reading takes from the file's end: most footers are shorter.
    private static let tailSize = 1 << 16

    /// Reads the footer, and then whatever columns are asked for.
    package init(_ source: ParquetSource, limits: Limits = Limits()) throws(ParquetError) {
        guard source.size >= 12 else { throw .malformed("no magic number at the beginning") }
        var bytes = try source.read(max(source.size - Self.tailSize, 0)..<source.size)
        guard bytes.count >= 8, bytes.suffix(4).elementsEqual(Self.magic) else {
            if bytes.suffix(4).elementsEqual(Array("PARE".utf8)) { throw .unsupported("encryption") }
            throw .malformed("no magic number at the end")
        }
        var tail = ByteCursor(bytes, bytes.count - 8..<bytes.count)
        let length = try tail.length()
        guard length <= source.size - 12 else { throw .malformed("a footer longer than the file") }
        footerStart = source.size - 8 - length
        if length + 8 > bytes.count { bytes = try source.read(footerStart..<source.size) }
        guard length + 8 <= bytes.count else { throw .malformed("a footer longer than the file") }
        var reader = ThriftReader(bytes, bytes.count - 8 - length..<bytes.count - 8)
        metadata = try FileMetadata(&reader)
        fileSchema = try FileSchema(metadata.schema)
        schema = Schema(fileSchema.columns.map(\.field))
        fieldIDs = fileSchema.columns.map(\.fieldID)
        keyValueMetadata = metadata.keyValues
        createdBy = metadata.createdBy
        self.source = source
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
        let budget = budget()
        for index in metadata.rowGroups.indices { result.append(try read(columns: columns, rowGroup: index, budget)) }
        return result
    }

    /// What a file stands for may be several times its own size, and a good deal for small ones.
    private func budget() -> ReadBudget {
        let (scaled, overflow) = source.size.multipliedReportingOverflow(by: 16)
        return ReadBudget(overflow ? .max : max(limits.bytesAtOnce, scaled))
    }

    /// The columns of these numbers, in this order, in one row group.
    package func read(columns: [Int], rowGroup index: Int) throws(ParquetError) -> RecordBatch {
        try read(columns: columns, rowGroup: index, budget())
    }

    /// The same, with each column in pieces of so many rows one after the other; they must make up the row group.
    package func read(columns: [Int], rowGroup index: Int, pieces: [Int]) throws(ParquetError) -> [[Column]] {
        try read(columns: columns, rowGroup: index, pieces: pieces, budget())
    }

    private func read(columns: [Int], rowGroup index: Int, _ budget: ReadBudget) throws(ParquetError) -> RecordBatch {
        guard metadata.rowGroups.indices.contains(index) else { throw .schemaMismatch("there is no row group \(index)") }
        let rows = Int(metadata.rowGroups[index].rowCount)
        let read = try read(columns: columns, rowGroup: index, pieces: [rows], budget)
        return RecordBatch(schema: Schema(columns.map { fileSchema.columns[$0].field }), columns: read.flatMap { $0 }, rowCount: rows)
    }

    private func read(columns: [Int], rowGroup index: Int, pieces: [Int], _ budget: ReadBudget) throws(ParquetError) -> [[Column]] {
        guard metadata.rowGroups.indices.contains(index) else { throw .schemaMismatch("there is no row group \(index)") }
        let group = metadata.rowGroups[index]
        guard pieces.allSatisfy({ (0...Int(group.rowCount)).contains($0) }), pieces.reduce(0, &+) == Int(group.rowCount) else {
            throw .schemaMismatch("the pieces do not make up the row group \(index)")
        }
        let nodes = try columns.map { (column) throws(ParquetError) -> SchemaNode in
            guard fileSchema.columns.indices.contains(column) else { throw .schemaMismatch("there is no column \(column)") }
            return fileSchema.columns[column]
        }
        if nodes.count > 1, group.rowCount >= Self.rowsWorthThreads { return try readAtOnce(nodes, group, pieces, budget) }
        return try nodes.map { (node) throws(ParquetError) -> [Column] in try self.read(node, group, pieces, budget) }
    }

    /// Calling other processors in costs as much as reading some thousand values.
    private static let rowsWorthThreads = 1 << 13

    /// Columns by all processors, the longest first. Of several errors the first column's is thrown.
    private func readAtOnce(
        _ nodes: [SchemaNode], _ group: RowGroupMetadata, _ pieces: [Int], _ budget: ReadBudget
    ) throws(ParquetError) -> [[Column]] {
        let results = Mutex([Result<[Column], ParquetError>?](repeating: nil, count: nodes.count))
        let sizes = nodes.map { node in group.columns[node.leaves].map { max(0, $0.uncompressedSize) }.max() ?? 0 }
        let order = nodes.indices.sorted { (sizes[$1], $0) < (sizes[$0], $1) }
        DispatchQueue.concurrentPerform(iterations: nodes.count) { turn in
            let place = order[turn]
            let result: Result<[Column], ParquetError>
            do throws(ParquetError) { result = .success(try self.read(nodes[place], group, pieces, budget)) } catch { result = .failure(error) }
            results.withLock { $0[place] = result }
        }
        var columns: [[Column]] = []
        for case let result? in results.withLock({ $0 }) { columns.append(try result.get()) }
        return columns
    }

    private func read(_ node: SchemaNode, _ group: RowGroupMetadata, _ pieces: [Int], _ budget: ReadBudget) throws(ParquetError) -> [Column] {
        let rows = Int(group.rowCount)
        // Some writers make row groups without rows, whose chunks are nowhere.
        if rows == 0 { return pieces.map { Column.nulls(node.type, count: $0) } }
        guard rows <= max(limits.rowsPerGroup, source.size) else { throw .tooLarge("a row group of \(rows) rows") }
        let whole: Column
        if case .leaf(let leaf, let index) = node.kind {
            let metadata = group.columns[index]
            guard metadata.valueCount == group.rowCount else {
                throw .malformed("the column '\(leaf.name)' has \(metadata.valueCount) values where there are \(rows) rows")
            }
            if FlatColumnReader.reads(leaf) {
                let (pages, byteLimit) = try self.pages(leaf, metadata, budget)
                var reader = FlatColumnReader(leaf, pages: pages, entryCount: rows, byteLimit: byteLimit, budget: budget)
                return try pieces.map { (rows) throws(ParquetError) -> Column in try reader.column(rows: rows) }
            }
            let chunk = try self.chunk(leaf, metadata, budget)
            let validity = leaf.maxDefinition == 0 ? nil : chunk.levels.validity.finishValidity()
            whole = try ValueConverter(leaf: leaf, values: chunk.values, validity: validity, count: rows).column()
        } else {
            var chunks: [ColumnChunk] = []
            try forEachLeaf(node) { leaf, index throws(ParquetError) in chunks.append(try chunk(leaf, group.columns[index], budget)) }
            whole = try ColumnAssembler(chunks: chunks, firstLeaf: node.leaves.lowerBound).column(node, rowCount: rows)
        }
        var start = 0
        return pieces.map { count in
            defer { start += count }
            return whole.slice(start..<start + count)
        }
    }

    private func forEachLeaf(_ node: SchemaNode, _ body: (LeafColumn, Int) throws(ParquetError) -> Void) throws(ParquetError) {
        switch node.kind {
        case .leaf(let leaf, let index): try body(leaf, index)
        case .list(let element): try forEachLeaf(element, body)
        case .map(let key, let value):
            try forEachLeaf(key, body)
            try forEachLeaf(value, body)
        case .structure(let fields): for field in fields { try forEachLeaf(field, body) }
        }
    }

    /// The pages of a column chunk, and how many bytes of strings may come of them.
    private func pages(
        _ leaf: LeafColumn, _ metadata: ColumnChunkMetadata, _ budget: ReadBudget
    ) throws(ParquetError) -> (PageReader, byteLimit: Int) {
        guard metadata.type == leaf.physicalType else {
            throw .malformed("the column '\(leaf.name)' has another type than the schema says")
        }
        guard metadata.valueCount >= 0, metadata.valueCount <= max(limits.rowsPerGroup, source.size) else {
            throw .tooLarge("a column chunk of \(metadata.valueCount) values")
        }
        let (size, overflow) = Int(metadata.valueCount).multipliedReportingOverflow(by: leaf.valueSize)
        guard !overflow else { throw .tooLarge("a column chunk of \(metadata.valueCount) values") }
        try budget.take(size)
        let byteLimit = min(max(limits.bytesPerColumn, source.size), Int(Int32.max))
        return (try PageReader(source, try metadata.range(dataEnd: footerStart), metadata, pageLimit: byteLimit), byteLimit)
    }

    private func chunk(_ leaf: LeafColumn, _ metadata: ColumnChunkMetadata, _ budget: ReadBudget) throws(ParquetError) -> ColumnChunk {
        let (pages, byteLimit) = try pages(leaf, metadata, budget)
        var reader = ColumnChunkReader(leaf, pages: pages, entryCount: Int(metadata.valueCount), byteLimit: byteLimit)
        let chunk = try reader.read()
        try budget.take(chunk.values.stringBytes)
        return chunk
    }

    /// What the file says of a column's values in a row group; nil if it says nothing, or the column is nested.
    package func statistics(column: Int, rowGroup index: Int) -> ColumnStatistics? {
        guard metadata.rowGroups.indices.contains(index), fileSchema.columns.indices.contains(column),
            case .leaf(let leaf, let position) = fileSchema.columns[column].kind,
            let raw = metadata.rowGroups[index].columns[position].statistics
        else { return nil }
        return ColumnStatistics(raw, leaf)
    }
}
