import HTTPTypes
import HummingbirdCore
package import Logging
import NIOCore
import NIOHTTP1
import NIOPosix
import ServiceLifecycle

/// The HTTP side: reads whole requests, asks the pipeline, and carries out what it answers, broken connections included.
package struct Listener: Service {
    /// Larger bodies are refused with 413 before they are held in memory.
    static let maxBodyBytes = 32 << 20
    /// Where requests stream, what of a larger body is read before it is answered.
    static let streamedBodyBytes = 1 << 20

    private let host: String
    private let port: Int
    private let pipeline: Pipeline
    private let logger: Logger
    private let onReady: @Sendable (_ port: Int) -> Void

    package init(host: String, port: Int, pipeline: Pipeline, logger: Logger, onReady: @escaping @Sendable (_ port: Int) -> Void) {
        self.host = host
        self.port = port
        self.pipeline = pipeline
        self.logger = logger
        self.onReady = onReady
    }

    package func run() async throws {
        var quiet = logger
        quiet.logLevel = max(.warning, logger.logLevel)
        let dates = HTTPDate()
        let hangUps = pipeline.backend.streams ? HangUps() : nil
        let http = HTTPServerBuilder.http1(
            configuration: .init(additionalChannelHandlers: hangUps.map { [HangUps.Watcher($0)] } ?? []))
        let server = try http.buildServer(
            configuration: ServerConfiguration(address: .hostname(host, port: port), serverName: nil, backlog: 1024),
            eventLoopGroup: MultiThreadedEventLoopGroup.singleton,
            logger: quiet,
            responder: { [pipeline] request, writer, channel in
                // Clients with large bodies wait for this before they send them.
                if request.headers[.expect]?.lowercased() == "100-continue" {
                    try await writer.writeInformationalHead(HTTPResponse(status: .continue))
                }
                let answer = await Self.answer(request, pipeline, channel, hangUps?[channel])
                try await Self.deliver(answer, to: channel, writer, isHead: request.method == .head, dates)
            },
            onServerRunning: { [onReady] channel in onReady(channel.localAddress?.port ?? 0) })
        try await server.run()
    }

    private static func answer(_ request: Request, _ pipeline: Pipeline, _ channel: any Channel, _ hangUp: HangUp?) async -> Answer {
        let host = request.head.authority ?? channel.localAddress.map { "127.0.0.1:\($0.port ?? 0)" } ?? "localhost"
        var body: [UInt8]
        var rest: BodyStream?
        do {
            let length = request.headers[.contentLength].flatMap { Int($0) }
            if pipeline.backend.streams, length ?? (request.headers[.transferEncoding] == nil ? 0 : .max) > streamedBodyBytes {
                let reader = RequestReader(request.body)
                body = []
                var hasEnded = false
                while !hasEnded, body.count < streamedBodyBytes {
                    if let part = try await reader.next() { body += part } else { hasEnded = true }
                }
                if !hasEnded { rest = BodyStream(length: length.map { $0 - body.count }) { try await reader.next() } }
            } else {
                let buffer = try await request.body.collect(upTo: maxBodyBytes)
                body = Array(buffer.readableBytesView)
            }
        } catch is NIOTooManyBytesError {
            return pipeline.tooLarge(limit: maxBodyBytes)
        } catch {
            var answer = Answer(status: 400)
            answer.delivery = .close
            return answer
        }
        return await pipeline.respond(
            to: ServedRequest(
                method: request.method, target: request.head.path ?? "/", headers: request.headers, body: body, baseURL: "http://" + host, rest: rest,
                hangUp: hangUp))
    }

    private static func deliver(
        _ answer: Answer, to channel: any Channel, _ writer: consuming ResponseWriter, isHead: Bool, _ dates: HTTPDate
    ) async throws {
        switch answer.delivery {
        case .reset:
            if let options = channel as? any SocketOptionProvider {
                try? await options.setSoLinger(linger(l_onoff: 1, l_linger: 0)).get()
            }
            try? await channel.close()
            throw ConnectionEnded()
        case .close:
            try? await channel.close()
            throw ConnectionEnded()
        case .stall:
            // Until the client gives up, or the server ends.
            await withTaskCancellationOrGracefulShutdownHandler {
                try? await channel.closeFuture.get()
            } onCancelOrGracefulShutdown: {
                channel.close(promise: nil)
            }
            throw ConnectionEnded()
        case .whole, .closeMidBody, .malformedChunk, .throttled: break
        }
        var head = HTTPResponse(status: .init(code: answer.status), headerFields: answer.headers)
        // A recorded date stands.
        if head.headerFields[.date] == nil { head.headerFields[.date] = dates.now }
        if let stream = answer.stream, !isHead {
            head.headerFields[.contentLength] = stream.length.map { String($0) }
            return try await StreamDelivery.deliver(stream, head, answer.delivery, to: channel, writer)
        }
        // An answer to HEAD tells the length of what GET would send, which only the operation knows.
        if head.headerFields[.contentLength] == nil, answer.status != 204, answer.status != 304 {
            head.headerFields[.contentLength] = String(answer.body.count)
        }
        if isHead { return try await writer.writeResponse(head) }
        switch answer.delivery {
        case .closeMidBody:
            var body = try await writer.writeHead(head)
            try await body.write(ByteBuffer(bytes: answer.body.prefix(answer.body.count / 2)))
            try? await channel.close()
            throw ConnectionEnded()
        case .malformedChunk:
            try await MalformedChunk.send(head, answer.body, on: channel)
            throw ConnectionEnded()
        case .throttled(let rate):
            var body = try await writer.writeHead(head)
            let slice = max(1, rate / 10)
            var start = 0
            while start < answer.body.count {
                let end = min(answer.body.count, start + slice)
                try await body.write(ByteBuffer(bytes: answer.body[start..<end]))
                start = end
                if start < answer.body.count { try await Task.sleep(for: .milliseconds(100)) }
            }
            try await body.finish(nil)
        default:
            try await writer.write(response: head, body: ResponseBody(byteBuffer: ByteBuffer(bytes: answer.body)))
        }
    }
}

/// Thrown to have the connection closed.
struct ConnectionEnded: Error {}

/// Writes an answer's head and a chunk with a size that is no number, below the HTTP encoder.
enum MalformedChunk {
    static func send(_ head: HTTPResponse, _ body: [UInt8], on channel: any Channel) async throws {
        var text = "HTTP/1.1 \(head.status.code) \(head.status.reasonPhrase)\r\n"
        for field in head.headerFields where field.name != .contentLength { text += "\(field.name): \(field.value)\r\n" }
        text += "transfer-encoding: chunked\r\n\r\nnot-a-size\r\n"
        var buffer = ByteBuffer(string: text)
        buffer.writeBytes(body.prefix(body.count / 2))
        let bytes = buffer
        try await channel.eventLoop.flatSubmit {
            // Written from the encoder's place, the bytes go to the socket as they are.
            guard let context = try? channel.pipeline.syncOperations.context(handlerType: HTTPResponseEncoder.self) else {
                return channel.close()
            }
            return context.writeAndFlush(NIOAny(bytes)).flatMap { channel.close() }
        }.get()
    }
}
