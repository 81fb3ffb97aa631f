/// An error of the model, thrown by managers and operations and rendered in one place (`ErrorReply` of the API target).
package struct WorkspaceError: Error, Sendable, Hashable {
    /// `google.rpc.ErrorInfo`, one of the standard `details`.
    package struct Info: Sendable, Hashable {
        package var reason: String
        package var domain: String
        package var metadata: [(key: String, value: String)]

        package init(reason: String, domain: String, metadata: [(key: String, value: String)] = []) {
            self.reason = reason
            self.domain = domain
            self.metadata = metadata
        }

        package static func == (left: Info, right: Info) -> Bool {
            left.reason == right.reason && left.domain == right.domain && left.metadata.elementsEqual(right.metadata, by: ==)
        }

        package func hash(into hasher: inout Hasher) {
            hasher.combine(reason)
            hasher.combine(domain)
        }
    }

    /// The shape of the body: most groups have one, but the gateway, SCIM and OAuth have their own.
    package enum Shape: Sendable, Hashable {
        /// `{"error_code", "message", "details"}`
        case standard
        /// `{"error_code": 403, "message"}`: the gateway's answer to a credential that it does not take
        case gateway
        /// `{"schemas", "detail", "status", "scimType"}`
        case scim(type: String?)
        /// `{"error", "error_description"}` with this error
        case oauth(String)
    }

    package var code: ErrorCode
    package var message: String
    package var status: Int
    package var info: Info?
    package var shape: Shape
    /// Response headers that belong to this error, such as `retry-after`.
    package var headers: [String: String]

    package init(
        _ code: ErrorCode, _ message: String, status: Int? = nil, info: Info? = nil, shape: Shape = .standard,
        headers: [String: String] = [:]
    ) {
        self.code = code
        self.message = message
        self.status = status ?? code.status
        self.info = info
        self.shape = shape
        self.headers = headers
    }
}

extension WorkspaceError: CustomStringConvertible {
    package var description: String { "\(code.rawValue): \(message)" }
}

extension WorkspaceError {
    package static func invalid(_ message: String) -> Self { .init(.invalidParameterValue, message) }

    /// The request lacks a field that it must have.
    package static func missing(_ field: String) -> Self { .invalid("Missing required field: \(field)") }

    /// A cluster or warehouse is not up yet; clients ask again after `Retry-After`, in whole seconds.
    package static func starting(_ what: String, millis: Int64) -> Self {
        .init(
            .temporarilyUnavailable, "\(what) is temporarily unavailable.",
            headers: ["retry-after": String(max(1, millis / 1000 + (millis % 1000 > 0 ? 1 : 0)))])
    }

    package static func malformed(_ message: String) -> Self { .init(.malformedRequest, message) }
}
