package import JSON

/// The first line of a cassette: its version, and how requests are matched with it.
package struct CassetteHeader: Sendable, Hashable {
    package static let version = 1

    package enum MatchField: String, Sendable, Hashable, CaseIterable {
        case method, path, query, body
    }

    /// When the recording began, RFC 3339; nil if it is not known.
    package var recorded: String?
    /// `https://REDACTED`, or what a person has written.
    package var upstream: String?
    package var match: Set<MatchField>
    package var ignore: Ignore

    /// What is left out before requests are compared.
    package struct Ignore: Sendable, Hashable {
        package var body: [JSONPath] = []
        /// Names of query parameters.
        package var query: [String] = []

        package init() {}
    }

    package init(recorded: String? = nil, upstream: String? = nil, match: Set<MatchField> = Set(MatchField.allCases), ignore: Ignore = Ignore()) {
        self.recorded = recorded
        self.upstream = upstream
        self.match = match
        self.ignore = ignore
    }

    /// The header of a new recording. Idempotency tokens are made afresh by each run of a client.
    package static func recording(at time: String) -> CassetteHeader {
        var ignore = Ignore()
        ignore.body = ["$.idempotency_token"].compactMap { try? JSONPath($0) }
        return CassetteHeader(recorded: time, upstream: "https://REDACTED", ignore: ignore)
    }
}

extension CassetteHeader {
    /// The message names what is wrong; the caller adds file and line.
    init(_ value: JSONValue) throws(CassetteFormat.Problem) {
        guard case .object(let object) = value else { throw .init("expected a header such as {\"cassette\":1}") }
        guard let version = object["cassette"] else { throw .init("expected a header with the member 'cassette'") }
        guard version.intValue == Self.version else {
            throw .init("cassette version \(version.text) is not known; this program reads version \(Self.version)")
        }
        self.init()
        for (name, value) in object.members {
            switch name {
            case "cassette": break
            case "recorded": recorded = try CassetteFormat.string(value, name)
            case "upstream": upstream = try CassetteFormat.string(value, name)
            case "match":
                guard let fields = value.arrayValue else { throw .init("'match' must be a list") }
                match = []
                for field in fields {
                    guard let known = field.stringValue.flatMap(MatchField.init(rawValue:)) else {
                        throw .init("unknown match field \(field.text): expected method, path, query or body")
                    }
                    match.insert(known)
                }
            case "ignore": ignore = try Ignore(value)
            default: throw .init("unknown member '\(name.prefix(60))' in the header")
            }
        }
    }

    var json: JSONValue {
        var object = JSONObject([("cassette", .int(Self.version))])
        if let recorded { object["recorded"] = .string(recorded) }
        if let upstream { object["upstream"] = .string(upstream) }
        object["match"] = .array(MatchField.allCases.filter(match.contains).map { .string($0.rawValue) })
        var ignored = JSONObject()
        if !ignore.body.isEmpty { ignored["body"] = .array(ignore.body.map { .string($0.description) }) }
        if !ignore.query.isEmpty { ignored["query"] = .array(ignore.query.map { .string($0) }) }
        object["ignore"] = .object(ignored)
        return .object(object)
    }
}

extension CassetteHeader.Ignore {
    fileprivate init(_ value: JSONValue) throws(CassetteFormat.Problem) {
        guard let object = value.objectValue else { throw .init("'ignore' must be an object") }
        for (name, value) in object.members {
            guard let elements = value.arrayValue else { throw .init("'ignore.\(name.prefix(60))' must be a list") }
            switch name {
            case "query": for element in elements { query.append(try CassetteFormat.string(element, "ignore.query")) }
            case "body":
                for element in elements {
                    let text = try CassetteFormat.string(element, "ignore.body")
                    do {
                        body.append(try JSONPath(text))
                    } catch {
                        throw .init("'ignore.body' holds '\(text)', which is no JSON path: \(error.message)")
                    }
                }
            default: throw .init("unknown member 'ignore.\(name.prefix(60))' in the header")
            }
        }
    }
}
