import HTTPTypes
import JSON
import Workspace

/// Volumes: `/api/2.1/unity-catalog/volumes`.
package enum VolumesAPI: APIGroup {
    package static let operations = [create, list, read, update, delete]

    static let create = Operation.unityCatalog("catalog.volumes.create", .post, "/volumes") { call in
        let body = try call.fields()
        let names = (catalog: try body.name("catalog_name"), schema: try body.name("schema_name"), name: try body.name("name"))
        guard let type = try body.choice(optional: "volume_type", of: VolumeInfo.Kind.allCases.map(\.rawValue)),
            let kind = VolumeInfo.Kind(rawValue: type)
        else { throw WorkspaceError.missingField("CreateVolume", "volume_type") }
        let spec = VolumeSpec(
            catalog: names.catalog, schema: names.schema, name: names.name, kind: kind, comment: try body.string(optional: "comment"),
            location: try body.string(optional: "storage_location"))
        return try reply(call, try call.workspace.volumes.create(spec, by: call.principal))
    }

    static let list = Operation.unityCatalog("catalog.volumes.list", .get, "/volumes") { call in
        let catalog = try call.query.parent("catalog_name", rpc: "ListVolumes")
        let schema = SchemaName(catalog: catalog, schema: try call.query.parent("schema_name", rpc: "ListVolumes"))
        let paging = try Paging(call, list: "volumes/\(schema)", pageSize: UnityCatalogAPI.largePageSize)
        let metastoreID = try UnityCatalogAPI.metastoreID(call)
        let rows = try call.workspace.volumes.list(
            in: schema, after: paging.after, limit: paging.fetchLimit, browse: call.query.bool("include_browse") ?? false, by: call.principal)
        return paging.encoded("volumes", rows, key: \.name.name) { $0.write(to: &$1, metastoreID: metastoreID) }
    }

    static let read = Operation.unityCatalog("catalog.volumes.read", .get, "/volumes/{name}") { call in
        try reply(
            call,
            try call.workspace.volumes.get(
                Volumes.name(call.path("name"), rpc: "GetVolume"), browse: call.query.bool("include_browse") ?? false, by: call.principal))
    }

    static let update = Operation.unityCatalog("catalog.volumes.update", .patch, "/volumes/{name}") { call in
        let name = try Volumes.name(call.path("name"), rpc: "UpdateVolume")
        let body = try call.fields()
        var change = VolumeChange()
        change.name = try body.newName()
        change.comment = try body.string(optional: "comment")
        change.owner = try body.owner()
        return try reply(call, try call.workspace.volumes.update(name, change, by: call.principal))
    }

    static let delete = Operation.unityCatalog("catalog.volumes.delete", .delete, "/volumes/{name}") { call in
        try call.workspace.volumes.delete(Volumes.name(call.path("name"), rpc: "DeleteVolume"), by: call.principal)
        return .emptyObject
    }

    private static func reply(_ call: Call, _ volume: VolumeInfo) throws -> Reply {
        let metastoreID = try UnityCatalogAPI.metastoreID(call)
        return .object { volume.write(to: &$0, metastoreID: metastoreID) }
    }
}

extension VolumeInfo {
    fileprivate func write(to writer: inout JSONWriter, metastoreID: String) {
        writer.member("name", name.name)
        writer.member("catalog_name", name.catalog)
        writer.member("schema_name", name.schema)
        writer.member("volume_type", kind.rawValue)
        // A shared volume lies in its provider's storage, which recipients are not shown.
        if !isReceived { writer.member("storage_location", location) }
        writer.member("full_name", name.description)
        writer.member("volume_id", id)
        writer.member("owner", owner)
        writer.optional("comment", comment)
        writer.member("metastore_id", metastoreID)
        writer.times(createdAt: createdAt, createdBy: createdBy, updatedAt: updatedAt, updatedBy: updatedBy)
        writer.member("browse_only", browseOnly)
    }
}
