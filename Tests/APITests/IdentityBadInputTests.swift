import API
import HTTPTypes
import JSON
import Testing
import Workspace

/// Whatever is sent to any of these operations, the answer is not an error of the server.
@Suite struct IdentityBadInputTests {
    private static let bodies: [[UInt8]] =
        [
            "", "{", "[]", "null", "3", "\"x\"", "{}", "{\"a\":", "{\"name\":{}}", "{\"Operations\":[{}]}", "{\"Operations\":{}}",
            "{\"Operations\":[{\"op\":\"add\",\"path\":\"members\",\"value\":3}]}",
            "{\"members\":[1]}", "{\"displayName\":[],\"userName\":{}}", "{\"token\":3,\"update_mask\":4}",
            "{\"lifetime\":\"99999999999999999999s\"}",
            "{\"lifetime_seconds\":9223372036854775807}", "{\"lifetime_seconds\":1e300}",
            "{\"auto_stop_mins\":9223372036854775807,\"name\":\"n\",\"cluster_size\":\"Small\"}",
            "{\"name\":\"\\u0000\",\"cluster_size\":\"Small\"}", "{\"userName\":\"\\u0000\"}",
            "{\"displayName\":\"x\",\"applicationId\":\"\"}", "grant_type=client_credentials&client_id=%ff&client_secret=%",
            "{\"token_id\":\"'; DROP TABLE token; --\"}",
        ].map { Array($0.utf8) } + [[0xFF, 0xFE], Array(repeating: UInt8(ascii: "["), count: 2_000)]

    private static let values = ["1001", "x", "9223372036854775807", "99999999999999999999", "%00%ff", "0123456789abcdef"]

    private static let queries = [
        "", "?count=-5&startIndex=-9223372036854775808", "?startIndex=9223372036854775807&count=9223372036854775807",
        "?attributes=,,&sortBy=.&sortOrder=%ff", "?filter=%00", "?page_size=-1", "?page_size=9223372036854775807&page_token=A",
        "?created_by_id=x", "?attributes=%ff",
    ]

    @Test(arguments: IdentityClient.groups.flatMap { $0.operations }.map(\.id))
    func neverAnErrorOfTheServer(_ id: String) async throws {
        let operation = try #require(IdentityClient.groups.flatMap { $0.operations }.first { $0.id == id })
        let client = try IdentityClient()
        for value in Self.values {
            let path = operation.path.replacing(/\{\w+\}/, with: value)
            for (number, body) in Self.bodies.enumerated() {
                let answer = try await client.raw(operation.method, path + Self.queries[number % Self.queries.count], body)
                #expect(
                    answer.status < 500 || operation.limits?.hasPrefix("always refused") == true,
                    "\(path) \(String(decoding: body.prefix(80), as: UTF8.self)): \(answer.text)")
                if answer.status >= 400 {
                    let names = answer.json.objectValue?.names ?? []
                    #expect(names.contains("error_code") || names.contains("error") || names.contains("schemas"), "\(answer.text)")
                }
            }
        }
        // The administrator is still himself, unless it was asked that he be not.
        if !["iam.users.delete", "iam.users.update", "iam.users.patch"].contains(id) {
            #expect(try client.with(token: "dapi-admin").principal.isAdmin)
        }
    }
}
