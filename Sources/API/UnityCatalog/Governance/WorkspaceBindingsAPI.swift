import HTTPTypes
import JSON
import Workspace

/// Bindings of isolated objects to workspaces: the older form for catalogs, and the one for all.
package enum WorkspaceBindingsAPI: APIGroup {
    package static let operations = [get, update, getBindings, updateBindings]

    static let get = Operation.unityCatalog("catalog.workspace_bindings.get", .get, "/workspace-bindings/catalogs/{name}") { call in
        workspaces(try call.workspace.bindings.list(.catalog, call.path("name"), by: call.principal))
    }

    static let update = Operation.unityCatalog("catalog.workspace_bindings.update", .patch, "/workspace-bindings/catalogs/{name}") { call in
        let body = try call.fields()
        let add = try integers(body, "assign_workspaces").map { Bindings.Binding(workspaceID: $0, isReadOnly: false) }
        let remove = try integers(body, "unassign_workspaces")
        return workspaces(try call.workspace.bindings.update(.catalog, call.path("name"), add: add, remove: remove, by: call.principal))
    }

    static let getBindings = Operation.unityCatalog(
        "catalog.workspace_bindings.get_bindings", .get, "/bindings/{securable_type}/{securable_name}",
        limits: "A read-only binding is kept, but does not keep this workspace from writing."
    ) { call in
        let (type, name) = try GrantsAPI.securable(call, name: "securable_name")
        let paging = try Paging(call, list: "bindings/\(type.rawValue)/\(name)", pageSize: UnityCatalogAPI.pageSize, unlimitedByDefault: true)
        let all = try call.workspace.bindings.list(type, name, by: call.principal)
        let rows = all.filter { row in paging.after.flatMap(Int64.init).map { row.workspaceID > $0 } ?? true }
        return paging.encoded("bindings", rows, key: { String($0.workspaceID) }) { $0.write(to: &$1) }
    }

    static let updateBindings = Operation.unityCatalog(
        "catalog.workspace_bindings.update_bindings", .patch, "/bindings/{securable_type}/{securable_name}"
    ) { call in
        let (type, name) = try GrantsAPI.securable(call, name: "securable_name")
        let body = try call.fields()
        let add = try body.objects("add").map { binding in
            let kind = try binding.choice(optional: "binding_type", of: ["BINDING_TYPE_READ_ONLY", "BINDING_TYPE_READ_WRITE"])
            return Bindings.Binding(workspaceID: Int64(try binding.int("workspace_id")), isReadOnly: kind == "BINDING_TYPE_READ_ONLY")
        }
        let remove = try body.objects("remove").map { Int64(try $0.int("workspace_id")) }
        let rows = try call.workspace.bindings.update(type, name, add: add, remove: remove, by: call.principal)
        return .object { writer in
            if rows.isEmpty { return }
            writer.name("bindings")
            writer.beginArray()
            for row in rows {
                writer.beginObject()
                row.write(to: &writer)
                writer.endObject()
            }
            writer.endArray()
        }
    }

    private static func workspaces(_ rows: [Bindings.Binding]) -> Reply {
        .object { writer in
            if !rows.isEmpty { writer.member("workspaces", .array(rows.map { .int($0.workspaceID) })) }
        }
    }

    private static func integers(_ body: Fields, _ name: String) throws -> [Int64] {
        try (body.array(optional: name) ?? []).map { value in
            guard let number = value.intValue ?? value.stringValue.flatMap(Int.init) else {
                throw WorkspaceError.malformed("Could not parse request object: Expected Integer value for field '\(name)'")
            }
            return Int64(number)
        }
    }
}

extension Bindings.Binding {
    fileprivate func write(to writer: inout JSONWriter) {
        writer.member("workspace_id", workspaceID)
        writer.member("binding_type", isReadOnly ? "BINDING_TYPE_READ_ONLY" : "BINDING_TYPE_READ_WRITE")
    }
}
