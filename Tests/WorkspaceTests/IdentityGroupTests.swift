import JSON
import Testing
import Workspace

@Suite struct IdentityGroupTests {
    @Test func startState() throws {
        let realm = try Realm()
        let admin = try realm.workspace.users.get(1001)
        #expect(admin.userName == "admin@example.com")
        #expect(JSONValue.object(admin.attributes)["name"] == ["givenName": "Ada", "familyName": "Admin"])
        #expect(try realm.workspace.groups.list().map(\.displayName).sorted() == ["admins", "users"])
        #expect(
            try realm.workspace.users.memberships(of: 1001).map { "\($0.displayName) \($0.isDirect)" } == ["admins true", "users true"])
        #expect(try realm.workspace.servicePrincipals.list().isEmpty)
        #expect(try realm.workspace.administrator() == Realm.admin)
    }

    @Test func administratorsAreTheMembersOfAdmins() throws {
        let realm = try Realm()
        let groups = realm.workspace.groups
        let robot = try realm.robot()
        let token = try #require(try realm.accessToken(robot))
        let admins = try #require(try groups.list().first { $0.displayName == "admins" })
        let team = try groups.create(Group(id: 0, displayName: "team"), members: [.identity(robot.identity.id)])
        #expect(realm.caller(token)?.isAdmin == false)
        try groups.update(admins, members: [.identity(1001), .group(team.id)])
        #expect(realm.caller(token)?.isAdmin == true)
        #expect(
            try realm.workspace.servicePrincipals.memberships(of: robot.identity.id).map { "\($0.displayName) \($0.isDirect)" }
                == ["team true", "users true", "admins false"])
        try groups.delete(team.id)
        #expect(realm.caller(token)?.isAdmin == false)
        #expect(try groups.members(of: admins.id).map(\.displayName) == ["Ada Admin"])
    }

    @Test func groupsInACircleEnd() throws {
        let realm = try Realm()
        let groups = realm.workspace.groups
        let one = try groups.create(Group(id: 0, displayName: "one"), members: [.identity(1001)])
        let two = try groups.create(Group(id: 0, displayName: "two"), members: [.group(one.id)])
        try groups.update(one, members: [.identity(1001), .group(two.id)])
        #expect(try realm.workspace.users.memberships(of: 1001).map(\.displayName) == ["admins", "one", "users", "two"])
        #expect(try groups.parents(of: one.id).map(\.displayName) == ["two"])
    }

    @Test func namesAreTakenInAnyCase() throws {
        let realm = try Realm()
        let user = Identity(id: 0, kind: .user, userName: "ADMIN@example.com", displayName: "x")
        #expect(
            refusal { _ = try realm.workspace.users.create(user) }
                == "409 RESOURCE_ALREADY_EXISTS: User with username ADMIN@example.com already exists.")
        #expect(
            refusal { _ = try realm.workspace.groups.create(Group(id: 0, displayName: "Admins")) }
                == "409 RESOURCE_ALREADY_EXISTS: Group with name Admins already exists.")
    }

    @Test func missingOnesAreNotFound() throws {
        let realm = try Realm()
        #expect(refusal { _ = try realm.workspace.users.get(5) } == "404 NOT_FOUND: User with id 5 not found.")
        #expect(
            refusal { _ = try realm.workspace.servicePrincipals.get(1001) } == "404 NOT_FOUND: Service principal with id 1001 not found.")
        #expect(refusal { try realm.workspace.users.delete(5) }.hasPrefix("404"))
        #expect(
            refusal { try realm.workspace.users.update(Identity(id: 5, kind: .user, userName: "n", displayName: "n")) }.hasPrefix("404"))
        #expect(refusal { try realm.workspace.groups.delete(5) } == "404 NOT_FOUND: Group with id 5 not found.")
        let group = Group(id: 0, displayName: "g")
        #expect(refusal { _ = try realm.workspace.groups.create(group, members: [.identity(5)]) }.hasPrefix("400 INVALID_PARAMETER_VALUE"))
        // The failed one has left nothing behind.
        #expect(refusal { _ = try realm.workspace.groups.create(group) } == "no error")
    }

    @Test func systemGroupsStay() throws {
        let realm = try Realm()
        for var group in try realm.workspace.groups.list() {
            #expect(refusal { try realm.workspace.groups.delete(group.id) }.hasPrefix("403 PERMISSION_DENIED"))
            group.displayName += "2"
            #expect(refusal { try realm.workspace.groups.update(group) }.hasPrefix("403 PERMISSION_DENIED"))
        }
    }

    @Test func aDeletedUserTakesHisTokensAlong() throws {
        let realm = try Realm()
        let user = try realm.workspace.users.create(Identity(id: 0, kind: .user, userName: "u@example.com", displayName: "U"))
        let token = try realm.workspace.tokens.create(for: user.id, by: Realm.admin, comment: nil)
        #expect(realm.caller(token.value)?.userName == "u@example.com")
        try realm.workspace.users.delete(user.id)
        #expect(realm.caller(token.value) == nil)
        #expect(try realm.workspace.tokens.list().isEmpty)
    }
}
