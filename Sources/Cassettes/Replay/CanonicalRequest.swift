package import JSON

/// A request as it comes to be replayed.
package struct ReplayRequest: Sendable {
    package var method: String
    /// Only for another host than the recorded service.
    package var host: String?
    /// As sent, without the query.
    package var path: String
    /// As sent, without the question mark.
    package var query: String
    package var body: [UInt8]

    package init(method: String, host: String? = nil, path: String, query: String = "", body: [UInt8] = []) {
        self.method = method
        self.host = host
        self.path = path
        self.query = query
        self.body = body
    }
}

/// A request in the form in which two that mean the same are equal: escapes undone, the query sorted, JSON as values, ignored parts
/// left out, and secrets alike, since a replaying client has others than the recorded one.
package struct CanonicalRequest: Sendable, Hashable {
    package struct Target: Sendable, Hashable {
        package let method: String
        package let host: String
        package let path: String
    }

    package enum Body: Sendable, Hashable {
        case none
        case json(JSONValue)
        case bytes([UInt8])
    }

    package let target: Target
    package let query: String
    package let body: Body

    package init(_ request: ReplayRequest, _ header: CassetteHeader) {
        var canonicalizer = Canonicalizer(header)
        target = canonicalizer.target(request.method, request.host, request.path)
        query = canonicalizer.query(request.query)
        body = canonicalizer.body(request.body[...], path: request.path)
    }
}

/// Makes the parts of canonical requests one by one: a part that is not needed is not made.
struct Canonicalizer {
    private let header: CassetteHeader
    private var scrubber: Scrubber

    init(_ header: CassetteHeader) {
        self.header = header
        scrubber = Scrubber(.uniform)
        scrubber.remembers = false
    }

    func target(_ method: String, _ host: String?, _ path: String) -> CanonicalRequest.Target { Self.target(method, host, path, header.match) }

    static func target(_ method: String, _ host: String?, _ path: String, _ match: Set<CassetteHeader.MatchField>) -> CanonicalRequest.Target {
        CanonicalRequest.Target(method: match.contains(.method) ? method : "", host: host ?? "", path: match.contains(.path) ? Self.path(path) : "")
    }

    /// Escapes of plain characters undone, others in capitals: `%2f` and `%2F` are one, `%2F` and `/` are not.
    static func path(_ path: String) -> String {
        guard path.utf8.contains(where: { $0 == UInt8(ascii: "%") || $0 >= 0x80 }) else { return path }
        var result: [UInt8] = []
        var rest = path.utf8[...]
        while let byte = rest.popFirst() {
            if byte == UInt8(ascii: "%"), let value = hex(rest) {
                rest = rest.dropFirst(2)
                append(value, to: &result)
            } else if byte >= 0x80 {
                append(byte, to: &result)
            } else {
                result.append(byte)
            }
        }
        return String(decoding: result, as: UTF8.self)
    }

    private static func append(_ byte: UInt8, to result: inout [UInt8]) {
        let staysEscaped = byte <= 0x20 || byte >= 0x7F || [0x2F, 0x25, 0x3F, 0x23].contains(byte)
        if staysEscaped {
            result += "%\(byte < 16 ? "0" : "")\(String(byte, radix: 16, uppercase: true))".utf8
        } else {
            result.append(byte)
        }
    }

    private static func hex(_ bytes: Substring.UTF8View) -> UInt8? {
        guard let high = bytes.first, let low = bytes.dropFirst().first,
            let first = Character(Unicode.Scalar(high)).hexDigitValue, let second = Character(Unicode.Scalar(low)).hexDigitValue
        else { return nil }
        return UInt8(first * 16 + second)
    }

    mutating func query(_ query: String) -> String {
        guard header.match.contains(.query), !query.isEmpty else { return "" }
        var items: [String] = []
        for item in query.split(separator: "&") {
            let parts = item.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            let name = Self.decoded(parts[0])
            if header.ignore.query.contains(name) { continue }
            var value = parts.count > 1 ? Self.decoded(parts[1]) : ""
            if SecretNames.entry(name) != nil, !value.isEmpty {
                value = "REDACTED"
            } else if value.utf8.count >= 16 {
                value = scrubber.text(value)
            }
            items.append("\(name)=\(value)")
        }
        items.sort()
        return items.joined(separator: "&")
    }

