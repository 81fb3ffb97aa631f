import API
import HTTPTypes
import NIOCore
import NIOHTTP1
import NIOHTTP2
import NIOPosix

/// A stream of an HTTP/2 connection, which is one request and its answer. Faults that break a connection break the whole of it.
final class StreamExchange: ChannelDuplexHandler {
    typealias InboundIn = HTTPServerRequestPart
    typealias OutboundIn = HTTPServerResponsePart
    typealias OutboundOut = HTTPServerResponsePart

    private enum Reading {
        case nothing
        case gathering(HTTPRequestHead, [UInt8])
        case feeding(BodyFeed)
        case discarding
    }

    private let pipeline: Pipeline
    private let members: StreamMembers
    private let peer: String?
    private let hangUp: HangUp?
    private var context: ChannelHandlerContext?
    private var reading = Reading.nothing
    private var isHead = false
    private var isReadWanted = false

    init(_ pipeline: Pipeline, _ members: StreamMembers, peer: String?) {
        self.pipeline = pipeline
        self.members = members
        self.peer = peer
        hangUp = pipeline.backend.streams ? HangUp() : nil
    }

    func handlerAdded(context: ChannelHandlerContext) {
        self.context = context
        members.begin()
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        self.context = nil
        hangUp?.happen()
        if case .feeding(let feed) = reading { feed.fail() }
        reading = .nothing
        members.end()
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }

    // MARK: The request

    func read(context: ChannelHandlerContext) {
        if case .feeding(let feed) = reading, feed.isFull { isReadWanted = true } else { context.read() }
    }

    private func readMore() {
        guard isReadWanted else { return }
        isReadWanted = false
        context?.read()
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch unwrapInboundIn(data) {
        case .head(let head):
            isHead = head.method == .HEAD
            reading = .gathering(head, [])
        case .body(let bytes): append(Array(bytes.readableBytesView))
        case .end: end()
        }
    }

    private func append(_ bytes: [UInt8]) {
        switch reading {
        case .nothing, .discarding: break
        case .feeding(let feed): feed.push(bytes)
        case .gathering(let head, var body):
            reading = .nothing
            body += bytes
            if body.count >= Listener.streamedBodyBytes, let request = request(head, []), pipeline.streamsBody(request) {
                return stream(head, body)
            }
            guard body.count <= Listener.maxBodyBytes else {
                reading = .discarding
                return deliver(pipeline.tooLarge(limit: Listener.maxBodyBytes))
            }
            reading = .gathering(head, body)
        }
    }

    private func stream(_ head: HTTPRequestHead, _ beginning: [UInt8]) {
        guard let context else { return }
        let loop = context.eventLoop
        let bound = NIOLoopBound(self, eventLoop: loop)
        let feed = BodyFeed { loop.execute { bound.value.readMore() } }
        reading = .feeding(feed)
        let length = head.headers.first(name: "content-length").flatMap { Int($0) }
        respond(head, beginning, rest: BodyStream(length: length.map { $0 - beginning.count }) { try await feed.next() })
    }

    private func end() {
        switch reading {
        case .nothing, .discarding: break
        case .feeding(let feed): feed.finish()
        case .gathering(let head, let body): respond(head, body, rest: nil)
        }
        reading = .nothing
    }

    private func request(_ head: HTTPRequestHead, _ body: [UInt8], rest: BodyStream? = nil) -> ServedRequest? {
        guard let method = HTTPRequest.Method(head.method) else { return nil }
        var cache = HeaderCache()
        let (headers, baseURL) = cache.fields(of: head.headers, context, scheme: "https")
        return ServedRequest(
            method: method, target: head.uri, headers: headers, body: body, baseURL: baseURL, rest: rest, hangUp: hangUp, peer: peer)
    }

    private func respond(_ head: HTTPRequestHead, _ body: [UInt8], rest: BodyStream?) {
        guard let context, let request = request(head, body, rest: rest) else {
            context?.close(promise: nil)
            return
        }
        switch pipeline.begin(request) {
        case .answered(let answer): deliver(answer)
        case .open(let exchange):
            let loop = context.eventLoop
            let bound = NIOLoopBound(self, eventLoop: loop)
            members.begin()
            Task { [pipeline] in
                let answer = await pipeline.finish(exchange)
                loop.execute {
                    bound.value.deliver(answer)
                    bound.value.members.end()
                }
            }
        }
    }

