/// The Arrow IPC streaming format: a schema message, one message a record batch, and a mark at the end.
/// Source: "Arrow Columnar Format", Serialization and Interprocess Communication, metadata version V5.
///
/// Types: texts are utf8, TIMESTAMP is timestamp[us] in the session's zone, year-month intervals are interval[year_month], day-time intervals are
/// duration[us], decimals are decimal128. VARIANT has no type of its own in Arrow: it is to be made text before.
package enum ArrowStream {
    /// The message that a stream begins with.
    package static func schema(_ schema: Schema, timeZoneID: String) -> [UInt8] {
        var buffer = FlatBufferBuilder()
        let fields = schema.fields.map { ArrowSchema.field($0, timeZoneID, &buffer) }
        let list = buffer.vector(fields)
        let header = buffer.table([nil, .reference(list)])
        var bytes: [UInt8] = []
        append(1, header, bodyCount: 0, &buffer, to: &bytes)
        return bytes
    }

    package static func batch(_ batch: RecordBatch) -> [UInt8] {
        var bytes: [UInt8] = []
        append(batch, to: &bytes)
        return bytes
    }

    /// The bytes of a batch's message behind others.
    package static func append(_ batch: RecordBatch, to bytes: inout [UInt8]) {
        let body = ArrowBody(batch.columns)
        var buffer = FlatBufferBuilder()
        let buffers = buffer.vector(pairs: body.buffers)
        let nodes = buffer.vector(pairs: body.nodes)
        let header = buffer.table([.long(Int64(batch.rowCount)), .reference(nodes), .reference(buffers)])
        append(3, header, bodyCount: body.byteCount, &buffer, to: &bytes)
        ArrowBody.write(batch.columns, to: &bytes)
    }

    package static let end: [UInt8] = [0xFF, 0xFF, 0xFF, 0xFF, 0, 0, 0, 0]

    /// A whole stream in the place of what `bytes` holds, whose room is used again.
    package static func encode(_ batches: [RecordBatch], schema: Schema, timeZoneID: String, into bytes: inout [UInt8]) {
        bytes.removeAll(keepingCapacity: true)
        bytes += self.schema(schema, timeZoneID: timeZoneID)
        bytes.reserveCapacity(bytes.count + batches.reduce(0) { $0 + $1.byteSize + headRoom($1) } + end.count)
        for batch in batches { append(batch, to: &bytes) }
        bytes += end
    }

    /// About what a batch's message has besides its values.
    private static func headRoom(_ batch: RecordBatch) -> Int { 256 + 96 * batch.columns.count }

    /// The beginning of a message, up to its body.
    private static func append(
        _ kind: UInt8, _ header: FlatBufferBuilder.Place, bodyCount: Int, _ buffer: inout FlatBufferBuilder, to bytes: inout [UInt8]
    ) {
        let version5: Int16 = 4
        let root = buffer.table([.short(version5), .byte(kind), .reference(header), .long(Int64(bodyCount))])
        let metadata = buffer.finish(root)
        bytes.reserveCapacity(max(bytes.capacity, bytes.count + 8 + metadata.count + bodyCount))
        bytes += [0xFF, 0xFF, 0xFF, 0xFF]
        withUnsafeBytes(of: UInt32(truncatingIfNeeded: metadata.count).littleEndian) { bytes.append(contentsOf: $0) }
        bytes += metadata
    }
}
