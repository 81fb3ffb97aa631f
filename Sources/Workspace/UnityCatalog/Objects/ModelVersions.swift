import GRDB
package import JSON

/// Versions and aliases of registered models. A version is an object below its model, named by its number with leading zeros.
package struct ModelVersions: Sendable {
    let workspace: Workspace

    /// Objects below a model are kept under this type.
    static let type = "MODEL_VERSION"

    static func padded(_ version: Int) -> String {
        let text = String(version)
        return String(repeating: "0", count: max(0, 10 - text.count)) + text
    }

    package func list(_ model: String, by principal: Principal) throws -> (model: CatalogObject, versions: [CatalogObject]) {
        try workspace.store.read { database in
            let model = try CatalogObjects.existing(database, .model, model, rpc: "ListModelVersions")
            try Access(principal, database).requireSight(try model.path(database))
            return (model, try CatalogObjects.children(database, Self.type, of: model.id))
        }
    }

    package func get(_ model: String, _ version: Int, by principal: Principal) throws -> (model: CatalogObject, version: CatalogObject) {
        let (model, versions) = try list(model, by: principal)
        guard let found = versions.first(where: { $0.name == Self.padded(version) }) else { throw Self.missing(model, version) }
        return (model, found)
    }

    /// A new version; numbers are never given twice.
    package func create(_ model: String, fields: JSONObject, comment: String?, by principal: Principal) throws -> (CatalogObject, CatalogObject) {
        var number = 0
        let made = try workspace.catalogObjects(.model).change(model, rpc: "CreateModelVersion", by: principal) { object in
            number = (object["last_version"]?.intValue ?? 0) + 1
            object["last_version"] = .int(number)
        }
        let id = workspace.environment.ids.uuid()
        let now = workspace.environment.nowMillis
        var fields = fields
        fields["storage_location"] = .string("\(made.fields["storage_location"]?.stringValue ?? "")/versions/\(id)")
        try workspace.store.write { [fields] database in
            try database.execute(
                sql: "INSERT INTO securable VALUES (NULL, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                arguments: [
                    id, Self.type, made.id, Self.padded(number), principal.userName, comment.nonEmpty, fields.columnText, now, principal.userName,
                    now,
                    principal.userName,
                ])
        }
        let found = try get(model, number, by: .system)
        return (found.model, found.version)
    }

    package func update(_ model: String, _ version: Int, comment: String?, by principal: Principal) throws {
        let now = workspace.environment.nowMillis
        try workspace.store.write { database in
            let found = try changeable(model, version, "UpdateModelVersion", principal, database)
            guard let comment else { throw WorkspaceError.nothingToUpdate("UpdateModelVersion") }
            try database.execute(
                sql: "UPDATE securable SET comment = ?, updated_at = ?, updated_by = ? WHERE key = ?",
                arguments: [comment.isEmpty ? nil : comment, now, principal.userName, found.key])
        }
    }

    package func delete(_ model: String, _ version: Int, by principal: Principal) throws {
        try workspace.store.write { database in
            let found = try changeable(model, version, "DeleteModelVersion", principal, database)
            try database.execute(sql: "DELETE FROM securable WHERE key = ?", arguments: [found.key])
        }
        // Aliases of a version go with it.
        try workspace.catalogObjects(.model).change(model, rpc: "DeleteModelVersion", by: principal) { object in
            let aliases = object["aliases"]?.objectValue?.members.filter { $0.value.intValue != version } ?? []
            object["aliases"] = .members(aliases.map { ($0.name, $0.value) })
        }
    }

    @discardableResult
    package func setAlias(_ alias: String, of model: String, to version: Int, by principal: Principal) throws -> CatalogObject {
        let name = try SecurableName.new(alias, rpc: "SetRegisteredModelAlias", field: "alias")
        _ = try get(model, version, by: principal)
        return try workspace.catalogObjects(.model).change(model, rpc: "SetRegisteredModelAlias", by: principal) { object in
            var aliases = object["aliases"]?.objectValue ?? JSONObject()
            aliases[name] = .int(version)
            object["aliases"] = .object(aliases)
        }
    }

    package func deleteAlias(_ alias: String, of model: String, by principal: Principal) throws {
        try workspace.catalogObjects(.model).change(model, rpc: "DeleteRegisteredModelAlias", by: principal) { object in
            var aliases = object["aliases"]?.objectValue ?? JSONObject()
            guard aliases[alias.lowercased()] != nil else {
                throw WorkspaceError.unityCatalog(
                    .resourceDoesNotExist, "Registered Model Alias '\(alias.prefix(255))' does not exist for model '\(model.prefix(800))'.")
            }
            aliases[alias.lowercased()] = nil
            object["aliases"] = .object(aliases)
        }
    }

    /// The files are in their place: the version can be used.
    package func finalize(_ model: String, _ version: Int, by principal: Principal) throws -> (model: CatalogObject, version: CatalogObject) {
        let now = workspace.environment.nowMillis
        try workspace.store.write { database in
            var found = try changeable(model, version, "FinalizeModelVersion", principal, database)
            guard found.fields["status"] == "PENDING_REGISTRATION" else {
                throw WorkspaceError.unityCatalog(
                    .invalidState, "Model Version '\(version)' of Registered Model '\(model.prefix(800))' is not pending.")
            }
            found.fields["status"] = "READY"
            try database.execute(
                sql: "UPDATE securable SET fields = ?, updated_at = ?, updated_by = ? WHERE key = ?",
                arguments: [found.fields.columnText, now, principal.userName, found.key])
        }
        return try get(model, version, by: principal)
    }

    /// Throws for who may not change the version.
    package func requireWritable(_ model: String, _ version: Int, by principal: Principal) throws {
        try workspace.store.read { _ = try changeable(model, version, "GenerateTemporaryModelVersionCredentials", principal, $0) }
    }

    private func changeable(_ name: String, _ version: Int, _ rpc: String, _ principal: Principal, _ database: Database) throws -> CatalogObject {
        let model = try CatalogObjects.existing(database, .model, name, rpc: rpc)
        let access = try Access(principal, database)
        try access.requireManage(try model.path(database))
        try access.requireOwn(try model.path(database), for: principal)
        let versions = try CatalogObjects.children(database, Self.type, of: model.id)
        guard let found = versions.first(where: { $0.name == Self.padded(version) }) else { throw Self.missing(model, version) }
        return found
    }

    private static func missing(_ model: CatalogObject, _ version: Int) -> WorkspaceError {
        .unityCatalog(.resourceDoesNotExist, "Model Version '\(version)' of Registered Model '\(model.fullName)' does not exist.")
    }
}

extension CatalogObject {
    /// Of a model, by name.
    package var aliases: [(name: String, version: Int)] {
        (fields["aliases"]?.objectValue?.members ?? []).compactMap { alias in alias.value.intValue.map { (alias.name, $0) } }.sorted { $0.0 < $1.0 }
    }
}

extension CatalogObjects {
    /// Objects below another one, by name.
    static func children(_ database: Database, _ type: String, of parent: String) throws -> [CatalogObject] {
        try database.all("\(select) WHERE o.type = ? AND o.parent = ? ORDER BY o.name", [.text(type), .text(parent)]) { CatalogObject($0) }
    }

    /// Those of all schemas that the caller may see, by full name.
    package func everywhere(browse: Bool, by principal: Principal) throws -> [CatalogObject] {
        try workspace.store.read { database in
            let all = try database.all("\(Self.select) WHERE o.type = ?", [.text(type.rawValue)]) { CatalogObject($0) }
            let access = try Access(principal, database, many: true)
            return try visible(all.sorted { $0.fullName < $1.fullName }, access, browse: browse, database)
        }
    }
}

extension Workspace {
    package var modelVersions: ModelVersions { ModelVersions(workspace: self) }
}
