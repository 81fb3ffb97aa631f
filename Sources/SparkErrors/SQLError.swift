/// A SQL statement's failure: one of Spark's error conditions with its parameters and, where known, the place in the text.
///
/// Source: Apache Spark `common/utils/src/main/resources/error/error-conditions.json` (condition, SQLSTATE, template).
package struct SQLError: Error, Sendable, Equatable {
    package let condition: ErrorCondition
    /// In the order of the template; values are already quoted as Spark quotes them (`` `name` `` for ids, `"TYPE"` for types).
    package let parameters: [String: String]
    package var phase: ErrorPhase
    package var span: SourceSpan?
    /// The whole statement, kept so that the message can show the line that the span points at.
    package var statement: String?

    package init(_ condition: ErrorCondition, _ parameters: [String: String] = [:], at span: SourceSpan? = nil, phase: ErrorPhase? = nil) {
        self.condition = condition
        self.parameters = parameters
        self.span = span
        self.phase = phase ?? ErrorPhase(condition)
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
