import HTTPTypes
package import JSON

/// Writes cassettes as HTTP archives, version 1.2. Numbers of exchanges and operations go into members that begin with `_`, as the
/// specification has it for what is a program's own.
package enum HARExport {
    /// `version`: this program's.
    package static func document(_ cassette: Cassette, version: String) -> JSONValue {
        let start = cassette.header.recorded.flatMap { $0.isEmpty ? nil : $0 } ?? "1970-01-01T00:00:00Z"
        let base = cassette.header.upstream.flatMap { $0.contains("://") ? $0 : nil } ?? "https://REDACTED"
        let log = JSONValue.members([
            ("version", "1.2"), ("creator", .members([("name", "dbxsim"), ("version", .string(version))])), ("pages", .array([])),
            ("entries", .array(cassette.exchanges.map { entry($0, base, start) })),
        ])
        return .members([("log", log)])
    }

    private static func entry(_ exchange: Exchange, _ base: String, _ start: String) -> JSONValue {
        let request = exchange.request
        let origin = request.host.map { "https://\($0)" } ?? base
        let url = origin + request.path + (request.query.map { "?\($0)" } ?? "")
        let time = JSONValue.int(exchange.milliseconds ?? 0)
        var asked = JSONObject([
            ("method", .string(request.method)), ("url", .string(url)), ("httpVersion", "HTTP/1.1"), ("cookies", .array([])),
            ("headers", headers(request.headers)), ("queryString", query(request.query ?? "")), ("headersSize", .int(-1)),
            ("bodySize", .int(request.body.bytes.count)),
        ])
        if !request.body.bytes.isEmpty {
            asked["postData"] = content(request.body, request.headers[.contentType] ?? type(request.body), size: nil)
        }
        let response = exchange.response
        let answered = JSONObject([
            ("status", .int(response.status)), ("statusText", .string(HTTPResponse.Status(code: response.status).reasonPhrase)),
            ("httpVersion", "HTTP/1.1"), ("cookies", .array([])), ("headers", headers(response.headers)),
            ("content", content(response.body, response.headers[.contentType] ?? type(response.body), size: response.body.bytes.count)),
            ("redirectURL", .string(response.headers[.location] ?? "")), ("headersSize", .int(-1)), ("bodySize", .int(response.body.bytes.count)),
        ])
        var entry = JSONObject([
            ("startedDateTime", .string(start)), ("time", time), ("request", .object(asked)), ("response", .object(answered)),
            ("cache", .members([])), ("timings", .members([("send", .int(0)), ("wait", time), ("receive", .int(0))])),
            ("_n", .int(exchange.number)),
        ])
        if let operation = exchange.operation { entry["_operation"] = .string(operation) }
        return .object(entry)
    }

    private static func headers(_ fields: HTTPFields) -> JSONValue {
        .array(fields.map { .members([("name", .string($0.name.canonicalName)), ("value", .string($0.value))]) })
    }

    private static func query(_ query: String) -> JSONValue {
        .array(
            query.split(separator: "&").map { item in
                let parts = item.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
                return .members([("name", .string(String(parts[0]))), ("value", .string(parts.count > 1 ? String(parts[1]) : ""))])
            })
    }

    private static func type(_ body: RecordedBody) -> String {
        if body.bytes.isEmpty { return "" }
        if case .json = body { return "application/json" }
        return BodyPolicy.isText(Array(body.bytes)) ? "text/plain" : "application/octet-stream"
    }

    private static func content(_ body: RecordedBody, _ type: String, size: Int?) -> JSONValue {
        let bytes = Array(body.bytes)
        var object = JSONObject(size.map { [("size", .int($0))] } ?? [])
        object["mimeType"] = .string(type)
        if BodyPolicy.isText(bytes) {
            object["text"] = .string(String(decoding: bytes, as: UTF8.self))
        } else {
            object["text"] = .string(Base64.text(bytes))
            object["encoding"] = "base64"
        }
        return .object(object)
    }
}
