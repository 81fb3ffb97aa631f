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

/// `CREATE FLOW name [COMMENT text] AS INSERT INTO table BY NAME query`, of a pipeline.
package struct CreateFlow: Sendable {
    package let name: NameReference
    package let comment: String?
    package let insert: Insert

    package init(name: NameReference, comment: String?, insert: Insert) {
        self.name = name
        self.comment = comment
        self.insert = insert
    }
}
