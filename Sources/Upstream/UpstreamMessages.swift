package import HTTPTypes

/// A request to be forwarded.
package struct UpstreamRequest: Sendable {
    package var method: String
    /// Another host than the upstream's; nil for the upstream.
    package var origin: UpstreamOrigin?
    /// As sent by the client, without the query; passed on untouched.
    package var path: String
    /// Without the question mark; nil for none.
    package var query: String?
    package var headers: HTTPFields
    package var body: [UInt8]
    /// The body instead, while it is still coming.
    package var upload: UpstreamUpload?

    package init(
        method: String, origin: UpstreamOrigin? = nil, path: String, query: String? = nil, headers: HTTPFields = [:], body: [UInt8] = [],
        upload: UpstreamUpload? = nil
    ) {
        self.method = method
        self.origin = origin
        self.path = path
        self.query = query
        self.headers = headers
        self.body = body
        self.upload = upload
    }
}

/// Status and headers of an answer, without those that belong to the connection.
package struct UpstreamResponseHead: Sendable, Hashable {
    package var status: Int
    package var headers: HTTPFields
    /// Of the body in bytes, if it was announced; a peer that sends less is an error.
    package var length: Int?

    package init(status: Int, headers: HTTPFields, length: Int? = nil) {
        self.status = status
        self.headers = headers
        self.length = length
    }
}

/// A whole answer.
package struct UpstreamResponse: Sendable, Hashable {
    package var status: Int
    package var headers: HTTPFields
    package var body: [UInt8]

    package init(status: Int, headers: HTTPFields, body: [UInt8]) {
        self.status = status
        self.headers = headers
        self.body = body
    }
}

package struct UpstreamOptions: Sendable {
    package var connectTimeout = Duration.seconds(10)
    /// How long nothing at all may come, and half of the time that a head may take. Statements are waited for up to 50 s.
    package var idleTimeout = Duration.seconds(300)
    /// What `forward` keeps of an answer.
    package var maxResponseBytes = 256 << 20
    /// Status line and headers of one answer.
    package var maxHeadBytes = 256 << 10
    /// How much of a streamed body may wait for its reader before the connection is paused.
    package var bufferedBytes = 256 << 10
    /// Certificate authorities instead of the system's: a file of certificates, a folder.
    package var authorityFile: String?
    package var authorityFolder: String?
    /// Whether `https_proxy` and its kin are obeyed. Loopback addresses are never reached through a proxy.
    package var usesProxies = true

    package init() {}

    /// Certificate authorities as the environment names them. Proxies libcurl reads there itself.
    package init(environment: [String: String]) {
        authorityFile = ["CURL_CA_BUNDLE", "SSL_CERT_FILE", "REQUESTS_CA_BUNDLE"].lazy.compactMap { environment[$0] }.first { !$0.isEmpty }
        authorityFolder = environment["SSL_CERT_DIR"].flatMap { $0.isEmpty ? nil : $0 }
    }
}
