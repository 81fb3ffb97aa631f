import HTTPTypes
package import JSON

/// What `dbxsim cassette` does to cassettes: functions from values to values.
package enum CassetteTools {
    /// One exchange as a listing shows it.
    package struct Row: Sendable, Hashable {
        package let number: Int
        package let method: String
        /// With query, and host where it is another one.
        package let target: String
        package let status: Int
        /// Of the answer's body.
        package let bytes: Int
        package let operation: String?
        package let milliseconds: Int?

        package var json: JSONValue {
            var object = JSONObject([("n", .int(number))])
            if let operation { object["operation"] = .string(operation) }
            object["method"] = .string(method)
            object["target"] = .string(target)
            object["status"] = .int(status)
            object["bytes"] = .int(bytes)
            if let milliseconds { object["ms"] = .int(milliseconds) }
            return .object(object)
        }
    }

    package static func list(_ cassette: Cassette) -> [Row] {
        cassette.exchanges.map { exchange in
            Row(
                number: exchange.number, method: exchange.request.method, target: target(exchange.request), status: exchange.response.status,
                bytes: exchange.response.body.bytes.count, operation: exchange.operation, milliseconds: exchange.milliseconds)
        }
    }

    /// Rows under a head, in columns; long targets are cut to the width, if one is given.
    package static func table(_ rows: [Row], width: Int? = nil) -> String {
        var table = TextTable(["n", "status", "method", "bytes", "ms", "operation", "target"], rightAligned: [0, 1, 3, 4])
        for row in rows {
            table.add([
                "\(row.number)", "\(row.status)", row.method, "\(row.bytes)", row.milliseconds.map { "\($0)" } ?? "-", row.operation ?? "-",
                row.target,
            ])
        }
        return table.text(width: width)
    }

    static func target(_ request: RecordedRequest) -> String {
        (request.host.map { "https://\($0)" } ?? "") + request.path + (request.query.map { "?\($0)" } ?? "")
    }

    /// An exchange for reading: heads as on the wire, JSON indented, binary bodies by kind and size.
    package static func show(_ exchange: Exchange) -> String {
        var lines = ["#\(exchange.number)" + (exchange.operation.map { " \($0)" } ?? "") + (exchange.milliseconds.map { " \($0) ms" } ?? "")]
        lines.append("\(exchange.request.method) \(target(exchange.request))")
        lines += exchange.request.headers.map { "\($0.name.canonicalName): \($0.value)" }
        lines += shown(exchange.request.body)
        lines.append("")
        lines.append("HTTP \(exchange.response.status)")
        lines += exchange.response.headers.map { "\($0.name.canonicalName): \($0.value)" }
        lines += shown(exchange.response.body)
        return lines.joined(separator: "\n") + "\n"
    }

    private static func shown(_ body: RecordedBody) -> [String] {
        let bytes = Array(body.bytes)
        if bytes.isEmpty { return [] }
        if let value = try? JSONValue(parsing: bytes) { return ["", value.prettyText] }
        if BodyPolicy.isText(bytes) { return ["", String(decoding: bytes, as: UTF8.self)] }
        return ["", "(\(BodyKind.describe(bytes)), \(bytes.count) bytes, SHA-256 \(BodyPolicy.name(of: bytes)))"]
    }

    /// The file as the recorder would have written it: members in order, no white space, exchanges numbered from 1. Bodies stay as they are.
    package static func format(_ cassette: Cassette) -> [UInt8] {
        var result = CassetteFormat.line(cassette.header)
        result.append(0x0A)
        for (index, exchange) in cassette.exchanges.enumerated() {
            var exchange = exchange
            exchange.number = index + 1
            result += CassetteFormat.line(exchange)
            result.append(0x0A)
        }
        return result
    }

    /// The cassette with what `rules` name replaced as well; placeholders that are there keep their numbers.
    package static func redact(_ cassette: Cassette, _ rules: RedactionRules) throws(CassetteError) -> Cassette {
        let redactor = Redactor(rules)
        redactor.reserve(wordsIn: format(cassette))
        for exchange in cassette.exchanges {
            for case .file(_, let bytes) in [exchange.request.body, exchange.response.body] { redactor.reserve(wordsIn: bytes) }
        }
        var exchanges: [Exchange] = []
        for (index, exchange) in cassette.exchanges.enumerated() {
            do {
                var redacted = try redactor.exchange(RawExchange(exchange))
                redacted.number = exchange.number
                exchanges.append(redacted)
            } catch {
                throw CassetteError(
                    file: cassette.file, line: cassette.lines.indices.contains(index) ? cassette.lines[index] : nil, error.description)
            }
        }
        return Cassette(name: cassette.name, header: cassette.header, exchanges: exchanges, lines: cassette.lines)
    }
}

extension RawExchange {
    /// A stored exchange as if it came over the wire.
    init(_ exchange: Exchange) {
        self.init(
            operation: exchange.operation, method: exchange.request.method, path: exchange.request.path, query: exchange.request.query,
            host: exchange.request.host, requestHeaders: exchange.request.headers, requestBody: Array(exchange.request.body.bytes),
            status: exchange.response.status, responseHeaders: exchange.response.headers, responseBody: Array(exchange.response.body.bytes),
            milliseconds: exchange.milliseconds)
    }
}
