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
        return message(1, header, body: [], &buffer)
    }

    package static func batch(_ batch: RecordBatch) -> [UInt8] {
        var body = ArrowBody()
        for column in batch.columns { body.append(column) }
        var buffer = FlatBufferBuilder()
        let buffers = buffer.vector(pairs: body.buffers)
        let nodes = buffer.vector(pairs: body.nodes)
        let header = buffer.table([.long(Int64(batch.rowCount)), .reference(nodes), .reference(buffers)])
        return message(3, header, body: body.bytes, &buffer)
    }

    package static let end: [UInt8] = [0xFF, 0xFF, 0xFF, 0xFF, 0, 0, 0, 0]

    /// A whole stream.
    package static func encode(_ batches: [RecordBatch], schema: Schema, timeZoneID: String) -> [UInt8] {
        batches.reduce(into: self.schema(schema, timeZoneID: timeZoneID)) { $0 += batch($1) } + end
    }

    private static func message(_ kind: UInt8, _ header: FlatBufferBuilder.Place, body: [UInt8], _ buffer: inout FlatBufferBuilder) -> [UInt8] {
        let version5: Int16 = 4
        let root = buffer.table([.short(version5), .byte(kind), .reference(header), .long(Int64(body.count))])
        let metadata = buffer.finish(root)
        var bytes: [UInt8] = [0xFF, 0xFF, 0xFF, 0xFF]
        bytes.reserveCapacity(8 + metadata.count + body.count)
        withUnsafeBytes(of: UInt32(truncatingIfNeeded: metadata.count).littleEndian) { bytes.append(contentsOf: $0) }
        bytes += metadata
        bytes += body
        return bytes
    }
}
