/// `CONSTRAINT name EXPECT (condition) [ON VIOLATION {DROP ROW | FAIL UPDATE}]` of a streaming table or materialized view.
package struct Expectation: Sendable {
    package enum Violation: Sendable, Hashable {
        /// Rows are counted, and kept.
        case keep
        case dropRow
        case failUpdate
    }

    package let name: Identifier
    package let condition: Expression
    package let violation: Violation

    package init(name: Identifier, condition: Expression, violation: Violation) {
        self.name = name
        self.condition = condition
        self.violation = violation
    }
}
