import Columnar
import Warehouse

/// A stretch of an operation's rows with what describes them, in the form that the client takes.
struct RowSet: Sendable {
    private struct Batch: Sendable {
        let bytes: [UInt8]
        let rowCount: Int
        let plainSize: Int
    }

    private let options: ResultOptions
    private let schema: Schema
    private let zone: String
    private let isVolumeOperation: Bool
    private let page: ThriftOperation.Page?
    private let arrowSchema: [UInt8]
    private let batches: [Batch]

    /// Without a page there are no rows, only their description.
    init(_ operation: ThriftOperation, _ result: ResultSet, _ page: ThriftOperation.Page?) {
        options = operation.options
        schema = ThriftOperation.schema(of: result)
        zone = result.timeZoneID
        isVolumeOperation = result.isVolumeOperation
        self.page = page
        guard options.format == .arrow else {
            arrowSchema = []
            batches = []
            return
        }
        let plain = ArrowText(timeZoneID: result.timeZoneID, types: options.types)
        // Without the column that stands for no columns (recorded answers).
        arrowSchema = ArrowStream.schema(plain.schema(result.schema), timeZoneID: plain.zoneName)
        let isCompressed = options.isCompressed
        batches = (page?.batches ?? []).map { batch in
            let message = ArrowStream.batch(plain.batch(batch))
            return Batch(
                bytes: isCompressed ? LZ4Frame.compress(message) : message, rowCount: batch.rowCount, plainSize: message.count)
        }
    }

    var metadata: ResultMetadata {
        ResultMetadata(
            schema: schema, format: options.format, isCompressed: options.isMetadata ? nil : options.isCompressed,
            arrowSchema: options.format == .arrow ? arrowSchema : nil, plainBytes: batches.reduce(0) { $0 + $1.plainSize },
            bytes: batches.reduce(0) { $0 + $1.bytes.count }, isVolumeOperation: isVolumeOperation)
    }

    /// A `TFetchResultsResp`.
    func write(to writer: inout BinaryWriter, withMetadata: Bool) {
        TStatus.success(&writer)
        writer.bool(2, page?.hasMore ?? false)
        writer.structure(3) { writer in
            writer.i64(1, Int64(page?.start ?? 0))
            // Required by the interface; always empty.
            writer.structures(2, [Int]()) { _, _ in }
            switch options.format {
            case .arrow, .links:
                writer.structures(1281, batches) { writer, batch in
                    writer.binary(1, batch.bytes)
                    writer.i64(2, Int64(batch.rowCount))
                }
            case .columns:
                let whole = RecordBatch.concat(page?.batches ?? [], schema: schema)
                ColumnSet(timeZoneID: zone).write(3, whole, to: &writer)
            }
        }
        if withMetadata { writer.structure(1281) { metadata.write(to: &$0) } }
    }
}
