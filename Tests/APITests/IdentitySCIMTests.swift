import API
import HTTPTypes
import JSON
import Testing
import Workspace

@Suite struct IdentitySCIMTests {
    static let scim = "/api/2.0/preview/scim/v2/"

    @Test func meIsTheAdministrator() async throws {
        let client = try IdentityClient()
        let answer = try await client.send(.get, Self.scim + "Me")
        #expect(answer.reply.payload?.contentType == "application/scim+json")
        #expect(answer.json["userName"] == "admin@example.com")
        #expect(answer.json["id"] == "1001")
        #expect(answer.json["active"] == true)
        #expect(answer.json["name"] == ["givenName": "Ada", "familyName": "Admin"])
        #expect(answer.json["emails"] == [["type": "work", "value": "admin@example.com", "primary": true]])
        #expect(answer.json["groups"]?.all("display") == ["admins", "users"])
        let few = try await client.get(Self.scim + "Me?attributes=userName,groups.display")
        #expect(few.objectValue?.names == ["schemas", "id", "userName", "groups"])
        let without = try await client.get(Self.scim + "Me?excludedAttributes=groups,EMAILS")
        #expect(without["groups"] == nil && without["emails"] == nil && without["userName"] != nil)
    }

    @Test func aServicePrincipalFromMakingToSignIn() async throws {
        let client = try IdentityClient()
        let made = try await client.send(
            .post, Self.scim + "ServicePrincipals", ["displayName": "robot", "entitlements": [["value": "workspace-access"]]])
        #expect(made.status == 201)
        let application = try #require(made.json["applicationId"]?.stringValue)
        #expect(application.wholeMatch(of: /[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/) != nil)
        #expect(made.json["active"] == true)
        #expect(made.json["groups"]?.all("display") == ["users"])
        let id = try #require(made.json["id"]?.stringValue)
        #expect(try await client.get(Self.scim + "ServicePrincipals/" + id) == made.json)

        let secrets = "/api/2.0/accounts/servicePrincipals/\(id)/credentials/secrets"
        let secret = try await client.post(secrets, ["lifetime": "3600s"])
        #expect(secret["create_time"] == "2026-01-01T00:00:00Z")
        #expect(secret["expire_time"] == "2026-01-01T01:00:00Z")
        #expect(secret["status"] == "ACTIVE")
        let text = try #require(secret["secret"]?.stringValue)
        let listed = try await client.get(secrets)
        #expect(listed["secrets"]?.all("id") == [secret["id"]?.stringValue ?? ""])
        #expect(!listed.text.contains(text))

        let token = try await client.form("/oidc/v1/token", "grant_type=client_credentials&client_id=\(application)&client_secret=\(text)")
        let robot = try client.with(token: try #require(token.json["access_token"]?.stringValue))
        let me = try await robot.get(Self.scim + "Me")
        #expect(me["userName"]?.stringValue == application)
        #expect(me["displayName"] == "robot")
        #expect(me["applicationId"] == nil)
        // It is no administrator.
        let refused = try await robot.send(.post, Self.scim + "ServicePrincipals", ["displayName": "x"])
        #expect(refused.status == 403)
        #expect(refused.json["schemas"] == ["urn:ietf:params:scim:api:messages:2.0:Error"])
        #expect(try await robot.send(.post, secrets, [:]).status == 403)

        #expect(try await client.send(.delete, secrets + "/" + (secret["id"]?.stringValue ?? "")).json == [:])
        #expect(try await client.get(secrets) == [:])
        #expect(try await client.send(.delete, Self.scim + "ServicePrincipals/" + id).status == 204)
        #expect(throws: AuthenticationFailure.invalid) { try client.with(token: token.json["access_token"]?.stringValue ?? "") }
        let gone = try await client.send(.get, Self.scim + "ServicePrincipals/" + id)
        #expect(
            gone.json == [
                "schemas": ["urn:ietf:params:scim:api:messages:2.0:Error"], "detail": .string("Service principal with id \(id) not found."),
                "status": "404",
            ])
    }

    @Test func patches() async throws {
        let client = try IdentityClient()
        let path = Self.scim + "Users"
        let id = try #require(try await client.post(path, ["userName": "u@example.com", "name": ["givenName": "U"]])["id"]?.stringValue)
        let admins = try #require(try await client.get(Self.scim + "Groups?filter=displayName+eq+%22admins%22")["Resources"]?[0]?["id"])
        func patch(_ operations: JSONValue...) async throws -> Int {
            try await client.send(
                .patch, path + "/" + id, ["schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"], "Operations": .array(operations)]
            ).status
        }
        func user() async throws -> JSONValue { try await client.get(path + "/" + id) }

