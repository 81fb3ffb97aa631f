import HTTPTypes
import JSON

/// How exchanges are written: one line each, members in a fixed order, no white space.
package enum CassetteFormat {
    package static let fileName = "cassette.jsonl"
    package static let bodiesFolder = "bodies"

    /// What is wrong with a line.
    struct Problem: Error {
        let message: String

        init(_ message: String) { self.message = message }
    }

    static func string(_ value: JSONValue, _ name: String) throws(Problem) -> String {
        guard let text = value.stringValue else { throw Problem("'\(name)' must be a text") }
        return text
    }

    /// Without the newline.
    package static func line(_ header: CassetteHeader) -> [UInt8] { header.json.encoded() }

    /// Without the newline. JSON bodies stand in it byte for byte.
    package static func line(_ exchange: Exchange) -> [UInt8] {
        var writer = JSONWriter(capacity: 512)
        writer.beginObject()
        writer.member("n", exchange.number)
        if let operation = exchange.operation { writer.member("operation", operation) }
        writer.name("request")
        writer.beginObject()
        writer.member("method", exchange.request.method)
        writer.member("path", exchange.request.path)
        if let query = exchange.request.query { writer.member("query", query) }
        if let host = exchange.request.host { writer.member("host", host) }
        write(exchange.request.headers, &writer)
        write(exchange.request.body, &writer)
        writer.endObject()
        writer.name("response")
        writer.beginObject()
        writer.member("status", exchange.response.status)
        write(exchange.response.headers, &writer)
        write(exchange.response.body, &writer)
        writer.endObject()
        if let milliseconds = exchange.milliseconds { writer.member("ms", milliseconds) }
        writer.endObject()
        return writer.finish()
    }

    private static func write(_ headers: HTTPFields, _ writer: inout JSONWriter) {
        guard !headers.isEmpty else { return }
        // A name that occurs several times is one list, as HTTP has it.
        var values = JSONObject()
        for field in headers {
            let name = field.name.canonicalName
            values[name] = .string(values[name]?.stringValue.map { "\($0), \(field.value)" } ?? field.value)
        }
        writer.member("headers", .object(values))
    }

    private static func write(_ body: RecordedBody, _ writer: inout JSONWriter) {
        switch body {
        case .none: break
        case .json(let bytes):
            writer.name("body")
            writer.raw(bytes)
        case .text(let bytes):
            writer.name("text")
            writer.string(utf8: bytes)
        case .file(let name, _): writer.member("file", "\(bodiesFolder)/\(name)")
        }
    }
}
