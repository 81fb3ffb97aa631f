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
    package let staysOnLoop = true
    let upstream: Upstream
    let writer: CassetteWriter
    let clock = ContinuousClock()
    private let recordsFailures: Bool
    private let onStop: @Sendable (_ reason: String) -> Void
    private let counted = Mutex(Progress())

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
        if let reason = writer.stopReason { return (Self.stopped(reason), "recording has stopped") }
        if let encoding = call.request.headers[.contentEncoding], !encoding.isEmpty, encoding.lowercased() != "identity" {
            let message = "The request's body is encoded (\(encoding)) and cannot be searched for secrets; it is not forwarded."
            return (Self.refusal(415, "UNSUPPORTED_MEDIA_TYPE", message), "not forwarded: encoded")
        }
        var exchange = RecordedExchange(call, begun: clock.now)
        count { $0.underWay += 1 }
        let sender = call.request.rest.map { RequestSender(call.request, $0, exchange, writer) }
        var isStreaming = false
        defer {
            if !isStreaming {
                call.request.hangUp?.clear()
                count { $0.underWay -= 1 }
            }
        }
        do {
            let opened = try await open(call.request, exchange, sender)
            if let sender { exchange.request = try await sender.finish() }
            exchange.head = opened.head
            guard opened.hasEnded else {
                isStreaming = true
                exchange.isStreamed = true
                return (stream(call.request, exchange, opened), nil)
            }
            try await record(exchange, .memory(opened.beginning))
            return (answer(to: call.request, exchange, opened.beginning), nil)
        } catch let error as UpstreamError {
            await sender?.cancel()
            return await failed(exchange, sender, error)
        } catch let error as CassetteError {
            await sender?.cancel()
            stop(error)
            return (Self.stopped(error), "recording has stopped")
        } catch {
            await sender?.cancel()
            return await failed(exchange, sender, .cancelled)
        }
    }

    /// The head, and as much of the body as is waited for.
    private func open(_ request: ServedRequest, _ exchange: RecordedExchange, _ sender: RequestSender?) async throws -> UpstreamExchange {
        var origin: UpstreamOrigin?
        if let link = exchange.link { origin = try UpstreamOrigin(scheme: link.scheme, authority: link.host) }
        await sender?.start()
        return try await upstream.open(
            UpstreamRequest(
                method: request.method.rawValue, origin: origin, path: exchange.path, query: exchange.query, headers: request.headers,
                body: sender == nil ? request.body : [], upload: sender?.upload),
            holding: Forwarding.heldBytes, isStream: Forwarding.isStream
        ) { cancel in request.hangUp?.onHangUp(cancel) }
    }

    private func stream(_ request: ServedRequest, _ exchange: RecordedExchange, _ opened: UpstreamExchange) -> Answer {
        var answer = answer(to: request, exchange, [])
        let rewriter = exchange.isOpaque ? nil : self.rewriter(request, exchange)
        let streamed = StreamedAnswer(self, exchange, opened.body, opened.beginning, rewriter, request.hangUp)
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

    /// Larger bodies are not searched for secrets on an event loop.
    private static let loopBytes = 64 << 10

    /// Writes an exchange that has ended; returns when it is in the file.
    func record(_ exchange: RecordedExchange, _ body: BodySpool.Result) async throws(CassetteError) {
        let raw = exchange.raw(body, milliseconds: Self.milliseconds(clock.now - exchange.begun))
        do throws(CassetteError) {
            if raw.requestBody.count + raw.responseBody.count > Self.loopBytes {
                try await withTaskExecutorPreference(globalConcurrentExecutor) { () async throws(CassetteError) in _ = try writer.append(raw) }
            } else {
                try writer.append(raw)
            }
        } catch {
            stop(error)
            throw error
        }
        count { progress in
            progress.exchanges += 1
            progress.bytes += raw.requestBody.count + (exchange.isStreamed ? 0 : raw.responseBody.count)
        }
    }

    /// Nothing more is recorded, and nothing answered: a client must not go on as if it were.
    func stop(_ error: CassetteError) {
        if writer.stop(error) { onStop(error.description) }
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

    private func failed(_ exchange: RecordedExchange, _ sender: RequestSender?, _ error: UpstreamError) async -> (Answer, String?) {
        var exchange = exchange
        if let spooled = try? await sender?.finish() { exchange.request = spooled }
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
        writer.finish()
    }

    package func reset() throws(WorkspaceError) {
        throw WorkspaceError(.notImplemented, "A recording has no start state to go back to.")
    }
}
