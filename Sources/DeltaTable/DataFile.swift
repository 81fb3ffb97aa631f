import Columnar
import Parquet

/// The one place that knows in what format data files are.
enum DataFile {
    /// The ending of a file's name, behind its part number and UUID.
    static let nameEnding = "-c000.parquet"

    static func encode(_ batch: RecordBatch) throws(DeltaError) -> [UInt8] {
        do {
            return try ParquetWriter.write([batch], schema: batch.schema).bytes
        } catch {
            throw .storage("Writing", "a Parquet file", "\(error)")
        }
    }

    struct Contents {
        let rowCount: Int
        /// One for each name; nil where the file has no such column.
        let columns: [Column?]
    }

    /// Reads whole columns by name; a name is found without regard to case if not exactly.
    static func decode(_ bytes: [UInt8], columns names: [String], path: String) throws(DeltaError) -> Contents {
        do {
            let reader = try ParquetReader(bytes: bytes)
            let schema = reader.schema
            let positions = names.map { schema.index(of: $0) }
            let wanted = positions.compactMap { $0 }
            guard !wanted.isEmpty else { return Contents(rowCount: reader.rowCount, columns: positions.map { _ in nil }) }
            let batches = try reader.read(columns: wanted)
            let whole = RecordBatch.concat(batches, schema: Schema(wanted.map { schema.fields[$0] }))
            guard whole.rowCount == reader.rowCount else { throw DeltaError.fileUnreadable(path, "the columns have not as many rows as the file") }
            var next = 0
            let columns = positions.map { position -> Column? in
                guard position != nil else { return nil }
                next += 1
                return whole.columns[next - 1]
            }
            return Contents(rowCount: whole.rowCount, columns: columns)
        } catch let error as DeltaError {
            throw error
        } catch {
            throw .fileUnreadable(path, "\(error)")
        }
    }
}
