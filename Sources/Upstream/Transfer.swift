import CCurl
import HTTPTypes
import Synchronization

/// One exchange under way, shared by the driver's thread, which fills it, and the task that reads it.
final class Transfer: Sendable {
    /// What libcurl needs to know; checked.
    struct Request: Sendable {
        let url: String
        let method: String
        let headerLines: [String]
        let body: [UInt8]
        /// The body instead, while it is still coming.
        let upload: UpstreamUpload?
        let host: String
        let isLoopback: Bool
    }

    private struct State {
        var status = 0
        var fields = HTTPFields()
        var headBytes = 0
        var headIsComplete = false
        var chunks: [[UInt8]] = []
        var firstChunk = 0
        var buffered = 0
        var isPaused = false
        /// It will be cancelled, and must not be sent if it is not yet.
        var isUnwanted = false
        /// Set when nothing more will come.
        var end: Result<Void, UpstreamError>?
        /// A reason found in a callback, which libcurl only knows as "the callback failed".
        var failure: UpstreamError?
        /// Who waits for the head, and what else he waits for.
        var headWaiter: HeadWaiter?
        var chunkWaiter: CheckedContinuation<Result<[UInt8]?, UpstreamError>, Never>?
    }

    /// What of an answer is waited for before anybody is told of it.
    struct Wanted: Sendable {
        /// Bytes of the body; 0 for none.
        var bytes = 0
        /// Whether an answer with this head is passed on as it comes.
        var isStream: @Sendable (UpstreamResponseHead) -> Bool = { _ in true }
    }

    private struct HeadWaiter {
        let continuation: CheckedContinuation<Result<UpstreamResponseHead, UpstreamError>, Never>
        let wanted: Wanted
    }

    let request: Request
    let options: UpstreamOptions
    /// By when the head must be there; a peer that drips it never stops.
    let headDeadline: ContinuousClock.Instant
    private let state = Mutex(State())

    init(_ request: Request, _ options: UpstreamOptions) {
        self.request = request
        self.options = options
        headDeadline = ContinuousClock().now + options.idleTimeout * 2
    }

    // MARK: The reader's side

    /// Waits for status and headers, and for as much of the body as is wanted with them, or all if it is less.
    /// `resume` is called when a connection that has paused already may go on.
    func head(_ wanted: Wanted = Wanted(), resume: () -> Void) async -> Result<UpstreamResponseHead, UpstreamError> {
        await withCheckedContinuation { continuation in
            let (result, goesOn): (Result<UpstreamResponseHead, UpstreamError>?, Bool) = state.withLock { state in
                if case .failure(let error) = state.end { return (.failure(error), false) }
                if state.headIsComplete {
                    let head = Self.head(state, request)
                    if state.end != nil || wanted.isStream(head) || state.buffered > wanted.bytes { return (.success(head), false) }
                }
                state.headWaiter = HeadWaiter(continuation: continuation, wanted: wanted)
                defer { state.isPaused = false }
                return (nil, state.isPaused)
            }
            if goesOn { resume() }
            if let result { continuation.resume(returning: result) }
        }
    }

    /// What of the body is there, and whether that is all of it. To be asked before the first part is waited for.
    /// `resume` is called when a paused connection may go on.
    func beginning(resume: () -> Void) -> (bytes: [UInt8], hasEnded: Bool) {
        let (bytes, hasEnded, wasPaused) = state.withLock { state in
            defer { state.isPaused = false }
            let bytes = state.chunks.count == 1 ? state.chunks[0] : Array(state.chunks.joined())
            (state.chunks, state.firstChunk, state.buffered) = ([], 0, 0)
            if case .success = state.end { return (bytes, true, false) }
            return (bytes, false, state.isPaused)
        }
        if wasPaused { resume() }
        return (bytes, hasEnded)
    }

    /// Waits for the next part of the body; nil at its end. `resume` is called when a paused connection may go on.
    func chunk(resume: () -> Void) async -> Result<[UInt8]?, UpstreamError> {
        await withCheckedContinuation { continuation in
            let (result, goesOn): (Result<[UInt8]?, UpstreamError>?, Bool) = state.withLock { state in
                if state.firstChunk < state.chunks.count {
                    let chunk = state.chunks[state.firstChunk]
                    state.chunks[state.firstChunk] = []
                    state.firstChunk += 1
                    if state.firstChunk == state.chunks.count {
                        state.chunks = []
                        state.firstChunk = 0
                    }
                    state.buffered -= chunk.count
                    let goesOn = state.isPaused && state.buffered <= options.bufferedBytes / 2
                    if goesOn { state.isPaused = false }
                    return (.success(chunk), goesOn)
                }
                switch state.end {
                case .success: return (.success(nil), false)
                case .failure(let error): return (.failure(error), false)
                case nil:
                    state.chunkWaiter = continuation
                    return (nil, false)
                }
            }
            if goesOn { resume() }
            if let result { continuation.resume(returning: result) }
        }
    }

