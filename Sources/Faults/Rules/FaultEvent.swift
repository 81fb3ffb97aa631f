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
    /// At points of a commit: `catalog.schema.table`.
    package var table: String?
    /// What can be done here besides answering, delaying and breaking; rules that need more do not match.
    package var abilities: Abilities = []
    /// For a read: the number of the last write that changed its answer, if that answer can still be given.
    package var lastWrite: UInt64?

    package struct Abilities: OptionSet, Sendable {
        package let rawValue: UInt8
        package init(rawValue: UInt8) { self.rawValue = rawValue }

        /// A competing change can be committed first.
        package static let compete = Abilities(rawValue: 1)
        /// The caller's token can expire.
        package static let expireToken = Abilities(rawValue: 2)
        /// The request can wait for another one. A commit's second attempt can not.
        package static let hold = Abilities(rawValue: 4)
    }

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
