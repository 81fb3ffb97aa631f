package import HTTPTypes
import JSON
import Workspace

/// A request to a server that is none of ours.
package struct OutsideRequest: Sendable {
    package let method: String
    package let url: String
    package var headers: HTTPFields
    package var body: [UInt8]
}

package struct OutsideAnswer: Sendable {
    package let status: Int
    package let headers: HTTPFields
    package let body: [UInt8]

    package init(status: Int, headers: HTTPFields, body: [UInt8]) {
        self.status = status
        self.headers = headers
        self.body = body
    }
}

/// Nil for addresses that are not asked. Throws if there is no answer.
package typealias OutsideCalls = @Sendable (OutsideRequest) async throws -> OutsideAnswer?

/// Requests over a connection of Unity Catalog to an HTTP server: `/api/2.0/external-function`.
package enum ExternalFunctionAPI: APIGroup {
    package static let operations = [request]

    private static let path = "/api/2.0/external-function"
    private static let id = "serving.endpoints.http_request"
    /// Headers of the answer that clients of the service read.
    private static let shownHeaders = ["content-type", "mcp-session-id"]
    /// Those that belong to the connection, or that the connection of Unity Catalog gives.
    private static let ownHeaders: Set<String> = ["host", "content-length", "connection", "transfer-encoding", "authorization", "expect", "upgrade"]

    private static let request = Operation(
        id, .post, path,
        limits:
            "connections with no credential or a bearer token, to loopback addresses; statuses other than 2xx are errors without the other server's body"
    ) { call -> Reply in
        let body = try call.contractBody(.post, path)
        let name = try body.required("connection_name")
        try call.workspace.require(.useConnection, on: .connection, name, for: call.principal)
        let connection = try call.workspace.catalogObjects(.connection).get(name, browse: true, by: call.principal).object
        let url = try url(connection, body)
        var request = OutsideRequest(method: try body.required("method"), url: url, headers: try headers(body), body: [])
        if let token = ConnectionsAPI.bearerToken(of: connection) { request.headers[.authorization] = "Bearer " + token }
        if let json = body["json"]?.stringValue {
            request.body = Array(try parsed(json, "json").encoded())
            request.headers[.contentType] = "application/json"
        }
        let answer: OutsideAnswer?
        do {
            answer = try await call.tenant.outside?(request)
        } catch {
            throw WorkspaceError(.badRequest, "The server of the connection '\(connection.name)' did not answer.")
        }
        guard let answer else {
            throw WorkspaceError(
                .notImplemented, "\(id): the server of the connection '\(connection.name)' is not asked: only loopback addresses are.")
        }
        guard (200..<300).contains(answer.status) else {
            throw WorkspaceError(.badRequest, "The server of the connection '\(connection.name)' answered with the status \(answer.status).")
        }
        var reply = Reply(body: .bytes(answer.body, contentType: answer.headers[.contentType] ?? "text/plain"))
        for field in answer.headers where shownHeaders.dropFirst().contains(field.name.canonicalName) { reply.headers.append(field) }
        return reply
    }

    /// Host, port and base path of the connection, and the path and parameters of the request.
    private static func url(_ connection: CatalogObject, _ body: JSONObject) throws -> String {
        let options = connection.fields["options"]
        guard connection.fields["connection_type"]?.stringValue == "HTTP" else {
            throw WorkspaceError.invalid("The connection '\(connection.name)' is not of the type HTTP.")
        }
        let kept = ["host", "port", "base_path", "is_mcp_connection"]
        for option in options?.objectValue?.names ?? [] where !kept.contains(option) {
            throw WorkspaceError(.notImplemented, "\(id): the option '\(option.prefix(64))' of connections is not simulated.")
        }
        guard let given = options?["host"]?.stringValue, !given.isEmpty else { throw WorkspaceError.missing("options.host") }
        var host = given.contains("://") ? given : "https://" + given
        while host.hasSuffix("/") { host.removeLast() }
        if let domain = body["sub_domain"]?.stringValue, !domain.isEmpty, let scheme = host.firstRange(of: "://") {
            host.insert(contentsOf: domain + ".", at: scheme.upperBound)
        }
        if let port = options?["port"]?.scalar, !port.isEmpty { host += ":" + port }
        let parts = [options?["base_path"]?.stringValue ?? "", try body.required("path")].map { part in
            String(part.drop { $0 == "/" })
        }
        var base = parts[0]
        while base.hasSuffix("/") { base.removeLast() }
        var url = ([host] + [base, parts[1]].filter { !$0.isEmpty }).joined(separator: "/")
        guard !url.utf8.contains(where: { $0 <= 0x20 || $0 == 0x7F }), !url.contains("#") else {
            throw WorkspaceError.invalid("The path must have no spaces, control characters and fragments.")
        }
        url = String(
            decoding: url.utf8.flatMap { $0 < 0x80 ? [$0] : PercentCoding.encode(byte: $0) }, as: UTF8.self)
        if let params = body["params"]?.stringValue {
            guard case .object(let object) = try parsed(params, "params") else { throw WorkspaceError.invalid("params must be a JSON object.") }
            let items = try object.members.map { name, value -> String in
                guard let text = value.scalar else { throw WorkspaceError.invalid("params.\(name.prefix(64)) must be a scalar.") }
                return PercentCoding.encode(name) + "=" + PercentCoding.encode(text)
            }
            if !items.isEmpty { url += (url.contains("?") ? "&" : "?") + items.joined(separator: "&") }
        }
        return url
    }

    private static func headers(_ body: JSONObject) throws -> HTTPFields {
        var headers = HTTPFields()
        guard let text = body["headers"]?.stringValue else { return headers }
        guard case .object(let object) = try parsed(text, "headers") else { throw WorkspaceError.invalid("headers must be a JSON object.") }
        for (name, value) in object.members {
            guard let field = HTTPField.Name(name), let text = value.scalar, !text.utf8.contains(where: { $0 < 0x20 || $0 == 0x7F }) else {
                throw WorkspaceError.invalid("headers: '\(name.prefix(64))' is no header with a text as its value.")
            }
            guard !ownHeaders.contains(field.canonicalName) else {
                throw WorkspaceError.invalid("headers: '\(name.prefix(64))' is set by the connection.")
            }
            headers[field] = text
        }
        return headers
    }

    private static func parsed(_ text: String, _ member: String) throws(WorkspaceError) -> JSONValue {
        do {
            return try JSONValue(parsing: text)
        } catch {
            throw .invalid("\(member) must be JSON.")
        }
    }
}
