import JSON

extension NearestMiss {
    private static let maxDifferences = 8

    static func differences(_ recorded: CanonicalRequest, _ asked: CanonicalRequest) -> [Difference] {
        var found: [Difference] = []
        func compare(_ field: String, _ left: String, _ right: String) {
            if left != right {
                found.append(Difference(field: field, recorded: left.isEmpty ? nil : shown(left), asked: right.isEmpty ? nil : shown(right)))
            }
        }
        compare("method", recorded.target.method, asked.target.method)
        compare("host", recorded.target.host, asked.target.host)
        paths(recorded.target.path, asked.target.path, &found)
        queries(recorded.query, asked.query, &found)
        bodies(recorded.body, asked.body, &found)
        return Array(found.prefix(maxDifferences))
    }

    /// Segment by segment, from 1, if both have as many.
    private static func paths(_ recorded: String, _ asked: String, _ found: inout [Difference]) {
        guard recorded != asked else { return }
        var scrubber = Scrubber(.uniform)
        scrubber.remembers = false
        let left = scrubber.path(recorded).split(separator: "/", omittingEmptySubsequences: false)
        let right = scrubber.path(asked).split(separator: "/", omittingEmptySubsequences: false)
        guard left.count == right.count else {
            found.append(Difference(field: "path", recorded: shown(scrubber.path(recorded)), asked: shown(scrubber.path(asked))))
            return
        }
        for (number, (one, other)) in zip(left, right).enumerated() where one != other {
            found.append(Difference(field: "path segment \(number)", recorded: shown(String(one)), asked: shown(String(other))))
        }
    }

    private static func shown(_ text: String) -> String { text.count <= 120 ? text : "\(text.prefix(120))…" }

    private static func queries(_ recorded: String, _ asked: String, _ found: inout [Difference]) {
        guard recorded != asked else { return }
        var left = recorded.split(separator: "&").map(String.init)
        var right = asked.split(separator: "&").map(String.init)
        for item in left {
            if let same = right.firstIndex(of: item), let own = left.firstIndex(of: item) {
                right.remove(at: same)
                left.remove(at: own)
            }
        }
        func name(_ item: String) -> Substring { item.prefix { $0 != "=" } }
        for item in left {
            let other = right.firstIndex { name($0) == name(item) }
            let value = other.map { String(right.remove(at: $0).drop { $0 != "=" }.dropFirst()) }
            found.append(
                Difference(
                    field: "query \(name(item))", recorded: shown(String(item.drop { $0 != "=" }.dropFirst())), asked: value.map(shown)))
        }
        for item in right {
            found.append(Difference(field: "query \(name(item))", recorded: nil, asked: shown(String(item.drop { $0 != "=" }.dropFirst()))))
        }
    }

    private static func bodies(_ recorded: CanonicalRequest.Body, _ asked: CanonicalRequest.Body, _ found: inout [Difference]) {
        guard recorded != asked else { return }
        switch (recorded, asked) {
        case (.json(let left), .json(let right)): values(left, right, "$", &found, depth: 0)
        default: found.append(Difference(field: "body", recorded: summary(recorded), asked: summary(asked)))
        }
    }

    private static func summary(_ body: CanonicalRequest.Body) -> String? {
        switch body {
        case .none: nil
        case .json(let value): shown(value.text)
        case .bytes(let bytes):
            BodyPolicy.isText(bytes)
                ? shown(String(decoding: bytes, as: UTF8.self)) : "\(bytes.count) bytes (SHA-256 \(BodyPolicy.name(of: bytes).prefix(12))…)"
        }
    }

    private static func values(_ left: JSONValue, _ right: JSONValue, _ path: String, _ found: inout [Difference], depth: Int) {
        guard left != right, found.count < maxDifferences else { return }
        switch (left, right) {
        case (.object(let one), .object(let other)) where depth < 50:
            for member in one.members {
                if let value = other[member.name] {
                    values(member.value, value, "\(path).\(member.name)", &found, depth: depth + 1)
                } else {
                    found.append(Difference(field: "body \(path).\(member.name)", recorded: shown(member.value.text), asked: nil))
                }
            }
            for member in other.members where one[member.name] == nil {
                found.append(Difference(field: "body \(path).\(member.name)", recorded: nil, asked: shown(member.value.text)))
            }
        case (.array(let one), .array(let other)) where one.count == other.count && depth < 50:
            for index in one.indices { values(one[index], other[index], "\(path)[\(index)]", &found, depth: depth + 1) }
        default: found.append(Difference(field: "body \(path)", recorded: shown(left.text), asked: shown(right.text)))
        }
    }
}
