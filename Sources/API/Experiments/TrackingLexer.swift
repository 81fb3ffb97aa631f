import Workspace

/// A piece of a filter or of an order.
package enum TrackingToken: Sendable, Hashable {
    /// `metrics.loss`, `tags."a b"`, `start_time`: entity and key.
    case identifier(entity: String?, key: String)
    /// In single or double quotes.
    case string(String, quote: Character)
    case number(String)
    case comparator(String)
    case open, close, comma

    func isWord(_ word: String) -> Bool {
        guard case .identifier(nil, let key) = self else { return false }
        return key.uppercased() == word
    }

    /// The text of a value in quotes.
    var quoted: String? {
        guard case .string(let text, _) = self else { return nil }
        return text
    }

    var shown: String {
        switch self {
        case .identifier(let entity, let key): entity.map { "\($0).\(key)" } ?? key
        case .string(let text, let quote): "\(quote)\(text)\(quote)"
        case .number(let text), .comparator(let text): text
        case .open: "("
        case .close: ")"
        case .comma: ","
        }
    }
}

enum TrackingLexer {
    static func tokens(_ text: String) throws(WorkspaceError) -> [TrackingToken] {
        var scanner = Scanner(rest: Array(text.unicodeScalars)[...])
        var tokens: [TrackingToken] = []
        while let token = try scanner.next() { tokens.append(token) }
        return tokens
    }

    private struct Scanner {
        var rest: ArraySlice<Unicode.Scalar>

        mutating func take(while condition: (Unicode.Scalar) -> Bool) -> String {
            let taken = rest.prefix(while: condition)
            rest = rest.dropFirst(taken.count)
            return Self.text(taken)
        }

        static func text(_ scalars: ArraySlice<Unicode.Scalar>) -> String {
            var text = String.UnicodeScalarView()
            text.append(contentsOf: scalars)
            return String(text)
        }

        static func isDigit(_ scalar: Unicode.Scalar) -> Bool { scalar >= "0" && scalar <= "9" }

        static func isWord(_ scalar: Unicode.Scalar) -> Bool { scalar == "_" || isDigit(scalar) || scalar.properties.isAlphabetic }

        mutating func next() throws(WorkspaceError) -> TrackingToken? {
            _ = take { $0.properties.isWhitespace }
            guard let first = rest.first else { return nil }
            switch first {
            case "(": return single(.open)
            case ")": return single(.close)
            case ",": return single(.comma)
            case "=", "!", "<", ">": return try comparator()
            case "'": return .string(try quoted(first), quote: "'")
            case "\"", "`": return try quotedStart(first)
            default: break
            }
            let second = rest.dropFirst().first
            if Self.isDigit(first) || (first == "-" || first == "+" || first == ".") && second.map({ Self.isDigit($0) || $0 == "." }) == true {
                return try number()
            }
            guard Self.isWord(first) else { throw .invalid("Invalid clause(s) in filter string: '\(Self.text(rest.prefix(64)))'") }
            return try identifier(entity: take(while: Self.isWord))
        }

        private mutating func single(_ token: TrackingToken) -> TrackingToken {
            rest.removeFirst()
            return token
        }

        private mutating func comparator() throws(WorkspaceError) -> TrackingToken {
            let text = take { "=!<>".unicodeScalars.contains($0) }
            guard ["=", "!=", "<", "<=", ">", ">="].contains(text) else {
                throw .invalid("Invalid comparator '\(text.prefix(16))' in filter string.")
            }
            return .comparator(text)
        }

        /// What is between two quotes, as it is.
        private mutating func quoted(_ quote: Unicode.Scalar) throws(WorkspaceError) -> String {
            let start = rest
            rest.removeFirst()
            let text = take { $0 != quote }
            guard rest.popFirst() != nil else { throw .invalid("A quotation is not closed in filter string: '\(Self.text(start.prefix(64)))'") }
            return text
        }

        /// A name in backticks, an entity's name in quotes before its key, or else a value.
        private mutating func quotedStart(_ quote: Unicode.Scalar) throws(WorkspaceError) -> TrackingToken {
            let text = try quoted(quote)
            if rest.first == "." { return try identifier(entity: text) }
            return quote == "`" ? .identifier(entity: nil, key: text) : .string(text, quote: "\"")
        }

        /// `entity` has been read; a key may follow.
        private mutating func identifier(entity: String) throws(WorkspaceError) -> TrackingToken {
            guard rest.first == "." else { return .identifier(entity: nil, key: entity) }
            rest.removeFirst()
            if let quote = rest.first, quote == "\"" || quote == "`" || quote == "'" {
                return .identifier(entity: entity, key: try quoted(quote))
            }
            return .identifier(entity: entity, key: take { Self.isWord($0) || $0 == "." })
        }

        private mutating func number() throws(WorkspaceError) -> TrackingToken {
            var text = ""
            if let sign = rest.first, sign == "-" || sign == "+" {
                rest.removeFirst()
                if sign == "-" { text = "-" }
            }
            text += take { Self.isDigit($0) || $0 == "." }
            if let letter = rest.first, letter == "e" || letter == "E" {
                rest.removeFirst()
                text += "e"
                if let sign = rest.first, sign == "-" || sign == "+" {
                    rest.removeFirst()
                    text.unicodeScalars.append(sign)
                }
                text += take(while: Self.isDigit)
            }
            if let after = rest.first, Self.isWord(after) || after == "." { text += take { Self.isWord($0) || $0 == "." } }
            // `1.` and `.5` are numbers, too.
            var digits = text
            if digits.hasSuffix(".") { digits += "0" }
            guard let value = Double(digits), value.isFinite else { throw .invalid("Invalid number '\(text.prefix(64))' in filter string.") }
            return .number(digits)
        }
    }
}
