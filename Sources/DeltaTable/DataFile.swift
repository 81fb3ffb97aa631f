import Columnar
import Parquet

/// The one place that knows in what format data files are.
enum DataFile {
    /// The ending of a file's name, behind its part number and UUID.
    static let nameEnding = "-c000.parquet"

    /// `path`: what errors call the file.
    static func encode(_ batch: RecordBatch, fieldIDs: [Int32?], path: String) throws(DeltaError) -> [UInt8] {
        var options = ParquetWriter.Options()
        options.fieldIDs = fieldIDs
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

    /// Reads whole columns by name; a name is found without regard to case if not exactly.
    static func decode(_ bytes: [UInt8], columns names: [String], path: String) throws(DeltaError) -> Contents {
        do throws(ParquetError) {
            let reader = try ParquetReader(bytes: bytes)
            let schema = reader.schema
            let positions = names.map { schema.index(of: $0) }
            let wanted = positions.compactMap { $0 }
            guard !wanted.isEmpty else { return Contents(rowCount: reader.rowCount, columns: positions.map { _ in nil }) }
            let batches = try reader.read(columns: wanted)
            let whole = RecordBatch.concat(batches, schema: Schema(wanted.map { schema.fields[$0] }))
            guard whole.rowCount == reader.rowCount else { throw .malformed("columns that have not as many rows as the file") }
            var next = 0
            let columns = positions.map { position -> Column? in
                guard position != nil else { return nil }
                next += 1
                return whole.columns[next - 1]
            }
            return Contents(rowCount: whole.rowCount, columns: columns)
        } catch {
            // What is refused is named; what is damaged is reported as the service does.
            if case .unsupported(let what) = error { throw .unsupportedForRead(path, [what]) }
            throw .fileUnreadable(path, error.description)
        }
    }
}
