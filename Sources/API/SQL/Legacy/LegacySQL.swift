import JSON
import Workspace

/// What the older SQL APIs have in common: they show the objects of the newer ones with other names and forms.
enum LegacySQL {
    static let root = "/api/2.0/preview/sql/"

    /// The id under which the older APIs know a warehouse: a uuid that follows from the warehouse's.
    static func dataSource(_ warehouse: String) -> String {
        let words = [UInt64(0), 1].map { hexText(SeededGenerator.hash("data source " + warehouse, seed: $0)) }
        let text = words.joined()
        let digits = Array(text)
        return String(digits[..<8]) + "-" + String(digits[8..<12]) + "-5" + String(digits[13..<16]) + "-a" + String(digits[17..<20]) + "-"
            + String(digits[20...])
    }

    private static func hexText(_ word: UInt64) -> String {
        let text = String(word, radix: 16)
        return String(repeating: "0", count: 16 - text.count) + text
    }

    /// The warehouse behind a data source.
    static func warehouse(_ dataSource: String, _ call: Call) throws -> String {
        guard let found = try call.workspace.warehouses.list().first(where: { self.dataSource($0.id) == dataSource }) else {
            throw WorkspaceError.invalid("Data source \(dataSource.prefix(64)) does not exist.")
        }
        return found.id
    }

    static func user(_ name: String, _ call: Call) throws -> JSONValue? {
        guard let id = try call.workspace.identityID(of: name) else { return nil }
        return ["id": .int(id), "name": .string(try call.workspace.displayName(of: name) ?? name), "email": .string(name)]
    }

    /// `folders/<id>` of a folder that is in the workspace's tree; nil for another one.
    static func parent(_ path: JSONValue?, _ call: Call) throws -> JSONValue? {
        guard let path = path?.stringValue, let folder = try call.workspace.objects.get(path) else { return nil }
        return .string("folders/\(folder.id)")
    }

    /// The path of a `folders/<id>` into which the caller may put something.
    static func path(_ parent: String, _ call: Call) throws -> String {
        guard parent.hasPrefix("folders/"), let id = Int(parent.dropFirst("folders/".count)), let folder = try call.workspace.objects.get(id: id),
            folder.kind == .directory
        else { throw WorkspaceError(.resourceDoesNotExist, "The parent folder \(parent.prefix(64)) does not exist.") }
        guard try call.workspace.objects.allows(call.principal, "CAN_EDIT", folder.path) else {
            throw WorkspaceError(.permissionDenied, "\(call.principal.userName) does not have permission to create objects in \(parent.prefix(64)).")
        }
        return folder.path
    }

    /// What the caller may do, in the older words, and whether that includes changes.
    static func tier(_ type: String, _ id: String, _ call: Call) throws -> (name: String, edits: Bool) {
        let level = try call.workspace.permissions.level(of: call.principal, on: type, id) ?? "CAN_VIEW"
        return (shown(level), PermissionType.named(type)?.allows(level, "CAN_EDIT") ?? false)
    }

    static func shown(_ level: String) -> String {
        switch level {
        case "IS_OWNER", "CAN_MANAGE": "CAN_MANAGE"
        case "CAN_EDIT", "CAN_RUN": level
        default: "CAN_VIEW"
        }
    }

    /// Members that queries and dashboards have alike.
    static func complete(_ object: inout JSONObject, _ resource: Resource, _ stored: StoredResource, _ type: String, _ call: Call) throws {
        let owner = try SQLOwner.name(stored, call)
        object["user"] = try user(owner, call)
        object["user_id"] = object["user"]?["id"]
        object["parent"] = try parent(stored.body["parent_path"], call)
        object["created_at"] = .string(RFC3339.text(millis: stored.createdAt))
        object["updated_at"] = .string(RFC3339.text(millis: stored.updatedAt))
        object["is_archived"] = .bool(resource.isTrashed(stored))
        object["is_draft"] = false
        let tier = try tier(type, stored.id, call)
        object["permission_tier"] = .string(tier.name)
        object["can_edit"] = .bool(tier.edits)
    }

    /// `run_as_role` of the older APIs as the newer ones have it, and back.
    static func mode(_ role: JSONValue?) -> JSONValue? { role?.stringValue.map { .string($0.uppercased()) } }
    static func role(_ mode: JSONValue?) -> JSONValue? { mode?.stringValue.map { .string($0.lowercased()) } }

    // MARK: Lists

    /// A page by `page` and `page_size`, of what `q` finds, ordered by one of `keys`; `order` has a dash for the other direction.
    static func list(
        _ resource: Resource, _ call: Call, keys: [(name: String, key: (StoredResource) throws -> String)], notSimulated: [String] = [],
        text: (StoredResource) -> String, shown: (StoredResource) throws -> JSONValue
    ) throws -> JSONValue {
        let number = try call.query.int("page") ?? 1
        let size = try call.query.int("page_size") ?? 25
        guard number >= 1 else { throw WorkspaceError(.badRequest, "Page must be positive integer.") }
        guard (1...250).contains(size) else { throw WorkspaceError(.badRequest, "Page size is out of range (1-250).") }
        var rows = try call.workspace.resources.list(resource.kind).filter {
            try !resource.isTrashed($0) && resource.isAllowed(.read, $0, call)
        }
        if let words = call.query.string("q")?.lowercased().split(separator: " ") {
            rows.removeAll { row in
                let text = text(row).lowercased()
                return !words.allSatisfy { text.contains($0) }
            }
        }
        if let order = call.query.string("order") {
            let name = order.hasPrefix("-") ? String(order.dropFirst()) : order.hasSuffix("-") ? String(order.dropLast()) : order
            guard let key = keys.first(where: { $0.name == name })?.key else {
                if notSimulated.contains(name) { throw WorkspaceError(.notImplemented, "Lists in the order of '\(name)' are not simulated.") }
                throw WorkspaceError.invalid("Lists cannot be ordered by '\(order.prefix(64))'.")
            }
            let falls = name != order
            let keyed = try rows.map { (key: try key($0), row: $0) }
            rows = keyed.sorted { left, right in
                if left.key != right.key { return falls ? left.key > right.key : left.key < right.key }
                return left.row.position < right.row.position
            }.map(\.row)
        }
        let (skipped, isTooMany) = (number - 1).multipliedReportingOverflow(by: size)
        let page = isTooMany ? [] : rows.dropFirst(skipped).prefix(size)
        return [
            "count": .int(rows.count), "page": .int(number), "page_size": .int(size), "results": .array(try page.map(shown)),
        ]
    }

    /// A text that sorts as the time does.
    static func key(millis: Int64, _ position: Int64) -> String {
        func padded(_ number: Int64) -> String {
            let text = String(number)
            return String(repeating: "0", count: max(0, 20 - text.count)) + text
        }
        return padded(millis) + padded(position)
    }
}
