package import API
package import Cassettes
import Foundation
import HTTPTypes
import JSON
import Upstream
package import Workspace

/// Forwards to the upstream, and appends each exchange to a cassette when its answer has ended.
package final class RecordBackend: Backend {
    package let mode = "record"
    /// Scheme and host, without a slash at its end.
    private let upstream: String
    private let client: UpstreamClient
    private let hosts: AllowedHosts
    private let writer: CassetteWriter
    private let clock = ContinuousClock()
    private let onStop: @Sendable (_ reason: String) -> Void

    /// `hosts` are those besides the upstream's that links may lead to. `onStop` is told once when recording ends by a failure.
    package init(upstream: String, hosts: [String], writer: CassetteWriter, onStop: @escaping @Sendable (_ reason: String) -> Void) {
        self.upstream = upstream
        self.hosts = AllowedHosts(hosts)
        client = UpstreamClient(hosts: AllowedHosts([AllowedHosts.host(of: upstream)] + hosts))
        self.writer = writer
        self.onStop = onStop
    }

    /// The client's own credentials go through to the upstream, which decides.
    package func admit(_ request: ServedRequest, _ match: OperationIndex.Match) -> Admission { .admitted(Caller()) }

    package func answer(_ call: AdmittedCall) async -> (answer: Answer, note: String?) {
        if let reason = await writer.stopReason { return (Self.stopped(reason), "recording has stopped") }
        let request = call.request
        let link = LinkRewriter.target(ofPath: request.path)
        let base = link.map { "\($0.scheme)://\($0.host)" } ?? upstream
        let target = (link?.path ?? request.path) + (request.query.isEmpty ? "" : "?" + request.query)
        var headers = Hop.strip(request.headers)
        // What is compressed could not be searched for secrets.
        headers[.acceptEncoding] = "identity"
        headers[.contentLength] = nil
        // A link's own signature lets in; the workspace's token must not go to other hosts.
        if link != nil { headers[.authorization] = nil }
        let begun = clock.now
        let response: UpstreamResponse
        do {
            response = try await client.forward(
                UpstreamRequest(method: request.method, url: base + target, headers: headers, body: request.body))
        } catch {
            return (Self.failed(error), "upstream: \(error.kind.rawValue)")
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
        let rewriter = LinkRewriter(base: request.baseURL, service: AllowedHosts.host(of: upstream)) { [hosts] in hosts.allow("https://\($0)/") }
        var answer = Answer(status: response.status, headers: response.headers, body: response.body)
        if let body = rewriter.rewrite(response.body[...]) { answer.body = body }
        // The length is that of what is sent; an answer to HEAD keeps the upstream's.
        if request.method != .head { answer.headers[.contentLength] = nil }
        return (answer, nil)
    }

    private static func failed(_ error: UpstreamError) -> Answer {
        let (status, code) =
            switch error.kind {
            case .timedOut: (504, "UPSTREAM_TIMEOUT")
            case .notAllowed: (403, "UPSTREAM_NOT_ALLOWED")
            case .tls: (502, "UPSTREAM_TLS_FAILED")
            case .badAnswer: (502, "UPSTREAM_BAD_ANSWER")
            case .tooLarge: (502, "UPSTREAM_ANSWER_TOO_LARGE")
            case .unreachable, .cancelled: (502, "UPSTREAM_UNREACHABLE")
            }
        return refusal(status, code, "The upstream did not answer: \(error.description)")
    }

    private static func stopped(_ error: CassetteError) -> Answer { refusal(500, "RECORDING_STOPPED", error.description) }

    private static func refusal(_ status: Int, _ code: String, _ message: String) -> Answer {
        var answer = Answer(status: status, body: JSONValue.members([("error_code", .string(code)), ("message", .string(message))]).encoded())
        answer.headers[.contentType] = "application/json"
        return answer
    }

    /// Ends the recording; what was appended is on the disk.
    package func finish() async {
        client.stop()
        await writer.finish()
    }

    package func reset() throws(WorkspaceError) {
        throw WorkspaceError(.notImplemented, "A recording has no start state to go back to.")
    }
}
