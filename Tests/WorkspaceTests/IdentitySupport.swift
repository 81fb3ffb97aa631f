import Workspace

/// A workspace on a virtual clock, and the doorkeeper in front of it.
struct Realm {
    static let adminToken = "dapi-admin"
    static let admin = Principal(id: "1001", userName: "admin@example.com", displayName: "Ada Admin", isAdmin: true, groups: ["admins", "users"])

    let clock = VirtualClock()
    let workspaces = Workspaces()
    let authenticator: Authenticator
    let workspace: Workspace

    init(oauthLifetime: Int = 3_600) throws {
        authenticator = Authenticator(workspaces: workspaces, oauthLifetime: oauthLifetime)
        workspace = try Workspace(id: 42, name: "test", environment: Environment(seed: 7, clock: clock), admin: Self.admin)
        workspaces.add(workspace)
        try authenticator.admit(workspace, adminToken: Self.adminToken)
    }

    func caller(_ token: String) -> Principal? { try? authenticator.authenticate(authorization: "Bearer \(token)").principal }

    func advance(seconds: Int64) { clock.advance(byMicros: seconds * 1_000_000) }

    /// A token of the administrator.
    func token(lifetime: Int? = nil) throws -> (value: String, info: TokenInfo) {
        try workspace.tokens.create(for: 1001, by: Self.admin, comment: "ci", lifetime: lifetime)
    }

    func robot() throws -> (identity: Identity, secret: String) {
        let identity = try workspace.servicePrincipals.create(
            Identity(id: 0, kind: .servicePrincipal, userName: workspace.environment.ids.uuid(), displayName: "robot"))
        return (identity, try workspace.oauth.createSecret(for: identity.id).value)
    }

    func accessToken(_ robot: (identity: Identity, secret: String)) throws -> String? {
        try workspace.oauth.grant(client: robot.identity.userName, secret: robot.secret, scope: "all-apis", issuer: "http://h/oidc")?.token
    }
}

/// The error's code and status, so that one line can check both.
func refusal(_ body: () throws -> Void) -> String {
    do {
        try body()
        return "no error"
    } catch let error as WorkspaceError {
        return "\(error.status) \(error.code.rawValue): \(error.message)"
    } catch {
        return "\(error)"
    }
}
