package import HTTPTypes
package import JSON

/// One operation of the REST API that is simulated: its name, its route and what it does.
package struct Operation: Sendable {
    package enum Access: Sendable, Hashable {
        /// A bearer token chooses workspace and principal.
        case token
        /// No credential: discovery documents, token endpoints, signed links.
        case open
        /// AWS's signature, in a header or in the link.
        case signed
    }

    /// `<service>.<client>.<method>` as the SDK names them (`sql.warehouses.start`), or `<client>.<method>` where both are one word (`jobs.run_now`).
    /// Fault rules, cassettes, the journal and the printed tables use it.
    package let id: String
    package let method: HTTPRequest.Method
    /// The route, `{name}` for a parameter; see `RoutePattern`.
    package let path: String
    /// Other routes that mean the same, such as an older version's prefix.
    package let aliases: [String]
    package let access: Access
    /// Takes a body of any length part by part (`Call.rest`).
    package var streamsBody = false
    /// What this operation does less than the real one; nil if nothing is known to be missing.
    package let limits: String?
    package let handle: @Sendable (Call) async throws -> Reply

    package init(
        _ id: String, _ method: HTTPRequest.Method, _ path: String, aliases: [String] = [], access: Access = .token, limits: String? = nil,
        handler: @escaping @Sendable (Call) async throws -> Reply
    ) {
        self.id = id
        self.method = method
        self.path = path
        self.aliases = aliases
        self.access = access
        self.limits = limits
        handle = handler
    }

    package init(
        _ id: String, _ method: HTTPRequest.Method, _ path: String, aliases: [String] = [], access: Access = .token, limits: String? = nil,
        handler: @escaping @Sendable (Call) async throws -> JSONValue
    ) {
        self.init(id, method, path, aliases: aliases, access: access, limits: limits) { call -> Reply in .json(try await handler(call)) }
    }

    /// An operation that answers `{}`.
    package init(
        _ id: String, _ method: HTTPRequest.Method, _ path: String, aliases: [String] = [], access: Access = .token, limits: String? = nil,
        handler: @escaping @Sendable (Call) async throws -> Void
    ) {
        self.init(id, method, path, aliases: aliases, access: access, limits: limits) { call -> Reply in
            try await handler(call)
            return .emptyObject
        }
    }

    /// The same under another name.
    func named(_ id: String) -> Operation { Operation(id, method, path, aliases: aliases, access: access, limits: limits, handler: handle) }

    /// Runs the operation; an error becomes its reply. `onFault` sees errors that are not the caller's doing, which the reply does not show.
    package func respond(to call: Call, onFault: (any Error) -> Void = { _ in }) async -> Reply {
        do {
            return try await handle(call)
        } catch {
            return ErrorReply.reply(for: error, requestID: call.requestID, onFault: onFault)
        }
    }
}

/// The operations of one resource.
package protocol APIGroup: SendableMetatype {
    static var operations: [Operation] { get }
}
