import Synchronization

/// A request body that is still coming: one task writes its parts, the connection reads them. A slow connection holds the writer back.
package final class UpstreamUpload: Sendable {
    private struct State {
        var chunks: [[UInt8]] = []
        var firstChunk = 0
        /// Where in the first chunk the connection goes on.
        var offset = 0
        var buffered = 0
        /// The connection has paused for want of bytes.
        var isAwaited = false
        var end: End?
        var writer: CheckedContinuation<Bool, Never>?
        var resume: (@Sendable () -> Void)?
    }

    private enum End {
        /// All has been written.
        case finished
        /// The rest will never come.
        case abandoned
        /// Nobody reads any more.
        case closed
    }

    /// In bytes, if it is known before the end; else the body is sent in chunks.
    package let length: Int?
    private let limit: Int
    private let state = Mutex(State())

    /// `limit`: how many bytes may wait for the connection before the writer is held back.
    package init(length: Int?, limit: Int = 256 << 10) {
        self.length = length
        self.limit = limit
    }

    // MARK: The writer's side

    /// Takes a part, and returns when there is room for the next one. False when the exchange has ended and nothing more is wanted.
    package func write(_ chunk: [UInt8]) async -> Bool {
        guard !chunk.isEmpty else { return state.withLock { $0.end == nil } }
        return await withCheckedContinuation { continuation in
            let (goesOn, resume): (Bool?, (@Sendable () -> Void)?) = state.withLock { state in
                guard state.end == nil else { return (false, nil) }
                state.chunks.append(chunk)
                state.buffered += chunk.count
                let resume = state.isAwaited ? state.resume : nil
                state.isAwaited = false
                if state.buffered <= limit { return (true, resume) }
                state.writer = continuation
                return (nil, resume)
            }
            resume?()
            if let goesOn { continuation.resume(returning: goesOn) }
        }
    }

    package func finish() { end(.finished) }

    /// Ends the exchange: the client has gone before it had sent all.
    package func abandon() { end(.abandoned) }

    // MARK: The connection's side

    /// `resume` is called when there are bytes again after a pause.
    func attach(resume: @escaping @Sendable () -> Void) { state.withLock { $0.resume = resume } }

    func close() { end(.closed) }

    private func end(_ end: End) {
        let (writer, resume): (CheckedContinuation<Bool, Never>?, (@Sendable () -> Void)?) = state.withLock { state in
            // What was finished can still be closed by the connection, and no other way round.
            guard state.end == nil || end == .closed && state.end == .finished else { return (nil, nil) }
            state.end = end
            let resume = state.isAwaited && end != .closed ? state.resume : nil
            state.isAwaited = false
            if end == .closed {
                state.chunks = []
                state.resume = nil
            }
            defer { state.writer = nil }
            return (state.writer, resume)
        }
        resume?()
        writer?.resume(returning: false)
    }

    enum Part {
        case bytes(Int)
        /// Nothing yet: `resume` will be called.
        case pause
        case end
        case abort
    }

    func read(into target: UnsafeMutableRawBufferPointer) -> Part {
        let (part, writer): (Part, CheckedContinuation<Bool, Never>?) = state.withLock { state in
            if state.end == .abandoned || state.end == .closed { return (.abort, nil) }
            guard state.firstChunk < state.chunks.count else {
                if state.end == .finished { return (.end, nil) }
                state.isAwaited = true
                return (.pause, nil)
            }
            let chunk = state.chunks[state.firstChunk]
            let count = min(target.count, chunk.count - state.offset)
            chunk.withUnsafeBytes { target.copyMemory(from: UnsafeRawBufferPointer(rebasing: $0[state.offset..<(state.offset + count)])) }
            state.offset += count
            state.buffered -= count
            if state.offset == chunk.count {
                state.chunks[state.firstChunk] = []
                state.firstChunk += 1
                state.offset = 0
                if state.firstChunk == state.chunks.count {
                    state.chunks = []
                    state.firstChunk = 0
                }
            }
            guard state.buffered <= limit / 2 else { return (.bytes(count), nil) }
            defer { state.writer = nil }
            return (.bytes(count), state.writer)
        }
        writer?.resume(returning: true)
        return part
    }
}
