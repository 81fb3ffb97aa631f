import JSON
import Testing
import Workspace

@Suite struct IdentityOAuthTests {
    @Test func clientCredentials() throws {
        let realm = try Realm()
        let robot = try realm.robot()
        #expect(robot.secret.wholeMatch(of: /dose[0-9a-f]{32}/) != nil)
        let token = try #require(try realm.accessToken(robot))
        #expect(token.wholeMatch(of: /eyJ[\w-]+\.eyJ[\w-]+\.[\w-]{43}/) != nil)
        let caller = try realm.authenticator.authenticate(authorization: "Bearer \(token)")
        #expect(caller.workspace.id == 42)
        #expect(caller.principal.userName == robot.identity.userName)
        #expect(caller.principal.displayName == "robot")
        #expect(caller.principal.kind == .servicePrincipal)
        #expect(!caller.principal.isAdmin)
    }

    @Test func wrongSecretsAreRefused() throws {
        let realm = try Realm()
        let (robot, secret) = try realm.robot()
        let other = try realm.robot()
        for (client, secret) in [
            (robot.userName, "wrong"), (robot.userName, other.secret), ("nobody", secret), (robot.userName, ""),
            ("admin@example.com", secret),
        ] {
            #expect(try realm.workspace.oauth.grant(client: client, secret: secret, scope: "sql", issuer: "") == nil)
        }
    }

    @Test func accessTokensExpireByTheClock() throws {
        let realm = try Realm(oauthLifetime: 30)
        let token = try #require(try realm.accessToken(try realm.robot()))
        #expect(realm.caller(token) != nil)
        realm.advance(seconds: 29)
        #expect(realm.caller(token) != nil)
        realm.advance(seconds: 1)
        #expect(realm.caller(token) == nil)
    }

    @Test func secretsExpireAndEnd() throws {
        let realm = try Realm()
        let robot = try realm.robot().identity
        let (value, info) = try realm.workspace.oauth.createSecret(for: robot.id, lifetime: 10)
        #expect(info.expiresAt == info.createdAt + 10_000)
        #expect(try realm.workspace.oauth.secrets(of: robot.id).count == 2)
        #expect(try realm.accessToken((robot, value)) != nil)
        realm.advance(seconds: 10)
        #expect(try realm.accessToken((robot, value)) == nil)
        try realm.workspace.oauth.deleteSecret(info.id, of: robot.id)
        #expect(refusal { try realm.workspace.oauth.deleteSecret(info.id, of: robot.id) }.hasPrefix("404 RESOURCE_DOES_NOT_EXIST"))
        #expect(
            refusal { _ = try realm.workspace.oauth.createSecret(for: 1001) }
                == "404 RESOURCE_DOES_NOT_EXIST: Service principal 1001 does not exist.")
        for lifetime in [0, -5, Int.max] {
            #expect(refusal { _ = try realm.workspace.oauth.createSecret(for: robot.id, lifetime: lifetime) }.hasPrefix("400"))
        }
    }

    @Test func anAccessTokenEndsWithItsPrincipal() throws {
        let realm = try Realm()
        var robot = try realm.robot()
        let token = try #require(try realm.accessToken(robot))
        #expect(realm.caller(token) != nil)
        robot.identity.isActive = false
        try realm.workspace.servicePrincipals.update(robot.identity)
        #expect(realm.caller(token) == nil)
        #expect(try realm.accessToken(robot) == nil)
        robot.identity.isActive = true
        try realm.workspace.servicePrincipals.update(robot.identity)
        #expect(realm.caller(token) != nil)
        try realm.workspace.servicePrincipals.delete(robot.identity.id)
        #expect(realm.caller(token) == nil)
    }

    /// Two workspaces of one seed hold the same principal and secret; what one signed the other does not take.
    @Test func anAccessTokenIsGoodForItsWorkspaceOnly() throws {
        let realm = try Realm()
        let robot = try realm.robot()
        let copy = try Workspace(
            id: 43, name: "copy", snapshot: try realm.workspace.snapshot(), environment: Environment(seed: 7, clock: realm.clock))
        realm.workspaces.add(copy)
        try realm.authenticator.admit(copy, adminToken: "dapi-copy")
        let token = try #require(try copy.oauth.grant(client: robot.identity.userName, secret: robot.secret, scope: "sql", issuer: ""))
        #expect(try realm.authenticator.authenticate(authorization: "Bearer \(token.token)").workspace.id == 43)
        realm.workspaces.remove(id: 43)
        #expect(realm.caller(token.token) == nil)
        #expect(realm.authenticator.workspace(forClient: robot.identity.userName)?.id == 42)
    }

    @Test func aClientIsFoundInItsWorkspace() throws {
        let realm = try Realm()
        let other = try Workspace(id: 43, name: "other", environment: Environment(seed: 9, clock: realm.clock), admin: Realm.admin)
        realm.workspaces.add(other)
        try realm.authenticator.admit(other, adminToken: "dapi-43")
        let robot = try other.servicePrincipals.create(
            Identity(id: 0, kind: .servicePrincipal, userName: "11111111-2222-3333-4444-555555555555", displayName: "r"))
        #expect(realm.authenticator.workspace(forClient: robot.userName.uppercased())?.id == 43)
        #expect(realm.workspace.credentials.workspace(forClient: robot.userName)?.id == 43)
        try other.servicePrincipals.delete(robot.id)
        #expect(realm.authenticator.workspace(forClient: robot.userName) == nil)
    }

    @Test func sameSeedSameTokens() throws {
        func run() throws -> [String?] {
            let realm = try Realm()
            let robot = try realm.robot()
            return [try realm.token().value, robot.identity.userName, robot.secret, try realm.accessToken(robot)]
        }
        #expect(try run() == run())
    }
}
