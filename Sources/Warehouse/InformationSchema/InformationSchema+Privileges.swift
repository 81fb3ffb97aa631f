import Columnar
import Workspace

/// Who may do what: one relation for each type of object.
extension InformationSchema {
    /// `grantor, grantee, <the object's names>, privilege_type, is_grantable, inherited_from`, with what is inherited from parents.
    private static func privileges(_ type: SecurableType, _ names: String) -> Relation {
        let columns = names.split(separator: " ").count
        return Relation(fields: texts("grantor grantee \(names) privilege_type is_grantable inherited_from")) { view in
            try view.governed(type).flatMap { path -> [[Value]] in
                let parts = path.name.split(separator: ".").map { Value.string(String($0)) }
                // A routine is named twice, as specific and as routine.
                let shown = Array((parts + parts).prefix(columns))
                return try view.workspace.grants.effective(type, path.name, by: view.principal).flatMap { holder in
                    holder.privileges.map { one in
                        [.string(path.object.owner), .string(holder.principal)] + shown + [
                            .string(one.privilege.rawValue), yes(false), .string(one.inheritedFrom?.type.rawValue ?? "NONE"),
                        ]
                    }
                }
            }
        }
    }

    static let catalogPrivileges = privileges(.catalog, "catalog_name")
    static let schemaPrivileges = privileges(.schema, "catalog_name schema_name")
    static let tablePrivileges = privileges(.table, "table_catalog table_schema table_name")
    static let volumePrivileges = privileges(.volume, "volume_catalog volume_schema volume_name")
    static let routinePrivileges = privileges(
        .function, "specific_catalog specific_schema specific_name routine_catalog routine_schema routine_name")
    static let metastorePrivileges = privileges(.metastore, "metastore_id")
    static let connectionPrivileges = privileges(.connection, "connection_name")
    static let credentialPrivileges = privileges(.credential, "credential_name")
    static let externalLocationPrivileges = privileges(.externalLocation, "external_location_name")
    static let storageCredentialPrivileges = privileges(.storageCredential, "storage_credential_name")

    /// The objects of a type that the caller may see, in this catalog or in the metastore.
    func governed(_ type: SecurableType) throws -> [SecurablePath] {
        switch type {
        case .catalog: try catalogInfos().map(\.path)
        case .schema: try schemaInfos().map(\.path)
        case .table: try tableInfos(columns: false).map(\.path)
        case .volume: try schemaInfos().flatMap { try workspace.volumes.list(in: $0.schemaName, by: principal) }.map(\.path)
        case .function: try schemaInfos().flatMap { try workspace.functions.list(in: $0.schemaName, by: principal) }.map(\.path)
        case .metastore: catalog == nil ? [try workspace.securable(.metastore, workspace.metastore.id, by: .system)] : []
        default:
            catalog == nil ? try workspace.catalogObjects(type).list(by: principal).map { try workspace.securable(type, $0.name, by: principal) } : []
        }
    }
}

extension SchemaInfo {
    var schemaName: SchemaName { SchemaName(catalog: catalog, schema: name) }
}
