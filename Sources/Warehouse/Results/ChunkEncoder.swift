import Columnar
import Dispatch
import JSON
import SparkErrors
import SparkSQL
import Synchronization

/// Encodes a result's chunks in one form, several at once if other threads help.
final class ChunkEncoder: Sendable {
    enum Failure: Error {
        /// An INLINE result over the limit.
        case tooLarge
        /// The statement was ended meanwhile.
        case ended(SQLError)
    }

    private struct State {
        var claimed = 0
        var underWay = 0
        var bytes = 0
        var chunks: [ResultChunk?]
        var failure: Failure?
        var isWaiting = false
    }

    private let schema: Schema
    private let timeZoneID: String
    private let form: ResultForm
    private let parts: [[RecordBatch]]
    private let offsets: [Int]
    private let cancellation: CancellationToken
    private let state: Mutex<State>
    private let ended = DispatchSemaphore(value: 0)

    init(_ result: ResultSet, _ parts: [[RecordBatch]], _ form: ResultForm, _ cancellation: CancellationToken) {
        schema = result.schema
        timeZoneID = result.timeZoneID
        self.form = form
        self.parts = parts
        self.cancellation = cancellation
        var offsets = [0]
        for part in parts { offsets.append(part.reduce(offsets[offsets.count - 1]) { $0 + $1.rowCount }) }
        self.offsets = offsets
        state = Mutex(State(chunks: Array(repeating: nil, count: parts.count)))
    }

    /// The chunks in their order. This thread takes part, so it ends without any help.
    func encode(_ parallelism: Parallelism) throws(Failure) -> [ResultChunk] {
        for _ in 0..<max(0, min(parallelism.helpers, parts.count - 1)) { parallelism.start { [self] in work() } }
        work()
        let waits = state.withLock { state in
            state.isWaiting = state.underWay > 0
            return state.isWaiting
        }
        if waits { ended.wait() }
        let (chunks, failure) = state.withLock { ($0.chunks, $0.failure) }
        if let failure { throw failure }
        return chunks.compactMap { $0 }
    }

    private func work() {
        var scratch: [UInt8] = []
        while let index = claim() {
            let chunk = encode(index, &scratch)
            let wakes = state.withLock { state in
                state.bytes += chunk.byteCount
                state.chunks[index] = chunk
                if form.disposition == .inline, state.bytes > ResultForm.maxInlineBytes { state.failure = .tooLarge }
                state.underWay -= 1
                return state.isWaiting && state.underWay == 0
            }
            if wakes { ended.signal() }
        }
    }

    private func claim() -> Int? {
        state.withLock { state in
            guard state.failure == nil, state.claimed < parts.count else { return nil }
            do throws(SQLError) {
                try cancellation.check()
            } catch {
                state.failure = .ended(error)
                return nil
            }
            state.claimed += 1
            state.underWay += 1
            return state.claimed - 1
        }
    }

    private func encode(_ index: Int, _ scratch: inout [UInt8]) -> ResultChunk {
        let batches = parts[index]
        let (bytes, plainCount) = encode(batches, isFirst: index == 0, &scratch)
        return ResultChunk(rowOffset: offsets[index], rowCount: offsets[index + 1] - offsets[index], byteCount: plainCount, body: bytes)
    }

    /// The bytes, and how many they are without compression. `scratch` is room for those that are compressed.
    private func encode(_ batches: [RecordBatch], isFirst: Bool, _ scratch: inout [UInt8]) -> ([UInt8], Int) {
        switch form.format {
        case .jsonArray:
            let text = ResultText(timeZoneID: timeZoneID)
            var writer = JSONWriter(capacity: 64 * batches.reduce(0) { $0 + $1.rowCount })
            writer.beginArray()
            for batch in batches { text.write(batch, to: &writer) }
            writer.endArray()
            let bytes = writer.finish()
            return (bytes, bytes.count)
        case .csv:
            let bytes = ResultCSV(timeZoneID: timeZoneID).encode(batches, header: isFirst ? schema : nil)
            return (bytes, bytes.count)
        case .arrowStream:
            let plain = ArrowText(timeZoneID: timeZoneID, types: form.types)
            let batches = batches.map(plain.batch)
            let schema = plain.schema(schema)
            guard form.isCompressed, parts.count == 1 else {
                ArrowStream.encode(batches, schema: schema, timeZoneID: plain.zoneName, into: &scratch)
                let count = scratch.count
                if form.isCompressed { return (LZ4Frame.compress(scratch, .least), count) }
                defer { scratch = [] }
                return (scratch, count)
            }
            // The messages of an only chunk are compressed one by one, as the real service does.
            var messages = [ArrowStream.schema(schema, timeZoneID: plain.zoneName)]
            messages += batches.map(ArrowStream.batch)
            messages.append(ArrowStream.end)
            return (messages.reduce(into: []) { $0 += LZ4Frame.compress($1) }, messages.reduce(0) { $0 + $1.count })
        }
    }
}
