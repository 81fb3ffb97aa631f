/// `CREATE SHARE [IF NOT EXISTS] name [COMMENT '…']`.
package struct CreateShare: Sendable {
    package let name: NameReference
    package let ifNotExists: Bool
    package let comment: String?
}

/// `CREATE RECIPIENT [IF NOT EXISTS] name [USING ID '…'] [COMMENT '…'] [PROPERTIES (…)]`.
package struct CreateRecipient: Sendable {
    package let name: NameReference
    package let ifNotExists: Bool
    /// `cloud:region:uuid` of the other side's metastore; nil for a recipient with a token.
    package var identifier: String?
    package var comment: String?
    package var properties: [Property] = []
}

/// What ALTER SHARE does to one object in the share.
package struct ShareChange: Sendable {
    package enum Verb: Sendable { case add, alter, remove }

    /// `column = value`, `column LIKE 'pattern'` or `column = CURRENT_RECIPIENT().key`.
    package struct Condition: Sendable {
        package enum Operand: Sendable {
            case value(Expression)
            /// A property of the recipient.
            case property(String)
        }

        package let column: Identifier
        package let isPattern: Bool
        package let operand: Operand
    }

    package let verb: Verb
    package let kind: ObjectKind
    package let name: NameReference
    package var comment: String?
    /// Any of the lists must hold, all conditions of it; nil if no PARTITION is written.
    package var partitions: [[Condition]]?
    package var alias: MultipartIdentifier?
    /// WITH or WITHOUT HISTORY; nil if neither is written.
    package var history: Bool?
}
