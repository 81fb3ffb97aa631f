/// A schema as it is stored, with what it takes from its catalog.
package struct SchemaInfo: Sendable, Hashable {
    let key: Int64
    package let id: String
    package let catalog: String
    package let catalogKind: CatalogInfo.Kind
    package var name: String
    package var comment: String?
    package var owner: String
    package let storageRoot: String?
    package let storageLocation: String?
    package var predictiveOptimization: PredictiveOptimization
    package var properties: PropertyMap
    package var retentionHours: Int?
    package let createdAt: Int64
    package let createdBy: String
    package var updatedAt: Int64
    package var updatedBy: String
    let catalogPredictiveOptimization: PredictiveOptimization
    /// Where a managed table or volume of this schema is put: below the schema's own location, or the catalog's.
    let managedRoot: String?
    let parentRows: ParentRows
    /// Whether the caller sees it by BROWSE alone.
    package var browseOnly = false

    static func browsed(_ info: inout SchemaInfo) { info.browseOnly = true }

    package var fullName: String { "\(catalog).\(name)" }

    package var effectivePredictiveOptimization: PredictiveOptimization.Effective {
        PredictiveOptimization.effective(predictiveOptimization, catalog: (catalogPredictiveOptimization, catalog))
    }

    /// Made and owned by the service.
    package var isInformationSchema: Bool { name == Schemas.informationSchema && catalogKind != .internal }
}

package struct SchemaSpec: Sendable {
    package var catalog: String
    package var name: String
    package var comment: String?
    package var storageRoot: String?
    package var properties = PropertyMap.empty
    package var retentionHours: Int?

    package init(catalog: String, name: String, comment: String? = nil, storageRoot: String? = nil) {
        self.catalog = catalog
        self.name = name
        self.comment = comment
        self.storageRoot = storageRoot
    }
}

/// What an update changes: nil leaves a value as it is.
package struct SchemaChange: Sendable, Hashable {
    package var name: String?
    package var comment: String?
    package var owner: String?
    package var predictiveOptimization: PredictiveOptimization?
    package var properties: PropertyMap?
    package var retentionHours: Int?

    package init() {}

    package var isEmpty: Bool { self == SchemaChange() }
}
