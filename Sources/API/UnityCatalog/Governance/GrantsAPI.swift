import HTTPTypes
import JSON
import Workspace

/// Grants: `/api/2.1/unity-catalog/permissions` and its newer, paged form.
package enum GrantsAPI: APIGroup {
    package static let operations = [get, getEffective, list, listEffective, update]

    static let get = Operation.unityCatalog("catalog.grants.get", .get, "/permissions/{securable_type}/{full_name}") { call in
        let (rows, token) = try page(call, size: "max_results") {
            try call.workspace.grants.list($0, $1, of: call.query.string("principal"), by: call.principal)
        }
        return .object { writer in
            writeAssignments(rows, to: &writer)
            writer.optional("next_page_token", token)
        }
    }

    static let getEffective = Operation.unityCatalog(
        "catalog.grants.get_effective", .get, "/effective-permissions/{securable_type}/{full_name}"
    ) { call in
        let (rows, token) = try page(call, size: "max_results") {
            try call.workspace.grants.effective($0, $1, of: call.query.string("principal"), by: call.principal)
        }
        return .object { writer in
            writeEffective("privilege_assignments", rows, to: &writer)
            writer.optional("next_page_token", token)
        }
    }

    static let list = Operation.unityCatalog("catalog.grants.list", .get, "/privilege-assignments/{securable_type}/{full_name}") { call in
        let (rows, token) = try page(call, size: "page_size") {
            try call.workspace.grants.list($0, $1, of: call.query.string("principal"), by: call.principal)
        }
        return .object { writer in
            writeAssignments(rows, to: &writer)
            writer.optional("next_page_token", token)
        }
    }

    static let listEffective = Operation.unityCatalog(
        "catalog.grants.list_effective", .get, "/effective-privilege-assignments/{securable_type}/{full_name}"
    ) { call in
        let (rows, token) = try page(call, size: "page_size") {
            try call.workspace.grants.effective($0, $1, of: call.query.string("principal"), by: call.principal)
        }
        return .object { writer in
            writeEffective("effective_privilege_assignments", rows, to: &writer)
            writer.optional("next_page_token", token)
        }
    }

    static let update = Operation.unityCatalog("catalog.grants.update", .patch, "/permissions/{securable_type}/{full_name}") { call in
        let (type, name) = try securable(call)
        let body = try call.fields()
        let changes = try body.objects("changes").map { change in
            Grants.Change(
                principal: try change.string("principal"), add: try privileges(change, "add"), remove: try privileges(change, "remove"))
        }
        let rows = try call.workspace.grants.update(type, name, changes, by: call.principal)
        if try body.bool(optional: "omit_permissions_in_response") ?? false { return .emptyObject }
        return .object { writeAssignments(rows, to: &$0) }
    }

    // MARK: Parts

    /// The securable that a route names.
    static func securable(_ call: Call, type typeName: String = "securable_type", name: String = "full_name") throws -> (SecurableType, String) {
        let word = try call.path(typeName)
        guard let type = SecurableType(path: word) else {
            throw WorkspaceError.unityCatalog(.invalidParameterValue, "Securable type '\(word.prefix(64))' is not supported")
        }
        return (type, try call.path(name))
    }

    private static func privileges(_ change: Fields, _ name: String) throws -> [Privilege] {
        try (change.strings(optional: name) ?? []).map { word in
            guard let privilege = Privilege(words: word) else {
                throw WorkspaceError.unityCatalog(.invalidParameterValue, "Privilege \(word.prefix(64)) is not a known privilege.")
            }
            return privilege
        }
    }

    private static func page<Row: PrincipalRow>(
        _ call: Call, size: String, _ read: (SecurableType, String) throws -> [Row]
    ) throws -> (rows: ArraySlice<Row>, token: String?) {
        let (type, name) = try securable(call)
        let paging = try Paging(
            call, list: "grants/\(type.rawValue)/\(name.lowercased())", pageSize: UnityCatalogAPI.pageSize, unlimitedByDefault: true, sizeName: size)
        let all = try read(type, name)
        let rows = all.filter { row in paging.after.map { row.principal > $0 } ?? true }.sorted { $0.principal < $1.principal }
        let page = paging.limit.map { rows.prefix($0) } ?? rows[...]
        return (page, paging.nextToken(page: page, rows: rows, key: \.principal))
    }

    private static func writeAssignments(_ rows: some Collection<Grants.Assignment>, to writer: inout JSONWriter) {
        if rows.isEmpty { return }
        writer.member(
            "privilege_assignments",
            .array(
                rows.map { row in
                    ["principal": .string(row.principal), "privileges": .array(row.privileges.map { .string($0.rawValue) })]
                }))
    }

    private static func writeEffective(_ name: String, _ rows: some Collection<Grants.EffectiveAssignment>, to writer: inout JSONWriter) {
        if rows.isEmpty { return }
        writer.member(
            name,
            .array(
                rows.map { row in
                    let privileges = row.privileges.map { one -> JSONValue in
                        var object = JSONObject([("privilege", .string(one.privilege.rawValue))])
                        if let from = one.inheritedFrom {
                            object["inherited_from_type"] = .string(from.type.rawValue)
                            object["inherited_from_name"] = .string(from.name)
                        }
                        return .object(object)
                    }
                    return ["principal": .string(row.principal), "privileges": .array(privileges)]
                }))
    }
}

private protocol PrincipalRow { var principal: String { get } }

extension Grants.Assignment: PrincipalRow {}
extension Grants.EffectiveAssignment: PrincipalRow {}
