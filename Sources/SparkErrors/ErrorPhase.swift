/// When a statement failed; Spark shows the place in the text differently for each.
package enum ErrorPhase: Sendable, Hashable {
    /// A line break before the message. `PARSE_…`: `(line 1, pos 0)` and the whole text with a mark under the place; other conditions
    /// are followed by the refused clause as in `.execution`.
    case parsing
    /// `; line 1 pos 14`.
    case analysis
    /// `== SQL (line 1, position 8) ==` and the failed part of the text, underlined.
    case execution

    /// What an error is unless its thrower says otherwise: classes 21 (cardinality), 22 (data) and the user's own errors arise from rows.
    init(_ condition: ErrorCondition) {
        if condition.name.hasPrefix("PARSE_") || condition == .invalidTypedLiteral {
            self = .parsing
        } else if condition.sqlState.hasPrefix("22") || condition.sqlState.hasPrefix("21") || condition.sqlState == "P0001"
            || condition.sqlState.hasPrefix("39") || condition.sqlState == "23K01" || condition.sqlState == "2203G"
        {
            self = .execution
        } else {
            self = .analysis
        }
    }
}
