extension ObjectName {
    /// A Delta table that no catalog knows: ``delta.`s3://bucket/table` ``.
    package init(path: String) { self.init(catalog: "", schema: "delta", name: path) }

    package var isPath: Bool { catalog.isEmpty }
}

extension TableInfo {
    /// A Delta table by its path. `location`: where its files lie in the object store, with a scheme.
    package init(
        path name: ObjectName, location: String, columns: ColumnList, properties: PropertyMap, id: String, comment: String?, createdAt: Int64
    ) {
        self.init(
            key: 0, id: id, name: name, type: .external, format: "DELTA", columns: columns, comment: comment, owner: "", location: location,
            properties: properties, viewDefinition: nil, details: nil, predictiveOptimization: .inherit, createdAt: createdAt, createdBy: "",
            updatedAt: createdAt, updatedBy: "", schemaKey: 0, catalogKind: .managed, catalogPredictiveOptimization: .inherit,
            schemaPredictiveOptimization: .inherit, parentRows: .none)
    }
}
