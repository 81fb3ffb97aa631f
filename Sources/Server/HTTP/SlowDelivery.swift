import API
import NIOCore
import Synchronization

/// Sends an answer that takes its time: one whose body is still coming, and those that faults hold back or break.
/// The client's pace is the pace at which a body is read.
struct SlowDelivery: Sendable {
    let channel: any Channel
    /// Status line and headers.
    let head: ByteBuffer
    let isChunked: Bool

    /// Thrown to have the connection closed.
    private struct Ended: Error {}

    /// False if the connection must be closed.
    func run(_ answer: consuming Answer?) async -> Bool {
        guard let answer else { return false }
        do {
            if let stream = answer.stream { try await send(stream, answer.delivery) } else { try await send(answer.body, answer.delivery) }
            return true
        } catch {
            return false
        }
    }

    private func send(_ body: [UInt8], _ delivery: Answer.Delivery) async throws {
        if delivery == .malformedChunk { try await breakOff(body) }
        try await send(head)
        if case .throttled(let rate) = delivery { try await throttle(body, rate, pausesAtEnd: false) } else { try await send(part: body) }
    }

    private func send(_ stream: BodyStream, _ delivery: Answer.Delivery) async throws {
        if delivery == .malformedChunk { try await breakOff(try await stream.next() ?? []) }
        try await send(head)
        var sent = 0
        while let part = try await stream.next() {
            switch delivery {
            case .closeMidBody:
                let half = stream.length.map { $0 / 2 } ?? part.count
                try await send(part: Array(part.prefix(max(0, half - sent))))
                sent += part.count
                if sent >= half { throw Ended() }
            case .throttled(let rate): try await throttle(part, rate, pausesAtEnd: true)
            default: try await send(part: part)
            }
        }
        if isChunked { try await send(ByteBuffer(string: "0\r\n\r\n")) }
    }

    /// A chunk with a size that is no number.
    private func breakOff(_ body: [UInt8]) async throws {
        var buffer = head
        buffer.writeStaticString("not-a-size\r\n")
        buffer.writeBytes(body.prefix(body.count / 2))
        try await send(buffer)
        throw Ended()
    }

    private func throttle(_ body: [UInt8], _ rate: Int, pausesAtEnd: Bool) async throws {
        try await Throttle.send(body, bytesPerSecond: rate, pausesAtEnd: pausesAtEnd) { try await send(part: $0) }
    }

    private func send(part: [UInt8]) async throws {
        guard !part.isEmpty else { return }
        guard isChunked else { return try await send(ByteBuffer(bytes: part)) }
        var buffer = channel.allocator.buffer(capacity: part.count + 16)
        buffer.writeString(String(part.count, radix: 16))
        buffer.writeStaticString("\r\n")
        buffer.writeBytes(part)
        buffer.writeStaticString("\r\n")
        try await send(buffer)
    }

    /// Returns when the bytes are with the operating system.
    private func send(_ buffer: ByteBuffer) async throws { try await channel.writeAndFlush(buffer) }
}

/// An answer that is handed to a task for good.
final class Parcel: Sendable {
    private let answer: Mutex<Answer?>

    init(_ answer: Answer) { self.answer = Mutex(answer) }

    func take() -> Answer? {
        answer.withLock { answer in
            defer { answer = nil }
            return answer
        }
    }
}
