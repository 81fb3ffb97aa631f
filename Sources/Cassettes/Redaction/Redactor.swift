package import HTTPTypes
package import JSON
import Synchronization

/// Replaces secrets by stable placeholders: one word for each distinct value, over the redactor's life.
///
/// Used on whole exchanges before they reach the disk (`exchange(_:)`, which fails closed), and on parts for display.
package final class Redactor: Sendable {
    let scrubber: Mutex<Scrubber>
    private let droppedHeaders: Set<String>

    /// `upstreamHosts`: the recorded service's host, and host with port; they become `REDACTED`.
    package init(_ rules: RedactionRules = RedactionRules(), upstreamHosts: [String] = []) {
        var scrubber = Scrubber(Placeholders(), rules)
        scrubber.hosts = upstreamHosts.sorted { $0.utf8.count > $1.utf8.count }.map { Array($0.utf8) }
        self.scrubber = Mutex(scrubber)
        droppedHeaders = rules.headers
    }

    /// Placeholders that stand in a cassette already are not given to other values.
    func reserve(wordsIn bytes: [UInt8]) {
        scrubber.withLock { $0.placeholders.reserve(wordsIn: bytes) }
    }

    // MARK: Parts

    package func text(_ text: String) -> String { self.text(text, SecretContext()) }

    func text(_ text: String, _ context: SecretContext) -> String {
        scrubber.withLock { scrubber in
            var text = text
            // What is recognised late in a text may stand early in it too.
            for _ in 0..<Self.maxPasses {
                let scrubbed = scrubber.text(text, context)
                if scrubbed == text { break }
                text = scrubbed
            }
            return text
        }
    }

    private static let maxPasses = 4

    /// A query as sent, without the question mark.
    package func query(_ query: String) -> String { scrubber.withLock { $0.query(query) } }

    /// A path as sent, without its query.
    package func path(_ path: String) -> String { scrubber.withLock { $0.path(path) } }

    package func json(_ value: JSONValue, operation: String?, path: String = "") -> JSONValue {
        scrubber.withLock { $0.json(value, SecretContext(operation: operation, path: path)) }
    }

    /// All headers, with the values of secret ones replaced.
    package func headers(_ fields: HTTPFields) -> HTTPFields {
        scrubber.withLock { scrubber in
            var result = HTTPFields()
            for field in fields {
                let value = Self.value(of: field, &scrubber)
                result.append(HTTPField(name: field.name, value: value))
            }
            return result
        }
    }

    /// The value of a header with its secrets replaced; all of it if the header's name says so.
    static func value(of field: HTTPField, _ scrubber: inout Scrubber, _ context: SecretContext = SecretContext()) -> String {
        let name = field.name.canonicalName
        if field.name == .authorization || field.name == .proxyAuthorization {
            let parts = field.value.split(separator: " ", maxSplits: 1)
            guard parts.count == 2 else { return field.value.isEmpty ? "" : scrubber.word(for: field.value, .token, isCredential: true) }
            let kind: SecretKind = parts[0].lowercased() == "basic" ? .credentials : .token
            return "\(parts[0]) \(scrubber.word(for: String(parts[1]), kind, isCredential: true))"
        }
        if field.value.isEmpty || SecretNames.isHarmless(field.value) { return field.value }
        let isSecret =
            name.hasBytes("cookie") || name.hasBytes("session") || name.hasBytes("csrf") || name.hasBytes("xsrf")
            || scrubber.rules.headers.contains(name)
        if isSecret { return scrubber.placeholders.word(for: field.value, .credentials) }
        if let entry = SecretNames.entry(name) { return scrubber.word(for: field.value, entry.kind, isCredential: true) }
        return scrubber.text(field.value, context)
    }

    // MARK: Exchanges

    /// Learns the secrets of a request's headers: what the client authenticates with is secret wherever it turns up.
    func learn(_ headers: HTTPFields) {
        scrubber.withLock { Self.learn(headers, &$0) }
    }

    /// A client sends nearly the same headers with each request; what was learned from one stays learned.
    private static func learn(_ headers: HTTPFields, _ scrubber: inout Scrubber) {
        let known = scrubber.learnedHeaders
        var fields: [HTTPField] = []
        fields.reserveCapacity(headers.count)
        for field in headers {
            if fields.count >= known.count || known[fields.count] != field {
                _ = value(of: field, &scrubber)
                if field.name == .authorization { noteBasic(field.value, &scrubber) }
            }
            fields.append(field)
        }
        scrubber.learnedHeaders = fields
    }

    /// The exchange as it may be stored. Throws if something that looks secret is left: then nothing of it may be written.
    package func exchange(_ raw: RawExchange) throws(RedactionFailure) -> Exchange {
        try stored(raw, number: 0) { $0 }.exchange
    }

    /// The exchange as it may be stored, and the line that was searched for what is left: nothing else may be written. `finishing` has the last
    /// word on what is written, before that search.
    func stored(
        _ raw: RawExchange, number: Int, _ finishing: (Exchange) -> Exchange
    ) throws(RedactionFailure) -> (exchange: Exchange, line: [UInt8]) {
        try scrubber.withLock { scrubber throws(RedactionFailure) in
            // What the client authenticates with is secret wherever it turns up.
            Self.learn(raw.requestHeaders, &scrubber)
            let context = SecretContext(operation: raw.operation, path: raw.path)
            // The first look learns the secrets, so that the second finds them also where nothing tells what they are.
            let known = scrubber.known.count
            let firstRequest = scrubber.scrubbed(raw.requestBody, context)
            let firstResponse = scrubber.scrubbed(raw.responseBody, context)
            let isLearned = scrubber.known.count > known
            let request = RecordedRequest(
                method: raw.method, path: scrubber.path(raw.path), query: raw.query.map { scrubber.query($0, context) },
                host: raw.host, headers: StoredHeaders.ofRequest(raw.requestHeaders, hasBody: !raw.requestBody.isEmpty || raw.requestFile != nil),
                body: raw.requestFile?.body ?? BodyPolicy.body(isLearned ? scrubber.scrubbed(raw.requestBody, context) : firstRequest))
            var headers = HTTPFields()
            for field in StoredHeaders.ofResponse(raw.responseHeaders, method: raw.method)
            where droppedHeaders.isEmpty || !droppedHeaders.contains(field.name.canonicalName) {
                headers.append(HTTPField(name: field.name, value: scrubber.text(field.value, context)))
            }
            let response = RecordedResponse(
                status: raw.status, headers: headers,
                body: raw.responseFile?.body
                    ?? BodyPolicy.body(isLearned ? scrubber.scrubbed(raw.responseBody, context) : firstResponse))
            let exchange = finishing(
                Exchange(number: number, operation: raw.operation, request: request, response: response, milliseconds: raw.milliseconds))
            let line = CassetteFormat.line(exchange)
            var parts = [("line", line)]
            // JSON bodies stand in the line as they are.
            for (part, body) in [("request body", exchange.request.body), ("response body", exchange.response.body)] {
                switch body {
                case .none, .json: break
                case .text(let bytes): parts.append((part, Array(bytes)))
                case .file(_, let bytes): parts.append((part, bytes))
                }
            }
            for (part, bytes) in parts {
                if let kind = SecretScan.survivor(in: bytes, scrubber.known) {
                    throw RedactionFailure(kind: kind, part: part, method: request.method, path: request.path)
                }
            }
            return (exchange, line)
        }
    }

    /// The password of basic authentication is a client's secret on its own.
    private static func noteBasic(_ authorization: String?, _ scrubber: inout Scrubber) {
        guard let authorization, authorization.lowercased().hasPrefix("basic ") else { return }
        guard let decoded = Base64.decode(authorization.utf8.dropFirst(6)), let colon = decoded.firstIndex(of: UInt8(ascii: ":")) else { return }
        let password = String(decoding: decoded[(colon + 1)...], as: UTF8.self)
        if !password.isEmpty { _ = scrubber.word(for: password, .clientSecret, isCredential: true) }
    }
}