    // MARK: The driver's side

    /// One line of a head, with its line end; false ends the transfer.
    func receive(headerLine bytes: UnsafeBufferPointer<UInt8>) -> Bool {
        let (waiter, head, goesOn) = state.withLock {
            state -> (HeadWaiter?, UpstreamResponseHead?, Bool) in
            // Lines behind the head are trailers, which nobody asked for.
            guard !state.headIsComplete else { return (nil, nil, true) }
            state.headBytes += bytes.count
            guard state.headBytes <= options.maxHeadBytes else {
                state.failure = .protocolViolation(host: request.host, reason: "headers of more than \(options.maxHeadBytes) bytes")
                return (nil, nil, false)
            }
            var line = bytes[...]
            while let last = line.last, last == 0x0A || last == 0x0D { line = line.dropLast() }
            guard Self.read(line, &state) else {
                state.failure = .protocolViolation(host: request.host, reason: "a header that cannot be read")
                return (nil, nil, false)
            }
            guard state.headIsComplete else { return (nil, nil, true) }
            guard let waiter = state.headWaiter else { return (nil, nil, true) }
            let head = Self.head(state, request)
            guard waiter.wanted.isStream(head) else { return (nil, nil, true) }
            state.headWaiter = nil
            return (waiter, head, true)
        }
        if let waiter, let head { waiter.continuation.resume(returning: .success(head)) }
        return goesOn
    }

    private static func read(_ line: Slice<UnsafeBufferPointer<UInt8>>, _ state: inout State) -> Bool {
        if line.isEmpty {
            // Interim answers (100, 103) come before the real one.
            state.headIsComplete = state.status >= 200
            return true
        }
        if line.starts(with: "HTTP/".utf8) {
            let parts = line.split(separator: 0x20, maxSplits: 2, omittingEmptySubsequences: true)
            guard parts.count >= 2, let status = Int(String(decoding: parts[1], as: UTF8.self)), (100...599).contains(status) else { return false }
            state.status = status
            state.fields = HTTPFields()
            return true
        }
        guard state.status > 0, let colon = line.firstIndex(of: UInt8(ascii: ":")) else { return false }
        guard let name = HTTPField.Name(String(decoding: line[..<colon], as: UTF8.self)) else { return false }
        var value = line[line.index(after: colon)...]
        while let first = value.first, first == 0x20 || first == 0x09 { value = value.dropFirst() }
        while let last = value.last, last == 0x20 || last == 0x09 { value = value.dropLast() }
        let field = HTTPField(name: name, lenientValue: Array(value))
        // Two lengths that differ are two answers in one: nobody can say which is meant.
        if name == .contentLength, let length = state.fields[name], length != field.value { return false }
        state.fields.append(field)
        return true
    }

    private static func head(_ state: State, _ request: Request) -> UpstreamResponseHead {
        let isHead = request.method == "HEAD"
        let encoding = state.fields[.contentEncoding]?.lowercased() ?? "identity"
        var head = UpstreamResponseHead(status: state.status, headers: HopByHop.responseHeaders(state.fields, isHead: isHead), length: nil)
        if encoding == "identity" || encoding.isEmpty {
            head.length = isHead ? nil : state.fields[.contentLength].flatMap { Int($0) }.flatMap { $0 >= 0 ? $0 : nil }
        } else if !isHead {
            // libcurl has undone it.
            head.headers[.contentEncoding] = nil
        }
        return head
    }

    enum Reception {
        case taken
        /// The reader is behind: the same bytes are to be offered again later.
        case pause
    }

    func receive(body bytes: UnsafeBufferPointer<UInt8>) -> Reception {
        guard !bytes.isEmpty else { return .taken }
        var began: (HeadWaiter, UpstreamResponseHead)?
        let (waiter, reception) = state.withLock { state -> (CheckedContinuation<Result<[UInt8]?, UpstreamError>, Never>?, Reception) in
            if let waiter = state.chunkWaiter {
                state.chunkWaiter = nil
                return (waiter, .taken)
            }
            if let waiter = state.headWaiter {
                // Somebody waits for a beginning, and this may make it long enough.
                if state.buffered + bytes.count > waiter.wanted.bytes {
                    began = (waiter, Self.head(state, request))
                    state.headWaiter = nil
                }
            } else if state.buffered >= options.bufferedBytes {
                state.isPaused = true
                return (nil, .pause)
            }
            state.chunks.append(Array(bytes))
            state.buffered += bytes.count
            return (nil, .taken)
        }
        if let (waiter, head) = began { waiter.continuation.resume(returning: .success(head)) }
        waiter?.resume(returning: .success(Array(bytes)))
        return reception
    }

