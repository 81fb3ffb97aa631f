import GRDB
import Synchronization

/// Finds out who makes a call and in which workspace: one for the whole program.
package final class Authenticator: Sendable {
    package struct Caller: Sendable {
        package let workspace: Workspace
        package let principal: Principal
    }

    private let workspaces: Workspaces
    /// OAuth client ids, and the workspaces that have such a service principal, oldest first.
    private let clients = Mutex<[String: [Int]]>([:])
    private let oauthLifetime: Int

    /// `oauthLifetime`: seconds that an OAuth access token is good for.
    package init(workspaces: Workspaces, oauthLifetime: Int = CredentialCache.defaultOAuthLifetime) {
        self.workspaces = workspaces
        self.oauthLifetime = max(1, oauthLifetime)
    }

    /// Lets a workspace's admin token and its stored tokens choose it. To be called when the workspace was added to `workspaces`, and again after each
    /// restore. A stored token that another workspace has too (both came from one snapshot) stays with the one that had it first.
    package func admit(_ workspace: Workspace, adminToken: String) throws {
        let admin = Workspaces.TokenHash(adminToken)
        workspace.credentials.attach(self, adminToken: admin, oauthLifetime: oauthLifetime)
        workspaces.register(admin, for: workspace)
        let (tokens, applications) = try workspace.store.read { database in
            (
                try String.fetchAll(database, sql: "SELECT id FROM token"),
                try String.fetchAll(database, sql: "SELECT user_name FROM identity WHERE kind = 'SERVICE_PRINCIPAL' ORDER BY id")
            )
        }
        for token in tokens { if let token = Workspaces.TokenHash(hex: token) { register(token, for: workspace) } }
        for application in applications { register(client: application, for: workspace) }
    }

    func register(_ token: Workspaces.TokenHash, for workspace: Workspace) {
        if workspaces.workspace(for: token) == nil { workspaces.register(token, for: workspace) }
    }

    func register(client: String, for workspace: Workspace) {
        clients.withLock { clients in
            let key = client.lowercased()
            if clients[key]?.contains(workspace.id) != true { clients[key, default: []].append(workspace.id) }
        }
    }

    /// The workspace that has a service principal with this application id. Of several, the one that had it first.
    package func workspace(forClient client: String) -> Workspace? {
        let ids = clients.withLock { $0[client.lowercased()] ?? [] }
        for id in ids {
            guard let workspace = workspaces.workspace(id: id) else { continue }
            if (try? workspace.servicePrincipals.find(userName: client)) != nil { return workspace }
        }
        return nil
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
            if error == .invalid, AccessToken.isWellFormed(token) { workspaces.unregister(hash) }
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
            token.isSigned(by: workspace), token.expiresAt > workspace.environment.nowMillis / 1_000
        else { throw .invalid }
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
