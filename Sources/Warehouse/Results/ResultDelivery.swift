package import Columnar
import SparkSQL

/// A statement's result in the form in which it is fetched: cut into chunks, and encoded once, on the workers that made it.
package struct ResultDelivery: Sendable {
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

    init(
        _ result: ResultSet, _ form: ResultForm, parallelism: Parallelism = .none, cancellation: CancellationToken = CancellationToken()
    ) throws(ChunkEncoder.Failure) {
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
        let chunks = try ChunkEncoder(result, parts, form, cancellation).encode(parallelism)
        self.chunks = chunks
        rowCount = chunks.reduce(0) { $0 + $1.rowCount }
        let bytes = chunks.reduce(0) { $0 + $1.byteCount }
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
