package import API
package import Cassettes
import Foundation
import HTTPTypes
import JSON
package import Upstream
package import Workspace

/// Forwards to the upstream, and appends each exchange to a cassette when its answer has ended.
package final class RecordBackend: Backend {
    package let mode = "record"
    private let upstream: Upstream
    private let writer: CassetteWriter
    private let clock = ContinuousClock()
    private let onStop: @Sendable (_ reason: String) -> Void

    /// `onStop` is told when recording ends by a failure.
    package init(upstream: Upstream, writer: CassetteWriter, onStop: @escaping @Sendable (_ reason: String) -> Void) {
        self.upstream = upstream
        self.writer = writer
        self.onStop = onStop
    }

    /// The client's own credentials go through to the upstream, which decides.
    package func admit(_ request: ServedRequest, _ match: OperationIndex.Match) -> Admission { .admitted(Caller()) }

    package func answer(_ call: AdmittedCall) async -> (answer: Answer, note: String?) {
        if let reason = await writer.stopReason { return (Self.stopped(reason), "recording has stopped") }
        let request = call.request
        let link = LinkRewriter.target(ofPath: request.path)
        let begun = clock.now
        let response: UpstreamResponse
        do throws(UpstreamError) {
            var origin: UpstreamOrigin?
            if let link { origin = try UpstreamOrigin(scheme: link.scheme, authority: link.host) }
            response = try await upstream.forward(
                UpstreamRequest(
                    method: request.method.rawValue, origin: origin, path: link?.path ?? request.path,
                    query: request.query.isEmpty ? nil : request.query, headers: request.headers, body: request.body))
        } catch {
            return (Self.refusal(error.status, error.code, error.description), "upstream: \(error.code)")
        }
        let elapsed = (clock.now - begun).components
        let exchange = RawExchange(
            operation: call.match.operationID, method: request.method.rawValue, path: link?.path ?? request.path,
            query: request.query.isEmpty ? nil : request.query, host: link?.host, requestHeaders: request.headers, requestBody: request.body,
            status: response.status, responseHeaders: response.headers, responseBody: response.body,
            milliseconds: Int(elapsed.seconds) * 1000 + Int(elapsed.attoseconds / 1_000_000_000_000_000))
        do {
            try await writer.append(exchange)
        } catch {
            onStop(error.description)
            return (Self.stopped(error), "recording has stopped")
        }
        let rewriter = LinkRewriter(base: request.baseURL, service: upstream.base.authority) { [upstream] host in
            (try? UpstreamOrigin(scheme: "https", authority: host)).map { upstream.allows($0) } ?? false
        }
        var answer = Answer(status: response.status, headers: response.headers, body: response.body)
        if let body = rewriter.rewrite(response.body[...]) { answer.body = body }
        return (answer, nil)
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
