import Columnar

/// What describes an operation's rows, whichever way they are handed over: a `TGetResultSetMetadataResp`.
struct ResultMetadata: Sendable {
    let schema: Schema
    let format: TCLI.ResultFormat
    /// nil: not told, as with the metadata calls.
    let isCompressed: Bool?
    /// The schema as an Arrow message; nil if the rows are no Arrow.
    let arrowSchema: [UInt8]?
    let plainBytes: Int
    /// As sent, compressed or not.
    let bytes: Int
    var isVolumeOperation = false

    func write(to writer: inout BinaryWriter) {
        TStatus.success(&writer)
        HiveSchema.write(2, schema, to: &writer)
        writer.i32(1281, format.rawValue)
        if let isCompressed { writer.bool(1282, isCompressed) }
        if let arrowSchema { writer.binary(1283, arrowSchema) }
        // CACHE_INELIGIBLE
        writer.i32(1284, 0)
        writer.i64(1285, Int64(plainBytes))
        writer.i64(1286, Int64(bytes))
        writer.bool(1287, isVolumeOperation)
    }
}
