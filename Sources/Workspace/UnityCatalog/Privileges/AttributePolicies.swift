import GRDB
package import JSON

/// Row filters and column masks that stand on a catalog, a schema or a table and concern the tables in it whose tags fulfil their conditions:
/// Databricks' attribute-based policies. Kept here as documents in the API's shape; the SQL engine evaluates them.
package struct AttributePolicies: Sendable {
    let workspace: Workspace

    private static let kind = "attribute-policy"
    /// Source: Databricks' documentation of the requirements, quotas and limitations of attribute-based access control.
    private static let mostOnAContainer = 100
    private static let mostOnATable = 50

    /// A policy and where it stands.
    package struct Placed: Sendable {
        package let policy: StoredResource
        package let place: SecurablePath.Step

        package var name: String { policy.body["name"]?.stringValue ?? "" }
        /// Grows with every policy.
        package var position: Int64 { policy.position }
    }

    // MARK: Questions

    /// Where a policy may stand; whoever may manage the object may see, make and change its policies.
    package func place(_ type: SecurableType, _ name: String, by principal: Principal) throws -> SecurablePath {
        guard [.catalog, .schema, .table].contains(type) else {
            throw WorkspaceError.unityCatalog(
                .invalidParameterValue,
                "Creating a policy on securable type \(type.rawValue) is not supported. Supported securable types: CATALOG, SCHEMA, TABLE.")
        }
        return try workspace.store.read { database in
            let path = try Securables.existing(database, type, name)
            try Access(principal, database).requireManage(path)
            return path
        }
    }

    /// Those of the object itself, in the order of their making; with `inherited` those of its parents before them, the outermost first.
    package func list(on path: SecurablePath, inherited: Bool = false) throws -> [Placed] {
        let all = try workspace.resources.list(Self.kind)
        guard !all.isEmpty else { return [] }
        let steps = inherited ? [path.object] + path.parents : [path.object]
        return steps.reversed().flatMap { step in all.filter { $0.parent == step.id }.map { Placed(policy: $0, place: step) } }
    }

    package func find(_ name: String, on path: SecurablePath) throws -> Placed? {
        try workspace.resources.get(Self.kind, Self.id(name, path)).map { Placed(policy: $0, place: path.object) }
    }

    /// Those of a table and of what is around it, the outermost first.
    package func governing(_ table: TableInfo) throws -> [Placed] { try list(on: table.path, inherited: true) }

    // MARK: Changes

    /// Nil: the name is taken.
    package func create(_ body: JSONObject, name: String, on path: SecurablePath, by principal: Principal) throws -> Placed? {
        guard try find(name, on: path) == nil else { return nil }
        let most = path.type == .table ? Self.mostOnATable : Self.mostOnAContainer
        guard try list(on: path).count < most else {
            throw WorkspaceError.unityCatalog(
                .resourceExhausted, "\(path.type.title) '\(path.name)' has \(most) policies already; more are not possible.")
        }
        var body = body
        body["name"] = .string(name)
        body["id"] = .string(workspace.environment.ids.uuid())
        body["updated_by"] = .string(principal.userName)
        let made = try workspace.resources.insert(
            Self.kind, id: Self.id(name, path), uniqueKey: nil, parent: path.object.id, owner: principal.userName, body)
        return Placed(policy: made, place: path.object)
    }

    /// The policy keeps its id, its maker and its time; a new name must be free.
    package func replace(_ placed: Placed, _ body: JSONObject, name: String, on path: SecurablePath, by principal: Principal) throws -> Placed? {
        var body = body
        body["id"] = placed.policy.body["id"]
        body["name"] = .string(name)
        body["updated_by"] = .string(principal.userName)
        let id = Self.id(name, path)
        if id != placed.policy.id {
            guard try find(name, on: path) == nil else { return nil }
            try workspace.resources.rename(Self.kind, placed.policy.id, to: id)
        }
        let changed = try workspace.resources.update(Self.kind, id) { [body] in $0.body = body }
        return changed.map { Placed(policy: $0, place: path.object) }
    }

    /// False if there is none.
    package func delete(_ name: String, on path: SecurablePath) throws -> Bool {
        try workspace.resources.delete(Self.kind, Self.id(name, path))
    }

    /// Objects keep their ids when they are renamed.
    private static func id(_ name: String, _ path: SecurablePath) -> String { "\(path.object.id)/\(name.lowercased())" }

    /// A principal as it is kept; throws for one that does not exist.
    package func principal(_ name: String) throws -> String { try workspace.store.read { try Principals.existing(name, $0) } }
}

/// The governed tags that a table has by itself and from its parents, and those of its columns, which inherit none.
package struct GovernedTags: Sendable {
    /// Empty texts for tags without a value.
    package let table: [String: String]
    /// By column, in lower case
    package let columns: [String: [String: String]]
}

extension Tags {
    package func governed(of table: TableInfo) throws -> GovernedTags {
        let keys = Set(try workspace.resources.list(Self.policyKind).map(\.id))
        guard !keys.isEmpty else { return GovernedTags(table: [:], columns: [:]) }
        return try workspace.store.read { database in
            var own: [String: String] = [:]
            var columns: [String: [String: String]] = [:]
            let path = table.path
            for step in path.parents.reversed() + [path.object] {
                for tag in try Self.rows(step.id, database) where keys.contains(tag.key) {
                    if let column = tag.column {
                        if step.id == path.object.id { columns[column.lowercased(), default: [:]][tag.key] = tag.value ?? "" }
                    } else {
                        own[tag.key] = tag.value ?? ""
                    }
                }
            }
            return GovernedTags(table: own, columns: columns)
        }
    }

    /// Whether a tag policy governs the key.
    package func isGoverned(_ key: String) throws -> Bool { try workspace.resources.get(Self.policyKind, key) != nil }
}

extension Workspace {
    package var attributePolicies: AttributePolicies { AttributePolicies(workspace: self) }
}
