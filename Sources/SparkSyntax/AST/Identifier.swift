package import SparkErrors

/// One part of a name as written, without its quotes.
package struct Identifier: Sendable {
    /// Case kept; doubled backquotes undone.
    package let text: String
    /// Written in backquotes: never a keyword such as `ALL`.
    package let isQuoted: Bool
    package let span: SourceSpan

    package init(_ text: String, isQuoted: Bool = false, span: SourceSpan) {
        self.text = text
        self.isQuoted = isQuoted
        self.span = span
    }
}

/// `a.b.c`: at least one part.
package struct MultipartIdentifier: Sendable {
    package let parts: [Identifier]
    package let span: SourceSpan

    package init(_ parts: [Identifier], span: SourceSpan) {
        self.parts = parts
        self.span = span
    }

    /// The parts' texts.
    package var names: [String] { parts.map(\.text) }
    /// The last part's text; empty for a name without parts.
    package var last: String { parts.last?.text ?? "" }

    /// True for one unquoted part equal to `word` without regard to case, as in `GROUP BY ALL`.
    package func isWord(_ word: String) -> Bool {
        guard parts.count == 1, let part = parts.first, !part.isQuoted else { return false }
        return part.text.uppercased() == word
    }
}

/// The name of an object: written out, or computed from a constant expression by `IDENTIFIER(…)`.
package enum NameReference: Sendable {
    case name(MultipartIdentifier)
    /// `IDENTIFIER(expression)` whose argument is not a string literal (those are `.name`); the analyser evaluates it and reads the
    /// text as a multipart name (`Parser.parseMultipartIdentifier`). Parts written behind it (`IDENTIFIER(:s).t`) follow in `suffix`.
    case computed(Expression, suffix: [Identifier], span: SourceSpan)

    package var span: SourceSpan {
        switch self {
        case .name(let name): name.span
        case .computed(_, _, let span): span
        }
    }

    /// The name if it is written out.
    package var literal: MultipartIdentifier? {
        if case .name(let name) = self { name } else { nil }
    }
}
