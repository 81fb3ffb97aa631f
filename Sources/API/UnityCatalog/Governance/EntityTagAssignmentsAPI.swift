import HTTPTypes
import JSON
import Workspace

/// Tags of catalogs, schemas, tables, columns and volumes: `/api/2.1/unity-catalog/entity-tag-assignments`.
package enum EntityTagAssignmentsAPI: APIGroup {
    package static let operations = [create, get, list, update, delete]

    private static let path = "/entity-tag-assignments/{entity_type}/{entity_name}/tags"

    static let create = Operation.unityCatalog(
        "catalog.entity_tag_assignments.create", .post, "/entity-tag-assignments", limits: "Tag policies are not applied to values."
    ) { call in
        let body = try call.fields()
        let type = try body.string("entity_type")
        let name = try body.string("entity_name")
        let key = try body.string("tag_key")
        let entity = try Tags.Entity(entityType: type, name: name)
        let tags = try call.workspace.tags.set(entity, [(key, try body.string(optional: "tag_value"))], isNew: true, by: call.principal)
        return try reply(tags, key, type, name)
    }

    static let get = Operation.unityCatalog("catalog.entity_tag_assignments.get", .get, "\(path)/{tag_key}") { call in
        let (entity, type, name) = try entity(call)
        let tag = try call.workspace.tags.get(entity, key: call.path("tag_key"), by: call.principal)
        return .object { tag.write(type, name, to: &$0) }
    }

    static let list = Operation.unityCatalog("catalog.entity_tag_assignments.list", .get, path) { call in
        let (entity, type, name) = try entity(call)
        let paging = try Paging(call, list: "tags/\(type)/\(name)", pageSize: UnityCatalogAPI.pageSize)
        let rows = paging.rest(try call.workspace.tags.list(entity, by: call.principal), key: \.key)
        return paging.encoded("tag_assignments", rows, key: \.key) { $0.write(type, name, to: &$1) }
    }

    static let update = Operation.unityCatalog("catalog.entity_tag_assignments.update", .patch, "\(path)/{tag_key}") { call in
        let (entity, type, name) = try entity(call)
        let key = try call.path("tag_key")
        let body = try call.fields()
        let mask = try call.query.required("update_mask").split(separator: ",").map(String.init)
        for field in mask where field != "tag_value" && field != "*" {
            throw WorkspaceError.invalid("Field '\(field.prefix(64))' of update_mask cannot be updated.")
        }
        let tags = try call.workspace.tags.set(entity, [(key, try body.string(optional: "tag_value"))], isNew: false, by: call.principal)
        return try reply(tags, key, type, name)
    }

    static let delete = Operation.unityCatalog("catalog.entity_tag_assignments.delete", .delete, "\(path)/{tag_key}") { call in
        try call.workspace.tags.remove(entity(call).0, [call.path("tag_key")], mustExist: true, by: call.principal)
        return .emptyObject
    }

    private static func entity(_ call: Call) throws -> (Tags.Entity, type: String, name: String) {
        let type = try call.path("entity_type")
        let name = try call.path("entity_name")
        return (try Tags.Entity(entityType: type, name: name), type, name)
    }

    private static func reply(_ tags: [Tag], _ key: String, _ type: String, _ name: String) throws -> Reply {
        guard let tag = tags.first(where: { $0.key == key }) else { throw WorkspaceError(.resourceDoesNotExist, "Tag '\(key)' is gone.") }
        return .object { tag.write(type, name, to: &$0) }
    }
}

extension Tag {
    fileprivate func write(_ type: String, _ name: String, to writer: inout JSONWriter) {
        writer.member("entity_name", name)
        writer.member("entity_type", type)
        writer.member("tag_key", key)
        writer.optional("tag_value", value)
        writer.member("update_time", RFC3339.text(millis: updatedAt))
        writer.member("updated_by", updatedBy)
    }
}
