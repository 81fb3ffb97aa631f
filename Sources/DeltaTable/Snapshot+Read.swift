package import Columnar
import Storage

extension Snapshot {
    /// Files that are changed or compacted are read as a whole.
    private static let bytesAtOnce = 1 << 33

    /// One file's rows, in the file's order, without those that its deletion vector hides; `columns` are positions in the schema.
    /// Columns that the file lacks are null, partition columns come from the log.
    package func read(_ file: AddFile, columns: [Int]) throws(DeltaError) -> RecordBatch {
        var reader = try DataFileReader(self, file, columns: columns)
        var parts: [RecordBatch] = []
        var bytes = 0
        while let batch = try reader.next() {
            bytes += batch.columns.reduce(0) { $0 + $1.byteSize }
            guard bytes <= Self.bytesAtOnce else { throw .fileUnreadable(file.path, "too many rows to be read at once") }
            parts.append(batch)
        }
        let schema = Schema(columns.map { self.schema.fields[$0] })
        if parts.count == 1 { return parts[0] }
        guard columns.indices.allSatisfy({ index in Column.canConcat(parts.map { $0.columns[index] }) }) else {
            throw .fileUnreadable(file.path, "a column of the file is longer than 2^31 bytes")
        }
        return RecordBatch.concat(parts, schema: schema)
    }
}

/// Goes through the row groups of a data file, piece by piece.
struct DataFileReader {
    private let snapshot: Snapshot
    private let file: AddFile
    private let path: String
    private let identity: ObjectIdentity
    private let columns: [Int]
    private let wanted: [TableField]
    private let stored: [StoredColumn]
    private let rowGroups: [Int]
    /// Row groups in which no row passes the tests.
    private var excluded: [Bool] = []
    private let counters: ScanCounters
    private let kept: Bitmap?
    private var open: OpenDataFile?
    private var nextGroup = 0
    private var nextPiece = 0
    private var firstRow = 0
    /// The row group under way: the pieces of each stored column; nil for those that the file lacks.
    private var contents: [[Column]?]?

    /// A row group of more rows than this is refused: nothing but a lie makes one.
    private static let maxRows = 1 << 26

    init(
        _ snapshot: Snapshot, _ file: AddFile, columns: [Int], where tests: [ColumnTest] = [], counters: ScanCounters = .all
    ) throws(DeltaError) {
        self.counters = counters
        let log = snapshot.log
        guard let path = log.object(file.path) else {
            throw .unsupportedForRead(snapshot.tableName, ["files outside of the table's location"])
        }
        self.snapshot = snapshot
        self.file = file
        self.path = path
        self.columns = columns
        wanted = columns.map { snapshot.tableSchema.fields[$0] }
        stored = zip(columns, wanted).filter { !snapshot.isPartitionColumn($0.0) && $0.1.type != .void }.map { StoredColumn($0.1) }
        let identity = try log.access("Reading", path) { () throws(StorageError) in try log.store.identity(path) }
        guard let identity else { throw .fileMissing(path) }
        self.identity = identity
        if case .rowGroups(let counts) = snapshot.cache.entry(.init(file: identity)) {
            rowGroups = counts
        } else if stored.isEmpty, file.deletionVector == nil, let count = file.numRecords, count <= Self.maxRows {
            rowGroups = [count]
        } else {
            let opened = try Self.open(path, log)
            rowGroups = opened.rowGroups
            open = opened
            snapshot.cache.insert(.rowGroups(rowGroups), for: .init(file: identity))
        }
        let count = try Self.sum(rowGroups, path)
        kept = if let descriptor = file.deletionVector { try DeletionVector(descriptor, rowCount: count, log).kept } else { nil }
        excluded = try exclusions(tests)
    }

    /// Throws where there are more rows in all, or in a row group, than anything but a lie makes.
    private static func sum(_ rowGroups: [Int], _ path: String) throws(DeltaError) -> Int {
        var sum = 0
        for count in rowGroups {
            guard count <= maxRows else { throw .fileUnreadable(path, "a row group of too many rows") }
            sum += count
            guard sum <= 1 << 30 else { throw .fileUnreadable(path, "too many rows") }
        }
        return sum
    }

    /// Rows that are in the file by its own footer, hidden ones too: what the log says of them may be wrong.
    static func rowCount(_ snapshot: Snapshot, _ file: AddFile) throws(DeltaError) -> Int {
        let log = snapshot.log
        guard let path = log.object(file.path) else {
            throw .unsupportedForRead(snapshot.tableName, ["files outside of the table's location"])
        }
        let identity = try log.access("Reading", path) { () throws(StorageError) in try log.store.identity(path) }
        guard let identity else { throw .fileMissing(path) }
        if case .rowGroups(let counts) = snapshot.cache.entry(.init(file: identity)) { return try sum(counts, path) }
        let counts = try open(path, log).rowGroups
        snapshot.cache.insert(.rowGroups(counts), for: .init(file: identity))
        return try sum(counts, path)
    }

    private mutating func exclusions(_ tests: [ColumnTest]) throws(DeltaError) -> [Bool] {
        var excluded = [Bool](repeating: false, count: rowGroups.count)
        // A single row group is what the file's own statistics have been asked about.
        guard rowGroups.count > 1 else { return excluded }
        for test in tests where snapshot.tableSchema.fields.indices.contains(test.column) && !snapshot.isPartitionColumn(test.column) {
            let field = snapshot.tableSchema.fields[test.column]
            let column = StoredColumn(field)
            guard column.type == field.type else { continue }
            let key = ColumnCache.Key(file: identity, column: column.name, rowGroup: -1)
            let known: [ValueTest.Known?]
            if case .known(let cached) = snapshot.cache.entry(key) {
                known = cached
            } else {
                let opened = if let open { open } else { try Self.open(path, snapshot.log) }
                open = opened
                known = opened.known(column, byID: isByID)
                snapshot.cache.insert(.known(known), for: key)
            }
            guard known.count == excluded.count else { continue }
            for (group, known) in known.enumerated() { if let known, test.test.excludes(known) { excluded[group] = true } }
        }
        return excluded
    }

