import HTTPTypes
import JSON
import Workspace

/// The Data API's configuration of a database: at most one. Its address is told; nothing answers there.
enum PostgresDataAPI {
    static let operations = [create, get, update, delete]

    private static let path = "projects/{project_id}/branches/{branch_id}/databases/{database_id}/data-api"

    private static let create = PostgresAPI.operation(
        "create_data_api", .post, path, limits: "the configuration alone: no rows are served at its address"
    ) { tree, body in
        let database = try tree.database(.manage)
        var settings = JSONObject([("db_aggregates_enabled", true), ("db_schemas", ["public"]), ("jwt_role_claim_key", ".sub")])
        try merge(body["spec"]?.objectValue ?? JSONObject(), into: &settings)
        return try begin(try tree.insert(.dataAPI, "", of: database.id, JSONObject([("settings", .object(settings))])), of: database, tree)
    }

    private static let get = PostgresAPI.operation("get_data_api", .get, path) { tree, _ in
        let database = try tree.database(.use)
        return try shown(try tree.child(.dataAPI, "", of: database.id), of: database, tree)
    }

    private static let rules = PostgresMask.Rules(
        leaves: [
            "spec.db_aggregates_enabled", "spec.db_extra_search_path", "spec.db_max_rows", "spec.db_schemas", "spec.jwt_cache_max_lifetime",
            "spec.jwt_role_claim_key", "spec.openapi_mode", "spec.server_cors_allowed_origins", "spec.server_timing_enabled",
        ],
        optional: [
            "spec.db_extra_search_path", "spec.db_max_rows", "spec.jwt_cache_max_lifetime", "spec.openapi_mode", "spec.server_cors_allowed_origins",
            "spec.server_timing_enabled",
        ])

    private static let update = PostgresAPI.operation("update_data_api", .patch, path) { tree, body in
        let database = try tree.database(.manage)
        let api = try tree.child(.dataAPI, "", of: database.id)
        let changes = try PostgresMask(tree.call, body, rules).changes(in: body)
        let changed = try tree.change(.dataAPI, api) { stored in
            var settings = stored["settings"]?.objectValue ?? JSONObject()
            try merge(changes, into: &settings)
            stored["settings"] = .object(settings)
        }
        return try begin(changed, of: database, tree)
    }

    private static let delete = PostgresAPI.operation("delete_data_api", .delete, path) { tree, _ in
        let api = try tree.child(.dataAPI, "", of: tree.database(.manage).id)
        try tree.remove(.dataAPI, api.id)
        return try PostgresLongRunning.begin(.dataAPI, api.id, result: nil, tree)
    }

    private static func merge(_ spec: JSONObject, into settings: inout JSONObject) throws {
        for (name, value) in spec.members { settings[name] = value }
        if let most = settings["db_max_rows"]?.intValue, most < 1 { throw WorkspaceError.invalid("spec.db_max_rows must be positive.") }
        for member in ["db_schemas", "db_extra_search_path"] {
            let names = settings[member]?.arrayValue ?? []
            guard names.count <= 100 else { throw WorkspaceError.invalid("spec.\(member) must have at most 100 entries.") }
            for name in names where !PostgresNames.isSchema(name.stringValue ?? "") {
                throw WorkspaceError.invalid("Invalid schema name in spec.\(member): '\((name.stringValue ?? "").prefix(64))'.")
            }
        }
        if let lifetime = try PostgresDuration.checked(settings["jwt_cache_max_lifetime"], "spec.jwt_cache_max_lifetime", 0...315_576_000) {
            settings["jwt_cache_max_lifetime"] = .string(PostgresDuration.text(lifetime))
        }
    }

    private static func begin(_ api: StoredResource, of database: StoredResource, _ tree: PostgresTree) throws -> JSONObject {
        try PostgresLongRunning.begin(.dataAPI, api.id, result: shown(api, of: database, tree), tree)
    }

    private static func shown(_ api: StoredResource, of database: StoredResource, _ tree: PostgresTree) throws -> JSONObject {
        var status = api.settings
        let schemas = database.body["schemas"]?.arrayValue ?? []
        status["available_schemas"] = .array(["public"] + schemas.filter { $0 != "public" })
        let endpoint = try tree.child(.endpoint, PostgresBranches.firstEndpoint, of: database.parent)
        let name = PercentCoding.encode(database.settings["postgres_database"]?.stringValue ?? "")
        status["url"] = .string("https://\(PostgresEndpoints.host(endpoint))/api/2.0/workspace/\(tree.call.workspace.id)/rest/\(name)")
        return tree.shown(.dataAPI, api, status: status)
    }
}