        #expect(
            try await patch(
                ["op": "replace", "path": "displayName", "value": "New"],
                ["op": "Replace", "value": ["active": false, "externalId": "e1"]]) == 204)
        #expect(try await user()["displayName"] == "New")
        #expect(try await user()["active"] == false)
        #expect(try await user()["externalId"] == "e1")
        #expect(try await patch(["op": "add", "path": "entitlements", "value": [["value": "a"], ["value": "b"]]]) == 204)
        #expect(try await patch(["op": "add", "path": "entitlements", "value": [["value": "b"], ["value": "c"]]]) == 204)
        #expect(try await user()["entitlements"]?.all("value") == ["a", "b", "c"])
        #expect(try await patch(["op": "remove", "path": "entitlements[value eq \"b\"]"]) == 204)
        #expect(try await patch(["op": "remove", "path": "entitlements", "value": [["value": "c"]]]) == 204)
        #expect(try await user()["entitlements"]?.all("value") == ["a"])
        #expect(try await patch(["op": "add", "path": "name.familyName", "value": "V"]) == 204)
        #expect(try await user()["name"] == ["givenName": "U", "familyName": "V"])
        #expect(try await patch(["op": "replace", "path": "emails[type eq \"work\"].value", "value": "v@example.com"]) == 204)
        #expect(try await user()["emails"]?.all("value") == ["v@example.com"])
        #expect(try await patch(["op": "add", "path": "groups", "value": [["value": admins]]]) == 204)
        #expect(try await user()["groups"]?.all("display") == ["admins", "users"])
        #expect(try await patch(["op": "remove", "path": "entitlements"], ["op": "remove", "path": "externalId"]) == 204)
        #expect(try await user()["entitlements"] == nil)
        #expect(try await user()["externalId"] == nil)
        let before = try await user()
        for wrong: JSONValue in [
            ["op": "move", "path": "displayName"], ["op": "remove"], ["op": "add", "value": "x"],
            ["op": "replace", "path": "id", "value": "1"],
            ["op": "replace", "path": "emails[type eq \"home\"].value", "value": "x"],
            ["op": "replace", "path": "emails[type", "value": 3],
            ["op": "add", "path": "a[b"], ["op": "add", "path": ".", "value": 1], ["op": "replace", "path": "active", "value": "perhaps"],
            ["op": "replace", "path": "groups", "value": [["value": "77"]]], ["op": "replace", "path": "userName", "value": 5],
            ["op": "add", "path": "emails"],
        ] {
            #expect(try await patch(["op": "replace", "path": "displayName", "value": "lost"], wrong) == 400, "\(wrong.text)")
        }
        #expect(try await user() == before)
        #expect(try await client.send(.patch, path + "/" + id, [:]).status == 400)
    }

    @Test func aPutReplaces() async throws {
        let client = try IdentityClient()
        let path = Self.scim + "Users"
        let made = try await client.post(
            path, ["userName": "u@example.com", "displayName": "U", "externalId": "e", "roles": [["value": "r"]]])
        let id = try #require(made["id"]?.stringValue)
        #expect(try await client.send(.put, path + "/" + id, ["userName": "w@example.com", "active": false]).status == 204)
        let now = try await client.get(path + "/" + id)
        #expect(now["userName"] == "w@example.com")
        #expect(now["roles"] == nil && now["externalId"] == nil)
        #expect(now["active"] == false)
        #expect(now["groups"]?.all("display") == ["users"])
        #expect(try await client.send(.put, path + "/" + id, ["userName": "ADMIN@example.com"]).status == 409)
    }

    @Test func groups() async throws {
        let client = try IdentityClient()
        let path = Self.scim + "Groups"
        let made = try await client.send(.post, path, ["displayName": "team", "members": [["value": "1001"]]])
        #expect(made.status == 201)
        #expect(made.json["meta"] == ["resourceType": "WorkspaceGroup"])
        let id = try #require(made.json["id"]?.stringValue)
        let inner = try #require(try await client.post(path, ["displayName": "inner"])["id"])
        #expect(
            try await client.send(.patch, path + "/" + id, ["Operations": [["op": "add", "path": "members", "value": [["value": inner]]]]])
                .status == 204)
        let team = try await client.get(path + "/" + id)
        #expect(Set(team["members"]?.all("display") ?? []) == ["Ada Admin", "inner"])
        #expect(Set(team["members"]?.all("$ref") ?? []) == ["Users/1001", "Groups/\(inner.stringValue ?? "")"])
        #expect(try await client.get(path + "/\(inner.stringValue ?? "")")["groups"]?.all("display") == ["team"])
        #expect(
            try await client.send(.patch, path + "/" + id, ["Operations": [["op": "remove", "path": "members[value eq \"1001\"]"]]]).status
                == 204)
        #expect(try await client.get(path + "/" + id)["members"]?.all("display") == ["inner"])
        #expect(try await client.send(.put, path + "/" + id, ["displayName": "crew", "members": [["value": "1001"]]]).status == 204)
        #expect(try await client.get(Self.scim + "Me")["groups"]?.all("display") == ["admins", "crew", "users"])
        #expect(try await client.send(.post, path, ["displayName": "CREW"]).json["scimType"] == "uniqueness")
        #expect(try await client.send(.delete, path + "/" + id).status == 204)
        #expect(try await client.send(.get, path + "/" + id).status == 404)
    }

    @Test func pages() async throws {
        let client = try IdentityClient()
        for name in ["delta", "alpha", "charlie", "bravo"] {
            _ = try await client.post(Self.scim + "ServicePrincipals", ["displayName": .string(name)])
        }
        let path = Self.scim + "ServicePrincipals?sortBy=displayName&count=3&startIndex="
        let first = try await client.get(path + "1")
        #expect(first["Resources"]?.all("displayName") == ["alpha", "bravo", "charlie"])
        #expect([first["totalResults"], first["startIndex"], first["itemsPerPage"]] == [4, 1, 3])
        #expect(try await client.get(path + "4")["Resources"]?.all("displayName") == ["delta"])
        // The loop of the clients ends at an empty page.
        #expect(try await client.get(path + "5")["Resources"] == [])
        #expect(try await client.get(path + "1&sortOrder=descending")["Resources"]?.all("displayName") == ["delta", "charlie", "bravo"])
        #expect(try await client.get(Self.scim + "ServicePrincipals?count=0")["totalResults"] == 4)
        #expect(try await client.send(.get, path + "x").status == 400)
    }

    @Test(arguments: [
        ("userName eq \"ADMIN@example.com\"", 1), ("userName eq 'b@example.com'", 1), ("displayName sw \"b\" and active eq true", 1),
        ("displayName co \"e\" or displayName eq \"Ada Admin\"", 2), ("not (userName ew \"example.com\")", 0),
        ("groups.display eq \"admins\"", 1),
        ("emails[type eq \"work\" and value co \"b@\"]", 1), ("emails.value co \"@example.com\"", 2), ("externalId pr", 1),
        ("not (externalId pr)", 1),
        ("externalId eq null", 1), ("id gt 1000 and id lt 1002", 1), ("id le 1001", 1), ("userName ne \"b@example.com\"", 1),
        ("urn:ietf:params:scim:schemas:core:2.0:User:userName eq \"b@example.com\"", 1), ("displayName eq \"quo\\\"te\"", 0),
        ("displayName co \"\"", 2),
        ("(((userName pr)))", 2), ("userName pr and (active eq false or active eq true)", 2),
    ])
    func filters(_ filter: String, _ count: Int) async throws {
        let client = try IdentityClient()
        _ = try await client.post(Self.scim + "Users", ["userName": "b@example.com", "displayName": "bee", "externalId": "x"])
        let answer = try await client.get(Self.scim + "Users?filter=" + PercentCoding.encode(filter))
        #expect(answer["totalResults"]?.intValue == count)
    }

    @Test(arguments: [
        "userName", "userName eq", "userName eq b", "userName is \"b\"", "eq \"b\"", "(userName pr", "userName pr)", "userName pr and",
        "emails[type eq \"x\"",
        "userName eq \"b", "not userName pr", "userName pr userName pr", "[", "\"", "userName eq \"\\",
    ])
    func wrongFilters(_ filter: String) async throws {
        let client = try IdentityClient()
        let answer = try await client.send(.get, Self.scim + "Users?filter=" + PercentCoding.encode(filter))
        #expect(answer.status == 400)
        #expect(answer.json["scimType"] == "invalidFilter")
    }

    @Test func deepAndLongFiltersAreRefused() async throws {
        let client = try IdentityClient()
        for filter in [
            String(repeating: "(", count: 5_000), String(repeating: "not (", count: 1_000), String(repeating: "a pr and ", count: 2_000),
        ] {
            #expect(try await client.send(.get, Self.scim + "Users?filter=" + PercentCoding.encode(filter)).status == 400)
        }
    }
}
