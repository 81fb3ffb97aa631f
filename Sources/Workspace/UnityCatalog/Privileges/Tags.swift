import GRDB
import JSON

/// A tag on an object or on a column of a table.
package struct Tag: Sendable, Hashable {
    package let key: String
    /// Nil: a tag without a value
    package let value: String?
    /// Nil: of the object itself
    package let column: String?
    package let updatedAt: Int64
    package let updatedBy: String
}

/// Tags of catalogs, schemas, tables, volumes and columns. Keys keep their case; an object has at most 50.
package struct Tags: Sendable {
    let workspace: Workspace

    private static let most = 50

    /// What an entity type of the API names: the object, and the column for `columns`.
    package struct Entity: Sendable, Hashable {
        package let type: SecurableType
        package let name: String
        package let column: String?

        package init(type: SecurableType, name: String, column: String? = nil) {
            self.type = type
            self.name = name
            self.column = column
        }

        /// `catalogs`, `schemas`, `tables`, `columns`, `volumes` and the object's full name.
        package init(entityType: String, name: String) throws(WorkspaceError) {
            switch entityType.lowercased() {
            case "catalogs": self.init(type: .catalog, name: name)
            case "schemas": self.init(type: .schema, name: name)
            case "tables": self.init(type: .table, name: name)
            case "volumes": self.init(type: .volume, name: name)
            case "functions": self.init(type: .function, name: name)
            case "models": self.init(type: .model, name: name)
            case "columns":
                let parts = name.split(separator: ".", maxSplits: 3, omittingEmptySubsequences: false)
                guard parts.count == 4 else {
                    throw .unityCatalog(.invalidParameterValue, "Column name '\(name.prefix(256))' must be catalog.schema.table.column")
                }
                self.init(type: .table, name: parts[0..<3].joined(separator: "."), column: String(parts[3]))
            default:
                throw .unityCatalog(
                    .invalidParameterValue,
                    "Entity type '\(entityType.prefix(64))' is not supported; it must be one of catalogs, schemas, tables, columns, volumes")
            }
        }
    }

    // MARK: Questions

    /// By key.
    package func list(_ entity: Entity, by principal: Principal) throws -> [Tag] {
        try workspace.store.read { database in
            let (path, column) = try object(entity, database)
            try Access(principal, database).requireSight(path, browse: true)
            return try Self.rows(path.object.id, database).filter { $0.column == column }
        }
    }

    package func get(_ entity: Entity, key: String, by principal: Principal) throws -> Tag {
        guard let tag = try list(entity, by: principal).first(where: { $0.key == key }) else { throw Self.missing(key, entity) }
        return tag
    }

    /// Tags of an object and of its columns, by column and key.
    static func rows(_ object: String, _ database: Database) throws -> [Tag] {
        try database.all(
            "SELECT key, value, column_name, updated_at, updated_by FROM tag WHERE object = ? ORDER BY column_name, key", [.text(object)]
        ) { row in
            let column: String = row[2]
            return Tag(key: row[0], value: row[1], column: column.isEmpty ? nil : column, updatedAt: row[3], updatedBy: row[4])
        }
    }

    /// The tags of an object that the caller may see, with those of its columns.
    package func all(of path: SecurablePath) throws -> [Tag] { try workspace.store.read { try Self.rows(path.object.id, $0) } }

    // MARK: Changes

    /// - Parameter isNew: a tag that is there already is an error; nil: whatever is there, the tag is set.
    @discardableResult
    package func set(
        _ entity: Entity, _ tags: [(key: String, value: String?)], isNew: Bool? = nil, by principal: Principal
    ) throws -> [Tag] {
        let now = workspace.environment.nowMillis
        return try workspace.store.write { database in
            let (path, column) = try object(entity, database)
            let access = try Access(principal, database)
            if try !access.manages(path) { try access.require(.applyTag, on: path) }
            if path.catalogKind == .system { throw WorkspaceError.noPrivilege("APPLY TAG", on: path.type, path.name) }
            for (key, value) in tags {
                try Self.check(key, value)
                try checkGoverned(key, value, by: principal)
                let exists = try Self.rows(path.object.id, database).contains { $0.key == key && $0.column == column }
                if isNew == true, exists {
                    throw WorkspaceError.unityCatalog(.alreadyExists, "Tag '\(key)' is already assigned to '\(entity.shown)'.")
                }
                if isNew == false, !exists { throw Self.missing(key, entity) }
                try database.execute(
                    sql: """
                        INSERT INTO tag VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT DO UPDATE SET value = excluded.value, updated_at = excluded.updated_at, \
                        updated_by = excluded.updated_by
                        """, arguments: [path.object.id, column ?? "", key, value, now, principal.userName])
            }
            let all = try Self.rows(path.object.id, database).filter { $0.column == column }
            guard all.count <= Self.most else {
                throw WorkspaceError.unityCatalog(.resourceExhausted, "'\(entity.shown)' would have more than \(Self.most) tags.")
            }
            return all
        }
    }

    /// - Parameter mustExist: a tag that is not there is an error.
    package func remove(_ entity: Entity, _ keys: [String], mustExist: Bool, by principal: Principal) throws {
        try workspace.store.write { database in
            let (path, column) = try object(entity, database)
            let access = try Access(principal, database)
            if try !access.manages(path) { try access.require(.applyTag, on: path) }
            for key in keys {
                try database.execute(
                    sql: "DELETE FROM tag WHERE object = ? AND column_name = ? AND key = ?", arguments: [path.object.id, column ?? "", key])
                if mustExist, database.changesCount == 0 { throw Self.missing(key, entity) }
            }
        }
    }

    private func object(_ entity: Entity, _ database: Database) throws -> (SecurablePath, String?) {
        guard let column = entity.column else { return (try Securables.existing(database, entity.type, entity.name), nil) }
        let table = try Tables.existing(database, ObjectName(fullName: entity.name, rpc: "GetTable", field: "full_name_arg"))
        guard let known = table.columns.all.first(where: { $0.name.lowercased() == column.lowercased() }) else {
            throw WorkspaceError.unityCatalog(.resourceDoesNotExist, "Column '\(entity.shown)' does not exist.")
        }
        return (table.path, known.name)
    }

    private static func check(_ key: String, _ value: String?) throws(WorkspaceError) {
        let forbidden: Set<Character> = [".", ",", "-", "=", "/", ":"]
        guard !key.isEmpty, key.count <= 256, !key.contains(where: { forbidden.contains($0) }), key.first != " ", key.last != " " else {
            throw .unityCatalog(.invalidParameterValue, "Tag key '\(key.prefix(64))' is not valid: at most 256 characters, none of . , - = / :")
        }
        guard value?.count ?? 0 <= 1000 else {
            throw .unityCatalog(.invalidParameterValue, "The value of tag '\(key)' is longer than 1000 characters")
        }
    }

    /// Where tag policies are kept, by the tag's key.
    package static let policyKind = "tag-policy"

    /// A key with a policy takes the policy's values alone, none if it names none, and only from those who have ASSIGN on the policy.
    /// Source: Databricks' documentation of governed tags and of CREATE GOVERNED TAG.
    private func checkGoverned(_ key: String, _ value: String?, by principal: Principal) throws {
        guard let policy = try workspace.resources.get(Self.policyKind, key) else { return }
        guard try mayAssign(policy, principal) else {
            throw WorkspaceError.unityCatalog(.permissionDenied, "User does not have ASSIGN on Tag Policy '\(key)'.")
        }
        let allowed = policy.body["values"]?.arrayValue?.compactMap { $0["name"]?.stringValue } ?? []
        let isAllowed = allowed.isEmpty ? value ?? "" == "" : value.map { allowed.contains($0) } ?? false
        guard isAllowed else {
            throw WorkspaceError.unityCatalog(
                .invalidParameterValue,
                allowed.isEmpty
                    ? "Tag '\(key)' is governed by a tag policy without values: it is assigned without a value."
                    : "Tag value '\((value ?? "").prefix(64))' is not an allowed value for tag policy key '\(key)'.")
        }
    }

    private static func missing(_ key: String, _ entity: Entity) -> WorkspaceError {
        .unityCatalog(.resourceDoesNotExist, "Tag '\(key.prefix(256))' is not assigned to '\(entity.shown)'.")
    }
}

extension Tags.Entity {
    fileprivate var shown: String { column.map { "\(name).\($0)" } ?? name }
}

extension Workspace {
    package var tags: Tags { Tags(workspace: self) }
}