    private static func decoded(_ text: Substring) -> String {
        guard text.utf8.contains(where: { $0 == UInt8(ascii: "%") || $0 == UInt8(ascii: "+") }) else { return String(text) }
        var result: [UInt8] = []
        var rest = text.utf8[...]
        while let byte = rest.popFirst() {
            if byte == UInt8(ascii: "%"), let value = hex(rest) {
                rest = rest.dropFirst(2)
                result.append(value)
            } else {
                result.append(byte == UInt8(ascii: "+") ? 0x20 : byte)
            }
        }
        return String(decoding: result, as: UTF8.self)
    }

    mutating func body(_ bytes: ArraySlice<UInt8>, path: String) -> CanonicalRequest.Body {
        guard header.match.contains(.body), !bytes.isEmpty else { return .none }
        let context = SecretContext(path: path)
        let first = bytes.first { $0 > 0x20 }
        if first == UInt8(ascii: "{") || first == UInt8(ascii: "["), var value = try? JSONValue(parsing: bytes) {
            for path in header.ignore.body { value = path.removing(from: value) }
            return .json(Self.plain(scrubber.json(value, context)))
        }
        let all = Array(bytes)
        guard BodyPolicy.isText(all) else { return .bytes(scrubber.binary(all) ?? all) }
        if Self.isForm(all) {
            let form = scrubber.query(String(decoding: all, as: UTF8.self), context)
            return .bytes(Array(form.split(separator: "&").map(Self.decoded).sorted().joined(separator: "&").utf8))
        }
        return .bytes(scrubber.text(all, context) ?? all)
    }

    private static func isForm(_ bytes: [UInt8]) -> Bool {
        var hasSign = false
        for byte in bytes {
            switch byte {
            case UInt8(ascii: "="): hasSign = true
            case 0...0x20, 0x22, 0x3C, 0x7B: return false
            default: break
            }
        }
        return hasSign
    }

    /// With numbers in one spelling: 1.0, 1 and 10e-1 are equal as values.
    private static func plain(_ value: JSONValue) -> JSONValue {
        switch value {
        case .number(let text): .number(number(text))
        case .array(let elements): .array(elements.map(plain))
        case .object(let object): .members(object.members.map { ($0.name, plain($0.value)) })
        case .null, .bool, .string: value
        }
    }

    /// Digits without leading and trailing zeros, and a power of ten; exact for any length.
    static func number(_ text: String) -> String {
        if !text.utf8.contains(where: { $0 == UInt8(ascii: ".") || $0 == UInt8(ascii: "e") || $0 == UInt8(ascii: "E") }) {
            return text == "-0" ? "0" : text
        }
        let mantissa = text.prefix { $0 != "e" && $0 != "E" }
        guard var exponent = mantissa.count == text.count ? 0 : Int(text.dropFirst(mantissa.count + 1)) else { return text }
        let parts = mantissa.split(separator: ".", omittingEmptySubsequences: false)
        var digits = Array(mantissa.utf8.filter(SecretShapes.isDigit))
        let (lower, overflow) = exponent.subtractingReportingOverflow(parts.count > 1 ? parts[1].utf8.count : 0)
        guard !overflow, lower.magnitude < 1_000_000 else { return text }
        exponent = lower
        while digits.last == UInt8(ascii: "0") {
            digits.removeLast()
            exponent += 1
        }
        digits = Array(digits.drop { $0 == UInt8(ascii: "0") })
        if digits.isEmpty { return "0" }
        let sign = text.hasPrefix("-") ? "-" : ""
        let plain = String(decoding: digits, as: UTF8.self)
        // Whole numbers of modest size are spelled as such, so that they equal what has neither point nor exponent.
        if exponent >= 0, exponent <= 30 { return sign + plain + String(repeating: "0", count: exponent) }
        return "\(sign)\(plain)e\(exponent)"
    }
}
