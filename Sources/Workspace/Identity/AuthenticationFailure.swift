package import JSON

/// Why a request is not let in, in the gateway's own shape.
package enum AuthenticationFailure: Error, Sendable, Hashable {
    /// No credential, or one of a kind that is not taken.
    case missing
    /// A token that is wrong or revoked, or a personal one that has expired: the service tells these apart to nobody.
    case invalid
    /// An OAuth access token of this workspace whose time is over.
    case expired
    /// The workspace's own state could not be read.
    case unavailable

    package var status: Int {
        switch self {
        case .missing, .expired: 401
        case .invalid: 403
        case .unavailable: 500
        }
    }

    package var message: String {
        switch self {
        case .missing: "Credential was not sent or was of an unsupported type for this API."
        case .invalid: "Invalid access token."
        case .expired: "The access token expired."
        case .unavailable: "The credentials of the workspace could not be read."
        }
    }

    package static let contentType = "application/json; charset=utf-8"

    /// The code is a number here. With `requestID` the message ends in it, as it does on the path of the SQL drivers.
    package func body(requestID: String? = nil) -> JSONValue {
        ["error_code": .int(status), "message": .string(requestID.map { "\(message) [ReqId: \($0)]" } ?? message)]
    }

    /// Headers of this answer besides the content type. The usual ones that name the workspace do not belong to it: no `x-databricks-org-id`,
    /// `strict-transport-security` or `x-content-type-options`.
    package var headers: [(name: String, value: String)] {
        var headers = [(name: "x-databricks-reason-phrase", value: message)]
        if self == .missing { headers.append((name: "www-authenticate", value: "Bearer realm=\"DatabricksRealm\"")) }
        // RFC 6750, 3.1.
        if self == .expired {
            headers.append(
                (name: "www-authenticate", value: "Bearer realm=\"DatabricksRealm\", error=\"invalid_token\", error_description=\"\(message)\""))
        }
        return headers
    }
}
