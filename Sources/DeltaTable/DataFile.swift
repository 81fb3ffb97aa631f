import Columnar
import Parquet

/// The one place that knows in what format data files are.
enum DataFile {
    /// The ending of a file's name, behind its part number and UUID.
    static let nameEnding = "-c000.snappy.parquet"

    /// `path`: what errors call the file.
    static func encode(_ batch: RecordBatch, _ columns: [StoredColumn], path: String) throws(DeltaError) -> [UInt8] {
        var options = ParquetWriter.Options()
        options.fieldIDs = columns.map(\.fieldID)
        for column in columns { for (inner, id) in column.nestedIDs { options.nestedFieldIDs[[column.name] + inner] = id } }
        do throws(ParquetError) {
            return try ParquetWriter.write([batch], schema: batch.schema, options: options).bytes
        } catch {
            if case .unsupported(let what) = error { throw .unsupportedForWrite(path, [what]) }
            throw .storage("Writing", path, error.description)
        }
    }

    struct Contents {
        let rowCount: Int
        /// One for each name; nil where the file has no such column.
        let columns: [Column?]
    }

    /// Reads whole columns by name; a name is found without regard to case if not exactly. `byID`: columns and fields are found by their ids.
    static func decode(_ bytes: [UInt8], _ columns: [StoredColumn], byID: Bool, path: String) throws(DeltaError) -> Contents {
        do throws(ParquetError) {
            let reader = try ParquetReader(bytes: bytes)
            let schema = reader.schema
            let positions = columns.map { column in
                byID ? column.fieldID.flatMap { id in reader.fieldIDs.firstIndex { $0 == id } } : schema.index(of: column.name)
            }
            let wanted = positions.compactMap { $0 }
            guard !wanted.isEmpty else { return Contents(rowCount: reader.rowCount, columns: positions.map { _ in nil }) }
            let batches = try reader.read(columns: wanted)
            let whole = RecordBatch.concat(batches, schema: Schema(wanted.map { schema.fields[$0] }))
            guard whole.rowCount == reader.rowCount else { throw .malformed("columns that have not as many rows as the file") }
            let fileIDs = byID ? reader.nestedFieldIDs : []
            var next = 0
            var read: [Column?] = []
            for (position, column) in zip(positions, columns) {
                guard let position else {
                    read.append(nil)
                    continue
                }
                let found = whole.columns[next]
                next += 1
                read.append(byID ? found.relabelled(rename(found.type, [], fileIDs[position], column)) : found)
            }
            return Contents(rowCount: whole.rowCount, columns: read)
        } catch {
            // What is refused is named; what is damaged is reported as the service does.
            if case .unsupported(let what) = error { throw .unsupportedForRead(path, [what]) }
            throw .fileUnreadable(path, error.description)
        }
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
