import JSON
import Workspace

/// External locations: `/api/2.1/unity-catalog/external-locations`.
package enum ExternalLocationsAPI: APIGroup {
    package static let operations = resource.operations

    static let resource = ObjectResource(
        type: .externalLocation, id: "catalog.external_locations", path: "/external-locations", list: "external_locations",
        members: [
            .init("url", .string), .init("credential_name", .string), .init("credential_id", .string, onCreate: false, onUpdate: false),
            .init("read_only", .bool, initial: false), .init("fallback", .bool, initial: false),
            .init("isolation_mode", .choice(["ISOLATION_MODE_ISOLATED", "ISOLATION_MODE_OPEN"]), onCreate: false),
            .init("enable_file_events", .bool), .init("file_event_queue", .object("FileEventQueue")),
            .init("encryption_details", .object("EncryptionDetails")),
        ],
        limits: "skip_validation changes nothing: no cloud is asked. File events are kept, not served.",
        complete: { object, _, writer in writer.member("browse_only", false) })
}
