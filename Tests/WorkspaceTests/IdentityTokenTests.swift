import JSON
import Testing
import Workspace

@Suite struct IdentityTokenTests {
    @Test func theAdminTokenIsTheStartUser() throws {
        let realm = try Realm()
        #expect(realm.caller(Realm.adminToken) == Realm.admin)
        #expect(realm.caller("dapi-other") == nil)
    }

    @Test func aTokenIsKnownByItsHashAlone() throws {
        let realm = try Realm()
        let (value, info) = try realm.token()
        #expect(value.wholeMatch(of: /dapi[0-9a-f]{32}/) != nil)
        #expect(info.id == Workspaces.TokenHash(value).hex)
        #expect(info.expiresAt == info.createdAt + 63_072_000_000)
        let secret = try realm.robot().secret
        let stored = String(decoding: try realm.workspace.snapshot().state.bytes, as: UTF8.self)
        #expect(stored.contains(info.id))
        for text in [value, secret, Realm.adminToken] { #expect(!stored.contains(text)) }
    }

    @Test(arguments: ["Bearer ", "bearer ", "BEARER   "])
    func bearer(_ scheme: String) throws {
        let realm = try Realm()
        let value = try realm.token().value
        #expect(try realm.authenticator.authenticate(authorization: scheme + value + " ").principal == Realm.admin)
    }

    @Test func basicWithTheUserToken() throws {
        let realm = try Realm()
        // token:dapi-admin, someone:dapi-admin
        #expect(try realm.authenticator.authenticate(authorization: "Basic dG9rZW46ZGFwaS1hZG1pbg==").principal == Realm.admin)
        #expect(throws: AuthenticationFailure.missing) {
            try realm.authenticator.authenticate(authorization: "Basic c29tZW9uZTpkYXBpLWFkbWlu")
        }
    }

    @Test func failuresAreTheGateways() throws {
        let realm = try Realm()
        for header in [nil, "", "Bearer", "Bearer ", "Digest x", "dapi-admin"] {
            #expect(throws: AuthenticationFailure.missing) { try realm.authenticator.authenticate(authorization: header) }
        }
        #expect(throws: AuthenticationFailure.invalid) { try realm.authenticator.authenticate(authorization: "Bearer dapi-wrong") }
        #expect(AuthenticationFailure.invalid.body().text == #"{"error_code":403,"message":"Invalid access token."}"#)
        #expect(
            AuthenticationFailure.missing.body(requestID: "r").text
                == #"{"error_code":401,"message":"Credential was not sent or was of an unsupported type for this API. [ReqId: r]"}"#)
        #expect(AuthenticationFailure.missing.headers.map(\.name) == ["x-databricks-reason-phrase", "www-authenticate"])
        #expect(AuthenticationFailure.invalid.headers.map(\.value) == ["Invalid access token."])
    }

    @Test func aTokenExpiresByTheClock() throws {
        let realm = try Realm()
        let value = try realm.token(lifetime: 60).value
        realm.advance(seconds: 59)
        #expect(realm.caller(value) == Realm.admin)
        #expect(try realm.workspace.tokens.list(owner: 1001).count == 1)
        realm.advance(seconds: 1)
        #expect(realm.caller(value) == nil)
        #expect(try realm.workspace.tokens.list(owner: 1001).isEmpty)
    }

