import HTTPTypes
import JSON
import Workspace

/// Configurations by which the changes of a Postgres schema's tables are written to Delta tables. There are no such tables, as nobody can make one.
enum PostgresChangeFeeds {
    static let operations = [create, get, list, delete, getStatus, listStatuses]

    private static let path = "projects/{project}/branches/{branch}/databases/{database}/cdf-configs"

    private static let create = PostgresAPI.operation(
        "create_cdf_config", .post, path, limits: "no table of Postgres is there to be followed: no Delta table is written"
    ) { tree, body in
        let database = try tree.database(.manage)
        let names = try ["catalog", "schema", "postgres_schema"].map { try PostgresNames.required(body[$0]?.stringValue, "cdf_config." + $0) }
        guard PostgresNames.isSchema(names[2]) else {
            throw WorkspaceError.invalid("Invalid name in cdf_config.postgres_schema: '\(names[2].prefix(64))'.")
        }
        let id = try PostgresNames.feedID(tree.call.query.string("cdf_config_id") ?? names[2])
        try tree.call.workspace.require(.createTable, on: .schema, "\(names[0]).\(names[1])", for: tree.call.principal)
        if try tree.children(.feed, of: database.id).contains(where: { $0.body["postgres_schema"] == .string(names[2]) }) {
            throw WorkspaceError(.alreadyExists, "a cdf config of postgres schema '\(names[2])' already exists in '\(database.id)'")
        }
        let feed = try tree.insert(
            .feed, id, of: database.id,
            JSONObject([("catalog", .string(names[0])), ("schema", .string(names[1])), ("postgres_schema", .string(names[2]))]))
        return try PostgresLongRunning.begin(.feed, feed.id, result: shown(feed, tree), tree)
    }

    private static func existing(_ need: PostgresTree.Need, _ tree: PostgresTree) throws -> StoredResource {
        try tree.child(.feed, parameter: "cdf_config", of: tree.database(need))
    }

    private static let get = PostgresAPI.operation("get_cdf_config", .get, path + "/{cdf_config}") { tree, _ in
        shown(try existing(.use, tree), tree)
    }

    private static let list = PostgresAPI.operation("list_cdf_configs", .get, path) { tree, _ in
        let database = try tree.database(.use)
        return try tree.page("cdf_configs", of: database.id, tree.children(.feed, of: database.id)) { shown($0, tree) }
    }

    private static let delete = PostgresAPI.operation("delete_cdf_config", .delete, path + "/{cdf_config}") { tree, _ in
        // `force` drops the Delta tables, of which there are none.
        _ = try tree.call.query.bool("force")
        let feed = try existing(.manage, tree)
        try tree.remove(.feed, feed.id)
        return try PostgresLongRunning.begin(.feed, feed.id, result: nil, tree)
    }

    private static let getStatus = PostgresAPI.operation("get_cdf_status", .get, path + "/{cdf_config}/cdf-statuses/{cdf_status}") { tree, _ in
        _ = try existing(.use, tree)
        throw WorkspaceError(.notFound, "cdf status id not found [TraceId: \(tree.call.requestID)]")
    }

    private static let listStatuses = PostgresAPI.operation("list_cdf_statuses", .get, path + "/{cdf_config}/cdf-statuses") { tree, _ in
        let feed = try existing(.use, tree)
        return try tree.page("cdf_statuses", of: feed.id, []) { _ in JSONObject() }
    }

    private static func shown(_ feed: StoredResource, _ tree: PostgresTree) -> JSONObject {
        tree.shown(.feed, feed, ["catalog", "schema", "postgres_schema"].map { ($0, feed.body[$0] ?? .null) })
    }
}
