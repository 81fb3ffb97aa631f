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
            if change.isEmpty, changes.isEmpty { throw WorkspaceError.nothingToUpdate("UpdateShare") }
            if !changes.isEmpty {
                var all = share.sharedObjects
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
            object.members["data_object_type"] = .string(try check(object, name, access, database).rawValue)
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
    private func check(_ object: SharedObject, _ name: String, _ access: Access, _ database: Database) throws -> SharedObject.Kind {
        guard let type = object.kind.securable else {
            guard object.members["content"]?.stringValue != nil || name.hasPrefix("/") else {
                throw WorkspaceError.missingField("UpdateShare", "content")
            }
            return .notebook
        }
        let path = try Securables.existing(database, type, name, rpc: "UpdateShare")
        if type == .schema {
            try access.require(.useSchema, on: path)
            try access.require(.select, on: path)
        } else {
            try access.require(object.kind.privilege, on: path)
        }
        guard type == .table else { return object.kind }
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
        if real != .table, !object.partitions.isEmpty || object.hasChanges {
            throw WorkspaceError.unityCatalog(.invalidParameterValue, "Partitions and history can be given for tables alone, not for '\(name)'.")
        }
        return real
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

    /// Shares that a recipient was granted, by name.
    package func list(for recipient: CatalogObject) throws -> [CatalogObject] {
        try workspace.store.read { database in
            try CatalogObjects.all(database, .share).filter { share in
                try Grants.rows(database, share.id).contains { $0.principal == recipient.name && $0.privileges.contains(.select) }
            }
        }
    }

    /// Grants on a share, for who may see it.
    package func grants(_ name: String, by principal: Principal) throws -> [Grants.Assignment] {
        try workspace.store.read { database in
            let path = try Securables.existing(database, .share, name, rpc: "GetSharePermissions")
            try Access(principal, database).requireSharing(.useShare, on: path)
            return try Grants.rows(database, path.object.id)
        }
    }
}

extension Access {
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
