package import Columnar
import JSON

/// A statement's result in the form in which it is fetched: cut into chunks, and encoded once, on the worker that made it.
package struct ResultDelivery: Sendable {
    /// An INLINE result over the limit.
    struct TooLarge: Error {}

    package let schema: Schema
    package let form: ResultForm
    package let timeZoneID: String
    package let chunks: [ResultChunk]
    package let rowCount: Int
    package let truncated: Bool
    /// As the result set's.
    package let isVolumeOperation: Bool
    /// The one chunk is part of the answer, instead of a link to it.
    package let isAttached: Bool

    package var byteCount: Int { chunks.reduce(0) { $0 + $1.byteCount } }

    init(_ result: ResultSet, _ form: ResultForm) throws(TooLarge) {
        schema = result.schema
        self.form = form
        timeZoneID = result.timeZoneID
        var parts = Self.cut(result.batches)
        var truncated = result.truncated
        if let limit = form.byteLimit {
            var total = 0
            // The chunk that passes the limit goes as a whole, with all that follow.
            let kept = parts.prefix { part in
                total += part.reduce(0) { $0 + $1.byteSize }
                return total <= limit
            }
            if kept.count < parts.count {
                truncated = true
                parts = Array(kept)
            }
        }
        self.truncated = truncated
        isVolumeOperation = result.isVolumeOperation
        let encoder = ChunkEncoder(result: result, form: form, isAlone: parts.count == 1)
        var chunks: [ResultChunk] = []
        var offset = 0
        var bytes = 0
        for part in parts {
            let chunk = encoder.encode(part, at: offset, isFirst: chunks.isEmpty)
            offset += chunk.rowCount
            bytes += chunk.byteCount
            if form.disposition == .inline, bytes > ResultForm.maxInlineBytes { throw TooLarge() }
            chunks.append(chunk)
        }
        self.chunks = chunks
        rowCount = offset
        isAttached = form.disposition == .hybrid && chunks.count == 1 && bytes <= ResultForm.maxAttachedBytes
    }

    /// Batches put together and cut so that no chunk passes its limits.
    static func cut(_ batches: [RecordBatch]) -> [[RecordBatch]] {
        var chunks: [[RecordBatch]] = []
        var current: [RecordBatch] = []
        var rows = 0
        var bytes = 0
        for batch in batches {
            let rowSize = max(1, batch.byteSize / max(1, batch.rowCount))
            var start = 0
            while start < batch.rowCount {
                let room = min(ResultForm.chunkRows - rows, (ResultForm.chunkBytes - bytes) / rowSize)
                if room <= 0, !current.isEmpty {
                    chunks.append(current)
                    (current, rows, bytes) = ([], 0, 0)
                    continue
                }
                let end = min(batch.rowCount, start + max(1, room))
                let part = start == 0 && end == batch.rowCount ? batch : batch.slice(start..<end)
                current.append(part)
                rows += part.rowCount
                bytes += rowSize * part.rowCount
                start = end
            }
        }
        if !current.isEmpty { chunks.append(current) }
        return chunks
    }
}

/// Encodes chunks in one form.
private struct ChunkEncoder {
    let result: ResultSet
    let form: ResultForm
    /// The only chunk: as the real service, its Arrow messages are compressed one by one.
    let isAlone: Bool

    func encode(_ batches: [RecordBatch], at offset: Int, isFirst: Bool) -> ResultChunk {
        let rows = batches.reduce(0) { $0 + $1.rowCount }
        switch form.format {
        case .jsonArray:
            let text = ResultText(timeZoneID: result.timeZoneID)
            var writer = JSONWriter(capacity: 64 * rows)
            writer.beginArray()
            for batch in batches { text.write(batch, to: &writer) }
            writer.endArray()
            let bytes = writer.finish()
            return ResultChunk(rowOffset: offset, rowCount: rows, byteCount: bytes.count, body: bytes)
        case .csv:
            let csv = ResultCSV(timeZoneID: result.timeZoneID)
            let bytes = csv.encode(batches, header: isFirst ? result.schema : nil)
            return ResultChunk(rowOffset: offset, rowCount: rows, byteCount: bytes.count, body: bytes)
        case .arrowStream:
            let plain = ArrowText(timeZoneID: result.timeZoneID, types: form.types)
            var messages = [ArrowStream.schema(plain.schema(result.schema), timeZoneID: plain.zoneName)]
            messages += batches.map { ArrowStream.batch(plain.batch($0)) }
            messages.append(ArrowStream.end)
            let count = messages.reduce(0) { $0 + $1.count }
            if !form.isCompressed || !isAlone { messages = [messages.reduce(into: []) { $0 += $1 }] }
            let body = form.isCompressed ? messages.reduce(into: []) { $0 += LZ4Frame.compress($1) } : messages[0]
            return ResultChunk(rowOffset: offset, rowCount: rows, byteCount: count, body: body)
        }
    }
}