    private var isByID: Bool { snapshot.property("delta.columnMapping.mode")?.lowercased() == "id" }

    private static func open(_ path: String, _ log: LogStore) throws(DeltaError) -> OpenDataFile {
        let size = try log.access("Reading", path) { () throws(StorageError) in try log.store.size(path) }
        guard let size else { throw .fileMissing(path) }
        return try OpenDataFile(path: path, size: size) { range throws(DeltaError) in
            try log.access("Reading", path) { () throws(StorageError) in try log.store.get(path, range: range) }
        }
    }

    /// The next piece of a row group, of which no row may be left; nil behind the last.
    mutating func next() throws(DeltaError) -> RecordBatch? {
        while nextGroup < rowGroups.count, excluded[nextGroup] {
            firstRow += rowGroups[nextGroup]
            nextGroup += 1
            counters.add { $0.rowGroupsPruned += 1 }
        }
        guard nextGroup < rowGroups.count else { return nil }
        if contents == nil {
            let rows = rowGroups[nextGroup]
            counters.add { counts in
                counts.rowGroupsRead += 1
                counts.rowsRead &+= rows
            }
        }
        let range = Self.piece(nextPiece, of: rowGroups[nextGroup])
        let count = range.count
        let contents = if let contents { contents } else { try readStored(rowGroup: nextGroup, rowCount: rowGroups[nextGroup]) }
        self.contents = contents
        var result: [Column] = []
        var position = 0
        for (column, field) in zip(columns, wanted) {
            if snapshot.isPartitionColumn(column) {
                guard let value = PartitionText.value(of: file.partitionValues[field.physicalName], field.type) else {
                    throw .malformedLog(snapshot.log.logPrefix, "partition value of column \(field.name) of file \(file.path)")
                }
                let one = Column(field.type, of: [value])
                guard one.byteSize <= Int(Int32.max) / max(count, 1) else { throw .fileUnreadable(path, "partition values of too many bytes") }
                result.append(one.take([Int32](repeating: 0, count: count)))
            } else if field.type == .void {
                result.append(.nulls(.void, count: count))
            } else {
                let type = stored[position].type
                let found = contents[position]?[nextPiece]
                position += 1
                guard let found else {
                    result.append(.nulls(field.type, count: count))
                    continue
                }
                let adapted = try adapt(found, to: type, field.name)
                result.append(type == field.type ? adapted : adapted.relabelled(field.type))
            }
        }
        let batch = RecordBatch(schema: Schema(wanted.map(\.field)), columns: result, rowCount: count)
        firstRow += count
        nextPiece += 1
        if nextPiece == Self.pieceCount(rowGroups[nextGroup]) {
            nextPiece = 0
            nextGroup += 1
            self.contents = nil
        }
        guard let kept else { return batch }
        return batch.filter(kept.slice(firstRow - count..<firstRow))
    }

    // MARK: Pieces

    /// Rows of a piece: what operators make of it stays in the processor's cache.
    private static let pieceRows = 1 << 14

    private static func pieceCount(_ rows: Int) -> Int { max(1, rows / pieceRows) }

    /// The rows of a row group's piece; the last has the rest.
    private static func piece(_ index: Int, of rows: Int) -> Range<Int> {
        index * pieceRows..<(index + 1 == pieceCount(rows) ? rows : (index + 1) * pieceRows)
    }

    /// A row group's values in pieces.
    static func pieces(_ column: Column) -> [Column] {
        (0..<pieceCount(column.count)).map { column.slice(piece($0, of: column.count)) }
    }

    /// How many rows each piece of a row group has.
    private static func pieces(_ rows: Int) -> [Int] { (0..<pieceCount(rows)).map { piece($0, of: rows).count } }

    /// A row group's columns, from the cache as far as it has them.
    private mutating func readStored(rowGroup: Int, rowCount: Int) throws(DeltaError) -> [[Column]?] {
        var found: [[Column]?] = []
        var missing: [Int] = []
        for (index, column) in stored.enumerated() {
            switch snapshot.cache.entry(.init(file: identity, column: column.name, rowGroup: rowGroup)) {
            case .column(let pieces): found.append(pieces)
            case .absent: found.append(nil)
            case .rowGroups, .known, nil:
                found.append(nil)
                missing.append(index)
            }
        }
        guard !missing.isEmpty else { return found }
        let file: OpenDataFile
        if let open { file = open } else { file = try Self.open(path, snapshot.log) }
        open = file
        let read = try file.read(missing.map { stored[$0] }, rowGroup: rowGroup, pieces: Self.pieces(rowCount), byID: isByID)
        for (index, pieces) in zip(missing, read) {
            found[index] = pieces
            let key = ColumnCache.Key(file: identity, column: stored[index].name, rowGroup: rowGroup)
            snapshot.cache.insert(pieces.map { .column($0) } ?? .absent, for: key)
        }
        return found
    }

    /// The column under the table's type. Types that are laid out alike pass; integers and floating-point numbers may be narrower in the file.
    private func adapt(_ column: Column, to type: DataType, _ name: String) throws(DeltaError) -> Column {
        if column.type == type { return column }
        if let same = TypeAdapter.adapt(column, to: type) { return same }
        throw .columnTypeMismatch(path, column: "[\(name)]", expected: type.simpleText, actual: column.type.simpleText)
    }
}
