import API
import HTTPTypes
import NIOCore
import NIOHTTP1

/// A connection's requests.
extension Connection {
    func take(_ event: Event) {
        switch event {
        case .head(let head): begin(head)
        case .body(let bytes): append(bytes)
        case .end: endBody()
        case .nonsense: refuse()
        case .inputEnd: endInput()
        }
    }

    private func begin(_ head: HTTPRequestHead) {
        isHead = head.method == .HEAD
        isHTTP10 = head.version.major == 1 && head.version.minor == 0
        if !head.isKeepAlive { closesAfterAnswer = true }
        if head.headers.contains(name: "expect"), head.headers.first(name: "expect")?.lowercased() == "100-continue" {
            // Clients with large bodies wait for this before they send them.
            write(ByteBuffer(string: "HTTP/1.1 100 Continue\r\n\r\n"))
        }
        reading = .gathering(head, [])
    }

    private func append(_ bytes: ByteBuffer) {
        switch reading {
        case .nothing, .discarding: break
        case .feeding(let feed): feed.push(Array(bytes.readableBytesView))
        case .gathering(let head, var body):
            reading = .nothing
            if body.isEmpty { body = Array(bytes.readableBytesView) } else { body.append(contentsOf: bytes.readableBytesView) }
            if body.count >= Listener.streamedBodyBytes, Self.isStreamed(head), streams(head) { return stream(head, body) }
            if body.count > Listener.maxBodyBytes {
                reading = .discarding
                answering = .waiting
                return deliver(pipeline.tooLarge(limit: Listener.maxBodyBytes))
            }
            reading = .gathering(head, body)
        }
    }

    private func streams(_ head: HTTPRequestHead) -> Bool {
        guard !pipeline.backend.streams, let method = HTTPRequest.Method(head.method) else { return pipeline.backend.streams }
        let (headers, baseURL) = headerCache.fields(of: head.headers, context, scheme: scheme)
        return pipeline.streamsBody(ServedRequest(method: method, target: head.uri, headers: headers, body: [], baseURL: baseURL))
    }

    private static func isStreamed(_ head: HTTPRequestHead) -> Bool {
        guard let length = head.headers.first(name: "content-length").flatMap({ Int($0) }) else { return true }
        return length > Listener.streamedBodyBytes
    }

    /// Answers a request whose body is still coming.
    private func stream(_ head: HTTPRequestHead, _ beginning: [UInt8]) {
        guard let context else { return }
        let bound = NIOLoopBound(self, eventLoop: context.eventLoop)
        let loop = context.eventLoop
        let feed = BodyFeed { loop.execute { bound.value.readMore() } }
        reading = .feeding(feed)
        let length = head.headers.first(name: "content-length").flatMap { Int($0) }
        answer(head, beginning, rest: BodyStream(length: length.map { $0 - beginning.count }) { try await feed.next() })
    }

    private func endBody() {
        switch reading {
        case .nothing: break
        case .gathering(let head, let body):
            reading = .nothing
            answer(head, body, rest: nil)
        case .feeding(let feed):
            reading = .nothing
            feed.finish()
        case .discarding:
            reading = .nothing
            if case .nothing = answering, closesAfterAnswer { closeAfterWrites() }
        }
    }

    private func answer(_ head: HTTPRequestHead, _ body: [UInt8], rest: BodyStream?) {
        guard let method = HTTPRequest.Method(head.method) else { return refuse() }
        let (headers, baseURL) = headerCache.fields(of: head.headers, context, scheme: scheme)
        respond(
            to: ServedRequest(
                method: method, target: head.uri, headers: headers, body: body, baseURL: baseURL, rest: rest, hangUp: hangUp, peer: peer))
    }

    private func refuse() {
        switch reading {
        case .feeding(let feed): feed.fail()
        case .discarding: return closeLingering()
        case .nothing, .gathering: break
        }
        reading = .nothing
        guard case .nothing = answering else {
            closesAfterAnswer = true
            return
        }
        write(ByteBuffer(string: "HTTP/1.1 400 Bad Request\r\nConnection: close\r\nContent-Length: 0\r\n\r\n"))
        closeLingering()
    }

    private func endInput() {
        if case .feeding(let feed) = reading { feed.fail() }
        reading = .nothing
        guard case .nothing = answering else {
            closesAfterAnswer = true
            return
        }
        closeAfterWrites()
    }
}

/// The last request's headers in the form in which they are passed on. Clients send the same ones again and again.
struct HeaderCache {
    private var source: [(name: String, value: String)] = []
    private var fields: HTTPFields = [:]
    private var baseURL = ""

    /// Without `Host`, which becomes the base URL.
    mutating func fields(
        of headers: HTTPHeaders, _ context: ChannelHandlerContext?, scheme: String
    ) -> (fields: HTTPFields, baseURL: String) {
        if !baseURL.isEmpty, headers.count == source.count, zip(headers, source).allSatisfy({ $0.name == $1.name && $0.value == $1.value }) {
            return (fields, baseURL)
        }
        source = Array(headers)
        fields = [:]
        var host: String?
        for (name, value) in source {
            guard let name = HTTPField.Name(name) else { continue }
            if host == nil, name.canonicalName == "host" { host = value } else { fields.append(HTTPField(name: name, value: value)) }
        }
        baseURL = scheme + "://" + (host ?? context?.channel.localAddress.map { "127.0.0.1:\($0.port ?? 0)" } ?? "localhost")
        return (fields, baseURL)
    }
}

extension HTTPRequest.Method {
    init?(_ method: HTTPMethod) {
        switch method {
        case .GET: self = .get
        case .POST: self = .post
        case .PUT: self = .put
        case .PATCH: self = .patch
        case .DELETE: self = .delete
        case .HEAD: self = .head
        case .OPTIONS: self = .options
        default: self.init(method.rawValue)
        }
    }
}
