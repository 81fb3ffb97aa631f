import GRDB
import JSON

/// Registered models of shares: what recipients see of them is copied; the files stay with the provider.
extension Catalogs {
    package struct ReceivedModel: Sendable {
        package struct Version: Sendable {
            let number: Int
            let comment: String?
            let status: JSONValue?
        }

        /// In the share.
        package let name: String
        let comment: String?
        let aliases: JSONValue?
        package let versions: [Version]

        package init(name: String, _ model: CatalogObject, _ versions: [CatalogObject]) {
            self.name = name
            comment = model.comment
            aliases = model.fields["aliases"]
            self.versions = versions.compactMap { version in
                Int(version.name).map { Version(number: $0, comment: version.comment, status: version.fields["status"]) }
            }
        }
    }

    func fill(_ database: Database, _ schema: SchemaName, owner: String, with models: [ReceivedModel]) throws {
        let parent = try Schemas.existing(database, schema)
        var known = Dictionary(
            try CatalogObjects.all(database, .model, parent: parent.id).map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })
        for model in models {
            var fields = JSONObject()
            fields["aliases"] = model.aliases
            let id = try fill(
                database, SecurableType.model.rawValue, parent: parent.id, name: model.name, known.removeValue(forKey: model.name), owner,
                model.comment,
                fields)
            var versions = Dictionary(
                try CatalogObjects.children(database, ModelVersions.type, of: id).map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })
            for version in model.versions {
                let name = ModelVersions.padded(version.number)
                var fields = JSONObject()
                fields["status"] = version.status
                try fill(database, ModelVersions.type, parent: id, name: name, versions.removeValue(forKey: name), owner, version.comment, fields)
            }
            for gone in versions.values { try database.execute(sql: "DELETE FROM securable WHERE key = ?", arguments: [gone.key]) }
        }
        for gone in known.values {
            try database.execute(sql: "DELETE FROM securable WHERE parent = ?", arguments: [gone.id])
            try database.execute(sql: "DELETE FROM securable WHERE key = ?", arguments: [gone.key])
        }
    }

    /// Answers the object's id, which stays as long as the object does.
    @discardableResult
    private func fill(
        _ database: Database, _ type: String, parent: String, name: String, _ known: CatalogObject?, _ owner: String, _ comment: String?,
        _ fields: JSONObject
    ) throws -> String {
        let now = environment.nowMillis
        guard let known else {
            let id = environment.ids.uuid()
            try database.execute(
                sql: "INSERT INTO securable VALUES (NULL, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                arguments: [id, type, parent, name, owner, comment, fields.columnText, now, owner, now, owner])
            return id
        }
        if known.comment != comment || known.fields != fields || known.owner != owner {
            try database.execute(
                sql: "UPDATE securable SET owner = ?, comment = ?, fields = ?, updated_at = ? WHERE key = ?",
                arguments: [owner, comment, fields.columnText, now, known.key])
        }
        return known.id
    }
}

extension Access {
    /// What the service or a provider has put somewhere is changed by nobody else.
    func requireOwn(_ path: SecurablePath, for principal: Principal) throws {
        if path.catalogKind?.isReadOnly == true, principal != .system { throw WorkspaceError.notOwner(of: path.type, path.name) }
    }
}
