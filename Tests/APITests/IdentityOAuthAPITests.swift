import API
import HTTPTypes
import JSON
import Testing
import Workspace

@Suite struct IdentityOAuthAPITests {
    private func robot(_ client: IdentityClient) throws -> (id: String, secret: String) {
        let identity = try client.workspace.servicePrincipals.create(
            Identity(id: 0, kind: .servicePrincipal, userName: client.workspace.environment.ids.uuid(), displayName: "robot"))
        return (identity.userName, try client.workspace.oauth.createSecret(for: identity.id).value)
    }

    @Test func discovery() async throws {
        var client = try IdentityClient()
        client.baseURL = "https://dbx.test"
        #expect(try await client.get("/.well-known/databricks-config")["oidc_endpoint"] == "https://dbx.test/oidc")
        let answer = try await client.send(.get, "/oidc/.well-known/oauth-authorization-server")
        #expect(answer.json["token_endpoint"] == "https://dbx.test/oidc/v1/token")
        #expect(answer.json["grant_types_supported"]?[0] == "client_credentials")
        #expect(answer.reply.payload?.contentType == "application/json; charset=UTF-8")
        #expect(answer.text.hasPrefix(#"{"authorization_endpoint":"https:\/\/dbx.test\/oidc\/v1\/authorize","token_endpoint":"#))
        #expect(try await client.get("/oidc/.well-known/openid-configuration") == answer.json)
        let account = try await client.get("/oidc/accounts/a-1/.well-known/oauth-authorization-server")
        #expect(account["token_endpoint"] == "https://dbx.test/oidc/accounts/a-1/v1/token")
        #expect(try await client.get("/oidc/jwks.json") == ["keys": []])
        #expect(OAuthAPI.operations.allSatisfy { $0.access == .open })
    }

    @Test func theSecretInTheFormOrInTheHeader() async throws {
        var client = try IdentityClient()
        let robot = try robot(client)
        let body = "grant_type=client_credentials&scope=all-apis"
        let inForm = try await client.form("/oidc/v1/token", body + "&client_id=\(robot.id)&client_secret=\(robot.secret)")
        #expect(inForm.status == 200)
        #expect(inForm.json["token_type"] == "Bearer")
        #expect(inForm.json["scope"] == "all-apis")
        #expect(inForm.json["expires_in"] == 3_600)
        #expect(inForm.reply.headers[.cacheControl] == "no-store")
        client.headers[.authorization] = "Basic " + Self.base64("\(robot.id):\(robot.secret)")
        for path in ["/oidc/v1/token", "/oidc/accounts/a/v1/token"] {
            let token = try #require(try await client.form(path, body).json["access_token"]?.stringValue)
            #expect(try client.with(token: token).principal.userName == robot.id)
        }
    }

    @Test func refusalsAreOAuths() async throws {
        let client = try IdentityClient()
        let robot = try robot(client)
        for (form, status, error) in [
            ("grant_type=client_credentials&client_id=\(robot.id)&client_secret=wrong", 401, "invalid_client"),
            ("grant_type=client_credentials&client_id=nobody&client_secret=wrong", 401, "invalid_client"),
            ("grant_type=client_credentials", 401, "invalid_client"),
            ("grant_type=client_credentials&client_id=\(robot.id)", 401, "invalid_client"),
            ("grant_type=authorization_code&code=1", 400, "invalid_request"),
            ("grant_type=authorization_code&code=1&client_id=c&redirect_uri=r&code_verifier=v", 400, "invalid_grant"),
            ("grant_type=refresh_token&refresh_token=1&client_id=c", 400, "invalid_grant"),
            ("grant_type=password", 400, "unsupported_grant_type"),
            ("grant_type=urn:ietf:params:oauth:grant-type:token-exchange&subject_token=x", 400, "invalid_request"),
            ("grant_type=urn:ietf:params:oauth:grant-type:device_code&device_code=x", 400, "unsupported_grant_type"),
            ("", 400, "invalid_request"), ("%%%=&&", 400, "invalid_request"),
            ("{\"grant_type\":\"client_credentials\"}", 400, "invalid_request"),
        ] {
            let answer = try await client.form("/oidc/v1/token", form)
            #expect((answer.status, answer.json["error"]) == (status, .string(error)), "\(form)")
            #expect(answer.json["error_description"]?.stringValue != nil)
            #expect(answer.reply.payload?.contentType == "application/json")
            #expect(!answer.text.contains("wrong"))
        }
        for (method, path, status) in [
            (HTTPRequest.Method.get, "/oidc/v1/authorize?response_type=code", 400), (.post, "/oidc/v1/device/authorize", 501),
        ] {
            let answer = try await client.send(method, path)
            #expect(answer.status == status)
            #expect(answer.json["error"]?.stringValue != nil)
        }
    }

    static func base64(_ text: String) -> String {
        let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/")
        var bits = text.utf8.flatMap { byte in (0..<8).map { byte >> (7 - $0) & 1 } }
        while bits.count % 6 != 0 { bits.append(0) }
        var coded = stride(from: 0, to: bits.count, by: 6).map { alphabet[bits[$0..<($0 + 6)].reduce(0) { $0 << 1 | Int($1) }] }
        while coded.count % 4 != 0 { coded.append("=") }
        return String(coded)
    }
}
