import API
import HTTPTypes
import JSON
import Testing
import Workspace

@Suite struct IdentityTokenAPITests {
    @Test func tokensOfTheCaller() async throws {
        let client = try IdentityClient()
        #expect(try await client.get("/api/2.0/token/list") == [:])
        let made = try await client.post("/api/2.0/token/create", ["comment": "ci", "lifetime_seconds": 3_600, "scopes": ["sql"]])
        let value = try #require(made["token_value"]?.stringValue)
        let info = try #require(made["token_info"])
        let id = try #require(info["token_id"]?.stringValue)
        #expect(
            info == [
                "token_id": .string(id), "creation_time": 1_767_225_600_000, "expiry_time": 1_767_229_200_000, "comment": "ci",
                "scopes": ["sql"],
            ])
        #expect(try client.with(token: value).principal == IdentityClient.admin)
        #expect(try await client.get("/api/2.0/token/list") == ["token_infos": [info]])
        #expect(
            try await client.send(.patch, "/api/2.0/token/\(id)", ["token": ["comment": "new"], "update_mask": "comment"]).json == [:])
        #expect(try await client.get("/api/2.0/token/list")["token_infos"]?.all("comment") == ["new"])
        #expect(try await client.send(.patch, "/api/2.0/token/\(id)", ["token": [:], "update_mask": "creation_time"]).status == 400)
        let missing = try await client.send(.patch, "/api/2.0/token/nosuch", ["token": [:], "update_mask": "comment"])
        #expect((missing.status, missing.json["error_code"]) == (404, "NOT_FOUND"))
        #expect(try await client.post("/api/2.0/token/delete", ["token_id": .string(id)]) == [:])
        #expect(throws: AuthenticationFailure.invalid) { try client.with(token: value) }
        let again = try await client.send(.post, "/api/2.0/token/delete", ["token_id": .string(id)])
        #expect((again.status, again.json["error_code"]) == (404, "RESOURCE_DOES_NOT_EXIST"))
        #expect(try await client.send(.post, "/api/2.0/token/delete", [:]).json["message"] == "Missing required field: token_id")
    }

    @Test func administratorsSeeTheTokensOfAll() async throws {
        let client = try IdentityClient()
        let robot = try await client.post("/api/2.0/preview/scim/v2/ServicePrincipals", ["displayName": "robot"])
        let application = try #require(robot["applicationId"])
        let made = try await client.post(
            "/api/2.0/token-management/on-behalf-of/tokens", ["application_id": application, "comment": "obo"])
        let info = try #require(made["token_info"])
        #expect(info["owner_id"]?.intValue == robot["id"]?.stringValue.flatMap(Int.init))
        #expect(info["created_by_username"] == "admin@example.com")
        #expect(info["workspace_id"] == 42)
        let own = try client.with(token: try #require(made["token_value"]?.stringValue))
        #expect(own.principal.displayName == "robot")
        #expect(try await own.get("/api/2.0/token/list")["token_infos"]?.all("comment") == ["obo"])
        #expect(try await own.send(.get, "/api/2.0/token-management/tokens").status == 403)
        _ = try await own.post("/api/2.0/token/create", ["comment": "own"])
        #expect(try await client.get("/api/2.0/token-management/tokens")["token_infos"]?.arrayValue?.count == 2)
        #expect(try await client.get("/api/2.0/token-management/tokens?created_by_id=1001")["token_infos"]?.all("comment") == ["obo"])
        let id = try #require(info["token_id"]?.stringValue)
        #expect(try await client.get("/api/2.0/token-management/tokens/\(id)") == ["token_info": info])
        let updated = try await client.send(
            .patch, "/api/2.0/token-management/tokens/\(id)", ["token": ["comment": "c"], "update_mask": "comment"])
        #expect(updated.json["comment"] == "c")
        #expect(try await client.send(.delete, "/api/2.0/token-management/tokens/\(id)").status == 200)
        #expect(throws: AuthenticationFailure.invalid) { try client.with(token: made["token_value"]?.stringValue ?? "") }
    }

    @Test func refusalsOfTheGateway() throws {
        let missing = AuthenticationFailure.missing.reply()
        #expect(missing.status == 401)
        #expect(missing.payload?.contentType == "application/json; charset=utf-8")
        #expect(missing.headers[.wwwAuthenticate] == "Bearer realm=\"DatabricksRealm\"")
        let invalid = AuthenticationFailure.invalid.reply(requestID: "r")
        #expect(invalid.status == 403)
        #expect(
            invalid.payload.map { String(decoding: $0.bytes, as: UTF8.self) } == #"{"error_code":403,"message":"Invalid access token."}"#)
        #expect(invalid.headers.count == 1)
    }

    @Test(
        arguments: [
            (0, "1970-01-01T00:00:00Z"), (1_767_225_600_123, "2026-01-01T00:00:00.123Z"), (951_782_399_999, "2000-02-28T23:59:59.999Z"),
            (951_782_400_000, "2000-02-29T00:00:00Z"), (951_868_800_000, "2000-03-01T00:00:00Z"), (-1, "1969-12-31T23:59:59.999Z"),
            (253_402_300_799_000, "9999-12-31T23:59:59Z"),
        ] as [(Int64, String)])
    func times(_ millis: Int64, _ text: String) {
        #expect(RFC3339.text(millis: millis) == text)
    }

    @Test func timesAtTheEnds() {
        #expect(RFC3339.text(millis: .max).hasSuffix("Z"))
        #expect(RFC3339.text(millis: .min).hasSuffix("Z"))
    }
}
