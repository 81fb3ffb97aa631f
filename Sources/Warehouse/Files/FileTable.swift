import Columnar
import DeltaTable
import Parquet
import SparkErrors
import SparkFunctions
import SparkSQL
import Storage

/// Files of one format as a table.
struct FileTable: TableProvider {
    let schema: Schema
    /// How many of the schema's columns come from the files; those of partitions follow, then the one for what does not fit.
    let fileFields: [Field]
    let partitionFields: [Field]
    let rescueColumn: String?
    let files: [SourceFile]
    let options: FileReadOptions
    let store: any ObjectStore
    let context: EvaluationContext
    /// Columns of CSV are found by the names in each file's first line.
    let byName: Bool
    var showsMetadata = false

    var metadataColumn: Field? { showsMetadata ? FileMetadata.field(hasRows: options.format == .parquet) : nil }

    var rowCount: Int? { nil }

    private static let batchRows = 4096

    func scan(columns: [Int], where tests: [ScanTest]) throws(SQLError) -> any BatchSource { Source(table: self, columns: columns) }

    func division() -> RecordReader.Division {
        switch options.format {
        case .json where options.flag("multiline"): return .wholeFile
        case .text where options.flag("wholetext"): return .wholeFile
        case .csv where options.flag("multiline"):
            let quote = (options.values["quote"] ?? "\"").utf8.first
            if let quote { return .quoted(quote: quote, escape: options.values["escape"]?.utf8.first ?? UInt8(ascii: "\\")) }
        default: break
        }
        return .lines(separator: options.values["linesep"].map { Array($0.utf8) })
    }

    func records(_ file: SourceFile) -> RecordReader { RecordReader(FileBytes(file, in: store), path: file.path, division()) }

    static func isBlank(_ record: ArraySlice<UInt8>) -> Bool { record.allSatisfy { $0 <= 0x20 } }

    func isComment(_ record: ArraySlice<UInt8>) -> Bool { options.values["comment"]?.utf8.first.map { record.first == $0 } ?? false }

    func parquet(_ file: SourceFile) throws(SQLError) -> ParquetReader {
        let (store, object) = (store, file.object)
        do throws(ParquetError) {
            return try ParquetReader(
                ParquetSource(size: file.size) { range throws(ParquetError) in
                    do throws(StorageError) { return try store.get(object, range: range) } catch { throw .unreadable(error.description) }
                })
        } catch {
            throw .unreadable(file.path, error.description)
        }
    }

    // MARK: Rows

    private struct Source: BatchSource {
        let table: FileTable
        let columns: [Int]
        var position = 0
        var reader: (any FileBatches)?
        /// Rows of the file so far.
        var rows: Int64 = 0

        init(table: FileTable, columns: [Int]) {
            self.table = table
            self.columns = columns
        }

        mutating func next() throws(SQLError) -> RecordBatch? {
            while true {
                if let reader {
                    guard let batch = try reader.next() else {
                        self.reader = nil
                        continue
                    }
                    let file = table.files[position - 1]
                    defer { rows += Int64(batch.rowCount) }
                    return table.complete(batch, columns, file, from: rows)
                }
                guard table.files.indices.contains(position) else { return nil }
                rows = 0
                reader = try table.batches(table.files[position])
                position += 1
            }
        }
    }

    private func batches(_ file: SourceFile) throws(SQLError) -> any FileBatches {
        switch options.format {
        case .csv: try CSVBatches(self, file)
        case .json: try JSONBatches(self, file)
        case .text: TextBatches(self, file)
        case .parquet: try ParquetBatches(self, file)
        case .binaryFile: BinaryBatches(self, file)
        }
    }

    /// The columns asked for, of a file's and of those that are the same in all of its rows. `batch`: the file's columns, and what was rescued.
    private func complete(_ batch: RecordBatch, _ columns: [Int], _ file: SourceFile, from row: Int64) -> RecordBatch {
        let made = columns.map { index -> Column in
            if index == schema.fields.count {
                let rows = options.format == .parquet ? FileMetadata.numbers(row..<row + Int64(batch.rowCount)) : nil
                return FileMetadata.column(
                    path: file.path, size: Int64(file.size), modifiedMillis: file.modified, rows: rows, count: batch.rowCount)
            }
            if index < fileFields.count { return batch.columns[index] }
            let partition = index - fileFields.count
            guard partitionFields.indices.contains(partition) else { return batch.columns[fileFields.count] }
            let field = partitionFields[partition]
            let text = file.partitions.first { $0.name.lowercased() == field.name.lowercased() }?.value
            let value = text.flatMap { text in (try? CSVRecords(options.values).reader(context))?.value(text, field.type) } ?? .null
            return Column(repeating: value, type: field.type, count: batch.rowCount)
        }
        let fields = columns.map { index in schema.fields.indices.contains(index) ? schema.fields[index] : FileMetadata.placeholder }
        return RecordBatch(schema: Schema(fields), columns: made, rowCount: batch.rowCount)
    }

