import HTTPTypes
import JSON
import Workspace

/// Tokens for logging in to a database: made from the seed, shown once and never kept.
enum PostgresCredentials {
    static let generate = PostgresAPI.operation(
        "generate_database_credential", .post, "credentials", limits: "no server takes the token"
    ) { tree, body in
        let call = tree.call
        let name = try PostgresNames.required(body["endpoint"]?.stringValue, "endpoint")
        let ids = try PostgresNames.ids(name, ["projects", "branches", "endpoints"], "endpoint")
        let branch = try tree.branch(ids[1], of: tree.project(ids[0], .use))
        _ = try tree.child(.endpoint, ids[2], of: branch.id)
        for claim in body["claims"]?.arrayValue ?? [] {
            for resource in claim["resources"]?.arrayValue ?? [] {
                let table = try PostgresNames.required(resource["table_name"]?.stringValue, "claims.resources.table_name")
                _ = try call.workspace.tables.get(
                    Tables.name(table, rpc: "GenerateDatabaseCredential"), requiring: .select, by: call.principal)
            }
        }
        let end = tree.now &+ (try life(body, now: tree.now) ?? DatabaseAPI.credentialMillis)
        return JSONObject([("token", .string(DatabaseAPI.newToken(call))), ("expire_time", .string(RFC3339.text(millis: end)))])
    }

    /// The life that a request asks for: between five minutes and an hour; nil if it asks for none.
    private static func life(_ body: JSONObject, now: Int64) throws -> Int64? {
        if body["ttl"] != nil, body["expire_time"] != nil {
            throw WorkspaceError.invalid("At most one of expire_time and ttl may be given.")
        }
        if let ttl = try PostgresDuration.checked(body["ttl"], "ttl", 300...3600) { return ttl }
        guard let text = body["expire_time"]?.scalar else { return nil }
        guard let time = RFC3339.micros(text).map({ $0 / 1000 }), (300_000...3_600_000).contains(time &- now) else {
            throw WorkspaceError.invalid("expire_time must be a time between 5 minutes and 1 hour from now.")
        }
        return time &- now
    }
}