/// Why an exchange was not written. It names the kind of the secret and the place, never the secret.
package struct RedactionFailure: Error, Sendable, Hashable, CustomStringConvertible {
    package let kind: SecretKind
    package let part: String
    package let method: String
    package let path: String

    package var description: String {
        "a secret (\(kind.rawValue)) survived redaction in the \(part) of \(method) \(path); recording stops. Name it in a --redact file."
    }
}

/// The last look at what is about to be written.
enum SecretScan {
    /// The kind of the first thing that looks secret, plainly or behind URL or JSON escapes.
    static func survivor(in bytes: [UInt8], _ known: KnownSecrets = KnownSecrets()) -> SecretKind? {
        if let kind = found(bytes, known) { return kind }
        return unescaped(bytes).flatMap { found($0, known) }
    }

    private static func found(_ bytes: [UInt8], _ known: KnownSecrets) -> SecretKind? {
        bytes.withUnsafeBufferPointer { SecretShapes.find($0).first ?? known.find($0).first }?.kind
    }

    /// With percent and `\u00xx` escapes undone; nil if there are none.
    private static func unescaped(_ bytes: [UInt8]) -> [UInt8]? {
        var result: [UInt8] = []
        var copied = 0
        bytes.withUnsafeBufferPointer { bytes in
            var position = 0
            while position + 2 < bytes.count {
                let byte = bytes[position]
                guard byte == UInt8(ascii: "%") || byte == UInt8(ascii: "\\") else {
                    position += 1
                    continue
                }
                let isPercent = byte == UInt8(ascii: "%")
                let length = isPercent ? 3 : 6
                guard
                    isPercent
                        || position + 5 < bytes.count && bytes[position + 1] == UInt8(ascii: "u") && bytes[position + 2] == 0x30
                            && bytes[position + 3] == 0x30,
                    let value = hex(bytes, position + length - 2)
                else {
                    position += 1
                    continue
                }
                if result.isEmpty { result.reserveCapacity(bytes.count) }
                result.append(contentsOf: UnsafeBufferPointer(rebasing: bytes[copied..<position]))
                result.append(value)
                position += length
                copied = position
            }
        }
        return copied == 0 ? nil : result + bytes[copied...]
    }

    private static func hex(_ bytes: UnsafeBufferPointer<UInt8>, _ position: Int) -> UInt8? {
        guard position + 1 < bytes.count, let high = digit(bytes[position]), let low = digit(bytes[position + 1]) else { return nil }
        return high << 4 | low
    }

    private static func digit(_ byte: UInt8) -> UInt8? {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): byte - UInt8(ascii: "0")
        case UInt8(ascii: "a")...UInt8(ascii: "f"): byte - UInt8(ascii: "a") + 10
        case UInt8(ascii: "A")...UInt8(ascii: "F"): byte - UInt8(ascii: "A") + 10
        default: nil
        }
    }
}
