import API
import HTTPTypes
import JSON
import Testing
import Workspace

@Suite struct OperationIndexTests {
    private static func operation(_ method: HTTPRequest.Method, _ path: String, aliases: [String] = []) -> Operation {
        Operation("\(method.rawValue) \(path)", method, path, aliases: aliases) { _ -> JSONValue in [:] }
    }

    private static let index = OperationIndex(
        simulated: [
            operation(.get, "/api/2.1/unity-catalog/tables/{full_name}", aliases: ["/api/2.0/unity-catalog/tables/{full_name}"]),
            operation(.get, "/api/2.1/unity-catalog/tables/{full_name}/exists"),
            operation(.get, "/api/2.1/unity-catalog/tables"),
            operation(.get, "/api/2.1/unity-catalog/tables/special"),
            operation(.put, "/api/2.0/fs/files{path}"),
            operation(.head, "/api/2.0/fs/files{path}"),
            operation(.get, "/api/2.0/fs/files{path}"),
            operation(.post, "/api/2.0/things/{id}:run"),
            operation(.get, "/api/2.0/things/{id}"),
            operation(.get, "/api/2.0/synced/{catalog}.{schema}.{table}"),
            operation(.get, "/api/2.0/tree/{name...}"),
            operation(.get, "/api/2.0/tree/{name...}/self"),
        ],
        known: [
            KnownOperation(id: "tables.delete", method: .delete, path: "/api/2.1/unity-catalog/tables/{name}"),
            KnownOperation(id: "tables.get", method: .get, path: "/api/2.1/unity-catalog/tables/{name}"),
        ])

    private static func describe(_ method: HTTPRequest.Method, _ path: String) -> String {
        switch index.match(method, path) {
        case .simulated(let operation, let parameters):
            ([operation.id] + parameters.all.map { "\($0.name)=\($0.value)" }).joined(separator: " ")
        case .known(let operation): "known " + operation.id
        case .unknown: "unknown"
        }
    }

    @Test(arguments: [
        ("GET", "/api/2.1/unity-catalog/tables/a.b.c", "GET /api/2.1/unity-catalog/tables/{full_name} full_name=a.b.c"),
        ("GET", "/api/2.0/unity-catalog/tables/a.b.c", "GET /api/2.1/unity-catalog/tables/{full_name} full_name=a.b.c"),
        ("GET", "/api/2.1/unity-catalog/tables/a.b.c/", "GET /api/2.1/unity-catalog/tables/{full_name} full_name=a.b.c"),
        ("HEAD", "/api/2.1/unity-catalog/tables/a.b.c", "GET /api/2.1/unity-catalog/tables/{full_name} full_name=a.b.c"),
        ("GET", "/api/2.1/unity-catalog/tables/a%2Fb%20c", "GET /api/2.1/unity-catalog/tables/{full_name} full_name=a/b c"),
        ("GET", "/api/2.1/unity-catalog/tables/%zz%4", "GET /api/2.1/unity-catalog/tables/{full_name} full_name=%zz%4"),
        ("GET", "/api/2.1/unity-catalog/tables/%FF", "GET /api/2.1/unity-catalog/tables/{full_name} full_name=\u{FFFD}"),
        ("GET", "/api/2.1/unity-catalog/tables/x/exists", "GET /api/2.1/unity-catalog/tables/{full_name}/exists full_name=x"),
        ("GET", "/api/2.1/unity-catalog/tables/special", "GET /api/2.1/unity-catalog/tables/special"),
        ("GET", "/api/2.1/unity-catalog/tables/special/exists", "GET /api/2.1/unity-catalog/tables/{full_name}/exists full_name=special"),
        ("GET", "/api/2.1/unity%2Dcatalog/tables", "GET /api/2.1/unity-catalog/tables"),
        ("GET", "/api/2.1/unity-catalog/tables", "GET /api/2.1/unity-catalog/tables"),
        ("GET", "/api/2.1/unity-catalog/tables//", "unknown"),
        ("GET", "/api/2.1/unity-catalog/tables//exists", "unknown"),
        ("GET", "/api/2.1/unity-catalog/tables/../x/y", "unknown"),
        ("PATCH", "/api/2.1/unity-catalog/tables/x", "unknown"),
        ("DELETE", "/api/2.1/unity-catalog/tables/x", "known tables.delete"),
        ("PUT", "/api/2.0/fs/files/Volumes/a/b/c/d%20e.txt", "PUT /api/2.0/fs/files{path} path=/Volumes/a/b/c/d e.txt"),
        ("HEAD", "/api/2.0/fs/files/V", "HEAD /api/2.0/fs/files{path} path=/V"),
        ("GET", "/api/2.0/fs/files/", "GET /api/2.0/fs/files{path} path=/"),
        ("GET", "/api/2.0/fs/files", "unknown"),
        ("GET", "/api/2.0/fs/filesystem/x", "unknown"),
        ("POST", "/api/2.0/things/7:run", "POST /api/2.0/things/{id}:run id=7"),
        ("GET", "/api/2.0/things/7:run", "GET /api/2.0/things/{id} id=7:run"),
        ("POST", "/api/2.0/things/:run", "unknown"),
        ("GET", "/api/2.0/synced/a.b.c.d", "GET /api/2.0/synced/{catalog}.{schema}.{table} catalog=a schema=b table=c.d"),
        ("GET", "/api/2.0/synced/a.b", "unknown"),
        ("GET", "/api/2.0/synced/..", "unknown"),
        ("GET", "/api/2.0/tree/a/b/c", "GET /api/2.0/tree/{name...} name=a/b/c"),
        ("GET", "/api/2.0/tree/a/b/", "GET /api/2.0/tree/{name...} name=a/b"),
        ("GET", "/api/2.0/tree/a/b/self", "GET /api/2.0/tree/{name...} name=a/b/self"),
        ("GET", "/api/2.0/tree/", "GET /api/2.0/tree/{name...} name="),
        ("GET", "/api/2.0/tree", "unknown"),
        ("GET", "/", "unknown"), ("GET", "", "unknown"), ("GET", "api/2.0/things/7", "unknown"), ("GET", "*", "unknown"),
        ("GET", "//", "unknown"),
    ])
    func matches(method: String, path: String, expected: String) throws {
        #expect(Self.describe(try #require(HTTPRequest.Method(method)), path) == expected)
    }

    @Test func unknownPathsAreNamedWithoutTheirVersion() {
        #expect(ErrorReply.unknownPath(.put, "/api/2.0/sql/statements").message == "No API found for 'PUT /sql/statements'")
        #expect(ErrorReply.unknownPath(.get, "/nothing").message == "No API found for 'GET /nothing'")
        #expect(ErrorReply.unknownPath(.get, "/api/x/y").message == "No API found for 'GET /api/x/y'")
        #expect(ErrorReply.unknownPath(.get, "/nothing").status == 404)
    }

    @Test func aKnownOperationIsRefusedByName() {
        let error = ErrorReply.notSimulated(KnownOperation(id: "tables.delete", method: .delete, path: "/t/{name}"))
        #expect(error.status == 501)
        #expect(error.code.rawValue == "NOT_IMPLEMENTED")
        #expect(error.message == "tables.delete (DELETE /t/{name}) is not simulated.")
    }
}
