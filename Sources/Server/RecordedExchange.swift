import API
import Cassettes
import HTTPTypes
import Upstream

/// What is known of an exchange while it is under way.
struct RecordedExchange: Sendable {
    let operation: String?
    let method: String
    let link: LinkRewriter.Target?
    let path: String
    let query: String?
    let headers: HTTPFields
    let begun: ContinuousClock.Instant
    var request: BodySpool.Result
    var head = UpstreamResponseHead(status: 0, headers: [:])
    /// The answer's bytes are counted while they come.
    var isStreamed = false

    init(_ call: AdmittedCall, begun: ContinuousClock.Instant) {
        operation = call.match.operationID
        method = call.request.method.rawValue
        link = LinkRewriter.target(ofPath: call.request.path)
        path = link?.path ?? call.request.path
        query = call.request.query.isEmpty ? nil : call.request.query
        headers = call.request.headers
        request = .memory(call.request.body)
        self.begun = begun
    }

    private static let opaqueTypes = [
        "application/octet-stream", "binary/octet-stream", "application/vnd.apache.", "application/x-thrift", "application/parquet",
        "application/x-parquet", "application/zip", "application/gzip", "application/x-gzip", "application/pdf", "image/", "audio/", "video/",
    ]

    /// Whether the answer is no text: nothing in it is rewritten.
    var isOpaque: Bool { Self.isOpaque(head.headers) }

    static func isOpaque(_ headers: HTTPFields) -> Bool {
        guard let type = headers[.contentType]?.lowercased() else { return false }
        return opaqueTypes.contains { type.hasPrefix($0) }
    }

    func raw(_ response: BodySpool.Result, milliseconds: Int) -> RawExchange {
        var raw = RawExchange(
            operation: operation, method: method, path: path, query: query, host: link?.host, requestHeaders: headers, status: head.status,
            responseHeaders: head.headers, milliseconds: milliseconds)
        switch request {
        case .memory(let bytes): raw.requestBody = bytes
        case .file(let file): raw.requestFile = file
        }
        switch response {
        case .memory(let bytes): raw.responseBody = bytes
        case .file(let file): raw.responseFile = file
        }
        return raw
    }
}

/// Sends a request's body to the upstream while it comes from the client, and keeps it for the cassette.
actor RequestSender {
    let upload: UpstreamUpload
    private let beginning: [UInt8]
    private let rest: BodyStream
    private let spool: BodySpool
    private var pump: Task<Result<Void, any Error>, Never>?
    private var sent = 0

    init(_ request: ServedRequest, _ rest: BodyStream, _ exchange: RecordedExchange, _ writer: CassetteWriter) {
        beginning = request.body
        self.rest = rest
        upload = UpstreamUpload(length: rest.length.map { $0 + request.body.count })
        spool = writer.spool(
            "request body of \(exchange.method)", operation: exchange.operation, path: exchange.path, headers: request.headers)
    }

    func start() {
        guard pump == nil else { return }
        pump = Task {
            do {
                var part: [UInt8]? = beginning
                while let bytes = part {
                    try await spool.append(bytes)
                    sent += bytes.count
                    guard await upload.write(bytes) else { return .success(()) }
                    part = try await rest.next()
                }
                upload.finish()
                return .success(())
            } catch {
                upload.abandon()
                return .failure(error)
            }
        }
    }

    /// Stops reading; returns when the connection is free again.
    func cancel() async {
        upload.abandon()
        pump?.cancel()
        _ = await pump?.value
    }

    /// The body as it was read, which is all of it unless the answer came early.
    func finish() async throws -> BodySpool.Result {
        guard let pump else { return .memory(beginning) }
        // The answer is there: who answers early does not want the rest. Of a body that is there only its end may still be to come.
        if sent < upload.length ?? .max { pump.cancel() }
        if case .failure(let error as CassetteError) = await pump.value { throw error }
        return try await spool.finish()
    }
}

/// An answer on its way through: the client reads it as it comes, and gets its end when the exchange is in the cassette.
actor StreamedAnswer {
    private let backend: RecordBackend
    private let exchange: RecordedExchange
    private let iterator: UpstreamBody.AsyncIterator
    private let spool: BodySpool
    private let length: Int?
    private let hangUp: HangUp?
    private var beginning: [UInt8]?
    private var rewriter: LinkRewriter.Stream?
    private var received = 0
    private var hasEnded = false

    init(
        _ backend: RecordBackend, _ exchange: RecordedExchange, _ body: UpstreamBody, _ beginning: [UInt8], _ rewriter: LinkRewriter?,
        _ hangUp: HangUp?
    ) {
        self.backend = backend
        self.exchange = exchange
        self.beginning = beginning.isEmpty ? nil : beginning
        self.rewriter = rewriter.map { LinkRewriter.Stream($0) }
        self.hangUp = hangUp
        iterator = body.makeAsyncIterator()
        length = exchange.head.length
        spool = backend.writer.spool(
            "answer of \(exchange.method)", operation: exchange.operation, path: exchange.path, headers: exchange.headers)
    }

    deinit { backend.count { $0.underWay -= 1 } }

    func next() async throws -> [UInt8]? {
        guard !hasEnded else { return nil }
        do {
            var held: [UInt8] = []
            while let part = try await read() {
                received += part.count
                backend.count { $0.bytes += part.count }
                try await spool.append(part)
                // With a known length the last byte is the end.
                if let length, received >= length {
                    held += part
                    continue
                }
                let passed = rewriter?.push(part) ?? part
                if !passed.isEmpty { return passed }
            }
            hasEnded = true
            hangUp?.clear()
            try await backend.record(exchange, try await spool.finish())
            if rewriter != nil { held = (rewriter?.push(held) ?? []) + (rewriter?.finish() ?? []) }
            return held.isEmpty ? nil : held
        } catch {
            hasEnded = true
            hangUp?.clear()
            if let error = error as? UpstreamError { await backend.recordFailure(exchange, error) }
            if let error = error as? CassetteError { backend.stop(error) }
            throw error
        }
    }

    private func read() async throws(UpstreamError) -> [UInt8]? {
        if let part = beginning {
            beginning = nil
            return part
        }
        return try await iterator.next()
    }
}
