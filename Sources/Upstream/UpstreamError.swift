/// Why there is no answer from upstream. Messages name hosts and limits, never paths, queries or headers.
package enum UpstreamError: Error, Sendable, Hashable, CustomStringConvertible {
    case invalidRequest(String)
    /// Neither the upstream nor a host that was allowed.
    case hostNotAllowed(String)
    case unresolvedHost(String)
    case refused(String)
    case timedOut(String)
    case tls(host: String, reason: String)
    /// The connection was lost before the whole answer had come.
    case cut(String)
    case protocolViolation(host: String, reason: String)
    case responseTooLarge(limit: Int)
    case cancelled
    /// This side is closing.
    case shutDown
    case other(host: String, reason: String)

    /// The status to answer the client with.
    package var status: Int {
        switch self {
        case .timedOut: 504
        case .invalidRequest: 400
        case .hostNotAllowed: 403
        case .shutDown: 503
        default: 502
        }
    }

    /// The `error_code` to answer the client with.
    package var code: String {
        switch self {
        case .invalidRequest: "INVALID_PARAMETER_VALUE"
        case .hostNotAllowed: "UPSTREAM_HOST_NOT_ALLOWED"
        case .unresolvedHost, .refused: "UPSTREAM_UNREACHABLE"
        case .timedOut: "UPSTREAM_TIMEOUT"
        case .tls: "UPSTREAM_TLS_ERROR"
        case .cut: "UPSTREAM_CONNECTION_LOST"
        case .protocolViolation: "UPSTREAM_PROTOCOL_ERROR"
        case .responseTooLarge: "UPSTREAM_RESPONSE_TOO_LARGE"
        case .cancelled: "CANCELLED"
        case .shutDown: "TEMPORARILY_UNAVAILABLE"
        case .other: "UPSTREAM_ERROR"
        }
    }

    package var description: String {
        switch self {
        case .invalidRequest(let reason): "The request cannot be forwarded: \(reason)."
        case .hostNotAllowed(let host): "Requests to '\(host)' are not forwarded; allow the host with --allow-host."
        case .unresolvedHost(let host): "The upstream host '\(host)' cannot be resolved."
        case .refused(let host): "The upstream '\(host)' cannot be connected to."
        case .timedOut(let host): "The upstream '\(host)' did not answer in time."
        case .tls(let host, let reason): "No secure connection to the upstream '\(host)': \(reason)."
        case .cut(let host): "The connection to the upstream '\(host)' was lost before the answer was complete."
        case .protocolViolation(let host, let reason): "The upstream '\(host)' does not speak HTTP properly: \(reason)."
        case .responseTooLarge(let limit): "The upstream's answer is larger than \(limit) bytes."
        case .cancelled: "The request was cancelled."
        case .shutDown: "The server is stopping."
        case .other(let host, let reason): "The upstream '\(host)' cannot be used: \(reason)."
        }
    }
}
