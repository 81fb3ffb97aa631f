import Columnar
import SparkErrors
import SparkSQL
import SparkSyntax
import Workspace

/// GRANT, REVOKE and SHOW GRANTS.
extension StatementRunner {
    func grant(_ grant: Grant) throws(SQLError) -> ResultSet { try changeGrants(grant, adds: true) }

    func revoke(_ grant: Grant) throws(SQLError) -> ResultSet { try changeGrants(grant, adds: false) }

    private func changeGrants(_ grant: Grant, adds: Bool) throws(SQLError) -> ResultSet {
        let (type, name) = try securable(grant.objectKind, grant.object)
        return try onCatalog(name.split(separator: ".").map(String.init)) {
            let privileges = try grant.privileges.map { words in
                guard let privilege = Privilege(words: words) else {
                    throw WorkspaceError.invalid("Privilege \(words) is not a known privilege.")
                }
                return privilege
            }
            var change = Grants.Change(principal: grant.principal.text)
            if adds { change.add = privileges } else { change.remove = privileges }
            try workspace.grants.update(type, name, [change], by: principal)
            return .none
        }
    }

    /// The object's own grants and those that it inherits, each under the object that it was made on.
    func showGrants(of holder: Identifier?, on kind: ObjectKind?, _ reference: NameReference?) throws(SQLError) -> ResultSet {
        guard let kind else {
            let shown = SQLQuote.id([holder?.text ?? principal.userName])
            throw SQLError(
                .catalogRequestRefused,
                [
                    "code": "INVALID_PARAMETER_VALUE",
                    "message": "For unity catalog, please specify the catalog name explicitly. E.g. SHOW GRANT \(shown) ON CATALOG main",
                ])
        }
        let (type, name) = try securable(kind, reference)
        let rows = try onCatalog(name.split(separator: ".").map(String.init)) {
            let assignments = try workspace.grants.effective(type, name, of: holder?.text, by: principal)
            return assignments.flatMap { assignment in
                assignment.privileges.map { one -> [Value] in
                    [
                        .string(assignment.principal), .string(one.privilege.words),
                        .string((one.inheritedFrom?.type ?? type).rawValue.split(separator: "_").joined(separator: " ")),
                        .string(one.inheritedFrom?.name ?? name),
                    ]
                }
            }
        }
        return ResultSet(["Principal", "ActionType", "ObjectType", "ObjectKey"].map { Field($0, .text, nullable: false) }, rows: rows)
    }

    /// The object of the catalog that a kind and a name mean.
    func securable(_ kind: ObjectKind, _ reference: NameReference?) throws(SQLError) -> (type: SecurableType, name: String) {
        let type = try Self.securableType(kind)
        guard let reference else {
            return (type, try onCatalog { try workspace.metastore.id })
        }
        switch type.nameParts {
        case 2: return (type, try schemaName(reference).description)
        case 3: return (type, try objectName(reference).description)
        default: return (type, try catalogName(reference))
        }
    }

    static func securableType(_ kind: ObjectKind) throws(SQLError) -> SecurableType {
        switch kind {
        case .catalog: .catalog
        case .schema: .schema
        case .table, .view, .materializedView, .streamingTable: .table
        case .volume: .volume
        case .function: .function
        case .model: .model
        case .connection: .connection
        case .share: .share
        case .recipient: .recipient
        case .provider: .provider
        case .metastore: .metastore
        case .externalLocation: .externalLocation
        case .storageCredential: .storageCredential
        case .serviceCredential, .credential: .credential
        case .procedure, .cleanRoom, .anyFile, .column, .temporaryFunction: throw .notSimulated("privileges on \(kind.rawValue)")
        }
    }
}
