package import HTTPTypes

/// What the server knows when it asks for a fault. Query and body are only looked into if a rule asks for them.
package struct FaultEvent: Sendable {
    package enum Phase: Sendable, Hashable {
        case beforeHandler
        case afterHandler
        /// A named place inside the work, such as `delta.commit.before_put`.
        case point(String)
    }

    package var phase: Phase
    /// The operation's id; nil for paths that are no operation.
    package var operation: String?
    package var method: String
    /// As sent, without the query.
    package var path: String
    /// The caller's user name or application id.
    package var principal: String?
    package var headers: HTTPFields
    /// As sent, without the question mark.
    package var query: String
    package var body: [UInt8]

    package init(
        phase: Phase, operation: String? = nil, method: String, path: String, principal: String? = nil,
        headers: HTTPFields = [:], query: String = "", body: [UInt8] = []
    ) {
        self.phase = phase
        self.operation = operation
        self.method = method
        self.path = path
        self.principal = principal
        self.headers = headers
        self.query = query
        self.body = body
    }
}
