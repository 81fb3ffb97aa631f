import HTTPTypes
import HummingbirdCore
import NIOCore

/// Sends an answer whose body is still coming. The client's pace is the pace at which it is read.
enum StreamDelivery {
    /// Throws when the connection has ended or must end, which it then has.
    static func deliver(
        _ stream: BodyStream, _ head: HTTPResponse, _ delivery: Answer.Delivery, to channel: any Channel, _ writer: consuming ResponseWriter
    ) async throws {
        var head = head
        if delivery == .malformedChunk {
            head.headerFields[.contentLength] = nil
            try await MalformedChunk.send(head, try await stream.next() ?? [], on: channel)
            throw ConnectionEnded()
        }
        var body = try await writer.writeHead(head)
        var sent = 0
        do {
            while let part = try await stream.next() {
                switch delivery {
                case .closeMidBody:
                    let half = stream.length.map { $0 / 2 } ?? part.count
                    try await body.write(ByteBuffer(bytes: part.prefix(max(0, half - sent))))
                    sent += part.count
                    if sent >= half { throw ConnectionEnded() }
                case .throttled(let rate): try await throttle(part, rate, &body)
                default: try await body.write(ByteBuffer(bytes: part))
                }
            }
        } catch {
            // Half an answer must not look like a whole one.
            try? await channel.close()
            throw ConnectionEnded()
        }
        try await body.finish(nil)
    }

    private static func throttle(_ part: [UInt8], _ rate: Int, _ body: inout some ResponseBodyWriter) async throws {
        let slice = max(1, rate / 10)
        var start = 0
        while start < part.count {
            let end = min(part.count, start + slice)
            try await body.write(ByteBuffer(bytes: part[start..<end]))
            start = end
            try await Task.sleep(for: .milliseconds(100))
        }
    }
}
