import HTTPTypes
import JSON
import Workspace

/// Lakebase's projects and what is in them: `/api/2.0/postgres`. The objects have their names, states, rules and times; no Postgres server stands behind
/// an endpoint. What the service answers beyond the published contract is known from the recorded tests of its command line tool (databricks/cli).
package enum PostgresAPI: APIGroup {
    package static let operations =
        PostgresProjects.operations + PostgresBranches.operations + PostgresEndpoints.operations + PostgresRoles.operations
        + PostgresDatabases.operations + PostgresDataAPI.operations + PostgresChangeFeeds.operations + PostgresSnapshots.operations
        + PostgresSchedules.operations + PostgresCatalogs.operations + PostgresSyncedTables.operations
        + [PostgresCredentials.generate, PostgresLongRunning.get]

    static let root = "/api/2.0/postgres/"

    /// An operation whose request is held against the contract first; `path` is what follows `root`.
    static func operation(
        _ name: String, _ method: HTTPRequest.Method, _ path: String, limits: String? = nil,
        _ handler: @escaping @Sendable (PostgresTree, JSONObject) throws -> JSONObject
    ) -> Operation {
        let route = root + path
        return Operation("postgres." + name, method, route, limits: limits) { call -> JSONValue in
            if method == .post {
                for field in Contract.endpoint(method, route)?.query ?? [] where field.isRequired {
                    _ = try PostgresNames.required(call.query.string(field.name), field.name)
                }
            }
            let body = try call.contractBody(method, route)
            return .object(try handler(PostgresTree(call), body))
        }
    }
}
