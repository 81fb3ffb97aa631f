import HTTPTypes
import JSON

/// Where an exchange still holds secrets: for files that others wrote, or that were edited by hand.
struct SecretReport {
    struct Leak: Hashable {
        /// `response body, $.tokens[0].access_token`; `query, sig`.
        let place: String
        let kind: SecretKind
    }

    private(set) var leaks: [Leak] = []
    private let context: SecretContext
    private var scrubber = Scrubber(Placeholders())

    /// Each secret once, in the order of the exchange's parts.
    static func leaks(_ exchange: Exchange) -> [Leak] {
        var report = SecretReport(exchange)
        report.look(at: exchange)
        var seen: Set<Leak> = []
        return report.leaks.filter { seen.insert($0).inserted }
    }

    private init(_ exchange: Exchange) {
        context = SecretContext(operation: exchange.operation, path: exchange.request.path)
        // Each part is judged by itself.
        scrubber.remembers = false
    }

    private mutating func look(at exchange: Exchange) {
        let request = exchange.request
        compare("path", request.path, scrubber.path(request.path))
        for item in (request.query ?? "").split(separator: "&").map(String.init) {
            compare("query, \(item.prefix { $0 != "=" }.prefix(60))", item, scrubber.query(item, context))
        }
        headers("request", request.headers)
        body("request", request.body)
        headers("response", exchange.response.headers)
        body("response", exchange.response.body)
        // Behind escapes, and wherever no part was looked at.
        if leaks.isEmpty, let kind = SecretScan.survivor(in: CassetteFormat.line(exchange)) { leaks.append(Leak(place: "line", kind: kind)) }
    }

    private mutating func headers(_ part: String, _ headers: HTTPFields) {
        for field in headers {
            compare("\(part) header \(field.name.canonicalName)", field.value, Redactor.value(of: field, &scrubber, context))
        }
    }

    private mutating func body(_ part: String, _ body: RecordedBody) {
        let bytes = Array(body.bytes)
        guard !bytes.isEmpty else { return }
        let scrubbed = scrubber.body(bytes, context)
        if scrubbed != bytes {
            if let old = try? JSONValue(parsing: bytes), let new = try? JSONValue(parsing: scrubbed) {
                differences(old, new, "\(part) body, $")
            } else {
                added("\(part) body", bytes, scrubbed)
            }
        } else if let kind = SecretScan.survivor(in: bytes) {
            leaks.append(Leak(place: "\(part) body", kind: kind))
        }
    }

    private mutating func compare(_ place: String, _ old: String, _ new: String) {
        if old != new { added(place, Array(old.utf8), Array(new.utf8)) }
    }

    private mutating func differences(_ old: JSONValue, _ new: JSONValue, _ path: String) {
        switch (old, new) {
        case (.object(let left), .object(let right)) where left.count == right.count:
            for (before, after) in zip(left.members, right.members) {
                if before.name != after.name { added("\(path), a member's name", Array(before.name.utf8), Array(after.name.utf8)) }
                differences(before.value, after.value, "\(path).\(after.name.prefix(60))")
            }
        case (.array(let left), .array(let right)) where left.count == right.count:
            for (index, pair) in zip(left, right).enumerated() { differences(pair.0, pair.1, "\(path)[\(index)]") }
        default:
            guard old != new else { return }
            added(path, Array((old.stringValue ?? "").utf8), Array((new.stringValue ?? "").utf8))
        }
    }

    /// The kinds of the placeholders that are new.
    private mutating func added(_ place: String, _ old: [UInt8], _ new: [UInt8]) {
        var counts: [SecretKind: Int] = [:]
        for word in Placeholders.occurrences(in: old) { counts[word.kind, default: 0] -= 1 }
        var order: [SecretKind] = []
        for word in Placeholders.occurrences(in: new) {
            if !order.contains(word.kind) { order.append(word.kind) }
            counts[word.kind, default: 0] += 1
        }
        let kinds = order.filter { counts[$0, default: 0] > 0 }
        // Words in binary bodies may be too short to tell their kind.
        for kind in kinds.isEmpty ? [.named] : kinds { leaks.append(Leak(place: place, kind: kind)) }
    }
}
