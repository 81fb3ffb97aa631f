/// A governed object with its parents: what a check of privileges walks along.
package struct SecurablePath: Sendable, Hashable {
    package struct Step: Sendable, Hashable {
        package let type: SecurableType
        package let id: String
        /// Full name
        package let name: String
        package let owner: String
    }

    /// The object.
    package let object: Step
    /// Nearest first; the metastore is not among them.
    package let parents: [Step]
    /// The type of a table, for what can be granted on it; empty for others.
    package let kind: String
    /// Of the catalog around; nil for an object of the metastore.
    let catalogKind: CatalogInfo.Kind?
    /// `ISOLATED` catalogs and metastore objects are usable only where they are bound to.
    let isIsolated: Bool

    init(_ object: Step, parents: [Step] = [], kind: String = "", catalogKind: CatalogInfo.Kind? = nil, isIsolated: Bool = false) {
        self.object = object
        self.parents = parents
        self.kind = kind
        self.catalogKind = catalogKind
        self.isIsolated = isIsolated
    }

    package var type: SecurableType { object.type }
    package var name: String { object.name }

    /// The object first.
    var steps: [Step] { [object] + parents }

    /// A child that does not exist yet or that has no grants of its own: its checks are those of its parent.
    var parent: SecurablePath? {
        guard let first = parents.first else { return nil }
        return SecurablePath(first, parents: Array(parents.dropFirst()), catalogKind: catalogKind, isIsolated: isIsolated)
    }
}

extension CatalogInfo {
    package var path: SecurablePath {
        SecurablePath(
            .init(type: .catalog, id: id, name: name, owner: owner), catalogKind: kind, isIsolated: isolationMode == Bindings.isolated)
    }
}

/// What an object in a catalog knows of its parents.
struct ParentRows: Sendable, Hashable {
    let catalogID: String
    let catalogOwner: String
    let catalogIsolation: String
    /// Empty for a schema's own row
    let schemaID: String
    let schemaOwner: String

    /// The columns for `c` (catalog) and `s` (schema), in the order in which `init` reads them.
    static let ofSchema = "c.id, c.owner, c.isolation_mode"
    static let ofObject = "\(ofSchema), s.id, s.owner"

    /// - Parameter first: position of the first of these columns.
    init(_ row: borrowing SQLRow, from first: Int32, inSchema: Bool) {
        catalogID = row[first]
        catalogOwner = row[first + 1]
        catalogIsolation = row[first + 2]
        schemaID = inSchema ? row[first + 3] : ""
        schemaOwner = inSchema ? row[first + 4] : ""
    }

    /// Of an object without parents.
    static let none = ParentRows()

    private init() { (catalogID, catalogOwner, catalogIsolation, schemaID, schemaOwner) = ("", "", "", "", "") }

    /// Whether the principal owns the parents too, and they are there for every workspace: then nothing needs a closer look.
    func areOpen(to principal: Principal) -> Bool {
        catalogIsolation != Bindings.isolated && principal.isNamed(catalogOwner) && (schemaID.isEmpty || principal.isNamed(schemaOwner))
    }

    func path(
        _ type: SecurableType, id: String, name: String, owner: String, catalog: String, schema: String?, kind: String = "",
        catalogKind: CatalogInfo.Kind
    ) -> SecurablePath {
        var parents: [SecurablePath.Step] = []
        if let schema {
            parents.append(.init(type: .schema, id: schemaID, name: "\(catalog).\(schema)", owner: schemaOwner))
        }
        parents.append(.init(type: .catalog, id: catalogID, name: catalog, owner: catalogOwner))
        return SecurablePath(
            .init(type: type, id: id, name: name, owner: owner), parents: parents, kind: kind, catalogKind: catalogKind,
            isIsolated: catalogIsolation == Bindings.isolated)
    }
}

extension SchemaInfo {
    package var path: SecurablePath {
        parentRows.path(.schema, id: id, name: fullName, owner: owner, catalog: catalog, schema: nil, catalogKind: catalogKind)
    }
}

extension TableInfo {
    package var path: SecurablePath {
        parentRows.path(
            .table, id: id, name: name.description, owner: owner, catalog: name.catalog, schema: name.schema, kind: type.rawValue,
            catalogKind: catalogKind)
    }
}

extension VolumeInfo {
    package var path: SecurablePath {
        parentRows.path(
            .volume, id: id, name: name.description, owner: owner, catalog: name.catalog, schema: name.schema, catalogKind: catalogKind)
    }
}

extension FunctionInfo {
    package var path: SecurablePath {
        parentRows.path(
            .function, id: id, name: name.description, owner: owner, catalog: name.catalog, schema: name.schema, catalogKind: catalogKind)
    }
}
