import GRDB
import JSON

/// The groups of a workspace and who is in them.
package struct Groups: Sendable {
    let workspace: Workspace

    package enum Member: Sendable, Hashable {
        case identity(Int)
        case group(Int)
    }

    static let columns = "id, display_name, external_id, attributes"

    static func row(_ row: Row) -> Group {
        Group(id: row[0], displayName: row[1], externalID: row[2], attributes: JSONObject(column: row[3]))
    }

    static func insert(_ group: Group, _ database: Database) throws {
        try database.execute(
            sql: "INSERT INTO principal_group (\(columns)) VALUES (?, ?, ?, ?)",
            arguments: [group.id, group.displayName, group.externalID, group.attributes.columnText])
    }

    /// Throws for a group that does not exist.
    static func requireAll(_ groups: [Int], _ database: Database) throws {
        for group in groups {
            guard try Int.fetchOne(database, sql: "SELECT 1 FROM principal_group WHERE id = ?", arguments: [group]) != nil else {
                throw WorkspaceError(.invalidParameterValue, "Group \(group) does not exist.", shape: .scim(type: "invalidValue"))
            }
        }
    }

    /// Adds a member; one that is in already stays. Throws for a group or a member that does not exist.
    static func add(_ member: Member, to group: Int, _ database: Database) throws {
        let (column, id) =
            switch member {
            case .identity(let id): ("identity_id", id)
            case .group(let id): ("member_group_id", id)
            }
        do {
            try database.execute(sql: "INSERT OR IGNORE INTO group_member (group_id, \(column)) VALUES (?, ?)", arguments: [group, id])
        } catch let error as DatabaseError where error.isForeignKeyViolation {
            throw WorkspaceError(
                .invalidParameterValue, "Group \(group) or member \(id) does not exist.", shape: .scim(type: "invalidValue"))
        }
    }

    static func memberships(ofIdentity id: Int, _ database: Database) throws -> [Membership] {
        let sql = """
            WITH RECURSIVE inside (id, direct) AS (
                SELECT group_id, 1 FROM group_member WHERE identity_id = ?
                UNION SELECT group_id, 0 FROM group_member JOIN inside ON member_group_id = inside.id
            ) SELECT g.id, g.display_name, max(direct) FROM inside JOIN principal_group g USING (id) GROUP BY g.id ORDER BY max(direct) DESC, g.display_name
            """
        return try Row.fetchAll(database.cachedStatement(sql: sql), arguments: [id]).map {
            Membership(group: $0[0], displayName: $0[1], isDirect: $0[2])
        }
    }

    package func list() throws -> [Group] {
        try workspace.store.read { try Row.fetchAll($0, sql: "SELECT \(Self.columns) FROM principal_group ORDER BY id").map(Self.row) }
    }

    package func get(_ id: Int) throws -> Group {
        let group = try workspace.store.read {
            try Row.fetchOne($0, sql: "SELECT \(Self.columns) FROM principal_group WHERE id = ?", arguments: [id]).map(Self.row)
        }
        guard let group else { throw notFound(String(id)) }
        return group
    }

    /// The direct members by id.
    package func members(of group: Int) throws -> [GroupMember] {
        try workspace.store.read { database in
            let sql = """
                SELECT i.id, i.display_name, CASE i.kind WHEN 'USER' THEN 'Users/' ELSE 'ServicePrincipals/' END || i.id
                FROM group_member m JOIN identity i ON i.id = m.identity_id WHERE m.group_id = :group
                UNION ALL SELECT g.id, g.display_name, 'Groups/' || g.id FROM group_member m JOIN principal_group g ON g.id = m.member_group_id
                WHERE m.group_id = :group ORDER BY 1
                """
            return try Row.fetchAll(database, sql: sql, arguments: ["group": group]).map {
                GroupMember(id: $0[0], displayName: $0[1], reference: $0[2])
            }
        }
    }

    /// The groups that this group is a direct member of, by name.
    package func parents(of group: Int) throws -> [Membership] {
        try workspace.store.read { database in
            let sql = """
                SELECT g.id, g.display_name FROM group_member m JOIN principal_group g ON g.id = m.group_id WHERE m.member_group_id = ? ORDER BY 2
                """
            return try Row.fetchAll(database, sql: sql, arguments: [group]).map {
                Membership(group: $0[0], displayName: $0[1], isDirect: true)
            }
        }
    }

    /// Which kind of member has this id: ids of identities and groups do not meet.
    package func member(_ id: Int) throws -> Member? {
        try workspace.store.read { database in
            if try Bool.fetchOne(database, sql: "SELECT 1 FROM identity WHERE id = ?", arguments: [id]) == true { return .identity(id) }
            return try Bool.fetchOne(database, sql: "SELECT 1 FROM principal_group WHERE id = ?", arguments: [id]) == true
                ? .group(id) : nil
        }
    }

    /// Adds a group. The id of the argument is not used.
    package func create(_ group: Group, members: [Member] = []) throws -> Group {
        var group = group
        do {
            group.id = try workspace.store.write { [group] database in
                var group = group
                group.id = try Identities.unusedID(workspace.environment, database)
                try Self.insert(group, database)
                for member in members { try Self.add(member, to: group.id, database) }
                return group.id
            }
        } catch let error as DatabaseError where error.isUniqueViolation {
            throw taken(group.displayName)
        }
        workspace.credentials.forgetAll()
        return group
    }

    /// Replaces a group's attributes and, if given, its members.
    package func update(_ group: Group, members: [Member]? = nil) throws {
        do {
            try workspace.store.write { database in
                let name = try String.fetchOne(
                    database, sql: "SELECT display_name FROM principal_group WHERE id = ?", arguments: [group.id])
                guard let name else { throw notFound(String(group.id)) }
                if name != group.displayName { try Self.refuseBuiltIn(name) }
                try database.execute(
                    sql: "UPDATE principal_group SET display_name = ?, external_id = ?, attributes = ? WHERE id = ?",
                    arguments: [group.displayName, group.externalID, group.attributes.columnText, group.id])
                guard let members else { return }
                try database.execute(sql: "DELETE FROM group_member WHERE group_id = ?", arguments: [group.id])
                for member in members { try Self.add(member, to: group.id, database) }
            }
        } catch let error as DatabaseError where error.isUniqueViolation {
            throw taken(group.displayName)
        }
        workspace.credentials.forgetAll()
    }

    package func delete(_ id: Int) throws {
        try workspace.store.write { database in
            let name = try String.fetchOne(database, sql: "SELECT display_name FROM principal_group WHERE id = ?", arguments: [id])
            guard let name else { throw notFound(String(id)) }
            try Self.refuseBuiltIn(name)
            try database.execute(sql: "DELETE FROM principal_group WHERE id = ?", arguments: [id])
        }
        workspace.credentials.forgetAll()
    }

    private static func refuseBuiltIn(_ name: String) throws(WorkspaceError) {
        guard name == Group.admins || name == Group.users else { return }
        throw WorkspaceError(
            .permissionDenied, "Group \(name) is a system group and cannot be renamed or deleted.", shape: .scim(type: nil))
    }

    package func notFound(_ id: String) -> WorkspaceError {
        WorkspaceError(.notFound, "Group with id \(id.prefix(64)) not found.", shape: .scim(type: nil))
    }

    private func taken(_ name: String) -> WorkspaceError {
        WorkspaceError(.resourceAlreadyExists, "Group with name \(name.prefix(256)) already exists.", shape: .scim(type: "uniqueness"))
    }
}

extension Workspace {
    package var groups: Groups { Groups(workspace: self) }
}
