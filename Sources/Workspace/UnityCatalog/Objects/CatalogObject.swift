package import JSON

/// A governed object that has no table of its own in the store: its type's own members are kept as one JSON object.
package struct CatalogObject: Sendable, Hashable {
    let key: Int64
    package let id: String
    package let type: SecurableType
    /// The id of the schema around; empty for an object of the metastore.
    let parent: String
    /// Full name of the schema around; empty for an object of the metastore.
    package let schema: String
    package var name: String
    package var owner: String
    package var comment: String?
    package var fields: JSONObject
    package let createdAt: Int64
    package let createdBy: String
    package var updatedAt: Int64
    package var updatedBy: String

    package var fullName: String { schema.isEmpty ? name : "\(schema).\(name)" }
}

/// What is asked for when an object is created.
package struct CatalogObjectSpec: Sendable {
    /// Full name of the schema; empty for an object of the metastore.
    package var schema: String
    package var name: String
    package var comment: String?
    package var fields: JSONObject

    package init(schema: String = "", name: String, comment: String? = nil, fields: JSONObject = JSONObject()) {
        self.schema = schema
        self.name = name
        self.comment = comment
        self.fields = fields
    }
}

/// What an update changes: nil leaves a value as it is; members of `fields` are replaced one by one.
package struct CatalogObjectChange: Sendable, Hashable {
    package var name: String?
    package var owner: String?
    package var comment: String?
    package var fields = JSONObject()

    package init() {}

    package var isEmpty: Bool { self == CatalogObjectChange() }
}
