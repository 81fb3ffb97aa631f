package import HTTPTypes

/// A request to the upstream. Hop-by-hop headers and `host` must be gone already (`Hop`).
package struct UpstreamRequest: Sendable {
    package var method: HTTPRequest.Method
    /// Scheme, host, path and query.
    package var url: String
    package var headers: HTTPFields
    package var body: [UInt8]

    package init(method: HTTPRequest.Method, url: String, headers: HTTPFields, body: [UInt8]) {
        self.method = method
        self.url = url
        self.headers = headers
        self.body = body
    }
}

package struct UpstreamResponse: Sendable {
    package var status: Int
    /// Without hop-by-hop headers.
    package var headers: HTTPFields
    package var body: [UInt8]

    package init(status: Int, headers: HTTPFields, body: [UInt8]) {
        self.status = status
        self.headers = headers
        self.body = body
    }
}

/// Why an exchange with the upstream did not come to an end.
package struct UpstreamError: Error, Sendable, Hashable, CustomStringConvertible {
    package enum Kind: String, Sendable, Hashable {
        case notAllowed
        case unreachable
        case timedOut
        case tls
        /// The answer broke off or was not HTTP.
        case badAnswer
        case tooLarge
        case cancelled
    }

    package let kind: Kind
    package let description: String

    package init(_ kind: Kind, _ description: String) {
        self.kind = kind
        self.description = description
    }
}

/// Headers that concern one connection and are not passed on (RFC 9110, 7.6.1).
package enum Hop {
    private static let names: Set<String> = [
        "connection", "keep-alive", "proxy-authenticate", "proxy-authorization", "proxy-connection", "te", "trailer", "transfer-encoding",
        "upgrade", "host", "expect",
    ]

    /// The headers without those of the hop, and without those that `connection` names.
    package static func strip(_ headers: HTTPFields) -> HTTPFields {
        let named = headers[values: .connection].flatMap { $0.split(separator: ",").map { $0.filter { $0 != " " }.lowercased() } }
        var kept = HTTPFields()
        for field in headers where !names.contains(field.name.canonicalName) && !named.contains(field.name.canonicalName) { kept.append(field) }
        return kept
    }
}
