/// A volume as it is stored.
package struct VolumeInfo: Sendable, Hashable {
    package enum Kind: String, Sendable, Hashable, CaseIterable {
        case managed = "MANAGED"
        case external = "EXTERNAL"
    }

    let key: Int64
    package let id: String
    package var name: ObjectName
    package let kind: Kind
    package var comment: String?
    package var owner: String
    package let location: String
    package let createdAt: Int64
    package let createdBy: String
    package var updatedAt: Int64
    package var updatedBy: String
    let catalogKind: CatalogInfo.Kind
    let parentRows: ParentRows
    /// Whether the caller sees it by BROWSE alone.
    package var browseOnly = false

    /// Of a catalog over a share: its files are the provider's.
    package var isReceived: Bool { catalogKind == .deltaSharing }

    static func browsed(_ info: inout VolumeInfo) { info.browseOnly = true }
}

package struct VolumeSpec: Sendable {
    package var catalog: String
    package var schema: String
    package var name: String
    package var kind: VolumeInfo.Kind
    package var comment: String?
    /// Required for an external volume, not allowed for a managed one
    package var location: String?

    package init(
        catalog: String, schema: String, name: String, kind: VolumeInfo.Kind = .managed, comment: String? = nil, location: String? = nil
    ) {
        self.catalog = catalog
        self.schema = schema
        self.name = name
        self.kind = kind
        self.comment = comment
        self.location = location
    }
}

/// What an update changes: nil leaves a value as it is.
package struct VolumeChange: Sendable, Hashable {
    package var name: String?
    package var comment: String?
    package var owner: String?

    package init() {}

    package var isEmpty: Bool { self == VolumeChange() }
}
