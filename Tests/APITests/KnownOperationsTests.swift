import API
import HTTPTypes
import Testing

@Suite struct KnownOperationsTests {
    private static let index = OperationIndex(simulated: [], known: KnownOperations.all)

    private static func id(_ method: HTTPRequest.Method, _ path: String) -> String? {
        if case .known(let operation) = index.match(method, path) { operation.id } else { nil }
    }

    @Test func theListIsWhole() {
        #expect(KnownOperations.current.count > 1_450)
        for operation in KnownOperations.current {
            #expect(operation.id.wholeMatch(of: /[a-z][a-z0-9_]*(\.[a-z0-9_]+){1,2}/) != nil, "\(operation.id)")
            #expect(operation.path.wholeMatch(of: /(\/[\w.:{}-]+)+/) != nil, "\(operation.path)")
        }
    }

    @Test func noRouteIsThereTwice() {
        var routes: [String: String] = [:]
        for operation in KnownOperations.current {
            let route = operation.method.rawValue + " " + operation.path.replacing(/\{\w+/, with: "{")
            #expect(routes.updateValue(operation.id, forKey: route) == nil, "\(route)")
        }
    }

    @Test func idsOfTheInterface() {
        for (method, path, id) in [
            (HTTPRequest.Method.post, "/api/2.2/jobs/run-now", "jobs.run_now"), (.post, "/api/2.1/jobs/run-now", "jobs.run_now"),
            (.post, "/api/2.0/jobs/create", "jobs.create"), (.get, "/api/2.0/sql/warehouses/abc", "sql.warehouses.get"),
            (.post, "/api/2.0/sql/warehouses/abc/start", "sql.warehouses.start"),
            (.post, "/api/2.0/sql/endpoints/abc/start", "sql.warehouses.start"),
            (.post, "/api/2.0/sql/statements/", "sql.statements.execute"), (.get, "/api/2.0/sql/statements/1", "sql.statements.get"),
            (.get, "/api/2.0/sql/statements/1/result/chunks/0", "sql.statements.result_chunk"),
            (.post, "/api/2.0/sql/statements/1/cancel", "sql.statements.cancel"),
            (.delete, "/api/2.0/sql/statements/1", "sql.statements.close"), (.post, "/api/2.0/sql/sessions", "sql.sessions.create"),
            (.get, "/api/2.1/unity-catalog/catalogs", "catalog.catalogs.list"),
            (.post, "/api/2.0/unity-catalog/schemas", "catalog.schemas.create"),
            (.post, "/api/2.1/unity-catalog/temporary-table-credentials", "catalog.temporary_table_credentials.generate"),
            (.post, "/api/2.0/clusters/create", "clusters.create"), (.get, "/api/2.0/fs/files/Volumes/a/b/c/d.txt", "fs.download"),
            (.head, "/api/2.0/fs/directories/Volumes/a", "fs.get_directory_metadata"),
            (.post, "/api/2.0/fs/files/Volumes/a", "fs.multipart_upload"),
            (.get, "/api/2.0/fs/list", "fs.list"), (.post, "/api/2.0/secrets/put", "secrets.put"),
            (.post, "/api/2.0/token/create", "tokens.create"),
            (.get, "/.well-known/databricks-config", "oidc.host_metadata"),
            (.get, "/oidc/.well-known/oauth-authorization-server", "oidc.oauth_server_metadata"),
            (.post, "/sql/1.0/warehouses/abc", "thrift.warehouse"), (.post, "/sql/protocolv1/o/1/2", "thrift.cluster"),
            (.get, "/api/2.0/permissions/warehouses/abc", "sql.warehouses.get_permissions"),
            (.get, "/api/2.0/permissions/notebooks/1", "permissions.get"),
            (.get, "/api/2.0/preview/scim/v2/Me", "iam.current_user.me"),
            (.get, "/api/2.0/accounts/a/metastores", "account.metastores.list"),
            (.post, "/api/2.0/ai-search/workspaces/1/endpoints/2/indexes/3:query", "ai_search.query_index"),
            (.get, "/api/2.0/postgres/projects/p/operations/o", "postgres.get_operation"),
            (.get, "/api/2.0/connector-service/feature-flags/PYTHON/4.0", "connector_service.feature_flags"),
        ] {
            #expect(Self.id(method, path) == id, "\(method.rawValue) \(path)")
        }
        for path in ["/api/2.0/nosuch", "/api/2.1/nosuch", "/api/2.0/sql/warehouses/a/b", "/", "/api/2.0/sandboxes/1/2"] {
            #expect(Self.id(.get, path) == nil, "\(path)")
        }
    }

    /// A simulated operation is called as its route is called here, under all of its paths.
    @Test func simulatedOperationsHaveTheNamesOfTheirRoutes() {
        for operation in APIGroups.all {
            for path in [operation.path] + operation.aliases {
                let sample = path.replacing(/\{(\w+)\.\.\.\}/, with: "a/b").replacing(/files\{\w+\}|directories\{\w+\}/) {
                    $0.output.prefix { $0 != "{" } + "/a/b"
                }
                .replacing(/\{\w+\}/, with: "x1")
                if let id = Self.id(operation.method, sample) { #expect(id == operation.id, "\(operation.method.rawValue) \(path)") }
            }
        }
    }
}
