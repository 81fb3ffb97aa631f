import JSON
import Workspace

/// A filter of RFC 7644, section 3.4.2.2: `userName eq "a@b" and (active eq true or not (groups.display co "x"))`.
indirect enum SCIMFilter: Sendable {
    case compare(Path, Comparison, JSONValue)
    case present(Path)
    case element(Path, SCIMFilter)
    case and(SCIMFilter, SCIMFilter)
    case or(SCIMFilter, SCIMFilter)
    case not(SCIMFilter)

    enum Comparison: String, Sendable, CaseIterable {
        case equal = "eq"
        case notEqual = "ne"
        case contains = "co"
        case startsWith = "sw"
        case endsWith = "ew"
        case greater = "gt"
        case greaterOrEqual = "ge"
        case less = "lt"
        case lessOrEqual = "le"
    }

    /// An attribute, and perhaps a sub-attribute: names are compared without regard to case, a schema in front is left out.
    struct Path: Sendable, Hashable {
        let names: [String]

        init(_ text: String) {
            // urn:…:User:userName
            let last =
                text.lowercased().hasPrefix("urn:")
                ? text[(text.lastIndex(of: ":").map { text.index(after: $0) } ?? text.startIndex)...] : text[...]
            names = last.split(separator: ".").map { $0.lowercased() }
        }

        /// All values that the path leads to: elements of lists one by one, and the `value` of an element that is an object.
        func values(in resource: JSONValue) -> [JSONValue] {
            var found = [resource]
            for name in names {
                found = found.flatMap { value -> [JSONValue] in
                    (value.arrayValue ?? [value]).compactMap { $0.objectValue?.members.first { $0.name.lowercased() == name }?.value }
                }
            }
            return found.flatMap { value -> [JSONValue] in
                if value.isNull { return [] }
                return (value.arrayValue ?? [value]).map { $0["value"] ?? $0 }
            }
        }

        func texts(in resource: JSONValue) -> [String] { values(in: resource).compactMap(\.scimText) }
    }

    init(parsing text: String) throws(WorkspaceError) {
        var parser = Parser(text)
        self = try parser.whole()
    }

    func matches(_ resource: JSONValue) -> Bool {
        switch self {
        case .and(let left, let right): left.matches(resource) && right.matches(resource)
        case .or(let left, let right): left.matches(resource) || right.matches(resource)
        case .not(let inner): !inner.matches(resource)
        case .present(let path): path.values(in: resource).contains { $0 != "" }
        case .element(let path, let inner):
            SCIMFilter.elements(path, resource).contains { inner.matches($0) }
        case .compare(let path, let comparison, let value):
            comparison == .notEqual
                ? !SCIMFilter.compare(path, .equal, value, resource) : SCIMFilter.compare(path, comparison, value, resource)
        }
    }

    private static func elements(_ path: Path, _ resource: JSONValue) -> [JSONValue] {
        guard let name = path.names.first, path.names.count == 1 else { return [] }
        return resource.objectValue?.members.first { $0.name.lowercased() == name }?.value.arrayValue ?? []
    }

    private static func compare(_ path: Path, _ comparison: Comparison, _ wanted: JSONValue, _ resource: JSONValue) -> Bool {
        let values = path.values(in: resource)
        if wanted.isNull { return comparison == .equal && values.isEmpty }
        guard let wanted = wanted.scimText?.lowercased() else { return false }
        return values.contains { value in
            guard let text = value.scimText?.lowercased() else { return false }
            let numbers = Double(text).flatMap { left in Double(wanted).map { (left, $0) } }
            return switch comparison {
            case .equal: text == wanted
            case .notEqual: text != wanted
            case .contains: wanted.isEmpty || text.contains(wanted)
            case .startsWith: text.hasPrefix(wanted)
            case .endsWith: text.hasSuffix(wanted)
            case .greater: numbers.map { $0 > $1 } ?? (text > wanted)
            case .greaterOrEqual: numbers.map { $0 >= $1 } ?? (text >= wanted)
            case .less: numbers.map { $0 < $1 } ?? (text < wanted)
            case .lessOrEqual: numbers.map { $0 <= $1 } ?? (text <= wanted)
            }
        }
    }
}

