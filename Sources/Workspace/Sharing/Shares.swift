import GRDB
import JSON

/// What a provider gives away, and to whom.
package struct Shares: Sendable {
    let workspace: Workspace

    package enum Action: String, Sendable, CaseIterable { case add = "ADD", remove = "REMOVE", update = "UPDATE" }

    package struct ObjectChange: Sendable {
        package let action: Action
        package let object: SharedObject

        package init(_ action: Action, _ object: SharedObject) {
            self.action = action
            self.object = object
        }
    }

    /// Members of a shared object that an update sets.
    private static let settable = [
        "comment", "shared_as", "string_shared_as", "partitions", "cdf_enabled", "history_data_sharing_status", "start_version", "content",
    ]

    private var objects: CatalogObjects { workspace.catalogObjects(.share) }

    // MARK: Changes

    /// Applies all changes of objects and of the share itself, or none.
    package func update(
        _ name: String, _ change: CatalogObjectChange, _ changes: [ObjectChange], by principal: Principal
    ) throws -> CatalogObject {
        let now = workspace.environment.nowMillis
        return try workspace.store.write { database in
            var share = try CatalogObjects.existing(database, .share, name, rpc: "UpdateShare")
            let access = try Access(principal, database)
            try access.requireManage(try share.path(database))
            // Terraform sends this for a share without objects.
            if change.isEmpty, changes.isEmpty { return share }
            if !changes.isEmpty {
                var all = try Self.objects(of: share, database)
                for change in changes { try apply(change, to: &all, access, database, now: now, by: principal) }
                share.fields["objects"] = .array(all.sorted { ($0.name, $0.kind.rawValue) < ($1.name, $1.kind.rawValue) }.map { .object($0.members) })
                try database.cachedStatement(sql: "UPDATE securable SET fields = ?, updated_at = ?, updated_by = ? WHERE key = ?")
                    .execute(arguments: [share.fields.columnText, now, principal.userName, share.key])
            }
            guard !change.isEmpty else { return try CatalogObjects.existing(database, .share, name, rpc: "UpdateShare") }
            return try objects.update(database, share, change, access, now: now, by: principal)
        }
    }

    private func apply(
        _ change: ObjectChange, to all: inout [SharedObject], _ access: Access, _ database: Database, now: Int64, by principal: Principal
    ) throws {
        let kind = change.object.kind
        let name = kind == .notebook ? change.object.name : change.object.name.lowercased()
        let position = all.firstIndex { $0.name == name && $0.kind.securable == kind.securable }
        switch change.action {
        case .remove:
            guard let position else {
                throw WorkspaceError.unityCatalog(.resourceDoesNotExist, "\(kind.rawValue) '\(name)' does not exist in the share.")
            }
            all.remove(at: position)
        case .add:
            guard position == nil else {
                throw WorkspaceError.unityCatalog(.resourceAlreadyExists, "\(kind.rawValue) '\(name)' already exists in the share.")
            }
            var object = change.object
            object.members["name"] = .string(name)
            let (kind, id) = try check(object, name, access, database)
            object.members["data_object_type"] = .string(kind.rawValue)
            object.id = id
            object.members["added_at"] = .int(now)
            object.members["added_by"] = .string(principal.userName)
            object.members["status"] = "ACTIVE"
            if object.kind == .table {
                if object.members["cdf_enabled"] == nil { object.members["cdf_enabled"] = false }
                if object.members["history_data_sharing_status"] == nil { object.members["history_data_sharing_status"] = "DISABLED" }
                if object.members["start_version"] == nil { object.members["start_version"] = 0 }
            }
            if object.members["shared_as"] == nil, object.members["string_shared_as"] == nil { object.members["shared_as"] = .string(object.alias) }
            try checkAlias(object, all)
            all.append(object)
        case .update:
            guard let position else {
                throw WorkspaceError.unityCatalog(.resourceDoesNotExist, "\(kind.rawValue) '\(name)' does not exist in the share.")
            }
            var object = all.remove(at: position)
            for member in Self.settable { if let value = change.object.members[member] { object.members[member] = value } }
            try checkAlias(object, all)
            all.insert(object, at: position)
        }
    }

    /// The object must be there, of the kind that is said, and the caller's to read.
    private func check(
        _ object: SharedObject, _ name: String, _ access: Access, _ database: Database
    ) throws -> (kind: SharedObject.Kind, id: String?) {
        guard let type = object.kind.securable else {
            guard object.members["content"]?.stringValue != nil || name.hasPrefix("/") else {
                throw WorkspaceError.missingField("UpdateShare", "content")
            }
            return (.notebook, nil)
        }
        let path = try Securables.existing(database, type, name, rpc: "UpdateShare")
        if type == .schema {
            try access.require(.useSchema, on: path)
            try access.require(.select, on: path)
        } else {
            try access.require(object.kind.privilege, on: path)
        }
        guard type == .table else { return (object.kind, path.object.id) }
        let info = try Tables.existing(database, ObjectName(fullName: name, rpc: "UpdateShare", field: "name"))
        let real: SharedObject.Kind =
            switch info.type {
            case .view, .metricView: .view
            case .materializedView: .materializedView
            case .streamingTable: .streamingTable
            case .foreign: .foreignTable
            default: .table
            }
        // A table of any kind may be called one.
        guard object.kind == real || object.kind == .table else {
            throw WorkspaceError.unityCatalog(.invalidParameterValue, "'\(name)' is not a \(object.kind.rawValue) but a \(real.rawValue).")
        }
        if real == .table, info.format != "DELTA" {
            throw WorkspaceError.unityCatalog(.invalidParameterValue, "Only tables in Delta format can be shared; '\(name)' is none.")
        }
        // Recipients read the files themselves, which knows no filters.
        let details = try info.details.map { try JSONValue(parsing: Array($0.utf8)) }
        if details?["row_filter"] != nil || details?["column_masks"]?.arrayValue?.isEmpty == false {
            throw WorkspaceError.unityCatalog(.invalidParameterValue, "'\(name)' has a row filter or column masks and cannot be shared.")
        }
        if real != .table, !object.partitions.isEmpty || object.hasChanges {
            throw WorkspaceError.unityCatalog(.invalidParameterValue, "Partitions and history can be given for tables alone, not for '\(name)'.")
        }
        return (real, path.object.id)
    }

    private func checkAlias(_ object: SharedObject, _ others: [SharedObject]) throws {
        let alias = object.alias.lowercased()
        let parts = alias.split(separator: ".", omittingEmptySubsequences: false)
        let count = object.kind == .schema ? 1 : 2
        guard object.kind == .notebook || parts.count == count && parts.allSatisfy({ SecurableName.isValid(String($0)) }) else {
            throw WorkspaceError.unityCatalog(
                .invalidParameterValue, "Invalid value for shared_as: '\(object.alias.prefix(255))'. It must have \(count) part(s).")
        }
        if others.contains(where: { $0.kind.securable == object.kind.securable && $0.alias.lowercased() == alias }) {
            throw WorkspaceError.unityCatalog(.resourceAlreadyExists, "An object is shared as '\(object.alias)' already.")
        }
    }

    // MARK: Look-up

    /// What is in a share, by name: what was renamed since it was added has its present name, and is shared as it was before.
    package func objects(of share: CatalogObject) throws -> [SharedObject] {
        try workspace.store.read { try Self.objects(of: share, $0) }
    }

    static func objects(of share: CatalogObject, _ database: Database) throws -> [SharedObject] {
        try share.sharedObjects.map { object in
            guard let id = object.id, let type = object.kind.securable, let name = try Securables.fullName(database, type, id: id) else {
                return object
            }
            var object = object
            object.members["name"] = .string(name)
            return object
        }
    }

    /// Shares that a recipient was granted, by name.
    package func list(for recipient: CatalogObject) throws -> [CatalogObject] {
        try workspace.store.read { database in
            let granted = Set(try database.all("SELECT share FROM share_grant WHERE recipient = ?", [.text(recipient.id)]) { $0[0] as String })
            return try CatalogObjects.all(database, .share).filter { granted.contains($0.id) }
        }
    }

    // MARK: Grants

    static let grantsMigration = Migration(
        "share-grants",
        """
        CREATE TABLE share_grant (share TEXT NOT NULL, recipient TEXT NOT NULL, PRIMARY KEY (share, recipient)) WITHOUT ROWID;
        INSERT INTO share_grant SELECT s.id, r.id FROM privilege p JOIN securable s ON s.id = p.object AND s.type = 'SHARE'
            JOIN securable r ON r.type = 'RECIPIENT' AND r.name = p.principal WHERE p.privilege = 'SELECT';
        DELETE FROM privilege WHERE privilege = 'SELECT' AND object IN (SELECT id FROM securable WHERE type = 'SHARE');
        DROP TRIGGER recipient_gone;
        DROP TRIGGER recipient_renamed;
        CREATE TRIGGER recipient_gone AFTER DELETE ON securable WHEN OLD.type = 'RECIPIENT' BEGIN
            DELETE FROM recipient_token WHERE recipient = OLD.id;
            DELETE FROM share_grant WHERE recipient = OLD.id;
        END;
        CREATE TRIGGER share_gone AFTER DELETE ON securable WHEN OLD.type = 'SHARE' BEGIN DELETE FROM share_grant WHERE share = OLD.id; END;
        """)

    /// Grants on a share, for who may see it: SELECT of recipients, and what principals have.
    package func grants(_ name: String, by principal: Principal) throws -> [Grants.Assignment] {
        try workspace.store.read { database in
            let path = try Securables.existing(database, .share, name, rpc: "GetSharePermissions")
            try Access(principal, database).requireSharing(.useShare, on: path)
            return try Self.grants(on: path.object.id, database)
        }
    }

    static func grants(on share: String, _ database: Database) throws -> [Grants.Assignment] {
        var all = Dictionary(try Grants.rows(database, share).map { ($0.principal, $0.privileges) }, uniquingKeysWith: { $0 + $1 })
        let recipients = try database.all(
            "SELECT r.name FROM share_grant g JOIN securable r ON r.id = g.recipient WHERE g.share = ?", [.text(share)]
        ) { $0[0] as String }
        for name in recipients { all[name, default: []].append(.select) }
        return all.sorted { $0.key < $1.key }.map { Grants.Assignment(principal: $0.key, privileges: $0.value) }
    }

    /// Gives SELECT on a share to a recipient, or takes it away. A share is read by recipients alone, never by principals of the same name.
    static func change(_ change: Grants.Change, on share: String, _ access: Access, _ database: Database) throws {
        guard let recipient = try CatalogObjects.find(database, .recipient, parent: "", name: change.principal.lowercased()) else {
            throw WorkspaceError.noSuch(.recipient, String(change.principal.prefix(255)))
        }
        try access.requireSharing(.useRecipient, on: try recipient.path(database))
        if change.add.contains(.select) {
            try database.execute(sql: "INSERT OR IGNORE INTO share_grant VALUES (?, ?)", arguments: [share, recipient.id])
        }
        if change.remove.contains(.select) {
            try database.execute(sql: "DELETE FROM share_grant WHERE share = ? AND recipient = ?", arguments: [share, recipient.id])
        }
    }
}

extension Access {
    /// Who owns a share gives it to recipients, and who has USE SHARE and SET SHARE PERMISSION on the metastore.
    func givesAway(_ path: SecurablePath) throws -> Bool {
        if try manages(path) { return true }
        guard path.type == .share else { return false }
        let granted = try granted(on: Securables.metastore(database).object.id)
        return granted.contains(.useShare) && granted.contains(.setSharePermission)
    }

    /// Owners, the metastore's administrators and who has the privilege (`USE SHARE`, …) on the metastore may see a share, a recipient or a provider.
    package func requireSharing(_ privilege: Privilege, on path: SecurablePath) throws {
        if try sees(path) { return }
        guard try granted(on: Securables.metastore(database).object.id).contains(privilege) else {
            throw WorkspaceError.noPrivilege(privilege.words, on: path.type, path.name)
        }
    }
}

extension SecurableType {
    /// The privilege on the metastore that shows all objects of the type.
    var use: Privilege? {
        switch self {
        case .share: .useShare
        case .recipient: .useRecipient
        case .provider: .useProvider
        default: nil
        }
    }
}

extension Workspace {
    package var shares: Shares { Shares(workspace: self) }
}
