/// A SQL statement's failure: one of Spark's error conditions with its parameters and, where known, the place in the text.
///
/// Source: Apache Spark `common/utils/src/main/resources/error/error-conditions.json` (condition, SQLSTATE, template).
///
/// One reference wide: a typed throw keeps room for its error at every `try`, and the parser and the analyser recurse.
package struct SQLError: Error, Sendable, Equatable {
    private struct Content: Equatable {
        let condition: ErrorCondition
        let parameters: [String: String]
        var phase: ErrorPhase
        var span: SourceSpan?
        var statement: String?
    }

    private final class Storage: Sendable {
        let content: Content

        init(_ content: Content) { self.content = content }
    }

    private var storage: Storage

    package init(_ condition: ErrorCondition, _ parameters: [String: String] = [:], at span: SourceSpan? = nil, phase: ErrorPhase? = nil) {
        storage = Storage(
            Content(condition: condition, parameters: parameters, phase: phase ?? ErrorPhase(condition), span: span, statement: nil))
    }

    package var condition: ErrorCondition { storage.content.condition }

    /// By their names in the template; values are already quoted as Spark quotes them (`` `name` `` for ids, `"TYPE"` for types).
    package var parameters: [String: String] { storage.content.parameters }

    package var phase: ErrorPhase {
        get { storage.content.phase }
        set { change { $0.phase = newValue } }
    }

    package var span: SourceSpan? {
        get { storage.content.span }
        set { change { $0.span = newValue } }
    }

    /// The whole statement, kept so that the message can show the line that the span points at.
    package var statement: String? {
        get { storage.content.statement }
        set { change { $0.statement = newValue } }
    }

    package static func == (left: SQLError, right: SQLError) -> Bool { left.storage.content == right.storage.content }

    private mutating func change(_ body: (inout Content) -> Void) {
        var content = storage.content
        body(&content)
        storage = Storage(content)
    }

    /// The same error with the text it arose in, unless it has one already (a view's own text is nearer).
    package func with(statement: String) -> SQLError {
        var copy = self
        if copy.statement == nil { copy.statement = statement }
        return copy
    }

    /// The same error with a place, unless it has one already.
    package func with(span: SourceSpan?) -> SQLError {
        var copy = self
        if copy.span == nil { copy.span = span }
        return copy
    }

    package func with(phase: ErrorPhase) -> SQLError {
        var copy = self
        copy.phase = phase
        return copy
    }
}

/// A stretch of a statement's text, as UTF-8 offsets.
package struct SourceSpan: Sendable, Hashable {
    package var start: Int
    package var end: Int

    package init(start: Int, end: Int) {
        self.start = start
        self.end = end
    }

    /// The smallest stretch that holds both.
    package func union(_ other: SourceSpan) -> SourceSpan {
        SourceSpan(start: min(start, other.start), end: max(end, other.end))
    }

    /// The text that the span covers; nil if it does not lie within `text` on character boundaries.
    package func text(in text: String) -> String? {
        let bytes = text.utf8
        guard start >= 0, start <= end, end <= bytes.count else { return nil }
        return String(bytes[bytes.index(bytes.startIndex, offsetBy: start)..<bytes.index(bytes.startIndex, offsetBy: end)])
    }
}
