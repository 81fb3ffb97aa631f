import JSON
import Workspace

/// What a branch passes on: its roles and databases.
struct PostgresContents {
    private let roles: [JSONValue]
    private let databases: [JSONValue]

    /// As a snapshot keeps it.
    init(stored: JSONObject) {
        roles = stored["roles"]?.arrayValue ?? []
        databases = stored["databases"]?.arrayValue ?? []
    }

    var stored: [(String, JSONValue)] { [("roles", .array(roles)), ("databases", .array(databases))] }

    /// A branch's, as they were at a time (nil: now). What was changed or dropped since is not kept.
    init(of branch: StoredResource, at time: Int64?, _ tree: PostgresTree) throws {
        if let time, let changed = branch.millis("contents_changed"), changed > time {
            throw WorkspaceError(
                .notImplemented, "Roles or databases of '\(branch.id)' were changed after that time; their earlier state is not simulated.")
        }
        func all(_ kind: PostgresKind) throws -> [JSONValue] {
            try tree.children(kind, of: branch.id).filter { time == nil || $0.createdAt <= time ?? 0 }.map {
                ["id": .string($0.lastPart), "owner": .string($0.owner), "body": .object($0.body)]
            }
        }
        roles = try all(.role)
        databases = try all(.database)
    }

    /// Puts them into a new branch. Children of a protected branch get new passwords.
    func restore(into branch: StoredResource, newPasswords: Bool, _ tree: PostgresTree) throws {
        for (kind, items) in [(PostgresKind.role, roles), (.database, databases)] {
            for item in items {
                guard let id = item["id"]?.stringValue, var body = item["body"]?.objectValue else { continue }
                body["updated"] = nil
                if newPasswords, body["secret"] != nil { body["secret"] = .string(PostgresRoles.newPassword(tree)) }
                _ = try tree.insert(kind, id, of: branch.id, owner: item["owner"]?.stringValue, body)
            }
        }
    }

    /// Notes that a branch's earlier state can no longer be told.
    static func noteChange(of branch: StoredResource, _ tree: PostgresTree) throws {
        _ = try tree.change(.branch, branch, touches: false) { $0["contents_changed"] = .int(tree.now) }
    }
}
