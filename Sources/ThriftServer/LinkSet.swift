import Columnar
import Warehouse

/// A large result as links to its chunks (URL_BASED_SET): each is a whole Arrow stream, fetched without a token.
struct LinkSet: Sendable {
    private struct Link: Sendable {
        let chunk: ResultChunk
        let url: String
        let expiryMillis: Int64
    }

    private let delivery: ResultDelivery
    private let arrowSchema: [UInt8]
    private let links: [Link]

    /// `chunks` says which of them go; none do with a mere description.
    init(_ operation: ThriftOperation, _ delivery: ResultDelivery, _ context: ThriftService.Context, chunks: Range<Int> = 0..<0) {
        self.delivery = delivery
        let plain = ArrowText(timeZoneID: delivery.timeZoneID, types: delivery.form.types)
        arrowSchema = ArrowStream.schema(plain.schema(delivery.schema), timeZoneID: plain.zoneName)
        links = chunks.map { index in
            let (url, expiry) = context.link(operation.statement.id, index)
            return Link(chunk: delivery.chunks[index], url: url, expiryMillis: expiry)
        }
    }

    var metadata: ResultMetadata {
        ResultMetadata(
            schema: delivery.schema, format: .links, isCompressed: delivery.form.isCompressed, arrowSchema: arrowSchema,
            plainBytes: delivery.byteCount, bytes: delivery.chunks.reduce(0) { $0 + $1.body.count })
    }

    /// A `TFetchResultsResp`. The links' end is in milliseconds (recorded answers).
    func write(to writer: inout BinaryWriter, withMetadata: Bool) {
        TStatus.success(&writer)
        writer.bool(2, false)
        writer.structure(3) { writer in
            writer.i64(1, Int64(links.first?.chunk.rowOffset ?? delivery.rowCount))
            writer.structures(2, [Int]()) { _, _ in }
            writer.structures(1282, links) { writer, link in
                writer.string(1, link.url)
                writer.i64(2, link.expiryMillis)
                writer.i64(3, Int64(link.chunk.rowOffset))
                writer.i64(4, Int64(link.chunk.rowCount))
                writer.i64(5, Int64(link.chunk.byteCount))
                writer.stringMap(6, [])
            }
        }
        if withMetadata { writer.structure(1281) { metadata.write(to: &$0) } }
    }
}
