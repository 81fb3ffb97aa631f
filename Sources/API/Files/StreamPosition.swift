import Synchronization

/// How far a body has been read.
final class StreamPosition: Sendable {
    private let next: Mutex<Int>

    init(_ start: Int) { next = Mutex(start) }

    /// Where the next part begins; nil at the end.
    func advance(by step: Int, to end: Int) -> Int? {
        next.withLock { next in
            guard next < end else { return nil }
            defer { next += step }
            return next
        }
    }
}
