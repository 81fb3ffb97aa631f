import Columnar
import Parquet

/// The one place that knows in what format data files are.
enum DataFile {
    /// The ending of a file's name, behind its part number and UUID.
    static let nameEnding = "-c000.snappy.parquet"

    struct Encoded {
        let bytes: [UInt8]
        /// How many rows each row group has.
        let rowGroups: [Int]
    }

    /// `path`: what errors call the file.
    static func encode(_ batch: RecordBatch, _ columns: [StoredColumn], path: String) throws(DeltaError) -> Encoded {
        var options = ParquetWriter.Options()
        options.fieldIDs = columns.map(\.fieldID)
        for column in columns { for (inner, id) in column.nestedIDs { options.nestedFieldIDs[[column.name] + inner] = id } }
        do throws(ParquetError) {
            let file = try ParquetWriter.write([batch], schema: batch.schema, options: options)
            return Encoded(bytes: file.bytes, rowGroups: file.rowGroupRowCounts)
        } catch {
            if case .unsupported(let what) = error { throw .unsupportedForWrite(path, [what]) }
            throw .storage("Writing", path, error.description)
        }
    }
}

/// A data file that is open for reading, a row group at a time.
struct OpenDataFile {
    private let reader: ParquetReader
    private let path: String

    /// `size`: the file's bytes; `bytes` gets a range of them.
    init(path: String, size: Int, bytes: @escaping @Sendable (Range<Int>) throws(DeltaError) -> [UInt8]) throws(DeltaError) {
        self.path = path
        do throws(ParquetError) {
            reader = try ParquetReader(
                ParquetSource(size: size) { range throws(ParquetError) in
                    let part: [UInt8]
                    do throws(DeltaError) { part = try bytes(range) } catch { throw .unreadable(error.text) }
                    guard part.count == range.count else { throw .unreadable("the file ends too early") }
                    return part
                })
        } catch {
            throw Self.error(error, path)
        }
    }

    var rowGroups: [Int] { reader.rowGroupRowCounts }

    /// What the file says of a column's values in each row group; nil where it says nothing, or has the column under another type.
    func known(_ column: StoredColumn, byID: Bool) -> [ValueTest.Known?] {
        let rows = rowGroups
        let position = byID ? column.fieldID.flatMap { id in reader.fieldIDs.firstIndex { $0 == id } } : reader.schema.index(of: column.name)
        guard let position, reader.schema.fields[position].type == column.type else { return rows.map { _ in nil } }
        return rows.indices.map { group in
            guard let found = reader.statistics(column: position, rowGroup: group) else { return nil }
            return .init(least: found.min, greatest: found.max, nullCount: found.nullCount, count: rows[group])
        }
    }

    /// Columns of a row group by name, in pieces of so many rows; nil where the file has none; a name is found without regard to case if not exactly.
    /// `byID`: columns and fields are found by their ids.
    func read(_ columns: [StoredColumn], rowGroup: Int, pieces: [Int], byID: Bool) throws(DeltaError) -> [[Column]?] {
        do throws(ParquetError) {
            let schema = reader.schema
            let positions = columns.map { column in
                byID ? column.fieldID.flatMap { id in reader.fieldIDs.firstIndex { $0 == id } } : schema.index(of: column.name)
            }
            let read = try reader.read(columns: positions.compactMap { $0 }, rowGroup: rowGroup, pieces: pieces)
            let fileIDs = byID ? reader.nestedFieldIDs : []
            var next = 0
            return zip(positions, columns).map { position, column in
                guard let position else { return nil }
                let found = read[next]
                next += 1
                return byID ? found.map { $0.relabelled(Self.rename($0.type, [], fileIDs[position], column)) } : found
            }
        } catch {
            throw Self.error(error, path)
        }
    }

    /// What is refused is named; what is damaged is reported as the service does.
    private static func error(_ error: ParquetError, _ path: String) -> DeltaError {
        if case .unsupported(let what) = error { return .unsupportedForRead(path, [what]) }
        return .fileUnreadable(path, error.description)
    }

    /// The file's type with its struct fields under the names that the table has for their ids.
    private static func rename(_ type: DataType, _ path: [String], _ fileIDs: [[String]: Int32], _ column: StoredColumn) -> DataType {
        switch type {
        case .array(let element, let containsNull):
            return .array(element: rename(element, path + ["element"], fileIDs, column), containsNull: containsNull)
        case .map(let key, let value, let containsNull):
            return .map(
                key: rename(key, path + ["key"], fileIDs, column), value: rename(value, path + ["value"], fileIDs, column),
                valueContainsNull: containsNull)
        case .structure(let fields):
            return .structure(
                fields.map { field in
                    let inner = path + [field.name]
                    // A field whose id the table does not know is none of its own, whatever its name.
                    let name = fileIDs[inner].map { id in column.nestedIDs.first { $0.value == id }?.key.last ?? "" } ?? field.name
                    return Field(name, rename(field.type, inner, fileIDs, column), nullable: field.nullable)
                })
        default: return type
        }
    }
}
