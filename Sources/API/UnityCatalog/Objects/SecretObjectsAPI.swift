import HTTPTypes
import JSON
import Workspace

/// Secrets as objects of Unity Catalog: `/api/2.1/unity-catalog/secrets`. Who manages a secret sees it; its value is for those with READ SECRET alone,
/// in the one answer that asks for it.
package enum SecretObjectsAPI: APIGroup {
    package static let operations = [create, get, list, update, delete]

    private static let root = UnityCatalogAPI.prefix + "/secrets"
    private static let named = "/secrets/{full_name}"
    /// The member with the value: no answer shows members that begin so.
    private static let valueMember = "_value"
    private static let largestValueBytes = 60 * 1024
    private static let updatable = ["value", "comment", "owner", "expire_time"]

    private static let create = Operation.unityCatalog("catalog.secrets_uc.create_secret", .post, "/secrets") { call in
        let body = try call.contractBody(.post, root)
        func text(_ member: String) throws -> String {
            guard let text = body[member]?.stringValue, !text.isEmpty else { throw WorkspaceError.missingField("CreateSecret", member) }
            return text
        }
        var spec = CatalogObjectSpec(
            schema: "\(try text("catalog_name")).\(try text("schema_name"))", name: try text("name"), comment: body["comment"]?.stringValue)
        _ = try text("value")
        spec.fields = try fields(body)
        var made = try call.workspace.catalogObjects(.secret).create(spec, by: call.principal)
        if let owner = body["owner"]?.stringValue, !owner.isEmpty, owner != made.owner {
            var change = CatalogObjectChange()
            change.owner = owner
            do {
                made = try call.workspace.catalogObjects(.secret).update(made.fullName, change, by: call.principal)
            } catch {
                try call.workspace.catalogObjects(.secret).delete(made.fullName, by: call.principal)
                throw error
            }
        }
        return try reply(call, made)
    }

    private static let get = Operation.unityCatalog("catalog.secrets_uc.get_secret", .get, named) { call in
        _ = try call.contractBody(.get, root + "/{full_name}")
        let secret = try call.workspace.catalogObjects(.secret).get(call.path("full_name"), by: call.principal).object
        guard try call.query.bool("include_value") ?? false else { return try reply(call, secret) }
        try call.workspace.require(.readSecret, on: .secret, secret.fullName, for: call.principal)
        return try reply(call, secret, withValue: true)
    }

    private static let list = Operation.unityCatalog("catalog.secrets_uc.list_secrets", .get, "/secrets") { call in
        _ = try call.contractBody(.get, root)
        let catalog = call.query.string("catalog_name"), schema = call.query.string("schema_name")
        guard (catalog == nil) == (schema == nil) else {
            throw WorkspaceError.unityCatalog(
                .invalidParameterValue, "ListSecrets catalog_name and schema_name must be given together or not at all.")
        }
        let paging = try Paging(call, list: "secrets/\(catalog ?? "")/\(schema ?? "")", pageSize: 1000, sizeName: "page_size")
        let objects = call.workspace.catalogObjects(.secret)
        let metastoreID = try UnityCatalogAPI.metastoreID(call)
        if let catalog, let schema {
            let rows = try objects.list(in: "\(catalog).\(schema)", after: paging.after, limit: paging.fetchLimit, by: call.principal)
            return paging.encoded("secrets", rows, key: \.name) { write($0, metastoreID, to: &$1) }
        }
        let rows = paging.rest(try objects.everywhere(browse: false, by: call.principal), key: \.fullName)
        return paging.encoded("secrets", rows, key: \.fullName) { write($0, metastoreID, to: &$1) }
    }

    private static let update = Operation.unityCatalog("catalog.secrets_uc.update_secret", .patch, named) { call in
        let body = try call.contractBody(.patch, root + "/{full_name}")
        let mask = (call.query.string("update_mask") ?? "").split(separator: ",").map { String($0.trimmingSpaces()) }.filter { !$0.isEmpty }
        for path in mask where path != "*" {
            guard updatable.contains(path) else {
                throw WorkspaceError.invalid(
                    "Invalid field in update_mask: '\(path.prefix(64))'; a secret's \(updatable.joined(separator: ", ")) can be changed.")
            }
            guard body[path] != nil else { throw WorkspaceError.invalid("Field '\(path)' is in update_mask but not provided in request") }
        }
        let names = mask.contains("*") ? updatable.filter { body[$0] != nil } : mask
        let wanted = JSONObject(names.compactMap { name in body[name].map { (name, $0) } })
        var change = CatalogObjectChange()
        change.owner = wanted["owner"]?.stringValue
        change.comment = wanted["comment"]?.stringValue
        change.fields = try fields(wanted)
        return try reply(call, try call.workspace.catalogObjects(.secret).update(call.path("full_name"), change, by: call.principal))
    }

    private static let delete = Operation.unityCatalog("catalog.secrets_uc.delete_secret", .delete, named) { call in
        try call.workspace.catalogObjects(.secret).delete(call.path("full_name"), by: call.principal)
        return .emptyObject
    }

    // MARK: Parts

    /// The members of a request that are kept with a secret.
    private static func fields(_ body: JSONObject) throws -> JSONObject {
        var fields = JSONObject()
        if let value = body["value"] {
            guard let text = value.stringValue, !text.isEmpty, text.utf8.count <= largestValueBytes else {
                throw WorkspaceError.invalid("The value of a secret must have between 1 and \(largestValueBytes) bytes.")
            }
            fields[valueMember] = value
        }
        if let time = body["expire_time"] {
            guard let micros = time.scalar.flatMap(RFC3339.micros) else {
                throw WorkspaceError.invalid("expire_time must be a time such as \"2026-01-31T00:00:00Z\".")
            }
            fields["expire_time"] = .string(RFC3339.text(millis: micros / 1000))
        }
        return fields
    }

    private static func reply(_ call: Call, _ secret: CatalogObject, withValue: Bool = false) throws -> Reply {
        var object = json(secret, try UnityCatalogAPI.metastoreID(call))
        if withValue { object["effective_value"] = secret.fields[valueMember] }
        return .json(.object(object))
    }

    private static func write(_ secret: CatalogObject, _ metastoreID: String, to writer: inout JSONWriter) {
        for (name, value) in json(secret, metastoreID).members { writer.member(name, value) }
    }

    private static func json(_ secret: CatalogObject, _ metastoreID: String) -> JSONObject {
        let home = secret.schema.split(separator: ".", maxSplits: 1).map(String.init)
        var object = JSONObject([
            ("name", .string(secret.name)), ("catalog_name", .string(home.first ?? "")), ("schema_name", .string(home.last ?? "")),
            ("full_name", .string(secret.fullName)), ("owner", .string(secret.owner)), ("effective_owner", .string(secret.owner)),
        ])
        object["comment"] = secret.comment.map { .string($0) }
        object["expire_time"] = secret.fields["expire_time"]
        for (name, value) in [
            ("metastore_id", metastoreID), ("create_time", RFC3339.text(millis: secret.createdAt)), ("created_by", secret.createdBy),
            ("update_time", RFC3339.text(millis: secret.updatedAt)), ("updated_by", secret.updatedBy),
        ] { object[name] = .string(value) }
        return object
    }
}
