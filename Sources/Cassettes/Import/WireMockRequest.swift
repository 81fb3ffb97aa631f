import HTTPTypes
import JSON

/// The one request that a request pattern of WireMock stands for; patterns that stand for many are refused.
struct WireMockRequest {
    private(set) var method = ""
    private(set) var path = ""
    private(set) var query: String?
    private(set) var headers = HTTPFields()
    private(set) var body: [UInt8] = []
    private(set) var notes: [(ImportCursor, String)] = []

    var key: [String] { [method, path, (query ?? "").split(separator: "&").sorted().joined(separator: "&"), String(decoding: body, as: UTF8.self)] }

    init(_ request: ImportCursor) throws(ImportProblem) {
        for (name, value) in try request.members() where !value.value.isNull {
            switch name {
            case "method": try readMethod(value)
            case "url": try readURL(value)
            case "urlPath": path = try Self.path(value)
            case "urlPathPattern": path = try literal(value)
            case "urlPattern":
                (path, query) = ImportURL.split(try literal(value)[...])
            case "urlPathTemplate": path = try template(value, request)
            case "pathParameters": break
            case "queryParameters": try readQuery(value)
            case "bodyPatterns": try readBody(value)
            case "headers": try readHeaders(value)
            case "basicAuth", "basicAuthCredentials": notes.append((value, "a cassette takes any credentials"))
            case "host", "port", "scheme": notes.append((value, "a cassette does not look at '\(name)'"))
            default: throw value.problem("'\(name.prefix(60))' cannot be represented")
            }
        }
        guard !method.isEmpty else { throw request.problem("the member 'method' is missing") }
        guard !path.isEmpty else { throw request.problem("none of url, urlPath, urlPathPattern, urlPattern and urlPathTemplate is there") }
        if query == nil, request.child("urlPath") != nil || request.child("urlPathPattern") != nil, request.child("queryParameters") == nil {
            notes.append((request, "a cassette answers this request without a query only"))
        }
    }

    private mutating func readMethod(_ value: ImportCursor) throws(ImportProblem) {
        method = try value.text().uppercased()
        guard method != "ANY", HTTPField.Name(method) != nil else { throw value.problem("the method \(method.prefix(40)) cannot be represented") }
    }

    private mutating func readURL(_ value: ImportCursor) throws(ImportProblem) {
        (path, query) = ImportURL.split(try Self.path(value)[...])
    }

    private static func path(_ value: ImportCursor) throws(ImportProblem) -> String {
        let path = try value.text()
        guard path.hasPrefix("/") else { throw value.problem("a path begins with '/'") }
        return path
    }

    /// A regular expression that stands for one text: without operators, save for dots, which are taken for dots.
    private mutating func literal(_ value: ImportCursor) throws(ImportProblem) -> String {
        var result = ""
        var hasDot = false
        var text = Substring(try value.text())
        if text.hasPrefix("^") { text = text.dropFirst() }
        if text.hasSuffix("$"), !text.hasSuffix("\\$") { text = text.dropLast() }
        while let character = text.popFirst() {
            switch character {
            case "\\":
                guard let escaped = text.popFirst(), !escaped.isLetter, !escaped.isNumber else { throw regex(value) }
                result.append(escaped)
            case ".":
                if let next = text.first, "*+?{".contains(next) { throw regex(value) }
                hasDot = true
                result.append(".")
            case "*", "+", "?", "(", ")", "[", "]", "{", "}", "|", "^", "$": throw regex(value)
            default: result.append(character)
            }
        }
        guard result.hasPrefix("/") else { throw value.problem("a path begins with '/'") }
        if hasDot { notes.append((value, "dots are taken for dots, not for any character")) }
        return result
    }

    private func regex(_ value: ImportCursor) -> ImportProblem {
        value.problem("the regular expression '\((value.value.stringValue ?? "").prefix(80))' stands for many requests and cannot be represented")
    }

