/// What a relation of the catalog is.
package enum TableType: String, Sendable, Hashable, CaseIterable {
    case managed = "MANAGED"
    case external = "EXTERNAL"
    case view = "VIEW"
    case materializedView = "MATERIALIZED_VIEW"
    case streamingTable = "STREAMING_TABLE"
    case foreign = "FOREIGN"
    case metricView = "METRIC_VIEW"
    case managedShallowClone = "MANAGED_SHALLOW_CLONE"
    case externalShallowClone = "EXTERNAL_SHALLOW_CLONE"

    /// Defined by a query and without files of its own.
    package var isView: Bool { self == .view || self == .metricView }

    /// What it takes in a schema to make one.
    var creation: Privilege { self == .materializedView ? .createMaterializedView : .createTable }
}

/// A table or a view as it is stored, with what it takes from its parents.
package struct TableInfo: Sendable, Hashable {
    let key: Int64
    package let id: String
    package var name: ObjectName
    package var type: TableType
    /// `DELTA`, `PARQUET`, …; nil for views
    package var format: String?
    package var columns: ColumnList
    package var comment: String?
    package var owner: String
    /// Nil for views
    package var location: String?
    package var properties: PropertyMap
    /// The query of a view
    package var viewDefinition: String?
    /// Further members of the API's object as a compact JSON object: `table_constraints`, `view_dependencies`, `row_filter`, `sql_path`, …
    package var details: String?
    package var predictiveOptimization: PredictiveOptimization
    package let createdAt: Int64
    package let createdBy: String
    package var updatedAt: Int64
    package var updatedBy: String
    let schemaKey: Int64
    let catalogKind: CatalogInfo.Kind
    let catalogPredictiveOptimization: PredictiveOptimization
    let schemaPredictiveOptimization: PredictiveOptimization
    let parentRows: ParentRows
    /// Whether the caller sees it by BROWSE alone.
    package var browseOnly = false

    static func browsed(_ info: inout TableInfo) { info.browseOnly = true }

    /// Whether it is a Delta table that may be written to by name; streaming tables and materialized views are their pipelines'.
    package var isDelta: Bool {
        switch type {
        case .managed, .managedShallowClone, .externalShallowClone: true
        case .external: format?.uppercased() ?? "DELTA" == "DELTA"
        default: false
        }
    }

    /// Whether it is one of the service's own, or a provider's.
    package var isReadOnly: Bool { catalogKind.isReadOnly }

    /// Whether it lies in a catalog over a share: its data are the provider's.
    package var isReceived: Bool { catalogKind == .deltaSharing }

    package var effectivePredictiveOptimization: PredictiveOptimization.Effective {
        PredictiveOptimization.effective(
            predictiveOptimization, schema: (schemaPredictiveOptimization, "\(name.catalog).\(name.schema)"),
            catalog: (catalogPredictiveOptimization, name.catalog))
    }
}

/// A table or view to be created. The location of a managed table comes from `Tables.reserve`.
package struct TableSpec: Sendable {
    package var name: ObjectName
    package var type: TableType
    package var format: String?
    package var columns: ColumnList
    /// Made up if nil
    package var id: String?
    package var location: String?
    package var comment: String?
    package var properties = PropertyMap.empty
    package var viewDefinition: String?
    package var details: String?

    package init(_ name: ObjectName, _ type: TableType, format: String? = nil, columns: ColumnList = .none) {
        self.name = name
        self.type = type
        self.format = format
        self.columns = columns
    }
}

/// What an alteration changes: nil leaves a value as it is, an empty text removes it.
package struct TableChange: Sendable, Hashable {
    package var columns: ColumnList?
    package var comment: String?
    package var owner: String?
    package var properties: PropertyMap?
    package var viewDefinition: String?
    package var details: String?
    package var predictiveOptimization: PredictiveOptimization?

    package init() {}

    package var isEmpty: Bool { self == TableChange() }
}

/// What to do if the name is taken.
package enum CreateMode: Sendable, Hashable {
    /// `TABLE_ALREADY_EXISTS`
    case create
    /// Leave it as it is (IF NOT EXISTS)
    case ifNotExists
    /// Put the new definition in its place (OR REPLACE); id, location of a managed table, owner and time of creation stay
    case replace
}

/// What a creation did.
package enum CreateOutcome: Sendable, Hashable {
    case created(TableInfo)
    case existed(TableInfo)
    case replaced(TableInfo, before: TableInfo)

    package var table: TableInfo {
        switch self {
        case .created(let table), .existed(let table), .replaced(let table, _): table
        }
    }
}
