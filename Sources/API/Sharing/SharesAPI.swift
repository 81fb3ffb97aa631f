import HTTPTypes
import JSON
import Workspace

/// Shares: `/api/2.1/unity-catalog/shares`.
package enum SharesAPI: APIGroup {
    package static let operations = [create, get, list, update, delete, permissions, updatePermissions]

    private static let statuses = ["DISABLED", "ENABLED"]

    static let create = Operation.unityCatalog("sharing.shares.create", .post, "/shares") { call in
        let body = try call.fields()
        var spec = CatalogObjectSpec(name: try body.name("name"), comment: try body.string(optional: "comment"))
        spec.fields["storage_root"] = try body.string(optional: "storage_root").map { .string($0) }
        let share = try call.workspace.catalogObjects(.share).create(spec, by: call.principal)
        return try reply(share, withObjects: true, call)
    }

    static let get = Operation.unityCatalog("sharing.shares.get", .get, "/shares/{name}") { call in
        let all = try call.query.bool("include_shared_data") ?? false
        let share = try call.workspace.catalogObjects(.share).get(call.path("name"), by: call.principal).object
        return try reply(share, withObjects: all, call)
    }

    static let list = Operation.unityCatalog("sharing.shares.list", .get, "/shares") { call in
        let paging = try Paging(call, list: "shares", pageSize: UnityCatalogAPI.pageSize, unlimitedByDefault: true)
        let rows = try call.workspace.catalogObjects(.share).list(after: paging.after, limit: paging.fetchLimit, by: call.principal)
        return paging.encoded("shares", rows, key: \.name) { write($0, to: &$1) }
    }

    static let update = Operation.unityCatalog("sharing.shares.update", .patch, "/shares/{name}") { call in
        let body = try call.fields()
        var change = CatalogObjectChange()
        change.name = try body.newName()
        change.owner = try body.owner()
        change.comment = try body.string(optional: "comment")
        change.fields["storage_root"] = try body.string(optional: "storage_root").map { .string($0) }
        let updates = try body.objects("updates").map { item in
            let action = Shares.Action(rawValue: try item.choice("action", of: Shares.Action.allCases.map(\.rawValue))) ?? .update
            return Shares.ObjectChange(action, try object(item.object("data_object")))
        }
        let share = try call.workspace.shares.update(call.path("name"), change, updates, by: call.principal)
        return try reply(share, withObjects: true, call)
    }

    static let delete = Operation.unityCatalog("sharing.shares.delete", .delete, "/shares/{name}") { call in
        try call.workspace.catalogObjects(.share).delete(call.path("name"), force: true, by: call.principal)
        return .emptyObject
    }

    static let permissions = Operation.unityCatalog("sharing.shares.share_permissions", .get, "/shares/{name}/permissions") { call in
        let name = try call.path("name")
        let paging = try Paging(call, list: "share-permissions/\(name)", pageSize: UnityCatalogAPI.pageSize, unlimitedByDefault: true)
        let rows = paging.rest(try call.workspace.shares.grants(name, by: call.principal), key: \.principal)
        return paging.encoded("privilege_assignments", rows, key: \.principal) { write($0, to: &$1) }
    }

    static let updatePermissions = Operation.unityCatalog(
        "sharing.shares.update_permissions", .patch, "/shares/{name}/permissions"
    ) { call in
        let body = try call.fields()
        let changes = try body.objects("changes").map { change in
            Grants.Change(
                principal: try change.string("principal"), add: try privileges(change, "add"), remove: try privileges(change, "remove"))
        }
        let rows = try call.workspace.grants.update(.share, call.path("name"), changes, by: call.principal)
        if try body.bool(optional: "omit_permissions_list") ?? false { return .emptyObject }
        return .object { writer in
            writer.name("privilege_assignments")
            writer.beginArray()
            for row in rows {
                writer.beginObject()
                write(row, to: &writer)
                writer.endObject()
            }
            writer.endArray()
        }
    }

    // MARK: Parts

    private static func privileges(_ change: Fields, _ name: String) throws -> [Privilege] {
        try (change.strings(optional: name) ?? []).map { word in
            guard let privilege = Privilege(words: word) else {
                throw WorkspaceError.unityCatalog(.invalidParameterValue, "Privilege \(word.prefix(64)) is not a known privilege.")
            }
            return privilege
        }
    }

    private static func object(_ fields: Fields) throws -> SharedObject {
        var members = JSONObject()
        let kind = try fields.choice(optional: "data_object_type", of: SharedObject.Kind.allCases.map(\.rawValue))
        members["name"] = .string(try fields.string("name"))
        members["data_object_type"] = .string(kind ?? SharedObject.Kind.table.rawValue)
        for name in ["comment", "shared_as", "string_shared_as", "content"] {
            members[name] = try fields.string(optional: name).flatMap { $0.isEmpty && name != "comment" ? nil : .string($0) }
        }
        members["cdf_enabled"] = try fields.bool(optional: "cdf_enabled").map { .bool($0) }
        members["start_version"] = try fields.int(optional: "start_version").map { .int($0) }
        members["history_data_sharing_status"] = try fields.choice(optional: "history_data_sharing_status", of: statuses).map { .string($0) }
        if fields.has("partitions") {
            members["partitions"] = .array(
                try fields.objects("partitions").map { partition in
                    let values = try partition.objects("values").map { value -> JSONValue in
                        var one = JSONObject([
                            ("name", .string(try value.string("name"))),
                            ("op", .string(try value.choice(optional: "op", of: ["EQUAL", "LIKE"]) ?? "EQUAL")),
                        ])
                        let text = try value.string(optional: "value").flatMap { $0.isEmpty ? nil : $0 }
                        let key = try value.string(optional: "recipient_property_key").flatMap { $0.isEmpty ? nil : $0 }
                        guard (text == nil) != (key == nil) else {
                            throw WorkspaceError.unityCatalog(
                                .invalidParameterValue, "A partition's value needs exactly one of value and recipient_property_key.")
                        }
                        one["value"] = text.map { .string($0) }
                        one["recipient_property_key"] = key.map { .string($0) }
                        return .object(one)
                    }
                    return ["values": .array(values)]
                })
        }
        return SharedObject(members)
    }

    private static func write(_ row: Grants.Assignment, to writer: inout JSONWriter) {
        writer.member("principal", row.principal)
        writer.member("privileges", .array(row.privileges.map { .string($0.rawValue) }))
    }

    private static func reply(_ share: CatalogObject, withObjects: Bool, _ call: Call) throws -> Reply {
        let objects = withObjects ? try call.workspace.shares.objects(of: share) : []
        return .object { writer in
            write(share, to: &writer)
            if !objects.isEmpty { writer.member("objects", .array(objects.map { .object($0.shown) })) }
        }
    }

    private static func write(_ share: CatalogObject, to writer: inout JSONWriter) {
        writer.member("name", share.name)
        writer.member("owner", share.owner)
        writer.optional("comment", share.comment)
        writer.optional("storage_root", share.fields["storage_root"]?.stringValue)
        writer.times(createdAt: share.createdAt, createdBy: share.createdBy, updatedAt: share.updatedAt, updatedBy: share.updatedBy)
    }
}
