package import Columnar

/// Identifies a column within one statement's plan; every operator that makes a column gives it a new one.
package struct ColumnID: Sendable, Hashable {
    package let number: Int

    package init(_ number: Int) { self.number = number }
}

/// A column of an operator's output.
package struct Attribute: Sendable {
    package let id: ColumnID
    package var name: String
    package var type: DataType
    package var nullable: Bool
    package var comment: String?

    package init(_ id: ColumnID, _ name: String, _ type: DataType, nullable: Bool, comment: String? = nil) {
        self.id = id
        self.name = name
        self.type = type
        self.nullable = nullable
        self.comment = comment
    }

    var reference: ResolvedExpression { .column(ColumnReference(self)) }

    func with(id: ColumnID) -> Attribute { Attribute(id, name, type, nullable: nullable, comment: comment) }

    func with(nullable: Bool) -> Attribute { Attribute(id, name, type, nullable: nullable, comment: comment) }

    func with(name: String) -> Attribute { Attribute(id, name, type, nullable: nullable, comment: comment) }
}

/// Hands out ids within one statement.
struct ColumnIDs: Sendable {
    private(set) var next = 0

    mutating func make() -> ColumnID {
        defer { next += 1 }
        return ColumnID(next)
    }
}

extension [Attribute] {
    /// What a result with these columns looks like from outside.
    var schema: Schema { Schema(map { Field($0.name, $0.type, nullable: $0.nullable, comment: $0.comment) }) }

    var ids: Set<ColumnID> { Set(map(\.id)) }
}
