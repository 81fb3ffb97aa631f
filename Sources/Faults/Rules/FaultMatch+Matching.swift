import HTTPTypes
import JSON

extension FaultMatch {
    /// The cheap conditions first; the body is parsed once for all rules, and only if one gets that far.
    func matches(_ event: FaultEvent, _ details: inout EventDetails) -> Bool {
        if let method, !method.matches(event.method) { return false }
        if let operation {
            guard let name = event.operation, operation.matches(name) else { return false }
        }
        if let path, !path.matches(event.path) { return false }
        if let principal {
            guard let name = event.principal, principal.matches(name) else { return false }
        }
        return matchesDetails(event, &details)
    }

    /// Headers, query and body alone.
    func matchesDetails(_ event: FaultEvent, _ details: inout EventDetails) -> Bool {
        for (name, pattern) in headers where !event.headers[values: name].contains(where: pattern.matches) { return false }
        for (name, pattern) in query {
            guard details.query(of: event).contains(where: { $0.name == name && pattern.matches($0.value) }) else { return false }
        }
        for (selector, pattern) in body {
            guard let json = details.body(of: event) else { return false }
            guard selector.values(in: json).contains(where: { pattern.matches(EventDetails.text(of: $0)) }) else { return false }
        }
        return true
    }

    /// The conditions that do not hold, in words; none if the event matches.
    func misses(_ event: FaultEvent, _ details: inout EventDetails) -> [String] {
        var misses: [String] = []
        func compare(_ what: String, _ pattern: Pattern?, _ value: String?) {
            guard let pattern else { return }
            guard let value else { return misses.append("\(what) is absent; expected '\(pattern)'") }
            if !pattern.matches(value) { misses.append("\(what) is '\(value.prefix(200))'; expected '\(pattern)'") }
        }
        compare("method", method, event.method)
        compare("operation", operation, event.operation)
        compare("path", path, event.path)
        compare("principal", principal, event.principal)
        // Values of headers, parameters and bodies may be secret, and are not shown.
        for (name, pattern) in headers where !event.headers[values: name].contains(where: pattern.matches) {
            misses.append("header '\(name)' \(event.headers[name] == nil ? "is absent" : "differs"); expected '\(pattern)'")
        }
        for (name, pattern) in query {
            let values = details.query(of: event).filter { $0.name == name }
            if !values.contains(where: { pattern.matches($0.value) }) {
                misses.append("query '\(name)' \(values.isEmpty ? "is absent" : "differs"); expected '\(pattern)'")
            }
        }
        for (selector, pattern) in body {
            let values = details.body(of: event).map { selector.values(in: $0) } ?? []
            if !values.contains(where: { pattern.matches(EventDetails.text(of: $0)) }) {
                misses.append("body '\(selector)' \(values.isEmpty ? "is absent" : "differs"); expected '\(pattern)'")
            }
        }
        return misses
    }
}

extension RuleState {
    /// Whether what the rule does can be done to this event.
    func isPossible(_ event: FaultEvent) -> Bool {
        switch rule.effect {
        case .conflict: event.abilities.contains(.compete)
        case .expireToken: event.abilities.contains(.expireToken)
        case .hold: event.abilities.contains(.hold)
        case .stale: event.lastWrite != nil
        case nil, .answer, .connection, .throttle, .rateLimit: true
        }
    }
}

/// What is decoded from an event on demand.
struct EventDetails {
    private var queryItems: [(name: String, value: String)]?
    private var parsedBody: JSONValue??

    mutating func query(of event: FaultEvent) -> [(name: String, value: String)] {
        if let queryItems { return queryItems }
        let items = event.query.utf8.split(separator: UInt8(ascii: "&")).map { item in
            let parts = item.split(separator: UInt8(ascii: "="), maxSplits: 1, omittingEmptySubsequences: false)
            return (name: Self.decoded(parts[0]), value: parts.count > 1 ? Self.decoded(parts[1]) : "")
        }
        queryItems = items
        return items
    }

    mutating func body(of event: FaultEvent) -> JSONValue? {
        if let parsedBody { return parsedBody }
        let value = event.body.isEmpty ? nil : try? JSONValue(parsing: event.body)
        parsedBody = .some(value)
        return value
    }

    /// A value as a pattern sees it: texts bare, all else as compact JSON.
    static func text(of value: JSONValue) -> String {
        if case .string(let text) = value { text } else { value.text }
    }

    /// Percent-decoding as forms have it; a stray percent sign stands for itself.
    static func decoded(_ text: Substring.UTF8View) -> String {
        var bytes: [UInt8] = []
        var rest = text[...]
        while let byte = rest.popFirst() {
            if byte == UInt8(ascii: "+") {
                bytes.append(UInt8(ascii: " "))
            } else if byte == UInt8(ascii: "%"), let high = rest.first.flatMap(digit), let low = rest.dropFirst().first.flatMap(digit) {
                bytes.append(high * 16 + low)
                rest = rest.dropFirst(2)
            } else {
                bytes.append(byte)
            }
        }
        return String(decoding: bytes, as: UTF8.self)
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
