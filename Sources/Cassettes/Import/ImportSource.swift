import HTTPTypes
import JSON

/// Something in another tool's file that a cassette cannot hold, and where it stands.
package struct ImportProblem: Error, Sendable, Hashable, CustomStringConvertible {
    package let file: String
    /// `$.mappings[3].request.urlPattern`, or `line 12`; empty for the whole file.
    package let place: String
    package let message: String

    package var description: String { place.isEmpty ? "\(file): \(message)" : "\(file): \(place): \(message)" }
}

/// What a file of another tool holds.
struct ImportSource {
    struct Entry {
        var raw: RawExchange
        /// Host, and port where it is not the usual one; nil if the tool keeps none.
        var authority: String?
        var file: String
        var place: String
    }

    var entries: [Entry] = []
    var problems: [ImportProblem] = []
    /// What is held, but more narrowly than the tool means it.
    var notes: [ImportProblem] = []
    /// When the first exchange was recorded, as the tool writes it.
    var recorded: String?

    mutating func add(_ other: ImportSource) {
        entries += other.entries
        problems += other.problems
        notes += other.notes
        recorded = recorded ?? other.recorded
    }
}

/// A value in a JSON file with the way to it, so that what is wrong with it can be named.
struct ImportCursor {
    let value: JSONValue
    let file: String
    let place: String

    init(_ value: JSONValue, file: String, place: String = "$") {
        self.value = value
        self.file = file
        self.place = place
    }

    /// Reads a whole file. Byte order marks are no JSON, but some tools write them.
    init(parsing bytes: [UInt8], file: String) throws(CassetteError) {
        let text = bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? bytes[3...] : bytes[...]
        do {
            self.init(try JSONValue(parsing: text), file: file)
        } catch {
            throw CassetteError(file: file, line: error.line, "not JSON: \(error.message) (column \(error.column))")
        }
    }

    func problem(_ message: String) -> ImportProblem { ImportProblem(file: file, place: place, message: message) }

    /// Nil if there is no such member, or if it is null.
    func child(_ name: String) -> ImportCursor? {
        guard let value = value[name], !value.isNull else { return nil }
        return ImportCursor(value, file: file, place: "\(place).\(name.prefix(60))")
    }

    func required(_ name: String) throws(ImportProblem) -> ImportCursor {
        guard let child = child(name) else { throw problem("the member '\(name)' is missing") }
        return child
    }

    func members() throws(ImportProblem) -> [(name: String, value: ImportCursor)] {
        guard let object = value.objectValue else { throw problem("expected an object") }
        return object.members.map { ($0.name, ImportCursor($0.value, file: file, place: "\(place).\($0.name.prefix(60))")) }
    }

    func elements() throws(ImportProblem) -> [ImportCursor] {
        guard let array = value.arrayValue else { throw problem("expected a list") }
        return array.enumerated().map { ImportCursor($1, file: file, place: "\(place)[\($0)]") }
    }

    func text() throws(ImportProblem) -> String {
        guard let text = value.stringValue else { throw problem("expected a text") }
        return text
    }

    func status() throws(ImportProblem) -> Int {
        guard let status = value.intValue, (100...599).contains(status) else { throw problem("expected an HTTP status") }
        return status
    }
}

/// The parts of a link that a cassette keeps.
struct ImportURL {
    let authority: String
    let path: String
    let query: String?

    /// Nil for what is no http or https link.
    init?(_ text: String) {
        guard let scheme = text.firstRange(of: "://"), ["http", "https"].contains(text[..<scheme.lowerBound].lowercased()) else { return nil }
        let rest = text[scheme.upperBound...].prefix { $0 != "#" }
        let authority = rest.prefix { $0 != "/" && $0 != "?" }
        // Whoever logs in by the link is nobody's business.
        let host = authority.lastIndex(of: "@").map { authority[authority.index(after: $0)...] } ?? authority
        guard !host.isEmpty else { return nil }
        self.authority = host.lowercased()
        (path, query) = Self.split(rest[authority.endIndex...])
    }

    /// A target as in a request's first line.
    static func split(_ target: Substring) -> (path: String, query: String?) {
        let path = target.prefix { $0 != "?" }
        let query = path.endIndex == target.endIndex ? nil : String(target[path.endIndex...].dropFirst())
        return (path.isEmpty ? "/" : String(path), query.flatMap { $0.isEmpty ? nil : $0 })
    }

    /// As `application/x-www-form-urlencoded` has it.
    static func encoded(_ text: String) -> String {
        var result: [UInt8] = []
        for byte in text.utf8 {
            if SecretShapes.isBase64URL(byte) || byte == UInt8(ascii: ".") || byte == UInt8(ascii: "~") {
                result.append(byte)
            } else {
                result += "%\(byte < 16 ? "0" : "")\(String(byte, radix: 16, uppercase: true))".utf8
            }
        }
        return String(decoding: result, as: UTF8.self)
    }
}

extension HTTPFields {
    /// Adds a header as other tools write it: names of HTTP/2's own fields are left out, lines are fields of their own.
    mutating func add(_ name: String, _ value: String, _ place: ImportCursor) throws(ImportProblem) {
        if name.hasPrefix(":") { return }
        guard let field = HTTPField.Name(name) else { throw place.problem("'\(name.prefix(60))' is no header's name") }
        for line in value.split(whereSeparator: \.isNewline) {
            guard HTTPField.isValidValue(String(line)) else { throw place.problem("the header '\(name.prefix(60))' has no valid value") }
            append(HTTPField(name: field, value: String(line)))
        }
    }

    /// The body without its content encoding. Many tools undo it and leave the header; the bytes tell.
    mutating func removeEncoding(_ body: [UInt8]) throws(Inflate.Failure) -> [UInt8] {
        let encodings = (self[.contentEncoding] ?? "").lowercased().split(separator: ",").map { $0.filter { $0 != " " } }
        self[.contentEncoding] = nil
        var body = body
        for encoding in encodings.reversed() {
            switch encoding {
            case "gzip", "x-gzip": if Inflate.isGzip(body) { body = try Inflate.gzip(body) }
            case "deflate": if !BodyPolicy.isText(body) { body = try Inflate.deflate(body) }
            default: if !BodyPolicy.isText(body) { throw .init(message: "the body is encoded (\(encoding.prefix(40))), which cannot be undone here") }
            }
        }
        return body
    }
}