    /// Rows as columns. `rescued`: nil where nothing is kept.
    func batch(_ rows: [[Value]], _ rescued: [Value]) -> RecordBatch {
        var fields = fileFields
        var columns = fileFields.indices.map { index in Column(fileFields[index].type, of: rows.map { $0[index] }) }
        if let rescueColumn {
            fields.append(Field(rescueColumn, .text))
            columns.append(Column(.text, of: rescued))
        }
        return RecordBatch(schema: Schema(fields), columns: columns, rowCount: rows.count)
    }

    func malformed(_ record: ArraySlice<UInt8>) -> SQLError {
        SQLError(
            .malformedRecordInParsingWithoutSuggestion,
            ["badRecord": String(decoding: record.prefix(1000), as: UTF8.self), "failFastMode": "FAILFAST"], phase: .execution)
    }

    static var rowsPerBatch: Int { batchRows }
}

/// A file's rows: its columns and, where the table has one, the column for what does not fit.
protocol FileBatches: AnyObject {
    func next() throws(SQLError) -> RecordBatch?
}

final class CSVBatches: FileBatches {
    private let table: FileTable
    private let file: SourceFile
    private let format: CSVRecords
    private let values: CSVValues
    private var records: RecordReader
    private var positions: [Int?]
    private var names: [String]?
    private let corrupt: Int?
    private var width = 0

    init(_ table: FileTable, _ file: SourceFile) throws(SQLError) {
        self.table = table
        self.file = file
        format = CSVRecords(table.options.values)
        values = try format.reader(table.context)
        records = table.records(file)
        let corrupt = table.fileFields.firstIndex { $0.name == table.options.corruptColumn && $0.type.isString }
        self.corrupt = corrupt
        var next = 0
        positions = table.fileFields.indices.map { index in
            if index == corrupt { return nil }
            defer { next += 1 }
            return next
        }
        width = next
        if table.options.hasHeader { try readHeader() }
    }

    private func readHeader() throws(SQLError) {
        while let record = try records.next() {
            if FileTable.isBlank(record) || table.isComment(record) { continue }
            let names = FileTable.headerNames(format.tokens(record))
            self.names = names
            if table.byName {
                positions = table.fileFields.map { field in
                    names.firstIndex { $0 == field.name } ?? names.firstIndex { $0.lowercased() == field.name.lowercased() }
                }
                width = names.count
            }
            return
        }
    }

    func next() throws(SQLError) -> RecordBatch? {
        var rows: [[Value]] = []
        var rescued: [Value] = []
        while rows.count < FileTable.rowsPerBatch, let record = try records.next() {
            if FileTable.isBlank(record) || table.isComment(record) { continue }
            let tokens = format.tokens(record)
            var decoded = values.decode(tokens, table.fileFields, at: positions)
            if tokens.count > width {
                if table.rescueColumn == nil { decoded.isMalformed = true }
                for index in width..<tokens.count {
                    let text = tokens[index].map { String(decoding: $0, as: UTF8.self) } ?? ""
                    decoded.rescue("_c\(index)", text)
                }
            }
            if table.byName, let names {
                let used = Set(positions.compactMap { $0 })
                for index in names.indices where !used.contains(index) && tokens.indices.contains(index) {
                    if let token = tokens[index] { decoded.rescue(names[index], String(decoding: token, as: UTF8.self)) }
                }
            }
            let isMalformed = table.rescueColumn == nil && decoded.isMalformed
            if isMalformed {
                switch table.options.mode {
                case .failFast: throw table.malformed(record)
                case .dropMalformed: continue
                case .permissive: if let corrupt { decoded.values[corrupt] = .string(String(decoding: record, as: UTF8.self)) }
                }
            }
            rows.append(decoded.values)
            rescued.append(table.rescueColumn == nil ? .null : JSONRecords.rescue(decoded, path: file.path))
        }
        return rows.isEmpty ? nil : table.batch(rows, rescued)
    }
}

final class JSONBatches: FileBatches {
    private let table: FileTable
    private let file: SourceFile
    private var decoder: JSONRecords
    private var records: RecordReader
    private let corrupt: Int?

    init(_ table: FileTable, _ file: SourceFile) throws(SQLError) {
        self.table = table
        self.file = file
        decoder = try JSONRecords(table.options.values, table.context)
        records = table.records(file)
        corrupt = table.fileFields.firstIndex { $0.name == table.options.corruptColumn && $0.type.isString }
    }

