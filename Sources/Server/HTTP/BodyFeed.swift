import Synchronization

/// A request's body on its way from its connection to whoever reads it. A reader that is slow has the connection pause.
final class BodyFeed: Sendable {
    /// The connection ended before the body did.
    struct Broken: Error {}

    private struct State {
        var parts: [[UInt8]] = []
        var buffered = 0
        var end: Result<Void, Broken>?
        var reader: CheckedContinuation<Result<[UInt8]?, Broken>, Never>?
    }

    private static let limit = 256 << 10

    private let state = Mutex(State())
    /// Told when there is room again.
    private let onRoom: @Sendable () -> Void

    init(onRoom: @escaping @Sendable () -> Void) { self.onRoom = onRoom }

    var isFull: Bool { state.withLock { $0.buffered >= Self.limit } }

    func push(_ part: [UInt8]) {
        guard !part.isEmpty else { return }
        let reader: CheckedContinuation<Result<[UInt8]?, Broken>, Never>? = state.withLock { state in
            guard state.end == nil else { return nil }
            if let reader = state.reader {
                state.reader = nil
                return reader
            }
            state.parts.append(part)
            state.buffered += part.count
            return nil
        }
        reader?.resume(returning: .success(part))
    }

    func finish() { end(.success(())) }
    func fail() { end(.failure(Broken())) }

    private func end(_ result: Result<Void, Broken>) {
        let reader = state.withLock { state in
            if state.end == nil { state.end = result }
            defer { state.reader = nil }
            return state.reader
        }
        reader?.resume(returning: result.map { nil })
    }

    /// The next part, nil at the end. One reader at a time; if its task is cancelled, the body ends there.
    func next() async throws -> [UInt8]? {
        let result = await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let (result, hasRoom): (Result<[UInt8]?, Broken>?, Bool) = state.withLock { state in
                    if !state.parts.isEmpty {
                        let part = state.parts.removeFirst()
                        state.buffered -= part.count
                        return (.success(part), state.buffered < Self.limit && state.buffered + part.count >= Self.limit)
                    }
                    if let end = state.end { return (end.map { nil }, false) }
                    state.reader = continuation
                    return (nil, false)
                }
                if hasRoom { onRoom() }
                if let result { continuation.resume(returning: result) }
            }
        } onCancel: {
            fail()
        }
        return try result.get()
    }
}
