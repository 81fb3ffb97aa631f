package import API
package import Cassettes
import Foundation
import HTTPTypes
import JSON
import Synchronization
package import Upstream
package import Workspace

/// Forwards to the upstream, and appends each exchange to a cassette when its answer has ended.
package final class RecordBackend: Backend {
    /// What a progress line tells.
    package struct Progress: Sendable, Hashable {
        package var exchanges = 0
        package var underWay = 0
        package var failures = 0
        /// Of requests' and answers' bodies.
        package var bytes = 0

        package init() {}
    }

    package let mode = "record"
    package let streams = true
    let upstream: Upstream
    let writer: CassetteWriter
    let clock = ContinuousClock()
    private let recordsFailures: Bool
    private let onStop: @Sendable (_ reason: String) -> Void
    private let counted = Mutex(Progress())

    /// What of an answer is waited for before it is passed on: so much fits into one write, and can still become an error.
    private static let heldBytes = 1 << 20

    /// `recordsFailures`: exchanges that got no answer are recorded with the error that the client was told. `onStop` is told when
    /// recording ends by a failure.
    package init(upstream: Upstream, writer: CassetteWriter, recordsFailures: Bool = false, onStop: @escaping @Sendable (_ reason: String) -> Void) {
        self.upstream = upstream
        self.writer = writer
        self.recordsFailures = recordsFailures
        self.onStop = onStop
    }

    package var progress: Progress { counted.withLock { $0 } }

    func count(_ change: (inout Progress) -> Void) { counted.withLock { change(&$0) } }

    /// The client's own credentials go through to the upstream, which decides.
    package func admit(_ request: ServedRequest, _ match: OperationIndex.Match) -> Admission { .admitted(Caller()) }

    package func answer(_ call: AdmittedCall) async -> (answer: Answer, note: String?) {
        if let reason = await writer.stopReason { return (Self.stopped(reason), "recording has stopped") }
        if let encoding = call.request.headers[.contentEncoding], !encoding.isEmpty, encoding.lowercased() != "identity" {
            let message = "The request's body is encoded (\(encoding)) and cannot be searched for secrets; it is not forwarded."
            return (Self.refusal(415, "UNSUPPORTED_MEDIA_TYPE", message), "not forwarded: encoded")
        }
        var exchange = RecordedExchange(call, begun: clock.now)
        count { $0.underWay += 1 }
        let sender = RequestSender(call.request, exchange, writer)
        var isStreaming = false
        defer {
            if !isStreaming {
                call.request.hangUp?.clear()
                count { $0.underWay -= 1 }
            }
        }
        do {
            let (opened, beginning, hasEnded) = try await open(call.request, exchange, sender)
            if let spooled = try await sender.finish() { exchange.request = spooled }
            exchange.head = opened.head
            guard hasEnded else {
                isStreaming = true
                exchange.isStreamed = true
                return (stream(call.request, exchange, opened, beginning), nil)
            }
            try await record(exchange, .memory(beginning))
            return (answer(to: call.request, exchange, beginning), nil)
        } catch let error as UpstreamError {
            await sender.cancel()
            return await failed(exchange, sender, error)
        } catch let error as CassetteError {
            await sender.cancel()
            await stop(error)
            return (Self.stopped(error), "recording has stopped")
        } catch {
            await sender.cancel()
            return await failed(exchange, sender, .cancelled)
        }
    }

    /// The head, and as much of the body as is waited for.
    private func open(
        _ request: ServedRequest, _ exchange: RecordedExchange, _ sender: RequestSender
    ) async throws -> (exchange: UpstreamExchange, beginning: [UInt8], hasEnded: Bool) {
        var origin: UpstreamOrigin?
        if let link = exchange.link { origin = try UpstreamOrigin(scheme: link.scheme, authority: link.host) }
        await sender.start()
        let opened = try await upstream.open(
            UpstreamRequest(
                method: request.method.rawValue, origin: origin, path: exchange.path, query: exchange.query, headers: request.headers,
                body: request.rest == nil ? request.body : [], upload: sender.upload)
        ) { cancel in request.hangUp?.onHangUp(cancel) }
        var beginning: [UInt8] = []
        let isEventStream = opened.head.headers[.contentType]?.lowercased().hasPrefix("text/event-stream") == true
        if isEventStream || opened.head.length ?? 0 > Self.heldBytes { return (opened, beginning, false) }
        let iterator = opened.body.makeAsyncIterator()
        while beginning.count <= Self.heldBytes {
            guard let part = try await iterator.next() else { return (opened, beginning, true) }
            if beginning.isEmpty { beginning = part } else { beginning += part }
        }
        return (opened, beginning, false)
    }

    private func stream(_ request: ServedRequest, _ exchange: RecordedExchange, _ opened: UpstreamExchange, _ beginning: [UInt8]) -> Answer {
        var answer = answer(to: request, exchange, [])
        let rewriter = exchange.isOpaque ? nil : self.rewriter(request, exchange)
        let streamed = StreamedAnswer(self, exchange, opened.body, beginning, rewriter, request.hangUp)
        // Rewritten links change the length.
        answer.stream = BodyStream(length: rewriter == nil ? opened.head.length : nil) { try await streamed.next() }
        return answer
    }

    private func answer(to request: ServedRequest, _ exchange: RecordedExchange, _ body: [UInt8]) -> Answer {
        var answer = Answer(status: exchange.head.status, headers: exchange.head.headers, body: body)
        guard let rewriter = rewriter(request, exchange) else { return answer }
        answer.headers = rewriter.rewrite(answer.headers)
        if !exchange.isOpaque, let rewritten = rewriter.rewrite(body[...]) { answer.body = rewritten }
        return answer
    }

    private func rewriter(_ request: ServedRequest, _ exchange: RecordedExchange) -> LinkRewriter? {
        guard LinkRewriter.applies(toPath: exchange.path, isOtherHost: exchange.link != nil) else { return nil }
        return LinkRewriter(base: request.baseURL, service: upstream.base.authority) { [upstream] host in
            (try? UpstreamOrigin(scheme: "https", authority: host)).map { upstream.allows($0) } ?? false
        }
    }

    // MARK: Recording

    /// Writes an exchange that has ended; returns when it is in the file.
    func record(_ exchange: RecordedExchange, _ body: BodySpool.Result) async throws(CassetteError) {
        let raw = exchange.raw(body, milliseconds: Self.milliseconds(clock.now - exchange.begun))
        do {
            try await writer.append(raw)
        } catch {
            await stop(error)
            throw error
        }
        count { progress in
            progress.exchanges += 1
            progress.bytes += raw.requestBody.count + (exchange.isStreamed ? 0 : raw.responseBody.count)
        }
    }

    /// Nothing more is recorded, and nothing answered: a client must not go on as if it were.
    func stop(_ error: CassetteError) async {
        if await writer.stop(error) { onStop(error.description) }
    }

    /// Records an exchange without an answer, if that was asked for. A client that went away has not failed.
    func recordFailure(_ exchange: RecordedExchange, _ error: UpstreamError) async {
        count { $0.failures += 1 }
        guard recordsFailures, error != .cancelled, error != .shutDown else { return }
        if case .hostNotAllowed = error { return }
        var exchange = exchange
        let answer = Self.refusal(error.status, error.code, error.description)
        exchange.head = UpstreamResponseHead(status: answer.status, headers: answer.headers)
        try? await record(exchange, .memory(answer.body))
    }

    private func failed(_ exchange: RecordedExchange, _ sender: RequestSender, _ error: UpstreamError) async -> (Answer, String?) {
        var exchange = exchange
        if let spooled = try? await sender.finish() { exchange.request = spooled }
        await recordFailure(exchange, error)
        return (Self.refusal(error.status, error.code, error.description), "upstream: \(error.code)")
    }

    private static func milliseconds(_ duration: Duration) -> Int {
        let (seconds, attoseconds) = duration.components
        return Int(seconds) * 1000 + Int(attoseconds / 1_000_000_000_000_000)
    }

    private static func stopped(_ error: CassetteError) -> Answer { refusal(500, "RECORDING_STOPPED", error.description) }

    private static func refusal(_ status: Int, _ code: String, _ message: String) -> Answer {
        var answer = Answer(status: status, body: JSONValue.members([("error_code", .string(code)), ("message", .string(message))]).encoded())
        answer.headers[.contentType] = "application/json"
        return answer
    }

    /// Ends the recording; what was appended is on the disk.
    package func finish() async {
        await upstream.shutdown()
        await writer.finish()
    }

    package func reset() throws(WorkspaceError) {
        throw WorkspaceError(.notImplemented, "A recording has no start state to go back to.")
    }
}
