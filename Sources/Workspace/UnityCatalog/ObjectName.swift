/// Names of Unity Catalog objects: case does not matter, and they are stored and shown in lower case.
package enum SecurableName {
    /// Longest name in characters.
    static let longest = 255

    /// No spaces, periods, slashes or control characters.
    package static func isValid(_ name: String) -> Bool {
        guard !name.isEmpty, name.utf8.count <= longest * 4 else { return false }
        var count = 0
        for scalar in name.unicodeScalars {
            count += 1
            if scalar.value <= 0x20 || scalar.value == 0x7F || scalar == "." || scalar == "/"
                || (scalar.value >= 0x80 && scalar.value < 0xA0)
            {
                return false
            }
        }
        return count <= longest
    }

    /// A name for a new object, in lower case. `rpc` and `field` are the service's words in the error: `CreateCatalog`, `CatalogInfo.name`.
    package static func new(_ name: String, rpc: String, field: String) throws(WorkspaceError) -> String {
        guard isValid(name) else { throw .invalidName(name, rpc: rpc, field: field) }
        return name.lowercased()
    }

    /// The parts of a full name that must have `count` of them.
    static func parts(_ fullName: String, count: Int, rpc: String, field: String) throws(WorkspaceError) -> [String] {
        let parts = fullName.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count == count else { throw .invalidName(fullName, rpc: rpc, field: field) }
        var names: [String] = []
        names.reserveCapacity(count)
        for part in parts {
            let name = part.lowercased()
            guard isValid(name) else { throw .invalidName(fullName, rpc: rpc, field: field) }
            names.append(name)
        }
        return names
    }
}

/// A schema's name in its catalog, in lower case.
package struct SchemaName: Sendable, Hashable, CustomStringConvertible {
    package let catalog: String
    package let schema: String

    package init(catalog: String, schema: String) {
        self.catalog = catalog.lowercased()
        self.schema = schema.lowercased()
    }

    /// From `catalog.schema` as it stands in a path.
    package init(fullName: String, rpc: String, field: String) throws(WorkspaceError) {
        let parts = try SecurableName.parts(fullName, count: 2, rpc: rpc, field: field)
        catalog = parts[0]
        schema = parts[1]
    }

    package var description: String { "\(catalog).\(schema)" }
}

/// The name of a table, view or volume in its schema, in lower case.
package struct ObjectName: Sendable, Hashable, CustomStringConvertible {
    package let catalog: String
    package let schema: String
    package let name: String

    package init(catalog: String, schema: String, name: String) {
        self.catalog = catalog.lowercased()
        self.schema = schema.lowercased()
        self.name = name.lowercased()
    }

    /// Names that are in lower case already.
    init(stored catalog: String, _ schema: String, _ name: String) {
        self.catalog = catalog
        self.schema = schema
        self.name = name
    }

    /// From `catalog.schema.name` as it stands in a path.
    package init(fullName: String, rpc: String, field: String) throws(WorkspaceError) {
        let parts = try SecurableName.parts(fullName, count: 3, rpc: rpc, field: field)
        catalog = parts[0]
        schema = parts[1]
        name = parts[2]
    }

    package var schemaName: SchemaName { SchemaName(catalog: catalog, schema: schema) }
    package var description: String { "\(catalog).\(schema).\(name)" }
}
