import HTTPTypes
import JSON
import Workspace

/// Grants: `/api/2.1/unity-catalog/permissions` and its newer, paged form.
package enum GrantsAPI: APIGroup {
    package static let operations = [get, getEffective, list, listEffective, update]

    static let get = reading("catalog.grants.get", "/permissions", size: "max_results", direct)
    static let getEffective = reading("catalog.grants.get_effective", "/effective-permissions", size: "max_results", effective)
    static let list = reading("catalog.grants.list", "/privilege-assignments", size: "page_size", direct)
    static let listEffective = reading(
        "catalog.grants.list_effective", "/effective-privilege-assignments", size: "page_size", items: "effective_privilege_assignments", effective)

    static let update = Operation.unityCatalog("catalog.grants.update", .patch, "/permissions/{securable_type}/{full_name}") { call in
        let (type, name) = try securable(call)
        let body = try call.fields()
        let changes = try body.objects("changes").map { change in
            Grants.Change(
                principal: try change.string("principal"), add: try privileges(change, "add"), remove: try privileges(change, "remove"))
        }
        let rows = try call.workspace.grants.update(type, name, changes, by: call.principal)
        if try body.bool(optional: "omit_permissions_in_response") ?? false { return .emptyObject }
        let shown = rows.map(assignment)
        return .object { writer in if !shown.isEmpty { writer.member("privilege_assignments", .array(shown.map(\.value))) } }
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

    /// A principal and how its privileges are shown.
    private typealias Row = (principal: String, privileges: Int, value: JSONValue)

    /// The fewest privileges that a page may be asked for, so that it always has room for one principal.
    private static let smallestPage = 150

    private static func assignment(_ row: Grants.Assignment) -> Row {
        (
            row.principal, row.privileges.count,
            ["principal": .string(row.principal), "privileges": .array(row.privileges.map { .string($0.rawValue) })]
        )
    }

    private static let direct: @Sendable (Call, SecurableType, String) throws -> [Row] = { call, type, name in
        try call.workspace.grants.list(type, name, of: call.query.string("principal"), by: call.principal).map(assignment)
    }

    private static let effective: @Sendable (Call, SecurableType, String) throws -> [Row] = { call, type, name in
        try call.workspace.grants.effective(type, name, of: call.query.string("principal"), by: call.principal).map { row in
            let privileges = row.privileges.map { one -> JSONValue in
                var object = JSONObject([("privilege", .string(one.privilege.rawValue))])
                if let from = one.inheritedFrom {
                    object["inherited_from_type"] = .string(from.type.rawValue)
                    object["inherited_from_name"] = .string(from.name)
                }
                return .object(object)
            }
            return (row.principal, privileges.count, ["principal": .string(row.principal), "privileges": .array(privileges)])
        }
    }

    /// One of the four lists: their routes, members and pages' names differ. Pages count privileges and cut none of a principal's off.
    private static func reading(
        _ id: String, _ path: String, size: String, items: String = "privilege_assignments",
        _ read: @escaping @Sendable (Call, SecurableType, String) throws -> [Row]
    ) -> Operation {
        .unityCatalog(id, .get, path + "/{securable_type}/{full_name}") { call in
            let (type, name) = try securable(call)
            if let asked = try call.query.int(size), asked > 0, asked < smallestPage {
                throw WorkspaceError.unityCatalog(
                    .invalidParameterValue, "Invalid value for \(size): \(asked). It must be 0 or at least \(smallestPage).")
            }
            let paging = try Paging(
                call, list: "\(id)/\(type.rawValue)/\(name.lowercased())", pageSize: UnityCatalogAPI.pageSize,
                unlimitedByDefault: size == "max_results", sizeName: size)
            let rows = paging.rest(try read(call, type, name), key: \.principal)
            var room = paging.limit ?? .max
            let page = rows.prefix { row in
                room -= row.privileges
                return room >= 0
            }
            var body = JSONObject()
            if !page.isEmpty { body[items] = .array(page.map(\.value)) }
            if let token = paging.nextToken(page: page, rows: rows, key: \.principal) { body["next_page_token"] = .string(token) }
            return .json(.object(body))
        }
    }
}
