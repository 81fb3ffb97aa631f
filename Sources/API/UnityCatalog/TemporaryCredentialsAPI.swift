import HTTPTypes
import JSON
import S3
import Warehouse
import Workspace

/// Credentials for the object store, for what the catalog governs: `/api/2.1/unity-catalog/temporary-…-credentials`.
package enum TemporaryCredentialsAPI: APIGroup {
    package static let operations = [table, volume, path]

    static let table = Operation.unityCatalog("catalog.temporary_table_credentials.generate", .post, "/temporary-table-credentials") { call in
        let body = try call.fields()
        let id = try body.string("table_id")
        let operation = try body.choice(optional: "operation", of: ["READ", "READ_WRITE"]) ?? "READ"
        guard let table = try call.workspace.tables.find(id: id) else { throw WorkspaceError.noSuch(.table, id) }
        guard let location = table.location, !table.type.isView else {
            throw WorkspaceError.invalid("Table '\(table.name)' has no storage of its own.")
        }
        let writes = operation == "READ_WRITE"
        try call.workspace.require(.externalUseSchema, on: .schema, "\(table.name.catalog).\(table.name.schema)", for: call.principal)
        try call.workspace.require(.select, on: .table, table.name.description, for: call.principal)
        if writes { try call.workspace.require(.modify, on: .table, table.name.description, for: call.principal) }
        if writes, table.isReadOnly { throw WorkspaceError(.permissionDenied, "User does not have MODIFY on Table '\(table.name)'.") }
        guard try !call.tenant.sql.hides(table, from: call.principal) else {
            throw WorkspaceError(
                .unsupportedOperation, "Table '\(table.name)' has a row filter or column masks: its files cannot be read by credentials.")
        }
        return try reply(location, writes: writes, call)
    }

    static let volume = Operation.unityCatalog("catalog.temporary_volume_credentials.generate", .post, "/temporary-volume-credentials") { call in
        let body = try call.fields()
        let id = try body.string("volume_id")
        let operation = try body.choice("operation", of: ["READ_VOLUME", "WRITE_VOLUME"])
        guard let volume = try call.workspace.volumes.find(id: id) else { throw WorkspaceError.noSuch(.volume, id) }
        if volume.isReceived {
            throw WorkspaceError(.notImplemented, "catalog.temporary_volume_credentials.generate: credentials of shared volumes are not simulated.")
        }
        try call.workspace.require(.externalUseSchema, on: .schema, "\(volume.name.catalog).\(volume.name.schema)", for: call.principal)
        try call.workspace.require(
            operation == "WRITE_VOLUME" ? .writeVolume : .readVolume, on: .volume, volume.name.description, for: call.principal)
        return try reply(volume.location, writes: operation == "WRITE_VOLUME", call)
    }

    static let path = Operation.unityCatalog("catalog.temporary_path_credentials.generate", .post, "/temporary-path-credentials") { call in
        let body = try call.fields()
        let url = StorageURL.trimmed(try body.string("url"))
        let operation = try body.choice("operation", of: ["PATH_READ", "PATH_READ_WRITE", "PATH_CREATE_TABLE"])
        guard StorageURL.isCloud(url) else { throw WorkspaceError.invalid("Missing cloud file system scheme") }
        let object = SQLService.objectPath(url)
        guard object.contains("/"), !object.hasSuffix("/"), !object.contains("/.."), !object.contains("//") else {
            throw WorkspaceError.invalid("The URL must name a path in a bucket: \(url.prefix(300))")
        }
        // Managed storage is reached by what lies in it, not by path.
        let managed = SQLService.objectPath(try call.workspace.metastore.storageRoot)
        guard object != managed, !object.hasPrefix(managed + "/") else {
            throw WorkspaceError(.permissionDenied, "The path '\(url.prefix(300))' lies in managed storage.")
        }
        let privilege: Privilege = operation == "PATH_READ" ? .readFiles : operation == "PATH_READ_WRITE" ? .writeFiles : .createExternalTable
        try call.workspace.require(privilege, onPath: url, for: call.principal)
        if try body.bool(optional: "dry_run") ?? false { return .emptyObject }
        return try reply(url, writes: operation != "PATH_READ", call)
    }

    /// Without `access_point`: an empty one breaks clients.
    private static func reply(_ location: String, writes: Bool, _ call: Call) throws -> Reply {
        let credential = call.tenant.sql.credential(for: SQLService.objectPath(location), writes: writes, by: call.principal)
        return .json([
            "aws_temp_credentials": [
                "access_key_id": .string(credential.accessKeyID), "secret_access_key": .string(credential.secretAccessKey),
                "session_token": .string(credential.sessionToken),
            ],
            "expiration_time": .int(Int(credential.grant.expires)), "url": .string(location),
        ])
    }
}
