package import JSON

/// What to redact besides what is known to be secret: the contents of a `--redact` file.
///
/// One rule a line; `#` begins a comment:
/// ```
/// field  national_id            # members and form fields of this name, at any depth
/// path   $.owner.email          # a place in JSON bodies
/// query  customer               # a query parameter
/// header x-internal-trace       # a response header that is not to be stored
/// text   Project Nightingale    # these words wherever they stand
/// prefix acme_tok_              # tokens that begin so
/// ```
package struct RedactionRules: Sendable {
    package var fields: Set<String> = []
    package var paths: [JSONPath] = []
    package var queries: Set<String> = []
    /// In lower case.
    package var headers: Set<String> = []
    package var texts: [String] = []
    package var prefixes: [String] = []

    package init() {}

    /// Errors name the line.
    package init(parsing text: String, file: String) throws(CassetteError) {
        for (index, rawLine) in text.split(separator: "\n", omittingEmptySubsequences: false).enumerated() {
            let line = Self.trimmed(Self.withoutComment(rawLine))
            if line.isEmpty { continue }
            let parts = line.split(separator: " ", maxSplits: 1)
            func problem(_ message: String) -> CassetteError { CassetteError(file: file, line: index + 1, message) }
            guard parts.count == 2 else { throw problem("expected a kind of rule and a value") }
            let value = String(Self.trimmed(parts[1]))
            switch parts[0] {
            case "field": fields.insert(value)
            case "query": queries.insert(value)
            case "header": headers.insert(value.lowercased())
            case "text": texts.append(value)
            case "prefix":
                guard value.utf8.count >= 3 else { throw problem("a prefix has at least 3 characters") }
                prefixes.append(value)
            case "path":
                do {
                    paths.append(try JSONPath(value))
                } catch {
                    throw problem("not a JSON path: \(error.message)")
                }
            default: throw problem("unknown rule '\(parts[0])': expected field, path, query, header, text or prefix")
            }
        }
    }

    private static func withoutComment(_ line: Substring) -> Substring {
        if line.hasPrefix("#") { return "" }
        guard let start = line.firstRange(of: " #") else { return line }
        return line[..<start.lowerBound]
    }

    private static func trimmed(_ text: Substring) -> Substring {
        var text = text
        while let first = text.first, first.isWhitespace { text = text.dropFirst() }
        while let last = text.last, last.isWhitespace { text = text.dropLast() }
        return text
    }
}
