package import GRDB

/// What one principal may do with the objects of the metastore: the rules of Unity Catalog over ownership, grants and their inheritance.
/// Lives for one transaction.
///
/// An owner has every privilege on the object. Owners of its parents, holders of MANAGE on it or on a parent, and the metastore's administrators may see,
/// change, drop and grant, but read and write data only by a grant. A privilege on a parent holds for all that is in it. Whatever is done with an object
/// in a schema needs USE CATALOG and USE SCHEMA besides.
package struct Access {
    package let principal: Principal
    let database: Database
    /// All grants of the principal by object, if there is much to look at.
    private let known: [String: PrivilegeSet]?
    private let knownAdmin: Bool?

    /// - Parameter many: reads all of the principal's grants at once, for lists.
    package init(_ principal: Principal, _ database: Database, many: Bool = false) throws {
        self.principal = principal
        self.database = database
        known = many && principal != .system ? try Access.all(of: principal, database) : nil
        knownAdmin = many ? try Access.isMetastoreAdmin(principal, database) : nil
    }

    // MARK: Facts

    /// The service itself.
    private var isSystem: Bool { principal == .system }

    /// `hive_metastore` is outside of Unity Catalog and its grants.
    private static func isFree(_ path: SecurablePath) -> Bool { path.catalogKind == .internal }

    package func owns(_ step: SecurablePath.Step) -> Bool { principal.isNamed(step.owner) }

    private func ownsParent(_ path: SecurablePath) -> Bool { path.parents.contains { owns($0) } }

    package func isMetastoreAdmin() throws -> Bool { try knownAdmin ?? Access.isMetastoreAdmin(principal, database) }

    private static func isMetastoreAdmin(_ principal: Principal, _ database: Database) throws -> Bool {
        if principal == .system { return true }
        let owner = try database.first("SELECT owner FROM metastore WHERE assigned = 1") { $0[0] as String }
        return owner.map { principal.isNamed($0) } ?? false
    }

    /// Grants on this object itself, to the principal or to a group that it is in.
    package func granted(on id: String) throws -> PrivilegeSet {
        if let known { return known[id] ?? [] }
        var set = PrivilegeSet()
        let rows = try database.all("SELECT principal, privilege FROM privilege WHERE object = ?", [.text(id)]) {
            ($0[0] as String, $0[1] as String)
        }
        for (name, privilege) in rows where principal.isNamed(name) {
            if let privilege = Privilege(rawValue: privilege) { set.insert(privilege) }
        }
        return set
    }

    private static func all(of principal: Principal, _ database: Database) throws -> [String: PrivilegeSet] {
        var all: [String: PrivilegeSet] = [:]
        for name in principal.names {
            let rows = try database.all("SELECT object, privilege FROM privilege WHERE principal = ?", [.text(name)]) {
                ($0[0] as String, $0[1] as String)
            }
            for (object, privilege) in rows {
                if let privilege = Privilege(rawValue: privilege) { all[object, default: []].insert(privilege) }
            }
        }
        return all
    }

    // MARK: Questions

    /// Whether the privilege holds for the object, apart from USE CATALOG and USE SCHEMA on its parents.
    package func has(_ privilege: Privilege, on path: SecurablePath) throws -> Bool {
        if isSystem || Access.isFree(path) || owns(path.object) { return true }
        if !privilege.concernsData, ownsParent(path) { return true }
        if path.type == .schema, privilege == .useSchema || privilege == .select, path.name.hasSuffix(".information_schema") { return true }
        for step in path.steps where try granted(on: step.id).grants(privilege) { return true }
        if path.type == .metastore || privilege == .createSchema { return try isMetastoreAdmin() }
        return false
    }

    /// Whether the object may be changed, dropped and granted on.
    package func manages(_ path: SecurablePath) throws -> Bool {
        if isSystem || Access.isFree(path) || owns(path.object) || ownsParent(path) { return true }
        for step in path.steps where try granted(on: step.id).contains(.manage) { return true }
        return try isMetastoreAdmin()
    }

    /// The first of USE CATALOG and USE SCHEMA that is missing on the object's parents.
    private func missingUse(_ path: SecurablePath) throws -> WorkspaceError? {
        if isSystem || Access.isFree(path) { return nil }
        for step in path.parents.reversed() {
            let privilege: Privilege = step.type == .catalog ? .useCatalog : .useSchema
            if try !has(privilege, on: self.path(of: step, in: path)) {
                return .noPrivilege(privilege.words, on: step.type, step.name)
            }
        }
        return nil
    }

    private func path(of step: SecurablePath.Step, in path: SecurablePath) -> SecurablePath {
        var current: SecurablePath? = path
        while let place = current {
            if place.object == step { return place }
            current = place.parent
        }
        return SecurablePath(step)
    }

    /// Whether the object's metadata may be seen.
    package func sees(_ path: SecurablePath) throws -> Bool { try invisible(path) == nil }

    /// Whether BROWSE on the catalog (or on the object) shows its metadata although nothing else does.
    package func browses(_ path: SecurablePath) throws -> Bool {
        for step in path.steps {
            let set = try granted(on: step.id)
            if set.grants(.browse) { return true }
        }
        return false
    }

    /// Why the object's metadata may not be seen; nil if it may.
    package func invisible(_ path: SecurablePath) throws -> WorkspaceError? {
        if isSystem || Access.isFree(path) { return nil }
        if try owns(path.object) && missingUse(path) == nil { return nil }
        if try ownsParent(path) || isMetastoreAdmin() { return nil }
        if let missing = try missingUse(path) { return missing }
        switch path.type {
        case .catalog: return try has(.useCatalog, on: path) || manages(path) ? nil : .noPrivilege("USE CATALOG", on: .catalog, path.name)
        case .schema: return try has(.useSchema, on: path) || manages(path) ? nil : .noPrivilege("USE SCHEMA", on: .schema, path.name)
        default:
            let wanted = path.type.reading
            for step in path.steps {
                let set = try granted(on: step.id)
                if set.contains(.manage) || set.contains(.allPrivileges) { return nil }
                for privilege in wanted where set.contains(privilege) { return nil }
                // Any privilege on the object itself shows it.
                if step == path.object, !set.isEmpty { return nil }
            }
            if path.parents.first?.name.hasSuffix(".information_schema") == true { return nil }
            let word = wanted.first?.words ?? "MANAGE"
            return .noPrivilege(word, on: path.type, path.name)
        }
    }

    // MARK: Demands

    /// Throws `PERMISSION_DENIED` unless the privilege holds, with USE CATALOG and USE SCHEMA on the parents.
    package func require(_ privilege: Privilege, on path: SecurablePath) throws {
        try requireBinding(path, toWrite: privilege.writes)
        if isSystem { return }
        if owns(path.object), path.parents.allSatisfy({ owns($0) }) { return }
        if let missing = try missingUse(path) { throw missing }
        guard try has(privilege, on: path) else { throw WorkspaceError.noPrivilege(privilege.words, on: path.type, path.name) }
    }

    /// Whether `require` would let pass.
    package func allows(_ privilege: Privilege, on path: SecurablePath) throws -> Bool {
        do {
            try require(privilege, on: path)
            return true
        } catch let error as WorkspaceError where error.code == .permissionDenied {
            return false
        }
    }

    /// As `require`, for making something in the object: USE CATALOG or USE SCHEMA on the object itself is needed too.
    package func requireUse(_ privilege: Privilege, on path: SecurablePath) throws {
        let use: Privilege = path.type == .catalog ? .useCatalog : .useSchema
        try require(use, on: path)
        try require(privilege, on: path)
    }

    /// Throws `PERMISSION_DENIED` unless the object may be changed. The service's own catalogs are nobody else's to change.
    package func requireManage(_ path: SecurablePath) throws {
        // The catalog itself can be managed where it is read-only, else nobody could change that.
        try requireBinding(path, toWrite: !path.parents.isEmpty)
        if isSystem { return }
        if path.catalogKind == .system || path.catalogKind == .internal && path.type == .catalog {
            throw WorkspaceError.notOwner(of: path.type, path.name)
        }
        if owns(path.object), path.parents.allSatisfy({ owns($0) }) { return }
        if try !isMetastoreAdmin(), let missing = try missingUse(path) { throw missing }
        guard try manages(path) else { throw WorkspaceError.notOwner(of: path.type, path.name) }
    }

    /// Throws `PERMISSION_DENIED` unless the object's metadata may be seen. True: only by BROWSE.
    @discardableResult
    package func requireSight(_ path: SecurablePath, browse: Bool = false) throws -> Bool {
        try requireBinding(path)
        if isSystem || owns(path.object) && path.parents.allSatisfy({ owns($0) }) { return false }
        guard let reason = try invisible(path) else { return false }
        if browse, try browses(path) { return true }
        throw reason
    }

    /// An isolated catalog or metastore object is there for the workspaces that it is bound to.
    private func requireBinding(_ path: SecurablePath, toWrite: Bool = false) throws {
        guard path.isIsolated else { return }
        let holder = path.parents.last ?? path.object
        guard let isReadOnly = try Bindings.isReadOnly(holder.id, database) else {
            throw WorkspaceError.unityCatalog(
                .permissionDenied, "\(holder.type.title) '\(holder.name)' is not accessible in current workspace")
        }
        if isReadOnly, toWrite {
            throw WorkspaceError.unityCatalog(
                .permissionDenied, "\(holder.type.title) '\(holder.name)' is read-only in current workspace")
        }
    }

    /// Whether an isolated object is bound to this workspace; others always are.
    package func isBound(_ path: SecurablePath) throws -> Bool {
        guard path.isIsolated else { return true }
        return try Bindings.isBound((path.parents.last ?? path.object).id, database)
    }

    /// Of a list, what may be seen.
    package func visible<Info>(_ infos: [Info], browse: Bool = false, _ path: (Info) throws -> SecurablePath) throws -> [Info] {
        try visible(infos, browse: browse, unbound: false, path) { _ in }
    }

    /// - Parameter mark: what is done to one that BROWSE alone shows.
    package func visible<Info>(
        _ infos: [Info], browse: Bool, unbound: Bool, _ path: (Info) throws -> SecurablePath, _ mark: (inout Info) -> Void
    ) throws -> [Info] {
        if isSystem { return infos }
        var seen: [Info] = []
        for info in infos {
            let path = try path(info)
            guard try unbound || isBound(path) else { continue }
            if try sees(path) {
                seen.append(info)
            } else if browse, try browses(path) {
                var info = info
                mark(&info)
                seen.append(info)
            }
        }
        return seen
    }

    /// Whether everything in this object may be seen, so that a list needs no look at each.
    func seesAll(in path: SecurablePath) throws -> Bool {
        try !path.isIsolated && (isSystem || Access.isFree(path) || path.steps.contains { owns($0) } || isMetastoreAdmin())
    }
}