    func next() throws(SQLError) -> RecordBatch? {
        var rows: [[Value]] = []
        var rescued: [Value] = []
        while rows.count < FileTable.rowsPerBatch, let record = try records.next() {
            if FileTable.isBlank(record) { continue }
            var decoded = decoder.decode(record, table.fileFields)
            let isText = decoded == nil
            if isText {
                decoded = [DecodedRecord(nullsFor: table.fileFields.count)]
            }
            for var row in decoded ?? [] {
                if isText || (row.isMalformed && table.rescueColumn == nil) {
                    switch table.options.mode {
                    case .failFast: throw table.malformed(record)
                    case .dropMalformed: continue
                    case .permissive: if let corrupt { row.values[corrupt] = .string(String(decoding: record, as: UTF8.self)) }
                    }
                }
                rows.append(row.values)
                rescued.append(table.rescueColumn == nil ? .null : JSONRecords.rescue(row, path: file.path))
            }
        }
        return rows.isEmpty ? nil : table.batch(rows, rescued)
    }
}

final class TextBatches: FileBatches {
    private let table: FileTable
    private var records: RecordReader

    init(_ table: FileTable, _ file: SourceFile) {
        self.table = table
        records = table.records(file)
    }

    func next() throws(SQLError) -> RecordBatch? {
        var rows: [[Value]] = []
        while rows.count < FileTable.rowsPerBatch, let record = try records.next() {
            let text = Value.string(String(decoding: record, as: UTF8.self))
            rows.append(table.fileFields.map { $0.name == "value" ? text : .null })
        }
        return rows.isEmpty ? nil : table.batch(rows, rows.map { _ in .null })
    }
}

final class BinaryBatches: FileBatches {
    private let table: FileTable
    private var file: SourceFile?

    init(_ table: FileTable, _ file: SourceFile) {
        self.table = table
        self.file = file
    }

    func next() throws(SQLError) -> RecordBatch? {
        guard let file else { return nil }
        self.file = nil
        let bytes: [UInt8]
        do throws(StorageError) { bytes = try table.store.get(file.object) } catch { throw .unreadable(file.path, error.description) }
        let row = table.fileFields.map { field -> Value in
            switch field.name.lowercased() {
            case "path": .string(file.path)
            case "modificationtime": .integer(file.modified &* 1000)
            case "length": .integer(Int64(file.size))
            case "content": .binary(bytes)
            default: .null
            }
        }
        return table.batch([row], [.null])
    }
}

final class ParquetBatches: FileBatches {
    private let table: FileTable
    private let file: SourceFile
    private let reader: ParquetReader
    private var group = 0

    init(_ table: FileTable, _ file: SourceFile) throws(SQLError) {
        self.table = table
        self.file = file
        reader = try table.parquet(file)
    }

    func next() throws(SQLError) -> RecordBatch? {
        guard group < reader.rowGroupCount else { return nil }
        defer { group += 1 }
        let positions = table.fileFields.map { field in
            reader.schema.fields.firstIndex { $0.name == field.name }
                ?? reader.schema.fields.firstIndex { $0.name.lowercased() == field.name.lowercased() }
        }
        let read: RecordBatch
        do throws(ParquetError) {
            read = try reader.read(columns: positions.compactMap { $0 }, rowGroup: group)
        } catch {
            throw .unreadable(file.path, error.description)
        }
        var columns: [Column] = []
        var next = 0
        for (field, position) in zip(table.fileFields, positions) {
            guard position != nil else {
                columns.append(.nulls(field.type, count: read.rowCount))
                continue
            }
            let column = read.columns[next]
            next += 1
            guard let adapted = column.type == field.type ? column : TypeAdapter.adapt(column, to: field.type) else {
                throw SQLError(
                    .delta(
                        "FAILED_READ_FILE.PARQUET_COLUMN_DATA_TYPE_MISMATCH", sqlState: "KD001",
                        "Error while reading file <path>.\nData type mismatches when reading Parquet column <column>. Expected Spark type <expectedType>, actual Parquet type <actualType>."
                    ),
                    [
                        "path": file.path, "column": SQLQuote.id([field.name]), "expectedType": field.type.sqlText.lowercased(),
                        "actualType": column.type.sqlText,
                    ], phase: .execution)
            }
            columns.append(adapted)
        }
        var fields = table.fileFields
        if let name = table.rescueColumn {
            fields.append(Field(name, .text))
            columns.append(.nulls(.text, count: read.rowCount))
        }
        return RecordBatch(schema: Schema(fields), columns: columns, rowCount: read.rowCount)
    }
}