extension JSONValue {
    /// A scalar as the text that filters compare.
    fileprivate var scimText: String? {
        switch self {
        case .string(let text), .number(let text): text
        case .bool(let flag): flag ? "true" : "false"
        default: nil
        }
    }
}

extension SCIMFilter {
    /// Reads a filter; every text either is one or is refused.
    private struct Parser {
        private let text: [Character]
        private var position = 0
        private var depth = 0

        /// Longer or deeper filters are refused.
        private static let longest = 8_192
        private static let deepest = 32

        init(_ text: String) { self.text = Array(text.prefix(Self.longest + 1)) }

        private func failure(_ what: String) -> WorkspaceError {
            SCIM.invalid("Invalid filter: \(what) at position \(position).", type: "invalidFilter")
        }

        mutating func whole() throws(WorkspaceError) -> SCIMFilter {
            guard text.count <= Self.longest else { throw failure("too long") }
            let filter = try alternatives()
            skipSpaces()
            guard position == text.count else { throw failure("unexpected text") }
            return filter
        }

        private mutating func alternatives() throws(WorkspaceError) -> SCIMFilter {
            var filter = try conjunction()
            while take(word: "or") { filter = .or(filter, try conjunction()) }
            return filter
        }

        private mutating func conjunction() throws(WorkspaceError) -> SCIMFilter {
            var filter = try term()
            while take(word: "and") { filter = .and(filter, try term()) }
            return filter
        }

        private mutating func term() throws(WorkspaceError) -> SCIMFilter {
            depth += 1
            defer { depth -= 1 }
            guard depth <= Self.deepest else { throw failure("too deep") }
            skipSpaces()
            let start = position
            if take(word: "not") {
                skipSpaces()
                if peek == "(" { return .not(try term()) }
                position = start
            }
            if take("(") {
                let filter = try alternatives()
                skipSpaces()
                guard take(")") else { throw failure("a ) is missing") }
                return filter
            }
            let path = Path(try name("an attribute"))
            if take("[") {
                let filter = try alternatives()
                skipSpaces()
                guard take("]") else { throw failure("a ] is missing") }
                return .element(path, filter)
            }
            let word = try name("an operator").lowercased()
            if word == "pr" { return .present(path) }
            guard let comparison = Comparison(rawValue: word) else { throw failure("unknown operator \(word.prefix(16))") }
            return .compare(path, comparison, try literal())
        }

        private var peek: Character? { position < text.count ? text[position] : nil }

        private mutating func skipSpaces() { while peek == " " || peek == "\t" { position += 1 } }

        private mutating func take(_ character: Character) -> Bool {
            guard peek == character else { return false }
            position += 1
            return true
        }

        /// A keyword that ends where a name ends.
        private mutating func take(word: String) -> Bool {
            skipSpaces()
            let end = position + word.count
            guard end <= text.count, String(text[position..<end]).lowercased() == word, end == text.count || !Self.isName(text[end]) else {
                return false
            }
            position = end
            return true
        }

        private static func isName(_ character: Character) -> Bool {
            character.isASCII && (character.isLetter || character.isNumber || ".:_-$".contains(character))
        }

        private mutating func name(_ what: String) throws(WorkspaceError) -> String {
            skipSpaces()
            let start = position
            while let character = peek, Self.isName(character) { position += 1 }
            guard start < position else { throw failure("\(what) is missing") }
            return String(text[start..<position])
        }

        private mutating func literal() throws(WorkspaceError) -> JSONValue {
            skipSpaces()
            guard let quote = peek, quote == "\"" || quote == "'" else {
                let word = try name("a value")
                switch word.lowercased() {
                case "true": return true
                case "false": return false
                case "null": return .null
                default:
                    guard Double(word) != nil else { throw failure("the value \(word.prefix(16)) is not quoted") }
                    return .number(word)
                }
            }
            position += 1
            var value = ""
            while let character = peek {
                position += 1
                if character == quote { return .string(value) }
                if character == "\\", let next = peek {
                    value.append(next)
                    position += 1
                } else {
                    value.append(character)
                }
            }
            throw failure("a quote is missing")
        }
    }
}
