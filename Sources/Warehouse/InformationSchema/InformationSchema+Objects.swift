import Columnar
import Workspace

/// Catalogs, schemas, tables, views and volumes.
extension InformationSchema {
    static let catalogName = Relation(fields: texts("catalog_name")) { view in [[.string(view.catalog ?? "system")]] }

    static let catalogs = Relation(fields: texts("catalog_name catalog_owner comment?") + traces) { view in
        try view.catalogInfos().map {
            [.string($0.name), .string($0.owner), text($0.comment)] + traces($0.createdAt, $0.createdBy, $0.updatedAt, $0.updatedBy)
        }
    }

    static let schemata = Relation(fields: texts("catalog_name schema_name schema_owner comment?") + traces) { view in
        try view.schemaInfos().map {
            [.string($0.catalog), .string($0.name), .string($0.owner), text($0.comment)]
                + traces($0.createdAt, $0.createdBy, $0.updatedAt, $0.updatedBy)
        }
    }

    static let tables = Relation(
        fields: texts("table_catalog table_schema table_name table_type is_insertable_into commit_action table_owner comment?") + traces
            + texts("data_source_format? storage_sub_directory? storage_path?")
    ) { view in
        try view.tableInfos(columns: false).map { table in
            var row = names(table.name)
            row += [.string(table.type.rawValue), yes(table.isDelta || table.type == .external), .string("PRESERVE")]
            row += [.string(table.owner), text(table.comment)] + traces(table.createdAt, table.createdBy, table.updatedAt, table.updatedBy)
            return row + [.string(table.type.isView ? "UNKNOWN_DATA_SOURCE_FORMAT" : table.format ?? "DELTA"), .null, text(table.location)]
        }
    }

    static let views = Relation(
        fields: texts(
            "table_catalog table_schema table_name view_definition check_option is_updatable is_insertable_into sql_path? is_materialized")
    ) { view in
        try view.tableInfos(columns: false).filter { $0.type.isView || $0.type == .materializedView }.map { table in
            let definition: [Value] = [.string(table.viewDefinition ?? ""), .string("NONE")]
            return names(table.name) + definition + [yes(false), yes(false), .null, yes(table.type == .materializedView)]
        }
    }

    static let volumes = Relation(
        fields: texts("volume_catalog volume_schema volume_name volume_type volume_owner comment? storage_location?") + traces
    ) { view in
        try view.schemaInfos().flatMap { schema in
            try view.workspace.volumes.list(in: SchemaName(catalog: schema.catalog, schema: schema.name), by: view.principal).map { volume in
                names(volume.name) + [.string(volume.kind.rawValue), .string(volume.owner), text(volume.comment), .string(volume.location)]
                    + traces(volume.createdAt, volume.createdBy, volume.updatedAt, volume.updatedBy)
            }
        }
    }

    static func names(_ name: ObjectName) -> [Value] { [.string(name.catalog), .string(name.schema), .string(name.name)] }
}
