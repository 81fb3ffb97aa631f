/// CREATE, DROP, DESCRIBE and SHOW of attribute-based policies.
package enum PolicyStatement: Sendable {
    /// Where a policy stands: a catalog, a schema or a table.
    package struct Place: Sendable {
        package let kind: ObjectKind
        package let name: NameReference
    }

    case create(CreatePolicy)
    case drop(Identifier, on: Place)
    case describe(Identifier, on: Place)
    case show(on: Place, effective: Bool)
}

package struct CreatePolicy: Sendable {
    package enum Effect: Sendable {
        case rowFilter
        /// The alias behind ON COLUMN
        case columnMask(Identifier)
    }

    package struct Match: Sendable {
        package let condition: Expression
        package let alias: Identifier?
    }

    package let name: Identifier
    package let orReplace: Bool
    package let place: PolicyStatement.Place
    package let comment: String?
    package let function: NameReference
    package let effect: Effect
    package let principals: [Identifier]
    package let exceptions: [Identifier]
    package let condition: Expression?
    package let matches: [Match]
    /// Aliases and literals
    package let arguments: [Expression]
}
