/// What a rule asks of a value: a glob (`*` matches anything, `/` included; `\*` is a star) or, behind `re:`, a regular expression
/// that must be found in the value.
package struct Pattern: Sendable, Hashable, CustomStringConvertible {
    enum Kind: Sendable {
        case any
        case literal([UInt8])
        case glob(Glob)
        case regularExpression(RegularExpression)
    }

    /// One reference, so that walking over many rules does not count the references of all their parts.
    private final class Storage: Sendable {
        let text: String
        let kind: Kind

        init(_ text: String, _ kind: Kind) {
            self.text = text
            self.kind = kind
        }
    }

    private let storage: Storage

    /// As it was written.
    package var description: String { storage.text }
    var kind: Kind { storage.kind }

    package init(_ text: String) throws(PatternError) {
        if text.hasPrefix("re:") {
            storage = Storage(text, .regularExpression(try RegularExpression(String(text.dropFirst(3)))))
            return
        }
        let glob = Glob(text)
        if let literal = glob.literal {
            storage = Storage(text, .literal(literal))
        } else {
            storage = Storage(text, glob.matchesAnything ? .any : .glob(glob))
        }
    }

    package func matches(_ value: String) -> Bool {
        switch storage.kind {
        case .any: true
        case .literal(let bytes): value.utf8.count == bytes.count && value.utf8.elementsEqual(bytes)
        case .glob(let glob): glob.matches(value)
        case .regularExpression(let expression): expression.isFound(in: value)
        }
    }

    /// Whether every value matches.
    var matchesAnything: Bool { if case .any = kind { true } else { false } }

    /// The only value that matches, if there is just one.
    package var literal: String? {
        if case .literal(let bytes) = kind { String(decoding: bytes, as: UTF8.self) } else { nil }
    }

    package static func == (left: Pattern, right: Pattern) -> Bool { left.description == right.description }
    package func hash(into hasher: inout Hasher) { hasher.combine(description) }
}

/// Why a pattern cannot be compiled.
package struct PatternError: Error, Sendable, Hashable, CustomStringConvertible {
    package let description: String

    init(_ description: String) { self.description = description }
}
