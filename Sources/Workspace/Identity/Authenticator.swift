import GRDB
import Synchronization

/// Finds out who makes a call and in which workspace: one for the whole program.
package final class Authenticator: Sendable {
    package struct Caller: Sendable {
        package let workspace: Workspace
        package let principal: Principal
    }

    private let workspaces: Workspaces
    private let clients = Mutex(OAuthClients())
    private let oauthLifetime: Int
    package let issuerKeys = IssuerKeys()

    /// `oauthLifetime`: seconds that an OAuth access token is good for.
    package init(workspaces: Workspaces, oauthLifetime: Int = CredentialCache.defaultOAuthLifetime) {
        self.workspaces = workspaces
        self.oauthLifetime = max(1, oauthLifetime)
    }

    /// Adds a workspace, or puts it in the place of the one with its id, and lets its admin token and its stored tokens choose it. A stored token or
    /// OAuth secret that another workspace has too (both came from one snapshot) stays with the one that had it first.
    package func admit(_ workspace: Workspace, adminToken: Workspaces.TokenHash) throws {
        workspace.credentials.attach(self, adminToken: adminToken, oauthLifetime: oauthLifetime)
        let (tokens, applications, secrets) = try workspace.store.read { database in
            (
                try String.fetchAll(database, sql: "SELECT id FROM token"),
                try String.fetchAll(database, sql: "SELECT user_name FROM identity WHERE kind = 'SERVICE_PRINCIPAL' ORDER BY id"),
                try String.fetchAll(database, sql: "SELECT hash FROM oauth_secret ORDER BY created_at, id")
            )
        }
        clients.withLock { clients in
            clients.forget(workspace.id)
            for application in applications { clients.add(application, workspace.id) }
            for secret in secrets { clients.add(secret: secret, workspace.id) }
        }
        let recipients = try workspace.store.read { try Recipients.credentials($0) }
        workspaces.add(workspace, own: adminToken, shared: tokens.compactMap { Workspaces.TokenHash(hex: $0) } + recipients)
    }

    package func admit(_ workspace: Workspace, adminToken: String) throws {
        try admit(workspace, adminToken: Workspaces.TokenHash(adminToken))
    }

    /// Takes a workspace out with all that chooses it.
    package func expel(id: Int) {
        workspaces.remove(id: id)
        clients.withLock { $0.forget(id) }
    }

    func register(_ token: Workspaces.TokenHash, for workspace: Workspace) {
        if workspaces.workspace(for: token) == nil { workspaces.register(token, for: workspace) }
    }

    func register(client: String, for workspace: Workspace) { clients.withLock { $0.add(client, workspace.id) } }

    func register(secret hash: String, for workspace: Workspace) { clients.withLock { $0.add(secret: hash, workspace.id) } }

    package var tokenCount: Int { workspaces.tokenCount }

    /// How many OAuth clients and secrets are known, over all workspaces.
    package var clientCount: Int { clients.withLock { $0.count } }

    /// The workspace that has a service principal with this application id. Workspaces of one seed have the same ids: of several the one that gave out
    /// the secret is meant, else the one that had the client first.
    package func workspace(forClient client: String, secret: String? = nil) -> Workspace? {
        let (ids, owner) = clients.withLock { clients in
            (clients.workspaces(of: client), secret.flatMap { clients.workspace(ofSecret: Workspaces.TokenHash($0).hex) })
        }
        for id in (owner.map { ids.contains($0) ? [$0] : [] } ?? []) + ids {
            guard let workspace = workspaces.workspace(id: id) else { continue }
            if (try? workspace.servicePrincipals.find(userName: client)) != nil { return workspace }
        }
        return nil
    }

    /// The workspace whose admin token this is.
    package func workspace(administeredBy token: Workspaces.TokenHash) -> Workspace? {
        guard let workspace = workspaces.workspace(for: token), workspace.credentials.isAdminToken(token) else { return nil }
        return workspace
    }

    /// The workspace that a credential chose or once chose, also if it does not let anybody in any more.
    package func workspace(chosenBy authorization: String?) -> Workspace? {
        guard let token = AuthorizationHeader.token(authorization) else { return nil }
        if let workspace = workspaces.workspace(for: Workspaces.TokenHash(token)) { return workspace }
        guard let access = AccessToken(parsing: token), let workspace = workspaces.workspace(id: access.workspaceID),
            access.isSigned(by: workspace)
        else { return nil }
        return workspace
    }

    /// The caller by the value of the header `Authorization`: `Bearer` with any token, or `Basic` with the user `token` and a token as its password.
    package func authenticate(authorization: String?) throws(AuthenticationFailure) -> Caller {
        guard let token = AuthorizationHeader.token(authorization) else { throw .missing }
        let hash = Workspaces.TokenHash(token)
        if let workspace = workspaces.workspace(for: hash) {
            if let principal = try principal(hash, in: workspace) { return Caller(workspace: workspace, principal: principal) }
            guard AccessToken.isWellFormed(token) else { throw .invalid }
        }
        do {
            return try accessToken(token, hash)
        } catch {
            // An access token that has ended does not come back: what was noted of it may go.
            if error == .invalid || error == .expired, AccessToken.isWellFormed(token) { workspaces.unregister(hash) }
            throw error
        }
    }

    private func principal(_ token: Workspaces.TokenHash, in workspace: Workspace) throws(AuthenticationFailure) -> Principal? {
        let credentials = workspace.credentials
        let now = workspace.environment.nowMillis
        if let principal = credentials.principal(for: token, at: now) { return principal }
        let generation = credentials.generation
        do {
            if credentials.isAdminToken(token) {
                guard let principal = try workspace.administrator() else { return nil }
                credentials.remember(principal, for: token, expiresAt: nil, generation: generation)
                return principal
            }
            guard let (principal, expiresAt) = try workspace.tokens.owner(of: token), expiresAt ?? .max > now else { return nil }
            credentials.remember(principal, for: token, expiresAt: expiresAt, generation: generation)
            return principal
        } catch {
            throw .unavailable
        }
    }

    /// An OAuth access token names its workspace and needs no entry in the database: its signature says that it was issued there.
    private func accessToken(_ text: String, _ hash: Workspaces.TokenHash) throws(AuthenticationFailure) -> Caller {
        guard let token = AccessToken(parsing: text), let workspace = workspaces.workspace(id: token.workspaceID),
            token.isSigned(by: workspace)
        else { throw .invalid }
        guard token.expiresAt > workspace.environment.nowMillis / 1_000 else { throw .expired }
        let generation = workspace.credentials.generation
        do {
            guard let principal = try workspace.oauth.principal(client: token.client) else { throw AuthenticationFailure.invalid }
            register(hash, for: workspace)
            workspace.credentials.remember(principal, for: hash, expiresAt: token.expiresAt * 1_000, generation: generation)
            return Caller(workspace: workspace, principal: principal)
        } catch let failure as AuthenticationFailure {
            throw failure
        } catch {
            throw .unavailable
        }
    }
}

extension Workspaces.TokenHash {
    /// Nil if the text is not 64 hexadecimal digits.
    init?(hex: String) {
        let digits = Array(hex.utf8)
        guard digits.count == 64 else { return nil }
        let words = stride(from: 0, to: 64, by: 16).compactMap {
            UInt64(String(decoding: digits[$0..<($0 + 16)], as: UTF8.self), radix: 16)
        }
        guard words.count == 4 else { return nil }
        self.init(words: (words[0], words[1], words[2], words[3]))
    }
}
