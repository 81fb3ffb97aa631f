package import HTTPTypes
package import JSON
package import Workspace

/// Errors on the wire.
package enum ErrorReply {
    /// The reply for whatever an operation threw. An error that is not a `WorkspaceError` is ours: its text is not shown.
    package static func reply(for error: any Error, requestID: String, onFault: (any Error) -> Void = { _ in }) -> Reply {
        if let error = error as? WorkspaceError { return reply(for: error, requestID: requestID) }
        if error is CancellationError { return reply(for: WorkspaceError(.cancelled, "The request was cancelled."), requestID: requestID) }
        onFault(error)
        return reply(
            for: WorkspaceError(.internalError, "The simulator failed to process the request; its log has the reason."),
            requestID: requestID)
    }

    package static func reply(for error: WorkspaceError, requestID: String) -> Reply {
        var reply = Reply(status: error.status, body: .json(body(of: error, requestID: requestID)))
        if case .scim = error.shape {
            reply.body = .bytes(body(of: error, requestID: requestID).encoded(), contentType: "application/scim+json")
        }
        for (name, value) in error.headers.sorted(by: { $0.key < $1.key }) {
            guard let name = HTTPField.Name(name) else { continue }
            reply.headers[name] = value
        }
        return reply
    }

    /// The standard shape is `{"error_code", "message", "details"}`; `details` ends with the request's id, as the real service sends it.
    package static func body(of error: WorkspaceError, requestID: String) -> JSONValue {
        switch error.shape {
        case .gateway:
            return ["error_code": .int(error.status), "message": .string(error.message)]
        case .oauth(let name):
            return ["error": .string(name), "error_description": .string(error.message)]
        case .scim(let type):
            var body = JSONObject([
                ("schemas", ["urn:ietf:params:scim:api:messages:2.0:Error"]), ("detail", .string(error.message)),
                ("status", .string(String(error.status))),
            ])
            if let type { body["scimType"] = .string(type) }
            return .object(body)
        case .standard:
            var details: [JSONValue] = []
            if let info = error.info {
                details.append([
                    "@type": "type.googleapis.com/google.rpc.ErrorInfo", "reason": .string(info.reason), "domain": .string(info.domain),
                    "metadata": .members(info.metadata.map { ($0.key, .string($0.value)) }),
                ])
            }
            details.append(["@type": "type.googleapis.com/google.rpc.RequestInfo", "request_id": .string(requestID), "serving_data": ""])
            return ["error_code": .string(error.code.rawValue), "message": .string(error.message), "details": .array(details)]
        }
    }

    /// A path that the service does not have. The version prefix is not part of the name: `GET /api/2.0/sql/x` is called `GET /sql/x`.
    package static func unknownPath(_ method: HTTPRequest.Method, _ path: String) -> WorkspaceError {
        var shown = path[...]
        if path.hasPrefix("/api/") {
            let rest = path.dropFirst(5)
            if let slash = rest.firstIndex(of: "/"), rest[..<slash].allSatisfy({ $0.isNumber || $0 == "." }) { shown = rest[slash...] }
        }
        return WorkspaceError(.endpointNotFound, "No API found for '\(method.rawValue) \(shown.prefix(512))'")
    }

    /// An operation of the service that the simulator does not have.
    package static func notSimulated(_ operation: KnownOperation) -> WorkspaceError {
        WorkspaceError(.notImplemented, "\(operation.id) (\(operation.method.rawValue) \(operation.path)) is not simulated.")
    }
}
