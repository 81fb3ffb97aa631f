import GRDB
import JSON

/// External locations: a URL with the credential that opens it. Two of them never overlap.
extension CatalogObjectRules {
    static let externalLocation = CatalogObjectRules(
        noun: "ExternalLocation", creation: .createExternalLocation,
        check: { scene, id, _, before, fields in
            guard let url = fields["url"]?.stringValue, !url.isEmpty else { throw WorkspaceError.missingField(scene.rpc, "url") }
            guard StorageURL.isCloud(url) else {
                throw WorkspaceError.unityCatalog(.invalidParameterValue, "Missing cloud file system scheme")
            }
            let place = StorageURL.trimmed(url)
            fields["url"] = .string(place)
            guard let name = fields["credential_name"]?.stringValue, !name.isEmpty else {
                throw WorkspaceError.missingField(scene.rpc, "credential_name")
            }
            let credential = try CatalogObjects.existing(scene.database, .storageCredential, name, rpc: scene.rpc)
            if before?.fields["credential_id"]?.stringValue != credential.id {
                try scene.access.require(.createExternalLocation, on: try credential.path(scene.database))
            }
            fields["credential_name"] = .string(credential.name)
            fields["credential_id"] = .string(credential.id)
            if fields["isolation_mode"] == nil { fields["isolation_mode"] = "ISOLATION_MODE_OPEN" }
            for other in try CatalogObjects.all(scene.database, .externalLocation) where other.id != id {
                guard let theirs = other.fields["url"]?.stringValue, StorageURL.overlap(place, theirs) else { continue }
                throw WorkspaceError.unityCatalog(
                    .invalidParameterValue,
                    "Input path url '\(place)' overlaps with an existing external location within '\(scene.rpc)' call. "
                        + "Conflicting location: \(other.name).")
            }
            let root = try scene.workspace.metastore.storageRoot
            if StorageURL.overlap(place, root) {
                throw WorkspaceError.unityCatalog(
                    .invalidParameterValue, "Input path url '\(place)' overlaps with managed storage within '\(scene.rpc)' call")
            }
        },
        dependents: { database, object in
            guard let url = object.fields["url"]?.stringValue else { return nil }
            let found = try ExternalPaths.users(of: url, database)
            if found.tables + found.volumes == 0 { return nil }
            return "\(found.tables) dependent external table(s) and \(found.volumes) dependent external volume(s)"
        })
}

extension StorageURL {
    /// Whether one of two locations is the other or lies in it.
    static func overlap(_ left: String, _ right: String) -> Bool { contains(left, right) || contains(right, left) }

    /// Whether `inner` is `outer` or lies in it. Schemes of the same store count as one.
    static func contains(_ outer: String, _ inner: String) -> Bool {
        let outer = canonical(outer), inner = canonical(inner)
        return inner == outer || inner.hasPrefix(outer + "/")
    }

    private static func canonical(_ url: String) -> String {
        let url = trimmed(url)
        for scheme in ["s3a://", "s3n://"] where url.hasPrefix(scheme) { return "s3://" + url.dropFirst(scheme.count) }
        return url
    }
}

/// Paths outside of the managed storage: which external location they lie in, and who uses them.
package enum ExternalPaths {
    /// The external location around a path; nil if there is none.
    static func location(of url: String, _ database: Database) throws -> CatalogObject? {
        try CatalogObjects.all(database, .externalLocation).first { location in
            location.fields["url"]?.stringValue.map { StorageURL.contains($0, url) } ?? false
        }
    }

    static func users(of url: String, _ database: Database) throws -> (tables: Int, volumes: Int) {
        let tables = try locations("SELECT location FROM relation WHERE type = 'EXTERNAL' AND location IS NOT NULL", database)
        let volumes = try locations("SELECT location FROM volume WHERE type = 'EXTERNAL'", database)
        return (tables.count { StorageURL.contains(url, $0) }, volumes.count { StorageURL.contains(url, $0) })
    }

    private static func locations(_ sql: String, _ database: Database) throws -> [String] { try database.all(sql) { $0[0] as String } }

    /// Checks the location of a new external table or volume: a cloud's URL, in an external location on which the caller has the privilege, and not
    /// overlapping another table or volume but the one that it takes the place of (`except`). Where no external location is around it, the metastore's administrators alone may use it.
    static func check(
        _ url: String, _ privilege: Privilege, rpc: String, except: String? = nil, _ access: Access, _ database: Database
    ) throws {
        guard StorageURL.isCloud(url) else { throw WorkspaceError.unityCatalog(.invalidParameterValue, "Missing cloud file system scheme") }
        if let location = try location(of: url, database) {
            try access.require(privilege, on: try location.path(database))
        } else if try !access.isMetastoreAdmin() {
            throw WorkspaceError.unityCatalog(
                .permissionDenied, "User does not have \(privilege.words) on any External Location for path '\(url)'.")
        }
        let sql = """
            SELECT c.name || '.' || s.name || '.' || o.name, o.location FROM catalog c JOIN schema s ON s.catalog = c.key JOIN (
                SELECT schema, name, location FROM relation WHERE location IS NOT NULL UNION ALL SELECT schema, name, location FROM volume
            ) o ON o.schema = s.key ORDER BY 1
            """
        let all = try database.all(sql) { ($0[0] as String, $0[1] as String) }
        let conflicts = all.filter { $0.0 != except && StorageURL.overlap(url, $0.1) }.map(\.0)
        guard conflicts.isEmpty else {
            throw WorkspaceError.unityCatalog(
                .invalidParameterValue,
                "Input path url '\(url)' overlaps with other external tables or volumes within '\(rpc)' call. "
                    + "Conflicting tables/volumes: \(conflicts.prefix(5).joined(separator: ", ")).")
        }
    }
}

extension Workspace {
    /// Checks a privilege on the external location around a path. Where there is none, the metastore's administrators alone pass.
    package func require(_ privilege: Privilege, onPath url: String, for principal: Principal) throws {
        try store.read { database in
            let access = try Access(principal, database)
            if let location = try ExternalPaths.location(of: url, database) { return try access.require(privilege, on: try location.path(database)) }
            guard try access.isMetastoreAdmin() else {
                throw WorkspaceError.unityCatalog(
                    .permissionDenied, "User does not have \(privilege.words) on any External Location for path '\(url)'.")
            }
        }
    }
}