    private func template(_ value: ImportCursor, _ request: ImportCursor) throws(ImportProblem) -> String {
        var path = ""
        var rest = Substring(try Self.path(value))
        while let open = rest.firstIndex(of: "{") {
            guard let close = rest[open...].firstIndex(of: "}") else { throw value.problem("expected '}'") }
            let name = String(rest[rest.index(after: open)..<close])
            guard let parameter = request.child("pathParameters")?.child(name), let text = parameter.value["equalTo"]?.stringValue else {
                throw value.problem("'{\(name.prefix(40))}' stands for many requests and cannot be represented")
            }
            path += rest[..<open] + text
            rest = rest[rest.index(after: close)...]
        }
        return path + rest
    }

    // MARK: Matchers

    /// The text of `{"equalTo": …}`; nil for `{"absent": true}`.
    private mutating func equal(_ matcher: ImportCursor) throws(ImportProblem) -> String? {
        var text: String?
        for (name, value) in try matcher.members() {
            switch name {
            case "equalTo": text = try value.text()
            case "caseInsensitive": if value.value.boolValue == true { notes.append((value, "a cassette tells capitals from small letters")) }
            case "absent" where value.value.boolValue == true: return nil
            default: throw value.problem("the matcher '\(name.prefix(60))' stands for many requests and cannot be represented")
            }
        }
        guard let text else { throw matcher.problem("expected {\"equalTo\": …}") }
        return text
    }

    private mutating func readQuery(_ value: ImportCursor) throws(ImportProblem) {
        var items = query.map { [$0] } ?? []
        for (name, matcher) in try value.members() {
            var matchers = [matcher]
            if let exactly = matcher.child("hasExactly") { matchers = try exactly.elements() }
            for matcher in matchers {
                if let text = try equal(matcher) { items.append("\(ImportURL.encoded(name))=\(ImportURL.encoded(text))") }
            }
        }
        query = items.isEmpty ? nil : items.joined(separator: "&")
    }

    private mutating func readHeaders(_ value: ImportCursor) throws(ImportProblem) {
        for (name, matcher) in try value.members() {
            switch name.lowercased() {
            case "authorization", "accept", "user-agent": notes.append((matcher, "a cassette does not look at this header"))
            case "content-type":
                if let type = matcher.value["equalTo"]?.stringValue { try headers.add(name, type, matcher) }
                notes.append((matcher, "a cassette does not look at this header"))
            default: throw matcher.problem("a cassette does not look at headers; two stubs that differ in one cannot be told apart")
            }
        }
    }

    private mutating func readBody(_ value: ImportCursor) throws(ImportProblem) {
        let patterns = try value.elements()
        guard patterns.count <= 1 else { throw value.problem("several patterns for one body cannot be represented") }
        guard let pattern = patterns.first else { return }
        for (name, matcher) in try pattern.members() {
            switch name {
            case "equalToJson":
                guard let text = matcher.value.stringValue else {
                    body = matcher.value.encoded()
                    continue
                }
                guard let value = try? JSONValue(parsing: text) else { throw matcher.problem("is no JSON") }
                if text.contains("${json-unit.") { throw matcher.problem("placeholders in JSON stand for many requests and cannot be represented") }
                body = value.encoded()
            case "ignoreArrayOrder", "ignoreExtraElements":
                if matcher.value.boolValue == true { notes.append((matcher, "a cassette compares bodies as equal JSON values")) }
            case "equalTo": body = Array(try matcher.text().utf8)
            case "caseInsensitive": if matcher.value.boolValue == true { notes.append((matcher, "a cassette tells capitals from small letters")) }
            case "binaryEqualTo":
                guard let bytes = Base64.decode(try matcher.text().utf8) else { throw matcher.problem("is no base64") }
                body = bytes
            default: throw matcher.problem("the matcher '\(name.prefix(60))' stands for many requests and cannot be represented")
            }
        }
    }
}
