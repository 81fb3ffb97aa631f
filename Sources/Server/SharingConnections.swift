import HTTPTypes
import Synchronization
import Upstream
import Warehouse

/// Connections to sharing servers, to the token endpoints that their profiles name and to the stores that they link to.
final class SharingConnections: SharingTransport {
    private static let maxUpstreams = 32

    private let upstreams = Mutex<[UpstreamOrigin: Upstream]>([:])
    private let options: UpstreamOptions

    init(_ options: UpstreamOptions) {
        var options = options
        options.connectTimeout = .seconds(10)
        options.idleTimeout = .seconds(60)
        self.options = options
    }

    func send(_ request: SharingRequest, maxBytes: Int) async throws(SharingFailure) -> SharingAnswer {
        let host = request.url.authority
        do throws(UpstreamError) {
            let origin = try UpstreamOrigin(scheme: request.url.scheme, authority: host)
            var forwarded = UpstreamRequest(method: request.method, path: request.url.path, query: request.url.query, body: request.body)
            for (name, value) in request.headers {
                guard let field = HTTPField.Name(name) else { continue }
                forwarded.headers.append(HTTPField(name: field, value: value))
            }
            forwarded.headers[.userAgent] = "dbxsim/" + Version.text
            let answer = try await upstream(origin).forward(forwarded, limit: maxBytes)
            var headers: [String: String] = [:]
            for field in answer.headers { headers[field.name.canonicalName] = field.value }
            return SharingAnswer(status: answer.status, headers: headers, body: answer.body)
        } catch {
            throw Self.failure(error, host)
        }
    }

    private static func failure(_ error: UpstreamError, _ host: String) -> SharingFailure {
        switch error {
        case .unresolvedHost: SharingFailure(.unreachable, "The host '\(host)' cannot be resolved.")
        case .refused: SharingFailure(.unreachable, "The server '\(host)' cannot be connected to.")
        case .timedOut: SharingFailure(.timedOut, "The server '\(host)' did not answer in time.")
        case .tls(_, let reason): SharingFailure(.insecure, "No secure connection to the server '\(host)': \(reason).")
        case .cut: SharingFailure(.brokenOff, "The connection to the server '\(host)' was lost before its answer was complete.")
        case .protocolViolation(_, let reason): SharingFailure(.malformed, "The server '\(host)' does not speak HTTP properly: \(reason).")
        case .responseTooLarge(let limit): SharingFailure(.tooLarge, "The answer of the server '\(host)' is longer than \(limit) bytes.")
        case .invalidRequest(let reason): SharingFailure(.unreachable, "The address of the server '\(host)' cannot be used: \(reason).")
        case .hostNotAllowed, .cancelled, .shutDown, .other: SharingFailure(.unreachable, "The server '\(host)' was not asked: \(error.code).")
        }
    }

    private func upstream(_ origin: UpstreamOrigin) throws(UpstreamError) -> Upstream {
        if let known = upstreams.withLock({ $0[origin] }) { return known }
        let made = try Upstream(origin, options: options)
        return upstreams.withLock { known in
            if let other = known[origin] { return other }
            // Those that are in use live on with their exchanges.
            if known.count >= Self.maxUpstreams { known = [:] }
            known[origin] = made
            return made
        }
    }
}