extension SecurableType {
    /// What shows that somebody has to do with an object's contents.
    var reading: [Privilege] {
        switch self {
        case .table: [.select, .modify]
        case .volume: [.readVolume, .writeVolume]
        case .function, .model: [.execute]
        case .externalLocation: [.readFiles, .writeFiles, .createExternalTable, .createExternalVolume, .createManagedStorage]
        case .storageCredential: [.createExternalLocation, .readFiles, .writeFiles, .createExternalTable]
        case .credential: [.access]
        case .connection: [.useConnection, .createForeignCatalog]
        case .secret: [.readSecret]
        case .share: [.select]
        default: []
        }
    }
}

extension Workspace {
    /// The one check of a privilege for all that is outside of the catalog's own operations (files, sharing, credentials): throws what is missing first,
    /// the object (`…_DOES_NOT_EXIST`), USE CATALOG, USE SCHEMA or the privilege itself (`PERMISSION_DENIED`).
    @discardableResult
    package func require(_ privilege: Privilege, on type: SecurableType, _ fullName: String, for principal: Principal) throws -> SecurablePath {
        try store.read { database in
            let path = try Securables.existing(database, type, fullName)
            try Access(principal, database).require(privilege, on: path)
            return path
        }
    }

    /// Throws what is missing first, or `PERMISSION_DENIED` unless the principal may change the object.
    package func requireManage(_ type: SecurableType, _ fullName: String, for principal: Principal) throws {
        try store.read { try Access(principal, $0).requireManage(Securables.existing($0, type, fullName)) }
    }

    /// Whether `require` would let the principal pass; an object that does not exist is an error as there.
    package func allows(_ privilege: Privilege, on type: SecurableType, _ fullName: String, for principal: Principal) throws -> Bool {
        do {
            try require(privilege, on: type, fullName, for: principal)
            return true
        } catch let error as WorkspaceError where error.code == .permissionDenied {
            return false
        }
    }
}
