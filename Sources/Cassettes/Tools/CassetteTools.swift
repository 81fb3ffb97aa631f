import HTTPTypes
import JSON

/// What `dbxsim cassette` does to cassettes: functions from values to values.
package enum CassetteTools {
    /// One exchange as a listing shows it.
    package struct Row: Sendable, Hashable {
        package let number: Int
        package let method: String
        /// With query, and host where it is another one.
        package let target: String
        package let status: Int
        package let bytes: Int
        package let operation: String?
        package let milliseconds: Int?
    }

    package static func list(_ cassette: Cassette) -> [Row] {
        cassette.exchanges.map { exchange in
            Row(
                number: exchange.number, method: exchange.request.method, target: target(exchange.request), status: exchange.response.status,
                bytes: exchange.response.body.bytes.count, operation: exchange.operation, milliseconds: exchange.milliseconds)
        }
    }

    private static func target(_ request: RecordedRequest) -> String {
        (request.host.map { "https://\($0)" } ?? "") + request.path + (request.query.map { "?\($0)" } ?? "")
    }

    /// An exchange for reading: heads as on the wire, JSON indented, binary bodies by size and hash.
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
        return ["", "(\(bytes.count) bytes, SHA-256 \(BodyPolicy.name(of: bytes)))"]
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

    /// One after the other, with the first one's header. Throws if they match requests differently.
    package static func merge(_ cassettes: [Cassette], name: String) throws(CassetteError) -> Cassette {
        guard let first = cassettes.first else { throw CassetteError(file: name, "nothing to merge") }
        for other in cassettes where other.header.match != first.header.match || other.header.ignore != first.header.ignore {
            throw CassetteError(file: other.file, line: 1, "'match' and 'ignore' differ from those of \(first.file)")
        }
        var exchanges = cassettes.flatMap(\.exchanges)
        for index in exchanges.indices { exchanges[index].number = index + 1 }
        return Cassette(name: name, header: first.header, exchanges: exchanges)
    }

    /// The cassette with what `rules` name replaced as well; placeholders that are there keep their numbers.
    package static func redact(_ cassette: Cassette, _ rules: RedactionRules) throws(CassetteError) -> Cassette {
        let redactor = Redactor(rules)
        redactor.reserve(wordsIn: format(cassette))
        var exchanges: [Exchange] = []
        for (index, exchange) in cassette.exchanges.enumerated() {
            for body in [exchange.request.body, exchange.response.body] { redactor.reserve(wordsIn: Array(body.bytes)) }
            let raw = RawExchange(
                operation: exchange.operation, method: exchange.request.method, path: exchange.request.path, query: exchange.request.query,
                host: exchange.request.host, requestHeaders: exchange.request.headers, requestBody: Array(exchange.request.body.bytes),
                status: exchange.response.status, responseHeaders: exchange.response.headers,
                responseBody: Array(exchange.response.body.bytes), milliseconds: exchange.milliseconds)
            do {
                var redacted = try redactor.exchange(raw)
                redacted.number = exchange.number
                exchanges.append(redacted)
            } catch {
                throw CassetteError(
                    file: cassette.file, line: cassette.lines.indices.contains(index) ? cassette.lines[index] : nil, error.description)
            }
        }
        return Cassette(name: cassette.name, header: cassette.header, exchanges: exchanges)
    }
}
