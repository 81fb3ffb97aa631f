/// A request that the workspace makes to an address of its users'.
package struct OutgoingHook: Sendable {
    package var url: String
    /// The header's whole value.
    package var authorization: String?
    /// Signs the body: `X-Databricks-Signature` is its HMAC-SHA256 in hexadecimal.
    package var secret: String?
    package var body: [UInt8]

    package init(url: String, authorization: String? = nil, secret: String? = nil, body: [UInt8]) {
        self.url = url
        self.authorization = authorization
        self.secret = secret
        self.body = body
    }
}

/// Sends such requests; see `serve --webhooks`.
package struct HookSender: Sendable {
    /// Later, in the order of the calls; what fails is the sender's to report.
    let post: @Sendable (OutgoingHook) -> Void
    /// Now; nil for an address that is not called.
    let ask: @Sendable (OutgoingHook) async throws -> (status: Int, body: String)?

    package init(
        post: @escaping @Sendable (OutgoingHook) -> Void, ask: @escaping @Sendable (OutgoingHook) async throws -> (status: Int, body: String)?
    ) {
        self.post = post
        self.ask = ask
    }
}
