import HTTPTypes
import JSON
import Workspace

/// What Unity Catalog is told of objects of other systems.
package enum ExternalMetadataAPI: APIGroup {
    private static let path = "/api/2.0/lineage-tracking/external-metadata"

    static let object = Resource("external-metadata", "External metadata object", schema: "catalog.ExternalMetadata", id: "name", .given).with {
        $0.access = .owner
        $0.required = ["name", "system_type", "entity_type"]
        $0.stamps = [
            ("create_time", .createdText), ("update_time", .updatedText), ("created_by", .owner), ("updated_by", .owner),
        ]
        $0.rule = { object, old, call in
            object["id"] = old?.body["id"] ?? .string(call.workspace.environment.ids.uuid())
            object["metastore_id"] = .string(try UnityCatalogAPI.metastoreID(call))
            object["owner"] = object["owner"] ?? .string(old?.owner ?? call.principal.userName)
        }
    }

    package static let operations = [
        object.create("catalog.external_metadata.create", path, limits: "lineage to and from it is not simulated"),
        object.get("catalog.external_metadata.get", path + "/{name}"),
        object.list("catalog.external_metadata.list", path, items: "external_metadata", paged: true),
        object.update("catalog.external_metadata.update", .patch, path + "/{name}", .mask),
        object.delete("catalog.external_metadata.delete", .delete, path + "/{name}"),
    ]
}
