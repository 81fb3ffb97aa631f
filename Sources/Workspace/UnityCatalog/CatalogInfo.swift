/// A catalog as it is stored.
package struct CatalogInfo: Sendable, Hashable {
    package enum Kind: String, Sendable, Hashable {
        case managed = "MANAGED_CATALOG"
        /// Made by the service: `system`, `samples`
        case system = "SYSTEM_CATALOG"
        /// `hive_metastore`
        case `internal` = "INTERNAL_CATALOG"
        case deltaSharing = "DELTASHARING_CATALOG"
        case foreign = "FOREIGN_CATALOG"
        /// A database of a database instance
        case online = "MANAGED_ONLINE_CATALOG"
    }

    /// The store's own number of the row.
    let key: Int64
    package let id: String
    package var name: String
    package let kind: Kind
    package var comment: String?
    package var owner: String
    package let storageRoot: String?
    /// Where managed tables and volumes lie; nil for the service's own catalogs.
    package let storageLocation: String?
    package var isolationMode: String
    package var predictiveOptimization: PredictiveOptimization
    package var properties: PropertyMap
    package var options: PropertyMap
    package var retentionHours: Int?
    /// `managed_encryption_settings` as it was sent, compact JSON
    package var encryption: String?
    package let createdAt: Int64
    package let createdBy: String
    package var updatedAt: Int64
    package var updatedBy: String
    /// Whether the caller sees it by BROWSE alone.
    package var browseOnly = false

    /// The connection of a foreign catalog; it is kept among the options.
    package var connection: String? { kind == .foreign ? options[CatalogInfo.connectionOption] : nil }
    static let connectionOption = "connection_name"

    static func browsed(_ info: inout CatalogInfo) { info.browseOnly = true }

    package var effectivePredictiveOptimization: PredictiveOptimization.Effective {
        PredictiveOptimization.effective(predictiveOptimization)
    }
}

/// What is asked for when a catalog is created.
package struct CatalogSpec: Sendable {
    package var name: String
    package var comment: String?
    package var storageRoot: String?
    package var properties = PropertyMap.empty
    package var options = PropertyMap.empty
    package var retentionHours: Int?
    package var encryption: String?
    /// The connection of a foreign catalog.
    package var connection: String?
    /// Provider and share of a catalog over one.
    package var share: (provider: String, share: String)?

    /// Whether it is a database of a database instance.
    package private(set) var isOnline = false

    package init(onlineNamed name: String) {
        self.init(name: name)
        isOnline = true
    }

    package init(name: String, comment: String? = nil, storageRoot: String? = nil) {
        self.name = name
        self.comment = comment
        self.storageRoot = storageRoot
    }
}

/// What an update changes: nil leaves a value as it is.
package struct CatalogChange: Sendable, Hashable {
    package var name: String?
    package var comment: String?
    package var owner: String?
    package var isolationMode: String?
    package var predictiveOptimization: PredictiveOptimization?
    package var properties: PropertyMap?
    package var options: PropertyMap?
    package var retentionHours: Int?
    package var encryption: String?

    package init() {}

    package var isEmpty: Bool { self == CatalogChange() }
}

/// Objects that an operation dropped with their parent, whose data can now be removed.
package struct DroppedObjects: Sendable, Hashable {
    /// Locations of managed tables.
    package var tables: [String] = []
    /// Locations of managed volumes.
    package var volumes: [String] = []

    package init() {}
}
