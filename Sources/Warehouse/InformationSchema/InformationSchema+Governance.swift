import Columnar
import JSON
import Workspace

/// Tags, row filters and column masks.
extension InformationSchema {
    private static func tags(_ type: SecurableType, _ names: String) -> Relation {
        Relation(fields: texts("\(names) tag_name tag_value")) { view in
            try view.governed(type).flatMap { path in
                try view.workspace.tags.all(of: path).filter { $0.column == nil }.map { tag in
                    path.name.split(separator: ".").map { .string(String($0)) } + [.string(tag.key), .string(tag.value ?? "")]
                }
            }
        }
    }

    static let catalogTags = tags(.catalog, "catalog_name")
    static let schemaTags = tags(.schema, "catalog_name schema_name")
    static let tableTags = tags(.table, "catalog_name schema_name table_name")
    static let volumeTags = tags(.volume, "catalog_name schema_name volume_name")

    static let columnTags = Relation(fields: texts("catalog_name schema_name table_name column_name tag_name tag_value")) { view in
        try view.governed(.table).flatMap { path in
            try view.workspace.tags.all(of: path).compactMap { tag -> [Value]? in
                guard let column = tag.column else { return nil }
                return path.name.split(separator: ".").map { .string(String($0)) } + [
                    .string(column), .string(tag.key), .string(tag.value ?? ""),
                ]
            }
        }
    }

    static let rowFilters = Relation(
        fields: texts("table_catalog table_schema table_name filter_catalog filter_schema filter_name target_columns")
    ) { view in
        try view.tableInfos(columns: false).compactMap { table in
            guard let filter = TablePolicies(table).rowFilter else { return nil }
            return names(table.name) + filter.function.map { .string($0) } + [.string(filter.columns.joined(separator: ", "))]
        }
    }

    static let columnMasks = Relation(
        fields: texts("table_catalog table_schema table_name column_name mask_catalog mask_schema mask_name using_columns")
    ) { view in
        try view.tableInfos(columns: true).flatMap { table -> [[Value]] in
            let known = table.columns.all
            return TablePolicies(table).masks.map { mask in
                let column = known.first { $0.name.lowercased() == mask.column }?.name ?? mask.column
                return names(table.name) + [.string(column)] + mask.call.function.map { .string($0) } + [
                    .string(mask.call.columns.joined(separator: ", "))
                ]
            }
        }
    }

    // MARK: Objects of the metastore

    static let metastores = Relation(
        fields: texts("metastore_id metastore_name metastore_owner storage_root? cloud region global_metastore_id") + traces
    ) { view in
        if view.catalog != nil { return [] }
        let store = try view.workspace.metastore
        return [
            [
                .string(store.id), .string(store.name), .string(store.owner), .string(store.storageRoot), .string(store.cloud), .string(store.region),
                .string(store.globalID),
            ] + traces(store.createdAt, store.createdBy, store.updatedAt, store.updatedBy)
        ]
    }

    /// Objects that have no table of their own, with some of their members between owner and comment.
    private static func objects(_ types: [SecurableType], _ prefix: String, _ members: [String], owner: String) -> Relation {
        Relation(
            fields: texts("\(prefix)_name \(owner)" + members.map { " \($0)?" }.joined() + " comment?") + traces
        ) { view in
            if view.catalog != nil { return [] }
            return try types.flatMap { try view.workspace.catalogObjects($0).list(by: view.principal) }.sorted { $0.name < $1.name }.map { object in
                [.string(object.name), .string(object.owner)] + members.map { text(object.fields[$0].map { $0.stringValue ?? $0.text }) }
                    + [text(object.comment)] + traces(object.createdAt, object.createdBy, object.updatedAt, object.updatedBy)
            }
        }
    }

    static let connections = objects([.connection], "connection", ["connection_type", "options"], owner: "connection_owner")
    static let externalLocations = objects(
        [.externalLocation], "external_location", ["url", "credential_name", "read_only"], owner: "external_location_owner")
    static let storageCredentials = objects(
        [.storageCredential], "storage_credential", ["read_only"], owner: "storage_credential_owner")
    static let credentials = objects([.credential, .storageCredential], "credential", ["read_only"], owner: "credential_owner")

    static let governance: [String: Relation] = [
        "catalog_privileges": catalogPrivileges, "schema_privileges": schemaPrivileges, "table_privileges": tablePrivileges,
        "volume_privileges": volumePrivileges, "routine_privileges": routinePrivileges, "metastore_privileges": metastorePrivileges,
        "connection_privileges": connectionPrivileges, "credential_privileges": credentialPrivileges,
        "external_location_privileges": externalLocationPrivileges, "storage_credential_privileges": storageCredentialPrivileges,
        "catalog_tags": catalogTags, "schema_tags": schemaTags, "table_tags": tableTags, "volume_tags": volumeTags, "column_tags": columnTags,
        "row_filters": rowFilters, "column_masks": columnMasks, "metastores": metastores, "connections": connections,
        "external_locations": externalLocations, "storage_credentials": storageCredentials, "credentials": credentials,
    ]
}
