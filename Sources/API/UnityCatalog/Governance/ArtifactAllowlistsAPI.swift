import HTTPTypes
import JSON
import Workspace

/// Libraries and init scripts that compute may use: `/api/2.1/unity-catalog/artifact-allowlists`.
package enum ArtifactAllowlistsAPI: APIGroup {
    package static let operations = [get, update]

    private static let path = "/artifact-allowlists/{artifact_type}"

    static let get = Operation.unityCatalog("catalog.artifact_allowlists.get", .get, path) { call in
        let type = try type(call)
        let metastore = try call.workspace.metastore
        return reply(metastore, metastore.details["artifact_allowlists"]?[type])
    }

    static let update = Operation.unityCatalog("catalog.artifact_allowlists.update", .put, path, limits: "Kept; nothing installs libraries.") {
        call in
        let type = try type(call)
        let matchers = try call.fields().objects("artifact_matchers").map { matcher -> JSONValue in
            [
                "artifact": .string(try matcher.string("artifact")),
                "match_type": .string(try matcher.choice("match_type", of: ["PREFIX_MATCH"])),
            ]
        }
        let list: JSONValue = [
            "artifact_matchers": .array(matchers), "created_at": .int(call.workspace.environment.nowMillis),
            "created_by": .string(call.principal.userName),
        ]
        let metastore = try call.workspace.metastores.setDetail("artifact_allowlists", requiring: .manageAllowlist, by: call.principal) { value in
            var lists = value?.objectValue ?? JSONObject()
            lists[type] = list
            return .object(lists)
        }
        return reply(metastore, list)
    }

    private static func type(_ call: Call) throws -> String {
        let type = try call.path("artifact_type").uppercased()
        guard ["INIT_SCRIPT", "LIBRARY_JAR", "LIBRARY_MAVEN"].contains(type) else {
            throw WorkspaceError.unityCatalog(.invalidParameterValue, "Artifact type '\(type.prefix(64))' is not supported")
        }
        return type
    }

    private static func reply(_ metastore: Metastore, _ list: JSONValue?) -> Reply {
        .object { writer in
            for member in list?.objectValue?.members ?? [] {
                if member.name == "artifact_matchers", member.value.arrayValue?.isEmpty ?? true { continue }
                writer.member(member.name, member.value)
            }
            writer.member("metastore_id", metastore.id)
        }
    }
}
