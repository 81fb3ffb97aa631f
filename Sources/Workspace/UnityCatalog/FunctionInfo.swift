/// A SQL function as it is stored.
package struct FunctionInfo: Sendable, Hashable {
    let key: Int64
    package let id: String
    package let name: ObjectName
    /// The whole CREATE FUNCTION statement.
    package let definition: String
    /// What the engine keeps beside the text, as JSON.
    package let details: String?
    package let comment: String?
    package let owner: String
    package let createdAt: Int64
    package let createdBy: String
    package let updatedAt: Int64
    package let updatedBy: String
    let catalogKind: CatalogInfo.Kind
    let parentRows: ParentRows
    /// Whether the caller sees it by BROWSE alone.
    package var browseOnly = false

    static func browsed(_ info: inout FunctionInfo) { info.browseOnly = true }
}

package struct FunctionSpec: Sendable {
    package let name: ObjectName
    package let definition: String
    package var details: String?
    package var comment: String?

    package init(_ name: ObjectName, definition: String) {
        self.name = name
        self.definition = definition
    }
}
