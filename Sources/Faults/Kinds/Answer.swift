package import HTTPTypes
package import JSON

extension FaultKind {
    static let answer = FaultKind(
        name: "answer", keys: ["status", "error_code", "message", "headers", "body"],
        summary: "Answers with a status of your choice.",
        description: """
            The answer has the shape of a Databricks error: `error_code` (by default the usual one of the status), `message` and any `headers`. \
            `body` replaces that shape: a mapping or a list is sent as JSON, a text as it is. With `at: after_handler` the call takes \
            effect and only its answer is replaced. At a point inside a SQL statement the statement fails with `[error_code] message`.
            """,
        example: """
            - name: throttled
              match: {operation: jobs.run_now}
              when: {times: 2}
              inject: {status: 429, error_code: REQUEST_LIMIT_EXCEEDED, headers: {Retry-After: "2"}}
            """
    ) { mapping in
        guard let status = mapping.required("status", "an HTTP status")?.integer("an HTTP status", in: 200...599) else { return nil }
        var template = FaultAnswerTemplate(status: status)
        template.errorCode = mapping["error_code"]?.text("an error code")
        template.message = mapping["message"]?.scalarText()
        if let body = mapping["body"] {
            if mapping.has("error_code") || mapping.has("message") {
                body.report("stands instead of error_code and message, not beside them")
            }
            template.body = body.node.json
        }
        for entry in mapping["headers"]?.entries("a mapping of header names to values") ?? [] {
            guard let reader = mapping["headers"]?.child(entry.key, entry.value), let value = reader.scalarText("a header's value") else {
                continue
            }
            guard let name = HTTPField.Name(entry.key), HTTPField.isValidValue(value) else {
                reader.report("not a valid HTTP header")
                continue
            }
            guard ![.contentLength, .transferEncoding, .connection].contains(name) else {
                reader.report("is set by the server")
                continue
            }
            template.headers.append(HTTPField(name: name, value: value))
        }
        return .effect(.answer(template))
    }
}

/// An injected answer as a rule gives it.
package struct FaultAnswerTemplate: Sendable, Hashable {
    package var status: Int
    package var errorCode: String?
    package var message: String?
    package var headers: HTTPFields = [:]
    /// Replaces the error's shape.
    package var body: JSONValue?

    init(status: Int) { self.status = status }
}

/// An answer, ready to be sent.
package struct FaultAnswer: Sendable, Hashable {
    package var status: Int
    package var headers: HTTPFields
    package var body: [UInt8]
    /// For where there is no HTTP answer: inside a statement.
    package let errorCode: String
    package let message: String

    init(_ template: FaultAnswerTemplate, rule: String) {
        status = template.status
        headers = template.headers
        errorCode = template.errorCode ?? Self.usualCode(template.status)
        message = template.message ?? "Injected by the fault rule '\(rule)'."
        var contentType = "application/json"
        switch template.body {
        case .string(let text):
            body = Array(text.utf8)
            contentType = "text/plain; charset=utf-8"
        case let value?:
            body = value.encoded()
        case nil where template.status < 400 && template.errorCode == nil && template.message == nil:
            body = template.status == 204 || template.status == 304 ? [] : Array("{}".utf8)
        case nil:
            body = JSONValue.members([
                ("error_code", .string(errorCode)), ("message", .string(message)),
            ]).encoded()
        }
        if headers[.contentType] == nil, !body.isEmpty { headers[.contentType] = contentType }
    }

    func retrying(afterSeconds seconds: Int) -> FaultAnswer {
        var answer = self
        answer.headers[.retryAfter] = String(seconds)
        return answer
    }

    /// The code that the platform sends most often with a status.
    private static func usualCode(_ status: Int) -> String {
        switch status {
        case 400: "INVALID_PARAMETER_VALUE"
        case 401: "UNAUTHENTICATED"
        case 403: "PERMISSION_DENIED"
        case 404: "RESOURCE_DOES_NOT_EXIST"
        case 409: "RESOURCE_CONFLICT"
        case 429: "REQUEST_LIMIT_EXCEEDED"
        case 499: "CANCELLED"
        case 500: "INTERNAL_ERROR"
        case 501: "NOT_IMPLEMENTED"
        case 503: "TEMPORARILY_UNAVAILABLE"
        case 504: "DEADLINE_EXCEEDED"
        case ..<500: "BAD_REQUEST"
        default: "INTERNAL_ERROR"
        }
    }
}
