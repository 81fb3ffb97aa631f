package import Columnar

/// What is known of an argument when a call is bound.
package struct ArgumentInfo: Sendable {
    package var type: DataType
    package var nullable: Bool
    /// The value of a foldable argument (`.null` for a constant NULL); nil if it depends on a row.
    package var constant: Value?
    /// Written as a literal, not merely foldable: integer literals take the smallest DECIMAL beside a decimal.
    package var isLiteral: Bool
    /// The column's name or alias, if the argument is no other expression: what `struct` and `arrays_zip` call their fields.
    package var name: String?
    /// As Spark prints the expression in messages and column names, without the quotes around it.
    package var sql: String

    package init(_ type: DataType, nullable: Bool = true, constant: Value? = nil, isLiteral: Bool = false, name: String? = nil, sql: String) {
        self.type = type
        self.nullable = nullable
        self.constant = constant
        self.isLiteral = isLiteral
        self.name = name
        self.sql = sql
    }
}
