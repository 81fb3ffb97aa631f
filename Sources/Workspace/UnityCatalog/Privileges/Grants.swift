import GRDB

/// Privileges granted on the objects of the metastore.
package struct Grants: Sendable {
    let workspace: Workspace

    static let migration = Migration(
        "privileges",
        """
        CREATE TABLE privilege (
            object TEXT NOT NULL, principal TEXT NOT NULL, privilege TEXT NOT NULL, PRIMARY KEY (object, principal, privilege)
        ) WITHOUT ROWID;
        CREATE INDEX privilege_principal ON privilege (principal, object, privilege);
        CREATE TABLE binding (
            object TEXT NOT NULL, workspace INTEGER NOT NULL, read_only INTEGER NOT NULL, PRIMARY KEY (object, workspace)
        ) WITHOUT ROWID;
        CREATE TABLE tag (
            object TEXT NOT NULL, column_name TEXT NOT NULL, key TEXT NOT NULL, value TEXT, updated_at INTEGER NOT NULL, updated_by TEXT NOT NULL,
            PRIMARY KEY (object, column_name, key)
        ) WITHOUT ROWID;
        \(cleanUp("catalog"))
        \(cleanUp("schema"))
        \(cleanUp("relation"))
        \(cleanUp("volume"))
        \(cleanUp("function"))
        \(cleanUp("securable"))
        CREATE TRIGGER identity_privileges AFTER DELETE ON identity BEGIN DELETE FROM privilege WHERE principal = OLD.user_name; END;
        CREATE TRIGGER group_privileges AFTER DELETE ON principal_group BEGIN DELETE FROM privilege WHERE principal = OLD.display_name; END;
        CREATE TRIGGER identity_renamed AFTER UPDATE OF user_name ON identity WHEN OLD.user_name <> NEW.user_name
            BEGIN UPDATE OR REPLACE privilege SET principal = NEW.user_name WHERE principal = OLD.user_name; END;
        CREATE TRIGGER group_renamed AFTER UPDATE OF display_name ON principal_group WHEN OLD.display_name <> NEW.display_name
            BEGIN UPDATE OR REPLACE privilege SET principal = NEW.display_name WHERE principal = OLD.display_name; END;
        UPDATE metastore SET owner = 'admins';
        """)

    /// What was said of an object goes with it; ids are never given twice.
    private static func cleanUp(_ table: String) -> String {
        """
        CREATE TRIGGER \(table)_gone AFTER DELETE ON \(table) BEGIN
            DELETE FROM privilege WHERE object = OLD.id; DELETE FROM binding WHERE object = OLD.id; DELETE FROM tag WHERE object = OLD.id;
        END;
        """
    }

    package struct Assignment: Sendable, Hashable {
        package let principal: String
        /// By name.
        package let privileges: [Privilege]
    }

    /// A privilege that holds for a principal, and the parent that it was granted on; nil: the object itself.
    package struct Effective: Sendable, Hashable {
        package let privilege: Privilege
        package let inheritedFrom: SecurablePath.Step?
    }

    package struct EffectiveAssignment: Sendable, Hashable {
        package let principal: String
        package let privileges: [Effective]
    }

    package struct Change: Sendable, Hashable {
        package let principal: String
        package var add: [Privilege]
        package var remove: [Privilege]

        package init(principal: String, add: [Privilege] = [], remove: [Privilege] = []) {
            self.principal = principal
            self.add = add
            self.remove = remove
        }
    }

    // MARK: Questions

    /// Grants on the object itself, by principal. Who does not manage the object sees his own and his groups'.
    package func list(
        _ type: SecurableType, _ fullName: String, of principal: String? = nil, by caller: Principal
    ) throws -> [Assignment] {
        try workspace.store.read { database in
            let path = try Securables.existing(database, type, fullName)
            let named = try principal.map { try Principals.existing($0, database) }
            let access = try Access(caller, database)
            let all = try access.manages(path)
            if !all { try access.requireSight(path, browse: true) }
            let rows = try type == .share && all ? Shares.grants(on: path.object.id, database) : Self.rows(database, path.object.id)
            return rows.filter { row in
                (named == nil || row.principal == named) && (all || caller.isNamed(row.principal))
            }
        }
    }

    /// Grants that hold for the object, those on its parents among them.
    package func effective(
        _ type: SecurableType, _ fullName: String, of principal: String? = nil, by caller: Principal
    ) throws -> [EffectiveAssignment] {
        try workspace.store.read { database in
            let path = try Securables.existing(database, type, fullName, rpc: "GetEffectivePermissions")
            let named = try principal.map { try Principals.existing($0, database) }
            let access = try Access(caller, database)
            let all = try access.manages(path)
            if !all { try access.requireSight(path, browse: true) }
            // One principal's are those of his groups too, as they hold for him.
            let names = try named.map { try Self.names(of: $0, database) }
            var found: [String: [Effective]] = [:]
            for step in path.steps {
                for row in try Self.rows(database, step.id) where all || caller.isNamed(row.principal) {
                    if let names, !names.contains(row.principal) { continue }
                    let holder = named ?? row.principal
                    for privilege in row.privileges where step == path.object || Self.inherits(privilege, path) {
                        let one = Effective(privilege: privilege, inheritedFrom: step == path.object ? nil : step)
                        if found[holder]?.contains(one) != true { found[holder, default: []].append(one) }
                    }
                }
            }
            return found.sorted { $0.key < $1.key }.map { name, list in
                EffectiveAssignment(principal: name, privileges: list.sorted { $0.privilege.rawValue < $1.privilege.rawValue })
            }
        }
    }

    /// Whether a privilege on a parent means something for objects of this type.
    private static func inherits(_ privilege: Privilege, _ path: SecurablePath) -> Bool {
        privilege == .manage || privilege == .browse || path.type.allows(privilege, kind: path.kind)
    }

    private static func names(of principal: String, _ database: Database) throws -> Set<String> {
        var names: Set<String> = [principal, Principals.everybody]
        if let id = try database.first("SELECT id FROM identity WHERE user_name = ?", [.text(principal)], { $0[0] as Int64 }) {
            names.formUnion(try Groups.memberships(ofIdentity: Int(id), database).map(\.displayName))
        }
        return names
    }

    /// By principal, each with privileges by name.
    static func rows(_ database: Database, _ object: String) throws -> [Assignment] {
        let rows = try database.all("SELECT principal, privilege FROM privilege WHERE object = ? ORDER BY 1, 2", [.text(object)]) {
            ($0[0] as String, $0[1] as String)
        }
        var all: [Assignment] = []
        for (principal, name) in rows {
            guard let privilege = Privilege(rawValue: name) else { continue }
            if all.last?.principal == principal, let last = all.popLast() {
                all.append(Assignment(principal: principal, privileges: last.privileges + [privilege]))
            } else {
                all.append(Assignment(principal: principal, privileges: [privilege]))
            }
        }
        return all
    }

    // MARK: Changes

    /// Applies all changes or none. Answers the grants on the object.
    @discardableResult
    package func update(_ type: SecurableType, _ fullName: String, _ changes: [Change], by caller: Principal) throws -> [Assignment] {
        try workspace.store.write { database in
            let path = try Securables.existing(database, type, fullName, rpc: "UpdatePermissions")
            let access = try Access(caller, database)
            guard try access.givesAway(path) else { throw WorkspaceError.notOwner(of: type, path.name) }
            let changes = changes.map {
                Change(principal: $0.principal, add: $0.add.map { $0.current(for: type) }, remove: $0.remove.map { $0.current(for: type) })
            }
            guard let possible = type.privileges(kind: path.kind) else {
                throw WorkspaceError.unityCatalog(.invalidParameterValue, "Privileges cannot be granted on \(type.title) '\(path.name)'")
            }
            for change in changes {
                // A share is given to recipients; it is managed by principals.
                let isForRecipient = type == .share && !(change.add + change.remove).contains(.manage)
                guard try isForRecipient || access.manages(path) else { throw WorkspaceError.notOwner(of: type, path.name) }
                let principal = isForRecipient ? "" : try Principals.existing(change.principal, database)
                if change.add.contains(where: { change.remove.contains($0) }) {
                    throw WorkspaceError.unityCatalog(
                        .invalidParameterValue, "Duplicate privileges to add and delete for principal \(change.principal).")
                }
                if isForRecipient {
                    for privilege in change.add + change.remove where privilege != .select { throw Self.notApplicable(privilege, path) }
                    try Shares.change(change, on: path.object.id, access, database)
                    continue
                }
                if type == .share, change.add.contains(.select) { throw Self.notApplicable(.select, path) }
                for privilege in change.add {
                    guard possible.contains(privilege) else { throw Self.notApplicable(privilege, path) }
                    try database.cachedStatement(sql: "INSERT OR IGNORE INTO privilege VALUES (?, ?, ?)")
                        .execute(arguments: [path.object.id, principal, privilege.rawValue])
                }
                for privilege in change.remove {
                    guard possible.contains(privilege) else { throw Self.notApplicable(privilege, path) }
                    // Taking ALL PRIVILEGES away takes away what it stands for.
                    let sql = "DELETE FROM privilege WHERE object = ? AND principal = ?"
                    try database.cachedStatement(sql: "\(sql) AND privilege = ?")
                        .execute(arguments: [path.object.id, principal, privilege.rawValue])
                    if privilege == .allPrivileges {
                        try database.cachedStatement(sql: "\(sql) AND privilege NOT IN ('MANAGE', 'EXTERNAL_USE_SCHEMA', 'EXTERNAL_USE_LOCATION')")
                            .execute(arguments: [path.object.id, principal])
                    }
                }
            }
            return try type == .share ? Shares.grants(on: path.object.id, database) : Self.rows(database, path.object.id)
        }
    }

    private static func notApplicable(_ privilege: Privilege, _ path: SecurablePath) -> WorkspaceError {
        .unityCatalog(
            .invalidParameterValue,
            "Privilege \(privilege.words) is not applicable to this entity [\(path.name):\(path.type.rawValue)]. "
                + "If this seems unexpected, please check the privilege version of the metastore in use [1.0].")
    }

    /// What everybody has in a new workspace: the use of `main` and its schema `default`, and the samples.
    static func writeStartState(_ database: Database) throws {
        func grant(_ privileges: [Privilege], _ object: String) throws {
            for privilege in privileges {
                try database.cachedStatement(sql: "INSERT INTO privilege VALUES (?, ?, ?)")
                    .execute(arguments: [object, Principals.everybody, privilege.rawValue])
            }
        }
        for name in ["main", "samples", "system"] {
            guard let catalog = try Catalogs.find(database, name) else { continue }
            try grant(name == "samples" ? [.execute, .readVolume, .select, .useCatalog, .useSchema] : [.useCatalog], catalog.id)
        }
        if let schema = try Schemas.find(database, SchemaName(catalog: "main", schema: "default")) {
            try grant([.createFunction, .createMaterializedView, .createModel, .createTable, .createVolume, .useSchema], schema.id)
        }
    }
}

extension Workspace {
    package var grants: Grants { Grants(workspace: self) }

    /// The object of a type and full name, for who may see it.
    package func securable(_ type: SecurableType, _ fullName: String, by principal: Principal) throws -> SecurablePath {
        try store.read { database in
            let path = try Securables.existing(database, type, fullName)
            try Access(principal, database).requireSight(path, browse: true)
            return path
        }
    }
}