    /// The transfer has ended with libcurl's code.
    /// `detail`: libcurl's own words, of which only the kind of the failure is read.
    func finish(_ code: CURLcode, detail: String) {
        let failure = state.withLock { state -> UpstreamError? in
            if let failure = state.failure { return failure }
            if code != CURLE_OK { return Self.error(code, detail, request.host) }
            return state.headIsComplete ? nil : .cut(request.host)
        }
        end(failure.map { .failure($0) } ?? .success(()))
    }

    func fail(_ error: UpstreamError) { end(.failure(error)) }

    /// Whether the peer has had all its time and still not sent a head.
    func isOverdue(at now: ContinuousClock.Instant) -> Bool {
        request.upload == nil && now >= headDeadline && state.withLock { !$0.headIsComplete && $0.end == nil }
    }

    var hasEnded: Bool { state.withLock { $0.end != nil } }

    /// A request that was cancelled before its start must not be sent.
    var isWanted: Bool { state.withLock { $0.end == nil && !$0.isUnwanted } }

    func giveUp() { state.withLock { $0.isUnwanted = true } }

    private func end(_ result: Result<Void, UpstreamError>) {
        request.upload?.close()
        let (waiter, head, chunk) = state.withLock { state in
            guard state.end == nil else {
                return (nil as HeadWaiter?, nil as UpstreamResponseHead?, nil as CheckedContinuation<Result<[UInt8]?, UpstreamError>, Never>?)
            }
            state.end = result
            defer {
                state.headWaiter = nil
                state.chunkWaiter = nil
            }
            return (state.headWaiter, state.headIsComplete ? Self.head(state, request) : nil, state.chunkWaiter)
        }
        switch result {
        case .success:
            waiter?.continuation.resume(returning: head.map { .success($0) } ?? .failure(.cut(request.host)))
            chunk?.resume(returning: .success(nil))
        case .failure(let error):
            waiter?.continuation.resume(returning: .failure(error))
            chunk?.resume(returning: .failure(error))
        }
    }

    private static func error(_ code: CURLcode, _ detail: String, _ host: String) -> UpstreamError {
        switch code {
        // The code is that of a lost connection.
        case CURLE_RECV_ERROR where detail.contains("hunk"):
            return .protocolViolation(host: host, reason: "a chunked body that cannot be read")
        case CURLE_RECV_ERROR where detail.contains("nghttp2"), CURLE_SEND_ERROR where detail.contains("nghttp2"):
            return .protocolViolation(host: host, reason: "HTTP/2 frames that cannot be read")
        case CURLE_COULDNT_RESOLVE_HOST, CURLE_COULDNT_RESOLVE_PROXY: return .unresolvedHost(host)
        case CURLE_COULDNT_CONNECT: return .refused(host)
        case CURLE_OPERATION_TIMEDOUT: return .timedOut(host)
        case CURLE_PARTIAL_FILE, CURLE_RECV_ERROR, CURLE_SEND_ERROR, CURLE_GOT_NOTHING: return .cut(host)
        case CURLE_SSL_CONNECT_ERROR, CURLE_PEER_FAILED_VERIFICATION, CURLE_SSL_CERTPROBLEM, CURLE_SSL_CIPHER, CURLE_SSL_CACERT_BADFILE,
            CURLE_SSL_ISSUER_ERROR, CURLE_SSL_INVALIDCERTSTATUS, CURLE_SSL_ENGINE_NOTFOUND, CURLE_SSL_ENGINE_SETFAILED:
            return .tls(host: host, reason: text(code))
        case CURLE_UNSUPPORTED_PROTOCOL, CURLE_WEIRD_SERVER_REPLY, CURLE_HTTP2, CURLE_HTTP2_STREAM, CURLE_HTTP_RETURNED_ERROR,
            CURLE_BAD_CONTENT_ENCODING:
            return .protocolViolation(host: host, reason: text(code))
        // The client has gone before it had sent its body.
        case CURLE_ABORTED_BY_CALLBACK: return .cancelled
        case CURLE_URL_MALFORMAT: return .invalidRequest("the URL is malformed")
        default: return .other(host: host, reason: text(code))
        }
    }

    /// libcurl's own sentence, which holds nothing of the request.
    private static func text(_ code: CURLcode) -> String {
        guard let text = ccurl_easy_strerror(code) else { return "error \(code.rawValue)" }
        return String(cString: text)
    }
}
