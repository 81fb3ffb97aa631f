package import HTTPTypes
package import JSON
package import Warehouse
package import Workspace

/// One request to one operation, decoded as far as every operation needs it.
package struct Call: Sendable {
    package let tenant: Tenant
    package let principal: Principal
    package let method: HTTPRequest.Method
    /// The path as it was sent, without the query.
    package let path: String
    package let pathParameters: PathParameters
    package let query: QueryItems
    package let headers: HTTPFields
    package let body: [UInt8]
    /// What follows `body`, of operations that take bodies of any length.
    package let rest: BodyStream?
    package let requestID: String
    /// Scheme and host by which the client reached the server, for links: `http://127.0.0.1:8080`.
    package let baseURL: String
    /// The client's address, where it is known.
    package let clientAddress: String?
    /// Collects the body's fields that the operation reads, if set; see `Fields.unread`.
    package let fieldLog: FieldLog?
    /// For the statements that the call runs.
    package let hooks: StatementHooks?

    package init(
        tenant: Tenant, principal: Principal, method: HTTPRequest.Method, path: String, pathParameters: PathParameters = .none,
        query: QueryItems = .empty, headers: HTTPFields = [:], body: [UInt8] = [], rest: BodyStream? = nil, requestID: String = "",
        baseURL: String = "", clientAddress: String? = nil,
        fieldLog: FieldLog? = nil, hooks: StatementHooks? = nil
    ) {
        self.tenant = tenant
        self.principal = principal
        self.method = method
        self.path = path
        self.pathParameters = pathParameters
        self.query = query
        self.headers = headers
        self.body = body
        self.rest = rest
        self.requestID = requestID
        self.baseURL = baseURL
        self.clientAddress = clientAddress
        self.fieldLog = fieldLog
        self.hooks = hooks
    }

    package var workspace: Workspace { tenant.workspace }

    /// A parameter of the route. A name that the route does not have is a mistake in the operation, and answers as a missing field.
    package func path(_ name: String) throws(WorkspaceError) -> String {
        guard let value = pathParameters[name] else { throw .missing(name) }
        return value
    }

    /// A numeric parameter of the route.
    package func pathInt(_ name: String) throws(WorkspaceError) -> Int {
        let text = try path(name)
        guard let value = Int(text) else {
            throw .malformed("Could not parse request object: Expected Integer value for field '\(name)', got '\(text.prefix(64))'")
        }
        return value
    }

    /// The body as JSON; an empty one is an empty object, as the real service takes it.
    package func json() throws(WorkspaceError) -> JSONValue {
        guard body.contains(where: { $0 > 0x20 }) else { return .object(JSONObject()) }
        do {
            return try JSONValue(parsing: body)
        } catch {
            throw .malformed(
                "Could not parse request object: \(error.message)\n at [Source: (ByteArrayInputStream); line: \(error.line), column: \(error.column)]"
            )
        }
    }

    /// The body's fields; it must be an object.
    package func fields() throws(WorkspaceError) -> Fields {
        guard case .object(let object) = try json() else {
            throw .malformed("Could not parse request object: Expected 'START_OBJECT' at the beginning of the body")
        }
        return Fields(object, log: fieldLog)
    }

    /// The fields of a form (`application/x-www-form-urlencoded`).
    package var form: QueryItems { QueryItems(String(decoding: body, as: UTF8.self)) }
}