    @Test func aRevokedTokenIsRefusedAtOnce() throws {
        let realm = try Realm()
        let (value, info) = try realm.token()
        #expect(realm.caller(value) == Realm.admin)
        try realm.workspace.tokens.delete(info.id, owner: 1001)
        #expect(realm.caller(value) == nil)
        #expect(
            refusal { try realm.workspace.tokens.delete(info.id) }
                == "404 RESOURCE_DOES_NOT_EXIST: Token with id \(info.id) does not exist.")
    }

    @Test func nobodyRevokesTheTokenOfAnother() throws {
        let realm = try Realm()
        let (value, info) = try realm.token()
        #expect(refusal { try realm.workspace.tokens.delete(info.id, owner: 5) }.hasPrefix("404"))
        #expect(realm.caller(value) == Realm.admin)
    }

    @Test(arguments: [0, -1, Int.max, Int.min])
    func lifetimesOutOfRange(_ lifetime: Int) throws {
        let realm = try Realm()
        #expect(
            refusal { _ = try realm.token(lifetime: lifetime) }
                == "400 INVALID_PARAMETER_VALUE: requirement failed: Invalid timeout: \(lifetime)")
    }

    @Test func theQuotaCountsLiveTokens() throws {
        let realm = try Realm()
        for _ in 0..<Tokens.quota { _ = try realm.token(lifetime: 10) }
        #expect(refusal { _ = try realm.token() }.hasPrefix("400 QUOTA_EXCEEDED"))
        realm.advance(seconds: 10)
        #expect(refusal { _ = try realm.token() } == "no error")
    }

    @Test func commentAndScopesChange() throws {
        let realm = try Realm()
        let info = try realm.token().info
        try realm.workspace.tokens.update(info.id, comment: "new", scopes: ["sql", "all-apis"])
        try realm.workspace.tokens.update(info.id, comment: nil, scopes: nil)
        let changed = try realm.workspace.tokens.get(info.id)
        #expect(changed.comment == "new")
        #expect(changed.scopes == ["sql", "all-apis"])
        #expect(changed.createdByName == "admin@example.com")
    }

    @Test func aRestoreTakesTokensBackAndAway() throws {
        let realm = try Realm()
        let old = try realm.token().value
        let snapshot = try realm.workspace.snapshot()
        let new = try realm.token()
        try realm.workspace.tokens.delete(Workspaces.TokenHash(old).hex)
        #expect(realm.caller(new.value) == Realm.admin)
        #expect(realm.caller(old) == nil)
        try realm.workspace.restore(snapshot)
        try realm.authenticator.admit(realm.workspace, adminToken: Realm.adminToken)
        #expect(realm.caller(new.value) == nil)
        #expect(realm.caller(old) == Realm.admin)
        #expect(realm.caller(Realm.adminToken) == Realm.admin)
        // With the ids of the snapshot, the next token is the one that was taken away.
        #expect(try realm.token().value == new.value)
    }

    @Test func aCopyHasItsOwnAdminTokenOnly() throws {
        let realm = try Realm()
        let token = try realm.token().value
        let copy = try Workspace(
            id: 43, name: "copy", snapshot: try realm.workspace.snapshot(), environment: Environment(seed: 8, clock: realm.clock))
        realm.workspaces.add(copy)
        try realm.authenticator.admit(copy, adminToken: "dapi-copy")
        func workspace(_ token: String) throws -> Int {
            try realm.authenticator.authenticate(authorization: "Bearer \(token)").workspace.id
        }
        #expect(try workspace("dapi-copy") == 43)
        #expect(try workspace(Realm.adminToken) == 42)
        #expect(try workspace(token) == 42)
        let made = try copy.tokens.create(for: 1001, by: Realm.admin, comment: nil)
        #expect(try workspace(made.value) == 43)
    }

    @Test func aCopyWithTheSameSeedFindsFreeIDs() throws {
        let realm = try Realm()
        let copy = try Workspace(
            id: 43, name: "copy", snapshot: try realm.workspace.snapshot(), environment: Environment(seed: 7, clock: realm.clock))
        var change = WarehouseChange()
        change.name = "w"
        change.clusterSize = "Small"
        #expect(try copy.warehouses.create(change, by: Realm.admin).id != realm.workspace.warehouses.list()[0].id)
        #expect(refusal { _ = try copy.users.create(Identity(id: 0, kind: .user, userName: "u", displayName: "u")) } == "no error")
    }

    @Test func headersOfAnyKindAreRefused() throws {
        let realm = try Realm()
        var random = SeededGenerator(seed: 3)
        let robot = try realm.robot()
        let real = Array(try #require(try realm.accessToken(robot)).utf8)
        for round in 0..<3_000 {
            var bytes: [UInt8]
            switch round % 4 {
            case 0: bytes = (0..<Int.random(in: 0...80, using: &random)).map { _ in UInt8.random(in: 0...255, using: &random) }
            case 1: bytes = Array("Bearer ".utf8) + real.prefix(Int.random(in: 0..<real.count, using: &random))
            case 2:
                bytes = Array("Bearer ".utf8) + real
                bytes[Int.random(in: 7..<bytes.count, using: &random)] ^= UInt8.random(in: 1...127, using: &random)
            default:
                bytes =
                    Array("Basic ".utf8)
                    + (0..<20).map { _ in
                        "ABCDwxyz0189+/=-_"[
                            "ABCDwxyz0189+/=-_".index("ABCDwxyz0189+/=-_".startIndex, offsetBy: Int.random(in: 0..<17, using: &random))
                        ].asciiValue ?? 0
                    }
            }
            // The last character of base64 has bits that do not count: the same token in another spelling is the same token.
            guard let caller = try? realm.authenticator.authenticate(authorization: String(decoding: bytes, as: UTF8.self)) else {
                continue
            }
            #expect(caller.principal.userName == robot.identity.userName && round % 4 == 2)
        }
    }
}