    // MARK: The answer

    private func deliver(_ answer: Answer) {
        guard let context, context.channel.isActive else { return }
        switch answer.delivery {
        case .reset:
            if let connection = context.channel.parent { BrokenConnection.reset(connection) }
        case .close:
            if let connection = context.channel.parent { BrokenConnection.close(connection) }
        case .stall: break
        case .whole where answer.stream == nil || isHead:
            let hasNoBody = isHead || answer.status == 204 || answer.status == 304
            writeHead(answer, length: hasNoBody && !(isHead && answer.headers.only(.contentLength) == nil) ? nil : answer.body.count)
            if !hasNoBody, !answer.body.isEmpty { _ = write(answer.body) }
            finish()
        case .whole, .closeMidBody, .malformedChunk, .throttled: deliverSlowly(answer)
        }
    }

    private func writeHead(_ answer: Answer, length: Int?) {
        var headers = HTTPHeaders()
        for field in answer.headers {
            switch field.name.canonicalName {
            // What is the connection's alone in HTTP/1.1 has no place here.
            case "transfer-encoding", "connection", "keep-alive": continue
            case "content-length" where length != nil || answer.status == 204: continue
            default: headers.add(name: field.name.canonicalName, value: field.value)
            }
        }
        if let length { headers.add(name: "content-length", value: String(length)) }
        if !headers.contains(name: "date") {
            var date = HTTPDate()
            headers.add(name: "date", value: date.now)
        }
        let status = HTTPResponseStatus(statusCode: (100...999).contains(answer.status) ? answer.status : 500)
        context?.write(wrapOutboundOut(.head(HTTPResponseHead(version: .http2, status: status, headers: headers))), promise: nil)
    }

    /// Done when the bytes are with the operating system.
    private func write(_ bytes: [UInt8]) -> EventLoopFuture<Void>? {
        guard let context else { return nil }
        return context.writeAndFlush(wrapOutboundOut(.body(.byteBuffer(ByteBuffer(bytes: bytes)))))
    }

    private func finish() { context?.writeAndFlush(wrapOutboundOut(.end(nil)), promise: nil) }

    /// At the client's pace, and with what faults do to it. A malformed chunk, which HTTP/2 has not, is a stream that ends in the middle.
    private func deliverSlowly(_ answer: Answer) {
        guard let context else { return }
        let loop = context.eventLoop
        let bound = NIOLoopBound(self, eventLoop: loop)
        writeHead(answer, length: answer.stream == nil ? answer.body.count : answer.stream?.length)
        let delivery = answer.delivery
        let (body, stream) = (answer.body, answer.stream)
        members.begin()
        Task {
            let parts = StreamParts(body: body, stream: stream, delivery: delivery) { bytes in
                try await loop.flatSubmit { bound.value.write(bytes) ?? loop.makeFailedFuture(ChannelError.ioOnClosedChannel) }.get()
            }
            let isWhole = await parts.send()
            loop.execute {
                let exchange = bound.value
                if isWhole {
                    exchange.finish()
                } else if delivery == .closeMidBody, let connection = exchange.context?.channel.parent {
                    BrokenConnection.close(connection)
                } else {
                    exchange.context?.close(promise: nil)
                }
                exchange.members.end()
            }
        }
    }
}

/// An answer's body in parts, as faults cut it.
private struct StreamParts: Sendable {
    let body: [UInt8]
    let stream: BodyStream?
    let delivery: Answer.Delivery
    let write: @Sendable ([UInt8]) async throws -> Void

    /// False if it has ended in the middle.
    func send() async -> Bool {
        do {
            guard let stream else { return try await send(body, total: body.count, sent: 0) }
            var sent = 0
            while let part = try await stream.next() {
                guard try await send(part, total: stream.length ?? part.count, sent: sent) else { return false }
                sent += part.count
            }
            return true
        } catch {
            return false
        }
    }

    private func send(_ part: [UInt8], total: Int, sent: Int) async throws -> Bool {
        switch delivery {
        case .closeMidBody, .malformedChunk:
            let left = max(0, total / 2 - sent)
            if left > 0 { try await write(Array(part.prefix(left))) }
            return left > part.count
        case .throttled(let rate):
            try await Throttle.send(part, bytesPerSecond: rate, pausesAtEnd: stream != nil, write)
        default:
            if !part.isEmpty { try await write(part) }
        }
        return true
    }
}
